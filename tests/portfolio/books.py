"""Synthetic books for the tests of this folder and for tests/bench."""

import numpy as np

from riskengine.portfolio.exposures import Column, Exposures, FactorModel


def sixteen_factors(sale: float = 0.0, slowdown: float = 0.0) -> FactorModel:
    """Nation, four provinces, three zones of weather and eight crops: 32 segments."""
    names = ["nation", *(f"province:{k}" for k in range(4)), *(f"zone:{k}" for k in range(3)),
             *(f"crop:{k}" for k in range(8))]  # fmt: skip
    correlation = np.eye(16)
    correlation[5:8, 5:8] += 0.4 * (1.0 - np.eye(3))  # neighbouring weather
    correlation[8, 9] = correlation[9, 8] = 0.5  # maize feeds pigs
    loadings, sales = np.zeros((32, 16)), np.zeros((32, 16))
    for g in range(32):
        province, crop = divmod(g, 8)
        for factor, size in (
            (0, 0.28),
            (1 + province, 0.15),
            (5 + province % 3, 0.18),
            (8 + crop, 0.16),
        ):
            loadings[g, factor] = size
        sales[g, 0], sales[g, 8 + crop] = sale, 0.5 * sale
    segments = tuple(f"{g // 8}-{g % 8}" for g in range(32))
    return FactorModel(tuple(names), correlation, segments, loadings, sales, np.full(32, slowdown))


def graded(
    rows: int, seed: int = 1, grades: int = 21, secured: bool = False, segments: int = 32
) -> Exposures:
    """Debts of 21 grades in every segment; sizes lognormal."""
    rng = np.random.Generator(np.random.Philox(seed))
    grade = np.arange(rows) % grades
    segment = (np.arange(rows) // grades) % segments
    none = np.zeros(rows)
    return Exposures(
        np.round(np.exp(rng.normal(11.0, 0.8, rows)), 2), 0.004 * 32.0 ** (grade / grades), segment,
        np.full(rows, 0.9 if secured else 0.45),
        np.where(grade % 3 == 0, 0.0, 0.8 + 0.05 * (grade % 7)) if secured else none,
        np.where(grade % 3 == 0, 0.0, 0.35) if secured else none,
        np.where(grade % 3 == 0, 0.0, 1.5) if secured else none,
        np.where(grade % 3 == 0, 0.0, 0.08) if secured else none,
    )  # fmt: skip


def column(*values: float) -> Column:
    """A column."""
    return np.array(values, dtype=np.float64)


def fixed(debt: Column, chance: Column, segment: Column, severity: Column) -> Exposures:
    """A book without collateral."""
    none = np.zeros(debt.size)
    return Exposures(debt, chance, segment.astype(np.int64), severity, none, none, none, none)


def one_factor(share: float) -> FactorModel:
    """One factor, one segment."""
    loading = np.full((1, 1), np.sqrt(share))
    return FactorModel(("nation",), np.eye(1), ("all",), loading, np.zeros((1, 1)), np.zeros(1))
