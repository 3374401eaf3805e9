"""The sources that a release depends on, as one digest."""

import hashlib
from pathlib import Path

ROOTS = ("riskengine", "models")
"""Folders whose sources make the code version."""


def code_digest() -> str:
    """Return the SHA-256 of the sources that a release depends on.

    Returns
    -------
    str
        Hexadecimal; the same on every machine for the same sources.
    """
    top = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for root in ROOTS:
        for path in sorted((top / root).rglob("*.py")):
            digest.update(path.relative_to(top).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
