"""Parts that say how an institution stands: ratios, headroom, reserves, fees, rates paid."""

from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.book.page_figures import (
    FULL_BAR,
    amount,
    known,
    limit_figure,
    limit_use,
    percent,
    ratio_figure,
    ratio_kind,
)
from riskengine.book.page_rows import (
    Manifest,
    Row,
    county_title,
    programme_title,
    title_of,
)
from riskengine.book.page_tiles import paid, tile
from riskengine.guarantee.ratio_lines import STATUS_WORDS
from riskengine.rules.citation import cited
from riskengine.words import Text

COUNTIES_SHOWN, SCHEMES_SHOWN = 15, 12
FLAG_WORDS = {"True": "是 yes", "False": "否 no"}
SEVERE = {"breaks": 0, "near": 1}
"""States that a page puts first."""
RATES = {"year": Text("当年", "this year"), "cumulative": Text("累计", "to date")}
SEEN_WORDS = {
    "text": Text("条文", "text read"), "official": Text("官方页面", "official page"),
    "secondary": Text("转载", "secondary"), "memory": Text("待核", "to be checked"),
}  # fmt: skip


def red_lines(manifest: Manifest) -> list[Row]:
    """Return what breaks a limit or is near one, the worst first.

    Parameters
    ----------
    manifest : mapping
        With ``ratios``.

    Returns
    -------
    list of dict
        As `ratio_rows` gives.
    """
    rows = [row for row in ratio_rows(manifest) if row["state"] in SEVERE]
    return sorted(rows, key=lambda row: SEVERE[row["state"]])


def ratio_rows(manifest: Manifest) -> list[Row]:
    """Return every ratio as the dashboard shows it.

    Parameters
    ----------
    manifest : mapping
        With ``ratios``.

    Returns
    -------
    list of dict
        In the order of the manifest.
    """
    return [_ratio_row(ratio) for ratio in manifest.get("ratios") or []]


def _ratio_row(ratio: Row) -> Row:
    """One line of the dashboard."""
    kind, use = ratio_kind(ratio), limit_use(ratio)
    seen = ratio.get("seen") or ""
    state = ratio["status"]
    return {
        "word": title_of(ratio), "state": state, "limit": limit_figure(ratio),
        "state_word": STATUS_WORDS.get(state, Text(state, state)),
        "value": ratio_figure(ratio.get("value"), kind),
        "room": _room(ratio, kind), "use": None if use is None else 100.0 * use / FULL_BAR,
        "over": use is not None and use >= FULL_BAR,
        "rule": ratio.get("rule_id") or "", "citation": cited(ratio.get("citation") or ""),
        "seen": SEEN_WORDS.get(seen, Text(seen, seen)), "from": ratio.get("from") or "",
        "how": Text(ratio.get("how_zh") or "", ratio.get("how_en") or ""),
        "severity": ratio.get("severity") or "",
    }  # fmt: skip


def _room(ratio: Row, kind: str) -> str:
    """What a limit still allows, or by how much it is passed."""
    room, yuan = ratio.get("headroom"), ratio.get("headroom_yuan")
    if kind in {"flag", "failing"} or not known(room):
        return ""
    said = ratio_figure(abs(room), kind)
    word = "余 left" if room >= 0.0 else "超 over"
    points = said.replace("%", " 个百分点") if kind in {"share", "yearly"} else said
    return f"{word} {points}" + (f"（{amount(abs(yuan))}）" if known(yuan) else "")


def state_counts(rows: Sequence[Row]) -> list[Row]:
    """Count ratios by state.

    Parameters
    ----------
    rows : sequence of dict
        As `ratio_rows` gives.

    Returns
    -------
    list of dict
        A tile a state, states without ratios left out.
    """
    found = []
    for state, word in STATUS_WORDS.items():
        count = sum(row["state"] == state for row in rows)
        if count:
            shown = state if state in SEVERE else ""
            found.append({**tile(word, f"{count:,}", "项 ratios", shown), "verdict": None})
    return found


def headroom_part(manifest: Manifest) -> Row | None:
    """Return how much more each county may take.

    Parameters
    ----------
    manifest : mapping
        With ``headroom``.

    Returns
    -------
    dict or None
        Bars: what is in force and what is left, on one scale.
    """
    rows = manifest.get("headroom") or []
    if not rows:
        return None
    shown = rows[:COUNTIES_SHOWN]
    left = [max(row.get("headroom_yuan") or 0.0, 0.0) for row in shown]
    longest = max((row.get("guaranteed_yuan") or 0.0) + room
                  for row, room in zip(shown, left, strict=True)) or 1.0  # fmt: skip
    return {
        "more": len(rows) - len(shown),
        "rows": [
            {"word": county_title(row),
             "used": 100.0 * (row.get("guaranteed_yuan") or 0.0) / longest,
             "left": 100.0 * room / longest, "room": amount(row.get("headroom_yuan")),
             "in_force": amount(row.get("guaranteed_yuan")),
             "binds": Text(row.get("binds_zh") or "", row.get("binds_en") or "")}
            for row, room in zip(shown, left, strict=True)
        ],
    }  # fmt: skip


def reserve_part(manifest: Manifest) -> list[Row]:
    """Return measures of reserves side by side; they answer different questions.

    Parameters
    ----------
    manifest : mapping
        With ``reserves``.

    Returns
    -------
    list of dict
        What is required, held and needed of each, on one scale.
    """
    rows = manifest.get("reserves") or []
    names = (("required_yuan", "required", Text("应提", "required")),
             ("held_yuan", "held", Text("已提", "held")),
             ("need_yuan", "need", Text("测算需要", "needed by the loss model")),
             ("yuan", "need", Text("金额", "amount")))  # fmt: skip
    longest = (
        max((row.get(name) or 0.0 for row in rows for name, _, _ in names), default=0.0) or 1.0
    )
    return [
        {"word": title_of(row), "note": Text(row.get("note_zh") or "", row.get("note_en") or ""),
         "bars": [(kind, word, amount(row[name]), 100.0 * max(row[name], 0.0) / longest)
                  for name, kind, word in names if known(row.get(name))],
         "short": any(known(row.get(name)) and known(row.get("held_yuan"))
                      and row["held_yuan"] < row[name] for name in ("required_yuan", "need_yuan"))}
        for row in rows
    ]  # fmt: skip


def fee_part(manifest: Manifest) -> Row | None:
    """Return fees charged against what they would have to be.

    Parameters
    ----------
    manifest : mapping
        With ``fees``.

    Returns
    -------
    dict or None
        Marks on one scale of fees, from 0.
    """
    rows = manifest.get("fees") or []
    names = (("charged", Text("实收", "charged")), ("break_even", Text("保本", "break-even")),
             ("gross_break_even", Text("含分担前保本", "break-even before sharing")),
             ("ceiling", Text("上限", "ceiling")))  # fmt: skip
    top = max((row[name] for row in rows for name, _ in names if known(row.get(name))), default=0.0)
    if not top > 0.0:
        return None
    found = []
    for row in rows[:SCHEMES_SHOWN]:
        marks = [(name, word, percent(row[name]), 100.0 * max(row[name], 0.0) / (1.04 * top))
                 for name, word in names if known(row.get(name))]  # fmt: skip
        ends = [place for name, _, _, place in marks if name in {"charged", "break_even"}]
        found.append({
            "word": programme_title(row), "marks": marks,
            "low": min(ends, default=0.0), "wide": max(ends, default=0.0) - min(ends, default=0.0),
            "short": known(row.get("charged")) and known(row.get("break_even"))
            and row["charged"] < row["break_even"],
            "gap": _gap(row),
        })  # fmt: skip
    return {
        "rows": found,
        "more": max(len(rows) - SCHEMES_SHOWN, 0),
        "key": [pair for pair in names if any(known(row.get(pair[0])) for row in rows)],
    }


def _gap(row: Mapping[str, Any]) -> str:
    """The fee charged less the fee that breaks even, in percentage points."""
    charged, even = row.get("charged"), row.get("break_even")
    if not (known(charged) and known(even)):
        return ""
    return f"{100.0 * (charged - even):+.2f} 个百分点".replace("-", "−")


def compensation_part(manifest: Manifest) -> Row | None:
    """Return compensation rates and what is overdue by half-year of start.

    Parameters
    ----------
    manifest : mapping
        With ``compensation``.

    Returns
    -------
    dict or None
        Rates of the year and to date, and a bar a half-year.
    """
    held = manifest.get("compensation") or {}
    rates = [
        (word, percent(held[name].get("rate")), paid(held[name]))
        for name, word in RATES.items()
        if held.get(name)
    ]  # fmt: skip
    vintages = [one for one in held.get("vintages") or [] if known(one.get("overdue_share"))]
    longest = max((one["overdue_share"] for one in vintages), default=0.0) or 1.0
    rows = [
        {"word": str(one["half_year"]), "volume": amount(one.get("guaranteed_yuan")),
         "share": percent(one["overdue_share"]), "wide": 100.0 * one["overdue_share"] / longest}
        for one in vintages
    ]  # fmt: skip
    ages = _ages(held)
    said = (held.get("growth") or {}).get("note")
    note = Text(said["zh"], said["en"]) if said else None
    if not (rates or rows or ages):
        return None
    return {"rates": rates, "rows": rows, "ages": ages, "note": note}


def _ages(held: Mapping[str, Any]) -> Row | None:
    """What was compensated up to each age, half-year by half-year: shares and their shades."""
    months = held.get("age_months") or []
    told = [one for one in held.get("vintages") or [] if one.get("compensated_share")]
    shares = [share for one in told for share in one["compensated_share"] if known(share)]
    if not months or not shares:
        return None
    most = max(shares) or 1.0
    return {
        "months": months,
        "rows": [
            {"word": str(one["half_year"]),
             "cells": [(percent(share), f"{0.75 * share / most:.2f}") if known(share) else ("", "0")
                       for share in one["compensated_share"]]}
            for one in told
        ],
    }  # fmt: skip


def switch_rows(manifest: Manifest) -> list[Row]:
    """Return the readings taken where practice disputes a rule.

    Parameters
    ----------
    manifest : mapping
        With ``switches``.

    Returns
    -------
    list of dict
        A row a reading.
    """
    return [
        {"word": title_of(one), "name": str(one["name"]),
         "citation": cited(one.get("citation") or ""),
         "value": FLAG_WORDS.get(str(one["value"]), str(one["value"]))}
        for one in manifest.get("switches") or []
    ]  # fmt: skip
