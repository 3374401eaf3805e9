"""Overrides: who changed a grade, as a role, when and why; and whether they were right.

People rate last, and an engine that overwrites them will not be used (practice notes,
P14); so each change is kept with its reason, and judged by what came of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from riskengine.errors import ModelError
from riskengine.words import Text

REASONS = {
    "fact_newer": Text("有更新的事实", "a newer fact"),
    "fact_wrong": Text("系统中的事实有误", "a fact in the system is wrong"),
    "fact_not_asked": Text("评分表没有问到的事实", "a fact that the sheet does not ask"),
    "security_strong": Text("担保措施强", "strong security"),
    "security_weak": Text("担保措施弱", "weak security"),
    "market": Text("行情变化", "the market has turned"),
    "disaster": Text("灾情、疫情", "disaster or epidemic"),
    "conduct": Text("品行、村民评议", "conduct or village opinion"),
    "policy": Text("政策要求", "policy"),
    "other": Text("其他，须另附说明", "other, with a note"),
}
"""Why a grade was changed; the engine's own list."""

ROLES = {
    "client_manager": Text("客户经理", "client manager"),
    "village_group": Text("村评议小组", "village group"),
    "township_group": Text("乡镇评定小组", "township group"),
    "branch_head": Text("支行行长", "head of branch"),
    "risk_department": Text("风险部门", "risk department"),
    "committee": Text("贷审会", "credit committee"),
}
"""Who may change a grade: a function, never a person's name."""


@dataclass(frozen=True, slots=True)
class Override:
    """One change of a grade by people.

    Parameters
    ----------
    case_id : str
        Identifier of the case, no personal data.
    model_grade, final_grade : str
        Grade before and after.
    reason : str
        One of `REASONS`.
    role : str
        One of `ROLES`.
    decided_on : datetime.date
        Day of the decision, given and not read from a clock.
    note : str
        Words; needed with ``other``.
    """

    case_id: str
    model_grade: str
    final_grade: str
    reason: str
    role: str
    decided_on: date
    note: str = ""


def record_override(override: Override, grades: Sequence[str]) -> dict[str, object]:
    """Check an override and give it as a record.

    Parameters
    ----------
    override : Override
        The change.
    grades : sequence of str
        Grades of the card, the best first.

    Returns
    -------
    dict of str to object
        Its fields with ``notches``: positive where people graded better.

    Raises
    ------
    ModelError
        Naming everything that is missing or unknown.
    """
    faults = []
    for key, known in (("reason", REASONS), ("role", ROLES)):
        if getattr(override, key) not in known:
            faults.append(Text(f"{key} 须为 {list(known)} 之一", f"{key} is one of {list(known)}"))
    faults += [
        Text(f"{key} 不在等级表内", f"{key} is no grade of the card")
        for key in ("model_grade", "final_grade")
        if getattr(override, key) not in grades
    ]
    if override.model_grade == override.final_grade:
        faults.append(Text("改判前后等级相同", "the grade was not changed"))
    if override.reason == "other" and not override.note.strip():
        faults.append(Text("“其他”须附说明", "reason other needs a note"))
    if not override.case_id.strip():
        faults.append(Text("缺少编号", "case_id is empty"))
    if faults:
        raise ModelError(
            Text("改判记录有误：" + "；".join(fault.zh for fault in faults),
                 "override: " + "; ".join(fault.en for fault in faults)),
            Text("请补正", "correct it"),
        )  # fmt: skip
    order = list(grades)
    notches = order.index(override.model_grade) - order.index(override.final_grade)
    return {**asdict(override), "notches": notches}


def override_hit_rate(
    overrides: pd.DataFrame, cases: pd.DataFrame, by: Iterable[str] = (), *, level: float = 0.9
) -> pd.DataFrame:
    """Tell how often people were right when they changed a grade.

    Raising a grade is a hit where no default followed, lowering one where it did.  Few
    clients default, so nearly every rise hits and nearly every cut misses: read the rate
    beside the defaults of cases that kept the same model grade.  Cases refused after a cut
    have no outcome and are counted apart, never as hits.

    Parameters
    ----------
    overrides : pandas.DataFrame
        Records as `record_override`: ``case_id``, ``model_grade``, ``notches`` and more.
    cases : pandas.DataFrame
        Every case: ``case_id``, ``model_grade``, ``bad`` (1, 0, NaN while open or refused).
    by : iterable of str
        Further columns of overrides to group by, such as ``reason`` or ``role``.
    level : float
        Level of the interval of the default rate, in (0, 1).

    Returns
    -------
    pandas.DataFrame
        By direction (``raised``, ``lowered``) and ``by``: ``n``, ``open``, ``bads``,
        ``hit_rate`` [1], ``bad_rate`` [1] with its Jeffreys interval ``low`` to ``high``,
        ``bad_rate_kept`` [1]: default rate of cases left at the same model grades, mixed as
        here; NaN where nothing is known.

    Raises
    ------
    ModelError
        If an override names a case that is not there, or a case twice.
    """
    _known(overrides, cases)
    bad = cases.set_index("case_id")["bad"].astype(np.float64)
    kept = cases[~cases["case_id"].isin(overrides["case_id"])]
    rates = kept.groupby("model_grade")["bad"].mean()
    judged = overrides.assign(
        bad=overrides["case_id"].map(bad),
        kept=overrides["model_grade"].map(rates).astype(np.float64),
        direction=np.where(overrides["notches"] > 0, "raised", "lowered"),
    )
    keys = ["direction", *by]
    rows = [
        {**dict(zip(keys, name, strict=True)), **_figures(group, level)}
        for name, group in judged.groupby(keys, sort=True)
    ]
    return pd.DataFrame(rows, columns=[*keys, *FIGURES])


FIGURES = ("n", "open", "bads", "hit_rate", "bad_rate", "low", "high", "bad_rate_kept")


def _known(overrides: pd.DataFrame, cases: pd.DataFrame) -> None:
    """Each override has its case, each case stands once, and so does each override."""
    absent = int((~overrides["case_id"].isin(cases["case_id"])).sum())
    twice = int(cases["case_id"].duplicated().sum() + overrides["case_id"].duplicated().sum())
    if absent or twice:
        raise ModelError(
            Text(f"改判中有 {absent} 笔找不到案件，{twice} 笔编号重复",
                 f"{absent} overrides have no case, {twice} identifiers stand twice"),
            Text("每户只留最后一次改判，并与案件表对齐",
                 "keep the last override of each case and give every case once"),
        )  # fmt: skip


def _figures(group: pd.DataFrame, level: float) -> dict[str, float]:
    """Figures of one group."""
    known = group[group["bad"].notna()]
    n, bads = len(known), int(known["bad"].sum())
    raised = bool((group["notches"] > 0).all())
    hits = n - bads if raised else bads
    tail = (1.0 - level) / 2.0
    shape = (bads + 0.5, n - bads + 0.5)
    return {
        "n": len(group), "open": len(group) - n, "bads": bads,
        "hit_rate": hits / n if n else np.nan, "bad_rate": bads / n if n else np.nan,
        "low": float(betaincinv(*shape, tail)) if n else np.nan,
        "high": float(betaincinv(*shape, 1.0 - tail)) if n else np.nan,
        "bad_rate_kept": float(known["kept"].mean()) if n else np.nan,
    }  # fmt: skip
