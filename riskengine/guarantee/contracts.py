"""Guarantee contracts and the institution's statement, as the ratios are computed from them.

Columns in memory, one row a contract; nothing here reads a file.  Money is held against
limits in whole fen, so that a limit that includes its own amount does so to the fen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskengine.errors import RiskEngineError
from riskengine.words import Text

Column = NDArray[np.float64]
Index = NDArray[np.int64]
Flag = NDArray[np.int8]
Mask = NDArray[np.bool_]

KINDS = (
    "loan_small_micro", "loan_farm_household", "housing", "loan_other", "bond_aa", "bond_other",
    "other",
)  # fmt: skip
"""Kinds of guarantee, by their number in the column ``kind``."""
STATES = ("in_force", "normal_release", "compensated_release")
"""States of a contract, by their number in the column ``state``."""
Statement = Mapping[str, Any]
"""Facts of the institution by name: money in yuan, flags, ``as_of``; None or absent: not known."""
MOST_YUAN = 1e13
"""Largest amount of one contract [yuan]: sums of a million of them stay exact in fen."""
CODES = ("client", "group", "county", "kind", "state")
FLAGS = ("is_pig", "small_agri", "poverty_alleviation", "re_guarantee")
SHARES = ("own_share", "bank_share")
FOUND = ("clients", "member", "balance_fen")
"""Columns that are found from the others."""


class RatioError(RiskEngineError):
    """Contracts, a statement or a request from which no ratio can be computed."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """Guarantee contracts, one a row; made by `contracts_of`.

    Parameters
    ----------
    client : (n,) int64
        Code of the client.
    group : (n,) int64
        Code of the related parties that the client belongs to; -1 alone.
    county : (n,) int64
        Code of the county.
    kind, state : (n,) int64
        Positions in `KINDS` and `STATES`.
    in_force_balance_yuan : (n,) float64
        Balance of the contract in force [yuan], >= 0.
    own_share, bank_share : (n,) float64
        Share of the risk that the institution, and the bank, bears [1], in [0, 1].
    amount_yuan : (n,) float64
        Amount guaranteed at the start [yuan].
    fee_rate_per_year, loan_rate_per_year : (n,) float64
        Fee that the client bears and rate of the loan [1/year], >= 0.
    started_on, ends_on, released_on, compensated_on : (n,) float64
        Days since 1970-01-01; ``ends_on`` is the agreed end.
    released_yuan, compensated_yuan, recovered_yuan, written_off_yuan : (n,) float64
        Amount released, paid to the lender, got back since, and given up [yuan].
    overdue_days : (n,) float64
        Days the loan is overdue [day], >= 0.
    overdue_principal_yuan : (n,) float64
        Principal overdue [yuan].
    is_pig, small_agri, poverty_alleviation, re_guarantee : (n,) int8
        Pig farming; small firm or farming; poverty-alleviation item; a guarantee of
        another guarantor: 1 yes, 0 no, -1 not known.
    clients : (m,) int64
        Codes of the clients, rising; found by `contracts_of`.
    member : (n,) int64
        Position among them of each contract's client; likewise.
    balance_fen : (n,) int64
        Balances in force [fen], 0 for contracts that are released; likewise.

    Notes
    -----
    NaN and -1 are what is not known; a ratio that needs it is never said to be kept.
    """

    client: Index
    group: Index
    county: Index
    kind: Index
    state: Index
    in_force_balance_yuan: Column
    own_share: Column
    bank_share: Column
    amount_yuan: Column
    fee_rate_per_year: Column
    loan_rate_per_year: Column
    started_on: Column
    ends_on: Column
    released_on: Column
    compensated_on: Column
    released_yuan: Column
    compensated_yuan: Column
    recovered_yuan: Column
    written_off_yuan: Column
    overdue_days: Column
    overdue_principal_yuan: Column
    is_pig: Flag
    small_agri: Flag
    poverty_alleviation: Flag
    re_guarantee: Flag
    clients: Index
    member: Index
    balance_fen: Index

    @property
    def size(self) -> int:
        """Number of contracts."""
        return int(self.client.size)

    @property
    def in_force(self) -> Mask:
        """Which contracts are in force: (n,) bool."""
        return np.asarray(self.state == STATES.index("in_force"))

    @property
    def released(self) -> Mask:
        """Which contracts are released, by payment or by compensation: (n,) bool."""
        return ~self.in_force

    def by_county(self) -> Iterator[tuple[int, Index]]:
        """Yield the contracts of each county.

        Yields
        ------
        int, (k,) int64
            Code of the county, rising, and positions of its contracts.
        """
        order = np.argsort(self.county, kind="stable").astype(np.int64)
        codes, starts = np.unique(self.county[order], return_index=True)
        yield from zip(codes.tolist(), np.split(order, starts[1:]), strict=bool(codes.size))

    def take(self, rows: Index) -> "Contracts":
        """Return some contracts, in the order asked for.

        Parameters
        ----------
        rows : (k,) int64
            Positions, from 0.

        Returns
        -------
        Contracts
            Those contracts; clients keep their positions.
        """
        kept = {column.name: getattr(self, column.name) for column in fields(self)}
        return Contracts(**{
            name: values if name == "clients" else values[rows] for name, values in kept.items()
        })  # fmt: skip


def contracts_of(**columns: ArrayLike | None) -> Contracts:
    """Check columns of contracts, once, and lay them out.

    Parameters
    ----------
    **columns : array-like
        Columns of `Contracts` by name.  ``client``, ``county``, ``kind``, ``state`` and
        ``in_force_balance_yuan`` are needed; the others are not known where left out,
        ``group`` is -1, ``re_guarantee`` no.

    Returns
    -------
    Contracts
        The contracts.

    Raises
    ------
    RatioError
        If a column is unknown, missing, of another length or out of range.

    Examples
    --------
    >>> book = contracts_of(
    ...     client=[1, 2], county=[510823, 510823], kind=[0, 1], state=[0, 0],
    ...     in_force_balance_yuan=[5e6, 2e6], own_share=[0.8, 1.0],
    ... )
    >>> book.size, int(book.balance_fen.sum())
    (2, 700000000)
    """
    names = [column.name for column in fields(Contracts) if column.name not in FOUND]
    if unknown := sorted(columns.keys() - set(names)):
        raise refused(", ".join(unknown), "不是合同表的列", "is no column of contracts")
    needed = ("client", "county", "kind", "state", "in_force_balance_yuan")
    for name in needed:
        if columns.get(name) is None:
            raise refused(name, "缺少这一列", "is missing")
    size = int(np.asarray(columns["client"]).size)
    given = {name: _column(name, columns.get(name), size) for name in names}
    clients, member = np.unique(given["client"], return_inverse=True)
    book = Contracts(
        **given, clients=clients, member=member.reshape(-1).astype(np.int64),
        balance_fen=np.zeros(size, np.int64),
    )  # fmt: skip
    _check(book)
    book.balance_fen[book.in_force] = fen(book.in_force_balance_yuan[book.in_force])
    return book


def fen(yuan: ArrayLike) -> Index:
    """Yuan as whole fen, halves to even; 0 where not known.

    Parameters
    ----------
    yuan : array-like
        Amounts [yuan]; NaN where not known.

    Returns
    -------
    int64 array
        Amounts [fen].

    Examples
    --------
    >>> fen([0.125, 12.34]).tolist()
    [12, 1234]
    """
    return np.rint(np.nan_to_num(np.asarray(yuan, dtype=np.float64) * 100.0)).astype(np.int64)


def total(values: Index, member: Index, size: int) -> Index:
    """Sums of whole numbers by group, exact.

    Parameters
    ----------
    values : (n,) int64
        Amounts [fen].
    member : (n,) int64
        Group of each, from 0.
    size : int
        Number of groups.

    Returns
    -------
    (size,) int64
        Sums [fen].
    """
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, member, values)
    return out


def money(statement: Statement, name: str) -> int | None:
    """Return an amount of the statement.

    Parameters
    ----------
    statement : mapping
        Facts of the institution by name.
    name : str
        Name of the amount in yuan.

    Returns
    -------
    int or None
        The amount [fen]; None where not known.

    Raises
    ------
    RatioError
        If it is no finite number.
    """
    given = statement.get(name)
    if given is None or given != given:  # NaN  # noqa: PLR0124
        return None
    if isinstance(given, bool) or not np.isfinite(float(given)):
        raise refused(name, "不是有限的金额", "is no finite amount")
    return int(fen(float(given)))


def refused(name: str, zh: str, en: str) -> RatioError:
    """Return the error that a column or a fact cannot be used.

    Parameters
    ----------
    name : str
        The column or fact.
    zh, en : str
        What is wrong with it.

    Returns
    -------
    RatioError
        To be raised.
    """
    cure = Text("请检查这一项后重算", "check it and compute again")
    return RatioError(Text(f"{name}：{zh}", f"{name} {en}"), cure)


def _column(name: str, values: ArrayLike | None, size: int) -> Any:
    """One column in its own type; a column left out costs no memory."""
    kind = np.int64 if name in CODES else np.int8 if name in FLAGS else np.float64
    if values is None:
        absent = np.nan if kind is np.float64 else 0 if name == "re_guarantee" else -1
        return np.broadcast_to(np.array(absent, dtype=kind), (size,))
    try:
        raw = np.asarray(values)
        with np.errstate(invalid="ignore"):
            found = np.ascontiguousarray(raw, dtype=kind)
    except (TypeError, ValueError, OverflowError):
        raise refused(name, "不是数字", "does not hold numbers") from None
    if raw.shape != (size,):
        raise refused(name, f"应有{size}行", f"must be one column of {size} rows")
    if kind is not np.float64 and not np.array_equal(raw, found):
        raise refused(name, "应为整数代码", "must hold whole codes")
    return found


def _check(book: Contracts) -> None:
    """Refuse numbers that no contract can have."""
    for name, words in (("kind", KINDS), ("state", STATES)):
        codes = getattr(book, name)
        if np.any((codes < 0) | (codes >= len(words))):
            raise refused(name, f"应为0到{len(words) - 1}", f"must be 0 to {len(words) - 1}")
    for name in FLAGS:
        if np.any(np.abs(getattr(book, name)) > 1):
            raise refused(name, "应为1、0或-1", "must be 1, 0 or -1")
    if np.any(np.isnan(book.in_force_balance_yuan[book.in_force])):
        raise refused(
            "in_force_balance_yuan", "在保合同缺余额", "is missing of a contract in force"
        )
    for column in fields(book):
        values = getattr(book, column.name)
        if values.dtype != np.float64:
            continue
        if np.any(np.isinf(values)):
            raise refused(column.name, "应为有限数", "must be finite")
        if not column.name.endswith("_on") and np.any(values < 0.0):
            raise refused(column.name, "不得为负", "must not be negative")
        if column.name.endswith("_yuan") and np.any(values > MOST_YUAN):
            raise refused(column.name, "金额过大", "is too large")
    for name in SHARES:
        if np.any(getattr(book, name) > 1.0):
            raise refused(name, "应在0到1之间", "must be in [0, 1]")
