"""Errors that say what is wrong, where, and the cure, in two languages."""

from collections.abc import Sequence
from typing import Any

from riskengine.words import Language, Text


class RiskEngineError(Exception):
    """A request that cannot be answered as it stands.

    Parameters
    ----------
    wrong : Text
        What is wrong and where.
    cure : Text
        What the reader can do about it.
    """

    def __init__(self, wrong: Text, cure: Text) -> None:
        super().__init__(wrong, cure)
        self.wrong = wrong
        self.cure = cure

    def say(self, language: Language) -> str:
        """Return the message in one language.

        Parameters
        ----------
        language : {"zh", "en"}
            Language wanted.

        Returns
        -------
        str
            What is wrong, then the cure.
        """
        stop = "。" if language == "zh" else ". "
        return f"{self.wrong.say(language)}{stop}{self.cure.say(language)}"

    def __str__(self) -> str:
        """Return the English message."""
        return self.say("en")


class UnforeseenError(RiskEngineError):
    """Something that failed inside the engine for one of many; no fault of whoever asked.

    Parameters
    ----------
    fault : Exception
        What failed; kept as the cause.
    """

    def __init__(self, fault: Exception) -> None:
        kind = type(fault).__name__
        super().__init__(
            Text(f"引擎内部出错（{kind}）", f"the engine failed inside ({kind})"),
            Text("请把这份输入交给维护人员", "give this input to who maintains the engine"),
        )
        self.__cause__ = fault

    @property
    def fault(self) -> Exception:
        """What failed."""
        return self.__cause__ if isinstance(self.__cause__, Exception) else self


class PortfolioError(RiskEngineError):
    """A portfolio, table or file that cannot be read as a whole.

    Parameters
    ----------
    wrong, cure : Text
        What is wrong, and what to do about it.
    path : str
        Where, such as ``rights[0].right_id``; empty where that is not one place.
    faults : sequence of Fault
        Every fault of a cell, where it tells of cells.
    """

    def __init__(self, wrong: Text, cure: Text, path: str = "", faults: Sequence[Any] = ()) -> None:
        super().__init__(wrong, cure)
        self.path, self.faults = path, tuple(faults)


class RuleError(RiskEngineError):
    """A rule file that breaks its contract."""


class RuleNotFound(RiskEngineError):
    """A rule that has no value on the day asked for."""


class MarketError(RiskEngineError):
    """A market snapshot that breaks its contract, or holds no answer at all."""


class ModelError(RiskEngineError):
    """A released model that is missing, altered or not for this use."""
