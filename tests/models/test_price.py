"""Land rent through the trainer: proof, then a say in the value of a right and in its loss."""

import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from models.config import Config, parse, read_config
from models.frame import Frame, prepare
from models.price.kind import fit_price
from models.price.rights import refuse_strangers
from models.price.settings import PriceSettings
from models.store import Registry, load_release, price_models
from models.training import Candidate, train
from riskengine.credit.collateral_recovery import lgd_with_collateral
from riskengine.credit.shortfall import gamma_times
from riskengine.errors import ModelError
from riskengine.learned.price_parts import period_of
from riskengine.learned.trees import raw_scores
from riskengine.market import demonstration
from riskengine.methods.inputs import Inputs
from riskengine.methods.learned import estimate
from riskengine.prospects import loss_of
from riskengine.revalue import revalue
from riskengine.rights import RIGHTS
from riskengine.rules import statute
from riskengine.sample import SAMPLES
from riskengine.single import check_records, value_one
from riskengine.valuation import LOG_ERROR, VALUE, Valuation
from service.app import create_app
from service.auth.caller import SCOPES, Caller, Role
from service.auth.keys import make_key, make_tenant
from service.auth.sealing import secrets_of
from service.clock import now
from service.examples import applications
from service.scoring.archive import archived
from service.scoring.equipment import equip, load_shared
from service.scoring.personal import personal_names
from service.scoring.replay import replay
from service.scoring.scorer import Reply, Scorer, Work
from service.settings import Settings
from service.store.database import open_database, writing
from service.store.migrate import migrate

CONFIG = Path("examples/models/land_rent.toml")
DAY = date(2026, 11, 24)
DEALS = 5000
LAND = RIGHTS["land"].by_name


def deals() -> pd.DataFrame:
    """Synthetic rows of the land table with a signal to find: water counts on wet uses alone."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame(SAMPLES["land"](rng, DEALS, DAY))
    wet = table["land_use"].isin(["paddy", "irrigated", "vegetable"])
    signal = -0.08 * table["soil_grade"].fillna(5.0)
    signal += np.where(wet, 1.2 * (table["irrigated_share"].fillna(0.5) > 0.5), 0.0)
    table["market_rent_yuan_per_mu_year"] = 500.0 * np.exp(signal + rng.normal(0.0, 0.2, DEALS))
    days = np.datetime64("2024-01-01") + rng.integers(0, 1000, DEALS).astype("timedelta64[D]")
    table["rent_reviewed_on"] = days
    table["right_id"] = [f"SYN{k}" for k in range(DEALS)]
    return table


@pytest.fixture(scope="module")
def config() -> Config:
    """The example with fewer trees."""
    text = CONFIG.read_text(encoding="utf-8")
    for name, many, few in (("iterations", 120, 30), ("quantile_iterations", 80, 20)):
        assert f"\n{name} = {many}\n" in text
        text = text.replace(f"\n{name} = {many}\n", f"\n{name} = {few}\n")
    return parse(tomllib.loads(text), text)


@pytest.fixture(scope="module")
def frame(config: Config) -> Frame:
    return prepare(deals(), config)


@pytest.fixture(scope="module")
def candidate(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Candidate:
    return train(config, deals(), Registry(tmp_path_factory.mktemp("registry")), DAY)


def test_the_example_speaks_of_the_land_table() -> None:
    """Names, units, codes and ranges are those of the contract: the engine hands its own columns."""
    config = read_config(CONFIG)
    assert (config.kind, config.settings["table"]) == ("price", "land")
    assert config.settings["quantity"] == "land_rent"
    assert config.id == RIGHTS["land"].identifier.name
    assert LAND[config.date].kind == "date"
    assert (LAND[config.target.column].kind, LAND[config.target.column].unit) == (
        "number", config.target.unit
    )  # fmt: skip
    assert LAND[config.settings["group"]].kind == "code"
    for feature in config.features:
        column = LAND[feature.name]
        assert feature.kind == {"code": "category", "number": "number"}[column.kind]
        assert feature.codes == column.codes
        assert feature.unit == (column.unit or "")
        if np.isfinite(feature.low):
            assert (feature.low, feature.high) == (column.low, column.high)
    directions = {feature.name: feature.direction for feature in config.features}
    assert directions == {
        "area_mu": 0, "land_use": 0, "soil_grade": -1, "irrigated_share": 1, "slope_degrees": -1
    }  # fmt: skip


def test_the_engine_codes_rights_as_the_trainer_coded_deals(
    candidate: Candidate, frame: Frame
) -> None:
    """The same rows through the contract of the land table and through the configuration."""
    rows = frame.of("test")
    cells = rows.table[[*candidate.model.features, "right_id", "region_code"]]
    records = cells.astype(object).where(cells.notna(), None).assign(kind="household")
    checked = check_records("land", records.to_dict("records"), DAY)
    assert not checked.faults
    inputs = Inputs(checked.batch, demonstration().on(DAY), statute().at(DAY))
    every = np.ones(inputs.size, dtype=bool)
    told = estimate(inputs, candidate.model, every)
    groups = [candidate.model.group_codes.index(use) for use in rows.table["land_use"]]
    expected = candidate.model.estimate(
        rows.x, np.array(groups), every, None, period_of(DAY, "quarter")
    )
    assert np.isfinite(told.price).mean() > 0.99
    for name in ("price", "log_error", "low", "high", "bound"):
        np.testing.assert_array_equal(getattr(told, name), getattr(expected, name))


def test_kernel_equals_scikit_learn_to_the_last_bit(candidate: Candidate, frame: Frame) -> None:
    low = np.where([feature.kind == "category" for feature in frame.features], np.nan, -1e9)
    odd = np.column_stack([np.full(len(low), np.nan), low])
    x = np.ascontiguousarray(np.hstack([frame.x, odd]))
    fitted = joblib.load(candidate.folder / "model.joblib")["trees"]
    assert len(fitted) == len(candidate.model.trees) == 3
    for released, estimator in zip(candidate.model.trees, fitted, strict=True):
        np.testing.assert_array_equal(raw_scores(released, x), estimator.predict(x.T))


def test_out_of_time_cover_and_skill(candidate: Candidate) -> None:
    figures = candidate.assessment.metrics
    assert 0.87 <= figures["coverage"] <= 0.93
    assert figures["median_ape"] < 0.16
    assert figures["r2_log"] > 0.4
    assert figures["beats_baselines"] == 1.0
    assert all(holds for *_, holds in candidate.model.manifest["bar"])


def test_monotone_directions_hold(candidate: Candidate, frame: Frame) -> None:
    x = np.tile([[10.0], [1.0], [5.0], [0.5], [2.0]], 10)
    group, every = np.zeros(10, dtype=np.int64), np.ones(10, dtype=bool)
    for row, values in ((2, np.arange(1.0, 11.0)), (3, np.linspace(1.0, 0.0, 10))):
        worse = x.copy()
        worse[row] = values
        told = candidate.model.estimate(worse, group, every)
        for prices in (told.price, told.low, told.high, told.bound):
            assert (np.diff(prices) <= 1e-9 * prices[1:]).all()


def test_same_data_same_arrays(config: Config, candidate: Candidate) -> None:
    """In whatever order the rows come."""
    shuffled = deals().sample(frac=1.0, random_state=1)
    again = fit_price(config, prepare(shuffled, config), config.settings)
    assert set(again.arrays) == set(candidate.model.arrays)
    for name, array in again.arrays.items():
        np.testing.assert_array_equal(array, candidate.model.arrays[name])


def test_a_rent_without_its_day_is_no_deal(config: Config) -> None:
    undated = deals()
    undated.loc[:99, "rent_reviewed_on"] = pd.NaT
    undated.loc[100:149, "market_rent_yuan_per_mu_year"] = np.nan
    found = prepare(undated, config)
    assert (found.counts["not_kept"], found.counts["without_outcome"]) == (100, 50)
    assert found.y.size == DEALS - 150


def test_what_the_engine_could_not_hand_over_is_refused_before_training(config: Config) -> None:
    """Each fault once; a count of years since a day of the table is fine."""
    area, use, *rest = config.features
    odd = (
        replace(area, unit="m2"), replace(use, codes=(*use.codes, "mine")), *rest[:2],
        replace(rest[2], kind="category", codes=("1", "2")), replace(area, name="distance"),
        replace(area, name="contract_end"), replace(area, name="years_since_contract_end"),
        replace(area, name="years_since_facilities_built_on", unit="year"),
    )  # fmt: skip
    settings = PriceSettings.of(config.settings)
    refuse_strangers(config.features, settings)
    refuse_strangers(odd, replace(settings, table=""))
    with pytest.raises(ModelError) as caught:
        refuse_strangers(odd, replace(settings, group="area_mu"))
    told = caught.value.wrong.en
    assert told.count(";") == 6
    for words in ("area_mu is in mu", "mine", "slope_degrees is a number", "distance is no column",
                  "contract_end must be", "years_since_contract_end must be", "group 'area_mu'"):  # fmt: skip
        assert words in told
    assert "facilities" not in told
    with pytest.raises(ModelError, match="none of land"):
        refuse_strangers(config.features, replace(settings, table="meadow"))
    with pytest.raises(ModelError, match="no code"):
        fit_price(config, prepare(deals(), config), {**config.settings, "group": "right_id"})


def test_the_card_says_what_it_was_trained_on(candidate: Candidate) -> None:
    assert "SYNTHETIC" in (candidate.folder / "card.md").read_text(encoding="utf-8")


def test_an_altered_release_is_refused(candidate: Candidate, tmp_path: Path) -> None:
    for path in candidate.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    raw = bytearray((tmp_path / "arrays.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "arrays.npz").write_bytes(raw)
    with pytest.raises(ModelError, match="match"):
        load_release(tmp_path)
    (tmp_path / "arrays.npz").unlink()
    with pytest.raises(ModelError, match="whole release"):
        load_release(tmp_path)


def test_the_arrays_hold_no_pickle(candidate: Candidate) -> None:
    with np.load(candidate.folder / "arrays.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fib" for name in stored.files)


FACTS = [
    "right_id=1", "kind=household", "region_code=370983", "area_mu=30", "land_use=paddy",
    "contract_end=2030-12-31", "soil_grade=3", "irrigated_share=0.9", "slope_degrees=1",
]  # fmt: skip


def valued(*models: object, facts: list[str] = FACTS) -> Valuation:
    return value_one(
        "land", facts, DAY, demonstration(), dict(zip(("land",), models, strict=False))
    )


def learned(valuation: Valuation) -> int:
    return [method.name for method in valuation.approach.methods].index("learned")


def test_reconciliation_uses_the_released_model(candidate: Candidate) -> None:
    with_model, without = valued(load_release(candidate.folder)), valued()
    k = learned(with_model)
    assert with_model.weights[k, 0] > 0.0
    assert without.weights[k, 0] == 0.0
    assert np.isnan(without.methods[k][VALUE, 0])
    assert with_model.reconciled[0, 0] != without.reconciled[0, 0]


def test_the_model_abstains_outside_what_it_saw(candidate: Candidate) -> None:
    far = [*FACTS[:3], "area_mu=900000", *FACTS[4:]]
    valuation = valued(load_release(candidate.folder), facts=far)
    assert np.isnan(valuation.methods[learned(valuation)][VALUE, 0])


def test_command_batch_and_service_give_the_same_value(
    candidate: Candidate, tmp_path: Path
) -> None:
    expected = valued(load_release(candidate.folder)).reconciled[0, 0]
    facts = dict(fact.split("=") for fact in FACTS)
    book, out = tmp_path / "book", tmp_path / "out"
    book.mkdir()
    pq.write_table(pa.table({name: [cell] for name, cell in facts.items()}), book / "land.parquet")
    revalue(book, out, DAY, learned=price_models([candidate.folder]))
    stored = pq.read_table(out / "results" / "land").to_pylist()[0]
    assert stored["market_value_yuan"] == expected
    assert stored["learned_weight"] > 0.0
    words = ["value", *FACTS, "--price-model", str(candidate.folder), "--valued-on", str(DAY)]
    command = [sys.executable, "-m", "riskengine", *words, "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed)["value"] == expected
    typed = {k: float(v) if LAND[k].kind == "number" else v for k, v in facts.items()}
    app = create_app(Settings(data=tmp_path / "service", price_models=(candidate.folder,)))
    with TestClient(app) as client:
        state = app.state.ready
        with writing(state.engine) as connection:
            make_tenant(connection, "bank", "bank", now())
            key = make_key(connection, state.secrets.pepper, "bank", Role.LENDER, "test", now())
        body = {"table": "land", "valued_on": str(DAY), "rights": [typed]}
        answer = client.post("/v1/valuations", json=body, headers={"X-API-Key": key}).json()
    assert answer["results"][0]["market_value_yuan"] == expected


def test_a_decision_is_made_again_by_the_price_model_of_its_day(
    candidate: Candidate, tmp_path: Path
) -> None:
    settings = Settings(
        data=tmp_path, price_models=(candidate.folder,), default_model="", secret="s" * 32
    )
    engine, secrets = open_database(settings), secrets_of(settings)
    migrate(engine)
    withdrawn = settings.model_copy(update={"price_models": ()})
    before, after = (archived(engine, one, load_shared(one)) for one in (settings, withdrawn))
    caller = Caller("t", "key", Role.LENDER, SCOPES[Role.LENDER], 1000)
    work = Work(caller, next(iter(applications().values())), "trace", None)
    scorer = Scorer(engine, secrets, personal_names())
    replies = [scorer([work], equip(shared))[0] for shared in (before, after)]
    assert all(isinstance(one, Reply) for one in replies)
    told = [json.loads(one.body)["collateral"]["rights"][0] for one in replies]
    assert told[0]["market_value_yuan"] != told[1]["market_value_yuan"]
    for one, other in zip(replies, (after, before), strict=True):
        here = SimpleNamespace(engine=engine, secrets=secrets, shared=other)
        again = replay(here, "t", one.decision_id)
        assert (again.failed, again.differences, again.same) == (None, (), True)
    engine.dispose()


def test_the_error_of_the_price_raises_the_loss(candidate: Candidate) -> None:
    """From the released model through the reconciled value into the loss given default."""
    model = candidate.model
    valuation = valued(model)
    value, error = valuation.reconciled[:2, 0]
    times, weights = gamma_times(1.0, 1.0)

    def at(error_of_value: float, debt: float) -> float:
        """By the demonstration's terms for land, written out."""
        found = lgd_with_collateral(
            debt, value, error_of_value, 0.30, 0.07, np.log(1.05), times, weights, volatility=0.15
        )
        return float(found.mean[0])

    for share in (0.3, 0.6, 1.0):
        told = float(loss_of(valuation, share * value, 0.05).mean[0])
        assert told == pytest.approx(at(error, share * value), rel=1e-12)
        assert told > at(0.0, share * value)
    vaguer = valued(replace(model, arrays={
        **model.arrays, "interval_offset": model.arrays["interval_offset"] + 0.5
    }))  # fmt: skip
    k = learned(valuation)
    assert vaguer.methods[k][VALUE, 0] == valuation.methods[k][VALUE, 0]
    assert vaguer.methods[k][LOG_ERROR, 0] > valuation.methods[k][LOG_ERROR, 0]
    assert vaguer.reconciled[1, 0] > error
    wider = vaguer.reconciled[1, 0]
    assert at(wider, 0.6 * value) > at(error, 0.6 * value) > at(0.0, 0.6 * value)
