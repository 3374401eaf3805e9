"""Tables of the README, from what the service itself reads: settings, and roles by scopes."""

import inspect
import re
from collections.abc import Iterator

from pydantic_settings import BaseSettings

from service.auth.caller import SCOPE_WORDS, SCOPES, Scope
from service.protections import Protections
from service.settings import Settings

ATTRIBUTE = re.compile(r"^(?P<names>[a-z_]+(?:, [a-z_]+)*) : (?P<kind>.+)$")
PREFIX = "RISKENGINE_"


def told(settings: type[BaseSettings]) -> dict[tuple[str, ...], str]:
    """Return what the description of a class says of its attributes.

    Parameters
    ----------
    settings : type
        With a numpydoc description.

    Returns
    -------
    dict of tuple of str to str
        Words by the names that are told together.
    """
    lines = inspect.cleandoc(settings.__doc__ or "").splitlines()
    found: dict[tuple[str, ...], list[str]] = {}
    names: tuple[str, ...] = ()
    for line in lines[lines.index("Attributes") + 2 :]:
        if line.strip() and not line.startswith(" "):
            head = ATTRIBUTE.match(line)
            names = tuple(head["names"].split(", ")) if head else ()
        elif names:
            found.setdefault(names, []).append(line.strip())
    return {names: " ".join(filter(None, words)) for names, words in found.items()}


def settings_table() -> str:
    """Return the settings as a Markdown table.

    Returns
    -------
    str
        One row for what is told together, those that guard the service last.
    """
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for names, words in {**told(Settings), **told(Protections)}.items():
        defaults = [_shown(Settings.model_fields[name].default) for name in names]
        called = ", ".join(f"`{PREFIX}{name.upper()}`" for name in names)
        rows.append(f"| {called} | {', '.join(defaults)} | {words.replace('``', '`')} |")
    return "\n".join(rows)


def roles_table() -> str:
    """Return which role may do what as a Markdown table.

    Returns
    -------
    str
        One row a scope, one column a role.
    """
    roles = list(SCOPES)
    rows = ["| scope | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    rows += [
        f"| `{scope}`: {SCOPE_WORDS[scope]} | "
        + " | ".join("yes" if scope in SCOPES[role] else "" for role in roles) + " |"
        for scope in Scope
    ]  # fmt: skip
    return "\n".join(rows)


def _shown(default: object) -> str:
    """A default as a reader would write it."""
    if default is None or default in ((), ""):
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple | frozenset):
        return f"`{', '.join(sorted(map(str, default)))}`"
    return f"`{default}`"


def renewed(text: str) -> str:
    """Return a text with its marked tables written anew.

    Parameters
    ----------
    text : str
        With ``<!-- settings -->`` and ``<!-- roles -->``, each ended by ``<!-- end -->``.

    Returns
    -------
    str
        The same around them.
    """
    for mark, table in _tables():
        before, _, rest = text.partition(f"<!-- {mark} -->\n")
        _, _, after = rest.partition("<!-- end -->")
        text = f"{before}<!-- {mark} -->\n\n{table}\n\n<!-- end -->{after}"
    return text


def _tables() -> Iterator[tuple[str, str]]:
    yield "settings", settings_table()
    yield "roles", roles_table()
