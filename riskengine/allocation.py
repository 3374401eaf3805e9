"""Several rights over several loans: who is paid from what, to the fen.

One group of securities and loans is a two-sided network: a claim says that a loan is
secured by a security, with what rank and up to what limit.  Four methods share the
values out:

- ``pro_rata``: every security over its loans in proportion to their balances;
- ``legal``: by rank, equal ranks in proportion to claims; what a court would pay;
- ``maximum_cover``: the largest covered total that any sharing reaches;
- ``linear_programme``: the largest sum of weight times covered amount.

Only ``legal`` knows ranks: it is the result for the books.  The other three say what one
lender, who holds all claims, could reach by choosing which security pays which loan.

All amounts are whole fen inside, so used and left add up to the value, covered and
uncovered to the balance, with no fen lost.  Names are sorted first; so the order in which
things are handed in changes nothing, and ties go to the earlier name.

A guarantor comes after: ``uncovered_yuan`` is what he answers for, because the debtor's
own security pays first (Civil Code 392, 409, 435).  A claim does not say who owns the
security; where a third party's must wait, allocate the debtor's own first and hand what
stays uncovered to a second call as balances.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from riskengine.errors import RiskEngineError
from riskengine.sharing import Fen, Index, Network, augmented, filled
from riskengine.units import round_yuan
from riskengine.words import Text

_Name = TypeVar("_Name", str, int)

METHODS = ("pro_rata", "legal", "maximum_cover", "linear_programme")
"""Ways to share values over loans."""

UNREGISTERED = 0
"""Rank of a claim that is not registered."""

MOST_YUAN = 1e13
"""Largest sum of values or balances: below it a float holds every fen [yuan]."""


class AllocationError(RiskEngineError):
    """A group of securities, loans and claims that contradicts itself."""


_NO_SECURITY = (
    Text("没有这个押品", "no such security"),
    Text("请补押品价值或核对押品编号", "give its value or check the name of the security"),
)
_NO_LOAN = (
    Text("没有这笔贷款", "no such loan"),
    Text("请补贷款余额或核对贷款编号", "give its balance or check the name of the loan"),
)
_NO_RANK = (
    Text("顺位是{rank}", "rank is {rank}"),
    Text("顺位填1、2、3……，未登记填0", "give 1, 2, 3 ..., or 0 when not registered"),
)
_NO_LIMIT = (
    Text("最高额是{limit}", "limit is {limit}"),
    Text("最高额填不小于0的数，没有则填无穷", "give a limit >= 0, infinite for none"),
)
_TWICE = (Text("重复", "claimed twice"),
          Text("每对押品和贷款只填一次", "give each pair of security and loan once"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """One loan secured by one security.

    Parameters
    ----------
    security, loan : str
        Their names.
    rank : int
        Place in the order of registration among the claims on this security, 1 first,
        equal when registered together; 0 when not registered.  Gaps say nothing.
    limit_yuan : float
        Most that the security pays to this loan [yuan], >= 0: the agreed maximum of a
        maximum-amount mortgage (最高额抵押); infinite when there is none.
    """

    security: str
    loan: str
    rank: int
    limit_yuan: float = math.inf


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who is paid from what; every amount is whole fen.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    amounts : tuple of (str, str, float)
        Security, loan and what the one pays to the other [yuan], one a claim, in the
        order of the claims.
    covered_yuan, uncovered_yuan : mapping of str to float
        By loan [yuan]; together its balance.
    left_yuan : mapping of str to float
        By security: value that pays no loan [yuan].
    """

    method: str
    amounts: tuple[tuple[str, str, float], ...]
    covered_yuan: Mapping[str, float]
    uncovered_yuan: Mapping[str, float]
    left_yuan: Mapping[str, float]


def allocate(
    values_yuan: Mapping[str, float],
    balances_yuan: Mapping[str, float],
    claims: Sequence[Claim],
    method: str,
    *,
    weights: Mapping[str, float] | None = None,
) -> Allocation:
    """Share the values of securities over the loans that they secure.

    Parameters
    ----------
    values_yuan : mapping of str to float
        Value by security [yuan], >= 0, after costs and taxes of sale and whatever is paid
        before every claim; rounded to the fen.
    balances_yuan : mapping of str to float
        What is owed by loan [yuan], >= 0; rounded to the fen.
    claims : sequence of Claim
        Which loan is secured by which security; each pair once.
    method : str
        One of `METHODS`.
    weights : mapping of str to float, optional
        By loan, >= 0: what one yuan of cover is worth, such as PD times LGD.  Every loan
        has one; all 1 when left out.  Used by ``linear_programme`` alone.

    Returns
    -------
    Allocation
        The same whatever the order of the arguments.

    Raises
    ------
    AllocationError
        Listing every fault: unknown method, security or loan; an amount, limit or weight
        that is negative or not a number; an infinite amount or weight; a rank that is not
        a whole number >= 0; a pair claimed twice; sums over `MOST_YUAN`.

    Notes
    -----
    ``legal``: mortgages on one security are paid in the order of registration, registered
    before unregistered, unregistered in proportion to claims (Civil Code 414).  The law
    does not say from which of several securities a creditor must take his money, beyond
    the debtor's own before a third party's (392, 409).  Here he takes from the security
    on which he ranks best, unregistered claims last; from several on which he ranks
    alike, in proportion to what each offers.  A claim counts with what is still owed, at
    most its limit (420).
    Whether an unregistered mortgage exists at all is for the gates.

    ``linear_programme``: a loan of weight 0 comes last, but value that nobody else can
    take still pays it; so the total is that of ``maximum_cover``.  Equal weights: the
    earlier name first.

    Examples
    --------
    >>> claims = [Claim("plot", "a", 1), Claim("plot", "b", 2), Claim("barn", "b", 1)]
    >>> paid = allocate({"plot": 100.0, "barn": 30.0}, {"a": 80.0, "b": 70.0}, claims, "legal")
    >>> paid.amounts
    (('plot', 'a', 80.0), ('plot', 'b', 20.0), ('barn', 'b', 30.0))
    >>> paid.uncovered_yuan
    {'a': 0.0, 'b': 20.0}
    """
    faults = [
        *_number_faults(values_yuan, balances_yuan, weights, method),
        *_claim_faults(values_yuan, balances_yuan, claims),
    ]
    if faults:
        raise AllocationError(*(_joined(texts) for texts in zip(*faults, strict=True)))
    order = sorted(range(len(claims)), key=lambda i: (claims[i].security, claims[i].loan))
    ordered = [claims[i] for i in order]
    securities, loans = sorted(values_yuan), sorted(balances_yuan)
    network = _network(values_yuan, balances_yuan, ordered)
    match method:
        case "pro_rata":
            taken = _pro_rata(network)
        case "legal":
            taken = _legal(network, np.array([claim.rank for claim in ordered], np.int64))
        case "maximum_cover":
            taken = _maximum_cover(network)
        case _:
            worth = [1.0 if weights is None else weights[loan] for loan in loans]
            taken = _linear_programme(network, np.array(worth))
    amounts = _named(order, taken)
    owed = network.owed(taken)
    return Allocation(
        method,
        tuple((claim.security, claim.loan, amounts[i]) for i, claim in enumerate(claims)),
        _named(loans, network.balances - owed),
        _named(loans, owed),
        _named(securities, network.left(taken)),
    )


def _number_faults(
    values: Mapping[str, float],
    balances: Mapping[str, float],
    weights: Mapping[str, float] | None,
    method: str,
) -> Iterator[tuple[Text, Text]]:
    """What is wrong with method, values, balances and weights, each with its cure."""
    if method not in METHODS:
        names = ", ".join(METHODS)
        yield (Text(f"没有分配方法{method!r}", f"there is no method {method!r}"),
               Text(f"可选：{names}", f"take one of {names}"))  # fmt: skip
    number = Text("请填不小于0的有限数", "give a finite number >= 0")
    kinds = (
        (Text("押品价值", "value of security"), values, MOST_YUAN),
        (Text("贷款余额", "balance of loan"), balances, MOST_YUAN),
        (Text("贷款权重", "weight of loan"), weights or {}, math.inf),
    )
    for kind, figures, most in kinds:
        bad = [(name, figure) for name, figure in figures.items() if not 0.0 <= figure < math.inf]
        for name, figure in bad:
            yield (Text(f"{kind.zh}{name!r}是{figure}", f"{kind.en} {name!r} is {figure}"), number)
        if not bad and sum(figures.values()) > most:
            yield (Text(f"{kind.zh}合计超过{most:.0f}元",
                        f"{kind.en}: the sum is over {most:.0f} yuan"),
                   Text("请以元为单位，或分组计算", "give yuan, or smaller groups"))  # fmt: skip
    for name in sorted(weights.keys() ^ balances.keys()) if weights is not None else ():
        yield (Text(f"贷款{name!r}只有权重或只有余额",
                    f"loan {name!r} has a weight or a balance, not both"),
               Text("每笔贷款给一个权重", "give every loan one weight"))  # fmt: skip


def _claim_faults(
    values: Mapping[str, float], balances: Mapping[str, float], claims: Sequence[Claim]
) -> Iterator[tuple[Text, Text]]:
    """What is wrong with every claim, each with its cure."""
    seen: set[tuple[str, str]] = set()
    for claim in claims:
        pair = (claim.security, claim.loan)
        faults = []
        if claim.security not in values:
            faults.append(_NO_SECURITY)
        if claim.loan not in balances:
            faults.append(_NO_LOAN)
        if not isinstance(claim.rank, int | np.integer) or claim.rank < UNREGISTERED:
            faults.append(_NO_RANK)
        if not claim.limit_yuan >= 0.0:
            faults.append(_NO_LIMIT)
        if pair in seen:
            faults.append(_TWICE)
        seen.add(pair)
        for wrong, cure in faults:
            told = wrong.fill(rank=claim.rank, limit=claim.limit_yuan)
            yield (Text(f"押品{pair[0]!r}担保贷款{pair[1]!r}：{told.zh}",
                        f"security {pair[0]!r} of loan {pair[1]!r}: {told.en}"), cure)  # fmt: skip


def _joined(texts: Sequence[Text]) -> Text:
    """Many texts as one, each said once."""
    once = dict.fromkeys(texts)
    return Text("；".join(text.zh for text in once), "; ".join(text.en for text in once))


def _network(
    values: Mapping[str, float], balances: Mapping[str, float], claims: Sequence[Claim]
) -> Network:
    """Arrays of a group of sorted claims."""
    security = {name: place for place, name in enumerate(sorted(values))}
    loan = {name: place for place, name in enumerate(sorted(balances))}
    return Network(
        _fen(values[name] for name in security),
        _fen(balances[name] for name in loan),
        np.array([security[claim.security] for claim in claims], np.intp),
        np.array([loan[claim.loan] for claim in claims], np.intp),
        _fen(min(claim.limit_yuan, MOST_YUAN) for claim in claims),
    )


def _fen(amounts_yuan: Iterable[float]) -> Fen:
    """Yuan as whole fen."""
    return np.array([round(100.0 * round_yuan(amount)) for amount in amounts_yuan], np.int64)


def _named(names: Sequence[_Name], amounts: Fen) -> dict[_Name, float]:
    """Whole fen as yuan, by name."""
    return dict(zip(names, (amounts / 100.0).tolist(), strict=True))


def _pro_rata(network: Network) -> Fen:
    """Every security in proportion to the balances that it secures."""
    every = np.arange(network.limits.size)
    return filled(network, network.nothing(), every, network.balances[network.loan])


def _legal(network: Network, ranks: NDArray[np.int64]) -> Fen:
    """Rank by rank; within a rank in proportion to what is still owed."""
    taken, levels = network.nothing(), _levels(network, ranks)
    for level in range(1, levels.max(initial=0) + 1):
        claimed = np.minimum(network.owed(taken)[network.loan], network.limits)
        taken = filled(network, taken, np.flatnonzero(levels == level), claimed)
    return taken


def _levels(network: Network, ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of every claim on its security, 1 first; 0 for a claim of nothing.

    Unregistered claims all come after the last registered one of the group.
    """
    real = (network.balances[network.loan] > 0) & (network.limits > 0)
    levels = np.zeros(ranks.size, np.int64)
    registered = real & (ranks != UNREGISTERED)
    for security in np.unique(network.security[registered]):
        at = np.flatnonzero(registered & (network.security == security))
        levels[at] = np.unique(ranks[at], return_inverse=True)[1] + 1
    levels[real & (ranks == UNREGISTERED)] = levels.max(initial=0) + 1
    return levels


def _maximum_cover(network: Network) -> Fen:
    """Pro rata first, then what raises the total: no loan is covered less than pro rata."""
    return augmented(network, _pro_rata(network), np.ones(network.balances.size, np.bool_))


def _linear_programme(network: Network, worth: NDArray[np.float64]) -> Fen:
    """Largest sum of weight times cover.

    What a set of loans can be covered with is submodular in the set, so the optimum
    depends on the order of the weights alone (Edmonds 1970).  The solver is given
    n, n - 1, ... 1 in their place: its tolerance cannot confuse near weights, and the
    optimal cover is unique.  The constraints are totally unimodular and their bounds
    whole fen, so that cover is whole fen too, and rounding takes off only the noise of
    floats.  It cannot break a limit, because the solver says only how far each loan is
    covered: the amounts are then found in whole fen, as those of the largest cover up to
    there.  Last, what a wrong fen would leave over is offered in the order of weights.
    """
    falling = np.lexsort((np.arange(worth.size), -worth))
    taken = _maximum_cover(replace(network, balances=_programmed(network, falling)))
    if (augmented(network, taken, np.ones(worth.size, np.bool_)) != taken).any():
        for loan in falling:
            taken = augmented(network, taken, np.arange(worth.size) == loan)
    return taken


def _programmed(network: Network, falling: Index) -> Fen:
    """Cover of every loan by the linear programme, to the fen.

    Its unknowns are what every claim takes, then what every loan is covered with.
    """
    from scipy.optimize import linprog  # slow to import; paid only by who asks for it
    from scipy.sparse import csc_array

    claims, loans = network.limits.size, network.balances.size
    if not claims:
        return np.zeros(loans, np.int64)
    size, each, ones = claims + loans, np.arange(claims), np.ones(claims)
    gain = np.zeros(size)
    gain[claims + falling] = np.arange(loans, 0, -1)
    used: Any = csc_array((ones, (network.security, each)), (network.values.size, size))
    row = np.append(network.loan, np.arange(loans))
    tied: Any = csc_array((np.append(ones, -np.ones(loans)), (row, np.arange(size))), (loans, size))
    bounds: Any = np.zeros((size, 2))
    bounds[:, 1] = np.append(
        np.minimum(network.limits, network.values[network.security]), network.balances
    )
    found = linprog(
        -gain, A_ub=used, b_ub=network.values, A_eq=tied, b_eq=np.zeros(loans),
        bounds=bounds, method="highs",
    )  # fmt: skip
    if found.x is None:
        raise AllocationError(
            Text(f"线性规划没有解出：{found.message}", f"no optimum was found: {found.message}"),
            Text("请改用 maximum_cover", "take maximum_cover instead"),
        )
    cover: Fen = np.rint(found.x[claims:]).astype(np.int64)
    return np.clip(cover, 0, network.balances)
