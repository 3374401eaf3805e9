"""Speed of whole answers to cases: alone, in 16, in 64, over the example cases."""

import gc
from pathlib import Path

from tests.bench.timing import best

CASES = Path(__file__).parents[2] / "examples" / "cases"
SIZES = (1, 16, 64)


def bench_cases() -> list[tuple[str, str]]:
    """Rows of the table of measurements."""
    from riskengine.casefile.evaluate import Bench
    from riskengine.casefile.read import read_case
    from riskengine.casefile.together import Answered, decide_many
    from riskengine.law import law_for
    from riskengine.market import demonstration

    bench = Bench(demonstration(), law_for(None))
    cases = [read_case(path) for path in sorted(CASES.glob("*.toml"))]
    found = decide_many(cases, bench)
    assert all(isinstance(one, Answered) for one in found)
    land = [case for case in cases if {right.table for right in case.rights} == {"land"}]
    lines = []
    gc.collect()
    gc.freeze()  # as a service does once it is warm
    for title, drawn in (("every kind of right", cases), ("land alone", land)):
        many = (drawn * SIZES[-1])[: 2 * SIZES[-1]]
        rates = []
        for size in SIZES:
            parts = [many[k : k + size] for k in range(0, len(many), size)]

            def run(parts: list[list[object]] = parts) -> None:
                for part in parts:
                    decide_many(part, bench)

            rates.append(len(many) / best(run, 3 if size == 1 else 9))
        named = f"cases answered whole, {title}, alone, in 16, in 64, cases/s; ms a case"
        times = ", ".join(f"{1e3 / rate:.2f}" for rate in rates)
        lines.append((named, f"{', '.join(f'{rate:,.0f}' for rate in rates)}; {times}"))
    gc.unfreeze()
    return lines


if __name__ == "__main__":
    for title, figure in bench_cases():
        print(f"{title}: {figure}")
