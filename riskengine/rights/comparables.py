"""Comparable deals (可比实例): what was paid for rights like those in a portfolio.

Not a right itself: a table beside the rights, on which the comparison method
draws.  Facts of the parcel bear the names they have in the tables of rights, so
that both sides of a correction are read alike.
"""

from riskengine.columns import Column, Contract
from riskengine.rights.common import REGION_CODE, choices
from riskengine.words import Text

CATEGORIES = choices(
    paddy=("水田", "paddy"),
    irrigated=("水浇地", "irrigated cropland"),
    dry=("旱地", "dry cropland"),
    vegetable=("菜地与设施", "vegetables and sheds"),
    orchard=("园地", "orchard"),
    pond=("养殖水面", "fish pond"),
    grassland=("草地", "grassland"),
    wasteland=("四荒地", "wasteland"),
    fir=("杉木", "Chinese fir"),
    masson_pine=("马尾松", "masson pine"),
    eucalyptus=("桉树", "eucalyptus"),
    poplar=("杨树", "poplar"),
    larch=("落叶松", "larch"),
    broadleaf=("阔叶树", "broad-leaved trees"),
    tea_oil=("油茶", "tea-oil camellia"),
    chestnut=("板栗", "chestnut"),
    fruit=("果树", "fruit trees"),
    tea=("茶", "tea"),
    moso=("毛竹", "moso bamboo"),
    industrial=("工业", "industrial"),
    warehouse=("仓储物流", "warehouse and logistics"),
    commercial=("商服", "commercial"),
    tourism=("旅游娱乐", "tourism and entertainment"),
    rental_housing=("租赁住房", "rental housing"),
    public=("公共服务", "public service"),
)
"""Uses of farm and construction land and species, under their codes in those tables."""

COMPARABLES = Contract(
    "comparables",
    Text("可比实例", "comparable deals"),
    (
        Column("comparable_id", Text("实例编号", "identifier of the deal"), "text", required=True,
               example="DEAL-0001", note=Text("本表内唯一", "unique within the table")),
        Column("table", Text("权利类别", "kind of right, by its table"), "code", required=True,
               example="land", choices=choices(
                   land=("土地经营权", "land management rights"),
                   homestead=("农房与宅基地", "farmhouses with homestead use right"),
                   forest=("林权", "forest rights"),
                   construction=("集体经营性建设用地使用权", "collective construction land rights"),
               )),
        Column("kind", Text("权利类型", "kind within the table"), "code",
               note=Text("农房和林权必填", "needed for farmhouses and forest"), choices=choices(
                   farmhouse=("自有农房", "owner's farmhouse with homestead use right"),
                   use_right=("农房使用权", "use right or lease of a house for years"),
                   timber=("用材林", "timber"),
                   economic=("经济林", "economic forest"),
                   bamboo=("竹林", "bamboo"),
                   woodland=("林地使用权", "woodland use right"),
                   welfare=("公益林收益权", "public-welfare forest income"),
               )),
        Column("category", Text("用途或树种", "land use or species"), "code", choices=CATEGORIES,
               note=Text("农房不填", "empty for farmhouses"), example="irrigated"),
        REGION_CODE,
        Column("deal_on", Text("成交日期", "day of the deal"), "date", required=True,
               example="2026-03-15"),
        Column("basis", Text("计价方式", "what the price is per"), "code", required=True,
               example="rent_per_mu_year", choices=choices(
                   rent_per_mu_year=("元/亩·年", "yearly rent of a mu"),
                   price_per_mu=("元/亩", "price of a mu"),
                   price_per_m2=("元/平方米", "price of a square metre"),
               )),
        Column("unit_price_yuan", Text("单价", "price or rent per unit of the basis"), unit="yuan",
               required=True, low=0.0, low_open=True, high=1e6, example="820"),
        Column("term_years", Text("剩余年限", "term left at the deal"), unit="year", low=0.0,
               low_open=True, high=100.0, note=Text("无期限不填", "empty where there is no end")),
        Column("area_mu", Text("面积", "area"), unit="mu", low=0.0, low_open=True, high=1e6),
        Column("area_m2", Text("建筑或用地面积", "area of floor or land"), unit="m2", low=0.0,
               low_open=True, high=1e8),
        Column("soil_grade", Text("地力等级", "soil grade, 1 best to 10 worst"), unit="1", low=1.0,
               high=10.0),
        Column("irrigated_share", Text("可灌溉比例", "share that can be irrigated"), unit="1",
               low=0.0, high=1.0),
        Column("slope_degrees", Text("坡度", "slope"), unit="degree", low=0.0, high=60.0),
        Column("plot_area_mu", Text("单块面积", "area of one contiguous plot"), unit="mu", low=0.0,
               low_open=True, high=1e5),
        Column("road_distance_km", Text("距公路距离", "distance to a road"), unit="km", low=0.0,
               high=300.0),
        Column("volume_m3_per_mu", Text("每亩蓄积", "standing volume"), unit="m3/mu", low=0.0,
               high=60.0),
        Column("structure", Text("房屋结构", "structure"), "code", choices=choices(
            reinforced_concrete=("钢混结构", "reinforced concrete frame"),
            brick_concrete=("砖混结构", "brick and concrete"),
            brick_timber=("砖木结构", "brick and timber"),
            earth_timber=("土木结构", "earth and timber"),
            light_steel=("轻钢结构", "light steel"),
            simple=("简易结构", "simple structure"),
        )),
        Column("built_on", Text("建成日期", "day the house was built"), "date"),
        Column("inspected_newness", Text("现场勘察成新率", "newness found by inspection"), unit="1",
               low=0.0, high=1.0, aliases=("成新率",)),
        Column("plot_ratio", Text("容积率", "plot ratio"), unit="1", low=0.0, low_open=True,
               high=10.0),
        Column("land_tenure", Text("土地权属", "whose land it is"), "code",
               note=Text("不填按集体土地", "collective land when left out"), choices=choices(
                   collective=("集体土地", "collective land"), state=("国有土地", "state land"))),
        Column("arms_length", Text("公开公平交易", "between independent parties, in the open"), "flag"),
        Column("related_party", Text("关联交易", "between related parties"), "flag"),
        Column("distressed", Text("急售或司法处置", "under distress or by a court"), "flag"),
        Column("source", Text("来源", "where the deal was recorded"), "text"),
    ),
    orders=(("built_on", "deal_on"),),
)  # fmt: skip
