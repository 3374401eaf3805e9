"""Words written in codes for one export, with what could not be written collected."""

from collections.abc import Mapping

from riskengine.exchange.mapping import CodeMapping, write_code
from riskengine.exchange.translate import UnknownCode
from riskengine.exchange.vocabulary import subjects
from riskengine.words import Text

NOT_STATED = Text("未注明", "not stated")


class Coder:
    """Writes words by the first of some mappings that speaks of their subject.

    Parameters
    ----------
    mappings : sequence of CodeMapping
        The institution's own before those of the form.
    context : mapping of str to str or None
        Where the codes are to stand.
    """

    def __init__(
        self, *mappings: CodeMapping | None, context: Mapping[str, str] | None = None
    ) -> None:
        self.mappings = tuple(one for one in mappings if one is not None)
        self.context = context or {}
        self.unknown: dict[UnknownCode, None] = {}

    def code(self, subject: str, word: str | None) -> str | None:
        """Write a word.

        Parameters
        ----------
        subject : str
            Which list.
        word : str or None
            The engine's word; None where it is not stated.

        Returns
        -------
        str or None
            The code; without a mapping of the subject the word itself.  A word that the
            mapping has no code for stays a word and is named among the unknown.
        """
        if not word:
            return None
        for mapping in self.mappings:
            if subject in mapping.dictionaries:
                found = write_code(mapping, subject, word, self.context)
                if found.code is None:
                    why = "choice" if found.choices else "unwritten"
                    self.unknown[UnknownCode("", subject, word, why, found.choices)] = None
                return found.code or word
        return word

    def shown(self, subject: str, word: str | None) -> str | None:
        """Write a word, in what people read where no mapping speaks of its subject.

        Parameters
        ----------
        subject : str
            Which list.
        word : str or None
            The engine's word.

        Returns
        -------
        str or None
            The code, else the Chinese title.
        """
        found = self.code(subject, word)
        return title_of(subject, word) if found and found == word else found

    def needed(self, subject: str, word: str | None) -> str | None:
        """Write a word in a form that asks for a code.

        Parameters
        ----------
        subject : str
            Which list.
        word : str or None
            The engine's word.

        Returns
        -------
        str or None
            The code; where no mapping has one, what people read, and the word is named
            among the unknown.
        """
        if not word:
            return None
        if not any(subject in mapping.dictionaries for mapping in self.mappings):
            self.unknown[UnknownCode("", subject, word, "unwritten")] = None
        return self.shown(subject, word)


def title_of(subject: str, word: str | None) -> str:
    """Return what people read for a word.

    Parameters
    ----------
    subject : str
        Which list.
    word : str or None
        The engine's word.

    Returns
    -------
    str
        In Chinese; the word itself where the list has no such word.
    """
    if not word:
        return NOT_STATED.zh
    found = subjects()[subject].words.get(word)
    return found.zh if found is not None else word
