"""The card: what is known, what is missing, what it is not for, in both languages."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from models.config import read_config
from models.report import card
from models.report.card import WARNINGS, plain
from models.training import manifest_of
from riskengine.errors import ModelError
from riskengine.learned.features import Feature, described
from riskengine.words import Text
from tests.models.loans import config, release

BARE = {"name": "demo", "version": "1", "kind": "default", "form": "scorecard"}
TITLES = (
    "Use", "NOT for", "Population and window", "Target", "Features", "Split by time",
    "Figures out of time", "Calibration", "Limits", "Monitoring triggers", "Lineage",
    "How to train it again",
)  # fmt: skip


def manifest() -> dict:
    """A manifest made of a configuration."""
    config = read_config(Path("examples/models/sba_default.toml"))
    return {
        "name": config.name, "version": "3f9a1c20b7de", "kind": config.kind, "form": config.form,
        "origin": config.origin, "not_for": config.not_for, "seed": config.seed,
        "use": {"zh": "演示", "en": "demonstration"},
        "population": Text("已结清贷款", "resolved loans"),
        "window": {"from": date(1990, 10, 1), "to": date(2006, 9, 30)},
        "target": {
            "column": "default", "unit": "1", "zh": config.target.definition.zh,
            "en": config.target.definition.en,
        },
        "features": [described(feature) for feature in config.features],
        "split": asdict(config.split), "counts": {"train": 21044, "test": 13781},
        "metrics_on": {"zh": "2004-2006 财年", "en": "fiscal years 2004 to 2006"},
        "metrics": {
            "auc": {"value": 0.72614, "low": 0.711, "high": 0.741, "n": 13781}, "brier": 0.0671,
            "by_state": {"CA": {"value": 0.7, "low": None, "n": 900}}, "ks": float("nan"),
        },
        "calibration": {"shift": -1.2, "slope": 1.03, "knots": [1.0, 2.5]},
        "limits": [Text("样本少", "few rows"), "plain"], "triggers": ({"en": "PSI > 0.1"},),
        "notes": [{"zh": "合并代码", "en": "codes pooled"}],
        "lineage": {
            "data_sha256": "3f9a" * 16, "config_sha256": config.digest, "engine_version": "0.1.0",
            "libraries": {"scikit-learn": "1.9.0"},
        },
        "retrain": "python -m models train C DATA\n--out O",
    }  # fmt: skip


def test_the_card_holds_all_that_is_known() -> None:
    told = card(manifest())
    assert told == card(manifest())
    places = [told.index(f"· {title}\n") for title in TITLES]
    assert places == sorted(places)
    for part in (
        "# sba-default 3f9a1c20b7de", WARNINGS["foreign"].zh, WARNINGS["foreign"].en,
        "不得用于中国境内任何借款人的授信决定 · not for deciding on any borrower in China",
        "1990-10-01 – 2006-09-30", "| train | 21,044 |", "default [1]: 贷款被核销",
        "| no_emp | 雇员人数 · employees | person | 0 … 10,000 | 预测值随之降",
        "| franchise | 加盟 · franchise | no, yes | – |", "训练至 training to 2002-09-30",
        "2004-2006 财年 · fiscal years 2004 to 2006", "| auc | 0.7261 | 0.711 … 0.741 | 13,781 |",
        "| by_state · CA | 0.7 | – | 900 |", "| ks | – | – | – |", "| knots | 1, 2.5 |",
        "- 样本少 · few rows\n- plain\n- 合并代码 · codes pooled", "- PSI &gt; 0.1", "3f9a" * 16, "| scikit-learn 1.9.0 |",
        "20261126", "    python -m models train C DATA\n    --out O",
    ):  # fmt: skip
        assert part in told, part
    assert "未给出" not in told


def test_what_is_missing_is_said_to_be() -> None:
    told = card({**BARE, "origin": "institution"})
    # every section but the lineage is empty, and in it three lines are
    assert told.count("未给出 not given") == len(TITLES) - 1 + 3
    assert "未给出 not given" in card({**BARE, "origin": "expert", "target": {"column": "y"}})


def test_what_training_writes_is_told(tmp_path) -> None:
    _, fitted, frame = release(tmp_path / "made")
    written = manifest_of(config(), frame, fitted, {}, {})
    told = card(written)
    for part in (
        "bad [1]: 一年内逾期 90 天 · 90 days past due within a year", written["lineage"]["data_sha256"],
        written["lineage"]["code_sha256"], written["lineage"]["engine_version"], "| 5 |",
    ):  # fmt: skip
        assert part in told, part


@pytest.mark.parametrize("origin", WARNINGS)
def test_each_origin_warns_first(origin) -> None:
    lines = card({**BARE, "origin": origin}).splitlines()
    assert lines[2:4] == [f"**{WARNINGS[origin].zh}**", f"**{WARNINGS[origin].en}**"]


@pytest.mark.parametrize("change", [{"origin": "heard"}, {"origin": ""}, {"version": ""}])
def test_a_card_without_a_name_or_origin_is_refused(change) -> None:
    with pytest.raises(ModelError):
        card({**BARE, "origin": "foreign", **change})


def test_the_manifest_of_a_price_model_has_a_card() -> None:
    told = card({
        "name": "land-rent", "version": "0123456789ab", "kind": "price", "form": "boosting",
        "origin": "synthetic", "target": "market_rent_yuan_per_mu_year",
        "features": [described(Feature("area_mu", unit="mu", direction=-1))],
        "calibrate_from": "2025-01-01", "test_from": "2026-01-01", "seed": 0,
        "metrics": {"coverage": 0.9012, "n_test": 4000.0},
        "lineage": {"data_sha256": "ab" * 32, "engine_version": "0.1.0"},
    })  # fmt: skip
    for part in (
        "market_rent_yuan_per_mu_year",
        "检验自 test from 2026-01-01",
        "| n_test | 4,000 |",
    ):
        assert part in told


def test_hostile_names_stay_names_in_a_markdown_reader() -> None:
    name = "a|b](javascript:x)`*<script>alert(1)</script>\n# head"
    feature = Feature(name, "category", codes=(name,), title=Text(name, name))
    told = card({
        **BARE, "name": name, "origin": "foreign", "features": [described(feature)],
        "metrics": {name: 0.5}, "counts": {name: 3}, "limits": [name], "use": name,
    })  # fmt: skip
    html = MarkdownIt("commonmark").enable("table").render(told)
    assert "<script" not in told and "<script" not in html
    assert "<a " not in html and "<code>a" not in html
    assert html.count("<h1>") == 1 and html.count("<h2>") == len(TITLES)
    rows = [row.count("<td") for row in html.split("<tr>")[1:]]
    assert {5, 4, 2} == set(rows) - {0}
    assert plain(name) == "a\\|b\\](javascript:x)\\`\\*&lt;script&gt;alert(1)&lt;/script&gt; # head"
