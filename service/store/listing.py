"""What lists say of a decision: columns taken from its answer, when it is stored and verified."""

from collections.abc import Mapping
from typing import Any


def listing(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of ``decisions`` that say what the answer says.

    Parameters
    ----------
    told : mapping
        The answer as plain data.

    Returns
    -------
    dict of str to object
        By column.
    """
    likelihood, model = told["default"], told["models"].get("default")
    return {
        "created_on": told["created_on"], "valued_on": told["valued_on"],
        "decision": told["decision"], "application_no": told["application_no"],
        "asked_yuan": told["asked_yuan"], "limit_yuan": told["limit_yuan"],
        "pd": likelihood["pd_12_months"] if likelihood else None,
        "model": f"{model['name']} {model['version']}" if model else None,
        "rules_digest": told["rules_digest"], "reasons": _reasons(told),
    }  # fmt: skip


def _reasons(told: Mapping[str, Any]) -> str:
    """Codes of the reasons, each with a space before and after."""
    codes = dict.fromkeys(reason["code"] for reason in told["reasons"])
    return f" {' '.join(codes)} " if codes else ""
