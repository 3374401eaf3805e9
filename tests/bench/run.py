"""Measure the yardsticks side by side and rewrite BENCHMARKS.md: ``make bench``.

Each figure is the best of several runs in one process (memory and cold start: in
processes of their own).  Ratios are what counts; the machine is named beside them.
"""

import argparse
import importlib
import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.capital import bench_capital  # noqa: E402
from tests.bench.cases import bench_cases  # noqa: E402
from tests.bench.contracts import bench_contracts  # noqa: E402
from tests.bench.drift import bench_drift  # noqa: E402
from tests.bench.endpoint import bench_service  # noqa: E402
from tests.bench.exact import bench_exact  # noqa: E402
from tests.bench.expected_loss import bench_expected_loss  # noqa: E402
from tests.bench.gates import bench_gates  # noqa: E402
from tests.bench.guarantee import bench_guarantee  # noqa: E402
from tests.bench.portfolio import bench_portfolio  # noqa: E402
from tests.bench.scoring import bench_scoring  # noqa: E402
from tests.bench.timing import best  # noqa: E402

DAY = date(2026, 11, 24)
BATCH = 65_536


def in_memory(rows: int) -> list[tuple[str, str]]:
    """Full valuation of each kind of right against the same in NumPy and pandas."""
    import numpy as np
    import pandas as pd

    from riskengine.market import demonstration
    from riskengine.methods import APPROACHES
    from riskengine.rights import RIGHTS
    from riskengine.rules import statute
    from riskengine.sample import SAMPLES
    from riskengine.sample.writer import SHARES
    from riskengine.table import check, from_pandas
    from riskengine.valuation import value
    from tests.reference.twin_common import whole

    lines: list[tuple[str, str]] = []
    ours = theirs = counted = 0.0
    rules, market = statute().at(DAY), demonstration().on(DAY)
    for table in SAMPLES:
        size = min(rows, BATCH)
        frame = pd.DataFrame(SAMPLES[table](np.random.default_rng(1), size, DAY))
        frame.insert(0, "right_id", [str(k) for k in range(size)])
        batch = check(RIGHTS[table], from_pandas(RIGHTS[table], frame), DAY).batch
        engine = best(lambda b=batch: value(b, market, rules), 7)
        try:
            twin = getattr(
                importlib.import_module(f"tests.reference.twin_{table}"), f"twin_{table}"
            )
        except ModuleNotFoundError:
            lines.append((f"{table}: engine, rows/s", f"{size / engine:,.0f} (no twin)"))
            continue
        case, approach = value(batch, market, rules).case, APPROACHES[table]
        other = best(
            lambda b=batch, t=twin, c=case, a=approach: whole(
                b, market, rules, a, t(b, market, rules), c
            ),
            3,
        )
        share = SHARES[table]
        ours += share * engine / size
        theirs += share * other / size
        counted += share
        lines.append((
            f"{table}: engine, NumPy and pandas, rows/s; ratio",
            f"{size / engine:,.0f}, {size / other:,.0f}; {other / engine:.1f}x",
        ))  # fmt: skip
    lines.append((
        "mixed book (shares of the sample): engine rows/s; ratio to NumPy and pandas (aim >= 1 M; >= 10x)",
        f"{counted / ours:,.0f}; {theirs / ours:.1f}x",
    ))  # fmt: skip
    return lines


def parquet(rows: int) -> list[tuple[str, str]]:
    """Streaming Parquet to Parquet against pyarrow copying the same columns."""
    import pyarrow.parquet as pq

    from riskengine.revalue import revalue
    from riskengine.rights import RIGHTS
    from riskengine.sample.writer import write_sample

    with TemporaryDirectory() as folder:
        book, out = Path(folder) / "book", Path(folder) / "out"
        write_sample(book, rows, 1, DAY)
        revalue(book, out, DAY)

        def engine() -> None:
            import shutil

            shutil.rmtree(out)
            revalue(book, out, DAY)

        results = {
            path: list(pq.ParquetFile(path).iter_batches(BATCH))
            for path in sorted((out / "results").rglob("*.parquet"))
        }

        def copy() -> None:
            for path in (book / f"{table}.parquet" for table in (*RIGHTS, "comparables")):
                with pq.ParquetFile(path, pre_buffer=False) as source:
                    for _ in source.iter_batches(BATCH, use_threads=False):
                        pass
            for number, batches in enumerate(results.values()):
                target = Path(folder) / f"copy-{number}.parquet"
                with pq.ParquetWriter(target, batches[0].schema, compression="lz4") as writer:
                    for batch in batches:
                        writer.write_batch(batch)

        copied = best(copy, 3)
        spent = best(engine, 3)
    return [
        ("Parquet to Parquet, one worker: engine rows/s", f"{rows / spent:,.0f}"),
        ("pyarrow reading the same inputs and writing the same results, rows/s", f"{rows / copied:,.0f}"),
        ("engine over pyarrow copy (aim >= 60 %)", f"{copied / spent:.0%}"),
    ]  # fmt: skip


STEPS = {
    "read_rows": "reading", "check": "checking", "value": "valuing", "results": "arranging results",
    "tally_of": "summing for the report", "write": "writing", "duplicate_rows": "finding repeats",
}  # fmt: skip


def where_time_goes(rows: int) -> list[tuple[str, str]]:
    """Shares of a warm revaluation by step, from the profiler."""
    import cProfile
    import pstats
    import shutil

    from riskengine.revalue import revalue
    from riskengine.sample.writer import write_sample

    with TemporaryDirectory() as folder:
        book, out = Path(folder) / "book", Path(folder) / "out"
        write_sample(book, rows, 1, DAY)
        revalue(book, out, DAY)
        shutil.rmtree(out)
        with cProfile.Profile() as profile:
            revalue(book, out, DAY)
    stats = pstats.Stats(profile)
    spent = dict.fromkeys(STEPS, 0.0)
    for (path, _, name), (_, _, _, cumulative, _) in stats.stats.items():
        if name in STEPS and f"{os.sep}riskengine{os.sep}" in path:
            spent[name] = max(spent[name], cumulative)
    whole = stats.total_tt
    shares = ", ".join(f"{STEPS[name]} {time / whole:.0%}" for name, time in spent.items())
    return [("where the time of Parquet to Parquet goes (profiled)", shares)]


def memory(small: int, large: int) -> list[tuple[str, str]]:
    """Peak memory of a revaluation as rows grow tenfold, each in its own process."""
    peaks = []
    with TemporaryDirectory() as folder:
        for rows in (small, large):
            book, out = Path(folder) / f"book{rows}", Path(folder) / f"out{rows}"
            write = [sys.executable, "-m", "riskengine", "sample", str(book), "--rows", str(rows)]
            subprocess.run(write, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
            code = (
                "import sys, resource; from datetime import date; from pathlib import Path;"
                "from riskengine.revalue import revalue;"
                "revalue(Path(sys.argv[1]), Path(sys.argv[2]), date(2026, 11, 24));"
                "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
            )
            run = [sys.executable, "-c", code, str(book), str(out)]
            told = subprocess.run(run, check=True, cwd=ROOT, capture_output=True, text=True)
            peaks.append(float(told.stdout.split()[-1]))
    return [
        (f"peak memory, {small:,} and {large:,} rows, MiB", f"{peaks[0]:,.0f} and {peaks[1]:,.0f}"),
        ("growth of peak memory (aim <= 10 %)", f"{peaks[1] / peaks[0] - 1:+.1%}"),
    ]


def first_number() -> list[tuple[str, str]]:
    """Seconds from the shell to the first value, nothing cached."""
    environment = {**os.environ, "RISKENGINE_CACHE": "0"}
    command = [sys.executable, "-m", "riskengine", "value", "--valued-on", DAY.isoformat()]

    def run() -> None:
        subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)

    return [("first number after `python -m riskengine value`, s (aim < 3)", f"{best(run, 5):.2f}")]


MARKS = ("<!-- figures: written by make bench -->", "<!-- end of figures -->")


def renew_real_data() -> None:
    """Measure the out-of-time figures on real sales again, where the data are at hand."""
    if (ROOT.parent / "shared" / "data").is_dir():
        subprocess.run([sys.executable, "-m", "tests.realdata.report"], check=True, cwd=ROOT)


def real_data() -> list[str]:
    """Out-of-time figures on real sales, as they were measured last."""
    page = (ROOT / "tests" / "realdata" / "RESULTS.md").read_text(encoding="utf-8").splitlines()
    kept: list[str] = []
    head = ""
    for line in page:
        if line.startswith("## "):
            kept += ["", f"**{line[3:]}**"]
        elif line.startswith(("Split", "`examples/models/")):
            kept += ["", line]
        elif not line.startswith("|"):
            head = ""
        elif not head:
            head = line
            kept += ["", line]
        elif not head.startswith("| group") or line.startswith(("| all", "|---")):
            kept.append(line)
    return kept


def write_readme(lines: list[tuple[str, str]]) -> None:
    """Put the figures between their marks in the README."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    table = [
        "| figure | measured |",
        "|---|---|",
        *(f"| {name} | {figure} |" for name, figure in lines),
    ]
    block = "\n".join([MARKS[0], "", *table, *real_data(), "", MARKS[1]])
    path.write_text(before + block + after, encoding="utf-8")


def book() -> list[tuple[str, str]]:
    """Yardsticks of the guarantee book."""
    return [
        *bench_expected_loss(), *bench_capital(), *bench_exact(), *bench_portfolio(),
        *bench_contracts(), *bench_guarantee(),
    ]  # fmt: skip


def service() -> list[tuple[str, str]]:
    """Yardsticks of scoring: cases in process, applications over HTTP."""
    return [*bench_cases(), *bench_service()]


def engine(rows: int = 1_000_000) -> list[tuple[str, str]]:
    """Yardsticks of valuation, law and models."""
    return [
        *first_number(), *in_memory(BATCH), *parquet(rows), *bench_gates(DAY), *bench_scoring(),
        *bench_drift(),
    ]  # fmt: skip


PARTS = {"engine": engine, "book": book, "service": service}
"""What can be measured alone."""


def with_part(page: Path, part: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rows of a page with those of one part measured again; new ones at the end."""
    rows = [line.strip("| ").split(" | ") for line in page.read_text("utf-8").splitlines()]
    kept = {row[0]: row[1] for row in rows if len(row) == 2 and row[0] != "figure"}
    return list((kept | dict(part)).items())


def machine() -> str:
    """What the figures were measured on."""
    import numpy as np

    # NumPy's own speed hangs on these: with AVX-512 its logarithms are several times faster.
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found") or ["baseline"]
    return (
        f"{platform.machine()} ({found[-1]} for NumPy), {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )


def written_on(page: Path, only: str | None) -> str:
    """Where the figures of a page come from, and those of one part that is measured again."""
    begin = "Written by `make bench` on "
    if only is None:
        return begin + machine()
    told = page.read_text("utf-8").split(begin)[1].split(". Ratios")[0]
    first, *parts = (part for part in told.split("; ") if not part.startswith(f"{only} on "))
    return begin + "; ".join([first, *parts, *([f"{only} on {machine()}"] * (machine() != first))])


def main() -> None:
    """Run everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--out", type=Path, default=ROOT / "BENCHMARKS.md")
    parser.add_argument("--only", choices=PARTS, help="measure one part, keep the other rows")
    asked = parser.parse_args()
    lines = (
        with_part(asked.out, PARTS[asked.only]())
        if asked.only
        else [
            *engine(asked.rows), *service(), *book(), *where_time_goes(asked.rows),
            *memory(asked.rows, asked.large),
        ]
    )  # fmt: skip
    page = [
        "# Benchmarks", "", f"{written_on(asked.out, asked.only)}. Ratios are side by side in one",
        "run; the best of several runs counts, over HTTP the median. `tests/bench/run.py --only engine`",
        "(or `book`, `service`) measures that part again and keeps the other rows.", "", "| figure | measured |", "|---|---|",
        *(f"| {name} | {figure} |" for name, figure in lines), "",
    ]  # fmt: skip
    asked.out.write_text("\n".join(page), encoding="utf-8")
    if not asked.only:
        renew_real_data()
    write_readme(lines)
    print("\n".join(page))


if __name__ == "__main__":
    main()
