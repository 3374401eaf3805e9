"""What an application says of its borrower and of the guarantee: one declaration each.

The classes of borrowers are those of the field (农户, 种养大户, 家庭农场, 农民合作社, 企业);
the red lines (一票否决) and what an investigation asks are those of practice notes 1.2 and 2.2;
consents follow the Personal Information Protection Law (个人信息保护法) and the Credit
Reporting Regulation (征信业管理条例).  Sex, nationality and religion have no column.
"""

from functools import cache

from riskengine.columns import Choice, Column, Contract
from riskengine.gates.tables import MONEY
from riskengine.rules.facts import Fact, declared_facts
from riskengine.words import Text

PERSONS = ("household", "large_grower", "family_farm")
"""Classes of borrowers that are persons, whose age bounds the term."""
BORROWER_TYPES = (
    Choice("household", Text("农户", "household")),
    Choice("large_grower", Text("种养大户", "large grower")),
    Choice("family_farm", Text("家庭农场", "family farm")),
    Choice("cooperative", Text("农民专业合作社", "farmers' cooperative")),
    Choice("enterprise", Text("企业", "enterprise")),
)
GUARANTOR_TYPES = (
    Choice("agri_policy", Text("农业信贷担保公司", "agricultural credit guarantee company")),
    Choice("government_backed", Text("政府性融资担保机构", "government-backed guarantor")),
    Choice("commercial", Text("商业性融资担保公司", "commercial guarantee company")),
)
OF_BORROWER = (
    "currently_overdue", "overdue_times_24_months", "longest_overdue_days_24_months",
    "dishonest_debtor", "open_enforcement", "evades_debt", "conduct_red_line",
    "on_lent_or_pooled", "guarantees_above_net_worth", "ring_guarantee", "hidden_government_debt",
    "farm_production_purpose", "privacy_notice_given", "credit_report_used",
    "credit_query_consent", "shared_with_others", "sharing_consent", "automated_decision_refused",
)  # fmt: skip
"""Facts of the borrower that the officer states."""
OF_GUARANTEE = (
    "loan_purpose", "pig_farming", "poverty_alleviation", "board_approved",
    "client_is_government_platform", "counter_guarantee_joint_wording", "related_party",
    "terms_at_arms_length", "related_party_report_days", "related_party_disclosed",
    "re_guaranteed_by_national_fund", "national_fund_share", "single_client_share", "group_share",
    "compensation_rate", "new_for_old_loan", "guarantor_signed_rollover",
)  # fmt: skip
"""Facts of the guarantee that the officer states."""


def _column(name: str) -> Column:
    """Column that holds one declared fact."""
    fact: Fact = declared_facts()[name]
    listed = tuple(Choice(word, title) for word, title in (fact.words or {}).items())
    unit = "" if fact.unit == "day" else fact.unit
    return Column(
        name, fact.title, fact.kind, unit, choices=listed, low=fact.low, high=fact.high,
        note=fact.note,
    )  # fmt: skip


def _money(name: str, title: Text) -> Column:
    """Column of a sum."""
    return Column(name, title, unit="yuan", low=0.0, high=MONEY)


@cache
def borrower_contract() -> Contract:
    """Return what an application says of its borrower.

    Returns
    -------
    Contract
        The columns.
    """
    return Contract("borrower", Text("借款人", "borrower"), (
        Column("borrower_id", Text("借款人编号", "identifier of the borrower"), "text"),
        Column("borrower_code", Text("借款人证件号", "identity number of the borrower"), "text",
               personal=True),
        Column("borrower_type", Text("借款人类别", "class of the borrower"), "code",
               choices=BORROWER_TYPES, required=True, example="household"),
        Column("birth_year", Text("出生年份", "year of birth"), low=1900.0, high=2100.0,
               note=Text("只用于年龄加期限的上限", "for the cap on age and term, nothing else")),
        _money("assets_yuan", Text("资产总额", "assets")),
        _money("debt_yuan", Text("负债总额", "debts before this loan")),
        _money("existing_exposure_yuan",
               Text("本机构已有余额", "balance that the institution already bears for the client")),
        Column("years_farming", Text("从业年限", "years in farming"), unit="year", low=0.0,
               high=80.0),
        *map(_column, OF_BORROWER),
    ))  # fmt: skip


@cache
def guarantee_contract() -> Contract:
    """Return what an application says of the guarantee asked for.

    Returns
    -------
    Contract
        The columns.
    """
    return Contract("guarantee", Text("担保", "guarantee"), (
        Column("guarantee_id", Text("担保编号", "identifier of the guarantee"), "text"),
        Column("guarantor_type", Text("担保机构类别", "class of the guarantor"), "code",
               choices=GUARANTOR_TYPES, required=True, example="agri_policy"),
        Column("guaranteed_share", Text("担保比例", "share of the loss that is guaranteed"),
               unit="1", low=0.0, low_open=True, high=1.0, required=True, example="0.8"),
        Column("fee_rate_per_year", Text("年担保费率", "guarantee fee"), unit="1/year", low=0.0,
               high=0.2, example="0.008"),
        *map(_column, OF_GUARANTEE),
    ))  # fmt: skip
