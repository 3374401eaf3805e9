"""Texts that are kept and shown as they come: an identity number has no place in them.

Personal cells are sealed and can be erased; these are neither.  They stand in answers, lists
and the chain for good.
"""

import re

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from riskengine.identity.people import names_a_person

SHORTEST = 18
NUMBER = re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{9}(?:\d(?![\dJQ])|[Xx](?!\d))", re.ASCII)
"""What could be an identity number (GB 11643-1999), before its date and check are looked at.

Letters may stand around it: glued to a letter it still names its holder.  J and Q may not
follow: 18 digits and one of them are a code of a land contract (农村土地承包合同代码)."""


def names_somebody(text: str) -> bool:
    """Whether a text holds an identity number of 18 characters that checks.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    bool
        True where one stands in it, not run together with other digits.

    Examples
    --------
    >>> names_somebody("A-11010519491231002X"), names_somebody("370983198110130019000001")
    (True, False)
    >>> names_somebody("A11010519491231002X"), names_somebody("370983100203010007J")
    (True, False)
    """
    return len(text) >= SHORTEST and any(map(names_a_person, NUMBER.findall(text)))


def nobody(text: str) -> str:
    """Return a text that holds no identity number.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same.

    Raises
    ------
    PydanticCustomError
        If it holds one.
    """
    if names_somebody(text):
        raise PydanticCustomError("identity_number", "Identity numbers have no place here")
    return text


Impersonal = AfterValidator(nobody)
"""Says of a text in a schema that it names no person."""
