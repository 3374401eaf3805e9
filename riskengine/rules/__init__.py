"""Law and policy as dated, cited data.

One TOML file per subject, one table per rule, one dated value after another.
A rule is named ``subject.rule``; its value on a day is asked of `RuleBook.at`.
"""

from riskengine.rules.loader import Rule, RuleBook, Rules, RuleValue, load, statute

__all__ = ["Rule", "RuleBook", "RuleValue", "Rules", "load", "statute"]
