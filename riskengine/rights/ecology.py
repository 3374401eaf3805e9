"""Ecological assets (生态资产): carbon units, contracted issuance, compensation income.

Issued units in a registry are goods with a price; units still to be issued are a
chance; compensation is an income with an end.  Ecological-value accounts (GEP, VEP)
are listed so that they can be named, and are worth nothing as collateral.
"""

from riskengine.columns import Column, Contract
from riskengine.rights.common import CLOSING_COLUMNS, REGION_CODE, RIGHT_ID, choices
from riskengine.words import Text

CARBON = ("carbon_issued", "carbon_contracted")

ECOLOGY = Contract(
    "ecology",
    Text("生态资产", "ecological assets"),
    (
        RIGHT_ID,
        Column("kind", Text("资产类型", "kind of asset"), "code", required=True,
               example="carbon_contracted", choices=choices(
                   carbon_issued=("已签发碳汇", "issued carbon units"),
                   carbon_contracted=("未签发碳汇收益权", "carbon issuance still to come"),
                   compensation=("生态补偿收益权", "compensation income"),
                   value_account=("生态价值核算", "ecological value account (GEP, VEP)"),
               )),
        REGION_CODE,
        Column("programme", Text("减排机制", "programme"), "code", required_for=CARBON,
               example="ccer", choices=choices(
                   ccer=("国家核证自愿减排量", "national certified reduction (CCER)"),
                   provincial_offset=("地方核证林业碳汇", "provincial forest offset"),
                   carbon_ticket=("碳票", "carbon ticket"),
                   voluntary=("国际自愿减排标准", "international voluntary standard"),
                   charity=("公益认购", "bought for charity"),
                   other=("其他", "other"),
               )),
        Column("project_type", Text("项目类型", "what takes the carbon up"), "code",
               example="plantation", choices=choices(
                   plantation=("造林", "planted trees"),
                   bamboo=("竹林", "bamboo"),
                   shrub=("灌木林", "shrubs"),
                   natural_forest=("天然林经营", "natural forest"),
                   economic_forest=("经济林", "economic forest"),
                   wetland=("湿地", "wetland"),
                   marine=("海洋碳汇", "sea"),
                   cropland=("农田", "cropland"),
                   other=("其他", "other"),
               )),
        Column("quantity_t", Text("已签发数量", "units issued and held"), unit="t", low=0.0,
               low_open=True, high=1e8, required_for=("carbon_issued",)),
        Column("stage", Text("项目阶段", "stage of the project"), "code", example="registered",
               required_for=("carbon_contracted",), choices=choices(
                   planned=("拟开发", "planned"),
                   published=("公示", "published for comment"),
                   registered=("已登记", "registered"),
                   verified=("已核查待签发", "verified, to be issued"),
               )),
        Column("registered_on", Text("项目登记日期", "day of registration"), "date",
               example="2025-06-30"),
        Column("issued_on", Text("签发日期", "day of issue"), "date"),
        Column("area_mu", Text("面积", "area"), unit="mu", low=0.0, low_open=True, high=1e8,
               example="30000"),
        Column("yield_t_per_mu_year", Text("年亩均减排量", "tonnes a mu and year"),
               unit="t/mu/year", low=0.0, high=2.0, example="0.5",
               note=Text("超过2吨多为单位错误；验证项目平均0.9", "above 2 is a slip of units; the"
                         " mean of validated projects is 0.9")),
        Column("expected_t_per_year", Text("年减排量", "tonnes a year, before deductions"),
               unit="t/year", low=0.0, low_open=True, high=1e8),
        Column("crediting_start", Text("计入期始", "start of the crediting period"), "date",
               example="2023-01-01"),
        Column("crediting_end", Text("计入期止", "end of the crediting period"), "date",
               required_for=("carbon_contracted",), example="2043-01-01"),
        Column("issued_through", Text("已签发至", "day up to which units are issued"), "date"),
        Column("issuance_interval_years", Text("签发间隔", "years between issues"), unit="year",
               low=0.5, high=10.0),
        Column("developer_share", Text("开发方分成", "share of the developer"), unit="1", low=0.0,
               high=0.95),
        Column("buffer_share", Text("非持久性扣减", "deduction for non-permanence"), unit="1",
               low=0.0, high=0.9),
        Column("contract_price_yuan_per_t", Text("包销价", "fixed price of the offtake contract"),
               unit="yuan/t", low=0.0, low_open=True, high=1e4),
        Column("contract_volume_t", Text("包销数量", "tonnes under that contract still to deliver"),
               unit="t", low=0.0, high=1e8),
        Column("contract_end", Text("包销合同期止", "end of that contract"), "date"),
        Column("verification_cost_yuan", Text("每次核查签发费用", "cost of each issue"),
               unit="yuan", low=0.0, high=1e8),
        Column("validation_cost_yuan", Text("审定登记费用", "cost of registration still to come"),
               unit="yuan", low=0.0, high=1e8),
        Column("income_yuan_per_year", Text("上年补偿收入", "compensation of the last year"),
               unit="yuan/year", low=0.0, high=1e10, required_for=("compensation",)),
        Column("income_end", Text("补偿期止", "end of the compensation"), "date"),
        *CLOSING_COLUMNS,
    ),
    orders=(("crediting_start", "crediting_end"),),
    not_after_valued_on=("registered_on", "issued_on", "issued_through", "last_price_on"),
)  # fmt: skip
