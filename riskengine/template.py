"""Templates that people fill in: CSV and Excel with Chinese headings, and the schema pages."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

from riskengine.columns import Column, Contract, blank_row, describe, documentation, json_schema
from riskengine.errors import PortfolioError
from riskengine.words import Text


def write_templates(folder: Path, contracts: Iterable[Contract]) -> list[Path]:
    """Write a template, a JSON Schema and a documentation page for every table.

    Parameters
    ----------
    folder : pathlib.Path
        Where to write; made when missing.
    contracts : iterable of Contract
        Tables.

    Returns
    -------
    list of pathlib.Path
        Files written.

    Raises
    ------
    PortfolioError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        listed = tuple(contracts)
        written = [folder / "templates.xlsx"]
        _workbook(written[0], listed)
        for contract in listed:
            written.append(_csv(folder / f"{contract.table}.csv", contract))
            schema = folder / f"{contract.table}.schema.json"
            content = json.dumps(json_schema(contract), ensure_ascii=False, indent=2)
            schema.write_text(content + "\n", encoding="utf-8")
            page = folder / f"{contract.table}.md"
            page.write_text(documentation(contract), encoding="utf-8")
            written += [schema, page]
    except OSError as fault:
        raise PortfolioError(
            Text(f"无法写入 {folder.name}", f"cannot write to {folder.name} ({fault.strerror})"),
            Text("请换一个可写的文件夹", "choose a folder that can be written"),
        ) from fault
    return written


def _csv(path: Path, contract: Contract) -> Path:
    """One table: Chinese headings, English names, an example row."""
    example = blank_row(contract)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([_heading(column) for column in contract.columns])
        writer.writerow([column.name for column in contract.columns])
        writer.writerow([example[column.name] for column in contract.columns])
    return path


def _heading(column: Column) -> str:
    """Chinese heading, starred where required."""
    return f"{column.heading}*" if column.required else column.heading


def _workbook(path: Path, contracts: tuple[Contract, ...]) -> None:
    """All tables as sheets, with notes on the cells and lists of choices."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    book.remove(book.active)
    for contract in contracts:
        sheet = book.create_sheet(contract.title.zh)
        example = blank_row(contract)
        for k, column in enumerate(contract.columns, start=1):
            head = sheet.cell(1, k, _heading(column))
            head.font = Font(bold=True, color="FFFFFF")
            head.fill = PatternFill("solid", fgColor="9C4A1A" if column.required else "4A6A5A")
            head.comment = Comment(describe(column), "riskengine")
            sheet.cell(2, k, column.name).font = Font(italic=True, color="888888")
            sheet.cell(3, k, example[column.name] or None)
            letter = get_column_letter(k)
            sheet.column_dimensions[letter].width = max(12, 2 * len(column.heading))
            words = ",".join(choice.title.zh for choice in column.choices)
            if column.kind == "flag":
                words = "是,否"
            if words and len(words) < 250:
                listed = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
                sheet.add_data_validation(listed)
                listed.add(f"{letter}3:{letter}20000")
        sheet.freeze_panes = "B3"
    book.save(path)
