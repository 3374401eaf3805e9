"""A whole validation report of made-up figures: what the page has to carry."""

import numpy as np
from scipy.stats import beta, norm

from models.report import (
    Check,
    Column,
    Content,
    Decision,
    Document,
    Picture,
    Table,
    Tile,
    standard_sections,
)
from riskengine.words import Text

LABEL = Column(Text("项目", "item"))
RATE, LOW, HIGH = (
    Column(Text(zh, en), "share")
    for zh, en in (("违约率", "default rate"), ("下限 95%", "low 95%"), ("上限 95%", "high 95%"))
)
COUNT = Column(Text("笔数", "loans"), "integer")
DEFAULTS = Column(Text("违约", "defaults"), "integer")
AUC = tuple(
    Column(Text(zh, en), "number")
    for zh, en in (("AUC", "AUC"), ("下限 95%", "low 95%"), ("上限 95%", "high 95%"))
)


def jeffreys(bad: int, n: int) -> tuple[float, float]:
    """95 % interval of a rate."""
    low, high = beta.ppf([0.025, 0.975], bad + 0.5, n - bad + 0.5)
    return float(low), float(high)


def roc(points: int, lift: float, name: Text) -> list[tuple]:
    """Binormal curve."""
    false = np.linspace(0.0, 1.0, points)
    return [(name, float(f), float(norm.cdf(norm.ppf(f) + lift))) for f in false]


def discrimination() -> Content:
    new, old = Text("新模型", "challenger"), Text("现用模型", "champion")
    curve = Table(
        Text("ROC 各点", "points of the ROC"),
        (
            Column(Text("模型", "model")),
            Column(Text("误报率", "false positive rate"), "share"),
            Column(Text("命中率", "true positive rate"), "share"),
        ),
        (*roc(1500, 0.85, new), *roc(1500, 0.62, old)),
    )
    groups = Table(
        Text("各客户类型", "By client type"),
        (LABEL, COUNT, DEFAULTS, *AUC),
        (
            (Text("种植户", "crop farms"), 8210, 611, 0.731, 0.711, 0.751),
            (Text("养殖户", "livestock farms"), 2904, 288, 0.702, 0.671, 0.733),
            (Text("家庭农场", "family farms"), 1811, 97, 0.688, 0.634, 0.742),
            (Text("农民合作社", "cooperatives"), 655, 41, 0.640, 0.551, 0.729),
            (Text("其他", "others"), 201, 9, None, None, None),
        ),
        Text("少于 30 个违约的类型不给 AUC。", "No AUC for types of fewer than 30 defaults."),
    )
    single = [("负债占资产", 0.664), ("经营年限", 0.611), ("年净收入/年还款", 0.648), ("户主年龄", 0.52), ("村委评价", 0.512)]  # fmt: skip
    english = (
        "debt over assets",
        "years of farming",
        "income over repayment",
        "age",
        "village opinion",
    )
    items = Table(
        Text("单项 AUC", "AUC of single items"),
        (LABEL, *AUC),
        tuple(
            (Text(zh, en), v, v - 0.018, v + 0.018)
            for (zh, v), en in zip(single, english, strict=True)
        ),
    )
    thin = Table(curve.title, curve.columns, tuple(roc(12, 0.4, new)))
    return Content(
        text=(Text("新旧模型在相同的期外行上比较；DeLong 配对检验 p < 0.001。", "Both models on the same out-of-time rows; paired DeLong p < 0.001."),),
        tables=(groups,),
        pictures=(
            Picture("step", Text("新旧模型 ROC", "ROC, challenger and champion"), curve, 1, 2, 13781, group=0, defaults=1046),
            Picture("bars", Text("单项 AUC", "AUC of single items"), items, 0, 1, 13781, 2, 3, defaults=1046, reference=0.5),
            Picture("bars", Text("各客户类型 AUC", "AUC by client type"), groups, 0, 3, 13781, 4, 5, defaults=1046, reference=0.5),
            Picture("step", Text("苹果种植户 ROC", "ROC of apple growers"), thin, 1, 2, 201, defaults=9),
        ),
        source=Text("期外样本 2004-10-01 至 2006-09-30，抽取日 2026-11-20", "out of time, 2004-10-01 to 2006-09-30, drawn 2026-11-20"),
    )  # fmt: skip


def calibration() -> Content:
    predicted = np.array([0.012, 0.021, 0.034, 0.047, 0.061, 0.079, 0.101, 0.132, 0.178, 0.262])
    n = np.full(10, 1378)
    bad = np.round(n * predicted * 1.08).astype(int)
    rows = tuple(
        (str(k + 1), int(n[k]), int(bad[k]), float(predicted[k]), bad[k] / n[k], *jeffreys(bad[k], n[k]), 0.4 - 0.03 * k)
        for k in range(10)
    )  # fmt: skip
    grades = Table(
        Text("按等级", "By grade"),
        (Column(Text("等级", "grade")), COUNT, DEFAULTS, Column(Text("预测 PD", "predicted PD"), "share"), RATE, LOW, HIGH, Column(Text("Holm p", "Holm p"), "p_value")),
        rows,
    )  # fmt: skip
    years = [f"{y}Q{q}" for y in range(2004, 2007) for q in range(1, 5)]
    rate = 0.075 + 0.03 * np.sin(np.arange(12) / 3.0)
    rate[10:] = np.nan
    vintages = Table(
        Text("按放款季度", "By quarter of origination"),
        (Column(Text("季度", "quarter")), COUNT, RATE, LOW, HIGH, Column(Text("预测 PD", "predicted PD"), "share")),
        tuple((years[k], 1148, rate[k], rate[k] - 0.014, rate[k] + 0.014, 0.07 + 0.001 * k) for k in range(12)),
    )  # fmt: skip
    return Content(
        pictures=(
            Picture("reliability", Text("可靠性", "Reliability"), grades, 3, 4, 13780, 5, 6, defaults=int(bad.sum())),
            Picture("line", Text("预测与实际违约率", "Expected and realised rate"), vintages, 0, (2, 5), 13776, (3,), (4,), defaults=1046),
        ),
    )  # fmt: skip


def stability() -> Content:
    expected = np.array([0.08, 0.1, 0.12, 0.13, 0.14, 0.13, 0.11, 0.09, 0.06, 0.04])
    actual = expected * np.linspace(0.75, 1.4, 10)
    actual /= actual.sum()
    bins = Table(
        Text("评分分箱", "Bins of the score"),
        (Column(Text("分数段", "score")), Column(Text("训练期", "reference"), "share"), Column(Text("近期", "recent"), "share"), Column(Text("PSI 贡献", "part of PSI"), "number")),
        tuple(
            (f"[{400 + 30 * k}, {430 + 30 * k})", float(e), float(a), float((a - e) * np.log(a / e)))
            for k, (e, a) in enumerate(zip(expected, actual, strict=True))
        ),
    )  # fmt: skip
    months = [f"2026-{m:02d}" for m in range(1, 11)]
    psi = Table(
        Text("各月 PSI", "PSI by month"),
        (Column(Text("月份", "month")), Column(Text("评分 PSI", "PSI of the score"), "number"), Column(Text("报警线", "alarm"), "number"), Column(Text("p", "p"), "p_value"), COUNT),
        tuple((months[k], 0.01 + 0.004 * k**1.4, 0.062, 0.4 / (k + 1) ** 3, 900 + 20 * k) for k in range(10)),
    )  # fmt: skip
    return Content(
        pictures=(
            Picture("histogram", Text("评分分布：训练期与近期", "Score: reference and recent"), bins, 0, (1, 2), 9900),
            Picture("line", Text("评分 PSI", "PSI of the score"), psi, 0, (1, 2), 9900),
        )
    )  # fmt: skip


def values() -> Content:
    rng = np.random.default_rng(8)
    sold = np.exp(rng.normal(11.0, 0.9, 4200))
    valued = sold * np.exp(rng.normal(0.0, 0.22, 4200))
    right = np.where(rng.random(4200) < 0.7, "土地经营权", "农房")
    sales = Table(
        Text("成交与估值", "Sold and valued"),
        (Column(Text("权利", "right")), Column(Text("成交价 元", "sold, yuan"), "money"), Column(Text("估值 元", "valued, yuan"), "money")),
        tuple(zip(right.tolist(), sold.tolist(), valued.tolist(), strict=True)),
    )  # fmt: skip
    study = Table(
        Text("比率研究", "Ratio study"),
        (LABEL, COUNT, *(Column(Text(w, w), "number", k) for w, k in (("COD", 1), ("PRD", 3), ("PRB", 3), ("MKI", 3))), Column(Text("90% 区间覆盖", "cover of 90% interval"), "share"), LOW, HIGH),
        (("土地经营权", 2941, 16.2, 1.031, -0.021, 0.981, 0.905, 0.894, 0.915), ("农房", 1259, 17.9, 1.044, -0.035, 0.974, 0.893, 0.875, 0.909)),
    )  # fmt: skip
    return Content(
        tables=(study,),
        pictures=(Picture("scatter", Text("成交价与估值", "Sold against valued"), sales, 1, 2, 4200, group=0),),
    )  # fmt: skip


def recovery() -> Content:
    months = np.arange(0, 61, 6)
    routes = (
        (Text("协商流转", "agreed transfer"), 18.0),
        (Text("法院拍卖", "court auction"), 34.0),
    )
    table = Table(
        Text("各途径累计回款", "Money back by route"),
        (Column(Text("途径", "route")), Column(Text("违约后月数", "months after default"), "integer"), Column(Text("累计回收率", "money back"), "share"), LOW, HIGH),
        tuple(
            (name, int(m), 0.7 * (1 - np.exp(-m / tau)), max(0.0, 0.7 * (1 - np.exp(-m / tau)) - 0.05), 0.7 * (1 - np.exp(-m / tau)) + 0.05)
            for name, tau in routes
            for m in months
        ),
    )  # fmt: skip
    picture = Picture(
        "line", Text("回款时间", "Time to money"), table, 1, 2, 412, 3, 4, group=0, defaults=57
    )
    return Content(pictures=(picture,))  # fmt: skip


def fairness() -> Content:
    table = Table(
        Text("各年龄段", "By age band"),
        (Column(Text("年龄段", "age band")), COUNT, Column(Text("通过率", "grant rate"), "share"), LOW, HIGH, Column(Text("与最高之比", "ratio to the highest"), "number", 2)),
        (("18-35", 2100, 0.71, 0.69, 0.73, 0.97), ("36-50", 6400, 0.73, 0.72, 0.74, 1.0), ("51-60", 4100, 0.69, 0.676, 0.704, 0.95), ("> 60", 1181, 0.55, 0.522, 0.578, 0.75)),
    )  # fmt: skip
    return Content(
        pictures=(Picture("bars", Text("通过率", "Grant rate"), table, 0, 2, 13781, 3, 4),)
    )


def document() -> Document:
    """The report."""
    decision = Decision(
        "promote",
        (
            Text("期外 AUC 0.726，高于现用模型 0.669，差 0.057 [0.041, 0.073]。", "Out-of-time AUC 0.726 against 0.669 of the champion: +0.057 [0.041, 0.073]."),
            Text("总体预测 7.4%，实际 7.6% [7.1%, 8.0%]，各等级 Holm 检验均未报警。", "Predicted 7.4%, observed 7.6% [7.1%, 8.0%]; no grade alarms under Holm."),
            Text("60 岁以上通过率之比 0.75，低于 0.80，须先说明。", "Grant rate over age 60 stands at 0.75 of the highest, below 0.80: to be explained first."),
        ),
        (
            Check(Text("期外 AUC", "out-of-time AUC"), "≥ 0.600", "0.726 [0.711, 0.741]", True),
            Check(Text("AUC 高于现用模型", "AUC above the champion"), "> 0", "+0.057 [0.041, 0.073]", True),
            Check(Text("总体校准", "calibration in the large"), "p ≥ 0.05", "p = 0.21", True),
            Check(Text("通过率之比", "ratio of grant rates"), "≥ 0.80", "0.75 [0.71, 0.79]", False),
        ),
    )  # fmt: skip
    trained = Table(
        Text("样本", "Rows"),
        (LABEL, COUNT, DEFAULTS, RATE, LOW, HIGH),
        tuple((Text(zh, en), n, bad, bad / n, *jeffreys(bad, n)) for zh, en, n, bad in (("训练", "training", 21044, 1409), ("校准", "calibration", 6120, 428), ("期外检验", "out of time", 13781, 1046))),
    )  # fmt: skip
    parts = {
        "training": Content(
            (Text("对象：2000-10-01 至 2006-09-30 批准的担保贷款；违约：逾期 90 天以上或代偿。", "Loans approved 2000-10-01 to 2006-09-30; default: 90 days past due, or paid by the guarantor."),),
            (trained,),
        ),
        "discrimination": discrimination(), "calibration": calibration(), "stability": stability(),
        "values": values(), "recovery": recovery(), "fairness": fairness(),
        "limits": Content((Text("评分 PSI 的 p 值小于 0.01 且大于 0.1 时重新校准。", "Recalibrate when the PSI of the score is above 0.1 with p below 0.01."),)),
    }  # fmt: skip
    return Document(
        Text("验证报告 · sba-default 3f9a1c20b7de", "Validation report · sba-default 3f9a1c20b7de"),
        decision, standard_sections(parts),
        (Text("数据 3f9a1c20b7de · 配置 88b0e1a2c4d6 · 引擎 0.1.0 · 种子 20261126", "data 3f9a1c20b7de · configuration 88b0e1a2c4d6 · engine 0.1.0 · seed 20261126"),),
        Text("违约模型 · 提升树 · 期外 2004-10 至 2006-09", "Default model · boosted trees · out of time 2004-10 to 2006-09"),
        Text("境外数据：只演示流程，不得用于中国境内任何授信决定。", "FOREIGN data: shows the path only; never decides on a loan in China."),
        (
            Tile(Text("期外 AUC", "out-of-time AUC"), "0.726", Text("[0.711, 0.741] · n = 13,781", "[0.711, 0.741] · n = 13,781")),
            Tile(Text("违约", "defaults"), "1,046", Text("13,781 笔", "of 13,781 loans")),
            Tile(Text("预测 / 实际", "predicted / observed"), "7.4% / 7.6%", Text("[7.1%, 8.0%]", "[7.1%, 8.0%]")),
            Tile(Text("评分 PSI", "PSI of the score"), "0.048", Text("p = 0.03", "p = 0.03")),
        ),
    )  # fmt: skip
