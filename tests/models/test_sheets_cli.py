"""Experts' sheets on the command line: list, score, weights, template, import, release."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from models.cli import app
from models.expert import card_features, published_cards
from riskengine.learned import DefaultModel, load_release

CARD = "household_common"


def run(*words: str) -> str:
    answer = CliRunner().invoke(app, ["sheet", *words])
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> Path:
    """Forty households: every number at different places of its range, codes in turn."""
    features = card_features(published_cards()[CARD], social=True)
    cells = {}
    for k, feature in enumerate(features):
        if feature.kind == "category":
            cells[feature.name] = [feature.codes[(i + k) % len(feature.codes)] for i in range(40)]
        else:
            low, high = max(feature.low, 0.0), min(feature.high, 1e6)
            cells[feature.name] = [low + (high - low) * ((7 * i + k) % 40) / 400 for i in range(40)]
    path = tmp_path_factory.mktemp("rows") / "households_synthetic.csv"
    pd.DataFrame(cells).assign(bad=[i % 5 == 0 for i in range(40)]).to_csv(path, index=False)
    return path


def test_every_published_system_is_accounted_for() -> None:
    told = run("list")
    for name in published_cards():
        assert name in told.replace("\n", "")


def test_a_card_scores_and_reports_its_weights(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    run("score", CARD, str(rows), "--on", "2026-11-26", "--out", str(out))
    found = pd.read_csv(out)
    assert len(found) == 40
    assert found["total"].notna().any()
    assert found["total"].nunique() > 5
    told = run("weights", CARD, str(rows), "--on", "2026-11-26", "--outcome", "bad")
    assert told.count(f"{CARD}, n = 40") == 2


def test_an_institutions_sheet_comes_in_and_goes_out_as_a_release(tmp_path: Path) -> None:
    sheet, card, release = tmp_path / "sheet.xlsx", tmp_path / "own.toml", tmp_path / "release"
    run("template", str(sheet))
    run(
        "import", str(sheet), str(card), "--name", "own", "--title", "本行评分表", "--subject", "household",
        "--valid-from", "2026-01-01", "--owner", "信贷部", "--cite", "内部文件",
    )  # fmt: skip
    assert "own" in run("show", str(card))
    run("release", CARD, str(release))
    model = load_release(release)
    assert isinstance(model, DefaultModel)
    assert model.release.origin == "expert"
