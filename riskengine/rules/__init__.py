"""Law and policy as dated, cited data.

One TOML file per subject, one table per rule, one dated value after another: ``cn``
holds the nation's, ``places`` those of provinces and counties.  A rule is named
``subject.rule``; its value on a day is asked of `RuleBook.at`.
"""

from riskengine.rules.loader import load, statute
from riskengine.rules.overlay import statute_of, tightened
from riskengine.rules.rule import Judgement, Rule, RuleBook, Rules, RuleValue

__all__ = [
    "Judgement", "Rule", "RuleBook", "RuleValue", "Rules", "load", "statute", "statute_of",
    "tightened",
]  # fmt: skip
