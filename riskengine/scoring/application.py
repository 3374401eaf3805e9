"""One application: borrower, loan, rights and guarantee, from plain data."""

import json
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from riskengine.casefile.read import LARGEST_CASE, Case, case_of
from riskengine.cells import EARLIEST, LATEST
from riskengine.columns import Contract
from riskengine.dates import day_number
from riskengine.errors import PortfolioError
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.rights import RIGHTS
from riskengine.scoring.parts import borrower_contract, guarantee_contract
from riskengine.words import Text

PARTS = (
    "application_no", "created_on", "valued_on", "title", "borrower", "loan", "rights",
    "guarantee", "expected",
)  # fmt: skip
"""What an application may hold; ``expected`` is kept for whoever wrote it."""
FEATURES = "features"
"""Part of the borrower with cells for the model of default, by the names of its features."""
LONGEST_NUMBER = 64
"""Longest number of an application [character]."""


class ApplicationError(PortfolioError):
    """An application that cannot be read.

    Parameters
    ----------
    path : str
        Where the fault is: ``rights[0].area_mu``, ``borrower.birth_year``.
    wrong, cure : Text
        What is wrong, and what to do about it.
    faults : sequence of Fault
        Every fault of a cell, where it tells of cells.
    """

    def __init__(self, path: str, wrong: Text, cure: Text, faults: Sequence[Any] = ()) -> None:
        super().__init__(Text(f"{path}：{wrong.zh}", f"{path}: {wrong.en}"), cure, path, faults)


@dataclass(frozen=True, slots=True)
class Application:
    """An application for a loan, and for a guarantee where one is asked.

    Parameters
    ----------
    application_no : str
        Number that the institution gave it.
    created_on : datetime.date
        Day that decides which law holds for what is agreed.
    case : Case
        The loan and the rights that are to secure it, with the day of valuation.
    borrower : mapping of str to object
        Cells by column of `riskengine.scoring.parts.borrower_contract`, and under
        ``features`` cells by feature of the model of default.
    guarantee : mapping of str to object
        Cells by column of `riskengine.scoring.parts.guarantee_contract`; empty for a loan
        that nobody guarantees.
    """

    application_no: str
    created_on: date
    case: Case
    borrower: Mapping[str, Any]
    guarantee: Mapping[str, Any]


def __getattr__(name: str) -> Contract:
    """Return ``BORROWER`` or ``GUARANTEE``, made of the declared facts when first asked for."""
    made = {"BORROWER": borrower_contract, "GUARANTEE": guarantee_contract}
    if name not in made:
        raise AttributeError(name)
    return made[name]()


def application_of(content: Mapping[str, Any]) -> Application:
    """Make an application from plain data.

    Parameters
    ----------
    content : mapping
        ``application_no``, ``created_on`` and ``valued_on`` (days or YYYY-MM-DD),
        ``borrower``, ``loan``, ``rights`` (each with ``table``, its cells and ``policies``)
        and ``guarantee``; cells under any accepted heading.

    Returns
    -------
    Application
        The application, its cells not yet checked.

    Raises
    ------
    PortfolioError
        With the path of what is wrong: a part that is missing or not laid out as an
        application is, a name that means no column, or two that mean the same.
    """
    for name in content:
        if name not in PARTS:
            held = ", ".join(PARTS)
            raise ApplicationError(
                str(name), Text("申请中没有这一项", "is no part of an application"),
                Text(f"可填：{held}", f"an application holds {held}"),
            )  # fmt: skip
    number = content.get("application_no")
    if not isinstance(number, str) or not 0 < len(number) <= LONGEST_NUMBER:
        raise ApplicationError(
            "application_no", Text("应为1至64个字符的编号", "must be a text of 1 to 64 characters"),
            Text("填机构自己的申请编号", "give the institution's own number of the application"),
        )  # fmt: skip
    valued_on = _day(content, "valued_on")
    created_on = _day(content, "created_on")
    loan = _part(content, "loan")
    _check_names("loan", loan, LOANS.by_name.keys(), LOANS)
    case = case_of(
        {"title": str(content.get("title", "")), "loan": loan, "right": _rights(content)},
        valued_on,
    )  # fmt: skip
    given = dict(_part(content, "borrower"))
    features = given.pop(FEATURES, {})
    if not isinstance(features, Mapping):
        raise _no_table(f"borrower.{FEATURES}")
    borrower = _named("borrower", given, borrower_contract())
    guarantee = _named("guarantee", _part(content, "guarantee"), guarantee_contract())
    return Application(
        number, created_on, case, {**borrower, FEATURES: dict(features)}, guarantee
    )  # fmt: skip


def read_application(path: Path) -> Application:
    """Read an application from a file.

    Parameters
    ----------
    path : pathlib.Path
        TOML, or JSON where its name ends so; laid out as `application_of` takes it.

    Returns
    -------
    Application
        The application, its cells not yet checked.

    Raises
    ------
    PortfolioError
        If the file cannot be read, or as `application_of` raises.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_CASE:
            raise ValueError("the file is too large")
        text = raw.decode("utf-8-sig")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        if not isinstance(content, dict):
            raise ValueError("no table of parts")
    except (OSError, ValueError, RecursionError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else fault
        raise ApplicationError(
            path.name, Text(f"无法读取：{said}", f"cannot be read: {said}"),
            Text("请对照 examples/applications 中的文件",
                 "compare the files in examples/applications"),
        ) from fault  # fmt: skip
    return application_of(content)


def _day(content: Mapping[str, Any], name: str) -> date:
    """A day of an application."""
    given = content.get(name)
    try:
        day = (
            given
            if type(given) is date
            else date.fromisoformat(given if isinstance(given, str) else "")
        )
    except ValueError as fault:
        raise ApplicationError(
            name, Text("应为日期，写作 YYYY-MM-DD", "must be a day, YYYY-MM-DD"),
            Text("请填日期；引擎不读时钟", "give the day: the engine reads no clock"),
        ) from fault  # fmt: skip
    if not EARLIEST <= day_number(day) <= LATEST:
        raise ApplicationError(
            name, Text(f"{day} 不在 1900-01-01 至 2200-12-31 之间",
                       f"{day} is outside [1900-01-01, 2200-12-31]"),
            Text("请核对年份", "check the year"),
        )  # fmt: skip
    return day


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table of an application; empty where there is none."""
    found = content.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise _no_table(name)
    return found


def _rights(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rights as a case file has them."""
    rights = content.get("rights")
    if not isinstance(rights, list | tuple) or not rights:
        raise ApplicationError(
            "rights", Text("应为至少一项权利的列表", "must be a list of one right or more"),
            Text("至少写一项权利", "give at least one right"),
        )  # fmt: skip
    return [_right(f"rights[{k}]", right) for k, right in enumerate(rights)]


def _right(path: str, given: Any) -> dict[str, Any]:
    """One right as a case file has it."""
    if not isinstance(given, Mapping):
        raise _no_table(path)
    right = dict(given)
    insured = right.pop("policies", None) or []
    table = str(right.get("table", ""))
    if table not in RIGHTS:
        listed = ", ".join(RIGHTS)
        raise ApplicationError(
            f"{path}.table", Text("没有这种权利", "there is no such kind of right"),
            Text(f"可选：{listed}", f"choose one of {listed}"),
        )  # fmt: skip
    del right["table"]
    _check_names(path, right, _names_of(table), RIGHTS[table], pledges())
    if not isinstance(insured, list | tuple):
        raise _no_table(f"{path}.policies")
    for k, policy in enumerate(insured):
        if not isinstance(policy, Mapping):
            raise _no_table(f"{path}.policies[{k}]")
        _check_names(f"{path}.policies[{k}]", policy, policies().by_name.keys(), policies())
    return {**right, "table": table, "policy": list(insured)}


@cache
def _names_of(table: str) -> frozenset[str]:
    """Declared columns of one right: of its own table and of the pledges."""
    return frozenset(RIGHTS[table].by_name.keys() | pledges().by_name.keys())


PLAIN = frozenset({bool, date, float, int, str, type(None)})
"""Types of single cells."""


def _check_names(
    path: str, cells: Mapping[str, Any], declared: Set[str], *contracts: Contract
) -> None:
    """Refuse a name that means no column, and a cell that is no plain thing."""
    if PLAIN.issuperset(map(type, cells.values())) and cells.keys() <= declared:
        return
    for name, cell in cells.items():
        if not any(contract.column_for(str(name)) for contract in contracts):
            raise _no_column(f"{path}.{name}")
        if isinstance(cell, Mapping | list | tuple):
            raise ApplicationError(
                f"{path}.{name}", Text("应为单个值", "must be a single cell"),
                Text("填数、文字、日期或是否", "give a number, a text, a day or true or false"),
            )  # fmt: skip


def _named(path: str, cells: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    """Cells under their declared names."""
    _check_names(path, cells, contract.by_name.keys(), contract)
    if cells.keys() <= contract.by_name.keys():
        return dict(cells)
    named: dict[str, Any] = {}
    for heading, cell in cells.items():
        column = contract.column_for(heading)
        assert column is not None
        if column.name in named:
            raise ApplicationError(
                f"{path}.{heading}", Text("写了两次", "is given twice"),
                Text("只留一处", "keep one of them"),
            )  # fmt: skip
        named[column.name] = cell
    return named


def _no_table(path: str) -> ApplicationError:
    return ApplicationError(
        path, Text("应为一组单元格", "must hold cells by name"),
        Text("请对照 examples/applications 中的文件", "compare the files in examples/applications"),
    )  # fmt: skip


def _no_column(path: str) -> ApplicationError:
    return ApplicationError(
        path, Text("没有这一列", "is no column"),
        Text("用 template 命令查看可填的列", "see the columns with the template command"),
    )  # fmt: skip
