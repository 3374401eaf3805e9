"""What can be wrong with a cell, said so that the reader can mend it."""

from collections.abc import Iterable, Iterator, Mapping
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
    REJECTED_LOAN = (
        Text("这笔贷款的行被退回", "the row of its loan was rejected"),
        Text("先改正贷款表中的这一行", "mend the row of the loan first"),
    )
    UNKNOWN_BORROWER = (
        Text("借款人表中没有这个借款人，或该行被退回", "no such borrower, or its row was rejected"),
        Text("请核对借款人编号", "check the identifier of the borrower"),
    )
    UNKNOWN_PROGRAMME = (
        Text(
            "分担层表中没有这个方案，或其中有一层被退回",
            "no such programme among the layers, or one of its layers was rejected",
        ),
        Text("请补全并改正该方案的各层", "complete and mend the layers of the programme"),
    )
    BROKEN_PROGRAMME = (
        Text(
            "同一方案的另一层被退回，方案不完整",
            "another layer of the programme was rejected, so it is not whole",
        ),
        Text("先改正该层", "mend that layer first"),
    )
    UNKNOWN_FUND = (
        Text("资金表中没有这笔资金，或该行被退回", "no such fund, or its row was rejected"),
        Text("请核对资金编号", "check the identifier of the fund"),
    )
    FUND_OF_ANOTHER = (
        Text("资金属于{owner.zh}，不属于这一层的承担方", "the fund belongs to another: {owner.en}"),
        Text("请核对承担方与资金编号", "check the party and the identifier of the fund"),
    )
    LAYER_TERMS = (
        Text("{wrong.zh}", "{wrong.en}"),
        Text("{cure.zh}", "{cure.en}"),
    )
    SHARES_ABOVE_ONE = (
        Text(
            "同一笔贷款的在保比例合计 {total}，超过1",
            "guarantees in force on one loan cover {total} of it, more than all",
        ),
        Text(
            "请核对各担保的比例，或把已解除的改为解保",
            "check the shares, or mark released guarantees as released",
        ),
    )
    ABOVE = (
        Text("超过“{limit.zh}” {most}", "above {most}, which is {limit.en}"),
        Text("请核对两个数", "check both figures"),
    )
    RELEASED_IN_FORCE = (
        Text("状态为在保，却有解保日期", "in force, yet with a day of release"),
        Text("已解除的改为解保，仍在保的删去日期", "mark it released, or leave the day empty"),
    )
    RELEASED_STATE = (
        Text("状态为解保，却没有解保日期", "released, yet without a day of release"),
        Text("请补填解保日期", "fill in the day of release"),
    )
    RELEASED_BALANCE = (
        Text("已解保，却仍有在保余额", "released, yet with a balance in force"),
        Text("余额填0，或把状态改为在保", "enter a balance of 0, or mark it in force"),
    )
    NOT_COMPENSATED = (
        Text(
            "状态为代偿解保，却没有代偿日期或金额",
            "released by compensation, yet without its day or amount",
        ),
        Text("请补填代偿日期与金额", "fill in the day and the amount of the compensation"),
    )
    COMPENSATED_NORMAL = (
        Text("状态为正常解保，却有代偿", "released in the normal way, yet compensated"),
        Text("有代偿的改为代偿解保", "mark it released by compensation"),
    )
    ASSETS_DO_NOT_ADD_UP = (
        Text(
            "各项资产合计 {total}，与资产总额相差超过 {slack} 元",
            "the assets add up to {total}, more than {slack} yuan off the total",
        ),
        Text("请核对各项资产；没有的项目填0", "check every item; enter 0 for what there is not"),
    )
    SAME_DAY_TWICE = (
        Text("同一日有两张同口径报表", "two statements of one day and one scope"),
        Text("只留一张", "keep one of them"),
    )
    PAST_ITS_END = (
        Text("担保到期后仍在保", "still in force after its last day"),
        Text("办理解保、展期或代偿，更新状态", "release, extend or compensate it and say so"),
    )
    UNDER_BALANCE = (
        Text(
            "各押品担保债权数额合计 {total}，低于贷款余额",
            "its pledges secure {total} in all, less than the balance",
        ),
        Text(
            "超出部分无押品，请核对担保债权数额",
            "what is above is not secured: check the amounts secured",
        ),
    )
    SAME_PERSON = (
        Text("同一证件号对应两个借款人编号", "one identity number stands for two borrowers"),
        Text(
            "合并为一个借款人，集中度才不会低估",
            "make them one borrower, or concentration is understated",
        ),
    )
    FEE_AHEAD = (
        Text(
            "累计确认保费收入超过已收保费 {most}",
            "more fee income was booked than was received, {most}",
        ),
        Text("请核对保费台账", "check the ledger of fees"),
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


AND_OTHERS = Text(
    "{zh}；本行另有 {count} 处问题未列出", "{en}; {count} more faults of this row are not listed"
)


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
    others : tuple of (FaultKind, str)
        Faults of the same row that are counted and not told: kind and column.
    """

    kind: FaultKind
    table: str
    row: int
    right_id: str
    column: Column
    value: str
    facts: Mapping[str, Any]
    others: tuple[tuple[FaultKind, str], ...] = ()

    def record(self) -> dict[str, object]:
        """Return the fault as one row of ``rejected``.

        Returns
        -------
        dict of str to object
            Columns of the rejected table.
        """
        wrong, cure = self.kind.wrong.fill(**self.facts), self.kind.cure.fill(**self.facts)
        if self.others:
            wrong = AND_OTHERS.fill(zh=wrong.zh, en=wrong.en, count=len(self.others))
        return {
            "table": self.table, "row": self.row, "right_id": self.right_id,
            "column": self.column.name, "heading": self.column.title.zh, "value": self.value,
            "rule": self.kind.name.lower(), "message_zh": wrong.zh, "message_en": wrong.en,
            "cure_zh": cure.zh, "cure_en": cure.en,
        }  # fmt: skip


def found_in(faults: Iterable[Fault]) -> Iterator[tuple[FaultKind, str]]:
    """Yield every fault that was found, told or not.

    Parameters
    ----------
    faults : iterable of Fault
        Those that are told.

    Yields
    ------
    tuple of (FaultKind, str)
        What is wrong, and ``table.column``.
    """
    for fault in faults:
        yield fault.kind, f"{fault.table}.{fault.column.name}"
        for kind, column in fault.others:
            yield kind, f"{fault.table}.{column}"
