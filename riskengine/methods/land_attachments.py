"""What goes with a land right and is added to it: farm facilities and growing crops."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.land import attachment_rows
from riskengine.methods.inputs import Inputs
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Method
from riskengine.words import Text


def _attach(inputs: Inputs) -> NDArray[np.float64]:
    """Facilities and crops of every land right, (2, n) yuan; 0 where there are none."""
    costs = ("facilities_cost_yuan", "crop_cost_yuan", "crop_income_yuan")
    if all(np.isnan(inputs.number(name)).all() for name in costs):
        return np.zeros((2, inputs.size))
    kind = inputs.code("kind")
    rate = inputs.quotes("land_discount_rate", inputs.batch.contract.by_name["kind"].codes, kind)
    x = inputs.stack(
        inputs.number("facilities_cost_yuan"), -inputs.years_to("facilities_built_on"),
        inputs.number("facilities_life_years"), inputs.number("facilities_removable"),
        inputs.rule("land.facilities_removable_share"),
        inputs.rule("land.facilities_with_land_share"),
        inputs.number("crop_cost_yuan"), -inputs.years_to("crop_cost_on"),
        inputs.number("crop_income_yuan"), inputs.number("crop_finish_cost_yuan"),
        inputs.years_to("crop_harvest_on"), rate.column("value"),
        inputs.rule("land.crop_harvest_chance"),
    )  # fmt: skip
    out = np.empty((2, inputs.size))
    attachment_rows(x, np.ones(inputs.size, dtype=bool), out)
    return out


def _attachments(inputs: Inputs) -> NDArray[np.float64]:
    """As `_attach`, once for both methods."""
    return inputs.once("land.attachments", lambda: _attach(inputs))


def land_facilities(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of farm facilities that go with the land.

    Parameters
    ----------
    inputs : Inputs
        Land rights.
    wanted : (n,) bool
        Rows to value.
    out : (3, n) float64
        Value [yuan], log error [1], prudent value [yuan].
    """
    value = _attachments(inputs)[0]
    out[VALUE] = out[PRUDENT] = np.where(wanted, value, np.nan)
    out[LOG_ERROR] = inputs.rule("land.facilities_error")


def land_crops(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of growing crops.

    Parameters
    ----------
    inputs : Inputs
        Land rights.
    wanted : (n,) bool
        Rows to value.
    out : (3, n) float64
        Value [yuan], log error [1], prudent value [yuan].
    """
    value = _attachments(inputs)[1]
    out[VALUE] = np.where(wanted, value, np.nan)
    out[LOG_ERROR] = inputs.rule("land.crops_error")
    out[PRUDENT] = out[VALUE]


LAND_FACILITIES = Method(
    "facilities",
    Text("设施折余价值", "farm facilities"),
    "replacement cost x (1 - age / life) x share that a buyer pays for",
    "GB/T 28406-2012, 5.3 (cost approximation); engine policy on salvage",
    (),
    land_facilities,
)
LAND_CROPS = Method(
    "crops",
    Text("青苗价值", "growing crops"),
    "max(cost compounded, harvest discounted - cost to finish) x chance of harvest",
    "engine policy (valuation notes 1.9)",
    (),
    land_crops,
)
