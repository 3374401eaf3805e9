"""Tiles and sentences at the head of the page of a book: how it stands, in one look."""

from collections.abc import Mapping
from typing import Any

from riskengine.book.page_figures import (
    FULL_BAR,
    NONE,
    amount,
    chance,
    known,
    limit_figure,
    limit_use,
    percent,
    ratio_figure,
    ratio_kind,
)
from riskengine.book.page_rows import Manifest, Row
from riskengine.guarantee.ratio_lines import STATUS_WORDS
from riskengine.words import Text

TILES = (
    ("in_force_balance", Text("在保余额", "in force")),
    ("policy_share_least", Text("政策性业务占比", "policy share")),
    ("leverage_limit", Text("放大倍数", "leverage")),
    ("leverage_limit_small_agri", Text("放大倍数（小微三农）", "leverage, small and agri")),
    ("single_client_limit", Text("最大单户", "largest client")),
    ("client_group_limit", Text("最大关联方", "largest group")),
    ("year_compensation_rate", Text("当年代偿率", "compensation rate, year")),
    ("cumulative_compensation_rate", Text("累计代偿率", "compensation rate, to date")),
    ("overdue_uncompensated", Text("逾期未代偿", "overdue, uncompensated")),
)
"""First row of the dashboard (practice notes 7.2), by the rule's name."""


def short_name(ratio: Mapping[str, Any]) -> str:
    """Return the name of a ratio without the file of its rule.

    Parameters
    ----------
    ratio : mapping
        One of the manifest's ratios.

    Returns
    -------
    str
        Such as ``leverage_limit``.
    """
    return str(ratio["name"]).rpartition(".")[2]


def tile_part(manifest: Manifest) -> list[Row]:
    """Return the tiles at the head of the page.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        Words, figure, note, state and use of the limit [%] of each; those that the manifest
        knows nothing of are left out.
    """
    by_name = {short_name(ratio): ratio for ratio in manifest.get("ratios") or []}
    found = [
        _ratio_tile(word, by_name[name])
        for name, word in TILES
        if name in by_name and known(by_name[name].get("value"))
    ]
    have = {word for name, word in TILES if any(tile["word"] == word for tile in found)}
    found += _rates(manifest, have)
    totals = manifest.get("totals") or {}
    if TILES[0][1] not in have and known(totals.get("guaranteed_yuan")):
        found.insert(0, tile(TILES[0][1], amount(totals["guaranteed_yuan"])))
    if found and found[0]["word"] == TILES[0][1] and known(totals.get("contracts")):
        found[0]["note"] = f"{totals['contracts']:,} 笔 contracts"
        if totals.get("defaulted"):
            found[0]["note"] += f"，已违约 in default {totals['defaulted']:,}"
    return [*found, *_loss_tiles(manifest), *_reserve_tile(manifest, by_name)]


def tile(word: Text, figure: str, note: str = "", state: str = "") -> Row:
    """Return one tile.

    Parameters
    ----------
    word : Text
        What it shows.
    figure, note : str
        Its figure and what stands below.
    state : {"", "meets", "near", "breaks"}
        How it stands to its limit.

    Returns
    -------
    dict
        What the template shows.
    """
    verdict = STATUS_WORDS[state] if state in {"near", "breaks"} else None
    return {"word": word, "figure": figure, "note": note, "state": state, "use": None,
            "verdict": verdict}  # fmt: skip


def _ratio_tile(word: Text, ratio: Row) -> Row:
    """A tile of a ratio: its limit below, and how much of it is used."""
    limit, use = limit_figure(ratio), limit_use(ratio)
    note = "" if limit == NONE else f"限额 limit {limit}"
    made = tile(word, ratio_figure(ratio["value"], ratio_kind(ratio)), note, ratio["status"])
    return {**made, "use": None if use is None else 100.0 * use / FULL_BAR}


def _rates(manifest: Manifest, have: set[Text]) -> list[Row]:
    """Compensation rates where no ratio says them."""
    words = dict(TILES)
    held = manifest.get("compensation") or {}
    return [
        tile(words[f"{name}_compensation_rate"], percent(one["rate"]), paid(one))
        for name, one in held.items()
        if name in {"year", "cumulative"}
        and words[f"{name}_compensation_rate"] not in have
        and known((one or {}).get("rate"))
    ]


def paid(one: Mapping[str, Any]) -> str:
    """Say what a compensation rate is made of.

    Parameters
    ----------
    one : mapping
        With ``paid`` and ``released`` [yuan].

    Returns
    -------
    str
        Both.
    """
    return f"代偿 paid {amount(one.get('paid'))} / 解除 released {amount(one.get('released'))}"


def _loss_tiles(manifest: Manifest) -> list[Row]:
    """Expected loss of the book, and the guarantor's own loss in a bad year."""
    found = []
    loss = (manifest.get("distribution") or {}).get("loss") or {}
    volume = (manifest.get("totals") or {}).get("guaranteed_yuan")
    if known(loss.get("expected")):
        error = amount(loss.get("expected_se"))
        parts = [f"± {error}"] if error != NONE else []
        parts += [f"在保的 {percent(loss['expected'] / volume)} of the book"] if volume else []
        found.append(
            tile(
                Text("一年预期损失", "expected loss, 1 year"),
                amount(loss["expected"]),
                " · ".join(parts),
            )
        )
    for layer in manifest.get("layers") or []:
        own = (layer.get("value_at_risk") or {}).get("0.999")
        if layer["party"] == "guarantor" and known(own):
            note = f"预期 expected {amount(layer.get('expected'))}"
            found.append(tile(Text("自担损失 99.9%", "own loss, 99.9%"), amount(own), note))
    return found


def _reserve_tile(manifest: Manifest, by_name: Mapping[str, Row]) -> list[Row]:
    """Reserves held against the need by the loss model."""
    word = Text("准备金/测算需要", "reserves against need")
    ratio = by_name.get("reserve_adequacy")
    if ratio and known(ratio.get("value")):
        return [_ratio_tile(word, ratio)]
    for one in manifest.get("reserves") or []:
        held, need = one.get("held_yuan"), one.get("need_yuan")
        if known(held) and known(need) and need > 0.0:
            state = "breaks" if held < need else "meets"
            return [tile(word, percent(held / need), f"{amount(held)} / {amount(need)}", state)]
    return []


def conclusion(manifest: Manifest) -> list[Text]:
    """Return what a page says first: limits, the loss of a bad year, the fund in most danger.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of Text
        Sentences.
    """
    rows = manifest.get("ratios") or []
    found = []
    if rows:
        breaks, near, unknown = (sum(row["status"] == state for row in rows)
                                 for state in ("breaks", "near", "unknown"))  # fmt: skip
        found.append(Text(
            f"{len(rows)}项指标：突破{breaks}项，接近限额{near}项，因缺数据无法判断{unknown}项。",
            f"{len(rows)} ratios: {breaks} broken, {near} near their limit, {unknown} not known.",
        ))  # fmt: skip
    found += _loss_sentence(manifest)
    funds = [one for one in manifest.get("funds") or [] if known(one.get("exhausted_chance"))]
    if funds:
        worst = max(funds, key=lambda one: float(one["exhausted_chance"]))
        odds, name = chance(worst["exhausted_chance"]), worst.get("title") or worst["fund_id"]
        found.append(Text(
            f"一年内最可能用尽的基金：{name}，可能性{odds}。",
            f"Fund most likely to be exhausted within the year: {name}, chance {odds}.",
        ))  # fmt: skip
    return found


def _loss_sentence(manifest: Manifest) -> list[Text]:
    """Expected loss and the tail, and what the guarantor bears of them."""
    loss = (manifest.get("distribution") or {}).get("loss") or {}
    worst = (loss.get("value_at_risk") or {}).get("0.999")
    if not (known(loss.get("expected")) and known(worst)):
        return []
    zh = f"一年预期损失{amount(loss['expected'])}，千年一遇{amount(worst)}"
    en = f"Expected loss of a year {amount(loss['expected'])}, once in 1,000 years {amount(worst)}"
    for layer in manifest.get("layers") or []:
        own = (layer.get("value_at_risk") or {}).get("0.999")
        if layer["party"] == "guarantor" and known(own):
            zh += f"；其中自担{amount(layer['expected'])}和{amount(own)}"
            en += f"; borne itself {amount(layer['expected'])} and {amount(own)}"
    return [Text(f"{zh}。", f"{en}.")]
