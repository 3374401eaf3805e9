"""Codes of land-contract elements (GB/T 35958-2018, NY/T 2538).

They have no check digit: what can be tested is the form, and that codes of one contract
grow out of one another.  The county is that of the time when the right was confirmed.
"""

from riskengine.identity.places import unknown_province
from riskengine.identity.remarks import LONGEST, Remarks, fail, warn
from riskengine.identity.shapes import DIGIT, LETTER, LETTER_OR_DIGIT, Shape
from riskengine.regions import PROVINCES
from riskengine.words import Text

WAYS = {
    "J": Text("家庭承包", "household contract"),
    "Q": Text("其他方式承包", "contract in another way"),
}
"""Last letter of contract and certificate: how the land was contracted."""

_NO_PARCEL = fail(
    19, "末位是字母：这是承包合同或权证代码，不是地块代码",
    "the last character is a letter: this is a contract or certificate, not a parcel",
)  # fmt: skip

ISSUER_LENGTH, CONTRACTOR_LENGTH, LONG_LENGTH = 14, 18, 19
"""Characters of an issuer; of a contractor; of parcel, contract and certificate."""

_ISSUER = Shape(Text("发包方代码", "the issuer code"), ((14, DIGIT),))
_CONTRACTOR = Shape(Text("承包方代码", "the contractor code"), ((18, DIGIT),))
_PARCEL = Shape(Text("地块代码", "the parcel code"), ((19, DIGIT),))
_CONTRACT = Shape(Text("承包合同代码", "the contract code"), ((18, DIGIT), (1, LETTER)))
_CERTIFICATE = Shape(
    Text("承包经营权证代码", "the land certificate code"), ((18, DIGIT), (1, LETTER))
)
_TRANSFER = Shape(Text("流转合同代码", "the transfer contract code"), ((18, LETTER_OR_DIGIT),))


def issuer_code(code: str) -> Remarks:
    """Check the code of the collective that contracts land out.

    Parameters
    ----------
    code : str
        14 digits: county 6, township 3, village 3, group 2.

    Returns
    -------
    tuple of Remark
        FAIL for the form, WARN for an unknown province.

    Examples
    --------
    >>> issuer_code("37098310020301")
    ()
    """
    return _checked(_ISSUER, code)


def contractor_code(code: str) -> Remarks:
    """Check the code of a contracting household, person or unit.

    Parameters
    ----------
    code : str
        18 digits: issuer 14, serial 4.

    Returns
    -------
    tuple of Remark
        FAIL for the form, WARN for an unknown province.

    Examples
    --------
    >>> contractor_code("370983100203010007")
    ()
    """
    return _checked(_CONTRACTOR, code)


def parcel_code(code: str) -> Remarks:
    """Check the code of a contracted parcel.

    Parameters
    ----------
    code : str
        19 digits: issuer 14, serial 5.

    Returns
    -------
    tuple of Remark
        FAIL for the form, WARN for an unknown province.  A letter at the end betrays the
        code of a contract or certificate, which is as long.

    Examples
    --------
    >>> parcel_code("3709831002030100001"), parcel_code("370983100203010007J")[0].text.zh
    ((), '末位是字母：这是承包合同或权证代码，不是地块代码')
    """
    last = code[-1:]
    if len(code) == LONG_LENGTH and last.isascii() and last.isalpha():
        return (_NO_PARCEL,)
    return _checked(_PARCEL, code)


def contract_code(code: str) -> Remarks:
    """Check the code of a land contract.

    Parameters
    ----------
    code : str
        19 characters: contractor 18, letter of the way of contracting.

    Returns
    -------
    tuple of Remark
        FAIL for the form, WARN for an unknown province or letter.

    Examples
    --------
    >>> contract_code("370983100203010007J")
    ()
    """
    return _lettered(_CONTRACT, code)


def certificate_code(code: str) -> Remarks:
    """Check the code of a land certificate, which is that of its register book too.

    Parameters
    ----------
    code : str
        19 characters: contractor 18, letter of the way of contracting.

    Returns
    -------
    tuple of Remark
        FAIL for the form, WARN for an unknown province or letter.

    Examples
    --------
    >>> certificate_code("370983100203010007K")[0].level.value
    'warn'
    """
    return _lettered(_CERTIFICATE, code)


def transfer_code(code: str) -> Remarks:
    """Check the code of a transfer contract.

    Parameters
    ----------
    code : str
        18 letters or digits; how they are made up is not in the standard.

    Returns
    -------
    tuple of Remark
        FAIL for the form, WARN for an unknown province.

    Examples
    --------
    >>> transfer_code("370983100203010007")
    ()
    """
    return _checked(_TRANSFER, code)


def _checked(shape: Shape, code: str) -> Remarks:
    """Form and province of a code."""
    read, remarks = shape.read(code)
    if read and read[:2] not in PROVINCES:
        remarks += (unknown_province(shape.name),)
    return remarks


def _lettered(shape: Shape, code: str) -> Remarks:
    """Form, province and last letter of a code."""
    read, remarks = shape.read(code)
    if not read:
        return remarks
    if read[:2] not in PROVINCES:
        remarks += (unknown_province(shape.name),)
    if read[18] not in WAYS:
        remarks += (
            warn(19, f"{shape.name.zh}末位字母未知，应为J或Q",
                 f"the last letter of {shape.name.en} is unknown: J or Q"),
        )  # fmt: skip
    return remarks


def belongs(parcel: str, issuer: str) -> bool:
    """Whether a parcel is the issuer's.

    Parameters
    ----------
    parcel : str
        Parcel code of 19 digits.
    issuer : str
        Issuer code of 14 digits.

    Returns
    -------
    bool
        True when both have their form and the parcel begins with the issuer.

    Examples
    --------
    >>> belongs("3709831002030100001", "37098310020301")
    True
    """
    whole = _PARCEL.read(parcel)[0]
    return bool(whole) and whole[:ISSUER_LENGTH] == _ISSUER.read(issuer)[0]


def made_with(contract: str, contractor: str) -> bool:
    """Whether a contract or certificate is the contractor's.

    Parameters
    ----------
    contract : str
        Contract or certificate code of 19 characters.
    contractor : str
        Contractor code of 18 digits.

    Returns
    -------
    bool
        True when both have their form and the contract is the contractor and a letter.

    Examples
    --------
    >>> made_with("370983100203010007J", "370983100203010007")
    True
    """
    whole = _CONTRACT.read(contract)[0]
    return bool(whole) and whole[:CONTRACTOR_LENGTH] == _CONTRACTOR.read(contractor)[0]


def land_codes_agree(
    *,
    issuer: str = "",
    contractor: str = "",
    parcel: str = "",
    contract: str = "",
    certificate: str = "",
) -> Remarks:
    """Check that the codes of one contracted parcel grow out of one another.

    Parameters
    ----------
    issuer, contractor, parcel, contract, certificate : str
        The codes, each of its own form; empty where not known.

    Returns
    -------
    tuple of Remark
        FAIL, at the first character that differs, for a contractor or parcel that does not
        begin with the issuer, or a contract or certificate that does not begin with the
        contractor or, without one, the issuer, and for a text beyond 64 characters; WARN
        for a certificate whose letter is not the contract's.

    Examples
    --------
    >>> land_codes_agree(issuer="37098310020301", parcel="3709831002030200001")[0].position
    14
    """
    for shape, code in (
        (_ISSUER, issuer), (_CONTRACTOR, contractor), (_PARCEL, parcel), (_CONTRACT, contract),
        (_CERTIFICATE, certificate),
    ):  # fmt: skip
        if len(code) > LONGEST:
            return shape.read(code)[1]
    issuer_known = _first(
        (_ISSUER, issuer),
        (_CONTRACTOR, contractor[:ISSUER_LENGTH]),
        (_CONTRACT, contract[:ISSUER_LENGTH]),
        (_CERTIFICATE, certificate[:ISSUER_LENGTH]),
    )
    contractor_known = _first(
        (_CONTRACTOR, contractor), (_CONTRACT, contract[:CONTRACTOR_LENGTH]), (_ISSUER, issuer)
    )
    found = [
        remark
        for shape, code, stem in (
            (_CONTRACTOR, contractor, (_ISSUER, issuer)),
            (_PARCEL, parcel, issuer_known),
            (_CONTRACT, contract, _first((_CONTRACTOR, contractor), (_ISSUER, issuer))),
            (_CERTIFICATE, certificate, contractor_known),
        )
        for remark in _grows(shape, code, stem)
    ]
    ends = contract[CONTRACTOR_LENGTH:].upper(), certificate[CONTRACTOR_LENGTH:].upper()
    if all(ends) and ends[0] != ends[1]:
        found.append(warn(19, "权证代码末位字母与承包合同不一致",
                          "the last letter of the certificate is not the contract's"))  # fmt: skip
    return tuple(found)


Known = tuple[Shape, str]


def _first(*codes: Known) -> Known:
    """The first code that is known, or the last of all."""
    return next((known for known in codes if known[1]), codes[-1])


def _grows(shape: Shape, code: str, stem: Known) -> Remarks:
    """What is wrong when a code does not begin with another; nothing where one is empty."""
    other, start = stem[0].name, stem[1]
    if not code or code.startswith(start):
        return ()
    position = 1 + _shared(code, start)
    return (
        fail(position, f"{shape.name.zh}与{other.zh}不一致",
             f"{shape.name.en} does not agree with {other.en}"),
    )  # fmt: skip


def _shared(code: str, other: str) -> int:
    """How many characters two codes share from the start."""
    pairs = enumerate(zip(code, other, strict=False))
    short = min(len(code), len(other))
    return next((place for place, (own, theirs) in pairs if own != theirs), short)
