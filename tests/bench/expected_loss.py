"""Speed of expected credit loss against vectorised NumPy and creditriskengine."""

import importlib.util
import os
from typing import Any

import numpy as np

from tests.bench.timing import best

CONTRACTS = 1_000_000
MONTHS, FACTORS = 60, (-2.0, -1.0, 0.0, 0.7, 1.5)


def columns(size: int) -> dict[str, Any]:
    """A synthetic book: every contract has its own PD, LGD and rate."""
    rng = np.random.default_rng(20261126)
    return {
        "exposure": rng.uniform(1e4, 1e6, size), "chance": rng.uniform(0.002, 0.2, size),
        "share": rng.uniform(0.1, 0.9, size), "rate": rng.uniform(0.02, 0.08, size),
        "correlation": rng.choice([0.04, 0.08, 0.12], size),
    }  # fmt: skip


def numpy_year(book: dict[str, Any]) -> Any:
    """The 12-month closed form, vectorised."""
    force = -np.log1p(-book["chance"]) / 12.0
    discount = np.log1p(book["rate"]) / 12.0
    both = force + discount
    value = -np.expm1(-force) * np.exp(-discount) * np.expm1(-12.0 * both) / np.expm1(-both)
    return book["exposure"] * book["share"] * value


def numpy_life(book: dict[str, Any]) -> Any:
    """Lifetime ECL of bullet loans under the scenarios, vectorised over contracts."""
    from scipy.special import ndtr, ndtri

    quantile, root = ndtri(book["chance"]), np.sqrt(book["correlation"])
    kept = (1.0 + book["rate"]) ** (-1.0 / 12.0)
    total = np.zeros(book["exposure"].size)
    for z in FACTORS:
        shifted = ndtr((quantile - root * z) / np.sqrt(1.0 - book["correlation"]))
        hazard = -np.expm1(np.log1p(-shifted) / 12.0)
        alive, discount = np.ones_like(hazard), np.ones_like(hazard)
        for _ in range(MONTHS):
            discount *= kept
            total += alive * hazard * discount / len(FACTORS)
            alive *= 1.0 - hazard
    return total * book["exposure"] * book["share"]


def creditriskengine_year(book: dict[str, Any], size: int) -> float | None:
    """Seconds a contract of creditriskengine's 12-month ECL, or None where it is missing."""
    if importlib.util.find_spec("creditriskengine") is None:
        return None
    from creditriskengine.ecl.ifrs9.ecl_calc import ecl_12_month

    rows = list(zip(*(book[name][:size].tolist() for name in ("chance", "share", "exposure", "rate")), strict=True))  # fmt: skip
    return best(lambda: [ecl_12_month(*row) for row in rows], 3) / size


def measure(size: int = CONTRACTS, times: int = 5) -> dict[str, float | None]:
    """Seconds for each road, checked to give the same."""
    from riskengine.credit.expected_loss import lifetime_loss, twelve_month_loss
    from riskengine.credit.exposure_path import exposure_path
    from riskengine.credit.loss_scenarios import Scenario

    book, threads = columns(size), os.cpu_count() or 1
    path = exposure_path(book["exposure"], np.full(size, float(MONTHS)))
    scenarios = [Scenario(f"z = {z}", "0.2", z) for z in FACTORS]

    def year(threads: int = 1) -> Any:
        return twelve_month_loss(
            book["exposure"], book["chance"], book["share"], book["rate"], threads=threads
        ).expected_credit_loss_yuan

    def life(threads: int = 1) -> Any:
        return lifetime_loss(
            path, book["chance"], book["share"], book["rate"], scenarios=scenarios,
            correlation=book["correlation"], threads=threads,
        ).lifetime_yuan  # fmt: skip

    part = {name: values[: size // 20] for name, values in book.items()}
    np.testing.assert_allclose(year(), numpy_year(book), rtol=1e-11)
    np.testing.assert_allclose(life()[: size // 20], numpy_life(part), rtol=1e-10)
    return {
        "year": best(year, times), "year on all": best(lambda: year(threads), times),
        "year in NumPy": best(lambda: numpy_year(book), times),
        "year in creditriskengine": creditriskengine_year(book, size // 20),
        "life": best(life, 2), "life on all": best(lambda: life(threads), 3),
        "life in NumPy": 20.0 * best(lambda: numpy_life(part), 2),
    }  # fmt: skip


def bench_expected_loss() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    found = measure()
    theirs = found["year in creditriskengine"]
    one, every, numpy_one = found["year"], found["year on all"], found["year in NumPy"]
    life, lives, numpy_lives = found["life"], found["life on all"], found["life in NumPy"]
    assert one and every and numpy_one and life and lives and numpy_lives
    lines = [
        (f"EL and 12-month ECL of {CONTRACTS:,} contracts, ms on one thread; on all (aim <= 30)",
         f"{one * 1e3:.0f}; {every * 1e3:.0f} (NumPy {numpy_one * 1e3:.0f})"),
        (f"lifetime ECL, {MONTHS} months, {len(FACTORS)} scenarios, s on one thread; on all (aim <= 1)",
         f"{life:.2f}; {lives:.2f} (NumPy {numpy_lives:.1f})"),
    ]  # fmt: skip
    if theirs:
        lines.append((
            "12-month ECL, contracts/s: engine on all threads; creditriskengine; ratio",
            f"{CONTRACTS / every:,.0f}; {1.0 / theirs:,.0f}; {CONTRACTS * theirs / every:,.0f}x",
        ))  # fmt: skip
    return lines


if __name__ == "__main__":
    for title, figure in bench_expected_loss():
        print(f"{title}: {figure}")
