"""Many rights valued, and many pledges judged, in one call each: what every answer rests on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from riskengine.casefile.evaluate import Bench
from riskengine.casefile.laid import batch_of, tape
from riskengine.casefile.laws import alike
from riskengine.casefile.pieces import Group
from riskengine.casefile.plain import NOBODY, Row, columns_of
from riskengine.dates import day_number
from riskengine.gates.secured import Secured
from riskengine.gates.tapes import Rows, Tape
from riskengine.pledging.assess import Assessed, hold
from riskengine.pledging.join import alone, as_lent_on, tied
from riskengine.rules import Rules
from riskengine.table import TakenColumns
from riskengine.valuation import Valuation, value

Thing = TypeVar("Thing")


class Ask(NamedTuple):
    """One pledge to be judged.

    Parameters
    ----------
    right, pledge : Row
        The right and its pledge.
    loan : Row
        The loan that it secures; `NOBODY` for none.
    policies : tuple of Row
        Policies that name the right.
    debt : float
        Debt secured [yuan]; NaN without a loan.
    wrong : bool
        Whether a code on the papers cannot be right.
    """

    right: Row
    pledge: Row
    loan: Row
    policies: tuple[Row, ...]
    debt: float
    wrong: bool


@dataclass(slots=True)
class Values:
    """Rights of one group and what they are worth.

    Parameters
    ----------
    rows : list of Row
        Rights wanted so far.
    place : dict of int to int
        Position of each, by identity.
    valuation : Valuation or None
        Values of the first of them.
    yuan : list of float
        Market value of each of these [yuan]; NaN where no method answers.
    """

    rows: list[Row] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    valuation: Valuation | None = None
    yuan: list[float] = field(default_factory=list)

    def want(self, row: Row) -> None:
        """Ask for the value of a right."""
        if id(row) not in self.place:
            self.place[id(row)] = len(self.rows)
            self.rows.append(row)


@dataclass(slots=True)
class Round:
    """Pledges of one group that are judged in one call.

    Parameters
    ----------
    asks : list of Ask
        Pledges asked about.
    months : list of (int, sequence of float)
        Position of a pledge, and the days on which its loan might fall due.
    parts : list of (Rows, Assessed)
        The answers, with the positions that each is about.
    """

    asks: list[Ask] = field(default_factory=list)
    months: list[tuple[int, NDArray[np.float64]]] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    parts: list[tuple[Rows, Assessed]] = field(default_factory=list)
    lent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _places: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _known: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[["Round"], Thing]) -> Thing:
        """Work something out about all answers, once."""
        if name not in self._known:
            self._known[name] = make(self)
        found: Thing = self._known[name]
        return found

    def ask(self, one: Ask) -> int:
        """Ask about a pledge, once for the same rows."""
        right, pledge, loan, policies, debt, _ = one
        key = id(right), id(pledge), id(loan), tuple(map(id, policies)), str(debt)
        place = self._places.setdefault(key, len(self.asks))
        if place == len(self.asks):
            self.asks.append(one)
        return place

    def at(self, row: int) -> tuple[Assessed, int]:
        """Return the answer about one pledge."""
        if len(self.parts) == 1:
            return self.parts[0][1], row
        for rows, found in self.parts:
            place = int(np.searchsorted(rows, row))
            if place < rows.size and rows[place] == row:
                return found, place
        raise IndexError(row)


class Wide:
    """Questions of many cases, answered in as few calls as there are groups."""

    def __init__(self, bench: Bench) -> None:
        """Begin with nothing asked."""
        self.bench = bench
        self.values: dict[Group, Values] = {}
        self.rounds: dict[Group, Round] = {}
        self.deals: dict[int, Any] = {}

    def want(self, group: Group, right: Row, deals: Any) -> None:
        """Ask for the value of a right.

        Parameters
        ----------
        group : tuple
            What it can be valued with.
        right : Row
            The right.
        deals : object or None
            Comparable deals.
        """
        self.deals[group[2]] = deals
        wanted = self.values.get(group)
        if wanted is None:
            wanted = self.values[group] = Values()
        wanted.want(right)

    def value(self) -> None:
        """Value what was asked for since the last time."""
        for group, wanted in self.values.items():
            known = wanted.valuation
            if known is None or known.batch.size < len(wanted.rows):
                wanted.valuation = self._valued(group, wanted.rows)
                wanted.yuan = wanted.valuation.reconciled[0].tolist()

    def worth(self, group: Group, right: Row) -> float:
        """Return the market value of a right [yuan]; NaN where no method answers."""
        valued = self.values[group]
        return valued.yuan[valued.place[id(right)]]

    def _valued(self, group: Group, rows: Sequence[Row]) -> Valuation:
        """The values of some rights."""
        table, day, deals = group
        batch = as_lent_on(batch_of(table, rows))
        market, rules = self.bench.market.on(day), self.bench.nation.at(day)
        return value(batch, market, rules, self.bench.learned, self.deals[deals])

    def ask(self, group: Group, one: Ask) -> tuple[Round, int]:
        """Ask about a pledge; `hold` answers.

        Parameters
        ----------
        group : tuple
            What its right can be valued with.
        one : Ask
            The pledge.

        Returns
        -------
        tuple of (Round, int)
            Where the answer will stand.
        """
        asked = self.rounds.get(group)
        if asked is None:
            asked = self.rounds[group] = Round()
        return asked, asked.ask(one)

    def hold(self) -> None:
        """Hold the law against every pledge asked about since the last time."""
        for group, asked in self.rounds.items():
            if asked.asks:
                _Holding(self.bench, group, self.values[group], asked).run()
        self.rounds = {}


def terms(handle: tuple[Round, int], days: NDArray[np.float64]) -> tuple[Round, int]:
    """Ask about a pledge as if its loan fell due on other days.

    Parameters
    ----------
    handle : tuple of (Round, int)
        The pledge.
    days : (k,) float64
        Days since 1970-01-01 [day].

    Returns
    -------
    tuple of (Round, int)
        The round, and the number of the question in it.
    """
    asked, place = handle
    asked.months.append((place, days))
    return asked, len(asked.months) - 1


def _distinct(rows: Sequence[Row]) -> tuple[list[Row], Rows]:
    """Rows told apart by identity, and the position of each among them."""
    kept = {id(row): row for row in rows}
    places = {key: k for k, key in enumerate(kept)}
    return list(kept.values()), np.array([places[id(row)] for row in rows], dtype=np.int64)


@dataclass(slots=True)
class _Holding:
    """One round of one group while it is judged."""

    bench: Bench
    group: Group
    valued: Values
    asked: Round

    def run(self) -> None:
        """Judge the round."""
        asked, valued = self.asked, self.valued
        assert valued.valuation is not None
        rights = np.array([valued.place[id(one.right)] for one in asked.asks], dtype=np.int64)
        papers, pledge = _distinct([one.pledge for one in asked.asks])
        loans, loan = _distinct([NOBODY, *(one.loan for one in asked.asks)])
        covers, policy = _distinct([row for one in asked.asks for row in one.policies])
        covered = [k for k, one in enumerate(asked.asks) for _ in one.policies]
        which = self._which(len(asked.asks))
        of_row = loan[1:][which]
        columns = TakenColumns(columns_of("loans", loans), of_row)
        if asked.months:
            self._fall_due(columns, of_row)
        taken = _Tied(
            rights[which], tape("pledges", papers), pledge[which], columns,
            tape("policies", covers) if covers else None,
            _spread(list(zip(policy.tolist(), covered, strict=True)), which, len(asked.asks)),
            np.array([one.debt for one in asked.asks])[which],
            np.array([one.wrong for one in asked.asks], dtype=bool)[which], which,
            len(asked.asks),
        )  # fmt: skip
        asked.parts = self._parts(valued.valuation, taken)
        asked.lent = np.empty(which.size, dtype=np.int64)
        for rows, found in asked.parts:
            asked.lent[rows] = found.steps[-1]

    def _which(self, size: int) -> Rows:
        """The pledge that each row is about: first all as they are, then those at other terms."""
        asked = self.asked
        counts = [days.size for _, days in asked.months]
        asked.starts = np.cumsum([size, *counts]).tolist()
        again = np.repeat([place for place, _ in asked.months], counts).astype(np.int64)
        return np.concatenate([np.arange(size), again])

    def _fall_due(self, columns: TakenColumns, loan: Rows) -> None:
        """Let the loans of later rows be paid out on the day of valuation, and fall due later."""
        size = len(self.asked.asks)
        today = float(day_number(self.group[1]))
        days = np.concatenate([days for _, days in self.asked.months])
        stated = loan[size:] > 0
        nothing = np.full(loan.size, np.nan)
        for name, later in (("matures_on", days), ("starts_on", np.full(days.size, today))):
            given = columns.get(name, nothing).copy()
            given[size:] = np.where(stated, later, np.nan)
            columns.put(name, given)

    def _parts(self, valuation: Valuation, taken: "_Tied") -> list[tuple[Rows, Assessed]]:
        """Judge all rows in one call, or those of each law in one where laws ask differently."""
        law = self.bench.law
        table, day, _ = self.group
        books = tuple(dict.fromkeys(law(region) for region in valuation.batch.regions))
        every = np.arange(taken.rights.size)
        if len(books) == 1 or alike(books, table, self.bench.law_day or day):
            return [(every, self._held(valuation, taken))]
        number = {book: k for k, book in enumerate(books)}
        of_place = np.array([number[law(region)] for region in valuation.batch.regions])
        of_row = of_place[valuation.batch.region_index[taken.rights]]
        rows = [np.flatnonzero(of_row == k) for k in range(len(books))]
        return [(part, self._held(valuation, taken.take(part))) for part in rows if part.size]

    def _held(self, valuation: Valuation, taken: "_Tied") -> Assessed:
        """Judge some rows in one call."""
        bench = self.bench
        rules = bench.law("").at(self.group[1])
        of, once = taken.tied(valuation, rules), np.arange(taken.size)
        if once.size < taken.rights.size:
            again = taken.take(once).tied(valuation, rules), taken.which
            of = replace(of, again=again)
        return hold(
            valuation, of, taken.rights, Tape(of.pledges, {}), taken.policies, wrong=taken.wrong,
            law=bench.law, law_day=bench.law_day,
        )  # fmt: skip


class _Tied(NamedTuple):
    """Rows of one call, and what each belongs to.

    The first ``size`` rows are pledges as they stand; each row is that numbered ``which``
    but for the days of its loan.
    """

    rights: Rows
    papers: Tape
    pledge: Rows
    loans: TakenColumns
    policies: Tape | None
    covers: tuple[Rows, Rows] | None
    debt: NDArray[np.float64]
    wrong: NDArray[np.bool_]
    which: Rows
    size: int

    def take(self, rows: Rows) -> "_Tied":
        """Some of the rows, with those that they repeat."""
        covers = self.covers
        place = np.full(self.rights.size, -1)
        place[rows] = np.arange(rows.size)
        if covers is not None:
            kept = place[covers[1]] >= 0
            covers = covers[0][kept], place[covers[1][kept]]
        return _Tied(
            self.rights[rows], self.papers, self.pledge[rows], TakenColumns(self.loans, rows),
            self.policies, covers, self.debt[rows], self.wrong[rows], place[self.which[rows]],
            int(np.searchsorted(rows, self.size)),
        )  # fmt: skip

    def tied(self, valuation: Valuation, rules: Rules) -> Secured:
        """Put the rows together with what they belong to."""
        return tied(
            valuation, self.papers.batch.take(self.pledge), self.rights, self.loans,
            self.policies, self.covers, alone(self.debt), rules,
            valuation.batch.take(self.rights),
        )  # fmt: skip


def _spread(ties: list[tuple[int, int]], which: Rows, size: int) -> tuple[Rows, Rows] | None:
    """Policies and the rows that they cover, the same at every term."""
    if not ties:
        return None
    by_ask: list[list[int]] = [[] for _ in range(size)]
    for policy, place in ties:
        by_ask[place].append(policy)
    pairs = [(policy, k) for k, place in enumerate(which.tolist()) for policy in by_ask[place]]
    found = np.array(pairs, dtype=np.int64)
    return found[:, 0], found[:, 1]
