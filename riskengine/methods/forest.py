"""Forest rights (林权): the method follows the state of the stand.

Young stands by replacement cost, growing ones by harvest present value, mature
ones by stumpage; orchards by income over their life, bamboo and public-welfare
forest by annuity, bare woodland by its expectation value cut to the term of the
right.  Land that goes with trees is added as its rent over the term.
"""

from riskengine.methods import forest_timber as timber
from riskengine.methods import forest_yearly as yearly
from riskengine.methods.comparison import comparison_method
from riskengine.methods.comparison_rights import FOREST_PLAN
from riskengine.methods.forest_facts import CASES, LEADING, forest_case, forest_term
from riskengine.methods.learned import FOREST_LEARNED
from riskengine.methods.method import Approach, Method, Working
from riskengine.rights.forest import FOREST
from riskengine.words import Text

STANDARD = "LY/T 2407-2015 (appraisal of forest resources)"


def _working(name: str, zh: str, en: str, unit: str) -> Working:
    """One figure to show."""
    return Working(name, Text(zh, en), unit)


REPLACEMENT = Method(
    "replacement", Text("重置成本法", "replacement cost"),
    "area x K1 x K2 x sum C_i (1 + p)^(n - i + 1) x share reaped within the term", STANDARD,
    (
        _working("cost_today", "每亩重置成本", "cost compounded to today", "yuan/mu"),
        _working("survival_quality", "保存率系数 K1", "survival quality K1", "1"),
        _working("measured_quality", "树高系数 K2", "height quality K2", "1"),
        _working("term_share", "期内可收获比例", "share that can be reaped within the term", "1"),
    ),
    yearly.replacement,
)  # fmt: skip
HARVEST_PRESENT_VALUE = Method(
    "harvest_present_value", Text("收获现值法", "harvest present value"),
    "area x (K x volume at felling x stumpage x permit / (1 + p)^(u - a) - costs to felling)",
    STANDARD,
    (
        _working("harvest_age", "采伐（盛产）年龄", "age at felling or full bearing", "year"),
        _working("years_to_harvest", "距采伐（盛产）年数", "years to it", "year"),
        _working("harvest_volume", "采伐时每亩蓄积", "volume at felling", "m3/mu"),
        _working("quality", "林分质量系数 K", "stand quality K", "1"),
        _working("stumpage", "每立方米立木价", "stumpage", "yuan/m3"),
        _working("income_value", "每亩收入现值", "income at today's value", "yuan/mu"),
        _working("cost_value", "每亩成本现值", "costs at today's value", "yuan/mu"),
    ),
    timber.harvest_present_value,
)  # fmt: skip
STUMPAGE = Method(
    "stumpage", Text("市场价倒算法", "stumpage back-calculation"),
    "area x (volume x (W - C - F) x permit and quota - replanting)", STANDARD,
    (
        _working("sales", "每立方米销售收入 W", "sales W of a standing m3", "yuan/m3"),
        _working("costs", "每立方米成本税费 C", "costs with taxes C", "yuan/m3"),
        _working("profit", "每立方米合理利润 F", "logger's profit F", "yuan/m3"),
        _working("stumpage", "每立方米立木价", "stumpage", "yuan/m3"),
        _working("volume", "每亩蓄积", "volume", "m3/mu"),
        _working("replanting", "每亩更新造林费", "cost of replanting", "yuan/mu"),
    ),
    timber.stumpage,
)  # fmt: skip
EXPECTATION = Method(
    "expectation", Text("林木期望价法", "stand expectation value"),
    "felling / (1 + p)^(u - a) + land after felling - land today", STANDARD,
    (
        _working("harvest_age", "采伐年龄", "age at felling", "year"),
        _working("harvest_volume", "采伐时每亩蓄积", "volume at felling", "m3/mu"),
        _working("income_value", "每亩采伐收入现值", "felling income at today's value", "yuan/mu"),
        _working("land_today", "每亩林地现值", "land if free today", "yuan/mu"),
        _working("land_after", "每亩采后林地现值", "land after felling, today's value", "yuan/mu"),
    ),
    timber.expectation,
)  # fmt: skip
INCOME = Method(
    "income", Text("收益现值法", "income present value"),
    "area x (K x gross income - cost) x annuity over min(life, term)", STANDARD,
    (
        _working("net_income", "盛产期净收入", "net income at full bearing", "yuan/mu/year"),
        _working("years", "收益年数", "years of income", "year"),
        _working("income_value", "每亩收入现值", "income at today's value", "yuan/mu"),
        _working("cost_value", "每亩成本现值", "costs at today's value", "yuan/mu"),
        _working("years_to_full", "距盛产年数", "years to full bearing", "year"),
    ),
    yearly.crop_income,
)  # fmt: skip
YEARLY = (
    _working("net_income", "年均净收入", "mean net income", "yuan/mu/year"),
    _working("years", "收益年数", "years of income", "year"),
    _working("value_per_mu", "每亩价值", "value per mu", "yuan/mu"),
)
ANNUITY = Method(
    "annuity", Text("年金资本化法", "annuity"),
    "area x (income of on- and off-years - cost) x annuity over the term", STANDARD, YEARLY,
    yearly.annuity,
)  # fmt: skip
LAND_EXPECTATION = Method(
    "land_expectation", Text("林地期望价法", "land expectation value"),
    "area x best plan of rotations that are off before the term ends",
    f"{STANDARD}; Faustmann (1849)",
    (
        _working("value_per_mu", "每亩价值", "value per mu", "yuan/mu"),
        _working("felling_income", "主伐时每亩净收入", "net income of a felling", "yuan/mu"),
        _working("rotation_age", "主伐年龄", "rotation age", "year"),
    ),
    timber.land_expectation,
)  # fmt: skip
RENT = Method(
    "rent", Text("林地租金年金法", "woodland rent annuity"),
    "area x (market rent - rent payable) x annuity over the term", STANDARD, YEARLY, yearly.rent,
)  # fmt: skip
MARKET_PRICE = Method(
    "market_price", Text("立木成交价法", "prices of standing timber sold"),
    "area x volume x out-turn x price x permit", STANDARD,
    (
        _working("price", "立木成交价（按出材）", "price per m3 of output", "yuan/m3"),
        _working("output", "每亩出材", "output", "m3/mu"),
    ),
    yearly.market_price,
)  # fmt: skip
DEAL_PRICE = Method(
    "deal_price", Text("流转成交均价", "prices per mu of rights sold"), "area x price per mu",
    "published deals of forest rights",
    (_working("price", "每亩成交价", "price per mu", "yuan/mu"),), yearly.deal_price,
)  # fmt: skip

FOREST_COMPARISON = comparison_method(FOREST_PLAN)

FOREST_APPROACH = Approach(
    FOREST,
    (
        REPLACEMENT, HARVEST_PRESENT_VALUE, STUMPAGE, EXPECTATION, INCOME, ANNUITY,
        LAND_EXPECTATION, RENT, FOREST_COMPARISON, MARKET_PRICE, DEAL_PRICE, FOREST_LEARNED,
    ),
    CASES, forest_case, forest_term, LEADING,
)  # fmt: skip
