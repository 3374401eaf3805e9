"""What can be wrong with a cell, said so that the reader can mend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from riskengine.columns import Column
from riskengine.words import Text


class FaultKind(Enum):
    """Kinds of fault, each with what is wrong and its cure."""

    MISSING = (Text("必填项为空", "a required cell is empty"), Text("请补填", "fill it in"))
    DUPLICATE = (
        Text("编号重复，无法判断以哪一行为准", "the identifier stands in more than one row"),
        Text("每个权利只留一行", "keep one row for each right"),
    )
    NOT_A_NUMBER = (Text("不是数字", "not a number"), Text("只填数字，单位见列名", "numbers only"))
    NOT_A_DATE = (
        Text("不是日期", "not a date"),
        Text("按 2028-12-31 的格式填写", "write it as 2028-12-31"),
    )
    NOT_A_FLAG = (
        Text("只能填是或否", "neither yes nor no"),
        Text("填 是 或 否", "write yes or no"),
    )
    OUT_OF_RANGE = (
        Text("超出合理范围 {range}", "outside the range {range}"),
        Text("请核对数值与单位", "check the figure and its unit"),
    )
    UNKNOWN_CODE = (
        Text("不在可选值之内", "not one of the admissible values"),
        Text("可选：{choices}", "choose one of: {choices}"),
    )
    UNKNOWN_REGION = (
        Text("不是有效的县、乡或村代码", "not a county, township or village code"),
        Text("填 6、9 或 12 位行政区划代码", "use the 6, 9 or 12 digits of GB/T 2260"),
    )
    DATES_OUT_OF_ORDER = (
        Text("日期晚于“{later.zh}”", "lies after {later.en}"),
        Text("请核对两个日期", "check both dates"),
    )
    AFTER_VALUED_ON = (
        Text("日期晚于估值日 {day}", "lies after the valuation date {day}"),
        Text("请核对日期", "check the date"),
    )
    TOO_LONG = (
        Text("文字超过 {limit} 字", "text longer than {limit} characters"),
        Text("请缩短", "shorten it"),
    )
    UNPRINTABLE = (
        Text("含有不可见字符", "holds characters that cannot be printed"),
        Text("请重新输入", "type it again"),
    )
    UNKNOWN_RIGHT = (
        Text("权利表中没有这项权利，或该行被退回", "no such right, or its row was rejected"),
        Text("请核对权利编号与权利种类", "check the identifier and the kind of right"),
    )
    UNKNOWN_LOAN = (
        Text("贷款表中没有这笔贷款，或该行被退回", "no such loan, or its row was rejected"),
        Text("请核对贷款编号", "check the identifier of the loan"),
    )
    BROKEN_LINE = (
        Text("这一行的列数不对或被截断", "the line has the wrong number of cells or is cut off"),
        Text("请重新导出文件", "export the file again"),
    )

    @property
    def wrong(self) -> Text:
        """What is wrong."""
        wrong: Text = self.value[0]
        return wrong

    @property
    def cure(self) -> Text:
        """What to do about it."""
        cure: Text = self.value[1]
        return cure


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one cell.

    Parameters
    ----------
    kind : FaultKind
        What is wrong.
    table : str
        Table.
    row : int
        Row number in the table, from 1, headings not counted.
    right_id : str
        Identifier as read.
    column : Column
        Column.
    value : str
        Cell as it may be shown.
    facts : mapping of str to object
        Fills the places in the message.
    """

    kind: FaultKind
    table: str
    row: int
    right_id: str
    column: Column
    value: str
    facts: Mapping[str, Any]

    def record(self) -> dict[str, object]:
        """Return the fault as one row of ``rejected``.

        Returns
        -------
        dict of str to object
            Columns of the rejected table.
        """
        wrong, cure = self.kind.wrong.fill(**self.facts), self.kind.cure.fill(**self.facts)
        return {
            "table": self.table, "row": self.row, "right_id": self.right_id,
            "column": self.column.name, "heading": self.column.title.zh, "value": self.value,
            "rule": self.kind.name.lower(), "message_zh": wrong.zh, "message_en": wrong.en,
            "cure_zh": cure.zh, "cure_en": cure.en,
        }  # fmt: skip
