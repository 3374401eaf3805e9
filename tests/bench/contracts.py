"""Contract-level simulation of a million contracts, beside NumPy drawing every one of them."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bench.timing import best

ROOT = Path(__file__).parents[2]


class Draws(NamedTuple):
    """Scenarios: factors, mixing, weights."""

    factors: object
    mixing: object
    weights: object


def book(rows: int, collateral: bool) -> tuple[object, object]:
    """Contracts of a mean PD of 4 %, every PD its own, in 24 segments and 60 groups."""
    import numpy as np

    from riskengine.portfolio.contracts import Contracts
    from riskengine.portfolio.exposures import Exposures, FactorModel

    rng = np.random.default_rng(20261126)
    loadings = rng.uniform(0.1, 0.3, (24, 4))
    model = FactorModel(
        ("nation", "province", "crop", "hazard"), np.eye(4), tuple(map(str, range(24))), loadings,
        loadings, np.full(24, 0.3),
    )  # fmt: skip
    held = Exposures(
        rng.lognormal(12.0, 0.7, rows), rng.uniform(0.02, 0.06, rows), rng.integers(0, 24, rows),
        np.full(rows, 0.6), np.where(collateral, rng.uniform(0.7, 1.4, rows), 0.0),
        np.full(rows, 0.35), np.full(rows, 1.0), np.full(rows, 0.06),
    )  # fmt: skip
    cumulative = np.cumsum(rng.dirichlet(np.ones(12), 4), axis=1)
    cumulative[:, -1] = 1.0
    groups = rng.integers(0, 60, rows)
    return Contracts(
        held, groups, np.full(rows, 0.8), rng.integers(0, 4, rows), cumulative, 60
    ), model  # fmt: skip


def scenarios(count: int) -> Draws:
    """Plain scenarios of four factors."""
    import numpy as np

    rng = np.random.default_rng(1)
    return Draws(rng.normal(size=(count, 4)), np.ones(count), np.ones(count))


def brute(contracts: object, model: object, drawn: Draws, collateral: bool) -> Callable[[], object]:
    """The same in NumPy: one uniform number a contract, the sales of those that default."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    held = contracts.exposures
    threshold, own = ndtri(held.default_chance), np.sqrt(1.0 - model.default_share)[held.segment]
    rng = np.random.default_rng(2)

    def run() -> object:
        found = []
        for z in drawn.factors:
            standing, sales = model.default_loadings @ z, model.sale_loadings @ z
            chance = ndtr((threshold - standing[held.segment]) / own)
            hit = np.flatnonzero(rng.random(held.size) < chance)
            loss = 100.0 * held.debt_yuan[hit] * held.severity[hit]
            if collateral:
                g, s = held.segment[hit], held.spread[hit]
                share = model.sale_share[g]
                x = sales[g] + np.sqrt(1.0 - share) * rng.normal(size=hit.size)
                late = np.expm1(-model.slowdown[g] * (sales[g] + 0.5 * model.slowdown[g] * share))
                wait = held.holding[hit] * held.sale_years[hit] * late
                loss = loss * np.maximum(
                    1.0 - held.forward[hit] * np.exp(s * x - 0.5 * s * s - wait), 0.0
                )
            shares = contracts.cumulative[contracts.profile[hit]]
            month = (rng.random(hit.size)[:, None] >= shares).sum(axis=1)
            where = contracts.group[hit] * 12 + month
            fen = np.rint(loss)
            claim = np.rint(fen * contracts.guaranteed_share[hit])
            found.append([np.bincount(where, x, minlength=720) for x in (fen, claim)])
        return found

    return run


def measure(
    collateral: bool, rows: int = 1_000_000, count: int = 64, times: int = 3
) -> list[float]:
    """Nanoseconds a contract and scenario: one thread, two threads, NumPy; seconds to prepare."""
    from riskengine.portfolio.contract_simulation import simulate_contracts
    from riskengine.portfolio.contracts import prepare_contracts

    contracts, model = book(rows, collateral)
    kept = []
    preparing = best(lambda: kept.append(prepare_contracts(contracts, model)), 1)
    drawn, few = scenarios(count), scenarios(3)
    each = 1e9 / rows
    one, two = (
        best(
            lambda n=n: simulate_contracts(kept[0], drawn, seed=1, threads=n, chunk=count // n),
            times,
        )
        for n in (1, 2)
    )
    theirs = best(brute(contracts, model, few, collateral), 2)
    return [one * each / count, two * each / count, theirs * each / 3, preparing]


def funds() -> float:
    """Seconds for 50 funds, 36 months, 8,192 paths, once the memory is there."""
    import numpy as np

    from riskengine.guarantee.fund_path import Fund, fund_paths

    rng = np.random.default_rng(3)
    claims = rng.integers(0, 10**8, (50, 36, 8192)) * (rng.random((50, 36, 8192)) < 0.3)
    income, in_force = np.full(36, 10**7), np.full(36, 10**11)
    terms = (0.002, 3, 0.3, 12, 0.01, 10**9, 5 * 10**9, 2)
    many = [Fund(str(k), 10**9, income, in_force, *terms) for k in range(50)]
    return best(lambda: fund_paths(many, claims), 3)


def peak_memory() -> float:
    """Most memory of a process that makes, prepares and simulates the book [MB]."""
    code = "from tests.bench.contracts import work; work()"
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True
    )
    return float(told.stdout)


def work() -> None:
    """Simulate the book and print the peak memory of this process [MB]."""
    from riskengine.portfolio.contract_simulation import simulate_contracts
    from riskengine.portfolio.contracts import prepare_contracts

    prepared = prepare_contracts(*book(1_000_000, collateral=True))
    simulate_contracts(prepared, scenarios(32), seed=1, threads=2)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)


def bench_contracts() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    lines = []
    for name, collateral in (("fixed LGD", False), ("collateral drawn", True)):
        one, two, theirs, preparing = measure(collateral)
        lines.append((
            f"1 M contracts drawn one by one, {name}, ns a contract and scenario on one core; on two; NumPy (aim <= 7, stretch 3)",
            f"{one:.2f}; {two:.2f}; {theirs:.1f} ({theirs / one:.0f}x)",
        ))  # fmt: skip
    lines.append(
        (
            "the same: sorting and cutting into cells, s; peak memory of the process, MB",
            f"{preparing:.2f}; {peak_memory():.0f}",
        )
    )
    lines.append(("50 compensation funds, 36 months, 8,192 paths, s", f"{funds():.2f}"))
    return lines
