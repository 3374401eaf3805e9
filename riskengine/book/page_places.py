"""Parts of the page of a book: places and crops, funds, stages, cover, what was refused."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from riskengine.book.page_figures import (
    NONE,
    PARTY_WORDS,
    amount,
    chance,
    give_or_take,
    known,
    percent,
)
from riskengine.book.page_rows import (
    Manifest,
    Row,
    county_title,
    mean_rate,
    per_yuan,
    shade_of,
    stack,
    title_of,
)
from riskengine.book.pictures import bubble, fan_picture, party_class
from riskengine.faults import FaultKind
from riskengine.regions import province_of
from riskengine.report import Bar
from riskengine.rights import RIGHTS
from riskengine.words import Text

COUNTIES_SHOWN, GRID_COUNTIES, GRID_COMMODITIES, FUNDS_SHOWN, FAULTS_SHOWN = 80, 12, 8, 6, 12
STAGE_CLASSES = {1: "good", 2: "watch", 3: "bad"}
CLASS_CLASSES = {"normal": "good", "special_mention": "watch", "substandard": "weak",
                 "doubtful": "bad", "loss": "worst"}  # fmt: skip
TABLE_WORDS = {"client": Text("单户", "client"), "name": Text("单户", "client"),
               "group": Text("关联方", "related parties"),
               "county": Text("县", "county"), "commodity": Text("产业", "commodity")}  # fmt: skip


def heat_part(manifest: Manifest) -> list[Row]:
    """Return every county by province, the dearest per yuan first: a map without a map.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        Provinces, each with its counties, at most `COUNTIES_SHOWN` in all.
    """
    rows = (manifest.get("contributions") or {}).get("county") or []
    mean = mean_rate(rows)
    rated = sorted((row for row in rows if per_yuan(row) is not None),
                   key=lambda row: (-(per_yuan(row) or 0.0), str(row["code"])))  # fmt: skip
    provinces: dict[str, Row] = {}
    for row in rated[:COUNTIES_SHOWN]:
        code = str(row["code"])
        held = provinces.setdefault(code[:2], {"word": province_of(code), "counties": []})
        rate = per_yuan(row)
        held["counties"].append({
            "word": title_of(row, "code").zh, "rate": percent(rate), "shade": shade_of(rate, mean),
            "tip": f"{county_title(row).zh} {code}：在保 guaranteed "
                   f"{amount(row.get('guaranteed_yuan'))}，EL {amount(row.get('expected_loss'))}",
        })  # fmt: skip
    return list(provinces.values())


def grid_part(manifest: Manifest) -> Row | None:
    """Return counties by commodities: a disc for the tail, a colour for the loss per yuan.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        Heads and rows of cells, counties and commodities with the most tail first.
    """
    found = manifest.get("contributions") or {}
    cells = found.get("cells") or []
    if not cells:
        return None
    counties = _names(cells, "county", found.get("county") or [])
    commodities = _names(cells, "commodity", found.get("commodity") or [])
    mean = mean_rate(cells)
    largest = max(cell.get("shortfall_contribution") or 0.0 for cell in cells) or 1.0
    at = {(str(cell["county"]), str(cell["commodity"])): cell for cell in cells}
    heads = list(commodities.items())[:GRID_COMMODITIES]
    rows = [
        {"word": word,
         "cells": [_cell(at.get((county, name)), largest, mean) for name, _ in heads]}
        for county, word in list(counties.items())[:GRID_COUNTIES]
    ]  # fmt: skip
    hidden = max(len(counties) - GRID_COUNTIES, 0), max(len(commodities) - GRID_COMMODITIES, 0)
    return {"heads": [word for _, word in heads], "rows": rows, "hidden": hidden}


def _names(cells: Sequence[Row], key: str, titled: Sequence[Row]) -> dict[str, Text]:
    """Words by code, the most tail first."""
    tail: dict[str, float] = {}
    for cell in cells:
        code = str(cell[key])
        tail[code] = tail.get(code, 0.0) + (cell.get("shortfall_contribution") or 0.0)
    words = {
        str(row["code"]): county_title(row) if key == "county" else title_of(row, "code")
        for row in titled
    }
    order = sorted(tail, key=lambda code: (-tail[code], code))
    return {code: words.get(code, Text(code, code)) for code in order}


def _cell(cell: Row | None, largest: float, mean: float) -> Row | None:
    """One disc with its rate."""
    if cell is None:
        return None
    tail, rate = cell.get("shortfall_contribution") or 0.0, per_yuan(cell)
    tip = f"ES {amount(tail)}，EL {amount(cell.get('expected_loss'))}"
    return {"disc": bubble(tail / largest, shade_of(rate, mean), tip), "rate": percent(rate)}


def fund_part(manifest: Manifest) -> Row | None:
    """Return which funds may end, and when.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        Pictures of the funds in most danger and a table of all that the manifest holds.
    """
    funds = manifest.get("funds") or []
    if not funds:
        return None
    order = sorted(funds, key=lambda fund: -(fund.get("exhausted_chance") or 0.0))
    months = [max(fund.get("month_chances") or [0.0]) for fund in order[:FUNDS_SHOWN]]
    scale = max(months) or 1.0
    return {
        "scale": chance(scale),
        "cards": [_fund_card(fund, scale) for fund in order[:FUNDS_SHOWN] if _fanned(fund)],
        "rows": [_fund_row(fund) for fund in order[: 4 * FUNDS_SHOWN]],
        "more": max(len(order) - 4 * FUNDS_SHOWN, 0),
        "in_force": any(known(fund.get("in_force_yuan")) for fund in order),
    }


def _fanned(fund: Row) -> bool:
    balances = fund.get("balance_quantiles") or {}
    return len(balances) >= 3 and all(len(path) > 1 for path in balances.values())


def _fund_row(fund: Row) -> Row:
    odds = fund.get("exhausted_chance")
    party = fund.get("party") or ""
    return {
        "title": fund.get("title") or fund["fund_id"], "id": fund["fund_id"],
        "place": province_of(str(fund.get("region_code") or "")).zh,
        "party": PARTY_WORDS.get(party, Text(party, party)), "party_class": party_class(party),
        "balance": amount(fund.get("balance_yuan")), "in_force": amount(fund.get("in_force_yuan")),
        "chance": give_or_take(chance(odds), _error(fund.get("exhausted_chance_se"))),
        "share": 100.0 * odds if known(odds) else 0.0, "month": _likely_month(fund),
        "unpaid": amount(fund.get("expected_unpaid_yuan")),
    }  # fmt: skip


def _fund_card(fund: Row, scale: float) -> Row:
    """The picture of one fund: lowest, middle and highest quantile of its balance."""
    paths = [path for _, path in sorted(fund["balance_quantiles"].items(),
                                        key=lambda item: float(item[0]))]  # fmt: skip
    picture = fan_picture(paths[0], paths[len(paths) // 2], paths[-1],
                          fund.get("month_chances") or [], scale)  # fmt: skip
    return {**_fund_row(fund), "picture": picture}


def _error(value: Any) -> str:
    return f"{value:.1%}" if known(value) and value >= 0.0005 else NONE


def _likely_month(fund: Row) -> str:
    """The month in which a fund most likely ends, if it does."""
    months = fund.get("month_chances") or []
    if not months or not max(months) > 0.0:
        return NONE
    return f"第{1 + months.index(max(months))}个月"


def stage_part(manifest: Manifest) -> Row | None:
    """Return stages with their ECL and reasons.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        Bars by money guaranteed and by ECL, and a row a stage.
    """
    stages = manifest.get("stages") or []
    if not stages:
        return None
    bars = []
    for name, word in (("guaranteed_yuan", Text("在保", "guaranteed")),
                       ("ecl_yuan", Text("预期信用损失", "ECL"))):  # fmt: skip
        parts = stack((STAGE_CLASSES.get(one["stage"], "none"), _stage(one["stage"]),
                       one.get(name), amount(one.get(name))) for one in stages)  # fmt: skip
        if parts:
            whole = sum(one.get(name) or 0.0 for one in stages)
            bars.append({"word": word, "parts": parts, "figure": amount(whole)})
    rows = [
        {"word": _stage(one["stage"]), "kind": STAGE_CLASSES.get(one["stage"], "none"),
         "contracts": f"{one['contracts']:,}", "volume": amount(one.get("guaranteed_yuan")),
         "ecl": amount(one.get("ecl_yuan")), "reasons": _reasons(one.get("reasons") or []),
         "cover": percent(one["ecl_yuan"] / one["guaranteed_yuan"])
         if one.get("guaranteed_yuan") and known(one.get("ecl_yuan")) else NONE}
        for one in stages
    ]  # fmt: skip
    return {"bars": bars, "rows": rows}


def _stage(number: int) -> Text:
    return Text(f"第{number}阶段", f"stage {number}")


def _reasons(reasons: Mapping[str, int] | Sequence[Row]) -> list[tuple[Text, str]]:
    """Reasons with their counts: by name, or each with its own words."""
    if isinstance(reasons, Mapping):
        return [(Text(name, name), f"{count:,}") for name, count in reasons.items()]
    return [(title_of(one), f"{one['contracts']:,}") for one in reasons]


def class_part(manifest: Manifest) -> Row | None:
    """Return the five classes by balance.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        A cut bar and a row a class.
    """
    classes = manifest.get("classes") or []
    kinds = [CLASS_CLASSES.get(one["class"], "none") for one in classes]
    parts = stack((kind, title_of(one, "class"), one["balance_yuan"], amount(one["balance_yuan"]))
                  for kind, one in zip(kinds, classes, strict=True))  # fmt: skip
    if not parts:
        return None
    whole = sum(one["balance_yuan"] for one in classes)
    poor = sum(one["balance_yuan"] for one in classes
               if one["class"] in {"substandard", "doubtful", "loss"})  # fmt: skip
    rows = [
        {"word": title_of(one, "class"), "kind": kind, "contracts": f"{one['contracts']:,}",
         "balance": amount(one["balance_yuan"]), "share": percent(one["balance_yuan"] / whole)}
        for kind, one in zip(kinds, classes, strict=True)
    ]  # fmt: skip
    return {"parts": parts, "rows": rows, "poor": percent(poor / whole), "whole": amount(whole)}


def cover_part(manifest: Manifest) -> list[Row]:
    """Return histograms of cover, expected proceeds over debt, by kind of right.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        Columns with the line at 1.0.
    """
    cover = manifest.get("cover") or {}
    edges = [float(edge) for edge in cover.get("edges") or [] if known(edge)]
    found = []
    for kind, counts in (cover.get("kinds") or {}).items():
        total = sum(counts)
        if not total or 1.0 not in edges:
            continue
        lows = [f"{low:g}" for low, _ in pairwise(edges)]
        lows += [f"{edges[-1]:g}"] * (len(counts) - len(lows))
        one = edges.index(1.0)
        below, most = sum(counts[:one]), max(counts)
        found.append({
            "word": RIGHTS[kind].title if kind in RIGHTS else Text(kind, kind),
            "columns": [{"height": 100.0 * count / most, "low": low, "bad": k < one,
                         "tip": f"{low}: {count:,}"}
                        for k, (count, low) in enumerate(zip(counts, lows, strict=True))],
            "line": 100.0 * one / len(counts),
            "figure": f"低于 1 below 1: {below:,} / {total:,} ({percent(below / total)})",
        })  # fmt: skip
    return found


def concentration_part(manifest: Manifest) -> list[Row]:
    """Return how much of the book hangs on few names, counties, commodities.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        A row a way of looking.
    """
    rows = manifest.get("concentration") or {}
    return [
        {"word": TABLE_WORDS.get(name, Text(name, name)), "hhi": f"{one['hhi']:.4f}",
         "effective": f"{one['effective']:,.1f}", "largest": percent(one["largest_share"]),
         "ten": percent(one["ten_largest_share"]),
         "bars": [(kind, 100.0 * min(one[key], 1.0))
                  for kind, key in (("mean", "largest_share"), ("tail", "ten_largest_share"))]}
        for name, one in rows.items() if known(one.get("hhi"))
    ]  # fmt: skip


def rejected_part(manifest: Manifest) -> Row | None:
    """Return what was read, what was refused and why.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        Rows by table, bars by kind of fault and by column.
    """
    tables = manifest.get("rows") or {}
    if not tables:
        return None
    faults = manifest.get("faults") or {}
    return {
        "tables": [(name, *(f"{one.get(key) or 0:,}" for key in
                            ("rows_in", "rows_kept", "rows_rejected")))
                   for name, one in tables.items()],
        "kinds": _count_bars(faults.get("kinds") or {}, _fault_word),
        "columns": _count_bars(faults.get("columns") or {}, lambda name: Text(name, name)),
    }  # fmt: skip


def _count_bars(counts: Mapping[str, int], word: Any) -> list[Bar]:
    """Bars of counts, longest first."""
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:FAULTS_SHOWN]
    longest = max((count for _, count in shown), default=0) or 1
    return [Bar(word(name), f"{count:,}", count / longest) for name, count in shown]


def _fault_word(name: str) -> Text:
    """A kind of fault in words, without the places that a row fills."""
    if name.upper() not in FaultKind.__members__:
        return Text(name, name)
    said = FaultKind[name.upper()].wrong
    return Text(said.zh.split("{")[0], said.en.split("{")[0])
