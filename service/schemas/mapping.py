"""Mappings as they are sent and answered."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field, JsonValue
from typing_extensions import TypedDict

from service.exchange.mappings import MappingName
from service.schemas.base import Said, Schema
from service.schemas.cells import Day, strict
from service.schemas.score import UnknownCodeAnswer

Word = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Condition = Annotated[dict[Word, Word], Field(max_length=10)]
Meaning = strict(TypedDict("Meaning", {"word": Word, "when": NotRequired[Condition]}))
Meanings = Word | Annotated[list[Meaning], Field(min_length=1, max_length=50)]
Both = strict(TypedDict("Both", {"zh": Word, "en": Word}))

Mapping = strict(TypedDict("Mapping", {
    "name": MappingName,
    "title": Both,
    "source": Annotated[Word, Field(description="代码的出处 where the codes come from")],
    "seen": NotRequired[Word],
    "context": NotRequired[Annotated[dict[Word, Both], Field(
        max_length=20, description="判别多义代码的条件 what decides codes of several meanings",
    )]],
    "codes": NotRequired[Annotated[
        dict[Word, Annotated[dict[Word, Meanings], Field(max_length=2000)]],
        Field(max_length=50, description="类别 → 代码 → 引擎的词 list, code, the engine's word"),
    ]],
    "write": NotRequired[Annotated[
        dict[Word, Annotated[dict[Word, Word | list[Word]], Field(max_length=500)]],
        Field(max_length=50, description="一词多码时写哪个 which of several codes is written"),
    ]],
    "fields": NotRequired[Annotated[dict[Word, Word], Field(
        max_length=500, description="机构字段 → 引擎字段 own path, the engine's path",
    )]],
    "filing": NotRequired[Annotated[dict[Word, Word], Field(max_length=10)]],
}))  # fmt: skip

Context = Annotated[dict[Word, Word], Field(max_length=20)]
Translation = strict(TypedDict("Translation", {
    "direction": NotRequired[Literal["in", "out"]],
    "context": NotRequired[Context],
    "record": Annotated[dict[str, JsonValue], Field(
        max_length=1000, description="一条记录；不保存 one record; it is not kept",
    )],
}))  # fmt: skip
Entry = strict(TypedDict("HistoryEntry", {
    "state": Word, "on": NotRequired[Day], "context": NotRequired[Context],
}))  # fmt: skip
History = strict(TypedDict("History", {
    "context": NotRequired[Context],
    "history": Annotated[list[Entry], Field(max_length=1000)],
}))  # fmt: skip


class MappingAnswer(Schema):
    """What a mapping holds 对照表."""

    digest: str
    shipped: bool
    mapping: Mapping  # type: ignore[valid-type]


class MappingLine(Schema):
    """One mapping of the list."""

    name: str
    title: Said
    digest: str
    shipped: bool
    source: str
    seen: str
    subjects: list[str]


class MappingsAnswer(Schema):
    """Mappings that there are."""

    items: list[MappingLine]


class SubjectAnswer(Schema):
    """One list of the engine's words."""

    title: Said
    source: str
    seen: str
    words: dict[str, Said]


class VocabularyAnswer(Schema):
    """The engine's words, and which state of a case may follow which."""

    subjects: dict[str, SubjectAnswer]
    moves: dict[str, list[str]]
    entries: list[str]


class MappingFaultAnswer(Schema):
    """One thing that is wrong with a mapping."""

    path: str
    message: Said
    cure: Said


class CheckAnswer(Schema):
    """What is wrong with a mapping, and what it does not cover."""

    digest: str | None
    faults: list[MappingFaultAnswer]
    uncovered: dict[str, list[str]]


class TranslationAnswer(Schema):
    """A record translated."""

    record: dict[str, JsonValue]
    unknown_codes: list[UnknownCodeAnswer]


class MoveFault(Schema):
    """One entry of a history that cannot follow the one before."""

    position: int
    before: str
    after: str
    message: Said
    cure: Said


class HistoryAnswer(Schema):
    """What cannot be in a history."""

    allowed: bool
    unknown_codes: list[UnknownCodeAnswer]
    faults: list[MoveFault]
