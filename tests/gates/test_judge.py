"""The kernel of the gates against its plain twin, and what three-valued answers must keep."""

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskengine.dates import day_number
from riskengine.errors import RuleError
from riskengine.gates.judge import Judged, judge, stated
from riskengine.gates.plan import LIMITS, Plan, plan_of
from riskengine.rules import RuleBook, load, statute, statute_of, tightened
from riskengine.rules.loader import SEVERITIES, SUBJECTS
from riskengine.rules.overlay import known_places, lay_over
from tests.reference import gates as twin

FIRST, LAST = date(1998, 1, 1), date(2030, 12, 31)
ROWS = 1024
"""Rights in one block of the kernel."""
EVERY = sorted(SUBJECTS)
Record = dict[str, Any]


def any_day(draw: random.Random) -> date:
    """A day; every third one is the day on which some rule begins to speak, or the day before."""
    if draw.random() < 0.33:
        return draw.choice(edges()) - timedelta(draw.randint(0, 1))
    return FIRST + timedelta(draw.randrange((LAST - FIRST).days + 1))


@cache
def edges() -> tuple[date, ...]:
    days = set()
    for rule in statute().rules.values():
        for value in rule.values:
            days |= {value.first_day, *([value.until + timedelta(1)] if value.until else [])}
    return tuple(sorted(day for day in days if FIRST < day <= LAST))


def choices(plan: Plan) -> dict[str, list[Any]]:
    """Words of every fact; of a number the amounts of the rules, and amounts beside them."""
    found: dict[str, list[Any]] = {}
    for name, words in plan.words.items():
        found[name] = [{"true": True, "false": False}.get(word, word) for word in words]
    for name in plan.numbers:
        amounts = {float(gate.value.amount) for gate in plan.gates if gate.fact == name}
        beside = {float(np.nextafter(a, way)) for a in amounts for way in (-np.inf, np.inf)}
        found[name] = sorted(amounts | beside | {a * f for a in amounts for f in (0.5, 2.0)})
    return found


def any_record(known: dict[str, list[Any]], draw: random.Random, unknown: float) -> Record:
    """A random record of what is known; facts that are not stand there as None."""
    record = {name: draw.choice(cells) for name, cells in known.items()}
    return {name: None if draw.random() < unknown else cell for name, cell in record.items()}


def ask(plan: Plan, records: list[Record], created: list[date], valued_on: date) -> Judged:
    days = np.array([float(day_number(day)) for day in created])
    return judge(plan, stated(plan, records), days, valued_on)


def told(found: Judged, row: int) -> tuple[Any, ...]:
    """Everything that is said of one row."""
    return (
        found.outcome(row), [g.rule.name for g in found.failed(row)],
        [g.rule.name for g in found.unknown(row)], float(found.found.keeps[row]),
        tuple(found.found.limits[:, row].tolist()),
    )  # fmt: skip


def batch(
    plan: Plan, draw: random.Random, size: int, one_day: bool = False
) -> tuple[list[Record], list[date]]:
    shares = (0.0, 0.02, 0.15, 0.5, 1.0)
    known = choices(plan)
    records = [any_record(known, draw, draw.choice(shares)) for _ in range(size)]
    day = any_day(draw)
    return records, [day if one_day else any_day(draw) for _ in range(size)]


def assert_as_the_twin(
    book: RuleBook, subject: str, records: list[Record], created: list[date], valued_on: date
) -> None:
    plan = plan_of(book, subject, valued_on)
    found = ask(plan, records, created, valued_on)
    for row, (record, day) in enumerate(zip(records, created, strict=True)):
        plain = twin.judged(book, subject, record, day, valued_on)
        outcome, failed, unknown, keeps, limits = told(found, row)
        assert (outcome, set(failed), set(unknown)) == (
            plain.outcome, plain.failed, plain.unknown,
        ), (subject, day, valued_on, record)  # fmt: skip
        assert len(failed) == len(set(failed))
        assert keeps == pytest.approx(plain.keeps, rel=1e-12)
        assert dict(zip(LIMITS, limits, strict=True)) == plain.limits


@pytest.mark.parametrize("subject", EVERY)
def test_kernel_and_twin_agree_on_more_rows_than_one_block(subject: str) -> None:
    draw = random.Random(f"block {subject}")
    valued_on = date(2026, 11, 23)
    plan = plan_of(statute(), subject, valued_on)
    records, created = batch(plan, draw, ROWS + 131)
    assert_as_the_twin(statute(), subject, records, created, valued_on)


@pytest.mark.parametrize("subject", EVERY)
@pytest.mark.parametrize("one_day", [True, False], ids=["one day", "mixed days"])
def test_kernel_and_twin_agree_on_any_day(subject: str, one_day: bool) -> None:
    draw = random.Random(f"days {subject} {one_day}")
    for _ in range(12):
        valued_on = any_day(draw)
        plan = plan_of(statute(), subject, valued_on)
        records, created = batch(plan, draw, 25, one_day)
        assert_as_the_twin(statute(), subject, records, created, valued_on)


@pytest.mark.parametrize("place", known_places())
def test_kernel_and_twin_agree_on_the_law_of_every_place(place: str) -> None:
    draw = random.Random(f"place {place}")
    book = statute_of(place)
    for subject in EVERY:
        valued_on = any_day(draw)
        plan = plan_of(book, subject, valued_on)
        if any(gate.rule.origin == place for gate in plan.gates):
            records, created = batch(plan, draw, 60)
            assert_as_the_twin(book, subject, records, created, valued_on)


@pytest.mark.parametrize("subject", EVERY)
def test_one_row_is_the_same_row_in_bulk(subject: str) -> None:
    draw = random.Random(f"one {subject}")
    valued_on = any_day(draw)
    plan = plan_of(statute(), subject, valued_on)
    records, created = batch(plan, draw, ROWS + 40)
    bulk = ask(plan, records, created, valued_on)
    for row in (0, 1, ROWS - 1, ROWS, ROWS + 39, *draw.sample(range(ROWS), 25)):
        alone = ask(plan, [records[row]], [created[row]], valued_on)
        assert told(alone, 0) == told(bulk, row)


def test_nothing_to_judge_passes_without_a_word() -> None:
    plan = plan_of(statute(), "land", date(2026, 11, 23))
    assert ask(plan, [], [], date(2026, 11, 23)).found.outcome.size == 0
    silent = plan_of(RuleBook({}, ""), "land", date(2026, 11, 23))
    assert told(ask(silent, [{}], [FIRST], LAST), 0) == ("pass", [], [], 1.0, (np.inf,) * 7)


@pytest.mark.parametrize("subject", EVERY)
def test_finding_out_a_fact_never_turns_a_verdict_over(subject: str) -> None:
    draw = random.Random(f"finding out {subject}")
    valued_on = date(2026, 11, 23)
    plan = plan_of(statute(), subject, valued_on)
    before, after, days = [], [], []
    for _ in range(150):
        full, day = any_record(choices(plan), draw, 0.0), any_day(draw)
        record = {k: None if draw.random() < 0.4 else cell for k, cell in full.items()}
        hidden = [name for name, cell in record.items() if cell is None]
        for name in draw.sample(hidden, min(3, len(hidden))):
            before.append(record)
            after.append({**record, name: full[name]})
            days.append(day)
    old, new = (ask(plan, records, days, valued_on) for records in (before, after))
    for row in range(len(days)):
        _, failed, unknown, keeps, limits = told(old, row)
        _, failed_now, unknown_now, keeps_now, limits_now = told(new, row)
        assert set(failed) <= set(failed_now), "a rule that failed fails still"
        assert set(failed_now) <= set(failed) | set(unknown), "a rule that passed passes still"
        assert set(unknown_now) <= set(unknown), "what was known stays known"
        assert keeps_now >= keeps - 1e-12
        assert all(np.array(limits_now) >= np.array(limits))


@pytest.mark.parametrize("subject", EVERY)
def test_hiding_facts_is_never_milder_than_a_review(subject: str) -> None:
    draw = random.Random(f"hiding {subject}")
    valued_on = any_day(draw)
    plan = plan_of(statute(), subject, valued_on)
    known, days = batch(plan, draw, 300)
    fewer = [{k: None if draw.random() < 0.3 else cell for k, cell in one.items()} for one in known]
    seen, hidden = (ask(plan, records, days, valued_on).found for records in (known, fewer))
    assert (hidden.outcome >= np.minimum(seen.outcome, 2)).all()
    assert (hidden.keeps <= seen.keeps + 1e-12).all()
    assert (hidden.limits <= seen.limits).all()


# An institution's own rules.


def written(amount: Any) -> str:
    """An amount as TOML."""
    if isinstance(amount, bool):
        return "true" if amount else "false"
    if isinstance(amount, list):
        return "[" + ", ".join(f'"{word}"' for word in amount) + "]"
    return f'"{amount}"' if isinstance(amount, str) else repr(float(amount))


def stricter(compare: str, amount: Any, draw: random.Random) -> Any:
    """An amount that lets less pass."""
    if compare in ("<=", "<"):
        return amount * draw.choice([0.5, 0.9, 1.0])
    if compare in (">=", ">"):
        return amount * draw.choice([1.0, 1.1, 2.0])
    if compare == "in":
        return amount[: draw.randint(1, len(amount))]
    return amount


def institution(folder: Path, subject: str, draw: random.Random, keep_mark: bool) -> Path:
    """Rule files of an institution that tightens a third of the rules of one subject."""
    texts: dict[str, list[str]] = {}
    for rule in statute().rules.values():
        judging = rule.judges.fact and subject in rule.judges.rights
        if not judging or draw.random() > 0.33 or any(v.until for v in rule.values):
            continue
        value = rule.values[-1]
        worse = SEVERITIES[SEVERITIES.index(rule.severity) :]
        file, name = rule.name.split(".")
        mark = f'id = "{rule.code}"\n' if keep_mark and rule.code else ""
        texts.setdefault(file, []).append(
            f'[{name}]\n{mark}severity = "{draw.choice(worse)}"\n[[{name}.value]]\n'
            f"from = {value.first_day + timedelta(draw.choice([0, 400, 2000]))}\n"
            f"amount = {written(stricter(rule.compare, value.amount, draw))}\n"
            'cite = "credit committee"\nseen = "official"\n'
        )
    for file, tables in texts.items():
        (folder / f"{file}.toml").write_text("\n".join(tables), encoding="utf-8")
    return folder


@pytest.mark.parametrize("subject", EVERY)
def test_an_institution_never_makes_an_outcome_milder(subject: str, tmp_path: Path) -> None:
    draw = random.Random(f"institution {subject}")
    for round_ in range(3):
        folder = tmp_path / f"bank{round_}"
        folder.mkdir()
        institution(folder, subject, draw, keep_mark=True)
        own = tightened(statute(), folder) if any(folder.iterdir()) else statute()
        valued_on = any_day(draw)
        law, bank = (plan_of(book, subject, valued_on) for book in (statute(), own))
        records, days = batch(law, draw, 200)
        theirs, ours = (ask(plan, records, days, valued_on).found for plan in (law, bank))
        assert (ours.outcome >= theirs.outcome).all()
        assert (ours.keeps <= theirs.keeps + 1e-12).all()
        assert (ours.limits <= theirs.limits).all()
        assert_as_the_twin(own, subject, records[:60], days[:60], valued_on)


def layer(folder: Path, name: str, text: str) -> Path:
    """A folder of one rule file, law_land.toml."""
    found = folder / name
    found.mkdir()
    (found / "law_land.toml").write_text(text, encoding="utf-8")
    return found


SHORT = {"kind": "lease_yearly", "transfer_term_years": 4.0}
"""A lease too short to be registered: LMR-REG-01a fails and takes a haircut."""
VALUE = '[[{name}.value]]\nfrom = {day}\n{until}amount = {amount}\ncite = "x"\nseen = "official"\n'


def test_a_rule_that_an_institution_tightens_keeps_its_haircut(tmp_path: Path) -> None:
    name, day = "registrable_term", date(2026, 11, 23)
    value = VALUE.format(name=name, day="2019-01-01", until="", amount=6.0)
    own = tightened(statute(), layer(tmp_path, "bank", f"[{name}]\n{value}"))
    law, bank = (
        ask(plan_of(book, "land", day), [SHORT], [day], day).found.keeps[0]
        for book in (statute(), own)
    )
    assert bank <= law


def test_an_institution_may_not_outlive_a_milder_rule_of_a_place(tmp_path: Path) -> None:
    name = "registrable_term"
    place = VALUE.format(name=name, day="2020-01-01", until="until = 2021-12-31\n", amount=3.0)
    bank = VALUE.format(name=name, day="2020-06-01", until="", amount=4.0)
    local = load(layer(tmp_path, "99", f"[{name}]\n{place}"), "99", statute())
    with pytest.raises(RuleError, match="loosens"):
        tightened(lay_over(statute(), local), layer(tmp_path, "bank", f"[{name}]\n{bank}"))


def test_an_institution_is_as_severe_as_every_body_behind_it(tmp_path: Path) -> None:
    name = "registrable_term"
    place = VALUE.format(name=name, day="2022-01-01", until="", amount=3.0)
    bank = VALUE.format(name=name, day="2019-06-01", until="", amount=5.0)
    local = load(layer(tmp_path, "99", f'[{name}]\nseverity = "monitor"\n{place}'), "99", statute())
    with pytest.raises(RuleError, match="loosens"):
        tightened(lay_over(statute(), local), layer(tmp_path, "bank", f"[{name}]\n{bank}"))
