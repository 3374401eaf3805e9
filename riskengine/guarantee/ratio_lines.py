"""One line of the table of ratios, and how a figure becomes one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from riskengine.guarantee.figures import Figure
from riskengine.rules import Rules
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


def is_near(value: float, limit: float, compare: str, rules: Rules) -> bool:
    """Whether a ratio that keeps its limit is near it (practice notes 7.2).

    Parameters
    ----------
    value, limit : float
        The ratio and its limit.
    compare : str
        How they are held against each other.
    rules : Rules
        The rules of the day, which hold the share of the limit.

    Returns
    -------
    bool
        True where less than the rest of the limit, such as a fifth of it, is left.
    """
    rest = (1.0 - rules.number("guarantee_ratios.near_limit")) * limit
    left = limit - value if compare.startswith("<") else value - limit
    return limit > 0.0 and left <= rest


def lacking(how: Text, missing: int) -> Text:
    """Return words with the number of contracts that lack a fact.

    Parameters
    ----------
    how : Text
        Numerator and denominator.
    missing : int
        Contracts that lack a fact.

    Returns
    -------
    Text
        The words, unchanged where nothing lacks.
    """
    if not missing:
        return how
    return Text(f"{how.zh}；{missing}笔缺数据", f"{how.en}; {missing} contracts lack a fact")


def held_to(
    figure: Figure, name: str, rules: Rules, *, least: float | None = None, settled: bool = True
) -> Iterator[Ratio]:
    """A figure against a number of the rules that is no gate, as a floor.

    Parameters
    ----------
    figure : Figure
        What is held.
    name : str
        Rule that holds the floor.
    rules : Rules
        The rules of the day.
    least : float or None
        The floor; None takes the rule's amount.
    settled : bool
        Whether all is known that the floor needs.

    Yields
    ------
    Ratio
        One; none on a day on which the rule does not speak.
    """
    rule = rules.book.rule(name).speaking(rules.day)
    said = rule.held(rules.day) if rule is not None else None
    if rule is None or said is None:
        return
    limit = float(said.amount) if least is None else least
    unknown = figure.value is None or not settled or figure.missing > 0
    state, headroom = _state(figure.value, limit, rules)
    yield Ratio(
        rule.name, rule.title, figure.value, limit, ">=", headroom, None,
        "unknown" if unknown else state, rule.severity, rule.code, said.cite, said.seen,
        said.first_day, lacking(figure.how, figure.missing), rule.note,
    )  # fmt: skip


def reported(
    figure: Figure,
    name: str,
    title: Text,
    rules: Rules,
    *,
    rule: str = "",
    limit: float | None = None,
) -> Ratio:
    """A figure that no rule limits.

    Parameters
    ----------
    figure : Figure
        The figure.
    name : str
        Its name.
    title : Text
        What people read.
    rules : Rules
        The rules of the day.
    rule : str
        Rule that defines it; empty where none does.
    limit : float or None
        A floor that is no rule's.

    Returns
    -------
    Ratio
        Its line.
    """
    source = rules.book.rule(rule).speaking(rules.day) if rule else None
    said = source.held(rules.day) if source is not None else None
    state, headroom = ("no_limit", None) if limit is None else _state(figure.value, limit, rules)
    if figure.value is None or figure.missing:
        state = "unknown"
    return Ratio(
        name, title, figure.value, limit, "" if limit is None else ">=", headroom, None, state,
        "param" if limit is None else "monitor", source.code if source else "",
        said.cite if said else OWN_NOTES, said.seen if said else "",
        said.first_day if said else None, lacking(figure.how, figure.missing),
        source.note if source else None,
    )  # fmt: skip


def _state(value: float | None, least: float, rules: Rules) -> tuple[str, float | None]:
    """Status and headroom over a floor."""
    if value is None:
        return "unknown", None
    if value < least:
        return "breaks", value - least
    return "near" if is_near(value, least, ">=", rules) else "meets", value - least
