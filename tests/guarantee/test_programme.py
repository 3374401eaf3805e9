"""Programmes refuse terms that contradict themselves, and say which and what to do."""

import math
from dataclasses import replace
from datetime import date

import pytest

from riskengine.guarantee.algebra import pay
from riskengine.guarantee.amounts import Amount
from riskengine.guarantee.programme import (
    Programme,
    programme_from_rows,
    programmes_from_rows,
    shared_by,
    usual_programmes,
)
from riskengine.guarantee.structure import faults_of
from riskengine.guarantee.terms import (
    Deductible,
    ExcessLayer,
    FirstLossFund,
    InsuranceAssignment,
    QuotaShare,
    RateCap,
    ReGuarantee,
    StopLoss,
)
from riskengine.guarantee.wording import explain
from riskengine.portfolio.exposures import BookError
from riskengine.rules import statute, statute_of

QUOTA = QuotaShare(party="guarantor", share=0.8)


def yuan(amount):
    return Amount(yuan=amount)


def excess(low, high, **more):
    end = None if high is None else yuan(high)
    return ExcessLayer(**({"party": "province", "attach": yuan(low), "detach": end} | more))


FAULTY = [
    ((), "layer_id", "no layer"),
    ((replace(QUOTA, share=1.2),), "share", r"in \[0, 1\]"),
    ((replace(QUOTA, share=-0.1),), "share", r"in \[0, 1\]"),
    ((replace(QUOTA, share=math.nan),), "share", r"in \[0, 1\]"),
    ((replace(QUOTA, party="somebody"),), "party", "no such party"),
    ((replace(QUOTA, cedes_from="somebody"),), "cedes_from", "no such party"),
    ((RateCap(party="guarantor", share=0.5, cap=Amount(rate=-0.01)),), "limit_rate", ">= 0"),
    ((RateCap(party="guarantor", share=0.5, cap=yuan(math.inf)),), "limit_yuan", "finite"),
    ((RateCap(party="guarantor", share=0.5, cap=Amount()),), "limit_yuan", "one of the two"),
    ((RateCap(party="guarantor", share=0.5, cap=Amount(yuan=1.0, rate=0.1)),), "limit_yuan", "one of the two"),
    ((RateCap(party="guarantor", share=0.5, cap=yuan(1.0), basis="month"),), "basis", "no such basis"),
    ((Deductible(party="bank", amount=yuan(1.0), franchise=True),), "basis", "franchise"),
    ((QUOTA, QuotaShare(party="government", share=0.3)), "share", "add up to 1.1"),
    ((QUOTA, ReGuarantee(party="province", share=0.7), ReGuarantee(party="national", share=0.4)), "share", "add up to 1.1"),
    ((ReGuarantee(party="province", share=0.4), QUOTA), "cedes_from", "bears nothing"),
    ((QUOTA, ReGuarantee(party="province", share=0.4, cedes_from="bank")), "cedes_from", "guarantor's payments"),
    ((QUOTA, ReGuarantee(party="guarantor", share=0.4)), "party", "cedes to itself"),
    ((QUOTA, InsuranceAssignment(amount=yuan(1.0))), "order", "comes first"),
    ((excess(1.0, 3.0), excess(4.0, 6.0)), "attach_yuan", "leave a gap: 3 and 4"),
    ((excess(1.0, 3.0), excess(2.0, 6.0)), "attach_yuan", "overlap: 3 and 2"),
    ((excess(3.0, 3.0),), "limit_yuan", "ends where it starts"),
    ((excess(1.0, 3.0, share=0.7), excess(1.0, 3.0, share=0.7)), "share", "add up to 1.4"),
    ((excess(1.0, 3.0), excess(0.1, 0.2, attach=Amount(rate=0.1), detach=Amount(rate=0.2))), "attach_yuan", "differ in unit"),
    ((excess(1.0, 3.0), excess(3.0, 5.0, basis="year")), "attach_yuan", "differ in unit or basis"),
    ((replace(QUOTA, layer_id="a"), StopLoss(party="province", attach=yuan(1.0), layer_id="a")), "layer_id", "twice"),
    (
        (FirstLossFund(party="county_fund", fund_id="F", balance=yuan(1.0)), QUOTA,
         FirstLossFund(party="county_fund", fund_id="F", balance=yuan(1.0))),
        "fund_id", "counts twice",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "column", "said"), FAULTY)
def test_terms_that_contradict_themselves_are_refused(layers, column: str, said: str) -> None:
    found = faults_of(layers)
    assert [fault.column for fault in found] == [column]
    with pytest.raises(BookError, match=said) as refused:
        Programme("x", layers)
    assert refused.value.cure.zh
    assert "programme x, layer" in str(refused.value)


def test_every_fault_is_found_and_counted() -> None:
    layers = (replace(QUOTA, share=2.0), excess(-1.0, 3.0, party="nobody"))
    assert [fault.column for fault in faults_of(layers)] == ["share", "party", "attach_yuan"]
    with pytest.raises(BookError, match=r"and 2 more"):
        Programme("x", layers)


SOUND = [
    (excess(1.0, 3.0), excess(3.0, 6.0)),
    (excess(3.0, 6.0), excess(1.0, 3.0)),
    (excess(1.0, 3.0, share=0.6), excess(1.0, 3.0, share=0.4), excess(3.0, 4.0, party="bank"), excess(4.0, None)),
    (StopLoss(party="province", attach=Amount(rate=0.1), limit=Amount(rate=0.2)),
     StopLoss(party="national", attach=Amount(rate=0.3), limit=None)),
    (QuotaShare(party="guarantor", share=0.7), QuotaShare(party="bank", share=0.2), QuotaShare(party="government", share=0.1)),
    (InsuranceAssignment(amount=yuan(1.0)), Deductible(party="bank", amount=yuan(1.0)), QUOTA),
]  # fmt: skip


@pytest.mark.parametrize("layers", SOUND)
def test_layers_that_meet_are_sound(layers) -> None:
    assert faults_of(layers) == []


# Rows of the table of layers

ROW = {
    "layer_id": "L1", "programme_id": "P", "order": 1, "kind": "quota_share",
    "party": "guarantor", "share": 0.8, "attach_yuan": None, "attach_rate": math.nan,
    "limit_yuan": None, "limit_rate": None, "basis": "", "fund_id": None, "cedes_from": None,
}  # fmt: skip

READ = [
    ({}, QuotaShare(party="guarantor", share=0.8, layer_id="L1")),
    ({"kind": "rate_cap", "limit_rate": 0.05},
     RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05), layer_id="L1")),
    ({"kind": "deductible", "party": "bank", "share": None, "attach_yuan": 5.0},
     Deductible(party="bank", amount=yuan(5.0), layer_id="L1")),
    ({"kind": "deductible", "party": "bank", "share": None, "attach_yuan": 5.0, "limit_yuan": 2.0, "basis": "year"},
     Deductible(party="bank", attach=yuan(5.0), amount=yuan(2.0), basis="year", layer_id="L1")),
    ({"kind": "stop_loss", "share": None, "attach_rate": 0.1, "limit_rate": 0.2},
     StopLoss(party="guarantor", attach=Amount(rate=0.1), limit=Amount(rate=0.2), layer_id="L1")),
    ({"kind": "excess", "attach_rate": 0.1, "limit_rate": 0.2},
     ExcessLayer(party="guarantor", share=0.8, attach=Amount(rate=0.1), detach=Amount(rate=0.3), layer_id="L1")),
    ({"kind": "excess", "attach_yuan": 0.0, "limit_rate": 0.2},
     ExcessLayer(party="guarantor", share=0.8, attach=Amount(rate=0.0), detach=Amount(rate=0.2), layer_id="L1")),
    ({"kind": "excess", "attach_yuan": 3.0},
     ExcessLayer(party="guarantor", share=0.8, attach=yuan(3.0), detach=None, layer_id="L1")),
    ({"kind": "excess", "attach_yuan": 3.0, "limit_rate": 0.2},
     StopLoss(party="guarantor", share=0.8, attach=yuan(3.0), limit=Amount(rate=0.2), basis="cumulative", layer_id="L1")),
    ({"kind": "first_loss_fund", "party": "county_fund", "share": None, "fund_id": "F"},
     FirstLossFund(party="county_fund", fund_id="F", layer_id="L1")),
    ({"kind": "insurance", "party": "insurer", "share": None, "limit_yuan": 7.0},
     InsuranceAssignment(amount=yuan(7.0), layer_id="L1")),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "layer"), READ)
def test_rows_become_layers(cells, layer) -> None:
    programme, faults = programme_from_rows([ROW | cells])
    assert faults == []
    assert programme is not None
    assert programme.name == "P"
    assert programme.layers == (layer,)


def test_rows_are_taken_in_order() -> None:
    re = {"layer_id": "L2", "order": 2, "kind": "re_guarantee", "party": "province", "share": 0.4}
    programme, faults = programme_from_rows([ROW | re, ROW])
    assert faults == []
    assert programme is not None
    assert programme.names == ("L1", "L2")
    assert programme.layers[1] == ReGuarantee(party="province", share=0.4, layer_id="L2")


CELLS = [
    ({"kind": "share"}, [("kind", "admissible")]),
    ({"kind": None}, [("kind", "empty")]),
    ({"party": "nobody", "share": "x"}, [("party", "admissible"), ("share", "not a number")]),
    ({"share": 1.5, "order": math.inf}, [("order", "not a number"), ("share", "not a number")]),
    ({"layer_id": None, "order": None, "share": None}, [("layer_id", "empty"), ("order", "empty"), ("share", "empty")]),
    ({"limit_yuan": 5.0, "attach_rate": 0.1}, [("attach_rate", "no such term"), ("limit_yuan", "no such term")]),
    ({"kind": "rate_cap", "limit_yuan": 5.0, "limit_rate": 0.1}, [("limit_rate", "not both")]),
    ({"kind": "rate_cap", "limit_rate": -0.1}, [("limit_rate", "out of range")]),
    ({"kind": "deductible"}, [("limit_yuan", "empty")]),
    ({"kind": "insurance", "basis": "month"}, [("basis", "admissible"), ("limit_yuan", "empty")]),
    ({"cedes_from": "national"}, [("cedes_from", "bears nothing")]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "expected"), CELLS)
def test_every_fault_of_a_row_is_told(cells, expected) -> None:
    programme, faults = programme_from_rows([ROW | cells])
    assert programme is None
    found = sorted((fault.column, fault.wrong.en) for fault in faults)
    assert [column for column, _ in found] == sorted(column for column, _ in expected)
    for (_, told), (_, said) in zip(found, sorted(expected), strict=True):
        assert said in told
    assert all(fault.cure.en and fault.cure.zh and fault.wrong.zh for fault in faults)


def test_many_programmes_keep_the_sound_ones() -> None:
    twice = {"programme_id": "Q", "layer_id": "L9"}
    rows = [ROW, ROW | twice, ROW | twice | {"layer_id": "L8", "share": None}]
    programmes, faults = programmes_from_rows(rows)
    assert list(programmes) == ["P"]
    assert [(fault.layer_id, fault.column) for fault in faults] == [
        ("L8", "share"),
        ("L8", "order"),
    ]


# Known splits


def test_splits_in_use_come_from_the_rules() -> None:
    """AGR-SHR-01: 2:8, 3:7; Guangyuan 4:3:3; Shandong 50:50; Boxing county 40 %."""
    day = date(2024, 6, 1)
    found = usual_programmes(statute_of("510823").at(day)) | usual_programmes(
        statute_of("371625").at(day)
    )
    paid = {}
    for name, programme in found.items():
        amounts = pay(programme, [1000], 10**6)
        paid[name] = dict(zip(amounts.parties, amounts.amounts_fen[:, 0, 0].tolist(), strict=True))
    assert paid == {
        "two_eight": {"bank": 200, "guarantor": 800},
        "three_seven": {"bank": 300, "guarantor": 700},
        "risk_split": {"bank": 300, "guarantor": 300, "county_fund": 400},
        "risk_split_small": {"bank": 500, "guarantor": 500},
        "county_share": {"bank": 200, "guarantor": 480, "county_fund": 320},
    }


def test_before_the_first_day_of_a_rule_there_is_no_split() -> None:
    assert usual_programmes(statute().at(date(2016, 1, 1))) == {}
    assert "risk_split_small" not in usual_programmes(statute_of("37").at(date(2024, 3, 26)))
    assert "risk_split_small" in usual_programmes(statute_of("37").at(date(2024, 3, 27)))


def test_a_split_that_is_none_is_refused() -> None:
    with pytest.raises(BookError, match="add up to"):
        shared_by("x", {"bank": 0.3, "guarantor": 0.8})


# Sentences


def test_a_programme_says_who_pays_what_in_order() -> None:
    programme = Programme("x", (
        InsuranceAssignment(amount=yuan(30_000.0), share=0.9),
        Deductible(party="bank", amount=Amount(rate=0.01)),
        RateCap(party="guarantor", share=0.8, cap=Amount(rate=0.05)),
        QuotaShare(party="bank", share=0.2),
        ReGuarantee(party="province", share=0.4, cap=yuan(1.5e6), basis="year"),
        FirstLossFund(party="county_fund", share=0.5, balance=yuan(3e7), attach=yuan(1e4),
                      cedes_from="guarantor", fund_id="F1"),
    ))  # fmt: skip
    assert [text.en for text in explain(programme)] == [
        "1. The insurer pays 90% of every loss of the bank, at most 30,000 yuan over each loss.",
        "2. The bank bears the first 1% of the volume of the loss of the bank, counted over all losses since the start, and passes none of it on.",
        "3. The guarantor pays 80% of every loss of the bank, at most 5% of the volume over all losses since the start (of the part guaranteed).",
        "4. The bank keeps 20% of every loss (of the same loss as above).",
        "5. The provincial re-guarantor bears 40% of what the guarantor itself pays, at most 1,500,000 yuan over the losses of a year.",
        "6. The county compensation fund pays 50% of every loss of the guarantor, at most 30,000,000 yuan over all losses since the start, only above 10,000 yuan of all losses since the start, out of the fund F1.",
        "7. The rest stays with the bank.",
    ]  # fmt: skip
    assert [text.zh for text in explain(programme)][2:5] == [
        "3. 担保公司承担银行每笔损失的80%，按存续期累计最多担保额的5%（按所担保份额计）。",
        "4. 银行自留每笔损失的20%（与上一条针对同一损失）。",
        "5. 省级再担保承担担保公司自身代偿的40%，按年度累计最多1,500,000元。",
    ]


def test_towers_and_franchises_are_told_too() -> None:
    programme = Programme("x", (
        Deductible(party="bank", amount=yuan(100.0), basis="loss", franchise=True),
        Deductible(party="bank", amount=yuan(50.0), attach=yuan(200.0), share=0.5),
        ExcessLayer(party="guarantor", attach=yuan(100.0), detach=yuan(300.5), share=0.9,
                    aggregate=yuan(900.0)),
        ExcessLayer(party="province", attach=yuan(300.5), detach=None),
        StopLoss(party="insurer", attach=Amount(rate=1.2, of="premium"), limit=Amount(rate=0.3, of="premium"),
                 cedes_from="guarantor"),
        FirstLossFund(party="county_fund", cedes_from="guarantor"),
    ))  # fmt: skip
    assert [text.en for text in explain(programme)] == [
        "1. The bank bears losses of the bank below 100 yuan; larger ones pass on whole.",
        "2. The bank bears 50% of the first 50 yuan above 200 yuan of the loss of the bank, counted over all losses since the start, and passes none of it on.",
        "3. The guarantor pays 90% of the loss of the bank above 100 yuan up to 300.5 yuan, counted over all losses since the start, at most 900 yuan over the losses of a year.",
        "4. The provincial re-guarantor pays 100% of the loss of the bank above 300.5 yuan, counted over all losses since the start (of the same loss as above).",
        "5. The insurer pays 100% of the loss of the guarantor above 120% of the premium, by at most 30% of the premium, counted over the losses of a year.",
        "6. The county compensation fund pays 100% of every loss of the guarantor.",
        "7. The rest stays with the bank.",
    ]  # fmt: skip
