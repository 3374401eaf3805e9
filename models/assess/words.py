"""Names of figures in words, for the report and the refusals of promotion."""

from collections.abc import Mapping

from riskengine.words import Text

USES: Mapping[str, Text] = {
    "default": Text(
        "违约概率：排序、定价与预期损失的输入；单笔决定由人复核",
        "PD: for ranking, pricing and expected loss; a person reviews a single decision",
    ),
    "recovery": Text(
        "违约损失率：均值用于预期损失，分位数用于限额；衰退值用于压力",
        "LGD: the mean for expected loss, quantiles for limits, the downturn for stress",
    ),
    "price": Text(
        "价格：估值中与其他方法并列的一种；放贷用下界",
        "price: one method among those reconciled into a value; its lower bound for lending",
    ),
}
"""What a model of each kind is for."""

TRIGGERS = (
    Text(
        "每月运行 drift；评分 PSI 报警即复核", "run drift every month; look when the score alarms"
    ),
    Text(
        "任一年实际违约高于预测（Jeffreys p < 5 %）或区间覆盖偏离 3 个百分点即重训",
        "train again when defaults of a year exceed their PD (Jeffreys p < 5 %), or intervals"
        " miss their cover by 3 points",
    ),
)
"""When to look at a model again."""

NAMES: Mapping[str, Text] = {
    "auc": Text("AUC", "AUC"),
    "auc_low": Text("AUC 区间下限", "lower end of the AUC"),
    "ks": Text("KS", "KS"),
    "gini": Text("基尼系数", "Gini"),
    "brier": Text("Brier 得分", "Brier score"),
    "ece": Text("期望校准误差", "expected calibration error"),
    "rate_over_pd": Text("实际违约率÷预测", "observed rate ÷ mean PD"),
    "jeffreys_p": Text(
        "Jeffreys 检验 p（违约多于预测）", "Jeffreys p (more defaults than predicted)"
    ),
    "jeffreys_correlated_p": Text("含相关性的 Jeffreys p", "Jeffreys p bearing a bad year"),
    "psi_score": Text("评分 PSI", "PSI of the score"),
    "direction_faults": Text("违反声明方向的次数", "breaks of a declared direction"),
    "score_forward": Text("训练期内向前验证得分", "score forward in time, inside training"),
    "score_new_places": Text("未见地区得分", "score in places never seen"),
    "auc_gain": Text("AUC 增益", "gain of AUC"),
    "auc_gain_low": Text("AUC 增益下限", "lower end of the gain of AUC"),
    "brier_gain_low": Text("Brier 增益下限", "lower end of the gain of the Brier score"),
    "mae": Text("平均绝对误差", "mean absolute error"),
    "mae_over_constant": Text("绝对误差÷常数模型", "absolute error ÷ that of a constant"),
    "mae_gain_low": Text("绝对误差增益下限", "lower end of the gain of absolute error"),
    "coverage": Text("区间覆盖率", "cover of the interval"),
    "coverage_worst": Text("覆盖率最大偏差（分组）", "largest miss of cover in a group"),
    "median_ape": Text("中位绝对误差", "median absolute error"),
    "cod": Text("离散系数 COD", "COD"),
    "prd": Text("价格相关差 PRD", "PRD"),
    "r2_log": Text("R²（对数）", "R² of the logarithm"),
    "beats_baselines": Text("优于两种基准", "beats both baselines"),
    "log_error_gain_low": Text("对数误差增益下限", "lower end of the gain of log error"),
}
"""Figures by name."""


def named(figure: str) -> Text:
    """Return a figure's name in words.

    Parameters
    ----------
    figure : str
        Name in metrics.

    Returns
    -------
    Text
        Words, or the name itself.
    """
    return NAMES.get(figure, Text(figure, figure))
