"""The pages that a book leaves: one HTML file each, drawn from its manifest alone.

A page is complete in itself and depends neither on the clock nor on how long the run took:
the same manifest gives the same bytes.  What a manifest leaves out is left out.
"""

from collections.abc import Iterator
from typing import Any

from riskengine.book import page_change, page_parts, page_places, page_ratios, page_tiles
from riskengine.book.page_figures import amount, change, known, level, to_the_fen
from riskengine.book.page_rows import SHADE_WORDS, Manifest, party_stack, programme_title
from riskengine.report import page
from riskengine.words import Text


def book_page(manifest: Manifest) -> str:
    """Return the page of a guarantee book.

    Parameters
    ----------
    manifest : mapping
        As ``python -m riskengine book`` writes it: plain numbers, words, lists, mappings.

    Returns
    -------
    str
        HTML, complete in itself: tiles, loss curve, layers, contributions, funds, stages,
        ratios, reserves, fees, stress, what was rejected, assumptions, digests.
    """
    rows = page_ratios.ratio_rows(manifest)
    limited = [row for row in rows if row["state"] not in {"unknown", "no_limit"}]
    kept = [row for row in limited if row["state"] == "meets" and row["use"] is None]
    return page(
        "book.html", **_common(manifest), tiles=page_tiles.tile_part(manifest),
        conclusion=page_tiles.conclusion(manifest), red_lines=page_ratios.red_lines(manifest),
        loss=page_parts.loss_part(manifest), layers=page_parts.layer_part(manifest),
        wrong_way=page_parts.wrong_way_part(manifest), routes=page_parts.route_part(manifest),
        contributions=page_parts.contribution_part(manifest), heat=page_places.heat_part(manifest),
        grid=page_places.grid_part(manifest), shades=SHADE_WORDS,
        funds=page_places.fund_part(manifest), stages=page_places.stage_part(manifest),
        classes=page_places.class_part(manifest), covers=page_places.cover_part(manifest),
        ratios=[row for row in limited if row not in kept], kept=kept,
        unknown=[row for row in rows if row["state"] == "unknown"],
        reported=[row for row in rows if row["state"] == "no_limit"],
        headroom=page_ratios.headroom_part(manifest), reserves=page_ratios.reserve_part(manifest),
        fees=page_ratios.fee_part(manifest), compensation=page_ratios.compensation_part(manifest),
        concentration=page_places.concentration_part(manifest),
        causes=page_change.scenario_part(manifest.get("stress"), _base(manifest), manifest),
        stress_parties=page_change.party_keys(manifest.get("stress")),
        programmes=list(_programmes(manifest)), rejected=page_places.rejected_part(manifest),
    )  # fmt: skip


def stress_page(manifest: Manifest) -> str:
    """Return the page of stress scenarios and reverse stress.

    Parameters
    ----------
    manifest : mapping
        As ``python -m riskengine stress`` writes it.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    base = manifest.get("base") or {}
    return page(
        "stress.html", **_common(manifest), tiles=page_change.base_tiles(base),
        causes=page_change.scenario_part(manifest.get("scenarios"), base, manifest),
        stress_parties=page_change.party_keys(manifest.get("scenarios")),
        reverse=page_change.reverse_part(manifest),
    )  # fmt: skip


def attribution_page(manifest: Manifest) -> str:
    """Return the page of what changed between two days, line by line to the fen.

    Parameters
    ----------
    manifest : mapping
        As ``python -m riskengine attribute`` writes it.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    old, new = manifest["old"], manifest["new"]
    total = manifest.get("total_change_yuan", new["value_yuan"] - old["value_yuan"])
    words = {line["name"]: line.get("title_zh") or line["name"] for line in manifest["lines"]}
    order = [str(words.get(name, name)) for name in manifest.get("order") or []]
    method, measure = str(manifest.get("method") or ""), manifest.get("measure") or {}
    tiles = [
        page_tiles.tile(word, amount(side["value_yuan"]), str(side.get("valued_on") or ""))
        for word, side in ((Text("上期", "before"), old), (Text("本期", "now"), new))
    ]
    exact = f"{to_the_fen(total, signed=True)} 元 yuan"
    tiles.append(page_tiles.tile(Text("变动", "change"), change(total), exact))
    return page(
        "attribution.html", **_common(manifest), tiles=tiles, order=order,
        measure=Text(measure.get("zh") or "价值", measure.get("en") or "value"),
        method=page_change.METHOD_WORDS.get(method, Text(method, method)),
        bridge=page_change.bridge_part(manifest), movers=page_change.mover_rows(manifest),
        old_day=str(old.get("valued_on") or ""), new_day=str(new.get("valued_on") or ""),
    )  # fmt: skip


def ratios_page(manifest: Manifest) -> str:
    """Return the page of the ratios alone, with how each is computed.

    Parameters
    ----------
    manifest : mapping
        As ``python -m riskengine ratios`` writes it.

    Returns
    -------
    str
        HTML, complete in itself.
    """
    rows = page_ratios.ratio_rows(manifest)
    return page(
        "ratios.html", **_common(manifest), tiles=page_ratios.state_counts(rows),
        red_lines=page_ratios.red_lines(manifest), ratios=rows,
        headroom=page_ratios.headroom_part(manifest), reserves=page_ratios.reserve_part(manifest),
        compensation=page_ratios.compensation_part(manifest),
        switches=page_ratios.switch_rows(manifest),
    )  # fmt: skip


def _common(manifest: Manifest) -> dict[str, Any]:
    """What every page shows at its head and foot."""
    notes = [Text(note["zh"], note.get("en") or note["zh"]) for note in manifest.get("notes") or []]
    return {"valued_on": str(manifest.get("valued_on") or ""), "notes": notes,
            "foot": list(_foot(manifest)), "market": str(manifest.get("market") or "")}  # fmt: skip


def _foot(manifest: Manifest) -> Iterator[str]:
    """Digests, seed and size of the run."""
    if manifest.get("engine_version"):
        yield f"引擎 engine {manifest['engine_version']}"
    for name, word in (
        ("seed", "随机种子 seed"),
        ("scenarios", "情景数 scenarios"), ("scrambles", "加扰次数 scrambles"),
        ("degrees_of_freedom", "自由度 degrees of freedom"), ("horizon_months", "期限（月）months"),
    ):  # fmt: skip
        if known(manifest.get(name)):
            yield f"{word} {manifest[name]}"
    if manifest.get("level") is not None:
        yield f"置信水平 level {level(manifest['level'])}"
    for name, word in (("rules_digest", "规则 rules"), ("market_digest", "市场 market")):
        if manifest.get(name):
            yield f"{word} {str(manifest[name])[:12]}"
    factors = manifest.get("factors") or {}
    if factors:
        digest = str(factors.get("digest") or "")[:12]
        yield f"因子 factors {factors.get('name')}（{factors.get('seen')}）{digest}"
    for name, digest in (manifest.get("models") or {}).items():
        yield f"模型 model {name} {str(digest)[:12]}"
    yield from _files(manifest)
    for side, word in (("old", "上期 before"), ("new", "本期 now")):
        held = manifest.get(side) or {}
        for name in ("rules_digest", "market_digest", "factors_digest"):
            if held.get(name):
                yield f"{word} {name.removesuffix('_digest')} {str(held[name])[:12]}"
        yield from (f"{word} {said}" for said in _files(held))


def _files(held: Manifest) -> Iterator[str]:
    """Files that were read."""
    for name, told in (held.get("inputs") or {}).items():
        yield f"{name}: {told.get('file')} {str(told.get('sha256') or '')[:12]}"


def _base(manifest: Manifest) -> dict[str, Any]:
    """What stress is held against on the page of a book."""
    loss = (manifest.get("distribution") or {}).get("loss") or {}
    own = [one for one in manifest.get("layers") or [] if one["party"] == "guarantor"]
    return {"expected_loss": loss.get("expected"),
            "own_expected": own[0].get("expected") if own else None}  # fmt: skip


def _programmes(manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Schemes of sharing in sentences, with who bears what is expected."""
    for one in manifest.get("programmes") or []:
        yield {
            "word": programme_title(one), "parts": party_stack(one.get("by_party") or {}),
            "contracts": f"{one.get('contracts') or 0:,}",
            "volume": amount(one.get("guaranteed_yuan")),
            "loss": amount(one.get("expected_loss")),
            "sentences": [Text(told["zh"], told["en"]) for told in one.get("sentences") or []],
        }  # fmt: skip
