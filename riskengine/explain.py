"""A value's workings as a tree: facts, formulas, market level, rules, weights, haircuts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from riskengine import __version__
from riskengine.collateral import LENDING_FIGURES
from riskengine.columns import HEADING_UNITS, Column
from riskengine.dates import EPOCH
from riskengine.market.quotes import LEVELS, Quotes
from riskengine.methods.comparison_grid import GridLine, comparison_grid
from riskengine.methods.reconcile import RECONCILED_FIGURES, UNANSWERED
from riskengine.methods.run import ROLES
from riskengine.rules.citation import cited, seen_as
from riskengine.simulation import Simulated
from riskengine.valuation import (
    FLAG_WORDS,
    STATUSES,
    Flag,
    Valuation,
    statuses,
)
from riskengine.words import Language, Text


@dataclass(frozen=True, slots=True)
class Node:
    """One line of an explanation and what stands under it.

    Parameters
    ----------
    title : Text
        What it is.
    value : float or str or None
        The figure or word.
    unit : str
        Unit of a figure.
    note : Text or None
        Formula, source or citation.
    children : tuple of Node
        What it comes from.
    """

    title: Text
    value: float | str | None = None
    unit: str = ""
    note: Text | None = None
    children: tuple["Node", ...] = field(default=())

    def say(self, language: Language) -> str:
        """Return the line in one language, without its children.

        Parameters
        ----------
        language : {"zh", "en"}
            Language wanted.

        Returns
        -------
        str
            Title, figure with unit, note.
        """
        colon = "：" if language == "zh" else ": "
        line = self.title.say(language)
        if self.value is not None:
            line += f"{colon}{figure(self.value, self.unit, language)}"
        if self.note is not None and self.note.say(language):
            line += f"  [{self.note.say(language)}]"
        return line

    def record(self, language: Language) -> dict[str, Any]:
        """Return the tree as plain data for JSON.

        Parameters
        ----------
        language : {"zh", "en"}
            Language wanted.

        Returns
        -------
        dict
            title, value, unit, note and children.
        """
        return {
            "title": self.title.say(language),
            "value": None if isinstance(self.value, float) and np.isnan(self.value) else self.value,
            "unit": self.unit,
            "note": self.note.say(language) if self.note else None,
            "children": [child.record(language) for child in self.children],
        }


def figure(value: float | str, unit: str, language: Language) -> str:
    """Return a figure as people read it.

    Parameters
    ----------
    value : float or str
        The figure.
    unit : str
        Its unit.
    language : {"zh", "en"}
        Language wanted.

    Returns
    -------
    str
        Rounded figure with its unit.

    Examples
    --------
    >>> figure(12345.678, "yuan", "en")
    '12,345.68 yuan'
    """
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return "缺" if language == "zh" else "missing"
    if np.isinf(value):
        return "无限" if language == "zh" else "unlimited"
    decimals = 2 if unit.startswith("yuan") or abs(value) >= 100.0 else 4
    text = f"{value:,.{decimals}f}"
    if decimals != 2:
        text = text.rstrip("0").rstrip(".")
    said = HEADING_UNITS.get(unit, unit) if language == "zh" else unit
    return f"{text} {said}" if said and said != "1" else text


FIGURE_WORDS: Mapping[str, tuple[Text, str]] = {
    "market_value_yuan": (Text("市场价值", "market value"), "yuan"),
    "log_error": (Text("对数误差", "log error"), "1"),
    "p05_yuan": (Text("区间下限 P5", "lower end P5"), "yuan"),
    "p25_yuan": (Text("四分位 P25", "quartile P25"), "yuan"),
    "p95_yuan": (Text("区间上限 P95", "upper end P95"), "yuan"),
    "additions_yuan": (Text("附着物价值", "what goes with the right"), "yuan"),
    "method_ratio": (Text("方法最大最小之比", "largest over smallest method"), "1"),
    "lower_method_yuan": (Text("主要方法中的低值", "lower of the heaviest methods"), "yuan"),
    "prudent_value_yuan": (Text("审慎价值", "prudent value"), "yuan"),
    "lending_basis_yuan": (Text("放款基础", "lending basis"), "yuan"),
    "volatility_haircut": (Text("波动折扣", "volatility haircut"), "1"),
    "total_haircut": (Text("总折扣", "total haircut"), "1"),
    "forced_sale_value_yuan": (Text("快速变现值", "forced-sale value"), "yuan"),
    "months_to_sell": (Text("处置周期", "months to sell"), "month"),
    "lending_value_yuan": (Text("可贷价值", "lending value"), "yuan"),
}
"""Words and units of every figure of a result."""

ROLE_WORDS = {
    "mandatory": Text("必用", "mandatory"),
    "cross": Text("校核", "cross-check"),
    "check": Text("仅供参考", "shown only"),
    "addition": Text("附加", "added"),
}


def explain(valuation: Valuation, row: int, simulated: Simulated | None = None) -> Node:
    """Return the workings of one right.

    Parameters
    ----------
    valuation : Valuation
        Values of its batch.
    row : int
        Position in the batch.
    simulated : Simulated or None
        Its probabilistic value, where one was asked for.

    Returns
    -------
    Node
        The tree; the same numbers as the results.
    """
    valuation, row = valuation.alone(row), 0
    approach = valuation.approach
    status = STATUSES[int(statuses(valuation.flags[row : row + 1])[0])]
    children = [
        _methods(valuation, row),
        _figures(
            Text("综合", "reconciliation"), RECONCILED_FIGURES,
            valuation.reconciled[:UNANSWERED, row],
            Text("按误差加权，误差相关", "weights of least variance under correlated errors"),
        ),
        _figures(Text("放款", "lending"), LENDING_FIGURES, valuation.lent[:, row], None),
        *_deals(valuation, row),
        *([_simulated(simulated)] if simulated else []),
        _market(valuation, row),
        _flags(int(valuation.flags[row])),
        _provenance(valuation),
    ]  # fmt: skip
    note = Text(
        f"{approach.contract.title.zh} {valuation.batch.ids[row].as_py()}，内部估值，非评估报告",
        f"{approach.contract.title.en} {valuation.batch.ids[row].as_py()}; internal valuation,"
        " not a statutory appraisal",
    )
    return Node(
        Text(f"市场价值（{status}）", f"market value ({status})"),
        float(valuation.reconciled[0, row]), "yuan", note, tuple(children),
    )  # fmt: skip


def _methods(valuation: Valuation, row: int) -> Node:
    """Every method that the right's case asks for."""
    case = int(valuation.case[row])
    name = valuation.approach.cases[case]
    nodes = []
    for k, method in enumerate(valuation.approach.methods):
        role = next(word for word, number in ROLES.items() if number == valuation.roles[case, k])
        if role == "none":
            continue
        output = valuation.methods[k][:, row]
        weight = float(valuation.weights[k, row])
        workings = tuple(
            Node(working.title, float(output[3 + j]), working.unit)
            for j, working in enumerate(method.workings)
        )
        said = ROLE_WORDS[role]
        children = (
            Node(Text("权重", "weight"), weight, "1", said),
            Node(Text("对数误差", "log error"), float(output[1]), "1"),
            Node(Text("公式", "formula"), method.formula, "", Text(method.source, method.source)),
            *workings,
            *_asked(valuation, valuation.asked[k], row),
        )
        nodes.append(Node(method.title, float(output[0]), "yuan", None, children))
    rule = valuation.inputs.rules.book.rule(f"methods.{name}").at(valuation.inputs.rules.day)
    return Node(Text("方法", "methods"), name, "", cited(rule.cite), tuple(nodes))


def _asked(valuation: Valuation, asked: Mapping[str, Any], row: int) -> tuple[Node, ...]:
    """Facts, market quotes and rules behind one method."""
    facts: list[Node] = []
    quotes: list[Node] = []
    rules: list[Node] = []
    for key, thing in asked.items():
        kind, _, name = key.partition(":")
        if kind == "rule":
            rules.append(_rule(valuation, name, thing, row))
        elif kind == "market":
            quotes.append(_quote(valuation, name, thing, row))
        else:
            node = _fact(valuation.approach.contract.by_name[key], thing[row])
            facts.extend([node] if node else [])
    groups = (
        (Text("资料", "facts"), facts),
        (Text("市场", "market"), quotes),
        (Text("参数", "rules"), rules),
    )
    return tuple(Node(title, None, "", None, tuple(nodes)) for title, nodes in groups if nodes)


def _fact(column: Column, cell: float) -> Node | None:
    """One fact given; nothing for an empty cell."""
    if column.kind == "code":
        return Node(column.title, column.codes[int(cell)]) if cell >= 0 else None
    if np.isnan(cell):
        return None
    if column.kind == "date":
        day = date.fromordinal(EPOCH.toordinal() + int(cell))
        return Node(column.title, day.isoformat())
    if column.kind == "flag":
        return Node(column.title, "yes" if cell else "no")
    return Node(column.title, float(cell), column.unit)


def _rule(valuation: Valuation, name: str, column: str, row: int) -> Node:
    """One rule with its citation; of a table, the entry that the right's code selects."""
    rule = valuation.inputs.rules.book.rule(name)
    held = rule.at(valuation.inputs.rules.day)
    amount = held.amount
    if isinstance(amount, dict) and column in valuation.approach.contract.by_name:
        codes = valuation.approach.contract.by_name[column].codes
        cell = int(valuation.batch.columns[column][row])
        amount = amount.get(codes[cell], "-") if cell >= 0 else "-"
    shown = float(amount) if isinstance(amount, int | float) else str(amount)
    cite = cited(held.cite)
    source = Text(
        f"{cite.zh}；{seen_as(held.seen).zh}；自{held.first_day}起",
        f"{cite.en}; {held.seen}; from {held.first_day}",
    )
    return Node(rule.title, shown, rule.unit, source)


def _quote(valuation: Valuation, name: str, quotes: Quotes, row: int) -> Node:
    """One market quote with its level, observations and age."""
    quantity = valuation.inputs.market.snapshot.quantities[name]
    quote = quotes.table[int(quotes.index[row])]
    level = LEVELS[quote.level]
    listed = ", ".join(quote.sources[:6]) + (" …" if len(quote.sources) > 6 else "")
    note = Text(
        f"{level}级，{quote.observations} 个观测，平均 {quote.age_years:.1f} 年前，"
        f"可信度 {quote.credibility:.2f}，误差 {quote.log_error:.2f}；{listed}",
        f"level {level}, {quote.observations} observations, {quote.age_years:.1f} years old on"
        f" average, credibility {quote.credibility:.2f}, error {quote.log_error:.2f}; {listed}",
    )
    return Node(quantity.title, quote.value, quantity.unit, note)


def _figures(title: Text, names: tuple[str, ...], values: Any, note: Text | None) -> Node:
    """A group of named figures."""
    children = tuple(
        Node(FIGURE_WORDS[name][0], float(value), FIGURE_WORDS[name][1])
        for name, value in zip(names, values, strict=True)
    )
    return Node(title, None, "", note, children)


def _deals(valuation: Valuation, row: int) -> tuple[Node, ...]:
    """The grid of comparable deals, where there are any."""
    lines = tuple(_deal(line) for line in comparison_grid(valuation.inputs, row))
    return (Node(Text("可比实例", "comparable deals"), None, "", None, lines),) if lines else ()


def _deal(line: GridLine) -> Node:
    """One comparable deal with its corrections."""
    factors = (line.date_factor, line.region_factor, line.individual_factor, line.term_factor)
    zh, en = (
        "，".join(f"{word} {factor:.3f}" for word, factor in zip(words, factors, strict=True))
        for words in (("期日", "区域", "个别", "年期"), ("date", "region", "individual", "term"))
    )
    note = Text(
        f"{line.level}；单价 {line.price:,.2f}；{zh}；权重 {line.weight:.2f}"
        + ("" if line.used else "；剔除"),
        f"{line.level}; price {line.price:,.2f}; {en}; weight {line.weight:.2f}"
        + ("" if line.used else "; dropped"),
    )
    title = f"{line.comparable_id} {line.deal_on}"
    return Node(Text(title, title), float(line.adjusted_price), "", note)


def _simulated(found: Simulated) -> Node:
    """The probabilistic value, with its seed."""
    spread = found.value
    figures = (
        (Text("均值", "mean"), spread.mean_yuan),
        (Text("均值标准误", "standard error of the mean"), spread.standard_error_yuan),
        (Text("P5", "P5"), spread.p05_yuan),
        (Text("P50", "P50"), spread.p50_yuan),
        (Text("P95", "P95"), spread.p95_yuan),
    )
    note = f"{found.paths} paths, seed {found.seed}"
    return Node(
        Text("概率估值", "probabilistic value"), None, "", Text(note, note),
        tuple(Node(title, figure, "yuan") for title, figure in figures),
    )  # fmt: skip


def _market(valuation: Valuation, row: int) -> Node:
    """The leading market quote."""
    leading = valuation.approach.leading[int(valuation.case[row])]
    return Node(
        Text("主要市场依据", "leading market evidence"), None, "", None,
        (_quote(valuation, leading, valuation.quotes, row),),
    )  # fmt: skip


def _flags(flags: int) -> Node:
    """What the reader must know."""
    children = tuple(Node(FLAG_WORDS[flag]) for flag in Flag if flags & flag)
    none = Node(Text("无", "nothing"))
    return Node(Text("提示", "what to know"), None, "", None, children or (none,))


def _provenance(valuation: Valuation) -> Node:
    """Versions and digests."""
    market = valuation.inputs.market
    return Node(
        Text("出处", "provenance"), None, "", None,
        (
            Node(Text("引擎版本", "engine version"), __version__),
            Node(Text("估值日", "valued on"), market.day.isoformat()),
            Node(Text("规则指纹", "rules digest"), valuation.inputs.rules.book.digest[:12]),
            Node(
                Text("市场快照", "market snapshot"), market.snapshot.digest[:12], "",
                market.snapshot.title,
            ),
        ),
    )  # fmt: skip
