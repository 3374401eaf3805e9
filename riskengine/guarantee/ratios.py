"""Ratios of a guarantee institution against the rules of a day, with headroom.

Every rule that judges a fact of an institution is here without a line of its own: a rule
added to the files appears as a ratio.  What is not known is never said to be kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from riskengine.errors import RuleNotFound
from riskengine.gates.judge import single
from riskengine.gates.plan import Gate, Plan, plan_of
from riskengine.guarantee.compensation import (
    compensation_balance,
    compensation_rate,
    financing_cost,
    loss_rate,
    mean_rate,
    overdue_uncompensated,
)
from riskengine.guarantee.contracts import Contracts, Statement, money, refused
from riskengine.guarantee.figures import Figure, quotient
from riskengine.guarantee.institution_facts import Institution, Known, facts_of_institution
from riskengine.guarantee.policy_business import Kept, contract_rules
from riskengine.guarantee.recoveries import recovery_rate
from riskengine.guarantee.reserves import regulatory_reserves, reserve_adequacy
from riskengine.guarantee.switches import Switches, reading
from riskengine.rules import Rules, RuleValue
from riskengine.words import Text

STATUS_WORDS = {
    "meets": Text("符合", "meets"),
    "near": Text("接近限额", "near its limit"),
    "breaks": Text("突破", "breaks"),
    "unknown": Text("无法判断", "not known"),
    "no_limit": Text("无限额", "no limit"),
}
"""What people read of each status."""
OWN_NOTES = "credit notes 5.3"
"""Source of the figures that no rule defines."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One ratio of the institution.

    Parameters
    ----------
    name : str
        Name of the rule, or of the figure where there is none.
    title : Text
        What people read.
    value : float or None
        The ratio [1], rate [1/year] or amount [yuan]; flags are 1 and 0; None where not
        known.
    limit : float or None
        Its limit; None where there is none.
    compare : str
        How the value is held against the limit: ``<=``, ``>=``, ``==``, empty without.
    headroom : float or None
        What the limit still allows, in the ratio's terms; < 0 beyond it.
    headroom_yuan : float or None
        New guarantees of full weight that it still allows [yuan], where that makes sense.
    status : {"meets", "near", "breaks", "unknown", "no_limit"}
        What follows.
    severity : str
        Severity of the rule: ``block``, ``refer``, ``monitor`` or ``param``.
    rule : str
        Mark of the rule in the notes.
    citation : str
        Article or document.
    seen : {"text", "official", "secondary", "memory", ""}
        How the source was seen; ``memory`` never blocks.
    from_day : datetime.date or None
        First day of what the rule says.
    how : Text
        Numerator and denominator, and what was not known.
    note : Text or None
        What the rule adds: conflicts, readings, doubts.
    """

    name: str
    title: Text
    value: float | None
    limit: float | None
    compare: str
    headroom: float | None
    headroom_yuan: float | None
    status: str
    severity: str
    rule: str
    citation: str
    seen: str
    from_day: date | None
    how: Text
    note: Text | None = None


def ratios(
    contracts: Contracts, statement: Statement, rules: Rules, switches: Switches | None = None, *,
    need_yuan: float | None = None,
) -> tuple[Ratio, ...]:  # fmt: skip
    """Ratios of an institution on a day.

    Parameters
    ----------
    contracts : Contracts
        The contracts, released ones included.
    statement : mapping
        Facts of the institution by name (section Notes).
    rules : Rules
        The rules of the day; every number comes from them.
    switches : Switches or None
        Readings chosen; None takes the rules' own.
    need_yuan : float or None
        Reserves that the book needs by the loss model [yuan]; None leaves that out.

    Returns
    -------
    tuple of Ratio
        Rules of the institution by mark, rules of the single contract, reserves, figures.

    Raises
    ------
    RatioError
        If the statement is of a later day, or contradicts itself.

    Notes
    -----
    Names in the statement: ``as_of``, ``consolidated``, ``net_assets_yuan``,
    ``equity_in_guarantors_yuan``, ``total_assets_yuan``, ``paid_in_capital_yuan``,
    ``tier_one_yuan`` to ``tier_three_yuan`` or items by kind,
    ``compensation_receivable_yuan``, ``unearned_reserve_yuan``,
    ``compensation_reserve_yuan``, ``compensation_reserve_opening_yuan``,
    ``compensation_reserve_used_yuan``, ``fee_income_year_yuan``, ``fund_yuan``, and flags
    by the names of the facts of institutions.

    Examples
    --------
    >>> from riskengine.guarantee.contracts import contracts_of
    >>> from riskengine.rules import statute
    >>> book = contracts_of(
    ...     client=[1], county=[0], kind=[3], state=[0], in_force_balance_yuan=[9e6],
    ...     own_share=[1.0],
    ... )
    >>> statement = {"net_assets_yuan": 1e8, "equity_in_guarantors_yuan": 0.0}
    >>> found = {r.rule: r for r in ratios(book, statement, statute().at(date(2026, 11, 24)))}
    >>> found["GI-CON-01"].status, found["GI-CON-01"].headroom_yuan
    ('near', 1000000.0)
    """
    as_of = statement.get("as_of")
    if as_of is not None and as_of > rules.day:
        raise refused("as_of", "报表日晚于计算日", "is later than the day of the rules")
    of = Institution(contracts, statement, rules, switches or Switches())
    return (*_judged(of), *_contracts(of), *_reserves(of, need_yuan), *_figures(of))


def _judged(of: Institution) -> Iterator[Ratio]:
    """Rules of the institution that hold on the day and apply to it."""
    day = of.rules.day
    plan: Plan = plan_of(of.rules.book, "institution", day)
    facts = facts_of_institution(of)
    record = {name: known.value for name, known in facts.items() if known.settled}
    found = single(plan, record, day, day)
    failed = {id(gate) for gate in found.failed(0)}
    unknown = {id(gate) for gate in found.unknown(0)}
    for gate in plan.gates:
        if not (gate.first_day <= day and (gate.last_day is None or day <= gate.last_day)):
            continue
        known = facts.get(gate.fact, Known(None, Text("未计算此事实", "is not computed")))
        when = gate.rule.judges.when or {}
        if any(name in record and record[name] not in words for name, words in when.items()):
            continue
        state = "breaks" if id(gate) in failed else "unknown" if id(gate) in unknown else "meets"
        yield _ratio(of, gate, known, state)


def _ratio(of: Institution, gate: Gate, known: Known, state: str) -> Ratio:
    """One judged rule as a ratio."""
    value = None if known.value is None else float(known.value)
    limit, compare = float(gate.value.amount), gate.rule.compare
    headroom = None
    if value is not None and compare in {"<=", "<", ">=", ">"}:
        headroom = limit - value if compare.startswith("<") else value - limit
        if state == "meets" and _near(value, limit, compare, of.rules):
            state = "near"
    room = None if known.room is None or value is None else known.room(limit)
    how = known.how
    if known.missing:
        how = _lacking(how, known.missing)
    return Ratio(
        gate.rule.name, gate.rule.title, value, limit, compare, headroom, room, state,
        gate.rule.severity, gate.rule.code, gate.value.cite, gate.value.seen,
        gate.value.first_day, how, gate.rule.note,
    )  # fmt: skip


def _near(value: float, limit: float, compare: str, rules: Rules) -> bool:
    """Whether a ratio that keeps its limit is near it."""
    share = rules.number("guarantee_ratios.near_limit")
    if compare.startswith("<"):
        return value >= share * limit
    return limit > 0.0 and limit >= share * value


def _lacking(how: Text, missing: int) -> Text:
    """Words with the number of contracts that lack a fact."""
    return Text(f"{how.zh}；{missing}笔缺数据", f"{how.en}; {missing} contracts lack a fact")


def _contracts(of: Institution) -> Iterator[Ratio]:
    """Rules of the single contract: how many contracts in force fail."""
    try:
        found = contract_rules(of.contracts, of.statement, of.rules, of.switches)
    except RuleNotFound:
        return
    yield from (_kept(kept) for kept in found)


def _kept(kept: Kept) -> Ratio:
    """One rule of the single contract as a ratio."""
    fails, lacks = kept.failed.size, kept.unknown.size
    state = "breaks" if fails else "unknown" if lacks or not kept.judged else "meets"
    gate = kept.gate
    return Ratio(
        gate.rule.name, gate.rule.title, fails / kept.judged if kept.judged else None, 0.0, "<=",
        None, None, state, gate.rule.severity, gate.rule.code, gate.value.cite, gate.value.seen,
        gate.value.first_day,
        Text(
            f"在保合同{kept.judged}笔，不符合{fails}笔，缺数据{lacks}笔",
            f"of {kept.judged} contracts in force {fails} fail, {lacks} lack a fact",
        ),
        gate.rule.note,
    )  # fmt: skip


def _reserves(of: Institution, need_yuan: float | None) -> Iterator[Ratio]:
    """Reserves held against what the rules, and the loss model, ask."""
    said = {name: money(of.statement, f"{name}_yuan") for name in (
        "unearned_reserve", "compensation_reserve", "fee_income_year",
        "compensation_reserve_opening", "compensation_reserve_used",
    )}  # fmt: skip
    unearned = quotient(
        said["unearned_reserve"] or 0, said["fee_income_year"] or 0,
        Text("未到期责任准备金", "unearned reserve"), Text("当年担保费收入", "fees of the year"),
        0,
    )  # fmt: skip
    held = None if said["unearned_reserve"] is None else unearned.value
    yield from _floor(
        of, "guarantee_company.unearned_reserve_share", held, None, unearned.how, settled=True
    )
    yield from _compensation_reserve(of, said)
    if need_yuan is None:
        return
    both = [said["unearned_reserve"], said["compensation_reserve"]]
    how = Text("两项准备金/测算需要量", "both reserves / need by the loss model")
    title = Text("准备金对测算损失的覆盖", "reserves against the modelled need")
    if both[0] is None or both[1] is None:
        yield _plain(of, "reserve_adequacy", title, Figure(None, 0, how), limit=1.0)
        return
    cover = reserve_adequacy((both[0] + both[1]) / 100.0, need_yuan).cover
    yield _plain(of, "reserve_adequacy", title, Figure(cover, 0, how), limit=1.0)


def _compensation_reserve(of: Institution, said: dict[str, int | None]) -> Iterator[Ratio]:
    """The compensation reserve over its base, against what had to be provided."""
    liability = of.liability
    base = 0 if liability is None else liability.total_fen
    if liability is not None and reading("reserve_base", of.rules, of.switches) == (
        "in_force_balance"
    ):
        base = int(liability.counted_fen.sum())
    booked, opening = said["compensation_reserve"], said["compensation_reserve_opening"]
    upper = Text("担保赔偿准备金", "compensation reserve")
    lower = Text("担保责任余额", "liability balance")
    figure = quotient(booked or 0, base, upper, lower, 0)
    name = "guarantee_company.compensation_reserve_share"
    cap = of.rules.held("guarantee_company.compensation_reserve_cumulated")
    if booked is None or not base or cap is None or liability is None:
        yield from _floor(of, name, None, None, figure.how, settled=False)
        return
    if opening is None:
        # What had to be provided depends on the start of the year, unless the cap is reached.
        full = booked >= cap * base
        yield from _floor(of, name, figure.value, float(cap), figure.how, settled=full)
        return
    used = said["compensation_reserve_used"]
    asked = regulatory_reserves(
        0.0, base / 100.0, opening / 100.0, of.rules, of.switches,
        used_yuan=min(used or 0, opening) / 100.0,
    )  # fmt: skip
    least = asked.closing_compensation_yuan * 100.0
    settled = not liability.shares_missing and (used is not None or booked >= round(least))
    yield from _floor(of, name, booked / base, round(least) / base, figure.how, settled=settled)


def _floor(
    of: Institution, name: str, value: float | None, limit: float | None, how: Text, *,
    settled: bool,
) -> Iterator[Ratio]:  # fmt: skip
    """A number of the rules as a floor of what is held."""
    rule = of.rules.book.rule(name).speaking(of.rules.day)
    said: RuleValue | None = rule.held(of.rules.day) if rule is not None else None
    if rule is None or said is None:
        return
    least = float(said.amount) if limit is None else limit
    state = "unknown"
    if value is not None and settled:
        state = "meets" if value >= least else "breaks"
        if state == "meets" and _near(value, least, ">=", of.rules):
            state = "near"
    yield Ratio(
        rule.name, rule.title, value, least, ">=", None if value is None else value - least, None,
        state, rule.severity, rule.code, said.cite, said.seen, said.first_day, how, rule.note,
    )  # fmt: skip


def _figures(of: Institution) -> Iterator[Ratio]:
    """Figures that are reported and have no limit."""
    book, rules, switches = of.contracts, of.rules, of.switches
    asked = (
        ("year_compensation_rate", lambda: compensation_rate(book, rules, switches)),
        (
            "cumulative_compensation_rate",
            lambda: compensation_rate(book, rules, switches, cumulative=True),
        ),
        ("overdue_uncompensated", lambda: overdue_uncompensated(book, rules)),
        ("overdue_uncompensated_line", lambda: overdue_uncompensated(book, rules, long=True)),
        ("compensation_balance", lambda: compensation_balance(book, rules)),
    )
    for name, compute in asked:
        rule = rules.book.rule(f"guarantee_ratios.{name}").speaking(rules.day)
        said = rule.held(rules.day) if rule is not None else None
        if rule is None or said is None:
            continue
        yield _plain(
            of, rule.name, rule.title, compute(), rule.code, said.cite, said.seen, said.first_day
        )
    yield from _plain_figures(of)


def _plain_figures(of: Institution) -> Iterator[Ratio]:
    """Figures whose definition is not a rule of its own."""
    book, rules, switches = of.contracts, of.rules, of.switches
    balance = int(book.balance_fen.sum())
    missing = Text("当日无权重规则", "no weights on the day")
    liability = of.liability
    whole = Figure(balance / 100.0, 0, Text("在保合同余额合计", "sum of balances in force"))
    owed = Figure(None, 0, missing) if liability is None else Figure(
        liability.total_fen / 100.0, liability.shares_missing,
        Text("余额×自担比例×权重", "balance x share borne x weight"),
    )  # fmt: skip
    fee, rate = (mean_rate(book, name, rules, switches) for name in (
        "fee_rate_per_year", "loan_rate_per_year"
    ))  # fmt: skip
    cost = financing_cost(book, rules, switches)
    for name, title, figure in (
        ("in_force_balance", Text("在保余额", "balance in force"), whole),
        ("liability_balance", Text("融资担保责任余额", "liability balance"), owed),
        ("mean_fee", Text("平均担保费率", "mean guarantee fee"), fee),
        ("mean_loan_rate", Text("平均贷款利率", "mean loan rate"), rate),
        ("financing_cost", Text("综合融资成本", "financing cost of clients"), cost),
        ("recovery_rate", Text("累计追偿回收率", "recovery rate to date"), recovery_rate(book, rules)),
        ("loss_rate", Text("累计担保损失率", "loss rate to date"), loss_rate(book, rules)),
        ("provision_coverage", Text("拨备覆盖率", "reserves over compensation balance"),
         _coverage(of)),
    ):  # fmt: skip
        yield _plain(of, name, title, figure)


def _coverage(of: Institution) -> Figure:
    """Both reserves over the compensation balance."""
    parts = [money(of.statement, f"{name}_reserve_yuan") for name in ("unearned", "compensation")]
    upper = Text("两项准备金", "both reserves")
    lower = Text("代偿余额", "compensation balance")
    try:
        balance = compensation_balance(of.contracts, of.rules)
    except RuleNotFound as absent:
        return Figure(None, 0, absent.wrong)
    below = round((balance.value or 0.0) * 100.0)
    figure = quotient(sum(part or 0 for part in parts), below, upper, lower, balance.missing)
    return Figure(None, 0, figure.how) if any(part is None for part in parts) else figure


def _plain(
    of: Institution, name: str, title: Text, figure: Figure, code: str = "",
    citation: str = OWN_NOTES, seen: str = "", from_day: date | None = None,
    limit: float | None = None,
) -> Ratio:  # fmt: skip
    """A figure as a ratio; one with a limit is a floor."""
    state, headroom = "no_limit", None
    if limit is not None and figure.value is not None:
        headroom = figure.value - limit
        near = _near(figure.value, limit, ">=", of.rules)
        state = "breaks" if headroom < 0.0 else "near" if near else "meets"
    if figure.value is None or figure.missing:
        state = "unknown"
    how = _lacking(figure.how, figure.missing) if figure.missing else figure.how
    return Ratio(
        name, title, figure.value, limit, "" if limit is None else ">=", headroom, None, state,
        "param" if limit is None else "monitor", code, citation, seen, from_day, how,
    )  # fmt: skip
