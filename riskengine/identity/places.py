"""Region codes (GB/T 2260 and the statistical extension), dated, and the county in other codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from riskengine.identity.remarks import Remark, Remarks, warn
from riskengine.identity.shapes import DIGIT, Shape
from riskengine.regions import CODE_LENGTHS, PROVINCES
from riskengine.words import Text

PROVINCES_SINCE = {
    "46": date(1988, 4, 13), "50": date(1997, 3, 14), "81": date(1997, 7, 1),
    "82": date(1999, 12, 20),
}  # fmt: skip
"""First day of the provinces that were set up after GB 2260 began."""

WITHOUT_CITY = ("4190", "4290", "4690", "6590")
"""First four digits of county-level cities that stand directly under their province."""

WITHOUT_COUNTY = ("4419", "4420", "4604", "6202")
"""Cities that divide into townships: Dongguan, Zhongshan, Danzhou, Jiayuguan."""

MUNICIPALITIES = ("11", "12", "31", "50")
"""Provinces that are one city; digits 3 and 4 only sort their districts and counties."""

SETTLEMENT_CLASSES = ("111", "112", "121", "122", "123", "210", "220")
"""Urban and rural classes that may follow the 12 digits of a village."""

RegionLevel = Literal["province", "city", "county", "township", "village"]
_LEVELS: dict[int, RegionLevel] = {
    2: "province", 4: "city", 6: "county", 9: "township", 12: "village",
}  # fmt: skip

_NAME = Text("区划代码", "the region code")
_REGION = Shape(_NAME, *(((size, DIGIT),) for size in (*CODE_LENGTHS, 15)))

_NOT_YET = warn(1, "该省级代码当日尚未启用", "the province was not yet set up on that day")
_COUNTY_OF_NO_CITY = warn(
    3, "第3-4位为00，下面不应再有县级", "digits 3 and 4 are 00, yet a county follows"
)
_NO_CITY = warn(
    3, "省直辖县级市没有地级代码", "county-level cities under a province have no city code"
)
_ZONE = warn(5, "开发区代码不在国标内", "development zones have no code in GB/T 2260")
_TOWNSHIP_OF_NO_COUNTY = warn(
    5, "第5-6位为00，下面不应再有乡级", "digits 5 and 6 are 00, yet a township follows"
)
_VILLAGE_OF_NO_TOWNSHIP = warn(
    7, "第7-9位为000，下面不应再有村级", "digits 7 to 9 are 000, yet a village follows"
)
_UNKNOWN_SETTLEMENT = warn(
    13, "城乡分类代码未知", "the class of settlement, digits 13 to 15, is unknown"
)
_UNKNOWN_COUNTY = warn(0, "县级代码不在区划表中", "the county code is not in the table of regions")
_NOT_IN_FORCE = warn(
    0, "县级代码当日无效（未启用或已撤销）", "the county code was not in force on that day"
)
_NO_COMPARISON = warn(0, "无法比较县级代码", "the county codes cannot be compared")


@dataclass(frozen=True, slots=True)
class RegionLife:
    """Days on which a county code was in force.

    Parameters
    ----------
    first_day : datetime.date
        First day.
    last_day : datetime.date or None
        Last day, itself in force; None while it lasts.
    """

    first_day: date
    last_day: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the code was in force on a day.

        Parameters
        ----------
        day : datetime.date
            The day.

        Returns
        -------
        bool
            True from the first day to the last, both closed.
        """
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


RegionTable = Mapping[str, Sequence[RegionLife]]
"""County codes of 6 digits with their lives; a code may come back."""


def region_code(code: str, day: date, table: RegionTable | None = None) -> Remarks:
    """Check a region code as of a day.

    Codes change every year, so that a code which is not known is a warning, never a fault.

    Parameters
    ----------
    code : str
        6 digits (province, city or county), 9 (township), 12 (village), or 15 with the
        class of settlement.
    day : datetime.date
        Day on which the code was written down (``region_valid_on``).
    table : mapping of str to sequence of RegionLife, optional
        Dated table of county codes; without one only the provinces are dated.

    Returns
    -------
    tuple of Remark
        FAIL for the form; WARN for all else.

    Examples
    --------
    >>> region_code("370983", date(2026, 11, 26))
    ()
    >>> [remark.position for remark in region_code("500101", date(1996, 1, 1))]
    [1]
    """
    read, remarks = _REGION.read(code)
    if not read:
        return remarks
    remarks += _province_remarks(read, day) + _level_remarks(read)
    if len(read) == 15 and read[12:] not in SETTLEMENT_CLASSES:
        remarks += (_UNKNOWN_SETTLEMENT,)
    return remarks if table is None else remarks + _table_remarks(read, day, table)


def _province_remarks(code: str, day: date) -> Remarks:
    """Whether the province exists, and did so on the day."""
    if code[:2] not in PROVINCES:
        return (unknown_province(_NAME),)
    return (_NOT_YET,) if day < PROVINCES_SINCE.get(code[:2], date.min) else ()


def unknown_province(name: Text) -> Remark:
    """Remark that the first two digits of a code name no province.

    Parameters
    ----------
    name : Text
        What the code is called.

    Returns
    -------
    Remark
        A warning.
    """
    return warn(
        1, f"{name.zh}前两位不是省级代码", f"the first two digits of {name.en} name no province"
    )


def _level_remarks(code: str) -> Remarks:
    """Levels left out or out of use: 00 stands for the whole of the level above."""
    city, county, below = code[2:4], code[4:6], code[6:12].strip("0")
    return tuple(
        remark
        for wrong, remark in (
            (city == "00" != county, _COUNTY_OF_NO_CITY),
            (county == "00" and code[:4] in WITHOUT_CITY, _NO_CITY),
            ("71" <= county <= "80", _ZONE),
            (county == "00" and below and code[:4] not in WITHOUT_COUNTY, _TOWNSHIP_OF_NO_COUNTY),
            (code[6:9] == "000" and below, _VILLAGE_OF_NO_TOWNSHIP),
        )
        if wrong
    )


def _table_remarks(code: str, day: date, table: RegionTable) -> Remarks:
    """What a dated table says of the county."""
    if code[4:6] == "00":
        return ()
    lives = table.get(code[:6], ())
    if not lives:
        return (_UNKNOWN_COUNTY,)
    return () if any(life.holds(day) for life in lives) else (_NOT_IN_FORCE,)


def region_prefix(code: str) -> str:
    """Return the digits that all regions inside a region share.

    Parameters
    ----------
    code : str
        Region code of 6, 9, 12 or 15 digits.

    Returns
    -------
    str
        2, 4, 6, 9 or 12 digits: levels that are 00 or 000 to the end are left out; empty
        where the text is no such code.

    Examples
    --------
    >>> region_prefix("370000"), region_prefix("370983"), region_prefix("370983100000")
    ('37', '370983', '370983100')
    """
    read, _ = _REGION.read(code)
    levels = ((0, 2), (2, 4), (4, 6), (6, 9), (9, 12))
    ends = [end for start, end in levels if read[start:end].strip("0")]
    return read[: ends[-1]] if ends else ""


def region_level(code: str) -> RegionLevel | None:
    """Return the level of a region.

    Parameters
    ----------
    code : str
        Region code.

    Returns
    -------
    {"province", "city", "county", "township", "village"} or None
        None where the text is no region code.

    Examples
    --------
    >>> region_level("370900"), region_level("419001"), region_level("37")
    ('city', 'county', None)
    """
    return _LEVELS.get(len(region_prefix(code)))


def parent_region(code: str) -> str:
    """Return the region one level up.

    Parameters
    ----------
    code : str
        Region code.

    Returns
    -------
    str
        Its code: 6 digits down to the county, 9 for a township; empty above a province and
        where the text is no region code.  Counties of municipalities and county-level
        cities under a province have no city above them.

    Examples
    --------
    >>> parent_region("370983"), parent_region("419001"), parent_region("370983100")
    ('370900', '410000', '370983')
    """
    prefix = region_prefix(code)
    if len(prefix) == 12:
        return prefix[:9]
    if len(prefix) == 9:
        return prefix[:6]
    under_province = prefix[:4] in WITHOUT_CITY or prefix[:2] in MUNICIPALITIES
    if len(prefix) == 6 and not under_province:
        return prefix[:4] + "00"
    return prefix[:2] + "0000" if len(prefix) > 2 else ""


def lies_within(code: str, outer: str) -> bool:
    """Whether one region lies within another, or is the same.

    Parameters
    ----------
    code : str
        Region code of the smaller.
    outer : str
        Region code of the larger.

    Returns
    -------
    bool
        By prefix; False where either text is no region code.

    Examples
    --------
    >>> lies_within("370983100", "370900"), lies_within("370983", "371000")
    (True, False)
    """
    prefix = region_prefix(outer)
    return bool(prefix) and region_prefix(code).startswith(prefix)


def same_place(code: str, region: str) -> Remarks:
    """Compare the county that a code begins with to a region code.

    Parameters
    ----------
    code : str
        Code that begins with a county of 6 digits: real-estate unit, issuer, contractor,
        parcel, contract, certificate.
    region : str
        Region code; of a province or city only its own digits are compared.

    Returns
    -------
    tuple of Remark
        WARN where they differ: county codes are dated, and land codes keep those of the
        time when rights were confirmed.

    Examples
    --------
    >>> same_place("3709831002030100001", "370983100203")
    ()
    """
    prefix = region_prefix(region)[:6]
    start = code[:6]
    if not prefix or len(start) < 6 or not (start.isascii() and start.isdigit()):
        return (_NO_COMPARISON,)
    for position, (own, theirs) in enumerate(zip(start, prefix, strict=False), 1):
        if own != theirs:
            return (
                warn(position, "所含县级代码与所在区划不一致，请核对区划变更",
                     "the county in the code is not the region's: were codes changed?"),
            )  # fmt: skip
    return ()
