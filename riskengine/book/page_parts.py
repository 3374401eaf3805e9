"""Parts of the page of a book: the loss, who bears it, where it comes from, which fund ends.

Each takes the manifest and gives what a template shows, or nothing where the manifest is
silent.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from riskengine.book.page_figures import (
    alike,
    amount,
    give_or_take,
    known,
    level,
    percent,
)
from riskengine.book.page_rows import (
    Manifest,
    Row,
    county_title,
    party_title,
    per_yuan,
    stack,
    title_of,
)
from riskengine.book.pictures import Risk, loss_picture, party_class
from riskengine.words import Text

COUNTIES_SHOWN, COMMODITIES_SHOWN = 12, 10
LAYER_ROWS = (
    ("expected", "", Text("预期", "expected")),
    ("value_at_risk", "0.99", Text("百年一遇（VaR 99%）", "1 in 100 years (VaR 99%)")),
    ("value_at_risk", "0.999", Text("千年一遇（VaR 99.9%）", "1 in 1,000 years (VaR 99.9%)")),
)


def loss_part(manifest: Manifest) -> Row | None:
    """Return the loss curve and its measures.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        The picture, the parties in it and a row a level.
    """
    loss = (manifest.get("distribution") or {}).get("loss")
    if not loss or not _drawable(loss.get("curve")):
        return None
    layers = [
        (layer["party"], party_title(layer), layer["curve"])
        for layer in manifest.get("layers") or [] if _drawable(layer.get("curve"))
    ]  # fmt: skip
    picture = loss_picture(loss["curve"], layers, _risks(loss), float(loss["expected"]))
    method = manifest["distribution"].get("method") or loss.get("method") or []
    return {
        "picture": picture, "rows": _level_rows(loss), "weights": _weights(manifest, loss),
        "parties": [(party_class(party), word) for party, word, _ in layers],
        "method": [
            Text(said["zh"], said["en"])
            for said in ([method] if isinstance(method, Mapping) else method)
        ],
        "expected": give_or_take(amount(loss["expected"]), amount(loss.get("expected_se"))),
    }  # fmt: skip


def _drawable(curve: Any) -> bool:
    """Whether a curve has two points or more and a chance at one of them."""
    return bool(curve) and len(curve) > 1 and any(p > 0.0 for _, p in curve)


def _at(measures: Mapping[str, Any], name: str, confidence: str) -> Any:
    return (measures.get(name) or {}).get(confidence)


def _risks(loss: Mapping[str, Any]) -> list[Risk]:
    """Marks on the curve."""
    names = ("value_at_risk", "value_at_risk_se", "expected_shortfall", "expected_shortfall_se")
    found = []
    for confidence in loss.get("value_at_risk") or {}:
        figures = (_at(loss, name, confidence) for name in names)
        said = (float(figure) if known(figure) else math.nan for figure in figures)
        found.append(Risk(float(confidence), *said))
    return found


def _level_rows(loss: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Level, VaR, ES, economic capital."""
    top = _largest(loss)

    def said(name: str, confidence: str) -> str:
        return alike(_at(loss, name, confidence), top)

    return [
        (level(confidence),
         give_or_take(said("value_at_risk", confidence), said("value_at_risk_se", confidence)),
         give_or_take(said("expected_shortfall", confidence),
                      said("expected_shortfall_se", confidence)),
         said("economic_capital", confidence))
        for confidence in loss.get("value_at_risk") or {}
    ]  # fmt: skip


def _largest(measures: Mapping[str, Any]) -> float:
    """The largest amount among measures, which gives their table its unit."""
    held = [measures.get(name) or {} for name in ("value_at_risk", "expected_shortfall")]
    return max((yuan for one in held for yuan in one.values() if known(yuan)), default=0.0)


def _weights(manifest: Manifest, loss: Mapping[str, Any]) -> str:
    """What the weights of the sample say of themselves."""
    weights = manifest["distribution"].get("weights") or loss.get("weights") or {}
    if not known(weights.get("mean")):
        return ""
    error = weights.get("mean_se")
    mean = f"{weights['mean']:.4f}" + (f" ± {error:.4f}" if known(error) else "")
    effective = weights.get("effective")
    more = f"，有效样本 effective draws {effective:,.0f}" if known(effective) else ""
    return f"样本权重均值 mean weight {mean}（应为 1 should be 1）{more}"


def layer_part(manifest: Manifest) -> Row | None:
    """Return who bears the loss: expected and in bad years.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    dict or None
        Bars cut by party, and a table of their figures.
    """
    layers = manifest.get("layers")
    if not layers:
        return None
    bars, top = [], max(_largest(one) for one in layers)
    for name, confidence, word in LAYER_ROWS:
        sizes = [_at(one, name, confidence) if confidence else one.get(name) for one in layers]
        parts = stack(
            (party_class(one["party"]), party_title(one), size, alike(size, top))
            for one, size in zip(layers, sizes, strict=True)
        )
        if parts:
            whole = sum(size for size in sizes if known(size))
            bars.append({"word": word, "parts": parts, "figure": alike(whole, top)})
    table = [
        (party_class(one["party"]), party_title(one), alike(one.get("expected"), top),
         percent(one.get("share_of_loss")),
         *(alike(_at(one, name, c), top) for c in ("0.99", "0.999")
           for name in ("value_at_risk", "expected_shortfall")))
        for one in layers
    ]  # fmt: skip
    return {"bars": bars, "table": table}


def wrong_way_part(manifest: Manifest) -> list[Row]:
    """Return what it costs that defaults and low sale prices come together.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        A row a measure: prices independent of default, with wrong-way risk, the mark-up.
    """
    measures = manifest.get("distribution") or {}
    loss, alone = measures.get("loss"), measures.get("independent")
    if not loss or not alone:
        return []
    rows = [(Text("预期损失", "expected loss"), alone.get("expected"), loss.get("expected"), 0.0)]
    for name, word in (("value_at_risk", "VaR"), ("expected_shortfall", "ES")):
        rows += [
            (Text(f"{word} {level(c)}", f"{word} {level(c)}"), _at(alone, name, c), value,
             _error_of(loss, alone, f"{name}_se", c))
            for c, value in (loss.get(name) or {}).items()
        ]  # fmt: skip
    rows = [row for row in rows if known(row[1]) and known(row[2])]
    top = max(_largest(loss), _largest(alone))
    return [
        {"word": word, "before": alike(before, top), "now": alike(now, top),
         "more": alike(now - before, top, signed=True), "noise": abs(now - before) < 2.0 * error,
         "share": f"{(now - before) / before:+.1%}".replace("-", "−") if before else ""}
        for word, before, now, error in rows
    ]  # fmt: skip


def _error_of(one: Row, other: Row, name: str, confidence: str) -> float:
    """Standard error of the difference of two laws, as if they were independent."""
    errors = (_at(law, name, confidence) for law in (one, other))
    return math.hypot(*(error for error in errors if known(error)))


def route_part(manifest: Manifest) -> list[Row]:
    """Return the routes to the tail beside each other, each against the first.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        A row a route.
    """
    routes = manifest.get("routes") or []
    names = "value_at_risk", "expected_shortfall"
    top = max((one[name] for one in routes for name in names if known(one.get(name))), default=0.0)
    return [
        {"word": Text(one["name_zh"], one["name_en"]),
         "note": Text(one.get("note_zh") or "", one.get("note_en") or ""),
         "figures": [(alike(one.get(name), top),
                      _apart(one.get(name), routes[0].get(name)) if k else "")
                     for name in names]}
        for k, one in enumerate(routes)
    ]  # fmt: skip


def _apart(value: Any, first: Any) -> str:
    return (
        f"{value / first - 1.0:+.2%}".replace("-", "−")
        if known(value) and known(first) and first
        else ""
    )


def contribution_part(manifest: Manifest) -> list[Row]:
    """Return where expected loss and the tail come from.

    Parameters
    ----------
    manifest : mapping
        Of a book.

    Returns
    -------
    list of dict
        By county and by commodity: rows with two bars and their shares.
    """
    found = []
    for name, word, shown in (
        ("county", Text("按县", "by county"), COUNTIES_SHOWN),
        ("commodity", Text("按产业", "by commodity"), COMMODITIES_SHOWN),
    ):
        rows = (manifest.get("contributions") or {}).get(name) or []
        if rows:
            place = name == "county"
            found.append({"word": word, "more": max(len(rows) - shown, 0),
                          "rows": _contributions(rows, shown, place=place)})  # fmt: skip
    return found


def _contributions(rows: Sequence[Row], shown: int, *, place: bool) -> list[Row]:
    """Bars of the tail beside expected loss, on one scale."""
    tail, volume = (sum(row.get(name) or 0.0 for row in rows) or 1.0
                    for name in ("shortfall_contribution", "guaranteed_yuan"))  # fmt: skip
    longest = max(max(row.get("shortfall_contribution") or 0.0, row.get("expected_loss") or 0.0)
                  for row in rows) or 1.0  # fmt: skip
    return [
        {"word": county_title(row) if place else title_of(row, "code"),
         "bars": [(kind, 100.0 * max(row.get(name) or 0.0, 0.0) / longest)
                  for kind, name in (("tail", "shortfall_contribution"),
                                     ("mean", "expected_loss"))],
         "figure": f"ES {amount(row.get('shortfall_contribution'))} · "
                   f"EL {amount(row.get('expected_loss'))}",
         "shares": f"占尾部 {percent((row.get('shortfall_contribution') or 0.0) / tail)} · "
                   f"占在保 {percent((row.get('guaranteed_yuan') or 0.0) / volume)}",
         "rate": percent(per_yuan(row))}
        for row in rows[:shown]
    ]  # fmt: skip
