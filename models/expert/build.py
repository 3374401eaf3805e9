"""A sound document becomes a card, and a card a document again."""

from collections.abc import Mapping
from typing import Any

from models.expert.card import (
    Band,
    Bin,
    Block,
    Card,
    Item,
    Line,
    MasterScale,
    Option,
    Source,
    Veto,
)  # fmt: skip
from models.expert.schema import Node, tables
from riskengine.words import Text


def card_from(document: Node, vetoes: tuple[Veto, ...] = ()) -> Card:
    """Build a card from a document without faults.

    Parameters
    ----------
    document : mapping
        As `models.expert.check.document_faults` found sound.
    vetoes : tuple of Veto
        Vetoes taken over from another card.

    Returns
    -------
    Card
        The card.
    """
    line, scale = document.get("line"), document.get("master_scale")
    return Card(
        document["name"], _text(document["title"]), document["subject"], document["valid_from"],
        document.get("valid_until"), document["owner"], _source(document),
        _text(document["note"]),
        tuple(_block(document, block) for _, block in tables(document, "block")),
        vetoes + tuple(_veto(veto) for _, veto in tables(document, "veto")),
        tuple(
            Band(band["grade"], _text(band["title"]), float(band.get("from", float("-inf"))))
            for _, band in tables(document, "band")
        ),
        _line(line) if line else None, _scale(scale) if scale else None,
        document.get("grade_field", ""), document.get("clear_grade", ""),
        document.get("climb_field", ""),
    )  # fmt: skip


def _text(words: Mapping[str, str]) -> Text:
    return Text(words["zh"], words["en"])


def _source(node: Node) -> Source:
    return Source(node["cite"], node["seen"])


def _block(document: Node, block: Node) -> Block:
    items = tuple(_item(document, item) for _, item in tables(block, "item"))
    return Block(
        block["name"], _text(block["title"]), float(block["weight"]),
        float(block.get("least", 0.0)), block.get("social", False), block.get("bonus", False),
        _source(block), items,
    )  # fmt: skip


def _item(document: Node, item: Node) -> Item:
    low, high = float(item.get("low", "-inf")), float(item.get("high", "inf"))
    bins, options = tables(item, "bins"), tables(item, "options")
    last = len(bins) - 1
    return Item(
        item["name"], _text(item["title"]), item["field"],
        "number" if bins else "category" if options else "direct",
        item.get("unit", "" if options else "point"), _source(item), float(item["missing"]),
        item.get("refers", False), _text(item["evidence"]), item.get("owner", document["owner"]),
        item.get("valid_from", document["valid_from"]),
        tuple(
            Bin(
                float(entry.get("from", low if k == 0 else 0.0)),
                float(entry.get("to", high if k == last else 0.0)), float(entry["points"]),
            )
            for k, entry in bins
        ),
        tuple(
            Option(
                entry["code"],
                _text(entry.get("title", {"zh": entry["code"], "en": entry["code"]})),
                float(entry["points"]),
            )
            for _, entry in options
        ),
        low, high, float(item.get("step", 1.0)), item.get("actionable", False),
    )  # fmt: skip


def _veto(veto: Node) -> Veto:
    amount = veto.get("amount")
    return Veto(
        veto["name"], _text(veto["title"]), veto.get("outcome", ""),
        _source(veto) if "cite" in veto and "seen" in veto else None, veto.get("field", ""),
        veto.get("compare", ""), tuple(amount) if isinstance(amount, list) else amount,
        veto.get("unit", ""), tuple(veto.get("rules", ())), veto.get("region", ""),
        _text(veto["cure"]) if "cure" in veto else None,
    )  # fmt: skip


def _line(line: Node) -> Line:
    return Line(
        {grade: float(amount) for grade, amount in line["base"].items()},
        {name: float(share) for name, share in line["parts"].items()},
        float(line["cap"]), _source(line),
    )  # fmt: skip


def _scale(scale: Node) -> MasterScale:
    pairs = sorted(((float(a["points"]), float(a["pd"])) for a in scale["anchors"]), reverse=True)
    (high, low_pd), (low, high_pd) = pairs
    return MasterScale((high, low), (low_pd, high_pd), _source(scale))


def document_of(card: Card) -> dict[str, Any]:
    """Turn a card back into its document.

    Parameters
    ----------
    card : Card
        The card.

    Returns
    -------
    dict
        Which builds the same card.
    """
    document: dict[str, Any] = {
        "name": card.name, "title": _said(card.title), "subject": card.subject,
        "valid_from": card.valid_from, "owner": card.owner, **_cited(card.source),
        "note": _said(card.note),
    }  # fmt: skip
    if card.valid_until is not None:
        document["valid_until"] = card.valid_until
    for key in ("grade_field", "clear_grade", "climb_field"):
        if getattr(card, key):
            document[key] = getattr(card, key)
    if card.line is not None:
        document["line"] = {
            "base": dict(card.line.base), "parts": dict(card.line.parts), "cap": card.line.cap,
            **_cited(card.line.source),
        }  # fmt: skip
    if card.scale is not None:
        pairs = zip(card.scale.points, card.scale.pd, strict=True)
        anchors = [{"points": points, "pd": pd} for points, pd in pairs]
        document["master_scale"] = {"anchors": anchors, **_cited(card.scale.source)}
    listed = {
        "band": [_band_document(band) for band in card.bands],
        "veto": [_veto_document(veto) for veto in card.vetoes],
        "block": [_block_document(block) for block in card.blocks],
    }
    return document | {key: entries for key, entries in listed.items() if entries}


def _said(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _cited(source: Source) -> dict[str, str]:
    return {"cite": source.cite, "seen": source.seen}


def _band_document(band: Band) -> dict[str, Any]:
    least = {} if band.least == float("-inf") else {"from": band.least}
    return {"grade": band.grade, "title": _said(band.title), **least}


def _veto_document(veto: Veto) -> dict[str, Any]:
    document: dict[str, Any] = {"name": veto.name, "title": _said(veto.title)}
    document |= _cited(veto.source) if veto.source else {}
    for key in ("outcome", "field", "compare", "unit", "region"):
        if getattr(veto, key):
            document[key] = getattr(veto, key)
    if veto.amount is not None:
        document["amount"] = list(veto.amount) if isinstance(veto.amount, tuple) else veto.amount
    if veto.rules:
        document["rules"] = list(veto.rules)
    if veto.cure is not None:
        document["cure"] = _said(veto.cure)
    return document


def _block_document(block: Block) -> dict[str, Any]:
    return {
        "name": block.name, "title": _said(block.title), "weight": block.weight,
        "least": block.least, "social": block.social, "bonus": block.bonus,
        **_cited(block.source), "item": [_item_document(item) for item in block.items],
    }  # fmt: skip


def _item_document(item: Item) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": item.name, "title": _said(item.title), "field": item.field, "unit": item.unit,
        "missing": item.missing, "refers": item.refers, "evidence": _said(item.evidence),
        "owner": item.owner, "valid_from": item.valid_from, "actionable": item.actionable,
        **_cited(item.source),
    }  # fmt: skip
    if item.kind == "category":
        document["options"] = [
            {"code": option.code, "title": _said(option.title), "points": option.points}
            for option in item.options
        ]
        return document
    document |= {"low": item.low, "high": item.high}
    if item.kind == "direct":
        return document | {"step": item.step}
    document["bins"] = [
        {"from": entry.low, "to": entry.high, "points": entry.points} for entry in item.bins
    ]
    return document
