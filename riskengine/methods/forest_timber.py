"""Timber and bare woodland: felling later, felling now, stand and land, land alone."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import forest
from riskengine.methods import forest_facts as facts
from riskengine.methods import forest_stands as stands
from riskengine.methods.forest_yearly import crop_income
from riskengine.methods.inputs import Inputs

Rows = NDArray[np.bool_]
Filled = NDArray[np.float64]


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
    if (wanted & (case < facts.MATURE)).any():
        block, policy = stands.timber_block(inputs), stands.timber_policy(inputs)
        forest.harvest_rows(block, policy, case, wanted, out)
    crops = wanted & (case == facts.EARLY_BEARING)
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
        Rows to value.
    out : (9, n) float64
        As `riskengine.kernels.forest.stumpage_rows`.
    """
    block, policy = stands.timber_block(inputs), stands.timber_policy(inputs)
    forest.stumpage_rows(block, policy, wanted, out)


def expectation(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the value of timber as stand and land less the land.

    Parameters
    ----------
    inputs : Inputs
        Forest rights.
    wanted : (n,) bool
        Rows to value.
    out : (8, n) float64
        As `riskengine.kernels.forest.expectation_rows`.
    """
    block, policy = stands.timber_block(inputs), stands.timber_policy(inputs)
    forest.expectation_rows(block, policy, wanted, out)


def land_expectation(inputs: Inputs, wanted: Rows, out: Filled) -> None:
    """Fill the expectation value of bare woodland, cut to the right's term.

    Parameters
    ----------
    inputs : Inputs
        Forest rights; what is not stated to hold land is left, except woodland.
    wanted : (n,) bool
        Rows to value.
    out : (6, n) float64
        As `riskengine.kernels.forest.land_rows`.
    """
    held = wanted & facts.holds_land(inputs)
    bare = held & facts.of_kind(inputs, "woodland")
    site = np.array([
        inputs.rule("forest.reference_error"), inputs.rule("forest.yield_table_error"),
    ])  # fmt: skip
    block, policy = stands.timber_block(inputs), stands.timber_policy(inputs)
    forest.land_rows(block, policy, site, bare, held, out)
