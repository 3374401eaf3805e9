"""Lengths and alphabets of codes: the first test of each, and the only one that meets raw text."""

import re
from collections.abc import Callable
from typing import NamedTuple

from riskengine.identity.remarks import LONGEST, Remark, Remarks, fail, warn
from riskengine.words import Text


class Alphabet(NamedTuple):
    """Characters that a place of a code may hold.

    Parameters
    ----------
    characters : str
        The characters, ASCII, letters in upper case.
    words : Text
        What they are called.
    """

    characters: str
    words: Text


DIGIT = Alphabet("0123456789", Text("数字", "a digit"))
LETTER = Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ", Text("大写字母", "a capital letter"))
LETTER_OR_DIGIT = Alphabet(
    DIGIT.characters + LETTER.characters, Text("数字或大写字母", "a digit or a capital letter")
)
DIGIT_OR_X = Alphabet("0123456789X", Text("数字或X", "a digit or X"))

Stretch = tuple[int, Alphabet]
"""So many places in a row with one alphabet."""


class Shape:
    """Which character may stand where in one kind of code.

    Parameters
    ----------
    name : Text
        What the code is called.
    *forms : tuple of (int, Alphabet)
        The stretches of each form; forms differ in length.
    """

    def __init__(self, name: Text, *forms: tuple[Stretch, ...]) -> None:
        self.name = name
        self._places: dict[int, tuple[Alphabet, ...]] = {}
        self._fits: dict[int, Callable[[str], object]] = {}
        for form in forms:
            places = tuple(alphabet for count, alphabet in form for _ in range(count))
            pattern = "".join(f"[{re.escape(a.characters)}]{{{count}}}" for count, a in form)
            self._places[len(places)] = places
            self._fits[len(places)] = re.compile(pattern).fullmatch

    def read(self, code: str) -> tuple[str, Remarks]:
        """Read a text as this kind of code.

        Parameters
        ----------
        code : str
            Text of any length; beyond 64 characters it is refused unread.

        Returns
        -------
        code : str
            The code with letters in upper case; empty when it cannot be read on.
        remarks : tuple of Remark
            FAIL at the first character out of place or for a wrong length; WARN at the
            first letter in lower case.
        """
        fits = self._fits.get(len(code))
        if fits is not None and fits(code):
            return code, ()
        return self._refuse(code)

    def _refuse(self, code: str) -> tuple[str, Remarks]:
        """Say why a text does not fit; letters in lower case alone are let through."""
        places = self._places.get(len(code))
        if places is None:
            return "", (self._wrong_length(len(code)),)
        small = 0
        for position, (character, place) in enumerate(zip(code, places, strict=True), 1):
            if character in place.characters:
                continue
            if not ("a" <= character <= "z" and character.upper() in place.characters):
                return "", (self._out_of_place(position, place),)
            small = small or position
        zh = f"{self.name.zh}第{small}位的字母应大写"
        en = f"the letter at character {small} of {self.name.en} must be in upper case"
        return code.upper(), (warn(small, zh, en),)

    def _wrong_length(self, size: int) -> Remark:
        """Remark on a length that no form has."""
        name = self.name
        if size > LONGEST:
            return fail(
                0, f"{name.zh}超过{LONGEST}个字符", f"{name.en} has more than {LONGEST} characters"
            )
        if not size:
            return fail(0, f"{name.zh}为空", f"{name.en} is empty")
        lengths = [str(length) for length in sorted(self._places)]
        zh = f"{name.zh}应为{'、'.join(lengths)}位，现为{size}位"
        en = f"{name.en} has {size} characters, not {' or '.join(lengths)}"
        return fail(0, zh, en)

    def _out_of_place(self, position: int, place: Alphabet) -> Remark:
        """Remark on a character that may not stand where it does."""
        zh = f"{self.name.zh}第{position}位应为{place.words.zh}"
        en = f"character {position} of {self.name.en} must be {place.words.en}"
        return fail(position, zh, en)
