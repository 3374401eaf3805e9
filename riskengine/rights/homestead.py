"""Homestead use right with farmhouse (宅基地使用权与农民住房财产权).

The homestead itself was allocated without payment and may pass only within the
collective; what can be pledged is the house with the use right under it, or the
right to use a house for a term of years.
"""

from riskengine.columns import Column, Contract
from riskengine.rights.common import CLOSING_COLUMNS, REGION_CODE, RIGHT_ID, choices
from riskengine.words import Text

STRUCTURES = choices(
    reinforced_concrete=("钢混结构", "reinforced concrete frame"),
    brick_concrete=("砖混结构", "brick and concrete"),
    brick_timber=("砖木结构", "brick and timber"),
    earth_timber=("土木结构", "earth and timber"),
    light_steel=("轻钢结构", "light steel"),
    simple=("简易结构", "simple structure"),
)

BUYER_POOLS = choices(
    village=("本集体经济组织", "members of the same collective"),
    township=("本乡镇", "members of collectives in the township"),
    county=("本县", "members of collectives in the county"),
    open=("不限", "open"),
)

HOMESTEAD = Contract(
    "homestead",
    Text("农房与宅基地", "farmhouses with homestead use right"),
    (
        RIGHT_ID,
        Column("kind", Text("权利类型", "how the house is held"), "code", required=True,
               example="farmhouse", choices=choices(
                   farmhouse=("自有农房", "owner's farmhouse with homestead use right"),
                   use_right=("农房使用权", "use right or lease of a house for years"),
               )),
        REGION_CODE,
        Column("building_area_m2", Text("建筑面积", "building area"), unit="m2", required=True,
               low=0.0, low_open=True, high=5000.0, example="180"),
        Column("plot_area_m2", Text("宅基地面积", "area of the homestead"), unit="m2", low=0.0,
               low_open=True, high=5000.0, example="120",
               note=Text("只在有有偿退出或有偿分配价格处计价",
                         "counts only where a paid exit or allocation price is known")),
        Column("structure", Text("房屋结构", "structure"), "code", choices=STRUCTURES,
               example="brick_concrete"),
        Column("storeys", Text("层数", "storeys"), unit="1", low=1.0, high=12.0, example="2"),
        Column("built_on", Text("建成日期", "day the house was built"), "date",
               example="2012-06-30"),
        Column("effective_age_years", Text("有效使用年数", "effective age, when it is not the real age"),
               unit="year", low=0.0, high=150.0),
        Column("life_years", Text("经济耐用年限", "economic life"), unit="year", low=5.0, high=150.0,
               note=Text("不填则按结构", "by structure when left out")),
        Column("building_cost_yuan_per_m2", Text("重置单价", "cost of building it anew"),
               unit="yuan/m2", low=0.0, low_open=True, high=20000.0,
               note=Text("有当地造价依据时填写", "when there is evidence of local cost")),
        Column("repair_cost_yuan", Text("可修复损耗修复费", "cost of curable repair"), unit="yuan",
               low=0.0, high=1e8),
        Column("fitout_cost_yuan", Text("装修重置成本", "replacement cost of the fit-out"), unit="yuan",
               low=0.0, high=1e8),
        Column("fitout_on", Text("装修日期", "day of the fit-out"), "date"),
        Column("fitout_life_years", Text("装修使用年限", "life of the fit-out"), unit="year", low=1.0,
               high=50.0),
        Column("equipment_cost_yuan", Text("设备重置成本", "replacement cost of equipment"),
               unit="yuan", low=0.0, high=1e8),
        Column("equipment_on", Text("设备安装日期", "day the equipment was installed"), "date"),
        Column("equipment_life_years", Text("设备使用年限", "life of the equipment"), unit="year",
               low=1.0, high=50.0),
        Column("inspected_newness", Text("现场勘察成新率", "newness found by inspection"), unit="1",
               low=0.0, high=1.0, aliases=("成新率",)),
        Column("functional_loss_yuan", Text("功能性贬值", "functional obsolescence"), unit="yuan",
               low=0.0, high=1e8),
        Column("external_loss_yuan", Text("外部性贬值", "external obsolescence"), unit="yuan", low=0.0,
               high=1e8),
        Column("term_end", Text("使用期止", "end of the use right of house or land"), "date",
               required_for=("use_right",),
               note=Text("自有农房的宅基地无期限，留空", "empty for a homestead without end")),
        Column("term_start", Text("使用期起", "start of the use right"), "date"),
        Column("reverts_uncompensated", Text("期满房屋无偿收回", "the house reverts without payment"),
               "flag"),
        Column("buyer_pool", Text("可受让范围", "who may buy"), "code", choices=BUYER_POOLS,
               example="village", note=Text("不填按本集体经济组织", "the same collective when left out")),
        Column("exit_price_yuan_per_m2", Text("宅基地有偿退出或分配价格",
                                              "paid exit or allocation price of homesteads here"),
               unit="yuan/m2", low=0.0, low_open=True, high=50000.0,
               note=Text("不得填城镇住宅地价", "never the price of urban residential land")),
        Column("let", Text("已出租或具备出租条件", "let, or fit to let"), "flag"),
        Column("market_rent_yuan_per_m2_year", Text("当地市场租金", "market rent known for the house"),
               unit="yuan/m2/year", low=0.0, low_open=True, high=5000.0),
        Column("contract_rent_yuan_per_year", Text("合同年租金收入", "rent received under contract"),
               unit="yuan/year", low=0.0, high=1e8),
        Column("contract_rent_until", Text("租约止", "day to which that rent is received"), "date"),
        Column("tenant_bears_costs", Text("维修由承租人负担", "the tenant bears repairs and running costs"),
               "flag"),
        Column("rent_payable_yuan_per_year", Text("应付年租金", "rent still payable for the use right"),
               unit="yuan/year", low=0.0, high=1e8),
        Column("rent_paid_through", Text("租金已付至", "day to which rent is paid"), "date"),
        Column("rent_in_advance", Text("租金先付", "rent falls due at the start of the year"), "flag"),
        Column("vacancy_share", Text("空置率", "share of time vacant"), unit="1", low=0.0, high=0.95),
        Column("operating_cost_share", Text("运营费用率", "operating cost as a share of rent"),
               unit="1", low=0.0, high=0.95),
        Column("sole_dwelling", Text("唯一住房", "the only dwelling of the household"), "flag"),
        Column("other_dwelling", Text("有其他稳定居所", "another long-term stable dwelling"), "flag"),
        Column("road_distance_km", Text("距公路距离", "distance to a road"), unit="km", low=0.0,
               high=300.0),
        *CLOSING_COLUMNS,
    ),
    orders=(("term_start", "term_end"), ("built_on", "fitout_on"), ("built_on", "equipment_on")),
    not_after_valued_on=(
        "built_on", "fitout_on", "equipment_on", "term_start", "last_price_on",
    ),
)  # fmt: skip
