"""Drift of a million rows of a hundred columns against frozen histograms."""

import os

from tests.bench.timing import best


def measure(rows: int = 1_000_000, columns: int = 100, times: int = 3) -> tuple[float, float, int]:
    """Seconds to count and judge on one thread and on all, and rows.

    Half of the columns lie in many distinct values, a quarter in few, a quarter
    are a tenth missing; the reference has 15 bins a column.
    """
    import numpy as np

    from models.evaluate.drift import reference
    from riskengine.drift import drift
    from riskengine.learned.features import Feature

    rng = np.random.default_rng(20261126)
    x = rng.standard_normal((columns, rows))
    x[::4] = np.floor(4.0 * x[::4])
    x[1::4][:, rng.random(rows) < 0.1] = np.nan
    arrays = reference(x[:, : rows // 10], [Feature(str(k)) for k in range(columns)])
    threads = os.cpu_count() or 1
    one = best(lambda: drift(arrays, x), times)
    every = best(lambda: drift(arrays, x, threads=threads), times)
    return one, every, rows


def bench_drift() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    one, every, rows = measure()
    return [
        (f"drift and PSI, {rows:,} rows x 100 columns, s on one thread; on all (aim < 3 s)",
         f"{one:.2f}; {every:.2f}"),
    ]  # fmt: skip
