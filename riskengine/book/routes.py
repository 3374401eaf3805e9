"""The same loss by other roads: each says where it holds and how far it is off."""

from typing import Any

from riskengine.book.exposures import Measured
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.multi_factor_adjustment import (
    MultiFactorAdjusted,
    multi_factor_adjustment,
)
from riskengine.portfolio.simulation import Simulation
from riskengine.words import Text


def routes(measured: Measured, found: Simulation) -> list[dict[str, Any]]:
    """Return VaR and ES by simulation and by the multi-factor adjustment.

    Parameters
    ----------
    measured : Measured
        The book.
    found : Simulation
        Its simulation.

    Returns
    -------
    list of dict
        One row a road; a road that does not apply says why.
    """
    rows = [_row(
        Text("模拟（重要性抽样、Sobol）", "simulation: importance sampling, Sobol"),
        found.value_at_risk.value, found.expected_shortfall.value,
        Text(f"标准误 {found.value_at_risk.standard_error:,.0f} 元",
             f"standard error {found.value_at_risk.standard_error:,.0f} yuan"),
    )]  # fmt: skip
    name = Text("多因子调整（解析）", "multi-factor adjustment, analytic")
    try:
        other = multi_factor_adjustment(measured.exposures, measured.model, level=found.level)
    except BookError as fault:
        rows.append(_row(name, None, None, fault.wrong))
        return rows
    rows.append(
        _row(name, other.quantile, other.shortfall, _against(found.value_at_risk.value, other))
    )
    return rows


def _against(simulated: float, other: MultiFactorAdjusted) -> Text:
    """How far the adjustment is from the simulation."""
    if simulated == 0.0:
        return Text("模拟没有损失", "the simulation has no loss")
    off = other.quantile / simulated - 1.0
    return Text(f"与模拟相差 {off:+.2%}", f"{off:+.2%} against the simulation")


def _row(name: Text, at: float | None, beyond: float | None, note: Text) -> dict[str, Any]:
    return {
        "name_zh": name.zh, "name_en": name.en, "value_at_risk": at, "expected_shortfall": beyond,
        "note_zh": note.zh, "note_en": note.en,
    }  # fmt: skip
