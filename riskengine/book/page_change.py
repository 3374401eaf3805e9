"""Parts that say what changes: stress scenarios, reverse stress, the bridge between two days."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from riskengine.book.page_figures import (
    NONE,
    PARTY_WORDS,
    amount,
    chance,
    change,
    known,
    percent,
    to_the_fen,
)
from riskengine.book.page_rows import Manifest, Row, party_stack, title_of
from riskengine.book.page_tiles import tile
from riskengine.book.pictures import axis_words, nice_ticks, party_class
from riskengine.words import Text

FEN = 0.005
"""Half a fen [yuan]: more than this is not rounding."""
RAREST = 1e5
"""Return period that is not told apart from longer ones [year]."""
CUT = 0.6
"""Where all levels of a bridge lie above this share of the highest, its axis starts above 0."""
METHOD_WORDS = {
    "sequential": Text("按固定顺序逐项重估，次序见下", "one after the other, in the order stated"),
    "shapley": Text("沙普利值：对所有次序取平均，不依赖次序",
                    "Shapley: the mean over all orders, so that none is favoured"),
}  # fmt: skip


def scenario_part(
    scenarios: Sequence[Row] | None, base: Mapping[str, Any], manifest: Manifest
) -> list[Row]:
    """Return scenarios by cause, each with its loss beside the base.

    Parameters
    ----------
    scenarios : sequence of dict or None
        As the manifest holds them.
    base : mapping
        ``expected_loss`` and more without stress.
    manifest : mapping
        Words of funds and ratios, where it has them.

    Returns
    -------
    list of dict
        Causes in order of appearance, each with its scenarios.
    """
    rows = scenarios or []
    longest = max((row.get("expected_loss") or 0.0 for row in rows), default=0.0)
    longest = max(longest, base.get("expected_loss") or 0.0) or 1.0
    funds = {
        one["fund_id"]: one.get("title") or one["fund_id"] for one in manifest.get("funds") or []
    }
    ratios = {
        one[key]: title_of(one).zh
        for one in manifest.get("ratios") or []
        for key in ("name", "rule_id")
        if one.get(key)
    }
    causes: dict[str, Row] = {}
    for row in rows:
        zh = str(row.get("cause_zh") or "其他")
        word = Text(zh, str(row.get("cause_en") or ("other" if zh == "其他" else zh)))
        held = causes.setdefault(zh, {"word": word, "rows": []})
        held["rows"].append(_scenario(row, base, longest, funds, ratios))
    return list(causes.values())


def _scenario(
    row: Row, base: Mapping[str, Any], longest: float, funds: Mapping[str, str],
    ratios: Mapping[str, str],
) -> Row:  # fmt: skip
    """One scenario: the base dark, what stress adds in red."""
    loss, before = row.get("expected_loss") or 0.0, base.get("expected_loss") or 0.0
    added = row.get("change")
    if not known(added):
        added = loss - before
    return {
        "word": title_of(row), "source": row.get("source") or "",
        "narrative": Text(row.get("narrative_zh") or "", row.get("narrative_en") or ""),
        "base": 100.0 * max(min(loss, before), 0.0) / longest,
        "more": 100.0 * max(loss - before, 0.0) / longest,
        "loss": amount(row.get("expected_loss")), "change": change(added),
        "times": f"{loss / before:.2f}×" if before > 0.0 else "",
        "figures": [
            (word, amount(row[name]), _against(row[name], base.get(key)))
            for name, key, word in (
                ("own_expected", "own_expected", Text("自担预期", "own expected")),
                ("own_value_at_risk", "own_value_at_risk", Text("自担VaR", "own VaR")),
                ("value_at_risk", "value_at_risk", Text("VaR", "VaR")),
                ("ecl", "ecl", Text("预期信用损失", "ECL")),
            ) if known(row.get(name))
        ],
        "parties": party_stack(row.get("by_party") or {}),
        "scope": _scope(row),
        "funds": [_named(one, "fund_id", funds) for one in row.get("funds_exhausted") or []],
        "ratios": [_named(one, "name", ratios) for one in row.get("ratios_broken") or []],
    }  # fmt: skip


def _scope(row: Row) -> str:
    """How many contracts are struck, what was not found in the book, what is assumed."""
    parts = []
    if known(row.get("struck")):
        parts.append(f"涉及 struck {row['struck']:,} 笔 contracts")
    if row.get("seen") == "assumption":
        parts.append("幅度为假设 sizes are assumed")
    if row.get("unmatched"):
        parts.append(f"组合中没有 not in the book: {'、'.join(map(str, row['unmatched']))}")
    return " · ".join(parts)


def _against(value: float, base: Any) -> str:
    return f"{value / base - 1.0:+.0%}".replace("-", "−") if known(base) and base > 0.0 else ""


def _named(one: Any, key: str, words: Mapping[str, str]) -> str:
    """A fund or a ratio in words: its own, those of the manifest, else its name."""
    if isinstance(one, Mapping):
        return title_of(one, key).zh
    return words.get(one, str(one))


def party_keys(scenarios: Sequence[Row] | None) -> list[tuple[str, Text]]:
    """Return the parties that some scenario names.

    Parameters
    ----------
    scenarios : sequence of dict or None
        As the manifest holds them.

    Returns
    -------
    list of tuple
        Class and words of each.
    """
    named = {party for row in scenarios or [] for party in row.get("by_party") or {}}
    return [(party_class(party), word) for party, word in PARTY_WORDS.items() if party in named]


def reverse_part(manifest: Manifest) -> list[Row]:
    """Return the most likely ways to lose a sum.

    Parameters
    ----------
    manifest : mapping
        Of stress.

    Returns
    -------
    list of dict
        The sentence, its figures and the factors as bars to the left and right of 0.
    """
    found = []
    for one in manifest.get("reverse") or []:
        factors = [f for f in one.get("factors") or [] if known(f.get("value"))]
        widest = max((abs(f["value"]) for f in factors), default=0.0) or 1.0
        years, odds = one.get("return_period_years"), one.get("chance")
        found.append({
            "sentence": Text(one.get("sentence_zh") or "", one.get("sentence_en") or ""),
            "target": amount(one.get("target_yuan")), "chance": chance(odds), "told": known(odds),
            "distance": f"{one['distance']:.2f}" if known(one.get("distance")) else NONE,
            "years": _years(years),
            "factors": [
                {"name": str(f["name"]), "value": f"{f['value']:+.2f}".replace("-", "−"),
                 "low": f["value"] < 0.0, "wide": 50.0 * abs(f["value"]) / widest}
                for f in sorted(factors, key=lambda f: -abs(f["value"]))
            ],
        })  # fmt: skip
    return found


def _years(years: Any) -> str:
    """A return period; beyond `RAREST` years nothing is known of it."""
    if not known(years):
        return NONE
    return f"{years:,.0f}" if years < RAREST else f"> {RAREST:,.0f}"


def bridge_part(manifest: Manifest) -> Row:
    """Return the way from the old value to the new one, line by line.

    Parameters
    ----------
    manifest : mapping
        Of an attribution.

    Returns
    -------
    dict
        Bars that each begin where the last one ended, running totals to the fen, and what
        they fail to explain, which is nothing.
    """
    old, new = manifest["old"]["value_yuan"], manifest["new"]["value_yuan"]
    lines = manifest.get("lines") or []
    fen = accumulate([round(100.0 * yuan) for yuan in (old, *(line["yuan"] for line in lines))])
    levels = [total / 100.0 for total in fen]
    floor, top = _axis([*levels, new])
    scale = 100.0 / (top - floor)
    rows = [_whole(Text("上期", "before"), manifest["old"], floor, scale)]
    for before, line, after in zip(levels, lines, levels[1:], strict=False):
        rows.append({
            "word": title_of(line), "kind": _direction(line["yuan"]),
            "left": scale * (min(before, after) - floor), "wide": scale * abs(line["yuan"]),
            "end": scale * (after - floor), "yuan": to_the_fen(line["yuan"], signed=True),
            "error": to_the_fen(line.get("error_yuan")),
            "total": to_the_fen(after), "share": _share(line["yuan"], new - old),
            "contracts": f"{line['contracts']:,}" if known(line.get("contracts")) else "",
        })  # fmt: skip
    rows.append(_whole(Text("本期", "now"), manifest["new"], floor, scale))
    step = nice_ticks(top - floor)[0]
    ticks = [step * k for k in range(math.floor(floor / step) + 1, math.floor(top / step) + 1)]
    missing = new - levels[-1]
    return {
        "rows": rows, "cut": amount(floor) if floor > 0.0 else "",
        "ticks": [(scale * (tick - floor), said)
                  for tick, said in zip(ticks, axis_words(ticks), strict=True)],
        "missing": to_the_fen(missing, signed=True) if abs(missing) > FEN else "",
        "sum": to_the_fen(levels[-1] - old, signed=True),
    }  # fmt: skip


def _direction(yuan: float) -> str:
    return "up" if yuan > 0.0 else "down" if yuan < 0.0 else "flat"


def _axis(levels: Sequence[float]) -> tuple[float, float]:
    """Ends of the axis: from 0, or cut where all changes are small against the whole."""
    low, high = min(levels), max(levels)
    if high > low > CUT * high > 0.0:
        return max(low - 0.5 * (high - low), 0.0), high
    return min(low, 0.0), max(high, 0.0) if max(high, 0.0) > min(low, 0.0) else 1.0


def _whole(word: Text, side: Mapping[str, Any], floor: float, scale: float) -> Row:
    """The bar of one of the two days."""
    value, day = side["value_yuan"], str(side.get("valued_on") or "")
    low, high = min(value, 0.0), max(value, 0.0)
    count = side.get("contracts")
    return {
        "word": Text(f"{word.zh} {day}", f"{word.en} {day}"), "kind": "whole",
        "left": scale * (max(low, floor) - floor), "wide": scale * (high - max(low, floor)),
        "end": scale * (value - floor), "yuan": "", "error": NONE,
        "total": to_the_fen(value), "share": "",
        "contracts": f"{count:,}" if known(count) else "",
    }  # fmt: skip


def _share(yuan: float, whole: float) -> str:
    return percent(yuan / whole) if abs(whole) > FEN else ""


def mover_rows(manifest: Manifest) -> list[Row]:
    """Return the contracts whose value changed most.

    Parameters
    ----------
    manifest : mapping
        Of an attribution.

    Returns
    -------
    list of dict
        A row a contract, bars on one scale.
    """
    movers = manifest.get("largest") or []
    words = {line["name"]: title_of(line) for line in manifest.get("lines") or []}
    longest = max((abs(one["yuan"]) for one in movers), default=0.0) or 1.0
    return [
        {"id": str(one["guarantee_id"]), "yuan": to_the_fen(one["yuan"], signed=True),
         "up": one["yuan"] > 0.0, "wide": 100.0 * abs(one["yuan"]) / longest,
         "line": words.get(one.get("main_line"), Text(*2 * (str(one.get("main_line") or ""),)))}
        for one in movers
    ]  # fmt: skip


def base_tiles(base: Mapping[str, Any]) -> list[Row]:
    """Return the figures that stress is held against.

    Parameters
    ----------
    base : mapping
        Without stress.

    Returns
    -------
    list of dict
        Tiles of those that are known.
    """
    words = {
        "expected_loss": Text("预期损失（基准）", "expected loss, base"),
        "own_expected": Text("自担预期（基准）", "own expected, base"),
        "own_value_at_risk": Text("自担VaR（基准）", "own VaR, base"),
        "value_at_risk": Text("VaR（基准）", "VaR, base"),
    }
    found = [
        tile(word, amount(base[name])) for name, word in words.items() if known(base.get(name))
    ]
    if known(base.get("exhausted_chance")):
        word = Text("有基金用尽的可能性", "chance that a fund is exhausted")
        found.append(tile(word, chance(base["exhausted_chance"])))
    return found
