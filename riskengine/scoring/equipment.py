"""What applications are scored by: market, law, released models."""

from collections.abc import Mapping
from dataclasses import dataclass

from riskengine.casefile.evaluate import Bench
from riskengine.learned.default import DefaultModel
from riskengine.learned.price import PriceModel
from riskengine.market.snapshot import Snapshot
from riskengine.pledging.assess import LawOf
from riskengine.rules import RuleBook


@dataclass(frozen=True, slots=True, eq=False)
class Equipment:
    """What applications are scored by.

    Parameters
    ----------
    market : Snapshot
        Market figures.
    law : callable
        The law of a place, from its region code: `riskengine.law.law_for`.
    price_models : mapping of str to PriceModel
        Released price models by table of rights.
    default_model : DefaultModel or None
        Released model of the PD; None where the institution has none.
    challenger : DefaultModel or None
        Model that is scored beside it and decides nothing.
    national : RuleBook or None
        The nation's rules by which rights are valued; None for the installed ones.
    """

    market: Snapshot
    law: LawOf
    price_models: Mapping[str, PriceModel]
    default_model: DefaultModel | None
    challenger: DefaultModel | None = None
    national: RuleBook | None = None

    def bench(self) -> Bench:
        """Return a fresh bench for the cases of some applications.

        Returns
        -------
        Bench
            What casefile answers by; it remembers what it has valued, so one a batch.
        """
        return Bench(self.market, self.law, self.price_models, national=self.national)
