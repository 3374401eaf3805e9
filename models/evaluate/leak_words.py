"""Words of the leakage probes: what each finding says, and names that give away."""

from collections.abc import Mapping

from riskengine.words import Text

KINDS: Mapping[str, Text] = {
    "copies_the_outcome": Text(
        "{feature} 单独即可判定结果（AUC 随机 {random:.3f}，后期 {later:.3f}），"
        "疑为结果的另一种写法",
        "{feature} alone decides the outcome (AUC {random:.3f} on random folds, {later:.3f} on"
        " later rows): it is the outcome in other words",
    ),
    "too_strong": Text(
        "{feature} 单独过强（AUC 随机 {random:.3f}，后期 {later:.3f}），请说明何时可知",
        "{feature} alone is too strong (AUC {random:.3f} on random folds, {later:.3f} on later"
        " rows): say when it was known",
    ),
    "fades": Text(
        "{feature} 随机切分 AUC {random:.3f}，后期仅 {later:.3f}，可能只是年份的替身",
        "{feature} has AUC {random:.3f} on random folds but {later:.3f} on later rows: it may"
        " stand for the year",
    ),
    "missing_tells": Text(
        "{feature} 是否缺失取决于结果：违约贷款缺失 {bads:.1%}，正常贷款缺失 {goods:.1%}",
        "whether {feature} is missing depends on the outcome: {bads:.1%} of bads, {goods:.1%} of"
        " goods",
    ),
    "after_the_decision": Text(
        "{feature} 有 {share:.1%} 的日期晚于决策日",
        "{share:.1%} of the dates in {feature} lie after the decision",
    ),
    "known_later": Text(
        "{feature} 有 {share:.1%} 的行在决策日之后才可知",
        "{feature} became known after the decision in {share:.1%} of rows",
    ),
    "leaves_the_heap": Text(
        "{feature} 落在常见整数值上的比例，违约与正常相差 {gap:+.1%}："
        "一类的值疑被事后改写（如期限被截短）",
        "the share of {feature} on common round values differs by {gap:+.1%} between bads and"
        " goods: one class was written over afterwards, as a term cut to the months lived",
    ),
    "follows_life": Text(
        "违约贷款的 {feature} 与其存续时间高度相关（秩相关 {correlation:+.2f}）",
        "{feature} of bad loans follows how long they lived (rank correlation {correlation:+.2f})",
    ),
    "clock": Text(
        "{feature} 几乎就是日历（与决策日秩相关 {correlation:+.2f}），未来没有这些值",
        "{feature} is nearly the calendar (rank correlation {correlation:+.2f} with the day of"
        " the decision): the future has other values",
    ),
    "identifier_order": Text(
        "编号 {feature} 的先后与结果相关（AUC {area:.3f}，p = {p_value:.1e}）",
        "the order of {feature} goes with the outcome (AUC {area:.3f}, p = {p_value:.1e})",
    ),
    "row_order": Text(
        "行的先后与结果相关（AUC {area:.3f}，p = {p_value:.1e}）：请勿按行序切分",
        "the order of the rows goes with the outcome (AUC {area:.3f}, p = {p_value:.1e}): do not"
        " split by it",
    ),
    "name": Text(
        "{feature} 的名称像是放款后才有的信息，请说明何时可知",
        "{feature} sounds like something written after the decision: say when it was known",
    ),
}
"""What each kind of finding says."""

AFTER_THE_EVENT = (
    "chgoff", "charge_off", "chargeoff", "write_off", "writeoff", "recover", "disburs", "overdue",
    "status", "outcome", "settle", "collect", "核销", "逾期", "代偿", "不良", "结清", "追偿",
    "处置", "清收", "放款", "状态",
)  # fmt: skip
"""Parts of names that are usually written after the decision."""
