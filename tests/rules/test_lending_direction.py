"""Amounts of the waterfall that an institution may move, each only to lend less."""

from datetime import date
from pathlib import Path

import pytest

from riskengine.errors import RuleError
from riskengine.rules import statute, tightened

DAY = date(2026, 11, 23)


def overlay(folder: Path, subject: str, name: str, amount: float) -> Path:
    """A folder with one amount of an institution."""
    text = (
        f"[{name}]\n[[{name}.value]]\nfrom = 2025-01-01\namount = {amount}\n"
        'cite = "board of the bank, 2025"\nseen = "text"\n'
    )
    (folder / f"{subject}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("lending.buffer", 0.10, 0.01), ("lending.model_haircut", 0.10, 0.01),
        ("lending.normal_quantile", 2.33, 1.0),
        ("lending.last_price_age", 5.0, 1.0),
        ("insurance_credit.bad_year_share", 0.1, 0.5), ("gates.inspection_months", 6.0, 24.0),
        ("reconcile.divergence_ratio", 1.2, 2.0), ("law_land.tail_before_right_ends", 2.0, 0.5),
    ],
)  # fmt: skip
def test_what_lends_less_is_accepted_and_what_lends_more_is_refused(
    name: str, less: float, more: float, tmp_path: Path
) -> None:
    subject, rule = name.split(".")
    book = tightened(statute(), overlay(tmp_path, subject, rule, less))
    assert book.at(DAY).number(name) == less
    with pytest.raises(RuleError, match=f"loosens {name}"):
        tightened(statute(), overlay(tmp_path, subject, rule, more))
