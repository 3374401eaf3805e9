"""Mapping tables: an institution's codes for the engine's words, both ways.

A mapping is data (TOML, or the same content as JSON).  For every subject it says which word
each code stands for.  One code may mean several words: then each has conditions on a context
that the caller gives (which list, which kind of cause), and without it the code is ambiguous,
never guessed.  Several codes may mean one word: then ``write`` says which of them is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from riskengine.words import Text

SHIPPED = Path(__file__).parent / "shipped"
STAR = "*"
"""At the end of a code: whatever characters follow, one at least."""
State = Literal["known", "unknown", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One word that a code may stand for.

    Parameters
    ----------
    word : str
        The engine's word.
    when : tuple of (str, str)
        What the context must say, by name; empty for always.
    """

    word: str
    when: tuple[tuple[str, str], ...] = ()

    def holds(self, context: Mapping[str, str]) -> bool:
        """Whether the context says all that this meaning asks.

        Parameters
        ----------
        context : mapping of str to str
            What is known.

        Returns
        -------
        bool
            True also where nothing is asked.
        """
        return all(context.get(name) == value for name, value in self.when)

    def may_hold(self, context: Mapping[str, str]) -> bool:
        """Whether the context says nothing against this meaning.

        Parameters
        ----------
        context : mapping of str to str
            What is known.

        Returns
        -------
        bool
            False where the context says otherwise.
        """
        return all(context.get(name, value) == value for name, value in self.when)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Codes of one subject.

    Parameters
    ----------
    codes : mapping of str to tuple of Meaning
        What each code stands for; a code that ends in `STAR` covers all that begin so.
    write : mapping of str to tuple of str
        Which code is written for a word that has several: the first of these that may
        stand in the context.
    """

    codes: Mapping[str, tuple[Meaning, ...]]
    write: Mapping[str, tuple[str, ...]]

    def words(self, context: Mapping[str, str]) -> frozenset[str]:
        """Return the words that some code may stand for.

        Parameters
        ----------
        context : mapping of str to str
            What is known.

        Returns
        -------
        frozenset of str
            The words.
        """
        return frozenset(
            meaning.word
            for found in self.codes.values()
            for meaning in found
            if meaning.may_hold(context)
        )


@dataclass(frozen=True, slots=True)
class CodeMapping:
    """An institution's mapping, checked.

    Parameters
    ----------
    name : str
        Its name.
    title : Text
        What people read.
    source, seen : str
        Where the codes come from and how they were seen.
    dictionaries : mapping of str to Dictionary
        By subject.
    fields : mapping of str to str
        The engine's path, as ``loan.repayment``, by the institution's own.
    filing : mapping of str to str
        What every row of a filing says: ``institution_code``, ``internal_org_code``.
    context : mapping of str to Text
        Names that conditions use, with what each asks.
    digest : str
        SHA-256 of the content.
    """

    name: str
    title: Text
    source: str
    seen: str
    dictionaries: Mapping[str, Dictionary]
    fields: Mapping[str, str]
    filing: Mapping[str, str]
    context: Mapping[str, Text]
    digest: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a code was read as.

    Parameters
    ----------
    state : {"known", "unknown", "ambiguous"}
        Whether it stands for one word.
    word : str or None
        The engine's word; None where it is not known.
    asks : tuple of str
        Names of the context that would decide an ambiguous code.
    """

    state: State
    word: str | None = None
    asks: tuple[str, ...] = ()


def read_code(mapping: CodeMapping, subject: str, code: str, context: Mapping[str, str]) -> Read:
    """Read one of the institution's codes.

    Parameters
    ----------
    mapping : CodeMapping
        The mapping.
    subject : str
        Which list, one of `riskengine.exchange.vocabulary.subjects`.
    code : str
        The code as sent; blanks around it do not count.
    context : mapping of str to str
        What is known of where the code stands, as ``{"list": "project"}``.

    Returns
    -------
    Read
        The word; where it is unknown or ambiguous nothing is guessed.

    Examples
    --------
    >>> new = shipped("agri_guarantee_new")
    >>> read_code(new, "case_state", "93", {"list": "compensation"}).word
    'compensated'
    >>> read_code(new, "case_state", "93", {}).asks
    ('list',)
    """
    dictionary = mapping.dictionaries.get(subject)
    meanings = _meanings(dictionary, code.strip()) if dictionary is not None else []
    holding = [meaning for meaning in meanings if meaning.holds(context)]
    words = {meaning.word for meaning in holding}
    if len(words) == 1:
        return Read("known", holding[0].word)
    open_ones = [meaning for meaning in meanings if meaning.may_hold(context)]
    if not open_ones:
        return Read("unknown")
    asks = dict.fromkeys(
        name for meaning in open_ones for name, _ in meaning.when if name not in context
    )
    return Read("ambiguous", None, tuple(asks))


def _meanings(dictionary: Dictionary, code: str) -> list[Meaning]:
    """What a code stands for: its own entry, and of those with a star the longest."""
    own = list(dictionary.codes.get(code, ()))
    stems = [
        one for one in dictionary.codes
        if one.endswith(STAR) and code.startswith(one[:-1]) and len(code) >= len(one)
    ]  # fmt: skip
    return own or list(dictionary.codes[max(stems, key=len)] if stems else ())


@dataclass(frozen=True, slots=True)
class Written:
    """What a word was written as.

    Parameters
    ----------
    code : str or None
        The institution's code; None where it has none, or none that can be chosen.
    choices : tuple of str
        Codes that would do, where there are several.
    """

    code: str | None
    choices: tuple[str, ...] = ()


def write_code(
    mapping: CodeMapping, subject: str, word: str, context: Mapping[str, str]
) -> Written:
    """Write one of the engine's words in the institution's code.

    Parameters
    ----------
    mapping : CodeMapping
        The mapping.
    subject : str
        Which list.
    word : str
        The engine's word.
    context : mapping of str to str
        Where the code is to stand; empty for wherever.

    Returns
    -------
    Written
        The code; none is made up.

    Examples
    --------
    >>> old = shipped("agri_guarantee_old")
    >>> write_code(old, "case_state", "ended", {}).code
    '90'
    >>> write_code(old, "client_type", "household", {}).code is None
    True
    """
    dictionary = mapping.dictionaries.get(subject)
    if dictionary is None:
        return Written(None)
    able = tuple(
        code for code, meanings in dictionary.codes.items()
        if not code.endswith(STAR)
        and any(one.word == word and one.may_hold(context) for one in meanings)
    )  # fmt: skip
    if len(able) == 1:
        return Written(able[0])
    chosen = [code for code in dictionary.write.get(word, ()) if code in able]
    return Written(chosen[0]) if chosen else Written(None, able)


def shipped_names() -> tuple[str, ...]:
    """Return the names of the mappings that come with the engine.

    Returns
    -------
    tuple of str
        Sorted.
    """
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


@cache
def shipped(name: str) -> CodeMapping:
    """Return a mapping that comes with the engine.

    Parameters
    ----------
    name : str
        One of `shipped_names`.

    Returns
    -------
    CodeMapping
        The mapping.

    Raises
    ------
    PortfolioError
        If there is none of that name.
    """
    from riskengine.exchange.mapping_file import no_such_mapping, read_mapping

    if name not in shipped_names():
        raise no_such_mapping(name, shipped_names())
    return read_mapping(SHIPPED / f"{name}.toml")
