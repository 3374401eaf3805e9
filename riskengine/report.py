"""report."""

from pathlib import Path
from typing import Any


def write_report(out: Path, manifest: dict[str, Any]) -> None:
    """placeholder."""
