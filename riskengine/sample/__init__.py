"""Seeded synthetic portfolios: every row is invented and says so in its identifier."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from riskengine.sample.construction import sample_construction
from riskengine.sample.ecology import sample_ecology
from riskengine.sample.equity import sample_equity
from riskengine.sample.forest import sample_forest
from riskengine.sample.homestead import sample_homestead
from riskengine.sample.land import sample_land

Columns = Mapping[str, Any]
"""Columns by declared name: numpy arrays, datetime64[D] for dates, str for codes."""

SAMPLES: Mapping[str, Callable[[np.random.Generator, int, date], Columns]] = {
    "land": sample_land,
    "forest": sample_forest,
    "equity": sample_equity,
    "ecology": sample_ecology,
    "homestead": sample_homestead,
    "construction": sample_construction,
}
"""Makers of synthetic rows by table name."""

__all__ = ["SAMPLES"]
