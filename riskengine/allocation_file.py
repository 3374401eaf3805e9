"""Reading a group of rights, loans and claims from a file, and allocating it."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from riskengine.allocation import Allocation, AllocationError, Claim, allocate
from riskengine.words import Text

LARGEST = 1 << 22
"""Largest file of a group [byte]."""


def allocate_file(path: Path, method: str) -> Allocation:
    """Share the values of securities over the loans that they secure, as a file states them.

    Parameters
    ----------
    path : pathlib.Path
        TOML: tables ``values`` and ``balances`` [yuan], ``claim`` after claim with
        ``security``, ``loan``, ``rank`` (0 not registered) and, where there is one,
        ``limit_yuan``; ``weights`` of loans for the linear programme.
    method : str
        One of `riskengine.allocation.METHODS`.

    Returns
    -------
    Allocation
        Who is paid from what, in whole fen.

    Raises
    ------
    AllocationError
        If the file cannot be read, or contradicts itself.
    """
    content = _content(path)
    try:
        claims = [Claim(**claim) for claim in content.get("claim", [])]
        values, balances = dict(content["values"]), dict(content["balances"])
        weights = dict(content["weights"]) if "weights" in content else None
    except (KeyError, TypeError, ValueError) as fault:
        raise _unreadable(path, str(fault)) from fault
    return allocate(values, balances, claims, method, weights=weights)


def record(allocation: Allocation) -> dict[str, Any]:
    """Return an allocation as plain data.

    Parameters
    ----------
    allocation : Allocation
        The allocation.

    Returns
    -------
    dict
        Amounts in yuan with two decimals.
    """
    return asdict(allocation)


def _content(path: Path) -> Mapping[str, Any]:
    """What the file holds."""
    try:
        if path.stat().st_size > LARGEST:
            raise _unreadable(path, "too large")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _unreadable(path, str(fault)) from fault


def _unreadable(path: Path, why: str) -> AllocationError:
    return AllocationError(
        Text(f"分配文件 {path.name} 无法读取：{why}", f"{path.name} cannot be read: {why}"),
        Text("请对照 examples/allocation 中的文件", "compare the files in examples/allocation"),
    )
