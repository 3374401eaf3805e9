"""Speed of the gates and of the lending value on a mixed book of a million pledges."""

from datetime import date
from typing import Any

from tests.bench.timing import best

BATCH = 65_536
BOOK = 1_000_000


def pledged(table: str, size: int, day: date) -> tuple[Any, Any, Any, Any]:
    """Synthetic pledges on synthetic rights: valuation, pledges, rows of rights, loans."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from riskengine.gates.tables import LOANS, pledges
    from riskengine.gates.tapes import read_tape
    from riskengine.market import demonstration
    from riskengine.rights import RIGHTS
    from riskengine.rules import statute
    from riskengine.sample import SAMPLES
    from riskengine.sample.pledges import sample_loans, sample_pledges
    from riskengine.table import check, from_pandas
    from riskengine.valuation import value

    rng = np.random.default_rng(1)
    frame = pd.DataFrame(SAMPLES[table](rng, size, day))
    frame.insert(0, "right_id", [str(k) for k in range(size)])
    batch = check(RIGHTS[table], from_pandas(RIGHTS[table], frame), day).batch
    valuation = value(batch, demonstration().on(day), statute().at(day))
    columns = dict(sample_pledges(rng, table, batch.size, 0, day))
    ids = list(dict.fromkeys(columns["loan_id"].tolist()))
    lent = sample_loans(rng, ids, np.full(len(ids), 1e5), day)
    named = {
        "pledge_id": pa.array([str(k) for k in range(batch.size)]), "right_id": batch.ids,
        "right_kind": pa.array([table] * batch.size),
        **{name: pa.array(cells, from_pandas=True) for name, cells in columns.items()},
    }  # fmt: skip
    tape = read_tape(pledges(), pa.RecordBatch.from_pydict(named), day)
    loans = read_tape(
        LOANS, pa.RecordBatch.from_pydict({n: pa.array(c) for n, c in lent.items()}), day
    )
    return valuation, tape, tape.batch.rows - 1, loans


def bench_gates(day: date) -> list[tuple[str, str]]:
    """Rows of the table of measurements."""

    from riskengine.gates.gather import facts_of
    from riskengine.gates.judge import judge
    from riskengine.gates.plan import plan_of
    from riskengine.pledging.assess import assess
    from riskengine.pledging.join import alone, debts, secured
    from riskengine.rules import statute
    from riskengine.sample.writer import SHARES

    spent = dict.fromkeys(("judge", "facts", "all"), 0.0)
    lines, rules = [], 0
    for table, share in SHARES.items():
        valuation, tape, rights, loans = pledged(table, BATCH, day)
        standing = alone(debts(tape, loans, valuation.reconciled[0][rights]))
        plan = plan_of(statute(), table, day)
        of = secured(valuation, tape, rights, loans, None, standing, valuation.inputs.rules)
        facts = facts_of(of, plan)
        size = of.size
        judging = best(lambda p=plan, f=facts, o=of: judge(p, f, o.created, day), 7)
        gathering = best(lambda o=of, p=plan: facts_of(o, p), 5)
        whole = best(
            lambda v=valuation, t=tape, r=rights, n=loans, s=standing: assess(
                v, t, r, n, standing=s, law=lambda _: statute()
            ),
            5,
        )
        rules += len(plan.gates)
        title = f"gates, {table}: {len(plan.gates)} rules; judged, with facts, with lending value"
        speeds = (size / judging, size / (judging + gathering), size / whole)
        lines.append((f"{title}, rights/s", ", ".join(f"{speed:,.0f}" for speed in speeds)))
        for name, seconds in (("judge", judging), ("facts", gathering + judging), ("all", whole)):
            spent[name] += share * seconds / size
    one = _one_row(day)
    return [
        (f"gates, mixed book of {BOOK:,}: {rules} rules, judged, rights/s on one core (aim 5 M)",
         f"{1.0 / spent['judge']:,.0f}; {BOOK * spent['judge']:.2f} s"),
        ("gates, mixed book: facts gathered and judged, rights/s on one core",
         f"{1.0 / spent['facts']:,.0f}; {BOOK * spent['facts']:.2f} s"),
        ("lending value, mixed book: facts, gates and waterfall, rights/s on one core",
         f"{1.0 / spent['all']:,.0f}; {BOOK * spent['all']:.2f} s"),
        ("gates, one row, microseconds", f"{1e6 * one:,.0f}"),
        *lines,
    ]  # fmt: skip


def _one_row(day: date) -> float:
    """Time to judge one row [s]."""
    import numpy as np

    from riskengine.gates.arrays import Found
    from riskengine.gates.plan import LIMITS, plan_of
    from riskengine.kernels.gates import judge_rows
    from riskengine.rules import statute

    plan = plan_of(statute(), "land", day)
    wide = -(-len(plan.gates) // 8)
    found = Found(
        np.empty((wide, 1), np.uint8), np.empty((wide, 1), np.uint8), np.empty(1, np.uint8),
        np.empty(1), np.empty((len(LIMITS), 1)),
    )  # fmt: skip
    coded = np.ones((len(plan.words), 1), np.int8)
    numbers, created = np.zeros((len(plan.numbers), 1)), np.full(1, 20700.0)

    def thousand() -> None:
        for _ in range(1000):
            judge_rows(coded, numbers, created, 20800.0, plan.law, found)

    return best(thousand, 5) / 1000.0
