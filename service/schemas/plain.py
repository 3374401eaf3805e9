"""Texts that are kept and shown as they come: an identity number has no place in them.

Personal cells are sealed and can be erased; these are neither.  They stand in answers, lists
and the chain for good.
"""

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from riskengine.identity.people import names_a_person
from riskengine.identity.texts import NUMBER, SHORTEST


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
