"""The page that a book of pledges leaves: one HTML file, drawn from the manifest alone."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from riskengine.faults import FaultKind
from riskengine.gates.plan import OUTCOME_WORDS
from riskengine.pledgebook.claims import CLAIM_WORDS, Claim
from riskengine.pledgebook.read import around
from riskengine.regions import province_of
from riskengine.report import Bar, money, page
from riskengine.rights import RIGHTS
from riskengine.rights.comparables import COMPARABLES
from riskengine.words import Text

RULES_SHOWN, FACTS_SHOWN, KINDS_SHOWN, COUNTIES_SHOWN, FAULTS_SHOWN = 20, 14, 16, 12, 12
QUEUE_WORDS: Mapping[str, Text] = {
    "values_expiring": Text("60 天内评估到期", "values expiring in 60 days"),
    "right_ends_inside_loan": Text("权利在贷款到期前终止", "rights ending inside the loan"),
    "sealed": Text("被查封、扣押", "sealed or seized"),
    "idle": Text("撂荒、闲置", "idle"),
    "insurance_lapsed": Text("保险已断保", "insurance lapsed"),
    "gaps": Text("缺资料待补", "waiting for a fact"),
}
"""Work for now, in the order of practice notes 7.2, row 4."""


def report_page(manifest: Mapping[str, Any]) -> str:
    """Return the page of a book of pledges.

    Parameters
    ----------
    manifest : mapping
        As `riskengine.pledgebook.run.judge_book` makes it.

    Returns
    -------
    str
        HTML, complete in itself; it does not depend on how long the run took.
    """
    tally, watch = manifest["tally"], manifest["watch"]
    pictures = (
        (Text("将到期与已发生", "what falls due or has happened, by money at risk"),
         _watch_bars(watch["kinds"])),
        (Text("重复抵押与证书冲突", "claimed twice"), _claim_bars(tally["claims"])),
        (Text("规则缺什么资料才能判", "what is not known, by the money that waits for it"),
         _fact_bars(tally["facts"])),
        (Text("各县资料缺口", "data gaps by county, by money"), _county_bars(tally["counties"])),
        (Text("退回原因", "rejects by cause, faults"), _count_bars(
            tally["faults"]["kinds"], _fault_word)),
        (Text("退回的列", "rejects by column, faults"), _count_bars(
            tally["faults"]["columns"], _column_word)),
    )  # fmt: skip
    return page(
        "pledges.html", manifest=manifest, tiles=_tiles(manifest), outcomes=_outcome_tiles(tally),
        queue=_queue(watch["queue"], tally["counties"]),
        by_kind=_outcome_rows(tally["outcomes"]), covers=_covers(tally),
        rules=_rules(manifest["rules"]), more_rules=max(len(manifest["rules"]) - RULES_SHOWN, 0),
        pictures=[(title, bars) for title, bars in pictures if bars],
        first=[_pledge(pledge) for pledge in watch["first"]], watch=watch,
        outcome_words=OUTCOME_WORDS,
    )  # fmt: skip


def _total(tally: Mapping[str, Any], place: int) -> float:
    """A sum over all kinds of right."""
    return float(sum(kind[place] for kind in tally["kinds"].values()))


def _tiles(manifest: Mapping[str, Any]) -> list[tuple[Text, str, str]]:
    """Tiles at the head of the page: title, figure, what it rests on."""
    tally = manifest["tally"]
    debt, lent, owing, short = (_total(tally, place) for place in (1, 2, 3, 4))
    below = sum(sum(classes[: _one(tally)]) for classes in tally["cover"].values())
    rejected = manifest["rows_rejected"]
    return [
        (Text("押品", "pledges"), f"{manifest['rows_in']:,}",
         f"{manifest['rows_judged']:,} 已判 judged + {rejected:,} 退回 rejected"),
        (Text("担保债务", "debt secured"), money(debt), ""),
        (Text("可贷价值", "lending value"), money(lent), ""),
        (Text("覆盖率", "cover: lending value / debt"), f"{owing / debt:.2f}" if debt else "-",
         f"{below:,} 宗低于 1 pledges below 1"),
        (Text("缺口", "debt beyond lending value"), money(short),
         f"{short / debt:.1%} 债务 of the debt" if debt else ""),
        (Text("待办", "to do"), f"{manifest['watch']['pledges']:,}",
         f"{manifest['watched']:,} 项 entries"),
    ]  # fmt: skip


def _one(tally: Mapping[str, Any]) -> int:
    """Number of classes of cover below 1."""
    return int(tally["cover_edges"].index(1.0))


def _outcome_tiles(tally: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Outcomes by count and by debt."""
    sums: dict[str, list[float]] = {}
    for by_outcome in tally["outcomes"].values():
        for name, (count, debt) in by_outcome.items():
            held = sums.setdefault(name, [0, 0.0])
            held[0], held[1] = held[0] + count, held[1] + debt
    counts, debts = (sum(one[k] for one in sums.values()) or 1.0 for k in (0, 1))
    return [
        {"name": name, "word": OUTCOME_WORDS[name], "count": f"{int(count):,}",
         "share": f"{count / counts:.1%}", "money": money(debt),
         "money_share": f"{debt / debts:.1%}"}
        for name, (count, debt) in sums.items()
    ]  # fmt: skip


def _queue(
    queue: Mapping[str, Mapping[str, float]], counties: Mapping[str, list[float]]
) -> list[tuple[Text, str, str]]:
    """Work for now: title, pledges, money."""
    gaps = {
        "pledges": sum(held[2] for held in counties.values()),
        "debt_yuan": sum(held[3] for held in counties.values()),
    }
    return [
        (word, f"{int(told['pledges']):,}", money(told["debt_yuan"]))
        for name, word in QUEUE_WORDS.items()
        for told in [gaps if name == "gaps" else queue[name]]
    ]


def _outcome_rows(outcomes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One bar a kind of right, cut by outcome, in the order of the debt."""
    rows = []
    for kind, by_outcome in outcomes.items():
        total, debt = (sum(one[k] for one in by_outcome.values()) for k in (0, 1))
        for title, place, whole in (("count", 0, total), ("debt", 1, debt)):
            parts = [
                {"name": name, "share": 100.0 * one[place] / whole if whole else 0.0,
                 "said": f"{one[place] / whole:.0%}" if whole else ""}
                for name, one in by_outcome.items()
            ]  # fmt: skip
            rows.append({
                "kind": RIGHTS[kind].title, "what": title, "parts": parts, "order": (-debt, kind),
                "figure": f"{int(total):,} 宗" if place == 0 else money(debt),
            })  # fmt: skip
    return sorted(rows, key=lambda row: row["order"])


def _covers(tally: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Histogram of the cover of each kind of right."""
    edges = [*tally["cover_edges"], float("inf")]
    words = [f"{low:g}" for low, _ in pairwise(edges)]
    found = []
    one = _one(tally)
    for kind, counts in tally["cover"].items():
        total, most = sum(counts), max(counts) or 1
        below = sum(counts[:one])
        columns = [
            {"height": 100.0 * count / most, "count": f"{count:,}", "low": low, "bad": k < one}
            for k, (count, low) in enumerate(zip(counts, words, strict=True))
        ]  # fmt: skip
        if total:
            found.append({
                "kind": RIGHTS[kind].title, "columns": columns,
                "line": 100.0 * one / len(words),
                "figure": f"低于 1 below 1: {below:,} / {total:,} ({below / total:.0%})",
            })  # fmt: skip
    return found


def _rules(rules: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rules that decide, the most money first."""
    shown = list(rules.items())[:RULES_SHOWN]
    longest = max((told["debt_yuan"] for _, told in shown), default=0.0) or 1.0
    return [
        {**told, "mark": mark, "severity_word": OUTCOME_WORDS[told["severity"]],
         "share": 100.0 * told["debt_yuan"] / longest, "money": money(told["debt_yuan"]),
         "failed": f"{told['failed']:,}", "unknown": f"{told['unknown']:,}"}
        for mark, told in shown
    ]  # fmt: skip


def _money_bars(rows: list[tuple[Text, float, float, float]]) -> list[Bar]:
    """Bars of money with a graver part inside: title, pledges, money, graver money."""
    longest = max((row[2] for row in rows), default=0.0) or 1.0
    return [
        Bar(word, f"{money(debt)} · {int(count):,}", debt / longest, grave / longest)
        for word, count, debt, grave in rows
    ]


def _fact_bars(facts: Mapping[str, Mapping[str, Any]]) -> list[Bar]:
    return _money_bars([
        (Text(told["title_zh"], told["title_en"]), told["pledges"], told["debt_yuan"], 0.0)
        for told in list(facts.values())[:FACTS_SHOWN]
    ])  # fmt: skip


def _watch_bars(kinds: Mapping[str, Mapping[str, Any]]) -> list[Bar]:
    return _money_bars([
        (Text(told["title_zh"], told["title_en"]), told["pledges"], told["debt_yuan"],
         told["red_debt_yuan"])
        for told in list(kinds.values())[:KINDS_SHOWN]
    ])  # fmt: skip


def _claim_bars(claims: Mapping[str, list[float]]) -> list[Bar]:
    order = sorted(claims.items(), key=lambda item: (-item[1][1], item[0]))
    return _money_bars([
        (CLAIM_WORDS[Claim[name.upper()]], count, debt, 0.0)
        for name, (count, debt) in order
        if count
    ])  # fmt: skip


def _county_bars(counties: Mapping[str, list[float]]) -> list[Bar]:
    """Debt of each county, and inside it the debt that waits for a fact."""
    order = sorted(counties.items(), key=lambda item: (-item[1][3], item[0]))[:COUNTIES_SHOWN]
    longest = max((held[1] for _, held in order), default=0.0) or 1.0
    bars = []
    for code, (count, debt, waits, waiting) in order:
        province = province_of(code)
        word = Text(f"{province.zh} {code}", f"{province.en} {code}")
        share = waiting / debt if debt else 0.0
        figure = f"{money(waiting)} / {money(debt)}（{share:.0%}）· {int(waits):,} / {int(count):,}"
        bars.append(Bar(word, figure, debt / longest, waiting / longest))
    return bars


def _count_bars(counts: Mapping[str, int], word: Any) -> list[Bar]:
    """Bars of counts, longest first."""
    longest = max(counts.values(), default=0) or 1
    shown = list(counts.items())[:FAULTS_SHOWN]
    return [Bar(word(name), f"{count:,}", count / longest) for name, count in shown]


def _fault_word(name: str) -> Text:
    said = FaultKind[name.upper()].wrong
    return Text(said.zh.split("{")[0], said.en.split("{")[0])


def _column_word(name: str) -> Text:
    table, _, column = name.partition(".")
    contracts = {c.table: c for c in (*RIGHTS.values(), COMPARABLES, *around())}
    contract = contracts[table]
    return Text(f"{contract.title.zh}·{contract.by_name[column].title.zh}", name)


def _pledge(pledge: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the table of what falls due."""
    return {
        **pledge, "kind": RIGHTS[pledge["right_kind"]].title,
        "money": money(pledge["money_at_risk_yuan"]),
        "red": any(entry["level"] == "red" for entry in pledge["entries"]),
    }  # fmt: skip
