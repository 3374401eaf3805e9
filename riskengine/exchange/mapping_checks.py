"""What can be wrong with the content of a mapping."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from riskengine.exchange.mapping import STAR
from riskengine.exchange.vocabulary import subjects
from riskengine.words import Text

KEYS = ("name", "title", "source", "seen", "context", "codes", "write", "fields", "filing")
FILING = ("institution_code", "internal_org_code")
"""What every row of a filing says of who files."""
LONGEST = 200
"""Longest text of a mapping [character]."""


@dataclass(frozen=True, slots=True)
class MappingFault:
    """One thing that is wrong with a mapping.

    Parameters
    ----------
    path : str
        Where, as ``codes.prescreen.1``.
    wrong, cure : Text
        What is wrong, and what the reader can do.
    """

    path: str
    wrong: Text
    cure: Text


def content_faults(content: Any) -> Iterator[MappingFault]:
    """Yield everything that is wrong with the content of a mapping.

    Parameters
    ----------
    content : object
        Plain data.

    Yields
    ------
    MappingFault
        In the order of the content's parts.
    """
    if not isinstance(content, Mapping):
        yield _shape("", "表", "a table")
        return
    for key in content:
        if key not in KEYS:
            listed = ", ".join(KEYS)
            yield MappingFault(
                str(key), Text("没有这一项", "there is no such part"),
                Text(f"可用：{listed}", f"there are: {listed}"),
            )  # fmt: skip
    yield from _head_faults(content)
    for part in ("codes", "write", "fields", "filing", "context"):
        if not isinstance(content.get(part, {}), Mapping):
            yield _shape(part, "表", "a table")
            return
    yield from _codes_faults(content)
    yield from _write_faults(content)
    yield from _fields_faults(content)


def uncovered(content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the engine's words that no code of a mapping stands for.

    Parameters
    ----------
    content : mapping
        A content without faults.

    Returns
    -------
    dict of str to tuple of str
        By subject of the mapping; subjects whose words are all covered are left out.
    """
    found = {}
    for subject, codes in content.get("codes", {}).items():
        words = {word for value in codes.values() for word, _ in _meanings(value)}
        left = tuple(word for word in subjects()[subject].words if word not in words)
        if left:
            found[subject] = left
    return found


def _head_faults(content: Mapping[str, Any]) -> Iterator[MappingFault]:
    """Name, title, source."""
    name = content.get("name")
    if not (isinstance(name, str) and name.isascii() and name.replace("_", "").isalnum()):
        yield _shape("name", "字母、数字和下划线", "letters, digits and underscores")
    if not _is_text(content.get("title")):
        yield _shape("title", "中英文标题 {zh, en}", "a title {zh, en}")
    if not _is_word(content.get("source")):
        yield _shape("source", "代码的出处", "where the codes come from")
    if "seen" in content and not _is_word(content["seen"]):
        yield _shape("seen", "文字", "a word")
    for name, title in _table(content, "context").items():
        if not _is_text(title):
            yield _shape(f"context.{name}", "中英文说明 {zh, en}", "a text {zh, en}")


def _codes_faults(content: Mapping[str, Any]) -> Iterator[MappingFault]:
    """Codes of every subject."""
    asked = _table(content, "context")
    for subject, codes in _table(content, "codes").items():
        path = f"codes.{subject}"
        if subject not in subjects():
            yield _no_subject(path, subject)
        elif not isinstance(codes, Mapping) or not codes:
            yield _shape(path, "代码 = 词", "code = word")
        else:
            for code, value in codes.items():
                yield from _code_faults(f"{path}.{code}", subject, code, value, asked)


def _code_faults(
    path: str, subject: str, code: str, value: Any, asked: Mapping[str, Any]
) -> Iterator[MappingFault]:
    """One code: its own form, its words, and whether its meanings exclude one another."""
    if not code.strip() or code != code.strip() or STAR in code[:-1] or code == STAR:
        yield MappingFault(
            path, Text("代码为空、带空格或星号不在末尾", "the code is empty, has blanks around it, "
                       "or a star that is not at its end"),
            Text("写出代码本身；星号只放在末尾", "write the code itself; a star only at its end"),
        )  # fmt: skip
    meanings = list(_meanings(value))
    if not meanings or not all(_well_formed(word, when) for word, when in meanings):
        yield _shape(path, "一个词，或 [{word, when}]", "a word, or [{word, when}]")
        return
    words = subjects()[subject].words
    for word, when in meanings:
        if word not in words:
            listed = ", ".join(words)
            yield MappingFault(
                path, Text(f"引擎没有“{word}”这个词", f"the engine has no word {word!r} here"),
                Text(f"可用：{listed}", f"there are: {listed}"),
            )  # fmt: skip
        for name in when:
            if name not in asked:
                yield MappingFault(
                    path, Text(f"条件“{name}”没有在 context 中说明",
                               f"the condition {name!r} is not declared under context"),
                    Text("在 context 中补上", "declare it under context"),
                )  # fmt: skip
    for (one, when), (other, then) in combinations(meanings, 2):
        if not any(when[name] != then[name] for name in when.keys() & then.keys()):
            yield MappingFault(
                path, Text(f"“{one}”与“{other}”的条件可以同时成立",
                           f"{one!r} and {other!r} may both hold"),
                Text("给两者互相排斥的条件 when", "give them conditions that exclude each other"),
            )  # fmt: skip


def _write_faults(content: Mapping[str, Any]) -> Iterator[MappingFault]:
    """The way back: words with several codes say which is written, and it reads as they say."""
    written = _table(content, "write")
    for subject in written:
        if subject not in _table(content, "codes"):
            yield _no_subject(f"write.{subject}", subject)
    for subject, codes in _table(content, "codes").items():
        if subject not in subjects() or not isinstance(codes, Mapping):
            continue
        chosen = written.get(subject, {})
        if not isinstance(chosen, Mapping):
            yield _shape(f"write.{subject}", "词 = 代码", "word = code")
            continue
        yield from _way_back(subject, _by_word(codes), chosen)


def _way_back(
    subject: str, by_word: Mapping[str, list[str]], chosen: Mapping[str, Any]
) -> Iterator[MappingFault]:
    """What is wrong with the codes written for the words of one subject."""
    pairs = [
        (word, code)
        for word, codes in chosen.items()
        for code in (codes if isinstance(codes, list) else [codes])
    ]
    for word, code in pairs:
        if code not in by_word.get(word, []):
            yield MappingFault(
                f"write.{subject}.{word}",
                Text(f"代码“{code}”读回来不是“{word}”",
                     f"the code {code!r} does not read as {word!r}"),
                Text("写一个表示该词的代码（不带星号）",
                     "name a code of that word, without a star"),
            )  # fmt: skip
    for word, codes in by_word.items():
        if len(codes) > 1 and word not in chosen:
            listed = ", ".join(codes)
            yield MappingFault(
                f"codes.{subject}",
                Text(f"“{word}”有几个代码：{listed}，没有说写哪一个",
                     f"{word!r} has several codes, {listed}, and none is chosen"),
                Text(f"在 write.{subject} 中选定一个", f"choose one under write.{subject}"),
            )  # fmt: skip


def _by_word(codes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Codes without a star by the words that they may stand for."""
    found: dict[str, list[str]] = {}
    for code, value in codes.items():
        for word, _ in _meanings(value):
            if isinstance(word, str) and not code.endswith(STAR):
                found.setdefault(word, []).append(code)
    return found


def _fields_faults(content: Mapping[str, Any]) -> Iterator[MappingFault]:
    """Names of fields, and what every row of a filing says."""
    fields = _table(content, "fields")
    for name, path in fields.items():
        if not _is_word(name) or not _is_word(path):
            yield _shape(f"fields.{name}", "机构字段 = 引擎路径", "own field = the engine's path")
    paths = [path for path in fields.values() if isinstance(path, str)]
    for path in sorted({one for one in paths if paths.count(one) > 1}):
        yield MappingFault(
            "fields", Text(f"两个字段都指向“{path}”", f"two fields stand for {path!r}"),
            Text("只留一个", "keep one of them"),
        )  # fmt: skip
    for name, cell in _table(content, "filing").items():
        if name not in FILING or not _is_word(cell):
            listed = ", ".join(FILING)
            yield _shape(f"filing.{name}", f"{listed} 之一，文字", f"one of {listed}, a text")


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _meanings(value: Any) -> Iterator[tuple[Any, Any]]:
    """Words of one code with their conditions, whatever was written."""
    if isinstance(value, str):
        yield value, {}
    elif isinstance(value, list):
        for one in value:
            known = isinstance(one, Mapping) and not set(one) - {"word", "when"}
            yield (one.get("word"), one.get("when", {})) if known else (None, {})


def _well_formed(word: Any, when: Any) -> bool:
    return (
        _is_word(word) and isinstance(when, Mapping)
        and all(_is_word(name) and _is_word(cell) for name, cell in when.items())
    )  # fmt: skip


def _is_word(cell: Any) -> bool:
    return isinstance(cell, str) and 0 < len(cell.strip()) <= LONGEST


def _is_text(cell: Any) -> bool:
    return (
        isinstance(cell, Mapping) and set(cell) == {"zh", "en"}
        and all(_is_word(one) for one in cell.values())
    )  # fmt: skip


def _no_subject(path: str, subject: str) -> MappingFault:
    listed = ", ".join(subjects())
    return MappingFault(
        path, Text(f"没有“{subject}”这一类代码", f"there is no list {subject!r}"),
        Text(f"可用：{listed}", f"there are: {listed}"),
    )  # fmt: skip


def _shape(path: str, zh: str, en: str) -> MappingFault:
    return MappingFault(
        path, Text(f"应为{zh}", f"must be {en}"),
        Text("请对照 examples/mappings 中的文件", "compare the files in examples/mappings"),
    )  # fmt: skip
