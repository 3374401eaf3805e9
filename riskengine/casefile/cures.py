"""What each missing paper is worth: the case mended in one place, and answered again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from riskengine.casefile.changes import BEYOND_MENDING, CHANGES, OF_THE_LOAN
from riskengine.casefile.findings import Finding, find_out
from riskengine.casefile.pieces import Piece, Pieces
from riskengine.casefile.plain import Row, again, number_in, read
from riskengine.casefile.read import Case, PledgedRight
from riskengine.casefile.wide import Round
from riskengine.gates.judge import Judged
from riskengine.gates.plan import LEVELS
from riskengine.gates.tables import pledges
from riskengine.pledging.assess import Assessed
from riskengine.rights import RIGHTS
from riskengine.rules.facts import Fact, declared_facts
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Cure:
    """One thing that would mend a case.

    Parameters
    ----------
    right_id : str
        The right that it mends.
    codes : tuple of str
        Marks of the rules that it settles.
    action : Text
        What to do.
    fact : str
        The fact that it changes.
    gain_yuan : float
        What it alone adds to the limit [yuan].
    needed_yuan : float
        What the limit of the wholly mended case loses without it [yuan].
    severity : str
        The severest outcome that it lifts.
    """

    right_id: str
    codes: tuple[str, ...]
    action: Text
    fact: str
    gain_yuan: float
    needed_yuan: float
    severity: str


Mend = Callable[[Piece], Piece]
"""A right with one thing mended."""
Mending = tuple[int, str, list[Finding], Mend]
"""Position of the right, the fact, what is said of it, and how it is mended."""


class Variant(NamedTuple):
    """A case with some things mended.

    Parameters
    ----------
    rights : tuple of Piece
        Its rights, mended.
    handles : list of (Round, int)
        Where what is said of each will stand.
    """

    rights: tuple[Piece, ...]
    handles: list[tuple[Round, int]]

    @property
    def lent_yuan(self) -> float:
        """What may be lent on all its rights [yuan], whole fen."""
        return sum(int(asked.lent[row]) for asked, row in self.handles) / 100.0


@dataclass(slots=True)
class Trial:
    """What would mend one case, while it is tried out.

    Parameters
    ----------
    pieces : Pieces
        The case.
    now_yuan : float
        What may be lent as it stands [yuan].
    mends : list of Mending
        Everything that can be mended.
    variants : dict of tuple of int to Variant
        Sets of mends tried, in the order in which they are done.
    """

    pieces: Pieces
    now_yuan: float
    mends: list[Mending]
    variants: dict[tuple[int, ...], Variant] = field(default_factory=dict)
    _known: dict[Any, Any] = field(default_factory=dict)
    _made: dict[tuple[int, int], tuple[Piece, Piece]] = field(default_factory=dict)

    def wanted(self) -> list[tuple[int, ...]]:
        """Return the sets of mends that tell what each is worth: alone, without, all."""
        every = tuple(range(len(self.mends)))
        sets = [every, *((k,) for k in every), *(every[:k] + every[k + 1 :] for k in every)]
        return list(dict.fromkeys(one for one in sets if one))

    def lent(self, mends: tuple[int, ...]) -> float:
        """Return what may be lent once some things are mended [yuan]."""
        return self.variants[mends].lent_yuan if mends else self.now_yuan

    def mended(self, mends: Iterable[int]) -> tuple[Piece, ...]:
        """Return the rights of the case with some things mended, the same rows for the same."""
        rights = list(self.pieces.rights)
        for number in mends:
            k = self.mends[number][0]
            rights[k] = self._once(number, rights[k])
        return tuple([
            piece if piece is own else self._same(k, piece)
            for k, (own, piece) in enumerate(zip(self.pieces.rights, rights, strict=True))
        ])  # fmt: skip

    def _once(self, number: int, piece: Piece) -> Piece:
        """A piece with one thing mended, made once."""
        key = number, id(piece)
        if key not in self._made:
            self._made[key] = piece, self.mends[number][3](piece)
        return self._made[key][1]

    def like(self, rights: tuple[Piece, ...]) -> Variant | None:
        """Return what was tried before and comes to the same rights."""
        for variant in self.variants.values():
            for one, other in zip(rights, variant.rights, strict=True):
                if one.right is not other.right or one.pledge is not other.pledge:
                    break
                if one.policies != other.policies:
                    break
            else:
                return variant
        return None

    def _same(self, k: int, piece: Piece) -> Piece:
        """A piece with rows that were met before, where they hold the same."""
        key = -1 - k, id(piece)
        if key not in self._made:
            own = self.pieces.rights[k]
            rows = zip((own.right, own.pledge), (piece.right, piece.pledge), strict=True)
            right, pledge = (
                before
                if row is before
                else self._known.setdefault((k, j, frozenset(row.numbers.items())), row)
                for j, (before, row) in enumerate(rows)
            )
            self._made[key] = piece, Piece(piece.table, right, pledge, piece.policies)
        return self._made[key][1]

    def results(self) -> tuple[list[Cure], list[int]]:
        """Return the cures, the most money first, and the order of their mends."""
        every = tuple(range(len(self.mends)))
        best = self.lent(every)
        listed = []
        for j, (k, fact, told, _) in enumerate(self.mends):
            alone = self.lent((j,)) - self.now_yuan
            needed = best - self.lent(every[:j] + every[j + 1 :])
            listed.append((_cure(self.pieces.rights[k], fact, told, alone, needed), j))
        listed.sort(key=lambda pair: _first(pair[0]))
        return [cure for cure, _ in listed], [j for _, j in listed]

    def prefixes(self, order: list[int]) -> list[tuple[int, ...]]:
        """Return the sets of first cures of which one must be found that reaches the sum."""
        asked = asked_yuan(self.pieces.case)
        if not asked > self.now_yuan or asked > self.lent(tuple(range(len(self.mends)))):
            return []
        return [tuple(order[:count]) for count in range(1, len(order) + 1)]

    def to_reach(self, order: list[int]) -> int | None:
        """Return how many cures, from the first, reach the sum asked for."""
        asked = asked_yuan(self.pieces.case)
        if not asked > self.now_yuan:
            return 0
        if asked > self.lent(tuple(range(len(self.mends)))):
            return None
        return next(
            count for count in range(1, len(order) + 1) if self.lent(tuple(order[:count])) >= asked
        )


def asked_yuan(case: Case) -> float:
    """Return the sum that a case asks for.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    float
        Balance of its loan [yuan]; NaN without a loan.
    """
    return float(case.loan.get("balance_yuan", "nan")) if case.loan else float("nan")


def trial_of(
    pieces: Pieces, found: list[tuple[Assessed, int]], told: list[tuple[Finding, ...]]
) -> Trial:
    """Find what would mend a case.

    Parameters
    ----------
    pieces : Pieces
        The case.
    found : list of (Assessed, int)
        What is said of each of its rights.
    told : list of tuple of Finding
        Rules that each fails, or of which a fact is not known.

    Returns
    -------
    Trial
        To be tried out.
    """
    now = sum(int(one.steps[-1, row]) for one, row in found) / 100.0
    return Trial(pieces, now, _mends(pieces.case, found, told))


def _first(cure: Cure) -> tuple[Any, ...]:
    """What goes before: the most money, then the severest."""
    return -cure.gain_yuan, -cure.needed_yuan, -LEVELS[cure.severity], cure.codes


def _mends(
    case: Case, found: list[tuple[Assessed, int]], told: list[tuple[Finding, ...]]
) -> list[Mending]:
    """Everything that can be mended, each with the findings that it settles."""
    mends: list[Mending] = []
    for k, ((one, row), said) in enumerate(zip(found, told, strict=True)):
        judged = one.judged(row)[0] if said else None
        by_fact: dict[str, list[Finding]] = {}
        for finding in said:
            if LEVELS[finding.severity] >= 1:
                for fact in finding.missing or (finding.fact,):
                    by_fact.setdefault(fact, []).append(finding)
        for fact, about in by_fact.items():
            assert judged is not None
            ways = (_mend(case, judged, fact, finding) for finding in about)
            mend = next((way for way in ways if way is not None), None)
            if mend is not None:
                mends.append((k, fact, about, mend))
    return mends


def _cure(right: Piece, fact: str, told: list[Finding], alone: float, needed: float) -> Cure:
    """One cure with its worth."""
    worst = max(told, key=lambda finding: LEVELS[finding.severity])
    failed = [finding for finding in told if fact not in finding.missing]
    action = find_out([fact])
    if failed:
        said = max(failed, key=lambda finding: LEVELS[finding.severity])
        action = said.cure if said.cure and fact == said.fact else action
    return Cure(
        str(right.right.cells["right_id"]), tuple(sorted({finding.code for finding in told})),
        action, fact, round(alone, 2), round(needed, 2), worst.severity,
    )  # fmt: skip


def _mend(case: Case, judged: Judged, name: str, finding: Finding) -> Mend | None:
    """How one fact of a right is mended; None where nobody can."""
    fact = declared_facts()[name]
    if name in BEYOND_MENDING or (name in OF_THE_LOAN and "matures_on" not in case.loan):
        return None
    if name in CHANGES:
        return lambda piece: _changed(case, piece, CHANGES[name])
    good = _good(judged, fact, finding)
    if good is None:
        return None
    table, day = judged.plan.subject, case.valued_on
    if fact.source == "right" and name in RIGHTS[table].by_name:
        return lambda piece: piece._replace(right=_with(table, piece.right, name, good, day))
    if name in pledges().by_name:
        return lambda piece: piece._replace(
            pledge=_with("pledges", _forgotten(piece.pledge, name), name, good, day)
        )
    return None


def _with(table: str, row: Row, name: str, good: Any, day: date) -> Row:
    """A row with another cell."""
    cells = {**row.cells, name: good}
    number = number_in(table, name, good, day)
    if number is None or table != "pledges":
        return again(table, row, cells, day)
    return Row(cells, {**row.numbers, name: number}, row.region)


@cache
def _days_of(name: str) -> tuple[str, ...]:
    """Columns with the days of one fact."""
    ends = (f"{name}_on", f"{name}_until")
    return tuple(column for column in pledges().by_name if column.startswith(ends))


def _forgotten(pledge: Row, name: str) -> Row:
    """A pledge without the days of one fact."""
    days = [column for column in _days_of(name) if column in pledge.cells]
    if not days:
        return pledge
    cells, numbers = (
        {key: cell for key, cell in held.items() if key not in days}
        for held in (pledge.cells, pledge.numbers)
    )
    return Row(cells, numbers, pledge.region)


def _changed(
    case: Case, piece: Piece, change: Callable[[Case, PledgedRight], PledgedRight]
) -> Piece:
    """A right mended by changing what a fact follows from."""
    table, day = piece.table, case.valued_on
    policies = tuple(row.cells for row in piece.policies)
    before = PledgedRight(table, piece.right.cells, piece.pledge.cells, policies)
    after = change(case, before)
    if after.right is not before.right:
        piece = piece._replace(right=again(table, piece.right, after.right, day))
    if after.policies is not before.policies:
        piece = piece._replace(
            policies=tuple(read("policies", policy, day) for policy in after.policies)
        )
    return piece


def _good(judged: Judged, fact: Fact, finding: Finding) -> Any:
    """A word or number of a fact that keeps the rule; None where there is none to name."""
    if fact.name != finding.fact:
        return None
    for gate in judged.plan.gates:
        if gate.rule.name == finding.name and gate.first_day == finding.first_day:
            amount = gate.value.amount
            match gate.rule.compare:
                case "==" | "<=" | ">=":
                    return amount
                case "in":
                    return amount[0]
                case "not in":
                    words = judged.plan.words[fact.name]
                    return next((word for word in words if word not in amount), None)
    return None
