"""What a bank would hold for a book: the internal ratings-based approach, as a yardstick.

For guarantors it is no rule.  The numbers of the formulas are data (`irb.toml`), named by
the text that they come from.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, Index, filled, table
from riskengine.kernels.regulatory_capital import capital_rows
from riskengine.portfolio.columns import finite, within
from riskengine.portfolio.exposures import BookError
from riskengine.words import Text

CHUNK = 65_536
"""Rows a task."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The formulas of one text.

    Parameters
    ----------
    name : str
        Its name, such as ``basel_2006``.
    cite : str
        Paragraphs.
    classes : tuple of str
        Classes of exposures; a class is named or given by its position.
    multiplier : float
        Risk-weighted assets over capital [1].
    numbers : (c, 13) float64
        One row a class, as `riskengine.kernels.regulatory_capital.capital_rows` has them.
    """

    name: str
    cite: str
    classes: tuple[str, ...]
    multiplier: float
    numbers: Column

    def codes(self, names: str | Sequence[str]) -> Index:
        """Positions of classes.

        Parameters
        ----------
        names : str or sequence of str
            Names of classes.

        Returns
        -------
        (n,) int64
            Their positions.

        Raises
        ------
        BookError
            If one is not known.
        """
        listed = np.atleast_1d(np.asarray(names, dtype=str))
        found, place = np.unique(listed, return_inverse=True)
        if unknown := sorted(set(found.tolist()) - set(self.classes)):
            raise _no_class(unknown, self.classes)
        return np.array([self.classes.index(name) for name in found], dtype=np.int64)[place]


@dataclass(frozen=True, slots=True)
class Capital:
    """Capital of exposures, one row each.

    Parameters
    ----------
    correlation : (n,) float64
        Asset correlation [1].
    capital_share : (n,) float64
        Capital for unexpected loss over exposure, K [1].
    expected_loss_share : (n,) float64
        PD x LGD [1]; of defaulted exposures the best estimate.
    risk_weight : (n,) float64
        Risk-weighted assets over exposure [1].
    status : (n,) int64
        See `riskengine.credit.rows.STATUS`; 3 is a PD too small for the maturity surcharge.
    """

    correlation: Column
    capital_share: Column
    expected_loss_share: Column
    risk_weight: Column
    status: Index


def formula(name: str) -> Formula:
    """Return the formulas of one text.

    Parameters
    ----------
    name : {"basel_2006", "basel_2017"}
        The text.

    Returns
    -------
    Formula
        Its numbers.

    Raises
    ------
    BookError
        If there is no such text.

    Examples
    --------
    >>> formula("basel_2006").classes[:2]
    ('corporate', 'residential_mortgage')
    """
    known = tomllib.loads(Path(__file__).with_name("irb.toml").read_text(encoding="utf-8"))
    if name not in known:
        raise BookError(
            Text(f"没有名为{name}的公式", f"there are no formulas named {name}"),
            Text(f"可用：{'、'.join(known)}", f"known are {', '.join(known)}"),
        )
    held = known[name]
    size, years = held["size"], held["maturity"]
    rows = []
    for one in held["classes"].values():
        surcharge = [years["intercept"], years["slope"]] if one["by_maturity"] else [0.0, 0.0]
        rows.append([
            one["low"], one["high"], one["decay"], size["cut"] if one["by_size"] else 0.0,
            size["small"], size["large"], *surcharge, years["reference"], years["shortest"],
            years["longest"], one["floor"], 1.0 - held["level"],
        ])  # fmt: skip
    return Formula(name, held["cite"], tuple(held["classes"]), held["multiplier"], np.array(rows))


def irb_capital(
    formulas: Formula, asset_class: str | Sequence[str] | Index, default_chance: ArrayLike,
    loss_share: ArrayLike, *, maturity_years: ArrayLike = 2.5, turnover_million: ArrayLike = np.inf,
    correlation_multiplier: ArrayLike = 1.0, best_estimate_loss: ArrayLike = np.nan,
    floor: float | None = None, scaling: float = 1.0, threads: int = 1,
) -> Capital:  # fmt: skip
    """Capital, expected loss and risk weight of exposures: CAP-IRB of the notes.

    Parameters
    ----------
    formulas : Formula
        Which text.
    asset_class : str, sequence of str or (n,) int64
        Class of all rows or of each, by name or position.
    default_chance : array-like
        PD of one year [1], in [0, 1]; 1 is in default.
    loss_share : array-like
        Loss given default in a downturn [1], in [0, 1].
    maturity_years : array-like
        Effective maturity [year], > 0, held between the text's shortest and longest; only
        for classes with a surcharge.
    turnover_million : array-like
        Yearly turnover of the borrower's group [million of the text's currency]; infinite
        where there is no reduction for size.
    correlation_multiplier : array-like
        Multiplier of the correlation [1], > 0; 1.25 for large financial institutions.
    best_estimate_loss : array-like
        Best estimate of the loss of defaulted exposures [1]; needed for those only.
    floor : float or None
        Least PD [1], in [0, 1]; None takes the text's by class.
    scaling : float
        Factor on risk weights [1], > 0; Basel II used 1.06 on top of the printed table.
    threads : int
        Threads, >= 1; the answer does not depend on them.

    Returns
    -------
    Capital
        One row an exposure; bad rows NaN with a status.

    Raises
    ------
    BookError
        If a class is unknown, or floor or scaling is out of range.
    CreditError
        If the columns are of different lengths.

    Examples
    --------
    >>> found = irb_capital(formula("basel_2006"), "corporate", [0.01, 0.1], 0.45)
    >>> (100.0 * found.risk_weight).round(2).tolist()
    [92.32, 193.09]
    """
    kind = _kinds(formulas, asset_class)
    rows = None if isinstance(asset_class, str) else kind.size
    x = table(
        rows, default_chance=default_chance, loss_share=loss_share, maturity_years=maturity_years,
        turnover_million=turnover_million, correlation_multiplier=correlation_multiplier,
        best_estimate_loss=best_estimate_loss,
    )  # fmt: skip
    if rows is None:
        kind = np.repeat(kind, x.shape[1])
    within("scaling", np.atleast_1d(finite("scaling", scaling)), 0.0, np.inf, low_end=False)
    numbers = formulas.numbers
    if floor is not None:
        numbers = numbers.copy()
        numbers[:, 11] = within("floor", np.atleast_1d(finite("floor", floor)), 0.0, 1.0)
    out, status = filled(3, x)
    tasks = [
        delayed(capital_rows)(numbers, kind, x, first, min(first + CHUNK, kind.size), out, status)
        for first in range(0, kind.size, CHUNK)
    ]
    Parallel(n_jobs=threads, backend="threading")(tasks)
    return Capital(out[0], out[1], out[2], out[1] * (formulas.multiplier * scaling), status)


def _kinds(formulas: Formula, given: str | Sequence[str] | Index) -> Index:
    """Class of each row."""
    if not (isinstance(given, np.ndarray) and np.issubdtype(given.dtype, np.integer)):
        return formulas.codes(given)  # type: ignore[arg-type]
    kinds = np.ascontiguousarray(given, dtype=np.int64)
    if kinds.size and not 0 <= kinds.min() <= kinds.max() < len(formulas.classes):
        outside = np.unique(kinds[(kinds < 0) | (kinds >= len(formulas.classes))])
        raise _no_class([str(code) for code in outside], formulas.classes)
    return kinds


def _no_class(unknown: list[str], known: tuple[str, ...]) -> BookError:
    return BookError(
        Text(f"未知敞口类别：{'、'.join(unknown)}", f"unknown classes: {', '.join(unknown)}"),
        Text(f"可用：{'、'.join(known)}", f"known are {', '.join(known)}"),
    )
