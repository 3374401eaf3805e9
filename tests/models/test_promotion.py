"""Promotion: refused with the reason unless the bar holds and the champion is not better."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.compare import compare, table_of
from models.drifting import drift_table
from models.promotion import judge, promote
from models.store import Registry
from tests.models.loans import loans, refusal, release

DAY = date(2028, 12, 31)
HEAD = (DAY, "head of risk", "meets its bar")
WEAK = "\n[settings]\niterations = 1\nleaves = 2\nleaf_rows = 60\nlearning_rate = 0.01\n"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return loans(2000)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, table: pd.DataFrame) -> dict[str, Path]:
    """Three releases of one name: a card, trees, and a tree that hardly knows anything."""
    folder = tmp_path_factory.mktemp("releases")
    unset = '\n[calibration]\nmethod = "none"\n'
    asked = {"card": ("scorecard", ""), "trees": ("boosting", ""), "weak": ("boosting", WEAK),
             "other": ("scorecard", unset)}  # fmt: skip
    for name, (form, more) in asked.items():
        release(folder / name, form, more, table)
    return {name: folder / name for name in asked}


@pytest.fixture
def home(made: dict[str, Path], tmp_path: Path) -> tuple[Registry, dict[str, str]]:
    """The three as candidates; their versions by name."""
    registry = Registry(tmp_path / "registry")
    registry.root.mkdir()
    versions = {}
    for name, folder in made.items():
        staged = registry.root / f".staged-{name}"
        staged.mkdir()
        for path in folder.iterdir():
            (staged / path.name).write_bytes(path.read_bytes())
        versions[name] = registry.add(staged, DAY)
    return registry, versions


def crown(home: tuple[Registry, dict[str, str]], name: str) -> None:
    registry, versions = home
    registry.move("made-loans", versions[name], "champion", *HEAD)


def test_the_bar_holds(home: Any) -> None:
    registry, versions = home
    verdict = promote(registry, "made-loans", versions["card"], "champion", *HEAD)
    assert verdict.holds and verdict.champion is None
    assert [(c.name.en, c.wanted, c.found) for c in verdict.checks] == [("AUC", "≥ 0.55", "0.7")]
    assert registry.champion("made-loans") == versions["card"]


@pytest.mark.parametrize(
    ("bar", "told"),
    [
        ({"auc_at_least": 0.71}, "AUC is 0.7, wanted ≥ 0.71"), ({}, "no [bar] is set"),
        ({"brier_at_most": 0.2}, "Brier score is —, wanted ≤ 0.2"), ({"auc": 0.5}, "auc is —, wanted …_at_least"),
        ({"champion": {"auc_gain_at_least": 0.0}}, "no [bar] is set"),
        ({"auc_at_least": 0.9, "auc_at_most": 0.1}, "AUC is 0.7, wanted ≥ 0.9; AUC is 0.7, wanted ≤ 0.1"),
    ],
)  # fmt: skip
def test_the_bar_does_not_hold(bar: dict[str, Any], told: str, home: Any) -> None:
    registry, versions = home
    refused = refusal(
        lambda: promote(registry, "made-loans", versions["card"], "champion", *HEAD, bar=bar)
    )
    assert f"made-loans {versions['card']} is not promoted: {told}" in refused
    assert registry.champion("made-loans") is None


def test_a_worse_challenger_is_refused_on_the_same_rows(home: Any, table: pd.DataFrame) -> None:
    registry, versions = home
    crown(home, "card")
    told = refusal(
        lambda: promote(registry, "made-loans", versions["weak"], "champion", *HEAD, table)
    )
    assert "gain of AUC is -0." in told and "wanted ≥ -0.01" in told
    assert registry.champion("made-loans") == versions["card"]


def test_a_better_challenger_replaces_the_champion(home: Any, table: pd.DataFrame) -> None:
    registry, versions = home
    crown(home, "weak")
    verdict = promote(registry, "made-loans", versions["card"], "champion", *HEAD, table)
    assert verdict.holds and verdict.champion == versions["weak"]
    assert [c.wanted for c in verdict.checks] == ["≥ 0.55", "≥ -0.01", "≥ -0.005"]
    assert registry.stages("made-loans")[versions["weak"]] == "retired"


def test_no_bar_of_its_own_even_where_the_champion_is_beaten(
    home: Any, table: pd.DataFrame
) -> None:
    registry, versions = home
    crown(home, "weak")
    verdict = judge(registry, "made-loans", versions["card"], table, bar={})
    assert all(check.holds for check in verdict.checks) and not verdict.holds
    told = refusal(
        lambda: promote(registry, "made-loans", versions["card"], "champion", *HEAD, table, {})
    )
    assert "no [bar] is set" in told


def test_a_champion_is_not_replaced_without_rows(home: Any) -> None:
    registry, versions = home
    crown(home, "card")
    told = refusal(lambda: promote(registry, "made-loans", versions["trees"], "champion", *HEAD))
    assert "a paired comparison needs data" in told
    promote(registry, "made-loans", versions["trees"], "shadow", *HEAD)  # there to gather them
    assert registry.stages("made-loans")[versions["trees"]] == "shadow"


def test_what_cannot_be_promoted(home: Any, table: pd.DataFrame) -> None:
    registry, versions = home
    for run in (lambda: promote(registry, "made-loans", "none", "champion", *HEAD),
                lambda: promote(registry, "nobody", versions["card"], "champion", *HEAD),
                lambda: promote(registry, "made-loans", versions["card"], "king", *HEAD)):  # fmt: skip
        assert refusal(run)
    path = registry.folder("made-loans", versions["card"]) / "arrays.npz"
    path.write_bytes(path.read_bytes()[:-1])
    told = refusal(lambda: promote(registry, "made-loans", versions["card"], "champion", *HEAD))
    assert "does not match the manifest" in told


# The comparison itself.


def test_gains_are_paired_and_have_their_sign(made: dict[str, Path], table: pd.DataFrame) -> None:
    there, back = (
        compare(made[a], made[b], table) for a, b in (("weak", "card"), ("card", "weak"))
    )
    assert there["n"] == back["n"] == (table["decided_on"] > "2022-12-31").sum()
    for name in ("auc", "brier", "log_loss", "ks"):
        assert there[f"{name}_gain"] == pytest.approx(-back[f"{name}_gain"], abs=1e-12)
        assert there[f"{name}_gain_low"] <= there[f"{name}_gain"] <= there[f"{name}_gain_high"]
    assert there["auc_gain"] > 0.0 and there["auc_gain_p"] < 0.05
    shown = table_of(there)
    assert list(shown.index) == ["auc", "brier", "log_loss", "ks"]
    assert shown.loc["auc", "gain"] == there["auc_gain"]


def test_rows_are_paired_whatever_their_order(
    made: dict[str, Path], table: pd.DataFrame, tmp_path: Path
) -> None:
    """The other model orders its rows by another identifier: without pairing all is noise."""
    rng = np.random.default_rng(3)
    both = table.assign(other_no=rng.permutation(len(table)))
    for name in ("arrays.npz", "manifest.json", "config.toml"):
        (tmp_path / name).write_bytes((made["card"] / name).read_bytes())
    text = (tmp_path / "config.toml").read_text().replace('id = "loan_no"', 'id = "other_no"')
    (tmp_path / "config.toml").write_text(text)
    told = (tmp_path / "manifest.json").read_text()
    digests = [
        hashlib.sha256(p.read_bytes()).hexdigest()
        for p in (made["card"] / "config.toml", tmp_path / "config.toml")
    ]
    assert digests[0] in told
    (tmp_path / "manifest.json").write_text(told.replace(*digests))
    gains = compare(made["card"], tmp_path, both)
    assert gains["brier_gain"] == gains["auc_gain"] == 0.0


def test_a_model_against_itself_gains_nothing(made: dict[str, Path], table: pd.DataFrame) -> None:
    gains = compare(made["card"], made["card"], table)
    assert gains["auc_gain"] == gains["brier_gain"] == gains["log_loss_gain"] == 0.0
    assert gains["auc_gain_low"] <= 0.0 <= gains["auc_gain_high"]


def test_rows_that_cannot_be_compared(made: dict[str, Path], table: pd.DataFrame) -> None:
    old = table[table["decided_on"] <= "2022-12-31"]
    assert "no row lies after" in refusal(lambda: compare(made["card"], made["trees"], old))
    few = pd.concat([old, table[table["decided_on"] > "2022-12-31"][:20]])
    assert "only 20 rows are new to both" in refusal(
        lambda: compare(made["card"], made["trees"], few)
    )
    assert "column years is missing" in refusal(
        lambda: compare(made["card"], made["trees"], table.drop(columns="years"))
    )


def test_a_release_without_its_configuration_is_not_compared(
    made: dict[str, Path], table: pd.DataFrame, tmp_path: Path
) -> None:
    told = json.loads((made["card"] / "manifest.json").read_text())
    del told["files"]["config.toml"]
    (tmp_path / "arrays.npz").write_bytes((made["card"] / "arrays.npz").read_bytes())
    (tmp_path / "manifest.json").write_text(json.dumps(told))
    assert "holds no configuration" in refusal(lambda: compare(made["card"], tmp_path, table))


# Drift.


def test_drift_of_features_and_of_the_score(made: dict[str, Path], table: pd.DataFrame) -> None:
    today = table.drop(columns=["bad", "sex"])
    quiet = drift_table(made["card"], today).set_index("feature")
    assert quiet.index[-1] == "score" and not quiet["alarm"].any()
    moved = today.assign(years=today["years"] + 6.0)
    loud = drift_table(made["card"], moved).set_index("feature")
    assert loud.loc["years", "alarm"] and loud.loc["score", "alarm"]
    assert not loud.loc["debt_to_income", "alarm"]
    gone = drift_table(made["card"], today.assign(income_yuan=np.nan)).set_index("feature")
    assert gone.loc["income_yuan", "alarm"] and gone.loc["income_yuan", "missing_now"] == 1.0
    assert "column years is missing" in refusal(
        lambda: drift_table(made["card"], today.drop(columns="years"))
    )
