"""Words written in codes for one export, with what could not be written collected."""

from collections.abc import Mapping

from riskengine.exchange.mapping import CodeMapping, write_code
from riskengine.exchange.translate import UnknownCode
from riskengine.exchange.vocabulary import subjects
from riskengine.words import Text

NOT_STATED = Text("未注明", "not stated")
OTHERS: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "borrower_kind": ("client_type", {
        "farm_household": ("household",), "family_farm": ("family_farm", "large_grower"),
        "cooperative": ("cooperative",), "small_micro_enterprise": ("enterprise",),
        "enterprise": ("enterprise",),
    }),
    "commodity": ("industry", {
        "grain": ("grain",), "pigs": ("pigs",), "poultry": ("other_livestock",),
        "cattle_sheep": ("other_livestock",), "aquaculture": ("fishery",),
        "processing": ("circulation", "primary_processing"),
    }),
}  # fmt: skip
"""The list that agri-guarantors keep in place of one of the engine's (practice notes 5.5), and
its words that each of the engine's may be.  What may be any of theirs, such as fruit or
vegetables, stands for none: it is named as unknown and never guessed."""


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
        return self._written(subject, word) or word

    def _written(self, subject: str, word: str) -> str | None:
        """The code of a word; None where there is none, which is named among the unknown."""
        for mapping in self.mappings:
            if subject in mapping.dictionaries:
                found = write_code(mapping, subject, word, self.context)
                if found.code is None:
                    why = "choice" if found.choices else "unwritten"
                    self.unknown[UnknownCode("", subject, word, why, found.choices)] = None
                return found.code
        return None

    def own(self, subject: str, word: str | None) -> str | None:
        """Write a word in the institution's own code, by whichever of its lists speaks of it.

        Parameters
        ----------
        subject : str
            Which of the engine's lists.
        word : str or None
            The engine's word.

        Returns
        -------
        str or None
            The code by the mapping's list of that name, else by the list that `OTHERS` names;
            None where the institution has no code, and the word is named among the unknown.
            Without any mapping the engine's word is its own code.
        """
        if not word or not self.mappings:
            return word or None
        if self._speaks(subject):
            return self._written(subject, word)
        other, words = OTHERS.get(subject, (subject, {}))
        codes = self._codes(other, words.get(word, ()))
        if len(codes) == 1:
            return codes[0]
        why = "choice" if codes else "unwritten"
        self.unknown[UnknownCode("", other, word, why, codes)] = None
        return None

    def _codes(self, subject: str, words: tuple[str, ...]) -> tuple[str, ...]:
        """Codes of some words of one list, by the first mapping that has it."""
        for mapping in self.mappings:
            if subject in mapping.dictionaries:
                found = (write_code(mapping, subject, word, self.context) for word in words)
                return tuple(one.code for one in found if one.code is not None)
        return ()

    def own_shown(self, subject: str, word: str | None) -> str | None:
        """Write a word in the institution's own code, else in what people read.

        Parameters
        ----------
        subject : str
            Which of the engine's lists.
        word : str or None
            The engine's word.

        Returns
        -------
        str or None
            As `own`; the Chinese title where there is no code.
        """
        if not word:
            return None
        found = self.own(subject, word)
        return title_of(subject, word) if found is None or not self.mappings else found

    def _speaks(self, subject: str) -> bool:
        """Whether a mapping has a list of a subject."""
        return any(subject in mapping.dictionaries for mapping in self.mappings)

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
        if not self._speaks(subject):
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
