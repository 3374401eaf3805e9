"""Real-estate unit codes (GB/T 37346-2019): form, and fit with the kind of right."""

from dataclasses import dataclass

from riskengine.errors import RiskEngineError
from riskengine.identity.places import unknown_province
from riskengine.identity.remarks import Remark, Remarks, fail, warn
from riskengine.identity.shapes import DIGIT, LETTER, Alphabet, Shape
from riskengine.regions import PROVINCES
from riskengine.words import Text

OWNERSHIPS = {
    "G": Text("国家", "state"), "J": Text("集体", "collective"), "Z": Text("未确权", "unconfirmed"),
}  # fmt: skip
"""Character 13: who owns the land."""

PARCELS = {
    "A": Text("集体土地所有权宗地", "collective ownership"),
    "B": Text("建设用地（地表）", "construction land, surface"),
    "S": Text("建设用地（地上）", "construction land, above ground"),
    "X": Text("建设用地（地下）", "construction land, below ground"),
    "C": Text("宅基地", "homestead"),
    "D": Text("土地承包经营权（耕地）", "contracted arable land"),
    "E": Text("土地承包经营权（林地）", "contracted forest land"),
    "F": Text("土地承包经营权（草地）", "contracted grassland"),
    "H": Text("海域", "sea"),
    "G": Text("无居民海岛", "uninhabited island"),
    "W": Text("未确定或有争议", "undetermined or disputed"),
    "Y": Text("其他", "other"),
    "L": Text("林地使用权", "forest land, 2019 edition"),
    "N": Text("农用地使用权", "farm land, 2019 edition"),
}
"""Character 14: what the parcel is."""

COLLECTIVE_ONLY = ("A", "C")
"""Parcels that stand on collective land alone."""

FIXTURES = {
    "F": Text("房屋等建筑物", "building"), "L": Text("森林林木", "trees"),
    "Q": Text("其他", "other"), "W": Text("无", "none"),
}  # fmt: skip
"""Character 20: what stands on the parcel."""

NO_FIXTURE = "W00000000"

_NAME = Text("不动产单元号", "the real-estate unit code")
_UNIT = Shape(
    _NAME,
    (
        (12, DIGIT),
        (1, Alphabet("GJZ", Text("G、J或Z", "G, J or Z"))),
        (1, LETTER), (5, DIGIT),
        (1, Alphabet("FLQW", Text("F、L、Q或W", "F, L, Q or W"))),
        (8, DIGIT),
    ),
)  # fmt: skip


_UNKNOWN_PROVINCE = unknown_province(_NAME)
_NO_CODE = warn(
    0, "没有不动产单元号（2015年以前的证书没有）",
    "no real-estate unit code; certificates from before 2015 have none",
)  # fmt: skip
_UNKNOWN_PARCEL = warn(
    14, "第14位宗地特征码未知", "character 14, the feature of the parcel, is unknown"
)
_NOT_COLLECTIVE = warn(
    13, "集体所有权和宅基地宗地的第13位应为J",
    "character 13 is J for parcels of collective ownership and homesteads",
)  # fmt: skip
_UNIT_OF_NOTHING = fail(
    21, "无定着物时第21-28位应为0", "characters 21 to 28 are 0 where nothing stands"
)


@dataclass(frozen=True, slots=True)
class _Fit:
    """Letters that go with a kind of right; empty for any."""

    ownerships: str
    parcels: str
    fixtures: str


_FITS = {
    "land": _Fit("", "DEF", ""),
    "homestead": _Fit("J", "C", "F"),
    "forest": _Fit("", "EL", "L"),
    "construction": _Fit("J", "B", ""),
    "equity": _Fit("", "", ""),
    "ecology": _Fit("", "", ""),
}


def unit_code(code: str, right_kind: str) -> Remarks:
    """Check a real-estate unit code, and whether it fits the kind of right.

    Parameters
    ----------
    code : str
        28 characters; empty for certificates from before 2015, which have none.
    right_kind : {"land", "homestead", "forest", "construction", "equity", "ecology"}
        Kind of right that the certificate is said to prove; of the last two nothing is asked.

    Returns
    -------
    tuple of Remark
        FAIL for the form, and for a unit number where nothing stands; WARN, to be referred,
        for a code that is empty, whose letters are unknown or do not go together, or that
        does not fit the right.

    Raises
    ------
    RiskEngineError
        For a kind of right that is none.

    Notes
    -----
    GB/T 37346-2019: county 6, cadastral district 3, sub-district 3, features of the parcel
    2, its number 5, feature of the fixture 1, unit number 8; no check digit.

    Examples
    --------
    >>> unit_code("370983001002JC00012F00010001", "homestead")
    ()
    >>> unit_code("370983001002JC00012F00010001", "construction")[0].position
    14
    """
    fit = _FITS.get(right_kind)
    if fit is None:
        raise RiskEngineError(
            Text("权利种类未知", "the kind of right is unknown"),
            Text(f"请用：{'、'.join(_FITS)}", f"use one of {', '.join(_FITS)}"),
        )
    if not code:
        return (_NO_CODE,)
    read, remarks = _UNIT.read(code)
    if not read:
        return remarks
    return (*remarks, *_inner_remarks(read), *_fit_remarks(read, fit))


def _inner_remarks(code: str) -> Remarks:
    """What does not go together within the code."""
    return tuple(
        remark
        for wrong, remark in (
            (code[:2] not in PROVINCES, _UNKNOWN_PROVINCE),
            (code[13] not in PARCELS, _UNKNOWN_PARCEL),
            (code[13] in COLLECTIVE_ONLY and code[12] != "J", _NOT_COLLECTIVE),
            (code[19] == "W" and code[19:] != NO_FIXTURE, _UNIT_OF_NOTHING),
        )
        if wrong
    )


def _fit_remarks(code: str, fit: _Fit) -> list[Remark]:
    """Which letters do not fit the kind of right."""
    found = []
    for position, letters, zh, en in (
        (13, fit.ownerships, "土地所有权类型", "the ownership"),
        (14, fit.parcels, "宗地特征", "the parcel"),
        (20, fit.fixtures, "定着物特征", "the fixture"),
    ):
        if letters and code[position - 1] not in letters:
            found.append(
                warn(position, f"第{position}位{zh}与权利种类不符，应为{'、'.join(letters)}",
                     f"character {position}, {en}, does not fit the right: {' or '.join(letters)}")
            )  # fmt: skip
    return found
