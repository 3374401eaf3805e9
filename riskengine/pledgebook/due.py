"""Everything that can fall due on a pledge, or go wrong with it after the money is paid out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.judge import Codes
from riskengine.gates.secured import Column
from riskengine.gates.tables import UNTIL, inspected
from riskengine.gates.tapes import Tape, rows_of
from riskengine.pledging.assess import Assessed
from riskengine.pledging.terms import CROP_KINDS
from riskengine.rights import RIGHTS
from riskengine.rules.facts import INSPECTIONS, declared_facts
from riskengine.words import Text

Marks = NDArray[np.bool_]
YEAR, MONTH = 365.25, 365.25 / 12.0
"""Mean year and month [day]."""
FALL_YELLOW, FALL_RED = 0.15, 0.25
"""Falls of the value since the last one beyond which a lender looks, and acts [1].

Source: a bank's collateral monitor (practice notes 7.2, template).
"""
ENDS: Mapping[str, tuple[str, ...]] = {
    "land": ("lease_end",), "homestead": ("term_end",), "forest": ("term_end",),
    "construction": ("term_end",), "equity": ("share_end",),
    "ecology": ("crediting_end", "income_end", "contract_end"),
}  # fmt: skip
"""Columns of each kind of right in which its end may stand; of land the contract besides."""
EXTENDED = 0
"""Position of a signed contract among the states of the second-round extension."""
LASTING = frozenset({
    "right_ends", "loan_matures", "limitation", "guarantee_ends", "fund_ends", "cover_below_one",
})  # fmt: skip
"""What still matters once a right has ended."""
NOTHING = Text("", "")
VISITS: Mapping[str, Text] = {
    "registry": Text("登记查询", "search of the registers"),
    "site": Text("现场查勘", "visit on the spot"),
    "contract": Text("合同章程查阅", "reading of contracts and charter"),
    "map": Text("规划图层核对", "check against the maps"),
    "borrower": Text("借款人访谈征信", "interview and credit report"),
}
"""The inspections as things to do."""


@dataclass(frozen=True, slots=True)
class Due:
    """One kind of thing that falls due, or that has happened.

    Parameters
    ----------
    what : str
        Short name.
    title : Text
        What people read.
    day : (n,) float64
        Day on which it falls due for each pledge, days since 1970-01-01; NaN for none.
    anyway : (n,) bool or None
        Pledges that are listed however far that day lies; None for none.
    red : (n,) bool or None
        Pledges on which it is grave; None for those that are overdue.
    details : tuple of Text
        What more there is to say.
    detail : (n,) int64 or None
        Position of each pledge among the details; None for the first.
    """

    what: str
    title: Text
    day: Column
    anyway: Marks | None = None
    red: Marks | None = None
    details: tuple[Text, ...] = field(default=(NOTHING,))
    detail: NDArray[np.int64] | None = None


def due(found: Assessed, policies: Tape | None) -> Iterator[Due]:
    """List everything that can fall due on some pledges.

    Parameters
    ----------
    found : Assessed
        The pledges.
    policies : Tape or None
        Insurance policies.

    Yields
    ------
    Due
        One kind of thing for all pledges.

    Notes
    -----
    A right that has ended is told once, with what its loan still asks for: its papers,
    visits and policies have nothing left to protect.
    """
    end = right_end(found)
    ended = end < found.of.day
    kinds = (
        _revaluation(found), *_papers(found), *_terms(found, end), _insurance(found, policies),
        *_loan(found), _inspections(found), *_states(found),
    )  # fmt: skip
    for one in kinds:
        if one.what in LASTING or not ended.any():
            yield one
        else:
            anyway = None if one.anyway is None else one.anyway & ~ended
            day = np.where(ended, np.nan, one.day)
            yield Due(one.what, one.title, day, anyway, one.red, one.details, one.detail)


def right_end(found: Assessed) -> Column:
    """Return the last day of every right.

    Parameters
    ----------
    found : Assessed
        The pledges.

    Returns
    -------
    (n,) float64
        Day, days since 1970-01-01; NaN where none is stated.  A land contract whose
        extension is signed ends that much later.
    """
    of = found.of
    end = np.full(of.size, np.nan)
    for name in ENDS[of.table]:
        end = np.fmin(end, of.right(name))
    if of.table == "land":
        signed = of.rights.columns["second_round_extension"] == EXTENDED
        more = of.rules.number("land.extension_years") * YEAR
        end = np.fmin(end, of.right("contract_end") + np.where(signed, more, 0.0))
    return end


def _revaluation(found: Assessed) -> Due:
    """End of the life of the last appraisal; the day of valuation where there was none."""
    of = found.of
    made = of.pledge("appraised_on")
    never = np.isnan(made)
    ends = made + of.rules.number("gates.appraisal_months") * MONTH
    return Due(
        "revaluation", Text("评估到期，应重估", "the appraisal runs out: revalue"),
        np.where(never, of.day, ends), details=(NOTHING, Text("从未评估", "never appraised")),
        detail=never.astype(np.int64),
    )  # fmt: skip


def _papers(found: Assessed) -> Iterator[Due]:
    """Ends of consents, registrations, permits and other papers that the law asks for.

    What must hold only on the day of creation may lapse later: its end is told while it is
    still to come, because a renewal needs it again.
    """
    of, asked = found.of, found.facts
    to_come = of.created >= of.day
    for fact in declared_facts().values():
        known = fact.name in asked.coded or fact.name in asked.numbers
        if fact.dated and known and fact.name + UNTIL in of.pledges.columns:
            day = of.pledge(fact.name + UNTIL)
            if fact.name in of.pledges.columns and fact.kind == "flag":
                day = np.where(of.pledge(fact.name) == 0.0, np.nan, day)
            details = (NOTHING,)
            if fact.settled:
                day = np.where((day < of.day) & ~to_come, np.nan, day)
                details = (Text("续贷、展期时须重新取得", "needed again when the loan is renewed"),)
            title = Text(f"{fact.title.zh}：到期", f"{fact.title.en}: ends")
            yield Due(fact.name + UNTIL, title, day, details=details)


def _terms(found: Assessed, end: Column) -> Iterator[Due]:
    """Ends of the right itself, of a term inside the loan, and of its rent."""
    of = found.of
    inside = (end < of.loan("matures_on")) & (end >= of.day)
    ends = Text("权利到期", "the right ends")
    yield Due("right_ends", ends, np.where(inside, np.nan, end))
    yield Due(
        "right_ends_inside_loan", Text("权利在贷款到期前终止", "the right ends inside the loan"),
        np.where(inside, end, np.nan), anyway=inside, red=inside,
    )  # fmt: skip
    if of.table == "land":
        paid = of.right("rent_prepaid_through")
        rent = Text("租金已付期满", "paid rent runs out")
        yield Due("rent_paid_through", rent, np.where(paid >= end, np.nan, paid))


def _insurance(found: Assessed, policies: Tape | None) -> Due:
    """Day on which the last policy of a class on each right ends, the first such class."""
    of = found.of
    first = np.full(of.size, np.nan)
    if policies is not None and policies.size:
        right = rows_of(policies.text("right_id"), of.rights.ids)
        here = (right >= 0) & (policies.batch.columns["right_kind"] == list(RIGHTS).index(of.table))
        kind = np.maximum(policies.batch.columns["kind"], CROP_KINDS)
        for one in np.unique(kind[here]).tolist():
            last = np.full(of.size, -np.inf)
            some = here & (kind == one)
            np.maximum.at(last, right[some], policies.batch.columns["ends_on"][some])
            first = np.fmin(first, np.where(np.isinf(last), np.nan, last))
        first = _same_right(of.rights.ids, first)
    return Due("insurance_ends", Text("保险到期", "insurance ends"), first)


def _same_right(ids: object, day: Column) -> Column:
    """A figure found on the first pledge of each right, for all pledges on it."""
    row = rows_of(ids, ids)
    found: Column = day[row]
    return found


def _loan(found: Assessed) -> Iterator[Due]:
    """Days of the loan: maturity, limitation, guarantee, fund."""
    of = found.of
    matures = of.loan("matures_on")
    yield Due("loan_matures", Text("贷款到期", "the loan falls due"), matures)
    alert, period = (
        of.rules.held(f"law_security.limitation_{name}") for name in ("alert", "years")
    )
    if alert is not None and period is not None:
        late = Text("行使担保权的时效将满", "the time to enforce runs out")
        near = of.day >= matures + float(alert) * YEAR
        yield Due("limitation", late, matures + float(period) * YEAR, anyway=near)
    guarantee = Text("保证期间届满", "the guarantee period ends")
    yield Due("guarantee_ends", guarantee, of.loan("guarantee_until"))
    borne = of.loan("compensation_fund_share") > 0.0
    fund = Text("风险补偿协议到期", "the agreement with the fund ends")
    until = np.where(borne, of.loan("compensation_fund_until"), np.nan)
    yield Due("fund_ends", fund, until)


def _inspections(found: Assessed) -> Due:
    """The first of the inspections to be made again; all that are due by then are named."""
    of, facts = found.of, declared_facts()
    stale = of.rules.number("gates.watch_months") * MONTH
    asked = {facts[name].inspection for name in (*found.facts.coded, *found.facts.numbers)}
    names = [name for name in INSPECTIONS if name in asked]
    made = np.stack([of.pledge(inspected(name)) for name in names] or [np.full(of.size, np.nan)])
    days = np.where(np.isnan(made), of.day, made + stale)
    first = days.min(axis=0) if names else np.full(of.size, np.nan)
    horizon = np.maximum(first, of.day) + MONTH
    bits = sum(
        ((days[k] <= horizon).astype(np.int64) << k for k in range(len(names))),
        np.zeros(of.size, dtype=np.int64),
    )
    words = [VISITS[name] for name in names]
    details = tuple(_listed(words, mask) for mask in range(1 << len(names)))
    title = Text("查勘查询应再做", "inspections to be made again")
    return Due("inspections", title, first, details=details, detail=bits)


def _listed(words: list[Text], mask: int) -> Text:
    """Those words whose bit is set."""
    chosen = [word for k, word in enumerate(words) if mask >> k & 1]
    return Text("、".join(word.zh for word in chosen), ", ".join(word.en for word in chosen))


def _states(found: Assessed) -> Iterator[Due]:
    """What has happened: value fallen, cover below one, right sealed, land idle."""
    of = found.of
    today = np.full(of.size, of.day)
    before = of.right("previous_value_yuan")
    with np.errstate(divide="ignore", invalid="ignore"):
        fall = np.where(before > 0.0, 1.0 - of.value_yuan / before, np.nan)
        cover = np.where(of.secured_yuan > 0.0, found.lending_value_yuan / of.secured_yuan, np.nan)
    fallen, below = fall > FALL_YELLOW, cover < 1.0
    title = Text("价值较上次下跌", "the value fell since the last one")
    yield _state(
        "value_fell", title, today, fallen, fall > FALL_RED, np.floor(fall * 100.0), "−{:.0f}%"
    )
    title = Text("可贷价值低于债务", "lending value below the debt")
    low = np.floor(cover * 100.0) / 100.0
    yield _state("cover_below_one", title, today, below, below, low, "{:.2f}")
    sealed = _coded(found, "sealed_or_seized") == 1
    title = Text("权利被查封、扣押", "the right is sealed or seized")
    yield _state("sealed", title, today, sealed, sealed)
    numbers = [found.facts.numbers.get(name) for name in IDLE]
    idle = np.zeros(of.size, dtype=bool)
    for number in numbers:
        if number is not None:
            idle |= number > 0.0
    yield _state("idle", Text("土地撂荒、闲置", "the land lies idle"), today, idle, ~idle)


IDLE = ("idle_years", "idle_seasons", "approved_construction_idle_years")
"""Facts that say how long land has lain idle."""


def _coded(found: Assessed, name: str) -> Codes:
    """A coded fact of every pledge; not known where the law does not ask for it."""
    none = np.full(found.of.size, -1, dtype=np.int8)
    codes: Codes = found.facts.coded.get(name, none)
    return codes


def _state(
    what: str,
    title: Text,
    today: Column,
    holds: Marks,
    red: Marks,
    figure: Column | None = None,
    said: str = "",
) -> Due:
    """Something that holds of some pledges today, with a figure for each."""
    day = np.where(holds, today, np.nan)
    if figure is None:
        return Due(what, title, day, anyway=holds, red=red)
    figures, index = np.unique(np.where(holds, figure, 0.0), return_inverse=True)
    words = tuple(Text(said.format(one), said.format(one)) for one in figures.tolist())
    return Due(what, title, day, holds, red, words, index.reshape(-1).astype(np.int64))
