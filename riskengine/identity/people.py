"""Codes of people: resident identity number, bank card, telephone."""

from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal

from riskengine.identity.remarks import Remark, Remarks, fail, warn
from riskengine.identity.shapes import DIGIT, DIGIT_OR_X, Shape
from riskengine.regions import PROVINCES
from riskengine.words import Text

OLDEST_YEARS = 120
"""Age that a living holder does not pass."""

RESIDENCE_PERMITS = {
    "81": Text("香港（居住证）", "Hong Kong (residence permit)"),
    "82": Text("澳门（居住证）", "Macao (residence permit)"),
    "83": Text("台湾（居住证）", "Taiwan (residence permit)"),
}
"""First two digits of residence permits, which have the form of an identity number."""

ORIGINS = {**PROVINCES, **RESIDENCE_PERMITS}
"""What the first two digits of an identity number can be."""

_RESIDENT = Shape(
    Text("证号", "the identity number"), ((17, DIGIT), (1, DIGIT_OR_X)), ((15, DIGIT),)
)
_WEIGHTS = 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2
_CHECKS = "10X98765432"
_ZERO = ord("0") * sum(_WEIGHTS)
_CENTURY = "19"

_UNKNOWN_ORIGIN = warn(
    1, "证号前两位不是省级代码", "the first two digits of the identity number name no province"
)
_OLD_FORM = warn(
    0, "15位旧证号没有校验位，无法校验，请换成18位",
    "an old number of 15 digits has no check character: ask for the one of 18",
)  # fmt: skip
_NO_DATE = fail(
    7, "证号中的出生日期不存在", "the date of birth in the identity number does not exist"
)
_NOT_BORN = fail(
    7, "证号中的出生日期晚于核对日",
    "the date of birth in the identity number lies after the day of the check",
)  # fmt: skip
_TOO_OLD = fail(
    7, f"按证号年龄超过{OLDEST_YEARS}岁",
    f"by the identity number the holder is older than {OLDEST_YEARS}",
)  # fmt: skip
_WRONG_CHECK = fail(18, "证号第18位校验不对", "check character 18 is wrong")


@dataclass(frozen=True, slots=True)
class ResidentFacts:
    """What an identity number says of its holder.

    Parameters
    ----------
    origin : Text
        Province of first registration, or the place a residence permit names.
    born_on : datetime.date
        Day of birth.
    sex : {"male", "female"}
        By the order number: odd male, even female.
    """

    origin: Text
    born_on: date
    sex: Literal["male", "female"]


def resident_id(code: str, day: date) -> Remarks:
    """Check a resident identity number.

    Of the region only the province is checked: districts that are no longer in GB/T 2260
    stay valid in the numbers that were given out there.

    Parameters
    ----------
    code : str
        18 characters, or the 15 digits of old.
    day : datetime.date
        Day on which the holder must be born and at most 120 years old, both ends closed.

    Returns
    -------
    tuple of Remark
        FAIL for the form, a date of birth that is none, lies after `day` or is too old,
        and a wrong check character; WARN for an unknown province, a small x and 15 digits.

    Notes
    -----
    GB 11643-1999: 6 digits of region, 8 of birth, 3 of order, check character MOD 11-2.

    Examples
    --------
    >>> resident_id("11010519491231002X", date(2026, 11, 26))
    ()
    >>> resident_id("110105194912310021", date(2026, 11, 26))[0].text.en
    'check character 18 is wrong'
    """
    read, remarks = _RESIDENT.read(code)
    if not read:
        return remarks
    if read[:2] not in ORIGINS:
        remarks += (_UNKNOWN_ORIGIN,)
    if len(read) == 15:
        remarks += (_OLD_FORM,)
    wrong = _wrong_birth(_born_on(read), day)
    if wrong is not None:
        remarks += (wrong,)
    if len(read) == 18 and _check_character(read) != read[17]:
        remarks += (_WRONG_CHECK,)
    return remarks


def resident_facts(code: str) -> ResidentFacts | None:
    """Read what an identity number says of its holder.

    Parameters
    ----------
    code : str
        18 characters with a right check character, or the 15 digits of old.

    Returns
    -------
    ResidentFacts or None
        None where form, province, date of birth or check character is wrong.

    Examples
    --------
    >>> resident_facts("440524188001010014").sex
    'male'
    """
    read, born_on = _holder(code)
    if born_on is None:
        return None
    order = read[16] if len(read) == 18 else read[14]
    return ResidentFacts(ORIGINS[read[:2]], born_on, "male" if int(order) % 2 else "female")


def names_a_person(code: str) -> bool:
    """Whether a text could be an identity number.

    Parameters
    ----------
    code : str
        Any text.

    Returns
    -------
    bool
        True where `resident_facts` would answer.
    """
    return _holder(code)[1] is not None


def _holder(code: str) -> tuple[str, date | None]:
    """A number as read, and the day of birth where all of the number holds."""
    read = _RESIDENT.read(code)[0] if _digits_lead(code) else ""
    if read[:2] not in ORIGINS or (len(read) == 18 and _check_character(read) != read[17]):
        return read, None
    return read, _born_on(read)


def _digits_lead(code: str) -> bool:
    """Whether all characters but the last are digits, told before anything is read."""
    return len(code) in (15, 18) and code[:-1].isdigit()


def modern_resident_id(code: str) -> str:
    """Write an old identity number of 15 digits in the form of 18.

    Parameters
    ----------
    code : str
        The 15 digits.

    Returns
    -------
    str
        The same number with 19 before the year of birth and its check character; empty
        where the text is not 15 digits.

    Examples
    --------
    >>> modern_resident_id("110105491231002")
    '11010519491231002X'
    """
    read, _ = _RESIDENT.read(code)
    if len(read) != 15:
        return ""
    longer = read[:6] + _CENTURY + read[6:]
    return longer + _check_character(longer)


def _check_character(code: str) -> str:
    """Check character of the first 17 digits; their codes exceed their values by that of 0."""
    return _CHECKS[(sum(map(mul, _WEIGHTS, code.encode())) - _ZERO) % 11]


def _born_on(read: str) -> date | None:
    """Day of birth in a number of either form, if there is such a day."""
    born = read[6:14] if len(read) == 18 else _CENTURY + read[6:12]
    try:
        return date(int(born[:4]), int(born[4:6]), int(born[6:]))
    except ValueError:
        return None


def _wrong_birth(born: date | None, day: date) -> Remark | None:
    """What is wrong with a day of birth, seen on a day."""
    if born is None:
        return _NO_DATE
    if born > day:
        return _NOT_BORN
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return _TOO_OLD if age > OLDEST_YEARS else None


CARD_LENGTHS = range(12, 20)
"""Digits of a bank card (ISO/IEC 7812-1 allows 19 at most)."""

_CARD = Shape(Text("银行卡号", "the card number"), *(((size, DIGIT),) for size in CARD_LENGTHS))
_PHONE = Shape(Text("电话号码", "the telephone number"), ((11, DIGIT),))
_DOUBLED = {digit: sum(map(int, str(2 * int(digit)))) for digit in DIGIT.characters}


def bank_card(code: str) -> Remarks:
    """Check the number of a bank card.

    Parameters
    ----------
    code : str
        12 to 19 digits, both ends closed.

    Returns
    -------
    tuple of Remark
        FAIL for the form or a wrong check digit (Luhn, ISO/IEC 7812-1 annex B).  Numbers
        of accounts that have no card need not pass.

    Examples
    --------
    >>> bank_card("6222020000000000008")[0].position, bank_card("6222020000000000000")
    (19, ())
    """
    read, remarks = _CARD.read(code)
    if not read:
        return remarks
    total = sum(map(int, read[::-2])) + sum(map(_DOUBLED.__getitem__, read[-2::-2]))
    if total % 10:
        size = len(read)
        remarks += (fail(size, f"银行卡号第{size}位校验不对", f"check digit {size} is wrong"),)
    return remarks


def phone(code: str) -> Remarks:
    """Check a telephone number: 11 digits, without country code, blanks or dashes.

    Parameters
    ----------
    code : str
        The number.

    Returns
    -------
    tuple of Remark
        FAIL for anything but 11 digits.

    Examples
    --------
    >>> phone("13800000000"), phone("1380000000")[0].text.zh
    ((), '电话号码应为11位，现为10位')
    """
    return _PHONE.read(code)[1]
