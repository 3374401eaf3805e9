"""Values of a sample of every right by kernels as plain Python; run by test_valuation."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from riskengine.market import demonstration
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.table import Batch, check, from_pandas
from riskengine.valuation import results, value

DAY = date(2026, 11, 24)


def sample(table: str, rows: int) -> Batch:
    """A seeded sample of one kind of right."""
    frame = pd.DataFrame(SAMPLES[table](np.random.default_rng(5), rows, DAY))
    frame.insert(0, "right_id", [str(k) for k in range(rows)])
    return check(RIGHTS[table], from_pandas(RIGHTS[table], frame), DAY).batch


def write(folder: Path, rows: int) -> None:
    """Write the results of every kind of right."""
    rules, market = statute().at(DAY), demonstration().on(DAY)
    for table in RIGHTS:
        valued = results(value(sample(table, rows), market, rules))
        with pq.ParquetWriter(folder / f"{table}.parquet", valued.schema) as writer:
            writer.write_batch(valued)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
