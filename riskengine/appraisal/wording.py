"""Words of a ratio study, in Chinese and English."""

from riskengine.words import Language, Text

STATISTIC_WORDS = {
    "count": Text("交易数", "sales"),
    "median": Text("中位比率", "median ratio"),
    "mean": Text("平均比率", "mean ratio"),
    "weighted_mean": Text("加权平均比率", "weighted mean ratio"),
    "cod": Text("离散系数 COD %", "dispersion COD %"),
    "cov": Text("变异系数 COV %", "variation COV %"),
    "prd": Text("价格相关差异 PRD", "price-related differential PRD"),
    "prb": Text("价格相关偏差 PRB", "price-related bias PRB"),
    "mki": Text("修正卡克瓦尼指数 MKI", "modified Kakwani index MKI"),
    "ki": Text("卡克瓦尼指数 KI", "Kakwani index KI"),
    "spearman": Text("Spearman 秩相关", "Spearman rank correlation"),
    "vei": Text("纵向公平指标 VEI %", "vertical equity VEI %"),
    "stratum_level": Text("本层水平/总体水平", "level against all strata"),
    "trimmed_share": Text("剔除占比", "share trimmed"),
}
"""What a statistic is called."""

SHORT_WORDS = STATISTIC_WORDS | {
    "mean": Text("平均", "mean"),
    "weighted_mean": Text("加权平均", "weighted mean"),
    "cod": Text("COD %", "COD %"),
    "cov": Text("COV %", "COV %"),
    "prd": Text("PRD", "PRD"),
    "prb": Text("PRB", "PRB"),
    "mki": Text("MKI", "MKI"),
    "vei": Text("VEI %", "VEI %"),
}
"""Heads of narrow columns."""

VERDICT_WORDS = {
    "pass": Text("合格", "within the band"),
    "outside": Text("超出（未证实）", "outside, not proven"),
    "unacceptable": Text("不可接受", "unacceptable"),
    "none": Text("样本不足，不作结论", "too few sales for a verdict"),
}
"""What a verdict means."""

PAGE_WORDS = {
    "title": Text("比率研究", "Ratio study"),
    "lead": Text(
        "评估值除以成交价得到比率：水平是否居中、是否均匀、高低价值之间是否公平。",
        "Estimate over price is the ratio: is its level right, is it even, is it fair to "
        "dear and cheap alike.",
    ),
    "used": Text("可用交易", "sales used"),
    "rows_in": Text("读入行数", "rows read"),
    "rows_dropped": Text("弃用行数", "rows left out"),
    "trimmed": Text("剔除的异常比率", "outliers trimmed"),
    "findings": Text("对照合格区间", "Against the bands of acceptance"),
    "statistic": Text("统计量", "statistic"),
    "value": Text("数值", "value"),
    "interval": Text("置信区间", "interval"),
    "band": Text("合格区间", "band"),
    "verdict": Text("结论", "verdict"),
    "strata": Text("总体与各层", "All sales and each stratum"),
    "stratum": Text("层", "stratum"),
    "sample": Text("样本", "sample"),
    "trimmed_sample": Text("剔除后", "trimmed"),
    "untrimmed_sample": Text("剔除前", "untrimmed"),
    "overall": Text("总体", "all sales"),
    "no_stratum": Text("（未注明）", "(none stated)"),
    "groups": Text("按价值分组", "Groups by value"),
    "group": Text("组", "group"),
    "group_value": Text("价值（一半成交价、一半评估值）", "value (half price, half estimate)"),
    "group_interval": Text("90 % 秩区间", "90 % rank interval"),
    "significance": Text("VEI 显著性 %", "significance of the VEI %"),
    "dropped": Text("弃用的行", "Rows left out"),
    "rows": Text("行数", "rows"),
    "first_rows": Text("最前的行号（从 0 起）", "first rows (from 0)"),
    "column": Text("列", "column"),
    "reason": Text("原因", "reason"),
    "method": Text("做法", "How it was made"),
    "chasing": Text(
        "COD 落入 {band}：评估可能追随了成交价，请核查评估日期是否早于成交。",
        "COD in {band}: values may have chased prices; check that they were set before the sales.",
    ),
    "by_value": Text("比率与价值", "Ratio against price"),
    "distribution": Text("比率分布", "Distribution of ratios"),
    "by_stratum": Text("各层中位比率与 COD", "Median ratio and COD by stratum"),
    "price_axis": Text("成交价（对数刻度）", "sale price (log scale)"),
    "ratio_axis": Text("比率（评估值/成交价）", "ratio (estimate / price)"),
    "count_axis": Text("交易数", "sales"),
    "median_line": Text("中位比率 {value:.3f}", "median {value:.3f}"),
    "group_line": Text("各价值组中位数与 90 % 区间", "group medians, 90 % intervals"),
    "level_band": Text("合格水平 {band}", "acceptable level {band}"),
    "sale_points": Text("交易", "sales"),
    "outlier_points": Text("剔除的交易", "trimmed sales"),
    "trim_line": Text("剔除界限", "limits of trimming"),
    "largest": Text("最大的 {shown} 层，共 {total} 层", "the largest {shown} of {total} strata"),
}
"""Words of the page and the pictures."""

METHOD_WORDS = {
    "confidence": Text("置信度", "confidence"),
    "median_ci_rule": Text("中位数区间的秩规则", "rank rule of median intervals"),
    "trim": Text("剔除倍数（四分位距）", "trimmed beyond quartile ranges"),
    "trim_quartiles": Text("四分位定义", "definition of quartiles"),
    "vei_cut": Text("VEI 分组切法（草案版次）", "cut of VEI groups (draft edition)"),
    "tied_prices": Text("同价的秩", "ranks of equal prices"),
    "bootstrap": Text("自助法次数", "bootstrap resamples"),
    "seed": Text("随机种子", "seed"),
}
"""Choices of the study."""


def say(key: str, language: Language, **values: object) -> str:
    """Return words of the page in one language.

    Parameters
    ----------
    key : str
        Key of `PAGE_WORDS`.
    language : {"zh", "en"}
        Language.
    **values : object
        Values of named places.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> say("median_line", "en", value=0.9834)
    'median 0.983'
    """
    return PAGE_WORDS[key].fill(**values).say(language) if values else PAGE_WORDS[key].say(language)
