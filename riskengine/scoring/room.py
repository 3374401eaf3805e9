"""How much room the cap of an institution leaves a client, and the reason where it is short."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, isfinite, isnan
from typing import Any

from riskengine.casefile.decide import Decision
from riskengine.casefile.repayment import number_of
from riskengine.casefile.shown import yuan_exact
from riskengine.rules import RuleBook
from riskengine.scoring.policy import Policy
from riskengine.scoring.reasons import Reason
from riskengine.words import Text

CAP = "scoring.amount_most"
"""The rule that caps what a client may owe."""


@dataclass(frozen=True, slots=True)
class Room:
    """Room of a client under the cap of its class.

    Parameters
    ----------
    most_yuan, before_yuan : float
        The cap, and what the institution bears for the client already [yuan].
    share : float
        Part of a loan that counts against the cap: the guaranteed one, or all of it [1].
    left_yuan : float
        Largest loan that stays within the cap [yuan], whole fen, >= 0; infinite without a cap.
    wanted_yuan : float
        Sum asked for; what may be lent on the security where none is [yuan].
    """

    most_yuan: float
    before_yuan: float
    share: float
    left_yuan: float
    wanted_yuan: float

    @property
    def short(self) -> bool:
        """Whether the cap leaves less than is wanted, so that a person decides."""
        return self.left_yuan < self.wanted_yuan


def room_of(
    borrower: Mapping[str, Any], guarantee: Mapping[str, Any], decision: Decision, policy: Policy
) -> Room:
    """Return the room of a client.

    Parameters
    ----------
    borrower, guarantee : mapping of str to object
        Typed cells; an empty guarantee for a loan that nobody guarantees.
    decision : Decision
        The answer to the case.
    policy : Policy
        Numbers of the day.

    Returns
    -------
    Room
        Cap, balance and what is left.
    """
    most = policy.amount_most[borrower["borrower_type"]]
    before = number_of(borrower.get("existing_exposure_yuan", 0.0))
    share = float(guarantee.get("guaranteed_share", 1.0))
    left = max(most - before, 0.0) / share
    if isfinite(left):  # never a fen above the cap
        left = floor(left * 100.0 + 1e-6) / 100.0
    asked = decision.asked_yuan
    return Room(most, before, share, left, decision.limit_yuan if isnan(asked) else asked)


def reason_of(room: Room, decision: Decision, book: RuleBook) -> Reason | None:
    """Return the reason of a cap that leaves less than is wanted.

    Parameters
    ----------
    room : Room
        The room.
    decision : Decision
        The answer to the case.
    book : RuleBook
        The rules that the cap stands in.

    Returns
    -------
    Reason or None
        Cap, balance and the sum that could be asked for; None where there is room.  A policy
        of the institution, no law: a person decides.
    """
    if not room.short:
        return None
    rule = book.rule(CAP)
    spoken = rule.speaking(decision.valued_on) or rule
    value = spoken.at(decision.valued_on)
    before, borne, most, left = map(yuan_exact, (
        room.before_yuan, room.share * room.wanted_yuan, room.most_yuan, room.left_yuan,
    ))  # fmt: skip
    cure = Text(f"改为申请不超过 {left} 元", f"ask for {left} yuan at most")
    if room.left_yuan == 0.0:
        cure = Text(
            "没有余量：先收回已有余额，或请有权人员决定",
            "no room is left: let the balance be paid down first, or let who may decide it",
        )
    return Reason(
        rule.code or CAP, CAP, "policy", "refer", "failed", "", spoken.title,
        Text(f"已有余额 {before} 元，本次 {borne} 元",
             f"{before} yuan borne already, {borne} yuan now"),
        Text(f"合计不超过 {most} 元", f"together at most {most} yuan"), (), value.cite,
        value.first_day.isoformat(), value.seen, spoken.origin, cure,
    )  # fmt: skip
