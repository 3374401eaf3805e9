"""Scenarios of a loss: weight, state of the economy, paths of PD and LGD.

The expectation of a nonlinear loss is no loss at the mean scenario; so each one is run and
the results are weighted, with weights that add up to 1 as they are written.

Source: IFRS 9 5.5.17(a) and B5.5.42 (CAS 22); credit notes 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
from numpy.typing import ArrayLike

from riskengine.credit.rows import Column, CreditError, column
from riskengine.rules import Rules
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Scenario:
    """One possible course.

    Parameters
    ----------
    name : str
        Its name.
    weight : float or str
        Probability [1], in (0, 1]; taken as the decimal that it is written as.
    factor : float, array-like or None
        State z of each year [1], below 0 is bad; the last one holds on.  None leaves the
        PDs as they are given, which z = 0 does not: the PD at z = 0 is a median.
    default_multiplier : float or array-like
        What every period's chance of default is multiplied by [1], >= 0, by period; the
        last one holds on, the product stops at 1.
    loss_multiplier, loss_level : float or array-like
        LGD of a period = level + multiplier x the contract's LGD [1], by period, cut to
        [0, 1]; a multiplier of 0 and a level make the LGD the scenario's own.
    """

    name: str
    weight: float | str
    factor: float | ArrayLike | None = None
    default_multiplier: float | ArrayLike = 1.0
    loss_multiplier: float | ArrayLike = 1.0
    loss_level: float | ArrayLike = 0.0


@dataclass(frozen=True, slots=True)
class ScenarioTables:
    """Scenarios as kernels want them.

    Parameters
    ----------
    weights : (s,) float64
        Weights [1].
    factors : (y, s) float64
        States by year [1]; NaN for none.
    paths : (3, t, s) float64
        Multiplier of chances of default, level and multiplier of LGD by period [1].
    changed : (t,) bool
        Whether anything differs from the period before; True at 0.
    """

    weights: Column
    factors: Column
    paths: Column
    changed: np.typing.NDArray[np.bool_]


BASE = (Scenario("base", 1.0),)
"""What is given, as it is."""


def scenario_tables(scenarios: Sequence[Scenario], periods: int, per_year: int) -> ScenarioTables:
    """Lay scenarios out by period and by year.

    Parameters
    ----------
    scenarios : sequence of Scenario
        At least one; their weights add up to 1 exactly.
    periods : int
        Periods wanted [period], >= 0.
    per_year : int
        Periods of a year.

    Returns
    -------
    ScenarioTables
        The tables.

    Raises
    ------
    CreditError
        If weights do not add up, or a path is empty, infinite, missing or negative.
    """
    weights = _weights(scenarios)
    length = max(periods, 1)
    factors = np.empty((-(-length // per_year), len(scenarios)))
    paths = np.empty((3, length, len(scenarios)))
    for s, one in enumerate(scenarios):
        factor = np.nan if one.factor is None else _path(one, "factor", one.factor, False)
        factors[:, s] = _held(np.atleast_1d(factor), len(factors))
        for k, (name, values) in enumerate((
            ("default_multiplier", one.default_multiplier), ("loss_level", one.loss_level),
            ("loss_multiplier", one.loss_multiplier),
        )):  # fmt: skip
            paths[k, :, s] = _held(_path(one, name, values, k != 1), length)
    changed = np.ones(length, dtype=np.bool_)
    by_year = factors[np.arange(length) // per_year]
    same = (by_year[1:] == by_year[:-1]) | np.isnan(by_year[1:])
    changed[1:] = ~np.all(same, axis=1) | np.any(paths[:, 1:] != paths[:, :-1], axis=(0, 2))
    return ScenarioTables(weights, factors, paths, changed)


def enough_scenarios(scenarios: Sequence[Scenario], rules: Rules) -> None:
    """Refuse fewer scenarios than the rules of the day want.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The scenarios.
    rules : Rules
        Rules of the valuation day.

    Raises
    ------
    CreditError
        If there are too few.
    """
    least = int(rules.number("expected_loss.scenarios_least"))
    if len(scenarios) < least:
        raise CreditError(
            Text(
                f"情景只有{len(scenarios)}个，至少{least}个",
                f"{len(scenarios)} scenarios, at least {least} are wanted",
            ),
            Text("请补充情景及权重", "add scenarios with their weights"),
        )


def _weights(scenarios: Sequence[Scenario]) -> Column:
    """Weights, as decimals exactly 1 together."""
    try:
        exact = [Decimal(str(one.weight)) for one in scenarios]
    except InvalidOperation:
        exact = []
    if not exact or not all(one.is_finite() and one > 0 for one in exact) or sum(exact) != 1:
        raise CreditError(
            Text("情景权重应为正且合计恰为1", "weights of scenarios must be > 0 and sum to 1"),
            Text("请用十进制小数给出权重，如0.3", "give weights as decimals such as 0.3"),
        )
    return np.array([float(one) for one in exact])


def _path(one: Scenario, name: str, values: ArrayLike, positive: bool) -> Column:
    found = column(name, np.atleast_1d(np.asarray(values, dtype=np.float64)))
    if not found.size or not np.all(np.isfinite(found)) or (positive and np.any(found < 0.0)):
        raise CreditError(
            Text(
                f"情景{one.name}的{name}应为有限且不为负",
                f"{name} of scenario {one.name} must be finite, and multipliers not negative",
            ),
            Text("请检查这条路径", "check this path"),
        )
    return found


def _held(values: Column, length: int) -> Column:
    """A path cut or carried on to a length."""
    found: Column = values[np.minimum(np.arange(length), values.size - 1)]
    return found
