"""What is known of ecological assets: markets, tonnes, contracts, chances."""

import numpy as np
from numpy.typing import NDArray

from riskengine.kernels import ecology_rows
from riskengine.market.quotes import Quotes, side_by_side
from riskengine.methods.inputs import Codes, Column, Inputs
from riskengine.methods.tables import code_tables
from riskengine.rights.ecology import ECOLOGY

PROGRAMMES = ECOLOGY.by_name["programme"].codes
PROJECTS = ECOLOGY.by_name["project_type"].codes
REGISTERED = ECOLOGY.by_name["stage"].codes.index("registered")


def carbon_market(inputs: Inputs, *more: Quotes) -> tuple[NDArray[np.float64], Codes]:
    """Distinct markets of carbon, and the one that each right is in.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    *more : Quotes
        Further figures of a market.

    Returns
    -------
    (7 + k, p) float64
        Price [yuan/t], its log error [1], long-run price [yuan/t] (today's where
        nothing is known), its log error [1], reversion [1/year], volatility
        [1/sqrt(year)], discount rate [1/year], then the further figures.
    (n,) int64
        Market of each right.
    """
    programme = inputs.code("programme")
    spot = inputs.quotes("carbon_price", PROGRAMMES, programme)
    mean = inputs.quotes("carbon_long_run_price", PROGRAMMES, programme)
    rest = (
        inputs.quotes(f"carbon_{name}") for name in ("reversion", "volatility", "discount_rate")
    )
    values, index = side_by_side(spot, mean, *rest, *more)
    row = np.zeros(values.shape[1], dtype=np.int64)
    row[index] = np.arange(inputs.size)
    errors = [quotes.fields("log_error")[quotes.index[row]] for quotes in (spot, mean)]
    unknown = np.isnan(values[1])
    values[1], errors[1] = np.where(unknown, [values[0], errors[0]], [values[1], errors[1]])
    return np.stack([values[0], errors[0], values[1], errors[1], *values[2:]]), index


def carbon_tonnes(inputs: Inputs) -> NDArray[np.float64]:
    """Tonnes that a project takes up in a year, before deductions.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (2, n) float64
        Tonnes [t/year] and their log error [1], as
        `riskengine.kernels.ecology_rows.carbon_tonnes_rows` fills them.
    """
    x = inputs.stack(
        inputs.number("area_mu"), inputs.number("yield_t_per_mu_year"),
        inputs.number("expected_t_per_year"),
    )  # fmt: skip
    quotes = inputs.quotes("carbon_yield", PROJECTS, inputs.code("project_type"))
    yields = np.stack([quotes.fields("value"), quotes.fields("log_error")])
    out = np.empty((2, inputs.size))
    policy = rules_of(inputs, "yield_error", "yield_limit")
    ecology_rows.carbon_tonnes_rows(x, yields, quotes.index, policy, out)
    return out


def rules_of(inputs: Inputs, *names: str) -> Column:
    """Return rules of ecological assets as one vector.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.
    *names : str
        Rules of the subject ``ecology``.

    Returns
    -------
    (k,) float64
        Amounts, each in its rule's unit.
    """
    return np.array([inputs.rule(f"ecology.{name}") for name in names])


def contract_facts(inputs: Inputs) -> tuple[Column, Column, Column]:
    """Return price, volume and end of the offtake contract as given.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    tuple of (n,) float64
        Price [yuan/t], volume [t], years to the end [year]; NaN where not given.
    """
    return (
        inputs.number("contract_price_yuan_per_t"), inputs.number("contract_volume_t"),
        inputs.years_to("contract_end"),
    )  # fmt: skip


def issuance_facts(inputs: Inputs) -> NDArray[np.float64]:
    """Gather what the value of issuance still to come needs.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (13, n) float64
        As `riskengine.kernels.carbon_issuance.carbon_issuance_rows` documents.
    """
    tonnes, error = carbon_tonnes(inputs)
    deduction = inputs.number("buffer_share")
    (usual,) = code_tables(inputs, "programme", "ecology.buffer_share")
    return inputs.stack(
        tonnes, inputs.years_to("crediting_start"), inputs.years_to("issued_through"),
        inputs.years_to("crediting_end"), inputs.number("issuance_interval_years"),
        np.where(np.isnan(deduction), usual[inputs.code("programme")], deduction),
        inputs.number("developer_share"), inputs.number("verification_cost_yuan"),
        inputs.number("validation_cost_yuan"), *contract_facts(inputs), error,
    )  # fmt: skip


def issuance_chances(inputs: Inputs) -> NDArray[np.float64]:
    """Return the chances of projects by their stage.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (s + 1, 3) float64
        Chances of registration and of issue [1], 1 where registration is still to come.
    """
    chances = code_tables(inputs, "stage", "ecology.registration_chance", "ecology.issuance_chance")
    ahead = np.ones(chances.shape[1])
    ahead[REGISTERED:-1] = 0.0
    return np.stack([*chances, ahead], axis=1)


def issuance_policy(inputs: Inputs) -> Column:
    """Return the rules of issuance still to come.

    Parameters
    ----------
    inputs : Inputs
        Ecological assets.

    Returns
    -------
    (10,) float64
        As `riskengine.kernels.carbon_issuance.carbon_issuance_rows` documents.
    """
    return np.array([
        *rules_of(inputs, "issuance_lag", "loss_hazard"), inputs.rule("income.rate_stress"),
        *rules_of(
            inputs, "issuance_model_error", "delivery_chance", "contract_error",
            "issuance_interval", "developer_share", "verification_cost", "validation_cost",
        ),
    ])  # fmt: skip
