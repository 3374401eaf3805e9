"""One application costs another nothing: whatever it holds, the others are answered as before."""

import copy
import tomllib
from datetime import date
from math import inf, isinf, nextafter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.casefile.limits import LONGEST, _ends, months_after
from riskengine.columns import Column
from riskengine.dates import day_number
from riskengine.errors import PortfolioError, RiskEngineError, UnforeseenError
from riskengine.gates.tables import LOANS, pledges
from riskengine.rights import RIGHTS
from riskengine.scoring import score as scoring
from riskengine.scoring.application import BORROWER, GUARANTEE, Application, application_of
from riskengine.scoring.record import record
from riskengine.scoring.score import Score, score, score_many
from tests.scoring.made import ROOT, application, content, equipment

TINY = (5e-324, 1e-300, 1e-200, 1e-150, 1e-100, 1e-50, 1e-20, 1e-9)


def with_kind(table: str) -> dict[str, Any]:
    """The third example, secured by a right of another kind out of the cases."""
    for path in sorted((ROOT / "examples" / "cases").glob("*.toml")):
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        for right in case["right"]:
            if right["table"] == table:
                told = content("003")
                told |= {"valued_on": case["valued_on"], "created_on": case["valued_on"]}
                policies = right.pop("policy", [])
                return {
                    **told, "rights": [{**right, "policies": policies}],
                    "loan": {**told["loan"], **case.get("loan", {})},
                }  # fmt: skip
    raise AssertionError(table)


def ends(column: Column) -> list[float]:
    """Numbers at and around the ends of a column, and tiny ones."""
    least, most = column.low, column.high
    found = (least, nextafter(least, inf), *TINY, nextafter(most, -inf), most, nextafter(most, inf))
    return [one for one in found if not isinf(one)]


def at_the_ends(base: dict[str, Any]) -> list[tuple[str, Application]]:
    """One application a number of the base and end of its column."""
    places = [(base[part], contract) for part, contract in (
        ("loan", LOANS), ("borrower", BORROWER), ("guarantee", GUARANTEE),
    )]  # fmt: skip
    for right in base["rights"]:
        places += [(right, RIGHTS[right["table"]]), (right, pledges())]
    found = []
    for cells, contract in places:
        for column in contract.columns:
            if column.kind != "number":
                continue
            before = copy.copy(cells)
            for number in ends(column):
                cells[column.name] = number
                found.append((f"{column.name} {number}", application_of(copy.deepcopy(base))))
            cells.clear()
            cells.update(before)
    return found


@pytest.mark.parametrize("table", RIGHTS)
def test_every_number_at_the_ends_of_its_range_is_answered(table: str) -> None:
    told = at_the_ends(with_kind(table))
    assert len(told) > 800
    for start in range(0, len(told), 200):
        some = told[start : start + 200]
        for (name, _), found in zip(
            some, score_many([one for _, one in some], equipment()), strict=True
        ):
            if isinstance(found, PortfolioError):
                assert found.wrong.zh
                assert found.cure.zh, name
            else:
                assert isinstance(found, Score), (name, found, getattr(found, "fault", ""))


POISON: dict[str, dict[str, Any]] = {
    "far": {"created_on": "2200-12-31", "valued_on": "2200-12-31"},
    "early": {"created_on": "1900-01-01", "valued_on": "1900-01-01"},
    "unborn": {"borrower": {"birth_year": 2099}},
    "due": {"loan": {"matures_on": "2026-11-23"}},
    "tiny": {"rights": [{**content()["rights"][0], "area_mu": 1e-200}]},
    "nothing": {"loan": {"balance_yuan": 1e-300}},
    "wrong": {"rights": [{**content()["rights"][0], "area_mu": -1}]},
}


def poisoned(name: str) -> Application:
    told = content()
    for part, cells in POISON[name].items():
        told[part] = {**told[part], **cells} if isinstance(cells, dict) else cells
    return application_of(told)


GOOD = [application(name) for name in ("001", "003", "004", "005")]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(range(len(GOOD))), st.sampled_from(sorted(POISON))),
                min_size=1, max_size=9))  # fmt: skip
def test_good_ones_are_answered_bit_for_bit_in_any_company(mixed: list[int | str]) -> None:
    told = [poisoned(one) if isinstance(one, str) else GOOD[one] for one in mixed]
    for one, found in zip(mixed, score_many(told, equipment()), strict=True):
        if isinstance(one, int):
            assert isinstance(found, Score)
            assert record(found) == record(score(GOOD[one], equipment()))
        elif isinstance(found, RiskEngineError):
            assert not isinstance(found, UnforeseenError)


def test_what_nobody_foresaw_is_of_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = scoring._price

    def broken(rows: Any) -> None:
        if any(row.application.application_no == "broken" for row in rows):
            raise FloatingPointError("nobody foresaw this")
        if any(row.application.application_no == "refused" for row in rows):
            raise PortfolioError(*["refused"] * 2)  # type: ignore[arg-type]
        whole(rows)

    alone = [record(score(one, equipment())) for one in GOOD]
    told = [*GOOD[:2], *(
        application_of({**content(), "application_no": name}) for name in ("broken", "refused")
    ), *GOOD[2:]]  # fmt: skip
    monkeypatch.setattr(scoring, "_price", broken)
    found = score_many(told, equipment())
    assert isinstance(found[2], UnforeseenError)
    assert isinstance(found[2].fault, FloatingPointError)
    assert type(found[3]) is PortfolioError
    assert [record(one) for one in found if isinstance(one, Score)] == alone
    with pytest.raises(UnforeseenError, match="FloatingPointError"):
        score(told[2], equipment())


@pytest.mark.parametrize("name", ["created_on", "valued_on"])
@pytest.mark.parametrize(
    "day", [date(9999, 12, 31), date(2201, 1, 1), date(1899, 12, 31), "0001-01-01"]
)
def test_days_outside_the_calendar_of_the_cells_are_refused(name: str, day: date | str) -> None:
    with pytest.raises(PortfolioError) as told:
        application_of({**content(), name: day})
    assert told.value.path == name  # type: ignore[attr-defined]
    assert "2200-12-31" in str(told.value)


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(9999, 1, 29), date(9950, 2, 28)])
def test_the_calendar_ends_without_a_fault(day: date) -> None:
    assert months_after(day, 0) == day
    ends_of = _ends(day)
    assert ends_of.size == LONGEST + 1
    assert ends_of[0] == day_number(day)
    assert (ends_of[1:] >= ends_of[:-1]).all()
