"""Identity numbers that stand in any text: found, and hidden where the text is shown."""

import re

from riskengine.identity.people import names_a_person
from riskengine.identity.remarks import mask

NUMBER = re.compile(r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d{9}(?:\d(?![\dJQ])|[Xx](?!\d))", re.ASCII)
"""What could be an identity number (GB 11643-1999), before its date and check are looked at.

Letters may stand around it: glued to a letter it still names its holder.  J and Q may not
follow: 18 digits and one of them are a code of a land contract (农村土地承包合同代码)."""
SHORTEST = 18


def without_people(text: str) -> str:
    """Return a text with the identity numbers in it masked.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Every identity number of 18 characters that checks as `riskengine.identity.mask`
        shows it, where it is not run together with other digits; all else as it was.

    Examples
    --------
    >>> without_people("A-11010519491231002X"), without_people("370983198110130019000001")
    ('A-110***********002X', '370983198110130019000001')
    """
    return NUMBER.sub(_masked, text) if len(text) >= SHORTEST else text


def _masked(found: re.Match[str]) -> str:
    return mask(found[0]) if names_a_person(found[0]) else found[0]
