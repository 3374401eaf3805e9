"""The tables of a guarantee book: borrowers, guarantees, layers, funds, statements.

Loans and pledges are those of `riskengine.gates.tables`.  Words are those of the guarantee
trade: in force (在保), released (解保), compensated (代偿), recovered (追偿).
"""

from dataclasses import replace
from typing import Any

from riskengine.columns import Choice, Column, Contract
from riskengine.gates.tables import (
    ANYWHERE,
    BORROWER_KINDS,
    COMMODITIES,
    LOANS,
    MONEY,
    pledges,
)
from riskengine.guarantee import terms
from riskengine.rights.common import choices
from riskengine.words import Text

MONTHS = 600.0
"""Longest delay that is not taken for a slip [month]."""
PARTIES = tuple(Choice(party, title) for party, title in terms.PARTIES.items())
"""Who bears a part of a loss."""


def _share(name: str, zh: str, en: str, **more: Any) -> Column:
    """Column of a share of a loss or of a sum, a fraction."""
    return replace(Column(name, Text(zh, en), unit="1", low=0.0, high=1.0), **more)


def _yuan(name: str, zh: str, en: str, **more: Any) -> Column:
    """Column of an amount of money that cannot be negative."""
    return replace(Column(name, Text(zh, en), unit="yuan", low=0.0, high=MONEY), **more)


BORROWERS = Contract(
    "borrowers",
    Text("借款人", "borrowers"),
    (
        Column("borrower_id", Text("借款人编号", "identifier of the borrower"), "text",
               required=True, example="B-0001"),
        Column("borrower_kind", Text("借款人类型", "kind of borrower"), "code",
               choices=BORROWER_KINDS, example="farm_household"),
        ANYWHERE,
        Column("group_id", Text("关联方编号", "group of related parties"), "text",
               note=Text("同一关联方的借款人填同一编号",
                         "the same for all borrowers of one group")),
        Column("commodity", Text("产业", "what the borrower lives on"), "code",
               choices=COMMODITIES, example="grain"),
        _share("default_chance", "未来12个月违约概率",
               "probability of default within 12 months", aliases=("违约概率", "PD"),
               note=Text("小数；贷款表已填的以贷款表为准",
                         "a fraction; the loan's own counts where it has one")),
        Column("small_agri", Text("属小微或三农", "small or micro enterprise, or farming"), "flag",
               example="是"),
        Column("related_party", Text("与担保公司的关联关系", "relation to the guarantee company"),
               "code", choices=choices(
                   none=("无关联", "none"),
                   controlling_shareholder=("控股股东", "controlling shareholder"),
                   actual_controller=("实际控制人", "actual controller"),
                   other=("其他关联方", "another related party"),
               )),
        Column("identity_number", Text("证件号码", "identity number"), "text", personal=True,
               aliases=("统一社会信用代码", "身份证号")),
        Column("poverty_item", Text("脱贫帮扶项目", "poverty-alleviation item"), "flag"),
    ),
)  # fmt: skip

GUARANTEES = Contract(
    "guarantees",
    Text("担保合同", "guarantee contracts"),
    (
        Column("guarantee_id", Text("担保编号", "identifier of the guarantee"), "text",
               required=True, aliases=("担保合同编号", "项目编号"), example="G-0001"),
        Column("loan_id", Text("贷款编号", "loan that it guarantees"), "text", required=True,
               example="L-0001"),
        Column("programme_id", Text("分担方案编号", "programme by which losses are shared"), "text",
               example="PR-0001"),
        Column("kind", Text("担保业务种类", "kind of guarantee"), "code",
               example="loan_farm_household", choices=choices(
                   loan_small_micro=("小微企业借款类担保", "loan of a small or micro enterprise"),
                   loan_farm_household=("农户借款类担保", "loan of a farm household"),
                   housing=("住房置业担保", "home purchase"),
                   loan_other=("其他借款类担保", "other loan"),
                   bond_aa=("AA级及以上发债担保", "bond of an issuer rated AA or above"),
                   bond_other=("其他发债担保", "other bond"),
                   other=("其他融资担保", "other financing guarantee"),
               )),
        _share("guaranteed_share", "担保比例", "share of the loan's loss guaranteed to the bank",
               required=True, low_open=True, example="0.8",
               note=Text("对银行承担的比例，再担保和政府分担之前",
                         "owed to the bank, before re-guarantee and government bear theirs")),
        _share("own_share", "自担比例", "share of the loan's loss that stays with the guarantor",
               note=Text("再担保和政府分担之后，占贷款损失的比例",
                         "after re-guarantee and government, of the loan's whole loss")),
        _yuan("amount_yuan", "担保金额", "amount guaranteed at the start", required=True,
              low_open=True, example="160000",
              note=Text("按担保比例折算后的金额", "the guaranteed part of the loan")),
        _yuan("in_force_balance_yuan", "在保余额", "balance in force", required=True,
              example="160000", aliases=("担保余额",),
              note=Text("按担保比例折算；已解保的填0",
                        "the guaranteed part; 0 once it is released")),
        Column("fee_rate_per_year", Text("担保费率", "guarantee fee, of the amount guaranteed"),
               unit="1/year", low=0.0, high=0.1, example="0.008",
               note=Text("小数，千分之八填0.008", "a fraction: 0.8 % is 0.008")),
        _yuan("fee_received_yuan", "已收保费", "fee received"),
        _yuan("fee_income_to_date_yuan", "累计确认保费收入", "fee booked as income to date"),
        Column("starts_on", Text("担保起始日", "first day of the guarantee"), "date",
               required=True, example="2026-06-01"),
        Column("ends_on", Text("担保到期日", "last day of the guarantee"), "date", required=True,
               example="2027-11-23"),
        Column("state", Text("担保状态", "state"), "code", required=True, example="in_force",
               choices=choices(
                   in_force=("在保", "in force"),
                   normal_release=("正常解保", "released in the normal way"),
                   compensated_release=("代偿解保", "released by compensation"),
               )),
        Column("released_on", Text("解保日期", "day of release"), "date"),
        _yuan("released_yuan", "解保金额", "amount released"),
        Column("compensated_on", Text("代偿日期", "day of compensation"), "date"),
        _yuan("compensated_yuan", "代偿金额", "amount compensated"),
        _yuan("recovered_yuan", "追偿收回金额", "amount recovered"),
        _yuan("written_off_yuan", "代偿核销金额", "compensation written off"),
        _yuan("overdue_principal_yuan", "逾期本金", "principal overdue",
              note=Text("贷款全部逾期本金，含银行分担部分",
                        "of the whole loan, the bank's part included")),
        _share("bank_share", "银行分担比例", "share of the loss that the bank bears"),
    ),
    orders=(("starts_on", "ends_on"), ("starts_on", "released_on"),
            ("starts_on", "compensated_on")),
    not_after_valued_on=("starts_on", "released_on", "compensated_on"),
)  # fmt: skip

LAYERS = Contract(
    "layers",
    Text("分担层", "layers of programmes"),
    (
        Column("layer_id", Text("层编号", "identifier of the layer"), "text", required=True,
               example="LY-0001"),
        Column("programme_id", Text("分担方案编号", "programme that it belongs to"), "text",
               required=True, example="PR-0001"),
        Column("order", Text("顺序", "order in which layers pay"), unit="1", required=True,
               low=1.0, high=99.0, example="1",
               note=Text("同一方案内不重复", "each its own within a programme")),
        Column("kind", Text("分担方式", "kind of layer"), "code", required=True,
               example="quota_share", choices=choices(
                   quota_share=("按比例分担", "quota share"),
                   deductible=("免赔", "deductible"),
                   rate_cap=("限率代偿", "compensation capped at a rate"),
                   stop_loss=("止损", "stop-loss"),
                   excess=("超额", "excess layer"),
                   first_loss_fund=("先行承担资金", "first-loss fund"),
                   re_guarantee=("再担保", "re-guarantee"),
                   insurance=("保险赔款让渡", "insurance assigned"),
               )),
        Column("party", Text("承担方", "party that pays"), "code", required=True,
               choices=PARTIES, example="guarantor"),
        _share("share", "分担比例", "share", example="0.8"),
        _yuan("attach_yuan", "起赔金额", "amount from which it pays",
              note=Text("金额与比率只填一种", "a sum or a rate, not both")),
        _share("attach_rate", "起赔率", "rate of the volume from which it pays"),
        _yuan("limit_yuan", "赔付限额", "most that it pays",
              note=Text("超额层和止损层填层宽（起赔点以上），免赔填免赔额，资金填余额",
                        "of an excess or stop-loss its width above the attachment, "
                        "of a deductible its amount, of a fund its balance")),
        _share("limit_rate", "赔付限率", "most that it pays, of the volume"),
        Column("basis", Text("计算口径", "what attachment and limit are counted on"), "code",
               example="year", choices=choices(
                   loss=("每笔损失", "each loss"),
                   year=("年度合计", "the losses of a year"),
                   cumulative=("累计", "all losses of the programme"),
               )),
        Column("fund_id", Text("资金编号", "fund out of which it pays"), "text"),
        Column("cedes_from", Text("分出方", "party whose payments it shares"), "code",
               choices=PARTIES, note=Text("留空：再担保为担保公司，其他为银行",
                                          "empty: of a re-guarantee the guarantor, else the bank")),
    ),
)  # fmt: skip

FUNDS = Contract(
    "funds",
    Text("补偿资金", "compensation funds"),
    (
        Column("fund_id", Text("资金编号", "identifier of the fund"), "text", required=True,
               example="F-0001"),
        Column("title", Text("资金名称", "name of the fund"), "text", example="示例县风险补偿资金"),
        Column("party", Text("出资方", "party that pays in"), "code", required=True,
               choices=PARTIES, example="county_fund"),
        ANYWHERE,
        _yuan("balance_yuan", "资金余额", "balance", required=True, example="30000000"),
        _yuan("committed_yuan", "承诺补足总额", "most that the party tops up in all"),
        _share("top_up_floor_share", "补足触发比例",
               "share of the in-force balance below which it is topped up"),
        _yuan("top_up_to_yuan", "补足至", "balance to which it is topped up"),
        Column("top_up_delay_months", Text("补足到位时间", "time until a top-up arrives"),
               unit="month", low=0.0, high=MONTHS),
        Column("claim_delay_months", Text("代偿支付时间", "time until a claim is paid"),
               unit="month", low=0.0, high=MONTHS),
        _share("recovery_share", "追偿收回比例", "share of payments that comes back"),
        Column("recovery_delay_months", Text("追偿收回时间", "time until it comes back"),
               unit="month", low=0.0, high=MONTHS),
        Column("income_yuan_per_month", Text("每月收入", "income a month"), unit="yuan/month",
               low=0.0, high=MONEY, note=Text("保费分成与利息", "its part of fees, and interest")),
    ),
)  # fmt: skip

ASSET_COLUMNS = (
    _yuan("cash_yuan", "现金", "cash", example="0"),
    _yuan("bank_deposits_yuan", "银行存款", "bank deposits", aliases=("deposits_yuan",),
          example="300000000"),
    _yuan("margin_deposits_yuan", "存出保证金", "margin deposits"),
    _yuan("money_funds_yuan", "货币市场基金", "money-market funds"),
    _yuan("treasury_bonds_yuan", "国债", "treasury bonds", aliases=("treasuries_yuan",)),
    _yuan("financial_bonds_yuan", "金融债券", "financial bonds"),
    _yuan("bank_wealth_redeemable_any_time_yuan", "随时可赎回的银行理财",
          "bank wealth products redeemable at any time"),
    _yuan("bank_wealth_short_yuan", "三个月以内的银行理财", "bank wealth products up to 3 months"),
    _yuan("bonds_aaa_yuan", "AAA级债券", "bonds rated AAA"),
    _yuan("other_bank_wealth_yuan", "其他银行理财", "other bank wealth products"),
    _yuan("bonds_aa_yuan", "AA级债券", "bonds rated AA"),
    _yuan("bonds_aa_plus_yuan", "AA+级债券", "bonds rated AA+"),
    _yuan("equity_in_guarantors_yuan", "对其他担保公司和再担保公司的股权",
          "equity in other guarantee and re-guarantee companies"),
    _yuan("equity_in_clients_yuan", "对在保客户的股权", "equity in clients under guarantee"),
    _yuan("entrusted_loans_to_clients_yuan", "对在保客户六个月以内的委托贷款",
          "entrusted loans up to 6 months to clients under guarantee"),
    _yuan("own_use_property_yuan", "自用房产", "property for own use"),
    _yuan("other_equity_yuan", "其他股权", "other equity"),
    _yuan("entrusted_loans_rest_yuan", "其他委托贷款", "other entrusted loans"),
    _yuan("other_property_yuan", "其他房产", "other property"),
    _yuan("receivables_yuan", "应收款项", "receivables",
          note=Text("不含应收代偿款", "without the compensation receivable")),
    _yuan("other_yuan", "其他资产", "other assets"),
)  # fmt: skip
"""Assets by the kinds that the rules sort into tiers; a kind with a part counts whole here."""

STATED = tuple(
    Column(name, Text(*title), "flag")
    for name, title in {
        "licence": ("持有融资担保业务经营许可证", "holds the licence"),
        "supervisory_rating_held": ("已取得监管评级", "has a supervisory rating"),
        "government_backed": ("政府性融资担保机构", "government-backed institution"),
        "agri_policy_guarantor": ("政策性农业信贷担保机构", "agri policy guarantor"),
        "policy_business_is_main": ("以政策性业务为主业", "policy business is its main business"),
        "serves_mainly_small_agri": ("主要为小微和三农服务", "mainly serves small firms, farming"),
        "takes_deposits": ("吸收存款", "takes deposits"),
        "lends_own_or_entrusted_money": ("自营或受托发放贷款", "lends its own or entrusted money"),
        "invests_for_others": ("受托投资", "invests for others"),
        "reserves_provided": ("已按规定计提准备金", "has provided its reserves"),
    }.items()
)  # fmt: skip
"""What only the institution can say of itself."""

STATEMENTS = Contract(
    "statements",
    Text("财务报表", "statements of the institution"),
    (
        Column("statement_id", Text("报表编号", "identifier of the statement"), "text",
               required=True, example="S-2026-06"),
        Column("as_of", Text("报表日", "day of the statement"), "date", required=True,
               example="2026-06-30"),
        Column("consolidated", Text("合并报表", "consolidated"), "flag", example="否",
               note=Text("资产比例按非合并报表", "asset ratios take the one that is not")),
        Column("net_assets_yuan", Text("净资产", "net assets"), unit="yuan", required=True,
               low=-MONEY, high=MONEY, example="250000000"),
        _yuan("total_assets_yuan", "资产总额", "total assets", required=True,
              example="300000000"),
        _yuan("paid_in_capital_yuan", "实收资本", "paid-in capital", example="200000000"),
        *ASSET_COLUMNS,
        _yuan("compensation_receivable_yuan", "应收代偿款", "compensation receivable"),
        _yuan("unearned_reserve_yuan", "未到期责任准备金", "unearned liability reserve"),
        _yuan("compensation_reserve_yuan", "担保赔偿准备金", "compensation reserve"),
        _yuan("compensation_reserve_opening_yuan", "担保赔偿准备金年初余额",
              "compensation reserve at the start of the year"),
        _yuan("compensation_reserve_used_yuan", "本年使用担保赔偿准备金",
              "compensation reserve used in the year"),
        _yuan("fee_income_year_yuan", "本年保费收入", "fee income of the year"),
        *STATED,
    ),
    not_after_valued_on=("as_of",),
)  # fmt: skip


def guarantee_tables() -> tuple[Contract, ...]:
    """Return the tables that only a guarantee book has.

    Returns
    -------
    tuple of Contract
        Borrowers, guarantees, layers, funds, statements.

    Examples
    --------
    >>> [contract.table for contract in guarantee_tables()]
    ['borrowers', 'guarantees', 'layers', 'funds', 'statements']
    """
    return BORROWERS, GUARANTEES, LAYERS, FUNDS, STATEMENTS


def book_tables() -> tuple[Contract, ...]:
    """Return every table that a guarantee book is read from.

    Returns
    -------
    tuple of Contract
        Loans, the tables of `guarantee_tables`, pledges.
    """
    return LOANS, *guarantee_tables(), pledges()
