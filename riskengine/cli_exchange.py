"""The commands ``export`` and ``mapping``: filings for others, and an institution's codes."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from riskengine.options import (
    AsJson,
    Institution,
    Market,
    Model,
    Valued,
    console,
    day_of,
    models,
    plain_text,
    show,
    snapshot,
)

mapping_app = typer.Typer(
    no_args_is_help=True, help="机构代码对照表 an institution's codes and case states"
)
RECORDS = (".json", ".jsonl")


class Form(StrEnum):
    """Format of an export."""

    CSV = "csv"
    CSV_GB18030 = "csv-gb18030"
    XLSX = "xlsx"
    JSON = "json"


def export(
    kind: Annotated[
        str, typer.Argument(help="collateral | compensation | bank_summary | balances")
    ],
    source: Annotated[
        Path, typer.Argument(help="组合文件夹 portfolio, or records of scores (.json, .jsonl)")
    ],
    out: Annotated[Path, typer.Argument(help="文件 file to write")],
    mapping: Annotated[
        str, typer.Option("--mapping", help="对照表文件或名称 mapping: a file, or a shipped name")
    ] = "",
    valued_on: Valued = "",
    form: Annotated[
        Form | None, typer.Option("--format", help="格式 format; by the ending when left out")
    ] = None,
    market: Market = None,
    institution: Institution = None,
    price_model: Model = None,
    show_identifiers: Annotated[
        str, typer.Option("--show-identifiers", metavar="REASON",
                          help="显示证件号码的理由 why identity numbers are to be shown")
    ] = "",
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """导出报送表：担保物信息、代偿表、银行统计、余额表 Export a filing, with digests."""
    from riskengine.exchange.kinds import Asked, export_portfolio, export_records, read_records
    from riskengine.exchange.writing import file_bytes
    from riskengine.files import write_whole
    from riskengine.law import law_for

    chosen = form or _form_of(out)
    codes = _mapping(mapping) if mapping else None
    if source.suffix.lower() in RECORDS:
        sheet = export_records(kind, read_records(source), codes, show_identifiers)
    else:
        asked = Asked(
            day_of(valued_on), snapshot(market), law_for(institution), models(price_model),
            codes, show_identifiers,
        )  # fmt: skip
        sheet = export_portfolio(kind, source, asked)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, file_bytes(sheet, chosen.value))
    told = {
        "kind": kind, "file": str(out), "format": chosen.value, **sheet.digest,
        "unknown_codes": [one.record() for one in sheet.unknown],
    }  # fmt: skip
    unknown = f", {len(sheet.unknown)} 个未知代码 unknown codes" if sheet.unknown else ""
    show(as_json, told, f"{out}: {len(sheet.rows)} 行 rows{unknown}")


def _form_of(out: Path) -> Form:
    """Format by the ending of a file."""
    try:
        return Form(out.suffix.lower().lstrip("."))
    except ValueError as fault:
        raise typer.BadParameter(f"{out.name}: .csv | .xlsx | .json, or --format") from fault


def _mapping(name: str) -> Any:
    """A mapping by its file or its shipped name."""
    from riskengine.exchange.mapping import shipped, shipped_names
    from riskengine.exchange.mapping_file import read_mapping

    return shipped(name) if name in shipped_names() else read_mapping(Path(name))


@mapping_app.command("check")
def check_mapping_file(
    file: Annotated[Path, typer.Argument(help="对照表 mapping, TOML or JSON")],
    as_json: AsJson = False,
) -> None:
    """检查代码对照表，列出全部问题 Check a mapping both ways and list every fault."""
    from riskengine.exchange.mapping_file import check_mapping, read_content

    found = check_mapping(read_content(file))
    if as_json:
        print(json.dumps({
            "faults": [
                {"path": one.path, "message_zh": one.wrong.zh, "message_en": one.wrong.en,
                 "cure_zh": one.cure.zh, "cure_en": one.cure.en}
                for one in found.faults
            ],
            "digest": found.mapping.digest if found.mapping else None,
            "uncovered": {subject: list(words) for subject, words in found.uncovered.items()},
        }, ensure_ascii=False))  # fmt: skip
    else:
        for one in found.faults:
            _tell(f"{one.path}: {one.wrong.zh}；{one.cure.zh}  {one.wrong.en}; {one.cure.en}")
        for subject, words in found.uncovered.items():
            _tell(f"{subject}: 没有代码的词 words without a code: {', '.join(words)}")
        _tell(f"{len(found.faults)} 个问题 faults")
    raise typer.Exit(1 if found.faults else 0)


@mapping_app.command("list")
def list_mappings(as_json: AsJson = False) -> None:
    """列出随引擎提供的对照表和引擎的词 List shipped mappings and the engine's words."""
    from riskengine.exchange.mapping import shipped, shipped_names
    from riskengine.exchange.vocabulary import subjects

    found = [shipped(name) for name in shipped_names()]
    if as_json:
        print(json.dumps({
            "mappings": [
                {"name": one.name, "title": one.title.zh, "source": one.source, "seen": one.seen,
                 "subjects": list(one.dictionaries), "digest": one.digest}
                for one in found
            ],
            "subjects": {
                name: {word: title.zh for word, title in subject.words.items()}
                for name, subject in subjects().items()
            },
        }, ensure_ascii=False))  # fmt: skip
        return
    for one in found:
        _tell(f"{one.name}  {one.title.zh} {one.title.en}: {', '.join(one.dictionaries)}")
    for name, subject in subjects().items():
        _tell(f"{name}  {subject.title.zh}: {', '.join(subject.words)}")


def _tell(line: str) -> None:
    console.print(plain_text(line), soft_wrap=True)
