"""``python tests/service/operation/pins.py``: write constraints-service.txt from constraints.txt.

It holds what an image of the service needs and nothing of tests: the closure of the extras
``service`` and ``tracing`` over the installed packages' own metadata.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
EXTRAS = ("service", "tracing")
BUILDING = ("setuptools",)
HEAD = "# What the service's image installs: written by tests/service/operation/pins.py\n"


def needed() -> set[str]:
    """Canonical names of every package that the service needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    asked = [*project["dependencies"], *BUILDING, *(one for e in EXTRAS for one in optional[e])]
    open_, found = [Requirement(one) for one in asked], {}
    while open_:
        one = open_.pop()
        if one.marker is not None and not any(
            one.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)
        ):
            continue
        name = canonicalize_name(one.name)
        extras = found.get(name)
        if extras is not None and one.extras <= extras:
            continue
        found[name] = (extras or set()) | one.extras
        try:
            below = requires(one.name) or []
        except PackageNotFoundError:
            continue
        for text in below:
            inner = Requirement(text)
            marker = inner.marker
            if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *one.extras)):
                inner.marker = None
                open_.append(inner)
    return set(found)


def blocks(text: str) -> dict[str, str]:
    """Pinned requirements with their hashes, by canonical name."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(.*(?:\n    --hash=\S+(?: \\)?)+)", text, re.M)
    return {
        canonicalize_name(name): f"{name}=={rest}".rstrip("\\ ") for name, rest in found
    }  # fmt: skip


def wanted() -> str:
    """Content of constraints-service.txt."""
    pinned = blocks((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    return HEAD + "".join(f"{pinned[name]}\n" for name in sorted(needed() & set(pinned)))


if __name__ == "__main__":
    (ROOT / "constraints-service.txt").write_text(wanted(), encoding="utf-8")
    print(len(blocks(wanted())), "packages", file=sys.stderr)
