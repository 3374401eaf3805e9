"""How one kind of right is compared with deals: the plan, and what both sides share."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.rights.comparables import COMPARABLES

Fact = Callable[[Inputs], Column]
"""Reads one figure of rights, or the same figure of deals."""

CATEGORIES = COMPARABLES.by_name["category"].codes
KINDS = COMPARABLES.by_name["kind"].codes


def gross_value(_inputs: Inputs, value: Column) -> Column:
    """Count on the whole value: no levy, no tax.

    Parameters
    ----------
    _inputs : Inputs
        Not looked at.
    value : (n,) float64
        Value [yuan].

    Returns
    -------
    (n,) float64
        The same value [yuan].
    """
    return value


@dataclass(frozen=True, slots=True)
class Plan:
    """How one kind of right is compared with deals.

    Parameters
    ----------
    table : str
        Table of the right.
    by_kind : bool
        Whether a deal must be of the same ``kind``.
    category : callable or None
        Position of every right in the categories of deals, -1 where it has none;
        None where the kind alone decides.
    bases : tuple of str
        Bases of price that count.
    price : callable
        Price of every deal per unit [yuan/unit]; NaN where it cannot be told.
    term : callable
        Term of every right or deal [year]; equal for both where term does not count.
    rate : callable
        Discount rate of every right [1/year].
    region_price : str
        Market quantity that says how places differ.
    traits : tuple of callable
        Scores of rights and of deals; their ratio corrects the price.
    area : str
        Column that the price per unit multiplies.
    net : callable
        What is left for a lender of a value [yuan].
    """

    table: str
    by_kind: bool
    category: Callable[[Inputs], Codes] | None
    bases: tuple[str, ...]
    price: Fact
    term: Fact
    rate: Fact
    region_price: str
    traits: tuple[Fact, ...]
    area: str
    net: Callable[[Inputs, Column], Column] = field(default=gross_value)


def shared_code(inputs: Inputs, column: str, shared: tuple[str, ...]) -> Codes:
    """Return a code column as positions in the codes that deals use.

    Parameters
    ----------
    inputs : Inputs
        Rights or deals.
    column : str
        Code column.
    shared : tuple of str
        Codes that deals use.

    Returns
    -------
    (n,) int64
        Positions, -1 where missing or not shared.
    """
    codes = inputs.batch.contract.by_name[column].codes
    lookup = np.array([shared.index(c) if c in shared else -1 for c in codes] + [-1])
    found: Codes = lookup[inputs.code(column)]
    return found


def is_deals(inputs: Inputs) -> bool:
    """Whether these are deals rather than rights.

    Parameters
    ----------
    inputs : Inputs
        Rights or deals.

    Returns
    -------
    bool
        True for the table of comparables.
    """
    return inputs.batch.contract.table == COMPARABLES.table
