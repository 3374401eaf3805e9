"""The learned methods: a released price model in the place of the market's price.

A model predicts what a parcel lets for, what a square metre of a farmhouse or a cubic
metre of standing timber sells for.  Term, prepaid rent, contract rent, volume and
felling permit stay analytic: nothing that a contract says has to be learned.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels.forest_income import sold_rows
from riskengine.learned.price import PriceEstimate, PriceModel
from riskengine.learned.price_parts import period_of
from riskengine.methods import forest_facts, forest_stands
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.land import LAND_INCOME, value_at_rent
from riskengine.methods.method import LOG_ERROR, PRUDENT, VALUE, Method, Working
from riskengine.rights.homestead import HOMESTEAD
from riskengine.words import Text

SINCE = "years_since_"
"""Before the name of a date column: the feature is the years since that day."""

USE_RIGHT = HOMESTEAD.by_name["kind"].codes.index("use_right")
RIPE = ("forest_timber_near_mature", "forest_timber_mature", "forest_timber_over_mature")
"""States of timber that is worth what its volume sells for today."""

TREES = "gradient-boosted trees with conformalised quantiles by group (Romano et al. 2019)"


def _model(inputs: Inputs, table: str, quantity: str) -> PriceModel | None:
    """The released model of a table, where there is one for the quantity."""
    model: Any = inputs.learned.get(table)
    return model if model is not None and model.quantity == quantity else None


def _feature(inputs: Inputs, model: PriceModel, name: str) -> Column:
    """One column as the model was shown it."""
    if name.startswith(SINCE):
        return -inputs.years_to(name.removeprefix(SINCE))
    column = inputs.batch.contract.by_name[name]
    if column.kind != "code":
        return inputs.number(name)
    codes = next((spec.codes for spec in model.specs if spec.name == name), ())
    return _places(inputs.code(name), column.codes, codes or column.codes, np.nan)


def _places(
    positions: Codes, known: tuple[str, ...], wanted: tuple[str, ...], missing: float
) -> Column:
    """Positions among the codes of a contract as positions among those of a model."""
    table = np.array(
        [*(float(wanted.index(code)) if code in wanted else missing for code in known), missing]
    )
    found: Column = table[positions]
    return found


def estimate(inputs: Inputs, model: PriceModel, wanted: NDArray[np.bool_]) -> PriceEstimate:
    """Ask a released model for the price of every right.

    Parameters
    ----------
    inputs : Inputs
        Rights of the table that the model is for.
    model : PriceModel
        The model.
    wanted : (n,) bool
        Rows to price.

    Returns
    -------
    PriceEstimate
        Prices of the model's quantity; NaN where it abstains.
    """
    columns = [_feature(inputs, model, name) for name in model.features]
    known = inputs.batch.contract.by_name[model.group].codes
    groups = _places(inputs.code(model.group), known, model.group_codes or known, -1.0)
    places = None
    if model.places:
        places = model.place_levels(inputs.batch.regions)[inputs.batch.region_index]
    period = period_of(inputs.market.day, model.period) if model.period else None
    return model.estimate(
        inputs.stack(*columns), groups.astype(np.int64), wanted, places, period
    )  # fmt: skip


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
    model = _model(inputs, "land", "land_rent")
    if model is not None:
        found = estimate(inputs, model, wanted)
        value_at_rent(inputs, found.price, found.log_error, wanted, out)


def house_learned(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of farmhouses at the price that a released model predicts.

    Parameters
    ----------
    inputs : Inputs
        Farmhouses; a right to use a house for years is no sale and stays NaN.
    wanted : (n,) bool
        Rows to value.
    out : (4, n) float64
        Value [yuan], log error [1], prudent value at the lower bound [yuan], price
        [yuan/m2].  Deals of the circle of buyers speak for themselves: no discount.
    """
    model = _model(inputs, "homestead", "house_price")
    if model is None:
        return
    owned = wanted & (inputs.code("kind") != USE_RIGHT)
    found = estimate(inputs, model, owned)
    area = inputs.number("building_area_m2")
    out[VALUE], out[LOG_ERROR] = found.price * area, found.log_error
    out[PRUDENT], out[3] = found.bound * area, found.price


def stumpage_learned(inputs: Inputs, wanted: NDArray[np.bool_], out: NDArray[np.float64]) -> None:
    """Fill the value of ripe timber at the stumpage that a released model predicts.

    Parameters
    ----------
    inputs : Inputs
        Forest rights; stands that are not near maturity stay NaN: what their volume
        sells for today is not what they are worth.
    wanted : (n,) bool
        Rows to value.
    out : (5, n) float64
        As `riskengine.kernels.forest_income.sold_rows`; the prudent value is at the
        lower bound.
    """
    model = _model(inputs, "forest", "stumpage_price")
    if model is None:
        return
    cases = [forest_facts.CASES.index(name) for name in RIPE]
    ripe = wanted & np.isin(forest_facts.forest_case(inputs), cases)
    found = estimate(inputs, model, ripe)
    spread = found.log_error**2 + inputs.rule("forest.volume_error") ** 2
    each = np.arange(inputs.size)
    block = forest_stands.timber_block(inputs)
    sold_rows(block, found.price, np.sqrt(spread), each, ripe, out)
    out[PRUDENT] *= found.bound / found.price


LAND_LEARNED = Method(
    "learned",
    Text("价格模型", "released price model"),
    "income capitalisation at the rent that the released model predicts",
    TREES,
    LAND_INCOME.workings,
    land_learned,
    lambda inputs, _: _model(inputs, "land", "land_rent") is not None,
)
HOMESTEAD_LEARNED = Method(
    "learned",
    Text("价格模型", "released price model"),
    "building area x price a square metre that the released model predicts",
    TREES,
    (Working("price", Text("模型单价", "price by the model"), "yuan/m2"),),
    house_learned,
    lambda inputs, _: _model(inputs, "homestead", "house_price") is not None,
)
FOREST_LEARNED = Method(
    "learned",
    Text("价格模型", "released price model"),
    "area x volume x out-turn x stumpage that the released model predicts x permit",
    TREES,
    (
        Working(
            "price", Text("模型立木价（按出材）", "price per m3 of output by the model"), "yuan/m3"
        ),
        Working("output", Text("每亩出材", "output"), "m3/mu"),
    ),
    stumpage_learned,
    lambda inputs, _: _model(inputs, "forest", "stumpage_price") is not None,
)
