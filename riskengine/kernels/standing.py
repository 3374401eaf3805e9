"""Buildings that stand on land held for a term, and what their floor lets for, row by row.

Source: GB/T 50291-2015 (cost and income approaches).
"""

import math

from riskengine.kernels.compiling import kernel
from riskengine.kernels.rent import net_rent


@kernel
def standing_building_rows(x, cost, structure, ages, out):
    """Value of the buildings on a right, worn over what its term leaves them.

    floor area x cost of building x (1 - (1 - R) t / (t + m)); a building that the
    term cuts short has no residual value, one finished as the right ends no value.

    Parameters
    ----------
    x : (4, n) float64
        floor area [m2] (NaN: none), life [year] (NaN: by structure), years to the day
        they were finished [year], negative for the past, and term of the land [year].
    cost : (n,) float64
        Cost of building [yuan/m2].
    structure : (n,) int64
        Structure; -1 where it is not known.
    ages : (2, s + 1) float64
        Life [year] and residual share [1] of each structure, NaN last.
    out : (3, n) float64
        Filled with floor area [m2], value [yuan], years left m [year]; NaN where
        a fact is missing.
    """
    for i in range(cost.size):
        area = 0.0 if math.isnan(x[0, i]) else x[0, i]
        kind = structure[i]
        life = ages[0, kind] if math.isnan(x[1, i]) else x[1, i]
        age, term = -x[2, i], x[3, i]
        left, residual = max(life - age, 0.0), ages[1, kind]
        if math.isnan(life - age - term):
            left = math.nan
        elif term < left:
            left, residual = term, 0.0
        newness = 0.0 if age + left == 0.0 else 1.0 - (1.0 - residual) * age / (age + left)
        out[0, i], out[1, i], out[2, i] = area, area * cost[i] * newness, left


@kernel
def net_floor_rent_rows(x, use, usual, out):
    """Net rent of a square metre of floor, row by row.

    Parameters
    ----------
    x : (3, n) float64
        rent of floor [yuan/m2/year] (NaN: none), vacancy and running cost [1] (NaN: as
        usual).
    use : (n,) int64
        Land use; -1 where it is not known.
    usual : (2, u + 1) float64
        Vacancy and running cost of each use [1], NaN last.
    out : (n,) float64
        Filled with net rents [yuan/m2/year].
    """
    for i in range(use.size):
        vacancy = usual[0, use[i]] if math.isnan(x[1, i]) else x[1, i]
        running = usual[1, use[i]] if math.isnan(x[2, i]) else x[2, i]
        out[i] = net_rent(x[0, i], vacancy, 0.0, running, 0.0)
