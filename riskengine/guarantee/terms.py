"""Terms by which guarantors, funds, re-guarantors and insurers take parts of a loss.

Every layer takes from one party, ``cedes_from``, and gives to another, ``party``; what no
layer takes stays with the lender.  A layer that counts amounts up says over what:

- ``loss``: each loss handed in, on its own; hand in single debts for such a layer;
- ``year``: the losses of a programme year;
- ``cumulative``: all losses since the programme began.

Nothing is checked here: `riskengine.guarantee.programme.Programme` refuses terms that
contradict themselves or each other, and names the layer.

Source: credit notes 5.1; for the trade's words practice notes 5.5 and 6.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal

from riskengine.guarantee.amounts import Amount
from riskengine.words import Text

Basis = Literal["loss", "year", "cumulative"]

NOTHING = Amount(yuan=0.0)
"""Attachment at the first fen."""

LENDER = "bank"
"""The party that bears every loss until a layer takes a part of it."""

PARTIES: Mapping[str, Text] = MappingProxyType({
    "bank": Text("银行", "bank"),
    "guarantor": Text("担保公司", "guarantor"),
    "county_fund": Text("县级风险补偿基金", "county compensation fund"),
    "province": Text("省级再担保", "provincial re-guarantor"),
    "national": Text("国家再担保", "national re-guarantor"),
    "government": Text("地方政府", "local government"),
    "insurer": Text("保险公司", "insurer"),
    "borrower": Text("借款人", "borrower"),
})  # fmt: skip
"""Parties to a loss, in the order in which results list them."""

BASES: Mapping[str, Text] = MappingProxyType({
    "loss": Text("逐笔", "each loss"),
    "year": Text("按年度累计", "the losses of a year"),
    "cumulative": Text("按存续期累计", "all losses since the start"),
})  # fmt: skip
"""What a layer counts up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What all layers have.

    Parameters
    ----------
    party : str
        Who pays, one of `PARTIES`.
    cedes_from : str
        Whose loss it takes.
    layer_id : str
        Name in messages and results; empty for kind and position.
    fund_id : str
        Fund out of which the party pays; empty for its own money.
    """

    kind: ClassVar[str] = ""

    party: str
    cedes_from: str = LENDER
    layer_id: str = ""
    fund_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaShare(Layer):
    """A share of every loss (比例分担).

    Neighbours that cede from the same party share the same loss, by largest remainder in
    the order of the list.  The ceding party may stand in the list with its own share, which
    then settles ties; it keeps what is left in any case.

    Parameters
    ----------
    share : float
        Share [1], in [0, 1].
    """

    kind: ClassVar[str] = "quota_share"

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCap(Layer):
    """A share of every loss until a cap on the compensation rate is reached (限率代偿).

    The form of the EIF's capped guarantees: pari passu with the lender up to the cap.

    Parameters
    ----------
    share : float
        Share [1], in [0, 1].
    cap : Amount
        Most that the party pays.
    cap_on : {"guaranteed", "volume"}
        Whether a rate is one of the guaranteed part, share x volume (EIF), or of the volume.
    basis : {"loss", "year", "cumulative"}
        What payments are counted over.
    """

    kind: ClassVar[str] = "rate_cap"

    share: float
    cap: Amount
    cap_on: Literal["guaranteed", "volume"] = "guaranteed"
    basis: Basis = "cumulative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deductible(Layer):
    """What a party bears before others are asked (免赔额), or a corridor further up.

    What it takes is ceded no further.

    Parameters
    ----------
    amount : Amount
        Width of the part that it bears.
    attach : Amount
        Where that part starts; 0 for the first loss.
    share : float
        Share of it [1], in [0, 1].
    basis : {"loss", "year", "cumulative"}
        What losses are counted over.
    franchise : bool
        True where a loss that reaches the amount is covered whole (相对免赔); only per loss
        and without ``attach``.
    inclusive : bool
        For a franchise, whether a loss that equals the amount has reached it.
    """

    kind: ClassVar[str] = "deductible"

    amount: Amount
    attach: Amount = NOTHING
    share: float = 1.0
    basis: Basis = "cumulative"
    franchise: bool = False
    inclusive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StopLoss(Layer):
    """Losses of a year above a rate, up to a limit (赔付率超赔).

    Parameters
    ----------
    attach : Amount
        Where it starts, usually a rate of volume or premium.
    limit : Amount or None
        Width of the layer; None without end.
    share : float
        Share of the layer [1], in [0, 1].
    basis : {"loss", "year", "cumulative"}
        What losses are counted over.
    """

    kind: ClassVar[str] = "stop_loss"

    attach: Amount
    limit: Amount | None = None
    share: float = 1.0
    basis: Basis = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessLayer(Layer):
    """Losses between two amounts (超赔层).

    Neighbours that cede from the same party form a tower on the same loss.  Each starts
    where the one below ends; layers between the same two amounts share them.  What lies
    below the lowest stays with the ceding party; a slice inside that it keeps is a layer of
    its own, with itself as the party.

    Parameters
    ----------
    attach : Amount
        Where it starts.
    detach : Amount or None
        Where it ends; None without end.
    share : float
        Share of the layer [1], in [0, 1].
    basis : {"loss", "year", "cumulative"}
        What losses are counted over.
    aggregate : Amount or None
        Most that the party pays over ``aggregate_basis``: a layer per loss with n
        reinstatements has n + 1 times its width.
    aggregate_basis : {"loss", "year", "cumulative"}
        What payments are counted over.
    """

    kind: ClassVar[str] = "excess"

    attach: Amount
    detach: Amount | None
    share: float = 1.0
    basis: Basis = "cumulative"
    aggregate: Amount | None = None
    aggregate_basis: Basis = "year"


@dataclass(frozen=True, slots=True)
class TopUp:
    """How a fund is filled up again; `riskengine.guarantee` follows it along a path of months.

    Parameters
    ----------
    floor_share : float
        Balance over in-force guarantees [1], below which the fund is topped up, >= 0.
    to_yuan : float
        Balance up to which it is filled [yuan], >= 0.
    delay_months : int
        Months until the money is there, >= 0.
    committed_yuan : float
        Most that is ever added [yuan], >= 0.
    """

    floor_share: float
    to_yuan: float
    delay_months: int = 0
    committed_yuan: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLossFund(Layer):
    """A compensation fund that pays a share of every loss until it is empty (风险补偿基金).

    Parameters
    ----------
    share : float
        Share [1], in [0, 1].
    balance : Amount or None
        What the fund holds; None where its path is followed apart.
    attach : Amount
        Losses below it, counted over ``basis``, are no matter of the fund.
    basis : {"loss", "year", "cumulative"}
        What losses are counted over for ``attach``; the balance is always cumulative.
    top_up : TopUp or None
        For the path of the fund; here the balance is what it holds at the start.
    """

    kind: ClassVar[str] = "first_loss_fund"

    share: float = 1.0
    balance: Amount | None = None
    attach: Amount = NOTHING
    basis: Basis = "cumulative"
    top_up: TopUp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReGuarantee(Layer):
    """A share of what the ceding guarantor itself still bears (再担保).

    Parameters
    ----------
    share : float
        Share [1], in [0, 1].
    cap : Amount or None
        Most that the party pays, a rate being one of the volume; None without.
    basis : {"loss", "year", "cumulative"}
        What payments are counted over for the cap.
    cedes_from : str
        The guarantor.
    """

    kind: ClassVar[str] = "re_guarantee"

    share: float
    cap: Amount | None = None
    basis: Basis = "cumulative"
    cedes_from: str = "guarantor"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceAssignment(Layer):
    """Insurance money that the policy holder has assigned (保险金权益转让).

    Parameters
    ----------
    amount : Amount
        Most that the policy pays.
    share : float
        Share of the loss that it pays [1], in [0, 1].
    basis : {"loss", "year", "cumulative"}
        What payments are counted over; ``loss`` for a policy on each debt.
    """

    kind: ClassVar[str] = "insurance"

    party: str = "insurer"
    amount: Amount
    share: float = 1.0
    basis: Basis = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoveries:
    """What comes back of payments, from the debtor and his other security (追偿).

    Parameters
    ----------
    share : float
        Part of the payments that is recovered [1], in [0, 1].
    delay_months : int
        Periods between payment and recovery, >= 0.
    cost_share : float
        Part of what is recovered that recovering costs [1], in [0, 1].
    order : tuple of str
        Parties that are made whole one after the other (subrogation in order); the rest
        share in proportion to what each paid of the same loss.  Empty: all pari passu.
    without : tuple of str
        Parties that recover nothing; the borrower never does.
    """

    share: float
    delay_months: int = 0
    cost_share: float = 0.0
    order: tuple[str, ...] = ()
    without: tuple[str, ...] = ("insurer",)
