"""Papers of a case that stand on more than one of its rights, as a book of pledges finds them."""

from riskengine.casefile.read import Case, Record, tape_of
from riskengine.gates.papers import PaperRemark
from riskengine.gates.tables import pledges
from riskengine.identity import Level, Remark
from riskengine.pledgebook.claims import CLAIM_WORDS, TO_A_PERSON, Claim, claims_of
from riskengine.words import Text

COLUMNS = {
    Claim.CERTIFICATE: "certificate_no", Claim.UNIT: "unit_code", Claim.PARCEL: "parcel_code",
}  # fmt: skip
"""Papers that name one right, and where each stands."""
ALIKE = Text(
    "与另一项权利各项都相同，可能是同一项权利写了两次",
    "another right is the same in every cell: it may be one right told twice",
)
"""What is said of a right that stands twice in a case without a paper that tells it."""


def claimed_twice(case: Case) -> tuple[tuple[PaperRemark, ...], ...]:
    """Find the papers that stand on more than one right of a case, and rights told twice.

    Parameters
    ----------
    case : Case
        The case.

    Returns
    -------
    tuple of tuple of PaperRemark
        Of every right, one a paper; each sends the right to a person, since what one paper
        shows may be lent on once.  A right that is the same as another in every cell but its
        identifiers, policies aside, is told by its certificate.

    Raises
    ------
    PortfolioError
        Listing every fault of the papers.
    """
    twice = _told_twice(case)
    if not _may_share(case):
        return twice
    papers = [{**right.pledge, "pledge_id": str(k)} for k, right in enumerate(case.rights, 1)]
    tape = tape_of(pledges(), papers, case.valued_on)
    found = (Claim(int(marks)) for marks in claims_of(tape).marks)
    return tuple(
        tuple(
            _remark(claim, column)
            for claim, column in COLUMNS.items()
            if claims & claim & TO_A_PERSON
        )
        or alike
        for claims, alike in zip(found, twice, strict=True)
    )


def _told_twice(case: Case) -> tuple[tuple[PaperRemark, ...], ...]:
    """Of every right, that another tells the same in every cell: it may be one right."""
    if len(case.rights) < 2:
        return ((),) * len(case.rights)
    told = [(right.table, _cells(right.right), _cells(right.pledge)) for right in case.rights]
    said = (_paper("certificate_no", ALIKE),)
    return tuple(said if told.count(one) > 1 else () for one in told)


def _cells(record: Record) -> Record:
    """Cells of a right or its pledge without identifiers."""
    return {name: cell for name, cell in record.items() if name not in ("right_id", "pledge_id")}


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
    return _paper(column, CLAIM_WORDS[claim])


def _paper(column: str, words: Text) -> PaperRemark:
    """What sends a right to a person, by the paper to look at."""
    title = pledges().by_name[column].title
    return PaperRemark(column, title, Remark(Level.WARN, 0, words), True)
