"""The engine's own words for what institutions code: one list a subject, with its source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from riskengine.columns import Column
from riskengine.gates.tables import LOANS
from riskengine.rights import RIGHTS
from riskengine.words import Text

FILE = Path(__file__).parent / "vocabulary.toml"
STATES_FILE = Path(__file__).parent / "states.toml"
CASE_STATE = "case_state"
"""The subject whose words are the states of `riskengine.exchange.states`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One list of words.

    Parameters
    ----------
    name : str
        Name in mappings.
    title : Text
        What it is a list of.
    words : mapping of str to Text
        The engine's words with what people read.
    source : str
        Where the list was seen.
    seen : {"official", "secondary", "memory", "code", "engine"}
        How: ``code`` is public program code of an institution, ``engine`` the engine's own.
    """

    name: str
    title: Text
    words: Mapping[str, Text]
    source: str
    seen: str


@cache
def subjects() -> Mapping[str, Subject]:
    """Return every subject by name.

    Returns
    -------
    mapping of str to Subject
        Case states first, then the lists of the vocabulary, then those whose words stand
        in the engine's tables: kinds of right, produce, kinds of borrower, ways of repayment.

    Examples
    --------
    >>> subjects()["check_class"].words["doubtful"].zh
    '可疑'
    >>> "pigs" in subjects()["commodity"].words
    True
    """
    found = {CASE_STATE: _states()}
    for name, table in toml_file(FILE).items():
        found[name] = Subject(
            name, text_of(table["title"]),
            {word: text_of(title) for word, title in table["words"].items()},
            table["source"], table["seen"],
        )  # fmt: skip
    kinds = {table: contract.title for table, contract in RIGHTS.items()}
    found["right_kind"] = _engine("right_kind", Text("权利种类", "kind of right"), kinds)
    for name in ("commodity", "borrower_kind", "repayment", "lender_type"):
        column = LOANS.by_name[name]
        found[name] = _engine(name, column.title, _choices(column))
    return found


def toml_file(path: Path) -> dict[str, Any]:
    """Return a data file that comes with the engine.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    dict
        Its content.
    """
    return tomllib.loads(path.read_text(encoding="utf-8"))


def text_of(words: Mapping[str, str]) -> Text:
    """Return a text from its two wordings.

    Parameters
    ----------
    words : mapping of str to str
        Wordings ``zh`` and ``en``.

    Returns
    -------
    Text
        The text.
    """
    return Text(words["zh"], words["en"])


def _states() -> Subject:
    """The states of a case as words."""
    table = toml_file(STATES_FILE)
    words = {name: text_of(state["title"]) for name, state in table["state"].items()}
    title = Text("案件状态", "state of a case")
    return Subject(CASE_STATE, title, words, table["source"], table["seen"])


def _engine(name: str, title: Text, words: Mapping[str, Text]) -> Subject:
    return Subject(name, title, words, "the engine's tables", "engine")


def _choices(column: Column) -> dict[str, Text]:
    return {choice.code: choice.title for choice in column.choices}
