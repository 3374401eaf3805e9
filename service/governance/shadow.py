"""A challenger beside the champion, and the rows of today beside those of training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sqlalchemy import Connection, select

from riskengine.drift import FeatureDrift, drift
from riskengine.errors import RiskEngineError
from riskengine.learned.default import DefaultModel
from riskengine.scoring.application import application_of
from riskengine.scoring.score import Score, score_many
from service.governance.past import entries, last_applications
from service.scoring.equipment import Equipped
from service.state import State
from service.store.database import reading
from service.store.tables import shadow_scores

Floats = NDArray[np.float64]
GROUPS = 10
"""Groups of equal size in the table of quantiles."""
FEWEST_FOR_RANKS = 3
MOST_ROWS = 100_000
"""Most decisions that one report looks at: the last ones."""
BAD, GOOD = frozenset({"defaulted", "compensated", "recovered"}), frozenset({"repaid"})
"""Outcomes that are defaults, and that are none; what is still running is neither."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two releases are compared.

    Parameters
    ----------
    champion, challenger : DefaultModel
        Releases of one name.
    """

    champion: DefaultModel
    challenger: DefaultModel


def compared(
    connection: Connection, tenant: str, pair: Pair, since: str, until: str,
    scale: Mapping[str, float],
) -> dict[str, Any]:  # fmt: skip
    """Compare a challenger with the champion on the decisions that both scored.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose decisions.
    pair : Pair
        Which two.
    since, until : str
        First moment, and the moment before which; empty for all.
    scale : mapping of str to float
        Highest PD of each grade [1], rising; empty for no grades.

    Returns
    -------
    dict
        Counts, mean PDs, rank correlation, quantiles, changed grades and referrals, how far
        both scores are from training, and what is known of the outcomes.
    """
    rows = _rows(connection, tenant, pair, since, until)
    champion, challenger = (
        np.array([row[key] for row in rows], dtype=np.float64)
        for key in ("champion_pd", "challenger_pd")
    )
    refers = [(bool(row["champion_refers"]), bool(row["challenger_refers"])) for row in rows]
    outcomes = outcomes_of(connection, tenant, [row["decision_id"] for row in rows])
    found: dict[str, Any] = {"n": len(rows), "most": MOST_ROWS, "since": None, "until": None}
    if rows:
        found |= {
            "since": rows[0]["made_at"], "until": rows[-1]["made_at"],
            "champion_mean_pd": float(champion.mean()),
            "challenger_mean_pd": float(challenger.mean()),
            "rank_correlation": _rank_correlation(champion, challenger),
            "quantiles": quantiles(champion, challenger),
            "grades_changed_share": _changed(champion, challenger, scale),
            "champion_refer_share": float(np.mean([one for one, _ in refers])),
            "challenger_refer_share": float(np.mean([other for _, other in refers])),
            "refer_changed_share": float(np.mean([one != other for one, other in refers])),
        }  # fmt: skip
    found["score"] = {
        "champion": score_drift(pair.champion, champion),
        "challenger": score_drift(pair.challenger, challenger),
    }
    found["outcomes"] = _against(outcomes, rows, champion, challenger)
    return found


def _rows(
    connection: Connection, tenant: str, pair: Pair, since: str, until: str
) -> list[dict[str, Any]]:
    """Shadow scores of a pair with both PDs, the earliest first."""
    column = shadow_scores.c
    query = select(shadow_scores).where(
        column.tenant == tenant, column.model == pair.champion.release.name,
        column.champion == pair.champion.release.version,
        column.challenger == pair.challenger.release.version,
        column.champion_pd.is_not(None), column.challenger_pd.is_not(None),
    )  # fmt: skip
    if since:
        query = query.where(column.made_at >= since)
    if until:
        query = query.where(column.made_at < until)
    query = query.order_by(column.made_at.desc(), column.decision_id).limit(MOST_ROWS)
    return [dict(row) for row in connection.execute(query).mappings()][::-1]


def _rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's; None where ranks say nothing."""
    if one.size < FEWEST_FOR_RANKS or np.ptp(one) == 0.0 or np.ptp(other) == 0.0:
        return None
    from scipy.stats import spearmanr  # a second to import; paid only by who asks for it

    return float(spearmanr(one, other).statistic)


def quantiles(champion: Floats, challenger: Floats) -> list[dict[str, Any]]:
    """Return the table of groups of equal size by the champion's PD.

    Parameters
    ----------
    champion, challenger : (n,) float64
        PDs [1].

    Returns
    -------
    list of dict
        Count and mean PDs of each group, the safest first.
    """
    order = np.argsort(champion, kind="stable")
    return [
        {
            "n": int(part.size), "champion_most_pd": float(champion[part].max()),
            "champion_mean_pd": float(champion[part].mean()),
            "challenger_mean_pd": float(challenger[part].mean()),
        }
        for part in np.array_split(order, GROUPS) if part.size
    ]  # fmt: skip


def grades(pd: Floats, scale: Mapping[str, float]) -> list[str]:
    """Return the grade of each PD.

    Parameters
    ----------
    pd : (n,) float64
        PDs [1].
    scale : mapping of str to float
        Highest PD of each grade [1], rising.

    Returns
    -------
    list of str
        Grades; empty beyond the scale.
    """
    return [next((name for name, most in scale.items() if one <= most), "") for one in pd]


def _changed(one: Floats, other: Floats, scale: Mapping[str, float]) -> float | None:
    """Share of decisions to which the two give another grade."""
    if not scale:
        return None
    pairs = zip(grades(one, scale), grades(other, scale), strict=True)
    return float(np.mean([first != second for first, second in pairs]))


def outcomes_of(connection: Connection, tenant: str, decision_ids: Sequence[str]) -> dict[str, str]:
    """Return what became of decisions, as far as it was told: the latest word counts.

    Parameters
    ----------
    connection : Connection
        Where to look.
    tenant : str
        Whose.
    decision_ids : sequence of str
        Which.

    Returns
    -------
    dict of str to str
        Outcome by decision.
    """
    told = entries(connection, tenant, "outcome", decision_ids)
    return {one["subject"]: one["outcome"] for one in told}


def _against(
    outcomes: Mapping[str, str], rows: Sequence[Mapping[str, Any]], champion: Floats,
    challenger: Floats,
) -> dict[str, Any]:  # fmt: skip
    """Both models against what happened."""
    known = [
        (k, outcomes[row["decision_id"]] in BAD) for k, row in enumerate(rows)
        if outcomes.get(row["decision_id"]) in BAD | GOOD
    ]  # fmt: skip
    if not known:
        return {"n": 0, "defaults": 0}
    places = [k for k, _ in known]
    bad = np.array([found for _, found in known])
    return {
        "n": len(known), "defaults": int(bad.sum()),
        "champion": _quality(champion[places], bad),
        "challenger": _quality(challenger[places], bad),
    }  # fmt: skip


def _quality(pd: Floats, bad: NDArray[np.bool_]) -> dict[str, float | None]:
    """Mean PD, Brier score (1950) and AUC by ranks (Mann and Whitney 1947)."""
    bads, goods = int(bad.sum()), int((~bad).sum())
    auc = None
    if bads and goods:
        from scipy.stats import rankdata  # as above

        auc = float((rankdata(pd)[bad].sum() - bads * (bads + 1) / 2) / (bads * goods))
    return {"mean_pd": float(pd.mean()), "brier": float(np.mean((pd - bad) ** 2)), "auc": auc}


def score_drift(model: DefaultModel, pd: Floats) -> dict[str, Any] | None:
    """Return how far scores have moved from training, from their PDs.

    Parameters
    ----------
    model : DefaultModel
        With the frozen histogram of its score and a calibration by a line.
    pd : (n,) float64
        PDs that it gave [1].

    Returns
    -------
    dict or None
        None without rows, without a histogram, or where PDs do not tell scores.
    """
    arrays = model.release.arrays
    if pd.size == 0 or model.knots.size or "score_histogram_counts" not in arrays:
        return None
    held = {
        name.removeprefix("score_"): array for name, array in arrays.items()
        if name.startswith("score_")
    }  # fmt: skip
    raw = (logit(pd) - model.shift) / model.slope
    return told(drift(held, raw[None], ["score"])[0])


def drift_of(state: State, tenant: str, kit: Equipped, most: int) -> dict[str, Any]:
    """Return how far the last applications are from the rows of training.

    Parameters
    ----------
    state : State
        The service.
    tenant : str
        Whose applications.
    kit : Equipped
        With the model of default.
    most : int
        Most applications, >= 1.

    Returns
    -------
    dict
        Rows, share outside what the model has seen, drift of the score and of features.
    """
    model = kit.equipment.default_model
    assert model is not None
    with reading(state.engine) as connection:
        contents = list(last_applications(connection, state.secrets, tenant, most))
    scores = _scores([content for _, content in contents], kit)
    if not scores:
        return {"n": 0, "outside_share": None, "score": None, "features": []}
    x = np.array([one.default.encoded for one in scores if one.default is not None]).T
    names = [feature.name for feature in model.features]
    found: tuple[FeatureDrift, ...] = ()
    if "histogram_counts" in model.release.arrays:
        found = drift(model.release.arrays, x, names)
    return {
        "n": len(scores), "outside_share": float(model.outside(x).mean()),
        "score": score_drift(model, model.pd(x)), "features": [told(one) for one in found],
    }  # fmt: skip


def _scores(contents: Sequence[Mapping[str, Any]], kit: Equipped) -> list[Score]:
    """Applications scored again; those that no longer can be are left out."""
    taken = []
    for content in contents:
        try:
            taken.append(application_of(content))
        except RiskEngineError:
            continue
    return [one for one in score_many(taken, kit.equipment) if not isinstance(one, Exception)]


def told(found: FeatureDrift) -> dict[str, Any]:
    """Return the drift of one feature as plain data.

    Parameters
    ----------
    found : FeatureDrift
        Its drift.

    Returns
    -------
    dict
        PSI, what chance alone gives, p-value (Holm), missing shares, alarms.
    """
    one = found.stability
    return {
        "feature": found.feature, "psi": one.psi, "expected_by_chance": one.expected_by_chance,
        "excess": one.excess, "p_holm": found.holm_p, "n_training": one.n_reference,
        "n_now": one.n_now, "missing_before": found.missing_before,
        "missing_now": found.missing_now, "alarm": found.alarm,
        "missing_alarm": found.missing_alarm,
    }  # fmt: skip
