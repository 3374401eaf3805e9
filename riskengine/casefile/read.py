"""Reading a case: a TOML file, or records of the same shape."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from riskengine.checking import read_deals
from riskengine.columns import Contract
from riskengine.errors import PortfolioError
from riskengine.folder import TableFile, find_tables, open_table, read_rows, row_groups
from riskengine.gates.tables import LOANS, pledges, policies
from riskengine.gates.tapes import Tape, read_tape
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.single import cell_text, contract_of, told
from riskengine.words import Text

Record = Mapping[str, Any]
LARGEST_CASE = 1 << 20
"""Largest case file [byte]."""
MOST_RIGHTS = 100
"""Most rights of one case: a loan on more of them is judged as a book."""
PARTS = ("title", "valued_on", "loan", "right", "expected")
"""What a case file may hold; ``expected`` is kept for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class PledgedRight:
    """One right of a case with its papers and policies.

    Parameters
    ----------
    table : str
        Kind of right.
    right, pledge : mapping of str to object
        Cells of the right's table and of the pledges, by declared column.
    policies : tuple of mapping
        Cells of the policies on it.
    """

    table: str
    right: Record
    pledge: Record
    policies: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A loan and the rights that are to secure it.

    Parameters
    ----------
    valued_on : datetime.date
        Day of valuation.
    loan : mapping of str to object
        Cells of the loan; empty where only the rights are asked about.
    rights : tuple of PledgedRight
        What secures it.
    title : str
        What the file calls it.
    comparables : object or None
        Comparable deals of the portfolio that it was taken from.
    """

    valued_on: date
    loan: Record
    rights: tuple[PledgedRight, ...]
    title: str = ""
    comparables: Any = None


def read_case(path: Path, valued_on: date | None = None) -> Case:
    """Read a case file.

    Parameters
    ----------
    path : pathlib.Path
        TOML: ``valued_on``, a table ``loan``, and one ``right`` after another with
        ``table`` and its cells, each with ``policy`` after policy.
    valued_on : datetime.date or None
        Day of valuation that goes before the file's.

    Returns
    -------
    Case
        The case, its cells not yet checked.

    Raises
    ------
    PortfolioError
        If the file cannot be read, or a name means no column.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST_CASE:
            raise _unreadable(path.name, Text("文件过大", "the file is too large"))
        content = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise _unreadable(
            path.name, Text("不是 UTF-8 编码的文本", "is no text in UTF-8"),
            Text("请另存为 UTF-8 编码", "save it as UTF-8"),
        ) from fault  # fmt: skip
    except (OSError, ValueError, RecursionError) as fault:
        raise _unreadable(
            path.name, Text(f"无法读取：{fault}", f"cannot be read: {fault}")
        ) from fault
    day = valued_on or content.get("valued_on")
    if type(day) is not date:
        raise _unreadable(path.name, Text("没有估值日 valued_on", "no valued_on, a date"))
    return case_of(content, day)


def case_of(content: Record, valued_on: date) -> Case:
    """Make a case from plain data.

    Parameters
    ----------
    content : mapping
        As a case file holds it.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Case
        The case, its cells not yet checked.

    Raises
    ------
    PortfolioError
        If there is no right, too many, or one twice; if a part is not laid out as a case is;
        if a name means no column, or two mean the same.
    """
    if unknown := [str(name) for name in content if name not in PARTS]:
        parts = ", ".join(PARTS)
        raise _unreadable(
            ", ".join(unknown), Text("案件中没有这一项", "is no part of a case"),
            Text(f"可填：{parts}", f"a case holds {parts}"),
        )  # fmt: skip
    if content.get("right", []) in ([], ()):
        raise _unreadable("right", Text("案件没有权利 [[right]]", "the case has no [[right]]"))
    listed = _records(content, "right")
    if len(listed) > MOST_RIGHTS:
        raise _unreadable(
            "right", Text(f"权利超过 {MOST_RIGHTS} 项", f"more than {MOST_RIGHTS} rights"),
            Text("请用 pledges 命令按组合判断", "judge them as a book, with the pledges command"),
        )  # fmt: skip
    loan = dict(_named(LOANS, _record(content, "loan")))
    if loan:
        loan.setdefault("loan_id", "1")
    loan_id = str(loan.get("loan_id", "1"))
    rights = tuple(_right(number, record, loan_id) for number, record in enumerate(listed, 1))
    _refuse_twice(rights)
    return Case(valued_on, loan, rights, str(content.get("title", "")))


def _record(content: Record, name: str) -> Record:
    """A table of a case; empty where there is none."""
    found = content.get(name, {})
    if not isinstance(found, Mapping):
        raise _unreadable(name, Text(f"应写作表 [{name}]", f"must be a table, [{name}]"))
    return found


def _records(content: Record, name: str) -> Sequence[Record]:
    """Tables of a case that stand one after another."""
    found = content.get(name, [])
    listed = isinstance(found, Sequence) and not isinstance(found, str)
    if not listed or not all(isinstance(one, Mapping) for one in found):
        raise _unreadable(name, Text(f"应写作表 [[{name}]]", f"must be tables, [[{name}]]"))
    return list(found)


def _refuse_twice(rights: Sequence[PledgedRight]) -> None:
    """Refuse a right that is given twice: it would be lent on twice."""
    seen = set()
    for number, right in enumerate(rights, 1):
        if (key := (right.table, str(right.right["right_id"]))) in seen:
            raise _unreadable(
                f"right {number}", Text("权利编号与前面的重复", "its right_id stands before"),
                Text("每项权利只写一次，编号各不相同", "give each right once, with its own number"),
                f"rights[{number - 1}].right_id",
            )  # fmt: skip
        seen.add(key)


def case_in_book(pledge_id: str, source: Path, valued_on: date) -> Case:
    """Take a case out of a portfolio: a pledge, its loan, and all that secures that loan.

    Parameters
    ----------
    pledge_id : str
        Identifier of the pledge.
    source : pathlib.Path
        The portfolio.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Case
        The case, its cells as the files hold them.

    Raises
    ------
    PortfolioError
        If the pledge, its right or its loan is not there, or stands there twice.
    """
    with TemporaryDirectory() as spool:
        files = find_tables(source, (*RIGHTS.values(), COMPARABLES, pledges(), LOANS, policies()))
        tables = {
            file.contract.table: _rows(file, Path(spool))
            for file in files if file.contract is not COMPARABLES
        }  # fmt: skip
        deals = read_deals(files, Path(spool), valued_on)
    first = _one(tables, "pledges", "pledge_id", pledge_id)
    loan_id = first.get("loan_id")
    secured = [first]
    loan: Record = {}
    if loan_id is not None and "loans" in tables:
        loan = _one(tables, "loans", "loan_id", loan_id)
        others = _found(tables, "pledges", "loan_id", loan_id)
        secured += [row for row in others if row["pledge_id"] != pledge_id]
    rights = []
    for pledge in secured:
        table, right_id = kind_word(str(pledge["right_kind"])), pledge["right_id"]
        covers = [
            row for row in _found(tables, "policies", "right_id", right_id)
            if kind_word(str(row["right_kind"])) == table
        ]  # fmt: skip
        right = _one(tables, table, "right_id", right_id)
        rights.append(PledgedRight(table, right, pledge, tuple(covers)))
    return Case(valued_on, loan, tuple(rights), pledge_id, deals.comparables)


def kind_word(word: str) -> str:
    """Return a kind of right as tables are named, from its name or its Chinese title.

    Parameters
    ----------
    word : str
        As a file has it.

    Returns
    -------
    str
        Name of the table; the word itself where it names none.
    """
    titles = {contract.title.zh: table for table, contract in RIGHTS.items()}
    return titles.get(word, word)


def _rows(file: TableFile, spool: Path) -> pa.Table:
    """One table of a portfolio as it stands, under declared names."""
    table = open_table(file, spool)
    groups = range(len(row_groups(table)))
    batches = list(read_rows(table, groups, 65536))
    return pa.Table.from_batches(batches) if batches else pa.table({})


def _found(tables: Mapping[str, pa.Table], name: str, column: str, key: Any) -> list[Record]:
    """Rows of a table with one identifier, empty cells left out."""
    table = tables.get(name)
    if table is None or column not in table.column_names:
        return []
    held = table.filter(pc.equal(table[column].cast(pa.string()), str(key)))
    return [
        {name: cell for name, cell in row.items() if cell is not None} for row in held.to_pylist()
    ]


def _one(tables: Mapping[str, pa.Table], name: str, column: str, key: Any) -> Record:
    """The one row of a table with an identifier."""
    found = _found(tables, name, column, key)
    if len(found) != 1:
        raise PortfolioError(
            Text(f"表 {name} 中编号 {key} 出现 {len(found)} 次",
                 f"identifier {key} is found {len(found)} times in {name}"),
            Text("请核对编号", "check the identifier"),
        )  # fmt: skip
    return found[0]


def _right(number: int, record: Record, loan_id: str) -> PledgedRight:
    """One right: its cells go to its own table or to the pledges."""
    cells = dict(record)
    table = str(cells.pop("table", ""))
    contract, papers = contract_of(table), pledges()
    insured = _records(cells, "policy")
    cells.pop("policy", None)
    of_papers, declared = _of_papers(table), contract.by_name
    own, rest = dict[str, Any](), dict[str, Any]()
    for heading, cell in cells.items():
        if heading not in of_papers and (heading in declared or contract.column_for(heading)):
            own[heading] = cell
        else:
            rest[heading] = cell
    right = {"right_id": str(number), **_named(contract, own)}
    pledge = {**_named(papers, rest, f"{table}, pledges")}
    if str(pledge.get("loan_id", loan_id)) != loan_id:
        raise _unreadable(
            f"right {number}",
            Text("贷款编号与本案贷款不同", "its loan_id is not that of the loan"),
            Text("一个案件只有一笔贷款，请去掉权利的 loan_id",
                 "a case has one loan: leave loan_id out of the right"),
        )  # fmt: skip
    name = right["right_id"]
    pledge |= {"right_kind": table, "right_id": name, "loan_id": loan_id}
    pledge.setdefault("pledge_id", name)
    return PledgedRight(table, right, pledge, tuple(
        {"policy_id": str(k), "right_kind": table, "right_id": name, **_named(policies(), policy)}
        for k, policy in enumerate(insured, 1)
    ))  # fmt: skip


@cache
def _of_papers(table: str) -> frozenset[str]:
    """Columns of the pledges that mean none of a kind of right."""
    own = contract_of(table)
    return frozenset(name for name in pledges().by_name if own.column_for(name) is None)


def _named(contract: Contract, record: Record, where: str = "") -> Record:
    """Cells under their declared names."""
    if record.keys() <= contract.by_name.keys():
        return record
    named: dict[str, Any] = {}
    unknown = []
    for heading, cell in record.items():
        column = contract.column_for(heading)
        if column is None:
            unknown.append(heading)
        elif column.name in named:
            raise _unreadable(
                heading, Text(f"{column.name} 写了两次", f"{column.name} is given twice"),
                Text("只留一处", "keep one of them"),
            )  # fmt: skip
        else:
            named[column.name] = cell
    if unknown:
        raise _unknown(where or contract.table, unknown)
    return named


def tape_of(contract: Contract, records: Sequence[Record], valued_on: date) -> Tape:
    """Check records of one table.

    Parameters
    ----------
    contract : Contract
        What they hold.
    records : sequence of mapping
        Cells by declared column.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Tape
        The rows.

    Raises
    ------
    PortfolioError
        Listing every fault.
    """
    names = list(dict.fromkeys(
        [column.name for column in contract.columns if column.required]
        + [name for record in records for name in record]
    ))  # fmt: skip
    arrays = [
        pa.array([cell_text(record.get(name)) for record in records], pa.string()) for name in names
    ]
    tape = read_tape(contract, pa.RecordBatch.from_arrays(arrays, names=names), valued_on)
    if tape.faults:
        raise told(tape.faults)
    return tape


COMPARE = Text("请对照 examples/cases 中的案件文件", "compare the case files in examples/cases")


def _unreadable(name: str, why: Text, cure: Text = COMPARE, path: str = "") -> PortfolioError:
    return PortfolioError(Text(f"案件 {name}：{why.zh}", f"case {name}: {why.en}"), cure, path)


def _unknown(where: str, names: Sequence[str]) -> PortfolioError:
    listed = ", ".join(names)
    return PortfolioError(
        Text(f"{where} 没有列：{listed}", f"{where} have no column {listed}"),
        Text("用 template 命令查看可填的列", "see the columns with the template command"),
    )
