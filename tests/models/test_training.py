"""From a file to a candidate: the same every time, refused before it starts, nobody named."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from models import training
from models.frame import prepare
from models.kinds import KINDS
from models.pd.train import fit_default
from models.search import best, search
from models.store import Registry
from models.training import Candidate, manifest_of, train
from riskengine.learned import load_release, read_release
from tests.models.loans import MARK, config, loans, refusal

DAY = date(2028, 12, 31)
SEARCH = "\n[search]\nleaves = [3]\nfolds = 1\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    """A card trained with everything that belongs to it."""
    registry = Registry(tmp_path_factory.mktemp("registry") / "new")
    return train(config(), loans(), registry, DAY)


def test_a_candidate_with_its_proof(trained: Candidate) -> None:
    assert trained.folder.parent.name == "made-loans"
    names = {path.name for path in trained.folder.iterdir()}
    assert names == {"arrays.npz", "manifest.json", "card.md", "config.toml", "model.joblib",
                     "report.zh.html", "report.en.html"}  # fmt: skip
    told = read_release(trained.folder).manifest
    assert set(told["files"]) == names - {"manifest.json", "model.joblib"}
    assert told["metrics"]["auc"] == trained.assessment.metrics["auc"] > 0.6
    assert told["metrics"]["score_forward"] > 0.5
    assert told["counts"]["test"] == told["metrics"]["n"]
    assert [name for name, *_ in told["bar"]] and all(row[3] for row in told["bar"])
    assert told["lineage"]["data_sha256"] == prepare(loans(), config()).digest
    registry = Registry(trained.folder.parents[1])
    assert registry.stages("made-loans") == {trained.version: "candidate"}
    assert not list(registry.root.glob(".staged*"))
    np.testing.assert_array_equal(
        load_release(trained.folder).pd(np.ones((len(told["features"]), 3))),
        trained.model.pd(np.ones((len(told["features"]), 3))),
    )


class Tags(HTMLParser):
    """Open tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)


def test_the_report_is_a_page_in_both_languages(trained: Candidate) -> None:
    for language, word in (("zh", "区分能力"), ("en", "iscrimination")):
        page = (trained.folder / f"report.{language}.html").read_text(encoding="utf-8")
        tags = Tags()
        tags.feed(page)
        assert word in page and {"html", "table", "h2"} <= set(tags.seen)
        assert "script" not in tags.seen and 'src="http' not in page


def test_nobody_is_named_and_no_machine(trained: Candidate) -> None:
    """Not in arrays, manifest, card, configuration, report, nor in the estimator's file."""
    for path in sorted(trained.folder.iterdir()):
        raw = path.read_bytes()
        assert MARK.encode() not in raw and MARK.encode("utf-16-le") not in raw, path.name
        assert str(trained.folder.parents[1]).encode() not in raw, path.name
        assert str(Path.cwd()).encode() not in raw, path.name
    assert MARK not in json.dumps(dict(Registry(trained.folder.parents[1]).stages("made-loans")))


def test_the_order_of_the_file_changes_nothing(trained: Candidate, tmp_path: Path) -> None:
    shuffled = loans().sample(frac=1.0, random_state=11)
    again = train(config(), shuffled, Registry(tmp_path), date(2030, 1, 1), by="another")
    assert again.version == trained.version
    for name in ("arrays.npz", "card.md", "config.toml"):
        assert (again.folder / name).read_bytes() == (trained.folder / name).read_bytes()
    first, second = (dict(read_release(one.folder).manifest) for one in (trained, again))
    first.pop("files"), second.pop("files")  # the report tells rows of the file
    assert first == second


SCRIPT = """
import sys
from pathlib import Path
from tests.models.test_training import arrays_of
print(arrays_of(Path(sys.argv[1]), 1))
"""


def arrays_of(memory: Path, jobs: int) -> str:
    """Digest of scores and arrays, and the version of a boosted model found by search."""
    how = config("boosting", SEARCH)
    frame = prepare(loans(), how)
    tried = search(how, frame.of("train"), KINDS["default"].score, memory, jobs)
    fitted = fit_default(how, frame.of("train", "calibrate"), best(tried))
    digest = hashlib.sha256(repr([(dict(one.settings), one.scores) for one in tried]).encode())
    for name in sorted(fitted.arrays):
        digest.update(name.encode() + np.ascontiguousarray(fitted.arrays[name]).tobytes())
    return f"{digest.hexdigest()} {manifest_of(how, frame, fitted, best(tried), {})['version']}"


def test_threads_and_jobs_change_nothing(tmp_path: Path) -> None:
    """One thread of OpenMP and BLAS in another process; two, and two tasks at a time, here."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "PYTHONHASHSEED")
    alone = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "alone")], stdout=subprocess.PIPE, text=True,
        env={**os.environ, **dict.fromkeys(names, "1")},
    )  # fmt: skip
    with threadpool_limits(2):
        here = arrays_of(tmp_path / "here", 2)
    said, _ = alone.communicate(timeout=120)
    assert alone.returncode == 0
    assert said.strip() == here


def test_other_test_rows_are_another_version(trained: Candidate) -> None:
    """The proof belongs to the version: figures on other rows must not stand under its name."""
    how, table = config(), loans()
    late = table["decided_on"] > "2023-06-30"
    versions = set()
    for rows in (table, table[~late]):
        frame = prepare(rows, how)
        fitted = fit_default(how, frame.of("train", "calibrate"), {})
        versions.add(manifest_of(how, frame, fitted, {}, {})["version"])
    assert len(versions) == 2 and trained.version in versions


# Refused before anything is trained.


def never(*args: Any) -> Any:
    raise AssertionError("something was trained")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.assign(bad=1), "one class only"), (lambda t: t.assign(years=np.nan), "missing in every"),
        (lambda t: t.assign(crop="kiwi"), "code never declared"), (lambda t: t.assign(loan_no=1), "more than one row"),
        (lambda t: t.assign(debt_to_income=np.inf), "not finite"), (lambda t: t.drop(columns="bad"), "bad is missing"),
        (lambda t: t.assign(years=t["bad"] * 3.0), "years"),
        (lambda t: t.assign(income_yuan=t["income_yuan"] * np.where(t["decided_on"] > "2022", 1e4, 1.0)), "unit"),
    ],
)  # fmt: skip
def test_bad_data_are_refused_before_training(
    change: Callable[[pd.DataFrame], pd.DataFrame], told: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("search", "validated", "write_release"):
        monkeypatch.setattr(training, name, never)
    registry = Registry(tmp_path / "registry")
    assert told in refusal(lambda: train(config(), change(loans()), registry, DAY))
    assert not registry.root.exists()


@pytest.mark.parametrize(
    ("form", "more"),
    [
        ("boosting", "\n[settings]\nleaves = 'many'\n"), ("boosting", "\n[settings]\nlearning_rate = -1\n"),
        ("boosting", "\n[settings]\nleavs = 3\n"), ("boosting", "\n[settings]\niterations = 1.5\n"),
        ("boosting", "\n[settings]\nmax_bins = [1]\n"), ("boosting", "\n[settings]\nseed = {a = 1}\n"),
        ("boosting", "\n[search]\nleafs = [3]\n"),
        ("boosting", "\n[search]\nleaves = ['x']\n"),
        ("scorecard", "\n[settings]\nmax_bins = 'few'\n"), ("scorecard", "\n[settings]\nmax_bins = 0\n"),
        ("scorecard", "\n[settings]\npdo = 'x'\n"), ("scorecard", "\n[settings]\npdo = 0\n"),
        ("scorecard", "\n[settings]\nridge = -1.0\n"), ("scorecard", "\n[settings]\nwrong_sign = []\n"),
        ("scorecard", "\n[settings]\nspecials = 5\n"), ("scorecard", "\n[settings]\nspecials = {years = 'x'}\n"),
        ("scorecard", "\n[settings]\nmin_iv = 'x'\n"), ("scorecard", "\n[settings]\nmin_iv = 99\n"),
        ("scorecard", "\n[settings]\nbins = 5\n"), ("scorecard", "\n[settings]\nshape = 5\n"),
        ("scorecard", "\n[calibration]\nmethod = 'magic'\n"), ("scorecard", "\n[search]\nmax_bins = [[]]\n"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used(form: str, more: str, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    assert refusal(lambda: train(config(form, more), loans(300), registry, DAY))
    assert registry.names() == () and not list(registry.root.glob(".staged*"))


def test_nothing_is_left_of_a_run_that_was_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*args: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "document_of", cut)
    registry = Registry(tmp_path / "registry")
    with pytest.raises(KeyboardInterrupt):
        train(config(), loans(400), registry, DAY)
    assert registry.names() == () and not list(registry.root.glob(".staged*"))


def test_the_run_is_told_and_the_scores_of_its_search_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []

    def cut(*args: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "manifest_of", cut)
    registry = Registry(tmp_path / "registry")
    with pytest.raises(KeyboardInterrupt):
        train(
            config("boosting", SEARCH),
            loans(400),
            registry,
            DAY,
            tell=lambda *step: steps.append(step),
        )
    assert steps[0][0] == "check"
    assert ("search", 2, 2) in steps and steps[-1][0] == "assess"
    assert len(list((registry.root / ".search" / "made-loans").glob("*.json"))) == 2
    assert registry.names() == ()


def test_rows_set_aside_are_told_one_by_one(tmp_path: Path) -> None:
    """Rows in are rows used plus rows told, and the file names no value and nobody."""
    table = loans().astype({"years": object})
    table.loc[[3, 8], "years"] = ["ten", "x"]
    made = train(config(reject_share=0.01), table, Registry(tmp_path), DAY)
    told = pd.read_csv(made.folder / "rejected.csv")
    assert told["row"].tolist() == [4, 9]
    assert set(told["fault"]) == {"not a number"}
    counts = read_release(made.folder).manifest["counts"]
    used = sum(counts[name] for name in ("train", "calibrate", "test", "later"))
    assert (
        counts["rows"] == used + counts["rejected"] + counts["not_kept"] + counts["without_outcome"]
    )
    assert counts["rejected"] == 2


def test_a_sample_drawn_by_outcome_answers_for_its_population(
    trained: Candidate, tmp_path: Path
) -> None:
    """Answers move by the draw's log odds; tests stay on the sample's own prior."""
    drawn = train(
        config(calibration={"sample_rate": 0.3, "target_rate": 0.05}), loans(), Registry(tmp_path),
        DAY,
    )  # fmt: skip
    shift = np.log(0.05 / 0.95) - np.log(0.3 / 0.7)
    assert read_release(drawn.folder).manifest["prior_shift"] == pytest.approx(shift, rel=1e-12)
    x = np.zeros((len(drawn.model.features), 1))
    moved = drawn.model.logit(x) - trained.model.logit(x)
    np.testing.assert_allclose(moved, shift, rtol=1e-12)
    before, after = trained.assessment.metrics, drawn.assessment.metrics
    for name in ("auc", "sample_pd", "ece", "cox_intercept", "jeffreys_p"):
        assert after[name] == pytest.approx(before[name], rel=1e-9), name
    assert after["mean_pd"] < 0.5 * before["mean_pd"]
