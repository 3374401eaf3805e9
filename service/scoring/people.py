"""Who is named in an application: the borrower, and everybody else whose code stands in it."""

from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import category, normalize

from riskengine.words import Text
from service.auth.sealing import Secrets
from service.problems import Fault, Problem

BORROWERS = ("borrower", "loan")
"""Parts that name the borrower; the first one that does counts."""
SILENT = frozenset({"Cc", "Cf", "Pd", "Zl", "Zp", "Zs"})
"""Categories (Unicode Standard Annex 44) of blanks and dashes, and of what is not seen."""
MINUS = "\u2212"
"""Minus sign, which by its category is no dash."""


def folded(code: str) -> str:
    """Return a person's code as codes are compared.

    Parameters
    ----------
    code : str
        ID number or USCC, as it was written.

    Returns
    -------
    str
        After NFKC (Unicode Standard Annex 15), in capitals, without blanks and dashes; empty
        where nothing is left.

    Examples
    --------
    >>> folded("１１０１０５ 19491231-002x")
    '11010519491231002X'
    """
    if code.isascii() and code.isalnum():
        return code.upper()
    wide = normalize("NFKC", code)
    return "".join(one for one in wide if category(one) not in SILENT and one != MINUS).upper()


def names_of(secrets: Secrets, tenant: str, code: str) -> tuple[str, ...]:
    """Return the names under which a person may be stored.

    Parameters
    ----------
    secrets : Secrets
        With the key.
    tenant : str
        Institution.
    code : str
        The person's code, as somebody wrote it.

    Returns
    -------
    tuple of str
        Keyed hash of the folded code; also of the code as written where that differs: so it
        was named before codes were folded.  None of a code of which nothing is left.
    """
    plain = folded(code)
    if not plain:
        return ()
    named = (secrets.name_of(tenant, plain), secrets.name_of(tenant, code))
    return tuple(dict.fromkeys(named))


def borrower_of(content: Mapping[str, Any]) -> str | None:
    """Return the borrower's code, folded, wherever it was given; None where it was not.

    Parameters
    ----------
    content : mapping
        The application as it was sent.

    Returns
    -------
    str or None
        The code.
    """
    for part in BORROWERS:
        code = (content.get(part) or {}).get("borrower_code")
        if code and (plain := folded(str(code))):
            return plain
    return None


def others_of(
    secrets: Secrets, tenant: str, decision_id: str, content: Mapping[str, Any]
) -> list[dict[str, Any]]:  # fmt: skip
    """Return what the store holds of the persons beside the borrower, such as a mortgagor.

    Parameters
    ----------
    secrets : Secrets
        For their names.
    tenant : str
        Whose decision.
    decision_id : str
        Which.
    content : mapping
        The application as it was sent.

    Returns
    -------
    list of dict
        Rows of ``persons``, one a person; mostly none.
    """
    found = set(_codes(content))
    found.discard(borrower_of(content) or "")
    return [
        {"tenant": tenant, "name": secrets.name_of(tenant, code), "decision_id": decision_id}
        for code in sorted(found)
    ]  # fmt: skip


def _codes(content: Mapping[str, Any]) -> Iterator[str]:
    """Every code of a person that an application holds, folded."""
    cells = [(content.get(part) or {}).get("borrower_code") for part in BORROWERS]
    cells += [right.get("mortgagor_code") for right in content.get("rights") or ()]
    for cell in cells:
        if cell and (plain := folded(str(cell))):
            yield plain


def two_borrowers(content: Mapping[str, Any]) -> Problem | None:
    """Return the problem of an application that names two borrowers.

    Parameters
    ----------
    content : mapping
        The application, its schema checked.

    Returns
    -------
    Problem or None
        422 naming both fields; None where one borrower is named, or nobody.
    """
    codes = [(content.get(part) or {}).get("borrower_code") for part in BORROWERS]
    named = {folded(str(code)) for code in codes if code} - {""}
    if len(named) < 2:
        return None
    wrong = Text(
        "borrower.borrower_code 与 loan.borrower_code 不是同一证件号",
        "borrower.borrower_code and loan.borrower_code name two borrowers",
    )
    cure = Text(
        "只留一处，或两处填同一证件号；抵押人填在权利的 mortgagor_code",
        "give one of them, or the same code in both; a mortgagor stands in a right's"
        " mortgagor_code",
    )
    faults = [Fault(f"/body/{part}/borrower_code", "two-borrowers", wrong) for part in BORROWERS]
    return Problem(422, "two-borrowers", wrong, cure, faults)
