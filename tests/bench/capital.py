"""Capital of a book by the internal ratings-based approach, beside creditriskengine."""

import os

from tests.bench.timing import best


def measure(rows: int, few: int = 2_000, times: int = 5) -> tuple[float, float, float | None]:
    """Seconds a row on one thread, on all, and of creditriskengine (None where absent)."""
    import numpy as np

    from riskengine.portfolio.capital import formula, irb_capital

    rng = np.random.default_rng(20261126)
    chance, share = rng.uniform(0.001, 0.2, rows), rng.uniform(0.1, 0.9, rows)
    kind, years = rng.integers(0, 4, rows), rng.uniform(1.0, 5.0, rows)
    text = formula("basel_2017")

    def book(threads: int) -> object:
        return irb_capital(text, kind, chance, share, maturity_years=years, threads=threads)

    one = best(lambda: book(1), times) / rows
    every = best(lambda: book(os.cpu_count() or 1), times) / rows
    try:
        from creditriskengine.rwa.irb.formulas import irb_risk_weight
    except ModuleNotFoundError:
        return one, every, None
    names = ("corporate", "residential_mortgage", "other_retail", "qrre")
    theirs = [names[code] for code in kind[:few]]

    def peer() -> None:
        for p, lgd, name, m in zip(chance, share, theirs, years, strict=False):
            irb_risk_weight(p, lgd, name, m)

    return one, every, best(peer, 2) / few


def bench_capital(rows: int = 1_000_000) -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    one, every, peer = measure(rows)
    said = f"{rows / 1e6:.3g} M" if rows >= 1_000_000 else f"{rows:,}"
    lines = [(
        f"IRB capital, {said} exposures of four classes, rows/s on one thread; on all",
        f"{1.0 / one:,.0f}; {1.0 / every:,.0f}",
    )]  # fmt: skip
    if peer is not None:
        lines.append((
            "IRB capital: creditriskengine, rows/s; ratio on one thread; on all (aim >= 500x)",
            f"{1.0 / peer:,.0f}; {peer / one:,.0f}x; {peer / every:,.0f}x",
        ))  # fmt: skip
    return lines
