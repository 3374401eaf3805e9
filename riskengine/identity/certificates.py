"""Texts of title certificates: unified, and the old ones of forest, land and homesteads."""

import re
from dataclasses import dataclass
from typing import Literal

from riskengine.identity.remarks import LONGEST

PROVINCE_LETTERS = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
"""What certificates call the provinces."""

CertificateKind = Literal["title", "mortgage_or_notice", "forest", "land", "homestead"]

_UNIFIED = re.compile(
    rf"(?P<province>[{PROVINCE_LETTERS}])[（(](?P<year>[0-9]{{4}})[）)]"
    r"(?P<place>.{2,12})不动产(?P<proof>权|证明)第(?P<number>[0-9]{7})号"
)
_YEAR = r"[（(〔\[](?P<year>[0-9]{4})[）)〕\]]"
_NUMBER = r"第?(?P<number>[0-9][0-9-]{0,19})号"
_FOREST = re.compile(rf"(?P<place>\w{{1,12}})林证字(?:{_YEAR})?{_NUMBER}")
_LAND = re.compile(rf"(?P<place>\w{{1,12}})集用(?:字|证)?(?:{_YEAR})?{_NUMBER}")
_HOMESTEAD = re.compile(r"(?P<place>\w{1,12}?)宅(?P<rest>.+)")
_FREE_YEAR, _FREE_NUMBER = re.compile(_YEAR), re.compile(_NUMBER)


@dataclass(frozen=True, slots=True)
class CertificateText:
    """A certificate as it was typed, and what could be read out of it.

    Parameters
    ----------
    raw : str
        The text as it was typed.
    kind : {"title", "mortgage_or_notice", "forest", "land", "homestead"}
        Unified certificate of title (权) or of mortgage and advance notice (证明), or an old
        certificate of forest, collective land or homestead.
    province : str
        One character; empty where the text does not begin with one.
    year : int or None
        Year of the certificate.
    place : str
        County of a unified certificate; what stands before the kind of an old one.
    number : str
        Digits of the number; empty where there is none.
    """

    raw: str
    kind: CertificateKind
    province: str
    year: int | None
    place: str
    number: str


def certificate_text(text: str) -> CertificateText | None:
    """Read the text of a title certificate.

    Parameters
    ----------
    text : str
        Text on the certificate; blanks are passed over.

    Returns
    -------
    CertificateText or None
        None where no form fits, or beyond 64 characters.  Old certificates may lack the year,
        those of homesteads, which are free text, the number instead.

    Examples
    --------
    >>> certificate_text("鲁（2021）肥城市不动产权第0001234号").kind
    'title'
    >>> certificate_text("闽林证字(2008)第00123号").year
    2008
    """
    if len(text) > LONGEST:
        return None
    plain = "".join(text.split())
    match = _UNIFIED.fullmatch(plain)
    if match is not None:
        kind: CertificateKind = "title" if match["proof"] == "权" else "mortgage_or_notice"
        return CertificateText(
            text, kind, match["province"], int(match["year"]), match["place"], match["number"]
        )
    return _old_text(text, plain)


def _old_text(raw: str, plain: str) -> CertificateText | None:
    """Read a certificate from before the unified one."""
    province = plain[:1] if plain[:1] in PROVINCE_LETTERS else ""
    forms: tuple[tuple[CertificateKind, re.Pattern[str]], ...] = (
        ("forest", _FOREST), ("land", _LAND),
    )  # fmt: skip
    for kind, pattern in forms:
        match = pattern.fullmatch(plain)
        if match is not None:
            return CertificateText(
                raw, kind, province, _year(match), match["place"], match["number"]
            )
    match = _HOMESTEAD.fullmatch(plain)
    if match is None:
        return None
    year, number = _FREE_YEAR.search(match["rest"]), _FREE_NUMBER.search(match["rest"])
    if year is None and number is None:
        return None
    return CertificateText(
        raw, "homestead", province, _year(year) if year else None, match["place"],
        number["number"] if number else "",
    )  # fmt: skip


def _year(match: re.Match[str]) -> int | None:
    """Year that a pattern found."""
    return int(match["year"]) if match["year"] else None
