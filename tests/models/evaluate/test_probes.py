"""Leakage probes on made-up leaks and on the SBA loans, whose leaks are known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.evaluate import ProbeBars, probe
from models.evaluate.single import bins_of, column_of, cross_fitted_area, heap_gap
from riskengine.errors import ModelError


def loans(seed: int = 0, n: int = 4000) -> pd.DataFrame:
    """Honest loans: a weak feature, noise, a round term, a crop."""
    rng = np.random.default_rng(seed)
    amount = np.round(rng.lognormal(11.0, 0.8, n), -3)
    logit = -1.5 + 0.4 * (np.log(amount + 1.0) - 11.0)
    bad = rng.random(n) < 1.0 / (1.0 + np.exp(-logit))
    start = np.datetime64("2018-01-01") + rng.integers(0, 1500, n)
    return pd.DataFrame(
        {
            "loan": rng.permutation(n) + 10_000,
            "granted_on": start.astype("datetime64[s]"),
            "bad": bad.astype(int),
            "amount": amount,
            "term": rng.choice([12, 24, 36, 60], n, p=[0.2, 0.3, 0.3, 0.2]),
            "crop": rng.choice(["rice", "tea", "wheat"], n),
            "noise": rng.standard_normal(n),
        }
    )


def kinds(frame: pd.DataFrame, **more: object) -> dict[str, set[str]]:
    """Kinds of finding by column."""
    found: dict[str, set[str]] = {}
    for one in probe(frame, "bad", "granted_on", identifier="loan", **more):
        assert one.words.zh
        assert "{" not in one.words.en + one.words.zh
        found.setdefault(one.feature, set()).add(one.kind)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_honest_loans_have_no_finding(seed: int) -> None:
    assert kinds(loans(seed)) == {}


def test_each_leak_is_found_by_its_probe() -> None:
    frame = loans(1)
    rng = np.random.default_rng(1)
    bad = frame["bad"].to_numpy() == 1
    lived = rng.integers(30, 1500, len(frame))
    frame["ended_on"] = frame["granted_on"] + pd.to_timedelta(lived, unit="D")
    frame["result"] = np.where(bad, "loss", "paid")
    frame["guarantor"] = np.where(bad & (rng.random(len(frame)) < 0.6), None, "A")
    frame["paid_on"] = frame["granted_on"] + pd.to_timedelta(rng.integers(-9, 40, len(frame)), "D")
    frame["term"] = np.where(bad, np.minimum(frame["term"], lived // 30), frame["term"])
    frame["visits"] = np.where(bad, lived // 10, rng.integers(0, 150, len(frame)))
    frame["batch"] = (frame["granted_on"] - pd.Timestamp("2018-01-01")).dt.days // 30
    frame["overdue_days"] = rng.standard_normal(len(frame))
    found = kinds(frame, ended_on="ended_on", known_on={"noise": "paid_on"})
    assert found["result"] == {"copies_the_outcome"}
    assert "missing_tells" in found["guarantor"]
    assert "after_the_decision" in found["paid_on"]
    assert "leaves_the_heap" in found["term"]
    assert "follows_life" in found["visits"]
    assert "clock" in found["batch"]
    assert found["overdue_days"] == {"name"}
    assert found["noise"] == {"known_later"}
    assert not {"amount", "crop"} & found.keys()


def test_order_of_loans_that_knows_the_outcome_is_found() -> None:
    frame = loans(2)
    frame["loan"] = np.argsort(np.argsort(frame["bad"] + np.random.default_rng(2).random(4000) * 4))
    assert kinds(frame) == {"loan": {"identifier_order"}}
    assert kinds(frame.sort_values("bad"))["rows"] == {"row_order"}
    frame["loan"] = "N" + frame["loan"].astype(str).str.zfill(6)
    assert kinds(frame) == {"loan": {"identifier_order"}}


def test_year_that_stands_for_the_economy_fades() -> None:
    frame = loans(3)
    year = frame["granted_on"].dt.year
    bad_years = year.isin([2019, 2021])
    frame["bad"] = (np.random.default_rng(3).random(4000) < np.where(bad_years, 0.6, 0.1)) * 1
    frame["month"] = (frame["granted_on"] - pd.Timestamp("2018-01-01")).dt.days // 30
    assert kinds(frame)["month"] >= {"fades", "clock"}


def test_one_column_areas() -> None:
    rng = np.random.default_rng(4)
    x = rng.standard_normal(4000)
    y = (rng.random(4000) < np.where(np.abs(x) > 1.0, 0.6, 0.1)).astype(float)
    fold = rng.permutation(4000) % 5
    shaped = cross_fitted_area(bins_of(column_of(pd.Series(x))), y, fold)
    assert shaped > 0.7  # a U, which the order of x does not see
    nothing = cross_fitted_area(bins_of(column_of(pd.Series(rng.random(4000)))), y, fold)
    assert nothing == pytest.approx(0.5, abs=0.04)
    assert heap_gap(np.full(4000, np.nan), y, 0.01) == 0.0


def test_columns_of_every_kind_become_numbers() -> None:
    kinds_of = {
        "number": [pd.Series([1, 2, None], dtype="Int8"), pd.Series([True, False, True])],
        "date": [pd.Series(pd.to_datetime(["2020-01-02", None, "2020-01-03"]))],
        "category": [pd.Series(["a", None, "b"]), pd.Series(["a", "a", "b"], dtype="category")],
    }
    for kind, columns in kinds_of.items():
        for series in columns:
            found = column_of(series)
            assert found.kind == kind
            assert np.array_equal(np.isnan(found.values), series.isna().to_numpy())
    aware = pd.Series(pd.to_datetime(["2020-01-02"]).tz_localize("Asia/Shanghai"))
    assert column_of(aware).values.tolist() == [18263.0]
    assert np.isnan(column_of(pd.Series([np.inf])).values).all()


def test_bad_requests_are_refused() -> None:
    frame = loans(5)
    with pytest.raises(ModelError):
        probe(frame, "bad", "decided")
    with pytest.raises(ModelError):
        probe(frame.assign(bad=0), "bad", "granted_on")
    with pytest.raises(ModelError):
        probe(frame, "bad", "granted_on", known_on={"noise": "nowhere"})
    strict = ProbeBars(strong=0.5)
    assert probe(frame, "bad", "granted_on", ["amount"], bars=strict)[0].kind == "too_strong"


HONEST = ("gr_appv", "no_emp", "new_exist", "guaranteed_share", "sector")
LEAKS = ("term_months", "chgoff_prin", "chgoff_date", "mis_status", "disbursement_date")


@pytest.mark.parametrize("source", ["strat30k", "contig22k"])
def test_sba_leaks_are_rejected_and_origination_features_are_not(
    shared_data: Path, source: str
) -> None:
    frame = pd.read_parquet(shared_data / "sba7a_loans.parquet")
    frame = frame[frame["source"] == source]
    frame = frame.assign(
        guaranteed_share=frame["sba_appv"] / frame["gr_appv"],
        sector=(frame["naics"] // 10_000).astype(str),
    )
    found = probe(
        frame, "default", "approval_date", identifier="loan_nr", ended_on="chgoff_date",
        known_on={"disbursement_gross": "disbursement_date"},
    )  # fmt: skip
    rejected = {one.feature for one in found if one.severity == "reject"}
    assert {*LEAKS, "disbursement_gross"} <= rejected
    assert not set(HONEST) & {one.feature for one in found}
    term = {one.kind for one in found if one.feature == "term_months"}
    assert "leaves_the_heap" in term
    assert "identifier_order" in {one.kind for one in found}
