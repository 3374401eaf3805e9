"""Bands of acceptance: what a ratio study is held against, as dated rules."""

import math
from dataclasses import dataclass

from riskengine.appraisal.intervals import Interval
from riskengine.rules import Rules
from riskengine.words import Text


@dataclass(frozen=True, slots=True)
class Band:
    """A range of acceptable values; both ends belong to it unless it says otherwise.

    Parameters
    ----------
    low, high : float
        Ends [unit of the statistic]; may be infinite.
    low_closed, high_closed : bool
        Whether the end itself is acceptable.

    Examples
    --------
    >>> Band(0.98, 1.03).holds(0.98), Band(0.98, 1.03, low_closed=False).holds(0.98)
    (True, False)
    >>> str(Band(0.98, 1.03)), str(Band(float("-inf"), 10.0))
    ('[0.98, 1.03]', '<= 10')
    """

    low: float
    high: float
    low_closed: bool = True
    high_closed: bool = True

    def holds(self, value: float) -> bool:
        """Say whether a value lies in the band.

        Parameters
        ----------
        value : float
            Statistic; NaN lies in no band.

        Returns
        -------
        bool
            True if it does.
        """
        above = value >= self.low if self.low_closed else value > self.low
        below = value <= self.high if self.high_closed else value < self.high
        return above and below

    def meets(self, interval: Interval) -> bool:
        """Say whether any point of an interval lies in the band.

        Parameters
        ----------
        interval : Interval
            Both ends closed.

        Returns
        -------
        bool
            True if they share a point.
        """
        above = interval.high >= self.low if self.low_closed else interval.high > self.low
        below = interval.low <= self.high if self.high_closed else interval.low < self.high
        return above and below

    def __str__(self) -> str:
        if math.isinf(self.low):
            return f"{'<=' if self.high_closed else '<'} {self.high:g}"
        left, right = "[" if self.low_closed else "(", "]" if self.high_closed else ")"
        return f"{left}{self.low:g}, {self.high:g}{right}"


@dataclass(frozen=True, slots=True)
class Bands:
    """What a ratio study is held against.

    Parameters
    ----------
    title : Text
        Kind of property that the bands are for.
    level : Band
        Of the median ratio [1].
    stratum_level : Band
        Of a stratum's median over the median of all [1].
    cod : Band
        Of the COD [%].
    prd, prb, mki : Band
        Of PRD, PRB and MKI [1].
    prb_limit : Band
        PRB proven beyond this is unacceptable [1].
    vei : Band
        Of the VEI [%].
    vei_significance : Band
        VEI whose significance is beyond this is unacceptable [%].
    trimmed_share : Band
        Of the share of sales trimmed, in [0, 1].
    chased_cod : Band
        COD so small that prices were perhaps known when values were set [%].
    least_sales : int
        Fewer sales than this get no verdict.
    """

    title: Text
    level: Band
    stratum_level: Band
    cod: Band
    prd: Band
    prb: Band
    prb_limit: Band
    vei: Band
    vei_significance: Band
    mki: Band
    trimmed_share: Band
    chased_cod: Band
    least_sales: int


def bands_at(rules: Rules, property_type: str, *, messy: bool = False) -> Bands:
    """Bands in force on the day of the rules, for one kind of property.

    Parameters
    ----------
    rules : Rules
        Rules of a day.
    property_type : str
        What follows ``cod_`` in the rule file: ``single_family_newer``,
        ``single_family_older``, ``rural_seasonal``, ``income_large``,
        ``income_small``, ``vacant_land``, ``farmland_rent``, ``farmhouse``,
        ``construction_land`` or ``forest``.
    messy : bool
        Whether the wider MKI band for uneven samples is to be used.

    Returns
    -------
    Bands
        The bands.

    Raises
    ------
    RuleNotFound
        If there is no such kind of property, or no rule on that day.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> str(bands_at(statute().at(date(2026, 6, 1)), "vacant_land").cod)
    '[5, 25]'
    """

    def band(name: str) -> Band:
        ends = rules.table(f"appraisal.{name}")
        return Band(
            float(ends.get("low", -math.inf)), float(ends.get("high", math.inf)),
            ends.get("low_closed", True), ends.get("high_closed", True),
        )  # fmt: skip

    cod = f"cod_{property_type}"
    return Bands(
        title=rules.book.rule(f"appraisal.{cod}").title, level=band("level"),
        stratum_level=band("stratum_level"), cod=band(cod), prd=band("prd"), prb=band("prb"),
        prb_limit=band("prb_limit"), vei=band("vei"), vei_significance=band("vei_significance"),
        mki=band("mki_messy" if messy else "mki"), trimmed_share=band("trimmed_share"),
        chased_cod=band("chased_cod"), least_sales=int(rules.number("appraisal.least_sales")),
    )  # fmt: skip
