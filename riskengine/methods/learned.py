"""The learned method: a released price model's rent in the place of the market's.

The model predicts what a parcel lets for; term, prepaid rent and contract rent
stay analytic, so that nothing a lease says has to be learned from data.
"""

import numpy as np
from numpy.typing import NDArray

from riskengine.methods.inputs import Inputs
from riskengine.methods.land import LAND_INCOME, value_at_rent
from riskengine.methods.method import Method
from riskengine.words import Text


def land_learned(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the income value of land at the rent that a released model predicts.

    Parameters
    ----------
    inputs : Inputs
        Land rights; without a released model nothing is filled.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.land.land_income_rows`.
    """
    model = inputs.learned.get("land")
    if model is None or model.quantity != "land_rent":
        return
    columns = [
        inputs.code(name).astype(np.float64)
        if inputs.batch.contract.by_name[name].kind == "code"
        else inputs.number(name)
        for name in model.features
    ]
    rent, error = model.predict(inputs.stack(*columns), inputs.code(model.group), wanted)
    value_at_rent(inputs, rent, error, wanted, out)


LAND_LEARNED = Method(
    "learned",
    Text("价格模型", "released price model"),
    "income capitalisation at the rent that the released model predicts",
    "gradient-boosted trees with split-conformal error by group (Lei et al. 2018)",
    LAND_INCOME.workings,
    land_learned,
)
