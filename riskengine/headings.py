"""Matching the headings of a file to the columns of a contract."""

from collections.abc import Iterable

from riskengine.columns import Contract
from riskengine.errors import PortfolioError
from riskengine.words import Text


def match_headings(contract: Contract, headings: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Match the headings of a file to a contract's columns.

    Parameters
    ----------
    contract : Contract
        The declaration.
    headings : iterable of str
        Headings as written.

    Returns
    -------
    dict of str to str
        Declared name by heading as written.
    list of str
        Headings that mean no column and are left aside.

    Raises
    ------
    PortfolioError
        If two headings mean one column, a required column is missing, or a
        heading gives a wrong unit.
    """
    matched: dict[str, str] = {}
    unknown: list[str] = []
    faults: list[Text] = []
    for heading in headings:
        column = contract.column_for(heading)
        if column is None:
            fault = _wrong_unit(contract, heading)
            faults.extend([fault] if fault else [])
            unknown.append(heading)
        elif column.name in matched.values():
            faults.append(Text(f"列“{heading}”重复", f"column {heading!r} is given twice"))
        else:
            matched[heading] = column.name
    faults += [
        Text(f"缺少必填列“{column.heading}”", f"required column {column.name} is missing")
        for column in contract.columns
        if column.required and column.name not in matched.values()
    ]
    if faults:
        raise PortfolioError(
            Text(
                f"表 {contract.title.zh}：" + "；".join(fault.zh for fault in faults),
                f"table {contract.table}: " + "; ".join(fault.en for fault in faults),
            ),
            Text(
                "请用 template 命令生成的模板",
                "use the template written by the template command",
            ),
        )
    return matched, unknown


def _wrong_unit(contract: Contract, heading: str) -> Text | None:
    """A known title with another unit in brackets."""
    title, bracket, unit = heading.translate(str.maketrans("（）", "()")).partition("(")
    column = contract.column_for(title) if bracket else None
    if column is None or not column.unit:
        return None
    return Text(
        f"列“{heading}”的单位应为{column.heading}，不是 {unit.rstrip(')')}",
        f"column {heading!r} must be in {column.unit}, not {unit.rstrip(')')}",
    )
