"""Insurance policies held against the law of assigned claims."""

from datetime import date

import numpy as np

from riskengine.dates import day_number
from riskengine.gates.judge import Facts, Judged, judge
from riskengine.gates.plan import plan_of
from riskengine.gates.tapes import Tape
from riskengine.pledging.join import notices
from riskengine.rules import RuleBook

SUBJECT = "insurance"


def judge_policies(policies: Tape, book: RuleBook, valued_on: date) -> Judged:
    """Hold the law of assigned claims against some policies.

    Parameters
    ----------
    policies : Tape
        The policies.
    book : RuleBook
        The law.
    valued_on : datetime.date
        Day of valuation.

    Returns
    -------
    Judged
        Verdict on each policy; cover beyond 80 % of the output, notice not served, an
        insured who is not named.

    Raises
    ------
    RuleError
        If a rule judges by a fact that is not declared.

    Notes
    -----
    Source: three-staple notice of 2024-05-21; Civil Code, art. 390; SPC Security
    Interpretation, art. 42; Agricultural Insurance Regulation, art. 10.
    """
    plan = plan_of(book, SUBJECT, valued_on)
    columns, size = policies.batch.columns, policies.size
    nothing = np.full(size, np.nan)
    day = float(day_number(valued_on))
    flags = {name: columns.get(name, nothing) for name in plan.words}
    flags["insurer_notified"] = notices(policies, day)
    deducted = flags["next_season_inputs_deducted"]
    inputs = columns.get("next_season_inputs_yuan", nothing)
    flags["next_season_inputs_deducted"] = np.where(
        np.isnan(deducted) & ~np.isnan(inputs), 1.0, deducted
    )
    coded = {
        name: np.where(np.isnan(flag), -1, flag != 0.0).astype(np.int8)
        for name, flag in flags.items()
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        share = columns["sum_insured_yuan"] / columns.get("output_value_yuan", nothing)
    stated = {name: columns.get(name, nothing) for name in plan.numbers}
    known = stated["sum_insured_share"]
    numbers = {**stated, "sum_insured_share": np.where(np.isnan(known), share, known)}
    created = columns.get("starts_on", nothing)
    created = np.where(np.isnan(created), day, created)
    return judge(plan, Facts(size, coded, numbers), created, valued_on)
