"""Sums over a book of pledges, batch by batch: what the manifest and the page are made of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.faults import Fault, found_in
from riskengine.gates.judge import Judged
from riskengine.gates.plan import LEVELS, OUTCOMES, Gate
from riskengine.gates.secured import Column
from riskengine.gates.tapes import Rows
from riskengine.pledgebook.claims import CLAIM_WORDS, Claim
from riskengine.pledgebook.due import VISITS
from riskengine.pledging.assess import Assessed
from riskengine.rules.facts import INSPECTIONS, declared_facts
from riskengine.words import Text

COVER_EDGES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, float("inf"))
"""Classes of lending value over debt [1], closed below."""
Money = list[float]
"""Pledges, and the debt that they secure [yuan]."""


@dataclass(slots=True)
class Tally:
    """What a run has counted so far.

    Parameters
    ----------
    kinds : dict of str to list of float
        By kind of right: pledges, debt, lending value, lending value of pledges with a debt,
        debt beyond lending value [yuan].
    outcomes : dict of str to dict of str to list of float
        By kind of right and outcome: pledges and debt.
    cover : dict of str to list of int
        By kind of right, pledges with a debt by class of `COVER_EDGES`.
    rules : dict of str to dict
        By mark: pledges that fail, of which it cannot be told, all, their debt.
    facts : dict of str to list of float
        By what is not known: pledges of which a deciding rule waits for it, their debt.
    claims : dict of str to list of float
        By name of a claim: pledges and debt.
    counties : dict of str to list of float
        By county: pledges, debt, pledges that wait for a fact, their debt.
    """

    kinds: dict[str, list[float]] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Money]] = field(default_factory=dict)
    cover: dict[str, list[int]] = field(default_factory=dict)
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, Money] = field(default_factory=dict)
    claims: dict[str, Money] = field(default_factory=dict)
    counties: dict[str, list[float]] = field(default_factory=dict)

    def add(self, found: Assessed, outcome: NDArray[np.uint8], marks: NDArray[np.int64]) -> None:
        """Count one batch.

        Parameters
        ----------
        found : Assessed
            The pledges.
        outcome : (n,) uint8
            Outcome with what the book says against them.
        marks : (n,) int64
            Sums of `riskengine.pledgebook.claims.Claim`.
        """
        debt = np.nan_to_num(found.of.secured_yuan)
        self._add_kind(found, outcome, debt)
        for claim in CLAIM_WORDS:
            hit = (marks & int(claim)) != 0
            _add(self.claims, str(claim.name).lower(), [int(hit.sum()), _sum(debt[hit])])
        unknown = np.zeros(debt.size, dtype=bool)
        waits: dict[str, NDArray[np.bool_]] = {}
        for rows, judged in found.parts:
            for gate, fails, unclear in decisive(judged):
                self._add_rule(gate, debt, rows[fails], rows[unclear])
                unknown[rows[unclear]] = True
                for name, place in _missing(judged, gate, unclear):
                    waits.setdefault(name, np.zeros(debt.size, dtype=bool))[rows[place]] = True
        for name, hit in waits.items():
            _add(self.facts, name, [int(hit.sum()), _sum(debt[hit])])
        self._add_counties(found, debt, unknown)

    def _add_kind(self, found: Assessed, outcome: NDArray[np.uint8], debt: Column) -> None:
        """Sums of one kind of right."""
        kind, lent = found.of.table, found.lending_value_yuan
        owing = debt > 0.0
        short = np.maximum(debt - lent, 0.0)[owing]
        sums = [debt.size, _sum(debt), _sum(lent), _sum(lent[owing]), _sum(short)]
        _add(self.kinds, kind, sums)
        by_outcome = self.outcomes.setdefault(kind, {})
        for k, name in enumerate(OUTCOMES):
            hit = outcome == k
            _add(by_outcome, name, [int(hit.sum()), _sum(debt[hit])])
        cover = lent[owing] / debt[owing]
        classes = np.searchsorted(COVER_EDGES, cover, side="right") - 1
        counts = np.bincount(classes, minlength=len(COVER_EDGES) - 1)
        _add(self.cover, kind, counts.tolist())

    def _add_rule(self, gate: Gate, debt: Column, fails: Rows, unclear: Rows) -> None:
        """Pledges on which one rule decides."""
        told = self.rules.setdefault(mark_of(gate), _empty(gate))
        told["failed"] += fails.size
        told["unknown"] += unclear.size
        told["pledges"] += fails.size + unclear.size
        told["debt_yuan"] += _sum(debt[fails]) + _sum(debt[unclear])

    def _add_counties(self, found: Assessed, debt: Column, unknown: NDArray[np.bool_]) -> None:
        """Pledges by county, and those that wait for a fact."""
        index, size = found.of.rights.region_index, len(found.of.rights.regions)
        held = np.stack([
            np.bincount(index, minlength=size), np.bincount(index, debt, size),
            np.bincount(index, unknown, size), np.bincount(index, debt * unknown, size),
        ])  # fmt: skip
        for k, region in enumerate(found.of.rights.regions):
            if held[0, k]:
                _add(self.counties, region[:6], held[:, k].tolist())

    def record(self) -> dict[str, Any]:
        """Return the sums as the manifest holds them.

        Returns
        -------
        dict
            Plain data, money to the fen, in an order that does not depend on the files.
        """
        return {
            "kinds": _rounded(self.kinds), "outcomes": {
                kind: _rounded(by_outcome) for kind, by_outcome in self.outcomes.items()
            },
            "cover_edges": [edge for edge in COVER_EDGES if edge != float("inf")],
            "cover": self.cover, "claims": _rounded(self.claims),
            "facts": {
                name: {"pledges": count, "debt_yuan": debt, **_said(fact_title(name))}
                for name, (count, debt) in _by_money(_rounded(self.facts))
            },
            "counties": dict(sorted(_rounded(self.counties).items())),
        }  # fmt: skip

    def rules_record(self) -> dict[str, Any]:
        """Return the rules that decide, the most money at risk first.

        Returns
        -------
        dict
            By mark: pledges, failed, unknown, debt, severity, title, cure.
        """
        order = sorted(self.rules.items(), key=lambda item: (-item[1]["debt_yuan"], item[0]))
        return {mark: told | {"debt_yuan": round(told["debt_yuan"], 2)} for mark, told in order}


def decisive(judged: Judged) -> Iterator[tuple[Gate, Rows, Rows]]:
    """List the rules that decide on some pledges, watching rules left out.

    Parameters
    ----------
    judged : Judged
        What the law of one place says of them.

    Yields
    ------
    tuple of Gate, (k,) int64 and (m,) int64
        The rule, and positions of those that fail it and of those it cannot tell of.
    """
    some = [
        np.bitwise_or.reduce(bits, axis=1) for bits in (judged.found.failed, judged.found.unknown)
    ]
    for k, gate in enumerate(judged.plan.gates):
        byte, bit = k // 8, np.uint8(1 << (k % 8))
        if LEVELS[gate.rule.severity] >= 1 and (some[0][byte] | some[1][byte]) & bit:
            fails = np.flatnonzero(judged.found.failed[byte] & bit)
            unclear = np.flatnonzero(judged.found.unknown[byte] & bit)
            yield gate, fails, unclear


def mark_of(gate: Gate) -> str:
    """Return how a rule is written in a cell: its mark, or its name where it has none.

    Parameters
    ----------
    gate : Gate
        The rule.

    Returns
    -------
    str
        Without blanks.
    """
    return gate.rule.code or gate.rule.name


def _missing(judged: Judged, gate: Gate, unclear: Rows) -> Iterator[tuple[str, Rows]]:
    """Facts for want of which a rule cannot be told, with the things that lack each."""
    facts = judged.facts
    for name in (gate.fact, *(gate.rule.judges.when or {})):
        if name in facts.coded:
            lacks = unclear[facts.coded[name][unclear] < 0]
        elif name in facts.numbers:
            lacks = unclear[np.isnan(facts.numbers[name][unclear])]
        else:
            lacks = unclear
        if lacks.size:
            yield declared_facts()[name].inspection or name, lacks


def fact_title(name: str) -> Text:
    """Return the words for what is not known.

    Parameters
    ----------
    name : str
        A fact, or an inspection that would answer several.

    Returns
    -------
    Text
        Its title.
    """
    if name in INSPECTIONS:
        title = VISITS[name]
        return Text(f"{title.zh}：未做或已过期", f"{title.en}: none, or too long ago")
    return declared_facts()[name].title


def fault_counts(faults: Iterable[Fault]) -> dict[str, dict[str, int]]:
    """Count faults by cause and by table and column.

    Parameters
    ----------
    faults : iterable of Fault
        All faults of a run.

    Returns
    -------
    dict
        ``kinds`` and ``columns``, the most first.
    """
    kinds: dict[str, int] = {}
    columns: dict[str, int] = {}
    for kind, column in found_in(faults):
        name = kind.name.lower()
        kinds[name] = kinds.get(name, 0) + 1
        columns[column] = columns.get(column, 0) + 1
    return {
        name: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        for name, counts in (("kinds", kinds), ("columns", columns))
    }


def cover_words() -> list[str]:
    """Return the classes of cover as people read them.

    Returns
    -------
    list of str
        One a class of `COVER_EDGES`.
    """
    return [
        f"{low:g}–{high:g}" if high != float("inf") else f"≥ {low:g}"
        for low, high in pairwise(COVER_EDGES)
    ]


def _empty(gate: Gate) -> dict[str, Any]:
    """A rule on which nothing is counted yet."""
    cure = gate.rule.judges.cure
    return {
        "pledges": 0, "failed": 0, "unknown": 0, "debt_yuan": 0.0,
        "severity": gate.rule.severity, **_said(gate.rule.title),
        "cure_zh": cure.zh if cure is not None else "",
        "cure_en": cure.en if cure is not None else "", "cite": gate.value.cite,
    }  # fmt: skip


def _said(title: Text) -> dict[str, str]:
    """A title as the manifest holds it."""
    return {"title_zh": title.zh, "title_en": title.en}


def _sum(amounts: Column) -> float:
    """A sum of money [yuan]."""
    return float(amounts.sum())


def _add(sums: dict[str, Any], name: str, more: list[Any]) -> None:
    """Add figures to those under a name."""
    so_far = sums.get(name)
    sums[name] = more if so_far is None else [a + b for a, b in zip(so_far, more, strict=True)]


def _rounded(sums: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """Figures to the fen; whole ones as whole numbers."""
    return {
        name: [int(one) if one == int(one) else round(one, 2) for one in figures]
        for name, figures in sums.items()
    }


def _by_money(sums: Mapping[str, list[float]]) -> list[tuple[str, list[float]]]:
    """Names with the most debt first."""
    return sorted(sums.items(), key=lambda item: (-item[1][1], item[0]))


def claim_names(marks: int) -> Iterator[str]:
    """List the claims of one sum of marks.

    Parameters
    ----------
    marks : int
        Sum of `riskengine.pledgebook.claims.Claim`.

    Yields
    ------
    str
        Name of a claim in small letters.
    """
    for claim in CLAIM_WORDS:
        if Claim(marks) & claim:
            yield str(claim.name).lower()
