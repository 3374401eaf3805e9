"""Ratios of a guarantee institution against the rules of a day, with headroom.

Every rule that judges a fact of an institution is here without a line of its own: a rule
added to the files appears as a ratio.  What is not known is never said to be kept.
"""

from collections.abc import Callable, Iterator
from functools import partial

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
from riskengine.guarantee.institution_facts import (
    Institution,
    Known,
    facts_of_institution,
    institution_of,
)
from riskengine.guarantee.policy_business import Kept, contract_rules
from riskengine.guarantee.ratio_lines import (
    STATUS_WORDS,
    Ratio,
    held_to,
    is_near,
    lacking,
    reported,
)
from riskengine.guarantee.recoveries import recovery_rate
from riskengine.guarantee.reserves import regulatory_reserves, reserve_adequacy
from riskengine.guarantee.switches import Switches, reading
from riskengine.rules import Rules
from riskengine.words import Text

__all__ = ["STATUS_WORDS", "Ratio", "ratios"]


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
    >>> from datetime import date
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
    of = institution_of(contracts, statement, rules, switches or Switches())
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
        over = gate.last_day is not None and day > gate.last_day
        if over or gate.first_day > day or gate.rule.severity == "param":
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
        if state == "meets" and is_near(value, limit, compare, of.rules):
            state = "near"
    room = None if known.room is None or value is None else known.room(limit)
    how = lacking(known.how, known.missing)
    return Ratio(
        gate.rule.name, gate.rule.title, value, limit, compare, headroom, room, state,
        gate.rule.severity, gate.rule.code, gate.value.cite, gate.value.seen,
        gate.value.first_day, how, gate.rule.note,
    )  # fmt: skip


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
    unearned, held = said["unearned_reserve"], said["compensation_reserve"]
    upper = Text("未到期责任准备金", "unearned reserve")
    figure = _stated(unearned, said["fee_income_year"], upper, Text(
        "当年担保费收入", "fees of the year"
    ))  # fmt: skip
    yield from held_to(figure, "guarantee_company.unearned_reserve_share", of.rules)
    yield from _compensation_reserve(of, said)
    if need_yuan is None:
        return
    cover = None
    if unearned is not None and held is not None:
        cover = reserve_adequacy((unearned + held) / 100.0, need_yuan).cover
    figure = Figure(cover, 0, Text("两项准备金/测算需要量", "both reserves / need by the model"))
    title = Text("准备金对测算损失的覆盖", "reserves against the modelled need")
    yield reported(figure, "reserve_adequacy", title, of.rules, limit=1.0)


def _compensation_reserve(of: Institution, said: dict[str, int | None]) -> Iterator[Ratio]:
    """The compensation reserve over its base, against what had to be provided."""
    name, liability = "guarantee_company.compensation_reserve_share", of.liability
    base = None if liability is None else liability.total_fen
    if liability is not None and reading("reserve_base", of.rules, of.switches) == (
        "in_force_balance"
    ):
        base = int(liability.counted_fen.sum())
    booked, opening = said["compensation_reserve"], said["compensation_reserve_opening"]
    figure = _stated(
        booked, base, Text("担保赔偿准备金", "compensation reserve"),
        Text("担保责任余额", "liability balance"),
        0 if liability is None else liability.shares_missing,
    )  # fmt: skip
    cap = of.rules.held("guarantee_company.compensation_reserve_cumulated")
    if booked is None or not base or cap is None or opening is None:
        # What had to be provided depends on the start of the year, unless the cap is reached.
        full = figure.value is not None and cap is not None and figure.value >= cap
        yield from held_to(figure, name, of.rules, least=cap, settled=full)
        return
    used = said["compensation_reserve_used"]
    asked = regulatory_reserves(
        0.0, base / 100.0, opening / 100.0, of.rules, of.switches,
        used_yuan=min(used or 0, opening) / 100.0,
    )  # fmt: skip
    least = round(asked.closing_compensation_yuan * 100.0)
    settled = used is not None or booked >= least
    yield from held_to(figure, name, of.rules, least=least / base, settled=settled)


def _stated(
    over: int | None, below: int | None, upper: Text, lower: Text, missing: int = 0
) -> Figure:
    """A quotient of amounts of the statement; None where one is not known."""
    figure = quotient(over or 0, below or 0, upper, lower, missing)
    return Figure(None, missing, figure.how) if over is None else figure


def _figures(of: Institution) -> Iterator[Ratio]:
    """Figures that are reported and have no limit."""
    book, rules, switches = of.contracts, of.rules, of.switches
    asked: dict[str, Callable[[], Figure]] = {
        "year_compensation_rate": partial(compensation_rate, book, rules, switches),
        "cumulative_compensation_rate": partial(
            compensation_rate, book, rules, switches, cumulative=True
        ),
        "overdue_uncompensated": partial(overdue_uncompensated, book, rules),
        "overdue_uncompensated_line": partial(overdue_uncompensated, book, rules, long=True),
        "compensation_balance": partial(compensation_balance, book, rules),
        "mean_costs": partial(financing_cost, book, rules, switches),
    }
    for name, compute in asked.items():
        full = f"guarantee_ratios.{name}"
        if rules.held(full) is not None:
            yield reported(compute(), full, rules.book.rule(full).title, rules, rule=full)
    for name, (title, figure) in _undefined(of).items():
        yield reported(figure, name, title, rules)


def _undefined(of: Institution) -> dict[str, tuple[Text, Figure]]:
    """Figures whose definition is no rule of its own."""
    book, rules, switches = of.contracts, of.rules, of.switches
    liability = of.liability
    owed = Figure(None, 0, Text("当日无权重规则", "no weights on the day"))
    if liability is not None:
        owed = Figure(liability.total_fen / 100.0, liability.shares_missing, Text(
            "余额×自担比例×权重", "balance x share borne x weight"
        ))  # fmt: skip
    whole = Figure(int(book.balance_fen.sum()) / 100.0, 0, Text(
        "在保合同余额合计", "sum of balances in force"
    ))  # fmt: skip
    return {
        "in_force_balance": (Text("在保余额", "balance in force"), whole),
        "liability_balance": (Text("融资担保责任余额", "liability balance"), owed),
        "mean_fee": (
            Text("平均担保费率", "mean guarantee fee"),
            mean_rate(book, "fee_rate_per_year", rules, switches),
        ),
        "mean_loan_rate": (
            Text("平均贷款利率", "mean loan rate"),
            mean_rate(book, "loan_rate_per_year", rules, switches),
        ),
        "recovery_rate": (
            Text("累计追偿回收率", "recovery rate to date"), recovery_rate(book, rules)
        ),
        "loss_rate": (Text("累计担保损失率", "loss rate to date"), loss_rate(book, rules)),
        "provision_coverage": (
            Text("拨备覆盖率", "reserves over compensation balance"), _coverage(of)
        ),
    }  # fmt: skip


def _coverage(of: Institution) -> Figure:
    """Both reserves over the compensation balance."""
    parts = [money(of.statement, f"{name}_reserve_yuan") for name in ("unearned", "compensation")]
    try:
        balance = compensation_balance(of.contracts, of.rules)
    except RuleNotFound as absent:
        return Figure(None, 0, absent.wrong)
    held = None if any(part is None for part in parts) else sum(part or 0 for part in parts)
    return _stated(
        held, round((balance.value or 0.0) * 100.0), Text("两项准备金", "both reserves"),
        Text("代偿余额", "compensation balance"), balance.missing,
    )  # fmt: skip
