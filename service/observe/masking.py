"""Masks in log lines: what identifies a person or opens a door never reaches a log.

Whatever a line says passes here last, wherever it came from.  ID numbers (GB 11643, 15 and
18 characters), unified social credit codes (GB 32100; a household's or sole trader's code is
a person's), bank cards (16 to 19 digits of which the last checks, ISO/IEC 7812-1), mobile
and fixed telephone numbers, API keys and tokens are masked, in digits of any width.  Numbers
that are none of these, such as amounts or digests, stay.  A text is read once: whatever was
sent, the time grows with its length alone.
"""

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

KEEP = 4
"""Characters of an API key's id that stay, so that operators can tell keys apart."""
DEEPEST = 8
SHORTEST = 11
"""Characters of the shortest text that can hold any of them: a mobile number."""
OWN = frozenset({"trace_id"})
"""Members whose text the service made itself."""
WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
FOUND = re.compile(
    r"(?P<key>rk_[0-9a-f]{16}_[A-Za-z0-9_-]{8,})"
    r"|(?P<token>(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]{2,}+(?:\.[A-Za-z0-9_-]*+)?)"
    r"|(?<!\d)(?P<identity>[1-9]\d{5}[ -]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])"
    r"(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[0-9Xx])(?![\dJQ])"
    r"|(?<![0-9A-Za-z])(?:"
    r"(?P<social>(?=[0-9A-HJ-NPQRTUWXY]*[A-HJ-NPQRTUWXY])[1-9A-HJ-NPQRTUWXY]"
    r"[0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}|9[123]\d{16})"
    r"|(?P<card>[3-6]\d{15,18}|(?:[3-6]\d{3}[ -])(?:\d{4}[ -]){2}\d{4}(?:[ -]\d{1,3})?)"
    r"|(?P<old>[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3})"
    r"|(?P<mobile>(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4})"
    r"|(?P<fixed>0\d{2,3}(?:\)[ -]?|[ -])\d{7,8})"
    r")(?![0-9A-Za-z])",
    re.ASCII,
)
MASKS = {
    "token": "[token]", "identity": "[id]", "old": "[id]", "social": "[uscc]", "card": "[card]",
    "mobile": "[phone]", "fixed": "[phone]",
}  # fmt: skip


def masked(said: str) -> str:
    """Return a text with masks over what identifies a person or opens a door.

    Parameters
    ----------
    said : str
        Any text.

    Returns
    -------
    str
        The text; of a key the first characters of its id stay.

    Examples
    --------
    >>> masked("borrower 11010519491231002X called from 13800138000")
    'borrower [id] called from [phone]'
    >>> masked("paid 123456789012345 yuan")
    'paid 123456789012345 yuan'
    """
    if len(said) < SHORTEST:
        return said
    return FOUND.sub(_mask, said if said.isascii() else said.translate(WIDE))


def _mask(found: re.Match[str]) -> str:
    kind, text = str(found.lastgroup), found[0]
    if kind == "key":
        return f"rk_{text[3 : 3 + KEEP]}[key]"
    if kind == "card" and not luhn(text):
        return text
    return MASKS[kind]


def luhn(card: str) -> bool:
    """Whether the digits of a bank card check (ISO/IEC 7812-1, annex B).

    Parameters
    ----------
    card : str
        Digits; anything else is passed over.

    Returns
    -------
    bool
        Whether the last digit fits the others.

    Examples
    --------
    >>> luhn("6222 0212 3456 7890 128"), luhn("4111111111111111")
    (False, True)
    """
    digits = [int(one) for one in reversed(card) if one.isdigit()]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every text of an event: a processor of structlog, the last before the renderer.

    Parameters
    ----------
    _, __
        Logger and method, as structlog gives them.
    event : mapping
        What is logged.

    Returns
    -------
    mapping
        The same event, masked, names of members too.
    """
    for name, said in list(event.items()):
        if name in OWN:
            continue
        kept = masked(name)
        if kept != name:
            del event[name]
        event[kept] = _deep(said, DEEPEST)
    return event


def _deep(said: Any, left: int) -> Any:
    """Mask texts inside containers; what is nested deeper than that is dropped."""
    if isinstance(said, bool | int | float) or said is None:
        return said if isinstance(said, bool) or not isinstance(said, int) else _number(said)
    if isinstance(said, str):
        return masked(said)
    if left == 0:
        return "[deep]"
    if isinstance(said, Mapping):
        return {masked(str(name)): _deep(one, left - 1) for name, one in said.items()}
    if isinstance(said, list | tuple | set | frozenset):
        return [_deep(one, left - 1) for one in said]
    return masked(str(said))


def _number(said: int) -> int | str:
    """A whole number, unless it reads as an ID number or a card."""
    text = str(said) if abs(said) < 10**20 else "[number]"
    kept = masked(text)
    return said if kept == text and kept != "[number]" else kept


class MaskingFilter(logging.Filter):
    """Masks the message of a record of `logging`, with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record in place.

        Parameters
        ----------
        record : LogRecord
            What is logged.

        Returns
        -------
        bool
            Always true.
        """
        if isinstance(record.msg, Mapping):  # an event of structlog on its way to a formatter
            record.msg = _deep(record.msg, DEEPEST)
        else:
            try:
                record.msg = masked(record.getMessage())
            except (TypeError, ValueError):
                record.msg = masked(str(record.msg))
            record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
            record.exc_info = None
        return True


def mask_everything() -> None:
    """Put the mask on every handler of the root logger and of the server's loggers.

    A filter on a logger would not see what its children say; on a handler it does.
    """
    names = ("", "uvicorn", "uvicorn.access", "uvicorn.error", "service")
    for handler in {one for name in names for one in logging.getLogger(name).handlers}:
        if not any(isinstance(one, MaskingFilter) for one in handler.filters):
            handler.addFilter(MaskingFilter())
