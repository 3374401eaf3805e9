"""The tables around a pledge: the pledges with what papers and visits show, loans, policies.

The columns for facts are those of `riskengine.rules.facts`: a fact that is given on a
day has two more, the day and the day on which it lapses.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from riskengine.columns import Choice, Column, Contract
from riskengine.rights import RIGHTS
from riskengine.rights.common import REGION_CODE, choices
from riskengine.rules.facts import INSPECTIONS, Fact, declared_facts
from riskengine.words import Text

ON, UNTIL = "_on", "_until"
"""Endings of the days on which a fact was given and lapses."""
INSPECTION_WORDS = {
    "registry": Text("登记查询日", "day the registers were searched"),
    "site": Text("现场查勘日", "day of the visit on the spot"),
    "contract": Text("合同章程查阅日", "day contracts and charter were read"),
    "map": Text("规划图层核对日", "day the maps of farmland and red lines were laid over"),
    "borrower": Text("借款人访谈征信日", "day of interview and credit report"),
}
"""Headings of the days of the five inspections."""
MONEY = 1e12
"""Largest sum of money that is not taken for a slip [yuan]."""


def inspected(name: str) -> str:
    """Return the column that holds the day of an inspection.

    Parameters
    ----------
    name : str
        One of `riskengine.rules.facts.INSPECTIONS`.

    Returns
    -------
    str
        Column of the pledges.

    Examples
    --------
    >>> inspected("site")
    'site_inspected_on'
    """
    return f"{name}_inspected_on"


def _columns(fact: Fact) -> Iterator[Column]:
    """Columns that hold one fact: itself, and the days on which it was given and lapses."""
    if fact.kind == "code":
        listed = tuple(Choice(word, title) for word, title in (fact.words or {}).items())
        yield Column(fact.name, fact.title, "code", choices=listed, note=fact.note)
    elif fact.kind == "flag":
        yield Column(fact.name, fact.title, "flag", note=fact.note)
    else:
        unit = {"day": "", "working day": "", "people": "1", "season": "1"}.get(
            fact.unit, fact.unit
        )
        yield Column(
            fact.name, fact.title, unit=unit, low=fact.low, high=fact.high, note=fact.note
        )  # fmt: skip
    if fact.dated:
        yield Column(
            fact.name + ON, Text(f"{fact.title.zh}：日期", f"{fact.title.en}: day"), "date"
        )
        yield Column(
            fact.name + UNTIL,
            Text(f"{fact.title.zh}：有效期止", f"{fact.title.en}: last day"), "date",
        )  # fmt: skip


def _facts(source: str) -> tuple[Column, ...]:
    """Columns of all facts of one source."""
    return tuple(
        column
        for fact in declared_facts().values()
        if fact.source == source
        for column in _columns(fact)
    )


RIGHT_KIND = Column(
    "right_kind", Text("权利种类", "kind of right"), "code", required=True,
    choices=tuple(Choice(table, contract.title) for table, contract in RIGHTS.items()),
    example="land",
)  # fmt: skip


def _area(whose: str, unit: str, title: Text) -> Column:
    """Column of an area; homesteads and construction land are measured in m2."""
    return Column(f"{whose}_area_{unit}", title, unit=unit, low=0.0, high=1e11)


COMMODITIES = choices(
    grain=("粮食", "grain"),
    cash_crop=("经济作物", "cash crops"),
    fruit=("水果", "fruit"),
    vegetables=("蔬菜", "vegetables"),
    pigs=("生猪", "pigs"),
    poultry=("家禽", "poultry"),
    cattle_sheep=("牛羊", "cattle and sheep"),
    aquaculture=("水产养殖", "aquaculture"),
    forestry=("林业", "forestry"),
    processing=("加工流通", "processing and trade"),
    other=("其他", "other"),
)
"""What a borrower lives on; whom a price fall or an epidemic strikes together."""
BORROWER_KINDS = choices(
    farm_household=("农户", "farm household"),
    family_farm=("家庭农场（种养大户）", "family farm or large grower"),
    cooperative=("农民合作社", "farmers' co-operative"),
    small_micro_enterprise=("小微企业", "small or micro enterprise"),
    enterprise=("其他企业", "other enterprise"),
    other=("其他", "other"),
)
"""Who borrows, as the reports of guarantee companies count."""
ANYWHERE = replace(REGION_CODE, required=False)
"""Region of a row that may be without one."""

LOAN_BOOK_COLUMNS = (
    Column("borrower_id", Text("借款人编号", "identifier of the borrower"), "text",
           example="B-0001"),
    Column("lender_id", Text("贷款机构编号", "identifier of the lender"), "text"),
    ANYWHERE,
    Column("product", Text("产品", "product"), "text"),
    Column("commodity", Text("产业", "what the borrower lives on"), "code", choices=COMMODITIES,
           example="grain"),
    Column("borrower_kind", Text("借款人类型", "kind of borrower"), "code",
           choices=BORROWER_KINDS, example="farm_household"),
    Column("principal_yuan", Text("贷款本金", "principal paid out"), unit="yuan", low=0.0,
           high=MONEY, aliases=("放款金额",), example="200000"),
    Column("repayment", Text("还款方式", "how it is repaid"), "code", example="bullet",
           choices=choices(
               bullet=("到期一次还本付息", "all at the end"),
               equal_principal=("等额本金", "equal parts of the principal"),
               annuity=("等额本息", "equal instalments"),
               interest_only=("按期付息到期还本", "interest only, the principal at the end"),
           )),
    Column("overdue_days", Text("逾期天数", "days overdue"), low=0.0, high=36525.0),
    Column("default_chance", Text("未来12个月违约概率", "probability of default within 12 months"),
           unit="1", low=0.0, high=1.0, aliases=("违约概率", "PD"),
           note=Text("小数；借款人表也有时以本表为准",
                     "a fraction; where the borrower has one too, this one counts")),
    Column("origination_default_chance", Text("放款时12个月违约概率",
           "probability of default within 12 months, at origination"), unit="1", low=0.0,
           high=1.0),
    Column("loss_share", Text("违约损失率", "loss given default, the institution's own"),
           unit="1", low=0.0, high=1.0, aliases=("LGD",),
           note=Text("留空则按押品和担保推算", "empty: worked out from pledges and guarantees")),
    Column("watch_list", Text("列入关注名单", "on the watch list"), "flag"),
    Column("restructured_on", Text("重组日期", "day of the restructuring"), "date"),
    Column("effective_rate_per_year", Text("实际利率", "effective interest rate"),
           unit="1/year", low=0.0, high=0.36, note=Text("含费用", "fees included")),
)  # fmt: skip
"""What the loss of a whole book asks of a loan."""

LOANS = Contract(
    "loans",
    Text("贷款", "loans"),
    (
        Column("loan_id", Text("贷款编号", "identifier of the loan"), "text", required=True,
               example="L-0001"),
        Column("lender_type", Text("债权人类型", "who is secured"), "code", example="bank",
               choices=choices(
                   bank=("银行", "bank"),
                   rural_bank=("农商行、农信社、村镇银行", "rural bank or credit co-operative"),
                   policy_bank=("政策性银行", "policy bank"),
                   guarantee_company=("融资担保公司（反担保）",
                                      "guarantee company, for counter-security"),
                   small_loan_company=("小额贷款公司", "small-loan company"),
                   other=("其他", "other"),
               )),
        Column("balance_yuan", Text("贷款余额", "balance; of an application the sum asked for"),
               unit="yuan", required=True, low=0.0, high=MONEY, example="200000"),
        Column("starts_on", Text("放款日", "day the money is paid out"), "date",
               example="2026-11-23"),
        Column("matures_on", Text("到期日", "day the loan falls due"), "date", required=True,
               example="2027-11-23"),
        Column("rate_per_year", Text("年利率", "interest rate"), unit="1/year", low=0.0, high=0.36,
               example="0.0385"),
        Column("borrower_code", Text("借款人证件号", "identity number of the borrower"), "text",
               personal=True),
        Column("net_income_yuan_per_year", Text("借款人年净收入", "borrower's net income"),
               unit="yuan/year", low=-1e9, high=MONEY),
        Column("guarantee_until", Text("保证期间止", "last day of the guarantee period"), "date"),
        Column("compensation_fund_share", Text("风险补偿资金分担比例",
               "share of the loss that a compensation fund bears"), unit="1", low=0.0, high=1.0),
        Column("compensation_fund_limit_yuan", Text("风险补偿资金上限",
               "most that the compensation fund pays"), unit="yuan", low=0.0, high=MONEY),
        Column("compensation_fund_until", Text("风险补偿协议期止",
               "last day of the agreement with the fund"), "date"),
        *LOAN_BOOK_COLUMNS,
    ),
    orders=(("starts_on", "matures_on"), ("starts_on", "restructured_on")),
    not_after_valued_on=("restructured_on",),
)  # fmt: skip

PLEDGE_COLUMNS = (
    Column("pledge_id", Text("押品编号", "identifier of the pledge"), "text", required=True,
           example="P-0001"),
    RIGHT_KIND,
    Column("right_id", Text("权利编号", "identifier of the right"), "text", required=True,
           example="SAMPLE-0001"),
    Column("loan_id", Text("贷款编号", "loan that it secures"), "text", example="L-0001"),
    Column("created_on", Text("担保设立日", "day the security was created"), "date",
           note=Text("拟设立的留空，按估值日的法律判断",
                     "empty when still to come: judged by the valuation day's law")),
    Column("rank", Text("顺位", "rank by day of registration"), unit="1", low=1.0, high=99.0),
    Column("secured_limit_yuan", Text("担保债权数额", "amount secured"), unit="yuan", low=0.0,
           high=MONEY),
    Column("registered_limit_yuan", Text("登记债权数额", "amount secured by the register"),
           unit="yuan", low=0.0, high=MONEY),
    _area("pledged", "mu", Text("担保亩数", "area pledged, in mu")),
    _area("certified", "mu", Text("证载亩数", "area on the certificate, in mu")),
    _area("pledged", "m2", Text("担保平方米数", "area pledged, in m2")),
    _area("certified", "m2", Text("证载平方米数", "area on the certificate, in m2")),
    Column("certificate_no", Text("权属证书号", "number of the certificate"), "text"),
    Column("unit_code", Text("不动产单元号", "real-estate unit code, 28 characters"), "text"),
    Column("parcel_code", Text("地块代码", "parcel code, 19 digits"), "text"),
    Column("contract_code", Text("承包合同代码", "contract code, 19 characters"), "text"),
    Column("issuer_code", Text("发包方代码", "code of the issuer, 14 digits"), "text"),
    Column("mortgagor_code", Text("抵押人证件号", "identity number of the mortgagor"), "text",
           personal=True),
    Column("appraised_on", Text("上次评估日", "day of the last appraisal"), "date"),
    Column("transfer_starts_on", Text("流转期起", "first day of the transfer"), "date"),
    Column("expropriation_compensation_yuan", Text("征收补偿中归抵押人部分",
           "compensation for expropriation that goes to the mortgagor"), unit="yuan", low=0.0,
           high=MONEY),
    Column("agreed_sale", Text("约定可自行拍卖、变卖或再流转",
           "agreed that the lender may sell or re-transfer by itself"), "flag"),
    Column("tenant_rent_gap_yuan_per_year", Text("在先租赁租金差额",
           "market rent less what a sitting tenant pays"), unit="yuan/year", low=0.0, high=1e9),
    Column("tenant_until", Text("在先租赁期止", "last day of the sitting tenancy"), "date"),
    *(Column(inspected(name), INSPECTION_WORDS[name], "date") for name in INSPECTIONS),
)  # fmt: skip
"""Columns of a pledge beside its facts."""

POLICY_COLUMNS = (
    Column("policy_id", Text("保单编号", "identifier of the policy"), "text", required=True,
           example="I-0001"),
    RIGHT_KIND,
    Column("right_id", Text("权利编号", "right on which it stands"), "text", required=True,
           example="SAMPLE-0001"),
    Column("kind", Text("险种", "kind of insurance"), "code", required=True,
           example="full_cost", choices=choices(
               full_cost=("完全成本保险", "full-cost crop insurance"),
               planting_income=("种植收入保险", "planting-income insurance"),
               material_cost=("物化成本保险", "material-cost crop insurance"),
               forest=("森林保险", "forest insurance"),
               house=("农房保险", "house insurance"),
               livestock=("养殖保险", "livestock insurance"),
               other=("其他", "other"),
           )),
    Column("sum_insured_yuan", Text("保险金额", "sum insured"), unit="yuan", required=True,
           low=0.0, high=MONEY, example="120000"),
    Column("output_value_yuan", Text("产值", "value of the output insured"), unit="yuan",
           low=0.0, high=MONEY),
    Column("starts_on", Text("保险期起", "first day of cover"), "date"),
    Column("ends_on", Text("保险期止", "last day of cover"), "date", required=True,
           example="2027-06-30"),
    Column("expected_loss_share",
           Text("赔付率", "share of the sum insured paid in a bad year"), unit="1", low=0.0,
           high=1.0),
    Column("next_season_inputs_yuan", Text("下季投入", "inputs of the next season"),
           unit="yuan", low=0.0, high=MONEY),
    Column("insurer_notified", Text("已书面通知保险人",
           "the insurer was told of the pledge in writing"), "flag"),
    Column("insurer_notified_on", Text("通知保险人日期", "day the insurer was told"), "date"),
)  # fmt: skip
"""Columns of a policy beside its facts."""


@cache
def pledges() -> Contract:
    """Return the table of pledges: what is given as security, and what papers and visits show.

    Returns
    -------
    Contract
        The columns.
    """
    return Contract(
        "pledges",
        Text("押品", "pledges"),
        (
            *PLEDGE_COLUMNS,
            *_facts("paper"),
        ),
        not_after_valued_on=tuple(
            ["created_on", "appraised_on", "transfer_starts_on", *map(inspected, INSPECTIONS)]
            + [fact.name + ON for fact in declared_facts().values()
               if fact.source == "paper" and fact.dated]
        ),
    )  # fmt: skip


@cache
def policies() -> Contract:
    """Return the table of insurance policies on rights.

    Returns
    -------
    Contract
        The columns.
    """
    return Contract(
        "policies",
        Text("保单", "insurance policies"),
        (
            *POLICY_COLUMNS,
            *_facts("policy"),
        ),
        orders=(("starts_on", "ends_on"),),
        not_after_valued_on=("insurer_notified_on",),
    )  # fmt: skip
