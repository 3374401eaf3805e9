"""Collective asset equity (集体资产股权): shares in the income of operating assets.

Members hold income-right shares of the collective's operating assets; the assets
themselves may not be divided.  What counts is cash paid out, year after year, and
what the charter says of transfer, lapse and repurchase.
"""

from riskengine.columns import Column, Contract
from riskengine.rights.common import CLOSING_COLUMNS, REGION_CODE, RIGHT_ID, choices
from riskengine.words import Text

DIVIDEND_YEARS = 5
"""Years of dividends that a row can list one by one."""


def _dividend(year: int) -> Column:
    """Column of one past year's dividend."""
    when = ("上一年", "前第二年", "前第三年", "前第四年", "前第五年")[year - 1]
    first = year == 1
    return Column(
        f"dividend_{year}_yuan_per_share_year",
        Text(f"{when}每股分红", f"dividend a share, year {year} before the valuation date"),
        unit="yuan/share/year", low=0.0, high=1e7, example="350" if first else "",
        note=Text("没有分红填0，不知道不填", "0 when none was paid, empty when not known")
        if first else None,
    )  # fmt: skip


EQUITY = Contract(
    "equity",
    Text("集体资产股权", "collective asset equity"),
    (
        RIGHT_ID,
        Column("kind", Text("股权类型", "kind of share"), "code", required=True,
               example="household_share", choices=choices(
                   member_share=("成员股", "member share, lapses with membership"),
                   labour_share=("农龄股", "share by years of work, lapses with its holder"),
                   household_share=("户股", "share fixed to the household, inherited"),
                   land_share=("土地股", "share for land put in, ends with the contract"),
                   fund_share=("资金股", "share paid for in money"),
                   fixed_dividend=("固定分红", "fixed yearly dividend"),
               )),
        REGION_CODE,
        Column("shares", Text("持股数", "shares held"), unit="share", required=True, low=0.0,
               low_open=True, high=1e9, example="1", aliases=("股数", "股份数")),
        Column("total_shares", Text("总股数", "shares of the collective in all"), unit="share",
               low=0.0, low_open=True, high=1e12),
        Column("transfer_restriction", Text("转让限制", "how the shares may change hands"), "code",
               example="inside_collective",
               note=Text("不填按章程未载明", "empty counts as not stated"), choices=choices(
                   inside_collective=("仅限本集体内部转让", "within the collective only"),
                   county_market=("可在农村产权交易所转让", "on a rural property exchange"),
                   repurchase_only=("只能由集体赎回", "by repurchase of the collective only"),
                   none=("不得转让", "not at all"),
                   not_stated=("章程未载明", "not stated in the charter"),
               )),
        *(_dividend(year) for year in range(1, DIVIDEND_YEARS + 1)),
        Column("dividend_mean_yuan_per_share_year",
               Text("多年平均每股分红", "mean dividend a share over several years"),
               unit="yuan/share/year", low=0.0, high=1e7,
               note=Text("逐年数字不全时填写", "where single years are not known")),
        Column("dividend_mean_years", Text("平均年数", "years behind that mean"), unit="year",
               low=1.0, high=60.0),
        Column("dividend_received_yuan", Text("上年实收分红", "dividends received last year"),
               unit="yuan", low=0.0, high=1e10,
               note=Text("应等于持股数乘每股分红", "should be shares times dividend a share")),
        Column("fixed_dividend_yuan_per_share_year",
               Text("每股固定分红", "fixed dividend a share"), unit="yuan/share/year", low=0.0,
               high=1e7, required_for=("fixed_dividend",)),
        Column("dividend_in_kind_share", Text("实物分红比例", "share of dividends paid in kind"),
               unit="1", low=0.0, high=1.0,
               note=Text("实物不能划入监管账户", "goods cannot be paid into a controlled account")),
        Column("share_end", Text("股权期止", "day on which the share ends"), "date",
               required_for=("land_share",)),
        Column("net_assets_yuan_per_share", Text("每股净资产", "book net assets a share"),
               unit="yuan/share", low=0.0, high=1e9, aliases=("每股量化资产",),
               note=Text("只作上限和核对", "an upper limit and a check only")),
        Column("distributable_income_yuan_per_year",
               Text("集体可分配收益", "distributable income of the collective"), unit="yuan/year",
               low=0.0, high=1e11),
        Column("payout_share", Text("分配比例", "share of that income that is paid out"), unit="1",
               low=0.0, high=1.0),
        Column("repurchase_price_yuan_per_share",
               Text("集体赎回价", "price at which the collective may repurchase"),
               unit="yuan/share", low=0.0, high=1e9),
        *CLOSING_COLUMNS,
    ),
    not_after_valued_on=("last_price_on",),
)  # fmt: skip
