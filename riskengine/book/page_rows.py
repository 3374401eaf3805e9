"""Rows that the pages of a book share: words, cut bars, places and their loss per yuan."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from riskengine.book.page_figures import PARTY_WORDS, amount, known, percent
from riskengine.book.pictures import party_class
from riskengine.regions import province_of
from riskengine.words import Text

Row = dict[str, Any]
Manifest = Mapping[str, Any]

SAID_IN_BAR = 9.0
"""Part of a bar that holds its figure [%]."""
SHADES = (0.5, 0.8, 1.25, 2.0)
"""Loss per yuan over that of the book at which colours change."""
SHADE_WORDS = ("< 0.5", "0.5–0.8", "0.8–1.25", "1.25–2", "> 2")


def title_of(row: Mapping[str, Any], fallback: str = "name") -> Text:
    """Return the words of a row in both languages.

    Parameters
    ----------
    row : mapping
        With ``title_zh`` and ``title_en``, or one ``title``.
    fallback : str
        Key that names it where it has no title.

    Returns
    -------
    Text
        Its words.
    """
    plain = str(row.get("title") or row.get(fallback) or "")
    zh = str(row.get("title_zh") or plain)
    return Text(zh, str(row.get("title_en") or zh))


def party_title(layer: Mapping[str, Any]) -> Text:
    """Return the words of a party or of its layer.

    Parameters
    ----------
    layer : mapping
        With ``party`` and perhaps words of its own.

    Returns
    -------
    Text
        Its words.
    """
    own = title_of(layer, "party")
    return own if layer.get("title_zh") else PARTY_WORDS.get(layer["party"], own)


def stack(parts: Iterable[tuple[str, Text, Any, str]]) -> list[Row]:
    """Cut a bar into parts.

    Parameters
    ----------
    parts : iterable of tuple
        Class, words, size and figure of each part.

    Returns
    -------
    list of dict
        Parts above zero, each with its share of the whole [%].
    """
    sized = [(kind, word, float(size), said) for kind, word, size, said in parts
             if known(size) and size > 0.0]  # fmt: skip
    whole = sum(size for _, _, size, _ in sized) or 1.0
    return [
        {"kind": kind, "word": word, "share": 100.0 * size / whole, "figure": said,
         "said": f"{size / whole:.0%}" if 100.0 * size / whole >= SAID_IN_BAR else ""}
        for kind, word, size, said in sized
    ]  # fmt: skip


def party_stack(by_party: Mapping[str, Any]) -> list[Row]:
    """Cut a bar by party.

    Parameters
    ----------
    by_party : mapping of str to float
        Money of each party [yuan].

    Returns
    -------
    list of dict
        As `stack` gives, in the order of `PARTY_WORDS`.
    """
    order = [*PARTY_WORDS, *(party for party in by_party if party not in PARTY_WORDS)]
    return stack(
        (party_class(party), PARTY_WORDS.get(party, Text(party, party)), by_party[party],
         amount(by_party[party]))
        for party in order if party in by_party
    )  # fmt: skip


def per_yuan(row: Mapping[str, Any]) -> float | None:
    """Return the expected loss per yuan.

    Parameters
    ----------
    row : mapping
        A contribution.

    Returns
    -------
    float or None
        As the manifest says it, else expected loss over what is guaranteed [1].
    """
    said, volume = row.get("loss_per_yuan"), row.get("guaranteed_yuan")
    if known(said):
        return float(said)
    return row["expected_loss"] / volume if volume and known(row.get("expected_loss")) else None


def programme_title(row: Mapping[str, Any]) -> Text:
    """Return a scheme of sharing or a product in words.

    Parameters
    ----------
    row : mapping
        With ``programme_id`` or ``product``; ``~`` and a share stand for no scheme.

    Returns
    -------
    Text
        Its words.

    Examples
    --------
    >>> programme_title({"programme_id": "~0.800000"}).en
    'no scheme, 80.0% guaranteed'
    """
    name = str(row.get("programme_id") or row.get("product") or "")
    try:
        share = percent(float(name.removeprefix("~"))) if name.startswith("~") else ""
    except ValueError:
        share = ""
    if not share:
        return title_of({**row, "name": name})
    return Text(f"无方案，担保{share}", f"no scheme, {share} guaranteed")


def county_title(row: Mapping[str, Any]) -> Text:
    """Return a county with its province.

    Parameters
    ----------
    row : mapping
        With ``code`` and perhaps ``title``.

    Returns
    -------
    Text
        Its words; the code where it has no name.
    """
    code = str(row.get("code") or row.get("county") or "")
    province, own = province_of(code), title_of({**row, "code": code}, "code")
    zh = own.zh if own.zh.startswith(province.zh) else f"{province.zh} {own.zh}"
    said = code if own.en == own.zh else own.en
    return Text(zh.strip(), f"{province.en} {said}".strip())


def shade_of(rate: float | None, mean: float) -> int:
    """Return the class of colour of a loss per yuan.

    Parameters
    ----------
    rate : float or None
        Loss per yuan [1].
    mean : float
        That of the book [1].

    Returns
    -------
    int
        1 to 5 by `SHADES`; 0 where it is not known.

    Examples
    --------
    >>> shade_of(0.01, 0.01), shade_of(0.03, 0.01), shade_of(None, 0.01)
    (3, 5, 0)
    """
    if rate is None or not mean > 0.0:
        return 0
    return 1 + sum(rate > edge * mean for edge in SHADES)


def mean_rate(rows: Sequence[Row]) -> float:
    """Return the loss per yuan of all rows together.

    Parameters
    ----------
    rows : sequence of dict
        Contributions.

    Returns
    -------
    float
        Mean weighted by loans, else by what is guaranteed [1]; 0 for none.
    """
    sized = [
        (per_yuan(row), row.get("loans_yuan") or row.get("guaranteed_yuan") or 0.0) for row in rows
    ]
    volume = sum(size for rate, size in sized if rate is not None)
    return sum(rate * size for rate, size in sized if rate is not None) / volume if volume else 0.0
