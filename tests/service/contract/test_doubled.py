"""A name that stands twice in one object is refused, and nothing else is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.bodies import JsonBody
from service.doubled import members, refuse_doubled
from service.problems import Problem
from service.routes.scores import ONE

NAMES = st.text(st.sampled_from('ab:"\\ ,{}é'), max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ANY = JsonBody(Any, "Any")


@given(VALUES)
def test_what_has_every_name_once_is_taken(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    assert members(value) <= body.count(b":")
    assert ANY.checked(body) == value
    refuse_doubled(body)


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), VALUES, st.data())
def test_a_name_given_twice_is_always_found(
    value: dict[str, Any], other: Any, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    text = json.dumps(value)[:-1] + f" , {json.dumps(name)} : {json.dumps(other)}}}"
    for body in (text, f'[1, {{"k": {text}}}]'):
        with pytest.raises(Problem) as refused:
            ANY.checked(body.encode())
        assert refused.value.status == 422
        assert refused.value.faults[0].code == "duplicate"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (('"balance_yuan": 60000', '"balance_yuan": 60000, "balance_yuan": 10'),
         "/body/loan/balance_yuan"),
        (('"balance_yuan": 60000', '"balance_yuan": 60000, "\\u0062alance_yuan":10'),
         "/body/loan/balance_yuan"),
        (('"area_mu": 45', '"area_mu" : 45, "area_mu":45'), "/body/rights/0/area_mu"),
        (('"trade": "grain"', '"trade": "grain", "trade": "a:b"'), "/body/borrower/features/trade"),
    ],
)  # fmt: skip
def test_the_place_of_the_name_is_told(change: tuple[str, str], path: str) -> None:
    text = json.dumps(next(iter(ONE.examples.values())))
    assert change[0] in text
    with pytest.raises(Problem) as refused:
        ONE.checked(text.replace(*change).encode())
    assert [fault.path for fault in refused.value.faults] == [path]


def test_colons_in_texts_are_no_members() -> None:
    content = {**next(iter(ONE.examples.values()))}
    content["borrower"] = {**content["borrower"], "features": {"a": "x:y", "b:c": "::"}}
    assert ONE.checked(json.dumps(content).encode())["borrower"]["features"]["a"] == "x:y"


def test_long_numbers_and_deep_lists_do_no_harm() -> None:
    refuse_doubled(b'{"a": ' + b"9" * 10_000 + b', "b": NaN}')
    refuse_doubled(b'{"a": ' + b"[" * 190 + b"]" * 190 + b"}")
