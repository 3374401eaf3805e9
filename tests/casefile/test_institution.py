"""An institution's rules over a case: what they tighten is seen in the verdict and in the amount."""

from datetime import date
from pathlib import Path

import pytest

from riskengine.casefile.decide import Decision, decide
from riskengine.casefile.evaluate import Bench
from riskengine.casefile.read import read_case
from riskengine.errors import RuleError
from riskengine.law import law_for
from riskengine.market import demonstration
from riskengine.rules import statute
from riskengine.rules.overlay import tightened

CASES = Path(__file__).parents[2] / "examples" / "cases"
IN_ORDER, NOT_REGISTERED = "001_own_land_in_order", "002_own_land_not_registered"
VALUE = """cite = "board of the bank, 2025"
seen = "text"
"""


def rule(name: str, amount: str) -> str:
    """A rule file that sets one amount from 2025 on."""
    return f"[{name}]\n[[{name}.value]]\nfrom = 2025-01-01\namount = {amount}\n{VALUE}"


def table(name: str, **changes: float) -> str:
    """The amounts of a national table with some changed, as TOML."""
    amounts = {**statute().at(date(2026, 11, 23)).table(name), **changes}
    return "{" + ", ".join(f"{key} = {float(amount)}" for key, amount in amounts.items()) + "}"


def answer(stem: str, folder: Path | None) -> Decision:
    """The answer to a case of the law's stories."""
    return decide(read_case(CASES / f"{stem}.toml"), Bench(demonstration(), law_for(folder)))


def under(stem: str, path: Path, subject: str, text: str) -> tuple[Decision, Decision]:
    """The answer by the law alone, and under an institution's rule."""
    path.joinpath(f"{subject}.toml").write_text(text, encoding="utf-8")
    return answer(stem, None), answer(stem, path)


def test_a_lower_cap_lowers_the_amount(tmp_path: Path) -> None:
    text = rule("loan_to_value_cap", table("lending.loan_to_value_cap", land_household=0.1))
    law, bank = under(IN_ORDER, tmp_path, "lending", text)
    assert bank.limit_yuan == round(law.rights[0].value_yuan * 0.1, 2) < law.limit_yuan
    assert bank.rights[0].value_yuan == law.rights[0].value_yuan


def test_a_larger_buffer_lowers_the_amount(tmp_path: Path) -> None:
    law, bank = under(IN_ORDER, tmp_path, "lending", rule("buffer", "0.5"))
    own = statute().at(date(2026, 11, 23)).number("lending.buffer")
    assert bank.limit_yuan == pytest.approx(law.limit_yuan * 0.5 / (1.0 - own), abs=0.01)


def test_a_shorter_life_of_inspections_asks_for_new_ones(tmp_path: Path) -> None:
    law, bank = under(IN_ORDER, tmp_path, "gates", rule("inspection_months", "0.25"))
    assert (law.outcome, bank.outcome) == ("pass", "refer")
    assert "SEC-OWN-03a" in {one.code for one in bank.rights[0].findings if one.missing}


def test_a_longer_tail_shortens_the_years_that_count(tmp_path: Path) -> None:
    law, bank = under(IN_ORDER, tmp_path, "law_land", rule("tail_before_right_ends", "20.0"))
    years = {step.name: step.change_yuan for step in law.rights[0].steps}["remaining_term"]
    less = {step.name: step.change_yuan for step in bank.rights[0].steps}["remaining_term"]
    assert less < years < 0.0 and bank.longest_months is not None
    assert law.longest_months is not None and bank.longest_months < law.longest_months


def test_a_larger_haircut_lowers_the_amount(tmp_path: Path) -> None:
    text = rule("share", table("haircuts.share", **{"LMR-EFF-01": 0.3}))
    law, bank = under(NOT_REGISTERED, tmp_path, "haircuts", text)
    whole = law.limit_yuan / 0.9
    assert bank.limit_yuan == pytest.approx(whole * 0.7, abs=0.02)


def test_a_folder_without_rules_is_no_institution(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "mistyped"):
        with pytest.raises(RuleError, match="holds no rules"):
            tightened(statute(), folder)
