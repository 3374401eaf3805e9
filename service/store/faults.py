"""What verification tells: faults, and entries of the chain as it holds tables against them."""

from dataclasses import dataclass
from typing import Any

from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written.

    Parameters
    ----------
    position : int
        Position in the chain; 0 where there is none.
    kind : str
        Kind of fault.
    said : Text
        What is wrong.
    subject : str
        Decision, review, key, job or other thing that it is about.
    """

    position: int
    kind: str
    said: Text
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """An entry of the chain, unpacked."""

    position: int
    kind: str
    subject: str
    body: dict[str, Any]


WORDS = {
    "no_decision": Text("决定表中缺少这一决定", "the decision is missing from its table"),
    "no_entry": Text("链上没有对应的记录", "has no entry in the chain"),
    "no_chain": Text("机构有数据而没有链", "a tenant's table holds rows and its chain is gone"),
    "answer": Text("答复被改动", "the answer was changed"),
    "listing": Text("列表栏目与答复不符", "what is listed is not what was answered"),
    "no_personal": Text("缺少个人信息一行", "the row of personal cells is missing"),
    "personal": Text("个人信息被改动", "personal cells were changed"),
    "moved": Text("个人信息一行被移至别的机构", "personal cells stand under another tenant"),
    "persons": Text("相关人标识与个人信息不符", "other persons' names are not those of the cells"),
    "borrower": Text("借款人标识与个人信息不符", "the borrower's name is not that of the cells"),
    "erased": Text("个人信息被删而无删除记录", "personal cells are gone without an erasure"),
    "restored": Text("删除之后又出现", "is there again after its erasure"),
    "no_review": Text("复核表中缺少这一复核", "the review is missing from its table"),
    "review": Text("复核被改动", "the review was changed"),
    "pointer": Text("现行内容与链上最后一次变更不符", "is not in force by the chain"),
    "artifact": Text("所依据的存档缺失或被改动", "what it was made from is gone or changed"),
    "hold": Text("法律保全与链上记录不符", "the legal hold is not what the chain says"),
    "key": Text("密钥与链上记录不符", "the key is not what the chain says of it"),
    "tenant": Text("机构表与链上记录不符", "the tenant is not what the chain says of it"),
    "state": Text("状态与链上最后一次变更不符", "the state is not the last one of the chain"),
    "no_job": Text("任务表中缺少这一任务", "the job is missing from its table"),
    "job": Text("任务与链上记录不符", "the job is not what the chain says of it"),
}


def fault(position: int, kind: str, subject: str) -> Fault:
    """Return a fault of a kind of `WORDS`.

    Parameters
    ----------
    position : int
        Position in the chain; 0 where there is none.
    kind : str
        Kind of fault.
    subject : str
        What it is about.

    Returns
    -------
    Fault
        With its words.
    """
    return Fault(position, kind, WORDS[kind], subject)
