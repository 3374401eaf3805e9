"""Facts held against rules: what fails, what is not known, and what follows.

Rights are looked at in blocks that stay in the processor's nearest memory.  Every
distinct question is answered once for a block, as two bytes a right: surely true, and
possibly true; all rules then combine those answers.
"""

import numpy as np

from riskengine.kernels.compiling import kernel


@kernel
def judge_rows(coded, numbers, created, valued, law, found):
    """Hold every rule against every right.

    Parameters
    ----------
    coded : (f, n) int8
        Words of facts as positions, flags as 0 and 1; -1 where not known.
    numbers : (g, n) float64
        Facts that are numbers; NaN where not known.
    created : (n,) float64
        Day on which each security was created, since 1970-01-01 [day].
    valued : float
        Day of valuation, likewise [day].
    law : riskengine.gates.arrays.Law
        The rules.
    found : riskengine.gates.arrays.Found
        Filled.
    """
    n = created.size
    room = min(n, 1024)
    sure = np.empty((law.questions.shape[0], room), dtype=np.uint8)
    may = np.empty((law.questions.shape[0], room), dtype=np.uint8)
    applies = np.empty((4, room), dtype=np.uint8)
    levels = np.empty((4, room), dtype=np.uint8)
    for start in range(0, n, room):
        stop = min(start + room, n)
        size = stop - start
        for q in range(law.questions.shape[0]):
            _answer(law, q, coded, numbers, start, sure[q, :size], may[q, :size])
        found.failed[:, start:stop] = 0
        found.unknown[:, start:stop] = 0
        levels[:] = 0
        found.keeps[start:stop] = 1.0
        found.limits[:, start:stop] = np.inf
        days = created[start:stop]
        first, last = days.min(), days.max()
        for k in range(law.rules.shape[0]):
            begins, ends = law.spans[k, 0], law.spans[k, 1]
            by_value = law.rules[k, 3] == 1
            earliest = valued if by_value else first
            latest = valued if by_value else last
            if latest < begins or earliest > ends:
                continue
            if earliest >= begins and latest <= ends:
                applies[:2] = 1
            else:
                _in_force(days, begins, ends, applies)
            _conditions(law, k, sure, may, applies[0, :size], applies[1, :size])
            question = law.rules[k, 0]
            _conclude(
                law, k, sure[question, :size], may[question, :size], applies, found, start, levels
            )
        for i in range(start, stop):
            worst = levels[1, i - start]
            worst = 2 if levels[2, i - start] else worst
            found.outcome[i] = 3 if levels[3, i - start] else worst


@kernel
def _answer(law, q, coded, numbers, start, sure, may):
    """Answer one question for a block: surely true, possibly true."""
    kind, row, size = law.questions[q, 0], law.questions[q, 1], sure.size
    if row < 0:
        sure[:] = 0
        may[:] = 1
    elif kind == 0:
        low, high = law.ranges[q, 0], law.ranges[q, 1]
        number = numbers[row, start : start + size]
        for i in range(size):
            sure[i] = (number[i] >= low) & (number[i] <= high)
        for i in range(size):
            may[i] = (number[i] != number[i]) | sure[i]
    else:
        code = coded[row, start : start + size]
        sure[:] = 0
        for w in range(law.questions[q, 2], law.questions[q, 3]):
            word = law.words[w]
            for i in range(size):
                sure[i] |= code[i] == word
        if kind == 2:
            for i in range(size):
                sure[i] = (sure[i] ^ 1) & (code[i] >= 0)
        for i in range(size):
            may[i] = sure[i] | (code[i] < 0)


@kernel
def _in_force(days, begins, ends, applies):
    """Whether a rule holds on the day that decides, right by right."""
    for i in range(days.size):
        holds = (days[i] >= begins) & (days[i] <= ends)
        applies[0, i] = holds
        applies[1, i] = holds


@kernel
def _conditions(law, k, sure, may, surely, possibly):
    """Narrow a rule to the rights to which it surely, and possibly, applies."""
    for m in range(law.rules[k, 1], law.rules[k, 2]):
        yes, perhaps = sure[law.needs[m]], may[law.needs[m]]
        for i in range(surely.size):
            surely[i] &= yes[i]
        for i in range(surely.size):
            possibly[i] &= perhaps[i]


@kernel
def _conclude(law, k, yes, perhaps, applies, found, start, levels):
    """Note what one rule says of the rights of a block."""
    size, level = yes.size, law.rules[k, 4]
    stop, mark = start + size, np.uint8(1 << (k % 8))
    surely, possibly = applies[0, :size], applies[1, :size]
    fails, unclear = applies[2, :size], applies[3, :size]
    for i in range(size):
        fails[i] = surely[i] & (perhaps[i] ^ 1)
    for i in range(size):
        unclear[i] = possibly[i] & (yes[i] ^ 1) & (fails[i] ^ 1)
    _add(fails, mark, found.failed[k // 8, start:stop])
    _add(unclear, mark, found.unknown[k // 8, start:stop])
    _add(fails, np.uint8(1), levels[level, :size])
    _add(unclear, np.uint8(1), levels[2 if level >= 1 else 0, :size])
    if law.kept[k] < 1.0:
        keeps, left = found.keeps[start:stop], law.kept[k]
        for i in range(size):
            keeps[i] *= left if fails[i] | unclear[i] else 1.0
    if law.rules[k, 5] >= 0:
        lowest, high = found.limits[law.rules[k, 5], start:stop], law.ranges[law.rules[k, 0], 1]
        for i in range(size):
            lowest[i] = min(lowest[i], high if possibly[i] else np.inf)


@kernel
def _add(marks, bit, out):
    """Set one bit where marked: few streams, so that the loop runs in wide registers."""
    for i in range(marks.size):
        out[i] |= marks[i] * bit
