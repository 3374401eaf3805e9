"""Papers of a case that stand on more than one of its rights, as a book of pledges finds them."""

from riskengine.casefile.read import Case, tape_of
from riskengine.gates.papers import PaperRemark
from riskengine.gates.tables import pledges
from riskengine.identity import Level, Remark
from riskengine.pledgebook.claims import CLAIM_WORDS, TO_A_PERSON, Claim, claims_of

COLUMNS = {
    Claim.CERTIFICATE: "certificate_no", Claim.UNIT: "unit_code", Claim.PARCEL: "parcel_code",
}  # fmt: skip
"""Papers that name one right, and where each stands."""


def claimed_twice(case: Case) -> tuple[tuple[PaperRemark, ...], ...]:
    """Find the papers that stand on more than one right of a case.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    tuple of tuple of PaperRemark
        Of every right, one a paper; each sends the right to a person, since what one paper
        shows may be lent on once.

    Raises
    ------
    PortfolioError
        Listing every fault of the papers.
    """
    if not _may_share(case):
        return tuple(() for _ in case.rights)
    papers = [{**right.pledge, "pledge_id": str(k)} for k, right in enumerate(case.rights, 1)]
    tape = tape_of(pledges(), papers, case.valued_on)
    found = (Claim(int(marks)) for marks in claims_of(tape).marks)
    return tuple(
        tuple(
            _remark(claim, column)
            for claim, column in COLUMNS.items()
            if claims & claim & TO_A_PERSON
        )
        for claims in found
    )


def _may_share(case: Case) -> bool:
    """Whether two rights show a paper that could be the same: all but the plain case asks more."""
    for name in COLUMNS.values():
        stated = [str(cell) for right in case.rights if (cell := right.pledge.get(name))]
        if len(stated) > 1 and (
            not all(text.isascii() for text in stated)
            or len({"".join(text.upper().split()) for text in stated}) < len(stated)
        ):
            return True
    return False


def _remark(claim: Claim, column: str) -> PaperRemark:
    """What is said of one paper."""
    words = CLAIM_WORDS[claim]
    title = pledges().by_name[column].title
    return PaperRemark(column, title, Remark(Level.WARN, 0, words), True)
