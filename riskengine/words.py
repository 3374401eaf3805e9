"""Words that people read, in Chinese and English side by side."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages.

    Parameters
    ----------
    zh, en : str
        The Chinese and the English wording.
    """

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """Return the wording in one language.

        Parameters
        ----------
        language : {"zh", "en"}
            Language wanted.

        Returns
        -------
        str
            The wording.

        Examples
        --------
        >>> Text("亩", "mu").say("en")
        'mu'
        """
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> "Text":
        """Return the text with ``{name}`` places filled in both languages.

        Parameters
        ----------
        **values : object
            Values by place name.

        Returns
        -------
        Text
            The filled text.
        """
        return Text(self.zh.format(**values), self.en.format(**values))
