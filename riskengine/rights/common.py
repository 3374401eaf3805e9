"""Columns that every right shares."""

from riskengine.columns import Choice, Column
from riskengine.words import Text

RIGHT_ID = Column(
    "right_id", Text("权利编号", "identifier of the right"), "text", required=True,
    aliases=("编号", "押品编号"), example="SAMPLE-0001",
    note=Text("本表内唯一", "unique within the table"),
)  # fmt: skip

REGION_CODE = Column(
    "region_code", Text("所在地区代码", "region, GB/T 2260 and its statistical extension"),
    "text", required=True, aliases=("行政区划代码", "地区代码"), example="370983",
    note=Text(
        "6位县、9位乡镇或12位村代码", "6 digits for a county, 9 for a township, 12 for a village"
    ),
)  # fmt: skip

AREA_MU = Column(
    "area_mu", Text("面积", "area"), unit="mu", required=True, low=0.0, low_open=True,
    high=1e6, example="120",
)  # fmt: skip

STATED_VALUE = Column(
    "stated_value_yuan", Text("申报或评估价值", "stated or appraised value"), unit="yuan",
    low=0.0, high=1e11, aliases=("评估价值",),
    note=Text("只用于比较，不参与估值", "for comparison only; never used in the value"),
)  # fmt: skip

LAST_PRICE = Column(
    "last_price_yuan", Text("最近成交价", "most recent price paid for this right"), unit="yuan",
    low=0.0, low_open=True, high=1e11,
)  # fmt: skip

LAST_PRICE_ON = Column(
    "last_price_on", Text("最近成交日期", "day of the most recent price"), "date",
)  # fmt: skip

PREVIOUS_VALUE = Column(
    "previous_value_yuan", Text("上次估值", "market value at the last revaluation"), unit="yuan",
    low=0.0, high=1e11,
)  # fmt: skip

PRIOR_CLAIMS = Column(
    "prior_claims_yuan", Text("在先债权余额", "balance of claims that rank before"), unit="yuan",
    low=0.0, high=1e11,
)  # fmt: skip

CLOSING_COLUMNS = (STATED_VALUE, LAST_PRICE, LAST_PRICE_ON, PREVIOUS_VALUE, PRIOR_CLAIMS)
"""What every table ends with: other people's figures and prior claims."""


def choices(**titles: tuple[str, str]) -> tuple[Choice, ...]:
    """Return choices from code = (Chinese, English).

    Parameters
    ----------
    **titles : tuple of (str, str)
        Titles by code.

    Returns
    -------
    tuple of Choice
        In the order given, which is the order of the internal numbers.
    """
    return tuple(Choice(code, Text(*title)) for code, title in titles.items())


STRUCTURES = choices(
    reinforced_concrete=("钢混结构", "reinforced concrete frame"),
    brick_concrete=("砖混结构", "brick and concrete"),
    brick_timber=("砖木结构", "brick and timber"),
    earth_timber=("土木结构", "earth and timber"),
    light_steel=("轻钢结构", "light steel"),
    simple=("简易结构", "simple structure"),
)
"""Structures of buildings."""
