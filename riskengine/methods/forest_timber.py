"""Timber and bare woodland: felling later, felling now, stand and land, land alone."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import forest
from riskengine.methods import forest_facts as facts
from riskengine.methods import forest_stands as stands
from riskengine.methods.forest_facts import of_kind
from riskengine.methods.forest_yearly import crop_income
from riskengine.methods.inputs import Inputs
from riskengine.methods.method import PRUDENT

Rows = NDArray[np.bool_]
Filled = NDArray[np.float64]


def felled_later(inputs: Inputs) -> Filled:
    """Value timber of every age below maturity from its felling to come.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (10, n) float64
        As `riskengine.kernels.forest.felling_rows`; NaN for other rights.
    """
    return inputs.once("forest.later", lambda: _felled(inputs, False, facts.MATURE))


def felled_now(inputs: Inputs) -> Filled:
    """Value timber from the middle-aged on from a felling as soon as it is permitted.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.

    Returns
    -------
    (10, n) float64
        As `riskengine.kernels.forest.felling_rows`; NaN for other rights.
    """
    return inputs.once("forest.now", lambda: _felled(inputs, True, facts.TIMBER_UNKNOWN + 1))


def _felled(inputs: Inputs, now: bool, end: int) -> Filled:
    """Run `felling_rows` for the timber cases before one."""
    out = np.full((10, inputs.size), np.nan)
    case = facts.forest_case(inputs)
    wanted = (case < end) & (case >= facts.NEAR_MATURE if now else case >= 0)
    if wanted.any():
        block, policy = stands.timber_block(inputs), stands.timber_policy(inputs)
        forest.felling_rows(block, policy, now, wanted, out)
    return out


def harvest_present_value(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the harvest present value: timber before felling, crops coming into bearing.

    Parameters
    ----------
    inputs : Inputs
        Forest rights; a stand without any volume, known or referred to, is left.
    wanted : (n,) bool
        Rows to value.
    out : (10, n) float64
        Value [yuan], log error [1], prudent value [yuan]; age of felling or of full
        bearing and wait for it [year], volume at felling [m3/mu], quality [1],
        stumpage [yuan/m3], income and costs at today's value [yuan/mu].
    """
    case = facts.forest_case(inputs)
    known = inputs.number("volume_m3_per_mu"), inputs.number("harvest_volume_m3_per_mu")
    timber = wanted & (case < facts.MATURE) & ~np.isnan(np.fmin(*known))
    if timber.any():
        later = felled_later(inputs)
        shown = (*later[:7], np.maximum(stands.stumpage(inputs)[3], 0.0), *later[7:9])
        for row, figure in enumerate(shown):
            np.copyto(out[row], figure, where=timber)
        near = timber & (case == facts.NEAR_MATURE)
        np.fmin(out[PRUDENT], felled_now(inputs)[PRUDENT], out=out[PRUDENT], where=near)
    crops = wanted & (case == facts.PRE_BEARING + 1)
    if crops.any():
        found = np.full((8, inputs.size), np.nan)
        crop_income(inputs, crops, found)
        np.copyto(out[:3], found[:3], where=crops)
        np.copyto(out[8:10], found[5:7], where=crops)
        np.copyto(out[4], found[7], where=crops)
        np.copyto(out[3], inputs.number("stand_age_years") + found[7], where=crops)


def stumpage(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the stumpage value of timber felled as soon as it is permitted.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value; a stand of unknown volume is left.
    out : (9, n) float64
        Value [yuan], log error [1], prudent value [yuan]; sales, costs, profit and
        stumpage [yuan/m3 standing], volume [m3/mu], cost of replanting at today's
        value [yuan/mu].
    """
    now = felled_now(inputs)
    for row, figure in enumerate((*now[:3], *stands.stumpage(inputs)[:4], now[5], now[8])):
        np.copyto(out[row], figure, where=wanted)


def expectation(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value of timber as stand and land less the land.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        Value [yuan], log error [1], NaN; age of felling [year], volume then [m3/mu],
        its income, the land if free today and the land after felling at today's value
        [yuan/mu].
    """
    later, block = felled_later(inputs), stands.timber_block(inputs)
    policy, guard = stands.timber_policy(inputs), facts.overhead(inputs)
    wait, growth = later[4], np.log1p(facts.forest_rate(inputs))
    rows = wanted & ~np.isnan(wait)
    same, today, after = np.ones(inputs.size), *np.full((2, inputs.size), np.nan)
    years = facts.forest_term(inputs)
    forest.land_rows(block, policy, years, guard, same, 0.0, rows, today)
    forest.land_rows(block, policy, years - wait, guard, same, 0.0, rows, after)
    factor = np.exp(-wait * growth)
    duty = np.where(after > 0.0, 0.0, policy[1] * block[22] * block[15]) * factor
    guarded = guard * facts.annuity_column(facts.forest_rate(inputs), wait)
    value = later[7] - guarded - duty + after * factor - today
    model = inputs.rule("forest.timber_model_error")
    facts.fill_value(out, rows, block[0], value, later[7] * later[9], model)
    for row, shown in enumerate((later[3], later[5], later[7], today, after * factor), 3):
        np.copyto(out[row], shown, where=rows)


def land_expectation(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the expectation value of bare woodland, cut to the right's term.

    Parameters
    ----------
    inputs : Inputs
        Forest rights; land under somebody else's trees is left while its right runs.
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        Value [yuan], log error [1], prudent value [yuan], value per mu [yuan/mu], net
        felling income at rotation age [yuan/mu], rotation age [year].

    Notes
    -----
    Where no planting pays within the term, land that lets is left to its rent, of
    which prudence counts nothing, and a person is asked; land that neither bears nor
    lets is worth 0.
    """
    held = wanted & facts.holds_land(inputs)
    bare = held & of_kind(inputs, "woodland")
    block, policy = stands.timber_block(inputs), stands.timber_policy(inputs)
    years = facts.forest_term(inputs)
    yearly = facts.overhead(inputs) + inputs.number("contract_rent_yuan_per_mu_year", 0.0)
    error = np.hypot(stands.stumpage(inputs)[4], stands.site_error(inputs))
    same, found, low, high = np.ones(inputs.size), *np.full((3, inputs.size), np.nan)
    forest.land_rows(block, policy, years, yearly, same, 0.0, bare, found)
    barren = bare & (found == 0.0)
    idle = (barren & (facts.profit_rent(inputs)[1] <= 0.0)) | (held & (years == 0.0))
    bare &= found > 0.0
    forest.land_rows(
        block, policy, years, yearly, same, inputs.rule("income.rate_stress"), bare, low
    )
    forest.land_rows(block, policy, years, yearly, np.exp(error), 0.0, bare, high)
    area, model = block[0], inputs.rule("forest.timber_model_error")
    felling = np.where(np.isnan(block[9]), block[6], block[9]) * block[1] * block[15]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.hypot(np.log(high / found), model)
    for row, figure in enumerate((area * found, spread, area * low)):
        np.copyto(out[row], figure, where=bare)
    for row, figure in enumerate((0.0, model)):
        np.copyto(out[row], figure, where=idle)
    np.copyto(out[PRUDENT], 0.0, where=barren | idle)
    for row, figure in enumerate((found, felling, block[4]), 3):
        np.copyto(out[row], figure, where=bare | barren)
