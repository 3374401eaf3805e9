"""The command ``rules``: list, show, diff, check, replay."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from riskengine.options import (
    AsJson,
    In,
    Institution,
    Market,
    Speech,
    Valued,
    console,
    day_of,
    plain_text,
    snapshot,
    without_compiling,
)
from riskengine.words import Language

rules_app = typer.Typer(
    no_args_is_help=True, help="法律与政策 law and policy as dated, cited rules"
)

Day = Annotated[str, typer.Option("--day", help="日期 day, YYYY-MM-DD; today when left out")]
Place = Annotated[str, typer.Option("--place", help="行政区划代码 region code; empty = nation")]
Right = Annotated[str, typer.Option("--right", help="权利种类 kind of right; empty = all")]


def _book(place: str) -> Any:
    """The rules of a place."""
    from riskengine.rules import statute_of

    return statute_of(place)


def _cell(value: Any) -> str:
    """A cell as people read it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_cell(part)}" for key, part in value.items())
    if isinstance(value, list):
        return ", ".join(_cell(part) for part in value)
    return str(value)


def _source(value: dict[str, Any], language: Language) -> str:
    """Where a value of a rule stands, how it was seen, and whose rule it is."""
    from riskengine.rules.citation import cited, seen_as

    seen = seen_as(value["seen"]).say(language)
    return f"{cited(value['cite']).say(language)} ({seen}, {value['origin']})"


@rules_app.command("list")
def list_rules(
    day: Day = "", place: Place = "", right: Right = "", language: In = Speech.ZH,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """列出某日有效的规则 List the rules in force on a day."""
    from riskengine.law import in_force

    rows = in_force(_book(place), day_of(day), language.value, right)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        said = "" if row["compare"] == "param" else f"{row['compare']} "
        unit = "" if row["unit"] in ("", "1", "code") else f" {row['unit']}"
        name = f"{row['id']}  {row['name']}" if row["id"] else row["name"]
        _tell(f"{name}  [{row['severity']}]", f"{row['title']}：{said}{_cell(row['amount'])}{unit}",
              _source(row, language.value))  # fmt: skip
    _tell(f"{len(rows)} 条规则 rules")


@rules_app.command("show")
def show_rule(
    name: Annotated[str, typer.Argument(help="规则名或编号 name or id, as LMR-WHO-02")],
    place: Place = "", language: In = Speech.ZH, as_json: AsJson = False,
) -> None:  # fmt: skip
    """显示一条规则及其沿革 Show a rule with its history and citations."""
    from riskengine.law import history

    told = [history(rule, language.value) for rule in _book(place).named(name)]
    if as_json:
        print(json.dumps(told, ensure_ascii=False, default=str))
        return
    for rule in told:
        values = rule.pop("values")
        _tell(f"{rule.pop('id')}  {rule.pop('name')}", rule.pop("title"))
        _tell("", *(f"{key}: {_cell(value)}" for key, value in rule.items() if value))
        for value in values:
            _tell("", f"{value['from']} – {value['until'] or '…'}  {_cell(value['amount'])}"
                  f"  {_source(value, language.value)}")  # fmt: skip


@rules_app.command("diff")
def diff_rules(
    first: Annotated[str, typer.Argument(help="前一日 earlier day, YYYY-MM-DD")],
    second: Annotated[str, typer.Argument(help="后一日 later day, YYYY-MM-DD")],
    place: Place = "", language: In = Speech.ZH, as_json: AsJson = False,
) -> None:  # fmt: skip
    """比较两日的规则 Compare the law of two days."""
    from riskengine.law import changes
    from riskengine.rules.citation import cited

    book = _book(place)
    rows = changes(book, day_of(first), book, day_of(second), language.value)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for row in rows:
        _tell(f"{row['id']}  {row['name']}  [{CHANGES[row['change']]}]", row["title"],
              *(f"{side}  {_cell(part['amount'])}  {part['severity']}  "
                f"{cited(part['cite']).say(language.value)}"
                for side, part in (("-", row["before"]), ("+", row["after"])) if part))  # fmt: skip
    _tell(f"{len(rows)} 条规则有变 rules differ")


CHANGES = {"begins": "开始 begins", "ends": "终止 ends", "changes": "变更 changes"}
"""Words for what happens to a rule between two days."""


def _tell(head: str, *lines: str) -> None:
    """Print a heading and indented lines, long ones wrapped under themselves."""
    from rich.padding import Padding

    if head:
        console.print(plain_text(head), style="bold")
    for line in lines:
        console.print(Padding(plain_text(line), (0, 0, 0, 4)))


@rules_app.command("check")
def check_overlay(
    overlay: Annotated[Path, typer.Argument(help="机构规则文件夹 an institution's rules")],
    place: Place = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """检查机构规则是否只从严 Check that an institution's rules only tighten the law."""
    from riskengine.rules import tightened

    law = _book(place)
    book = tightened(law, overlay)
    own = sorted(name for name, rule in book.rules.items() if rule is not law.rules.get(name))
    if as_json:
        print(json.dumps({"rules": own, "digest": book.digest}, ensure_ascii=False))
        return
    console.print(
        plain_text(f"{len(own)} 条机构规则，只从严 rules, none loosens: {', '.join(own)}")
    )


@rules_app.command("replay")
def replay_case(
    case: Annotated[Path, typer.Argument(help="案件文件 case file, TOML")],
    law_on: Annotated[str, typer.Option("--law-on", help="适用哪一日的法律 day whose law judges")],
    valued_on: Valued = "", market: Market = None, institution: Institution = None,
    language: In = Speech.ZH, as_json: AsJson = False,
) -> None:  # fmt: skip
    """用另一日的法律重判一个案件 Judge a case again under another date's law."""
    without_compiling()
    from riskengine.casefile.evaluate import Bench
    from riskengine.casefile.read import read_case
    from riskengine.casefile.record import record
    from riskengine.casefile.replay import differences, replay, told
    from riskengine.gates.plan import OUTCOME_WORDS
    from riskengine.law import law_for

    read = read_case(case, day_of(valued_on) if valued_on else None)
    bench = Bench(snapshot(market), law_for(institution))
    own, other = replay(read, bench, day_of(law_on))
    rows = differences(own, other, language.value)
    if as_json:
        print(json.dumps(
            {"own": record(own, language.value), "other": record(other, language.value),
             "differences": rows}, ensure_ascii=False,
        ))  # fmt: skip
        return
    for name, one in (("本案日期 own days", own), (law_on, other)):
        word = OUTCOME_WORDS[one.outcome].say(language.value)
        _tell(f"{name}: {word}", f"{one.limit_yuan:,.2f} 元 yuan")
    for row in rows:
        said = [f"{sign} {told(row[side], language.value)}" for sign, side in
                (("-", "own"), ("+", "other"))]  # fmt: skip
        _tell(f"{row['right_id']}  {row['id']}", row["title"], *said)
    _tell(f"{len(rows)} 条规则结论不同 rules decide differently")
