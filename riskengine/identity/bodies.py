"""Codes of bodies: unified social credit code, organisation code, registration number."""

from operator import mul

from riskengine.identity.remarks import Level, Remarks, fail, warn
from riskengine.identity.shapes import DIGIT, DIGIT_OR_X, LETTER_OR_DIGIT, Alphabet, Shape
from riskengine.regions import PROVINCES
from riskengine.words import Text

NATION = "100000"
"""Region of bodies that are registered with the nation's own office."""

_OTHER = Text("其他", "other")

CREDIT_CLASSES = {
    "11": Text("机关", "state organ"),
    "12": Text("事业单位", "public institution"),
    "13": Text("编办管理编制的群众团体", "mass organisation on the state's establishment"),
    "19": _OTHER,
    "21": Text("外国常驻新闻机构", "resident foreign news agency"),
    "29": _OTHER,
    "31": Text("律师执业机构", "law firm"),
    "32": Text("公证处", "notary office"),
    "33": Text("基层法律服务所", "grass-roots legal service"),
    "34": Text("司法鉴定机构", "forensic institution"),
    "35": Text("仲裁委员会", "arbitration commission"),
    "39": _OTHER,
    "41": Text("外国在华文化中心", "foreign cultural centre"),
    "49": _OTHER,
    "51": Text("社会团体", "social organisation"),
    "52": Text("民办非企业单位", "private non-enterprise unit"),
    "53": Text("基金会", "foundation"),
    "59": _OTHER,
    "61": Text("外国旅游部门常驻代表机构", "office of a foreign tourism authority"),
    "62": Text("港澳台旅游部门常驻代表机构", "office of a Hong Kong, Macao or Taiwan tourism body"),
    "69": _OTHER,
    "71": Text("宗教活动场所", "place of worship"),
    "72": Text("宗教院校", "religious school"),
    "79": _OTHER,
    "81": Text("基层工会", "grass-roots trade union"),
    "89": _OTHER,
    "91": Text("企业", "enterprise"),
    "92": Text("个体工商户", "sole trader"),
    "93": Text("农民专业合作社", "farmers' co-operative"),
    "A1": Text("军队事业单位", "military institution"),
    "A9": _OTHER,
    "N1": Text("组级集体经济组织", "collective economic organisation of a villagers' group"),
    "N2": Text("村级集体经济组织", "collective economic organisation of a village"),
    "N3": Text("乡镇级集体经济组织", "collective economic organisation of a township"),
    "N9": Text("其他农业组织", "other body of agriculture"),
    "Y1": _OTHER,
}  # fmt: skip
"""Kind of body by registering department and class (GB 32100-2015, tables 1 and 2)."""

_DEPARTMENTS = frozenset(pair[0] for pair in CREDIT_CLASSES)

CREDIT_ALPHABET = Alphabet(
    "0123456789ABCDEFGHJKLMNPQRTUWXY",
    Text("数字或大写字母（不含I、O、S、V、Z）", "a digit or a capital letter but I, O, S, V, Z"),
)  # fmt: skip
_CREDIT = Shape(
    Text("统一社会信用代码", "the credit code"),
    ((2, CREDIT_ALPHABET), (6, DIGIT), (10, CREDIT_ALPHABET)),
)
_CREDIT_VALUES = {letter: value for value, letter in enumerate(CREDIT_ALPHABET.characters)}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_UNKNOWN_DEPARTMENT = warn(
    1, "第1位登记管理部门未知", "character 1 names no known registering department"
)
_UNKNOWN_CLASS = warn(2, "第2位机构类别未知", "character 2 names no known class of this department")
_UNKNOWN_PROVINCE = warn(
    3, "第3-4位不是省级代码", "characters 3 and 4 of the credit code name no province"
)
_WRONG_INNER = warn(
    17, "内含组织机构代码（第9-17位）校验不对",
    "the organisation code inside, characters 9 to 17, has a wrong check character",
)  # fmt: skip
_WRONG_CREDIT = fail(
    18, "统一社会信用代码第18位校验不对", "check character 18 of the credit code is wrong"
)


def credit_code(code: str) -> Remarks:
    """Check a unified social credit code.

    Parameters
    ----------
    code : str
        18 characters out of 31.

    Returns
    -------
    tuple of Remark
        FAIL for the form and a wrong check character; WARN for an unknown department,
        class or province, small letters, and a wrong organisation code inside.

    Notes
    -----
    GB 32100-2015: department, class, 6 digits of region, 9 of organisation code (GB 11714),
    check character modulo 31 with weights 3^(i-1).

    Examples
    --------
    >>> credit_code("91350100M000100Y43"), credit_code("91350100M000100Y44")[0].position
    ((), 18)
    """
    read, remarks = _CREDIT.read(code)
    if not read:
        return remarks
    if read[:2] not in CREDIT_CLASSES:
        remarks += (_UNKNOWN_CLASS if read[0] in _DEPARTMENTS else _UNKNOWN_DEPARTMENT,)
    if read[2:4] not in PROVINCES and read[2:8] != NATION:
        remarks += (_UNKNOWN_PROVINCE,)
    if not inner_code_holds(read):
        remarks += (_WRONG_INNER,)
    if not _credit_holds(read):
        remarks += (_WRONG_CREDIT,)
    return remarks


def _credit_holds(read: str) -> bool:
    """Whether the weighted sum, check character included, is a multiple of 31."""
    total: int = sum(map(mul, _CREDIT_WEIGHTS, map(_CREDIT_VALUES.__getitem__, read)))
    return (total + _CREDIT_VALUES[read[17]]) % 31 == 0


def names_a_body(code: str) -> bool:
    """Whether a text passes the check of a credit, organisation or registration code.

    Parameters
    ----------
    code : str
        Any text.

    Returns
    -------
    bool
        True where the check of the code of that length gives no FAIL.
    """
    if len(code) == 18:
        read = _CREDIT.read(code)[0]
        return bool(read) and _credit_holds(read)
    check = {9: organisation_code, 10: organisation_code, 15: business_registration}.get(len(code))
    return check is not None and all(remark.level is not Level.FAIL for remark in check(code))


def credit_class(code: str) -> Text | None:
    """Say what kind of body a credit code names.

    Parameters
    ----------
    code : str
        Credit code; only its first two characters are read.

    Returns
    -------
    Text or None
        Enterprise, farmers' co-operative, village collective and so on; None if unknown.

    Examples
    --------
    >>> credit_class("93")
    Text(zh='农民专业合作社', en="farmers' co-operative")
    """
    return CREDIT_CLASSES.get(code[:2].upper())


_ORGANISATION = Shape(
    Text("组织机构代码", "the organisation code"),
    ((8, LETTER_OR_DIGIT), (1, DIGIT_OR_X)),
    ((8, LETTER_OR_DIGIT), (1, Alphabet("-", Text("连字符", "a hyphen"))), (1, DIGIT_OR_X)),
)
_ORGANISATION_VALUES = {c: value for value, c in enumerate(LETTER_OR_DIGIT.characters)}
_ORGANISATION_WEIGHTS = 3, 7, 9, 10, 5, 8, 4, 2
_ORGANISATION_CHECKS = "0X987654321"


def organisation_code(code: str) -> Remarks:
    """Check an organisation code.

    Parameters
    ----------
    code : str
        8 letters or digits and a check character, with or without a hyphen between.

    Returns
    -------
    tuple of Remark
        FAIL for the form and a wrong check character; WARN for small letters.

    Notes
    -----
    GB 11714: check 11 - sum of weighted values mod 11, with 10 as X and 11 as 0.  Letters
    count 10 to 35, so that two letters 11 apart cannot be told from one another.

    Examples
    --------
    >>> organisation_code("60003734-1"), organisation_code("600037342")[0].position
    ((), 9)
    """
    read, remarks = _ORGANISATION.read(code)
    if read and _organisation_check(read) != read[-1]:
        size = len(read)
        remarks += (
            fail(size, f"组织机构代码第{size}位校验不对",
                 f"check character {size} of the organisation code is wrong"),
        )  # fmt: skip
    return remarks


def inner_code_holds(code: str) -> bool:
    """Whether the organisation code inside a credit code has its check character.

    Parameters
    ----------
    code : str
        Credit code of 18 characters in upper case.

    Returns
    -------
    bool
        True when characters 9 to 17 pass GB 11714.
    """
    return _organisation_check(code[8:16]) == code[16]


def _organisation_check(code: str) -> str:
    """Check character of the first 8 characters."""
    values = map(_ORGANISATION_VALUES.__getitem__, code[:8])
    return _ORGANISATION_CHECKS[sum(map(mul, _ORGANISATION_WEIGHTS, values)) % 11]


_REGISTRATION = Shape(Text("工商注册号", "the registration number"), ((15, DIGIT),))
_WRONG_REGISTRATION = fail(
    15, "工商注册号第15位校验不对", "check digit 15 of the registration number is wrong"
)


def business_registration(code: str) -> Remarks:
    """Check a business registration number, used before the unified code.

    Parameters
    ----------
    code : str
        15 digits.

    Returns
    -------
    tuple of Remark
        FAIL for the form and a wrong check digit (ISO 7064 MOD 11,10).

    Examples
    --------
    >>> business_registration("110000013457165")
    ()
    """
    read, remarks = _REGISTRATION.read(code)
    if not read:
        return remarks
    state = 10
    for digit in read[:14]:
        state = ((state + int(digit)) % 10 or 10) * 2 % 11
    return remarks if (state + int(read[14])) % 10 == 1 else (*remarks, _WRONG_REGISTRATION)
