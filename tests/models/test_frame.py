"""The door for training data: every fault is told before training, and no row is lost."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.config import Config, parse
from models.frame import Frame, later, prepare
from models.intake import derived, read_table
from models.leakage import refuse_leaks
from riskengine.errors import ModelError
from tests.models.loans import MARK, config, content, loans, refusal
from tests.models.test_config import WRONG, changed, places


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return loans()


def refused(table: pd.DataFrame, how: Config | None = None) -> str:
    """What the door says; it says nothing of a person."""
    return refusal(lambda: prepare(table, how or config()))


def whole(frame: Frame) -> bool:
    """Whether the counts add up to the rows read."""
    counts = dict(frame.counts)
    rows = counts.pop("rows")
    return rows == sum(counts.values()) and frame.y.size == rows - sum(
        counts[name] for name in ("not_kept", "without_outcome", "rejected")
    )


# What is right.


def test_a_frame(table: pd.DataFrame) -> None:
    frame = prepare(table, config())
    assert whole(frame) and frame.counts["rejected"] == 0
    assert frame.x.flags.c_contiguous and frame.x.shape == (4, 900)
    assert (np.diff(frame.day) >= np.timedelta64(0)).all()
    named = dict(zip(table["loan_no"], table["years"], strict=True))
    assert [named[name] for name in frame.table["loan_no"]] == frame.x[1].tolist()
    crops = {"rice": 0.0, "tea": 1.0, "hogs": 2.0}
    told = frame.table["crop"].map(crops).to_numpy(float, na_value=np.nan)
    np.testing.assert_array_equal(frame.x[3], told)
    last = {"train": "2021-12-31", "calibrate": "2022-12-31", "test": "2023-12-31"}
    for name, day in last.items():
        assert np.datetime64(day) - 20 < frame.of(name).day.max() <= np.datetime64(day)
    assert frame.of("train").day.max() < frame.of("calibrate").day.min()


def test_the_order_of_the_file_does_not_matter(table: pd.DataFrame) -> None:
    first, second = (prepare(t, config()) for t in (table, table.sample(frac=1.0, random_state=3)))
    assert first.digest == second.digest
    np.testing.assert_array_equal(first.x, second.x)
    assert first.table["loan_no"].tolist() == second.table["loan_no"].tolist()


def test_identifiers_of_several_kinds_are_ordered(table: pd.DataFrame) -> None:
    mixed = table.assign(loan_no=[k if k % 2 else f"n{k}" for k in range(900)])
    assert prepare(mixed, config()).y.size == 900


def test_days_in_any_form(table: pd.DataFrame) -> None:
    first = prepare(table, config())
    day = table["decided_on"]
    number = day.dt.strftime("%Y%m%d").astype(int)
    mixed = day.dt.strftime("%Y/%m/%d").where(np.arange(900) % 2 == 0, day.dt.strftime("%Y-%m-%d"))
    for form in (
        number,
        mixed,
        day.dt.date,
        day.dt.tz_localize("Asia/Shanghai"),
        day + pd.Timedelta("23h"),
    ):
        assert prepare(table.assign(decided_on=form), config()).digest == first.digest


def test_codes_are_taken_from_training_alone(table: pd.DataFrame) -> None:
    late = table["decided_on"] > "2021-12-31"
    strange = table.assign(crop=table["crop"].where(~late, "kiwi"))
    changes = content()["features"] | {"crop": {"kind": "category", "most_codes": 2}}
    frame = prepare(strange, config(features=changes))
    assert frame.features[3].codes == ("rice", "tea")  # the commonest, in letter order
    assert np.isnan(frame.of("test").x[3]).all()


def test_messy_columns_become_clean(table: pd.DataFrame) -> None:
    how = config(
        derive={"crop": "code", "years": "months / 12", "late": "years > 30"},
        recode={"code": {"1": "rice", "2": "tea", "3": "hogs", "0": ""}},
        missing={"income_yuan": [-999]}, keep="channel == 'branch'",
    )  # fmt: skip
    places = {"rice": 1.0, "tea": 2.0, "hogs": 3.0}
    messy = table.assign(
        code=table["crop"].map(places).astype(float), months=table["years"] * 12,
        income_yuan=table["income_yuan"].fillna(-999),
        channel=pd.array(["branch"] * 800 + ["web"] * 50 + [None] * 50, dtype="string"),
    ).drop(columns=["crop", "years"]).rename(columns={"code": " code "})  # fmt: skip
    frame, clean = prepare(messy, how), prepare(table[:800], config())
    np.testing.assert_array_equal(frame.x, clean.x)
    assert whole(frame) and frame.counts["not_kept"] == 100


def test_drift_needs_no_outcome(table: pd.DataFrame) -> None:
    """Rows of today have no status yet: what makes the target is not asked for."""
    how = config(derive={"bad": "status == 'off'", "lag": "bad + 1"}, recode={"status": {"x": "off"}},
                 missing={"paid_on": [0]})  # fmt: skip
    today = table.drop(columns=["bad", "sex"])
    assert "bad" not in derived(today, how, outcome=False)
    assert "column paid_on is missing" in refusal(lambda: derived(today, how))


def test_rows_set_aside_are_counted_with_their_reason(table: pd.DataFrame) -> None:
    bad = table.copy()
    bad.loc[:9, "debt_to_income"] = -1.0
    bad.loc[5:14, "years"] = np.inf
    bad.loc[20, "bad"] = 2.0
    bad.loc[30:40, "bad"] = np.nan
    assert "debt_to_income: outside [0, inf] in 10 of 889 rows (first: row 1, 2, 3)" in refused(bad)
    frame = prepare(bad, config(reject_share=0.05))
    assert whole(frame)
    assert (frame.counts["rejected"], frame.counts["without_outcome"]) == (16, 11)
    assert set(frame.rejected["row"]) == {*range(1, 16), 21}
    assert set(frame.rejected.columns) == {"row", "column", "fault"}
    refused(bad, config(reject_share=0.01))


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.sampled_from([0.0, 0.02, 0.3]))
def test_nothing_is_lost(seed: int, share: float) -> None:
    """Whatever is wrong with whichever rows, the counts add up or the file is refused."""
    rng = np.random.default_rng(seed)
    table = loans(300, seed=seed % 97)
    for name in ("years", "bad", "debt_to_income"):
        rows = rng.random(300) < share
        table[name] = table[name].astype(float).mask(rows, rng.choice([np.nan, np.inf, -7.0, 0.5]))
    table.loc[rng.random(300) < share / 2, "decided_on"] = pd.NaT
    try:
        frame = prepare(table, config(reject_share=0.9))
    except ModelError as error:
        assert error.wrong.zh
    else:
        assert whole(frame)


def test_later_rows_are_those_that_a_model_has_not_seen(table: pd.DataFrame) -> None:
    how = config()
    frame = later(table, how, prepare(table, how).features)
    assert frame.day.min() > np.datetime64(how.split.calibrate_to)
    assert set(frame.part) == {"test"}
    old = table[table["decided_on"] <= "2022-12-31"]
    assert "no row lies after 2022-12-31" in refusal(lambda: later(old, how, how.features))


# What is wrong.

Change = Callable[[pd.DataFrame], Any]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.assign(bad=0), "bad has one class only in the train rows"),
        (lambda t: t.assign(bad=t["bad"].where(t["decided_on"] < "2023", 1)),
         "bad has one class only in the test rows"),
        (lambda t: t.assign(bad=np.nan), "only 0 train rows"),
        (lambda t: t.assign(bad=0.5), "bad holds other than 0 and 1"),
        (lambda t: t.assign(bad=t["bad"] * 2), "bad: outside [0, 1]"),
        (lambda t: t.assign(bad="是"), "bad: not a number"),
        (lambda t: t.assign(years=np.nan), "years is missing in every training row"),
        (lambda t: t.assign(crop=None), "crop is missing in every training row"),
        (lambda t: t.assign(years=3.0), "years is the same in every training row"),
        (lambda t: t.assign(crop=t["crop"].fillna("kiwi")), "crop: code never declared"),
        (lambda t: t.assign(loan_no=[*t["loan_no"][:-1], t["loan_no"][0]]), "identifier stands in more"),
        (lambda t: t.assign(loan_no=[*range(899), " 7 "]), "identifier stands in more than one row in 2"),
        (lambda t: t.assign(loan_no=[None, *t["loan_no"][1:]]), "no identifier in 1"),
        (lambda t: t.assign(decided_on=[None, *t["decided_on"][1:]]), "no day, or not a date in 1"),
        (lambda t: t.assign(decided_on=36000 + np.arange(900)), "no day, or not a date in 900"),
        (lambda t: t.assign(decided_on="last year"), "no day, or not a date in 900"),
        (lambda t: t.assign(years=t["years"].replace(3.0, np.inf)), "years: not finite"),
        (lambda t: t.assign(years=t["years"].astype(str) + "年"), "years: not a number in 900"),
        (lambda t: t.assign(years=t["decided_on"]), "years: not a number in 900"),
        (lambda t: t.assign(years=t["decided_on"] - t["decided_on"].min()), "years: not a number"),
        (lambda t: t.assign(income_yuan=-t["income_yuan"]), "income_yuan: outside [0, inf]"),
        (lambda t: t.drop(columns="years"), "column years is missing"),
        (lambda t: t.drop(columns="sex"), "column sex is missing"),
        (lambda t: t.drop(columns=["bad", "crop"]), "column bad is missing; column crop is missing"),
        (lambda t: pd.concat([t, t["years"]], axis=1), "columns stand twice: years"),
        (lambda t: t.assign(**{" years": t["years"]}), "columns stand twice: years"),
        (lambda t: t[t["decided_on"] < "2023"], "only 0 test rows; move the days of [split]"),
        (lambda t: t[t["decided_on"] > "2021-12-20"], "train rows; move the days"),
        (lambda t: t[:0], "only 0 train rows"),
    ],
)  # fmt: skip
def test_refused(change: Change, told: str, table: pd.DataFrame) -> None:
    assert told in refused(change(table))


@pytest.mark.parametrize("times", [1e4, 1e-4, 666.67, 1 / 666.67, 15.0, 100.0, 1000.0, 12.0])
@pytest.mark.parametrize("part", ["2022", "2023"])
def test_wrong_units_in_a_later_part(times: float, part: str, table: pd.DataFrame) -> None:
    rows = table["decided_on"].dt.year == int(part)
    slip = table.assign(income_yuan=table["income_yuan"].where(~rows, table["income_yuan"] * times))
    assert "wrong unit? a usual slip is" in refused(slip)


def test_a_real_change_is_no_slip_of_unit(table: pd.DataFrame) -> None:
    rows = table["decided_on"].dt.year == 2023
    for times in (1.0, 2.0, 4.0, 0.3):
        prepare(
            table.assign(income_yuan=table["income_yuan"] * np.where(rows, times, 1.0)), config()
        )


def test_days_out_of_order(table: pd.DataFrame) -> None:
    ends = table["decided_on"] + pd.Timedelta(days=365)
    ends = ends.where(np.arange(900) != 4, table["decided_on"] - pd.Timedelta(days=1))
    how = config(order=[["decided_on", "due_on"]])
    assert "due_on: day lies before decided_on in 1 of 900 rows (first: row 5)" in refused(
        table.assign(due_on=ends), how
    )
    assert "column due_on is missing" in refused(table, how)
    assert prepare(table.assign(due_on=pd.NaT), how).y.size == 900  # not known is not wrong


@pytest.mark.parametrize("weight", [0.0, -1.0, np.inf, np.nan, "a"])
def test_weights(weight: Any, table: pd.DataFrame) -> None:
    heavy = table.assign(w=pd.Series([weight] + [2.0] * 899, dtype=object))
    assert "w: weight is not above 0 in 1" in refused(heavy, config(weight="w"))
    assert (prepare(table.assign(w="2.5"), config(weight="w")).weight == 2.5).all()


def test_every_fault_is_told_at_once(table: pd.DataFrame) -> None:
    worse = table.assign(years=np.inf, debt_to_income=-1.0, bad=2)
    told = refused(worse)
    assert all(
        part in told for part in ("years: not finite", "debt_to_income: outside", "bad: outside")
    )
    told = refused(table.assign(years=np.nan, crop="tea"))
    assert "years is missing" in told and "crop is the same" in told


# Leaks.


def test_a_copy_of_the_target_is_refused(table: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    copied = table.assign(years=table["bad"] * 10.0 + rng.normal(0.0, 1.0, 900))
    told = refusal(lambda: refuse_leaks(prepare(copied, config()), config()))
    assert "years" in told
    allowed = config(allow={"years": "known at the decision: see the minutes"})
    assert refuse_leaks(prepare(copied, allowed), allowed)["years"].startswith("known")


def test_a_term_that_is_cut_short_is_refused(table: pd.DataFrame) -> None:
    """SBA's own leak: the term of a loan written off was cut to the months that it lived."""
    rng = np.random.default_rng(2)
    cut = table.assign(years=np.where(table["bad"] == 1, rng.integers(1, 59, 900), 84.0))
    assert "years" in refusal(lambda: refuse_leaks(prepare(cut, config()), config()))


def test_honest_features_pass(table: pd.DataFrame) -> None:
    assert not refuse_leaks(prepare(table, config()), config())


def test_columns_beside_the_features_do_not_stop_training(table: pd.DataFrame) -> None:
    how = config(outside=["bad", "decided_on", "nowhere"])
    assert not refuse_leaks(prepare(table, how), how)


# Files.


def test_files_of_every_kind(table: pd.DataFrame, tmp_path: Path) -> None:
    chinese = table.rename(columns={"years": "年限"})
    chinese.to_parquet(tmp_path / "a.parquet")
    chinese.to_csv(tmp_path / "b.csv", index=False, encoding="gb18030")
    chinese.to_csv(tmp_path / "c.CSV", index=False, encoding="utf-8-sig")
    chinese.to_excel(tmp_path / "d.XLSX", index=False)
    digests = {
        prepare(read_table(path).rename(columns={"年限": "years"}), config()).digest
        for path in sorted(tmp_path.iterdir())
    }
    assert digests == {prepare(table, config()).digest}


def test_files_that_cannot_be_read(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_parquet(tmp_path / "whole.parquet")
    table[:40].to_excel(tmp_path / "whole.xlsx", index=False)
    for name in ("whole.parquet", "whole.xlsx"):
        raw = (tmp_path / name).read_bytes()
        for part in (
            b"",
            raw[: len(raw) // 2],
            raw[:-8],
            b"x" * 100,
            raw[: len(raw) // 3] + raw[len(raw) // 2 :],
        ):
            (tmp_path / f"cut.{name[6:]}").write_bytes(part)
            told = refusal(lambda name=name: read_table(tmp_path / f"cut.{name[6:]}"))
            assert "cut." in told and str(tmp_path) not in told
    for raw in (
        b"",
        b"\xff\xff\xff,b\n1,2\n",
        b"a,b\n",
        b'a,b\n1,2,3\n"',
        b"a,a\n1,2\n",
        b"\x00\x01\x02",
    ):
        (tmp_path / "a.csv").write_bytes(raw)
        assert refusal(lambda: read_table(tmp_path / "a.csv"))
    told = refusal(lambda: read_table(tmp_path / "none.csv"))
    assert "none.csv" in told and str(tmp_path) not in told
    assert refusal(lambda: read_table(tmp_path))


def test_a_heading_that_stands_twice(tmp_path: Path) -> None:
    """pandas would call the second one `a.1`, and nobody would know."""
    (tmp_path / "a.csv").write_text("a,b,a\n1,2,3\n", encoding="utf-8")
    assert "columns stand twice: a" in refusal(lambda: read_table(tmp_path / "a.csv"))
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    twice.to_excel(tmp_path / "a.xlsx", index=False)
    assert "columns stand twice: a" in refusal(lambda: read_table(tmp_path / "a.xlsx"))


# Any configuration that is read meets any table: a frame, or an error in words.


@pytest.mark.parametrize(
    "path", [p for p in places() if p[0] not in ("calibration", "surprise")], ids=".".join
)
def test_any_configuration_meets_the_rows(path: tuple[str, ...]) -> None:
    table = loans(150)
    more = (*WRONG, date(2021, 6, 1), "sex", "years", ["sex"], [["decided_on", "years"]],
            {"years": "crop"}, {"years": "-years"}, {"years": "income_yuan / 0"},
            {"years": {"1.0": "x"}}, {"years": [1.0, "x", date(2020, 1, 1)]}, "income_yuan")  # fmt: skip
    for value in more:
        try:
            assert isinstance(prepare(table, parse(changed(path, value))), Frame)
        except ModelError as error:
            assert error.wrong.zh and error.wrong.en and MARK not in error.wrong.en + error.wrong.zh
