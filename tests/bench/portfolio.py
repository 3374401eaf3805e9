"""Loss of a book: a million contracts by cells, and 10,000 names against other Monte Carlos."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.timing import best

ROOT = Path(__file__).parents[2]


def by_cells(rows: int, scenarios: int) -> list[tuple[str, str]]:
    """Compression, conditional means on one thread and two, contributions on top."""
    import numpy as np

    from riskengine.portfolio.compression import compress
    from riskengine.portfolio.conditional import means, prepare
    from riskengine.portfolio.contributions import contributions
    from riskengine.portfolio.scenarios import draw, nominal
    from riskengine.portfolio.simulation import simulate
    from tests.portfolio.books import graded, sixteen_factors

    model = sixteen_factors(0.3, 0.3)
    points = draw(nominal(model), scenarios, seed=1)
    lines = []
    for secured, kind in ((False, "fixed LGD"), (True, "two thirds with a put on collateral")):
        book = graded(rows, grades=189, secured=secured)
        grouping = best(lambda b=book: compress(b), 3)
        cells = compress(book).cells
        prepared = prepare(cells, model)
        one, two = (
            best(lambda n=n, p=prepared: means(p, points.factors, points.mixing, n), 5)
            for n in (1, 2)
        )
        each = 1e9 * one / scenarios / cells.size
        lines.append((
            f"{rows:,} contracts in {cells.size:,} cells, {scenarios:,} scenarios, {kind}: s on one thread; on two"
            + ("" if secured else " (aim <= 0.1)"),
            f"{one:.3f}; {two:.3f} ({each:.1f} ns a cell and scenario on one)",
        ))  # fmt: skip
        if secured:
            continue
        lines.append((f"grouping {rows:,} contracts, s (aim < 0.5)", f"{grouping:.2f}"))
        start = time.perf_counter()
        found = simulate(
            book, model, seed=1, scenarios=scenarios // 16, scrambles=16, own_risk="none", threads=2
        )
        whole = time.perf_counter() - start
        spent = best(lambda f=found: contributions(f, 2), 3)
        var = found.value_at_risk
        lines.append((
            f"the whole run with pilot, 16 scrambles of {scenarios // 16}: s; VaR 99.9 % standard error; Euler parts of all contracts, s (aim <= 0.5)",
            f"{whole:.2f}; {var.standard_error / var.value:.2%}; {spent:.2f}",
        ))  # fmt: skip
        reads = 1e9 * best(lambda p=prepared: p.tables[1].sum(), 9) / cells.size / 8
        ones = np.ones(1 << 22)
        flops = best(lambda x=ones: np.add.reduce(x), 5) / ones.size * 1e9
        lines.append((
            "distance to the limit: an addition in NumPy's sum, ns; a cell and scenario over it",
            f"{flops:.2f}; {each / flops:.0f}x (a table cubic is 13 dependent operations and a load from L2; reading a cell's numbers takes {reads:.2f} ns)",
        ))  # fmt: skip
    return lines


def names(own: str) -> dict[str, float]:
    """One run of 10,000 names x 10,000 scenarios: seconds, VaR, its standard error, memory."""
    import numpy as np
    from scipy.special import ndtri

    from tests.portfolio.books import fixed, one_factor

    size, rho = 10_000, 0.15
    rng = np.random.Generator(np.random.Philox(5))
    debt, chance = np.exp(rng.normal(11.0, 0.8, size)), 0.004 * 32.0 ** rng.random(size)
    if own == "engine":
        from riskengine.portfolio.simulation import simulate

        book = fixed(debt, chance, np.zeros(size), np.full(size, 0.45))
        arguments = {"seed": 3, "scenarios": 512, "scrambles": 20, "threads": 1}
        simulate(book, one_factor(rho), **{**arguments, "scenarios": 32})
        start = time.perf_counter()
        found = simulate(book, one_factor(rho), **arguments)
        spent, var, error = (
            time.perf_counter() - start,
            found.value_at_risk.value,
            found.value_at_risk.standard_error,
        )
    else:
        start = time.perf_counter()
        if own == "numpy":
            losses = np.empty(10_000)
            for k in range(0, 10_000, 1000):
                z = rng.standard_normal((1000, 1))
                latent = np.sqrt(rho) * z + np.sqrt(1.0 - rho) * rng.standard_normal((1000, size))
                losses[k : k + 1000] = (latent < ndtri(chance)) @ (0.45 * debt)
        else:
            from creditriskengine.portfolio.copula import simulate_single_factor

            losses = simulate_single_factor(chance, np.full(size, 0.45), debt, rho, 10_000, seed=1)
        spent = time.perf_counter() - start
        ordered = np.sort(losses)
        var, error = float(ordered[9989]), np.nan
    return {"seconds": spent, "var": var, "error": error, "memory": peak_memory()}


def peak_memory() -> float:
    """Peak of this process [MiB]; ru_maxrss would count the parent that started it."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        found = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return float(found.split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def against(own: str) -> dict[str, float] | None:
    """The same in a process of its own; None where the peer is not installed."""
    code = (
        f"import json; from tests.bench.portfolio import names; print(json.dumps(names({own!r})))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ, check=False)  # fmt: skip
    return json.loads(told.stdout.splitlines()[-1]) if told.returncode == 0 else None


def plain_error(var: float) -> float:
    """Standard error of VaR 99.9 % from 10,000 plain scenarios: sqrt(a (1 - a) / n) / density."""
    import numpy as np

    from riskengine.kernels.tail_sums import mixture_tail
    from riskengine.portfolio.simulation import simulate
    from tests.portfolio.books import fixed, one_factor

    rng = np.random.Generator(np.random.Philox(5))
    debt, chance = np.exp(rng.normal(11.0, 0.8, 10_000)), 0.004 * 32.0 ** rng.random(10_000)
    book = fixed(debt, chance, np.zeros(10_000), np.full(10_000, 0.45))
    law = simulate(book, one_factor(0.15), seed=1, scenarios=512, own_risk="normal").law
    share = law.weights.ravel() / law.weights.size
    density = mixture_tail(law.means.ravel(), law.spreads.ravel(), share, var)[2]
    return float(np.sqrt(0.999 * 0.001 / 10_000) / density)


def bench_portfolio() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    lines = by_cells(1_000_000, 8192)
    ours = against("engine")
    if ours is None:
        return lines
    error = plain_error(ours["var"])
    lines.append((
        "VaR 99.9 % of 10,000 names, 10,240 scenarios, the names that matter drawn, one thread: s; standard error; peak memory, MiB (aim < 300)",
        f"{ours['seconds']:.2f}; {ours['error'] / ours['var']:.2%}; {ours['memory']:,.0f}",
    ))  # fmt: skip
    for peer, own in (("NumPy", "numpy"), ("creditriskengine", "creditriskengine")):
        theirs = against(own)
        if theirs is None:
            lines.append((f"{peer}, the same", "not installed"))
            continue
        ratio = theirs["seconds"] * error**2 / (ours["seconds"] * ours["error"] ** 2)
        lines.append((
            f"{peer}, 10,000 x 10,000: s; standard error; MiB; its time over ours at equal standard error (aim >= 20x)",
            f"{theirs['seconds']:.2f}; {error / ours['var']:.2%}; {theirs['memory']:,.0f}; {ratio:,.0f}x",
        ))  # fmt: skip
    return lines
