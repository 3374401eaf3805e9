"""What a whole application adds to the pages of its case: the decision and the score."""

from dataclasses import dataclass

from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Applied:
    """The answer to an application, as the pages of its case show it.

    Parameters
    ----------
    chip : {"pass", "refer", "block"}
        Colour of the decision.
    word : Text
        The decision in words.
    news : Text
        What the letter says in large letters.
    figures : tuple of (Text, Text)
        Figures of the score for the officer: what each is, and its amount.
    reasons : tuple of (str, Text)
        Reasons beyond those of the rights: code and words, those that decide first.
    told : tuple of Text
        The same for the farmer, one sentence each.
    model : Text
        Which model spoke, or that none did.
    review : Text
        What the person may ask for, and where.
    """

    chip: str
    word: Text
    news: Text
    figures: tuple[tuple[Text, Text], ...]
    reasons: tuple[tuple[str, Text], ...]
    told: tuple[Text, ...]
    model: Text
    review: Text
