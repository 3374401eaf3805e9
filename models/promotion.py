"""Promotion: refused unless the bar holds and the champion is not better, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from models.assess.result import checks
from models.compare import compare
from models.report.document import Check
from models.store import Registry
from riskengine.errors import ModelError
from riskengine.learned import read_release
from riskengine.words import Text

USUAL = {"default": {"auc_gain_low_at_least": -0.01, "brier_gain_low_at_least": -0.005}}
"""What a challenger must not lose against the champion where the bar does not say."""


@dataclass(frozen=True)
class Verdict:
    """Whether a release may be promoted.

    Parameters
    ----------
    version : str
        Release.
    champion : str or None
        Version that decides now.
    checks : tuple of Check
        Conditions, with what was found.
    """

    version: str
    champion: str | None
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether every condition is met, and there is one."""
        return bool(self.checks) and all(check.holds for check in self.checks)


def judge(
    registry: Registry, name: str, version: str, data: pd.DataFrame | None,
    bar: Mapping[str, Any] | None = None,
) -> Verdict:  # fmt: skip
    """Hold a release against its bar, and against the champion on the same rows.

    Parameters
    ----------
    registry : Registry
        Releases.
    name, version : str
        Release.
    data : pandas.DataFrame or None
        Rows with outcomes later than those that either model saw; needed where there
        is a champion.
    bar : mapping or None
        Another bar than that of the release's configuration.

    Returns
    -------
    Verdict
        Every condition.

    Raises
    ------
    ModelError
        If there is a champion and no data to compare on, or there is no such release.
    """
    folder = registry.folder(name, version)
    release = read_release(folder)
    stated = dict(release.manifest.get("bar_set", {}) if bar is None else bar)
    against = stated.pop("champion", USUAL.get(release.kind, {}))
    found = list(checks(stated, release.manifest.get("metrics", {})))
    champion = registry.champion(name)
    if champion is not None and champion != version:
        if data is None:
            raise ModelError(
                Text(f"已有冠军 {champion}，需要数据作配对比较",
                     f"{champion} is champion: a paired comparison needs data"),
                Text("用 --data 给出两者都没见过的样本", "give rows that neither saw with --data"),
            )  # fmt: skip
        gains = compare(registry.folder(name, champion), folder, data)
        found += checks(against, gains)
    return Verdict(version, champion, tuple(found))


def promote(
    registry: Registry, name: str, version: str, stage: str, on: date, by: str, reason: str,
    data: pd.DataFrame | None = None, bar: Mapping[str, Any] | None = None,
) -> Verdict:  # fmt: skip
    """Promote a release to champion or shadow, if it may be.

    Parameters
    ----------
    registry : Registry
        Releases.
    name, version, stage : str
        Release, and the stage wanted.
    on : datetime.date
        Day.
    by, reason : str
        Role that decides, and why.
    data, bar : as `judge`
        Rows to compare on, another bar.

    Returns
    -------
    Verdict
        Every condition, met.

    Raises
    ------
    ModelError
        If a condition is not met, with each of them, or the release sets no bar.
    """
    verdict = judge(registry, name, version, data, bar)
    if stage == "champion" and not verdict.holds:
        failed = [check for check in verdict.checks if not check.holds]
        zh = "；".join(f"{c.name.zh} 为 {c.found}，要求 {c.wanted}" for c in failed)
        en = "; ".join(f"{c.name.en} is {c.found}, wanted {c.wanted}" for c in failed)
        raise ModelError(
            Text(f"{name} {version} 不予晋级：{zh or '没有设定 [bar]'}",
                 f"{name} {version} is not promoted: {en or 'no [bar] is set'}"),
            Text("改进模型，或保留现任", "improve the model, or keep the champion"),
        )  # fmt: skip
    registry.move(name, version, stage, on, by, reason)
    return verdict
