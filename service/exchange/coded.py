"""Applications in an institution's codes: what was sent stays known beside what is scored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from riskengine.errors import RiskEngineError
from riskengine.exchange.mapping import CodeMapping
from riskengine.words import Text
from service.exchange.mappings import read_by
from service.pointers import Step, as_named, pointer, steps_of, taken
from service.problems import Fault, Problem, of_engine

LEFT_OUT = frozenset({"missing", "union_tag_not_found"})
"""Codes of faults that a cell without its code may cause."""
CURE = Text("请把这个代码加入对照表，或改用表中已有的",
            "add the code to the mapping, or send one that it has")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coded:
    """An application as it was sent, and as a mapping reads it.

    Parameters
    ----------
    mapping : CodeMapping
        By which it is read.
    sent : mapping
        As it came.
    content : dict
        In the engine's words; cells whose code is not known are left out.
    remarks : dict
        What its answer tells: the mapping and every code that was not known.
    """

    mapping: CodeMapping
    sent: Mapping[str, Any]
    content: dict[str, Any]
    remarks: dict[str, Any]

    @property
    def asked(self) -> dict[str, Any]:
        """What a repeated request is known by: the mapping's name, not what it says today."""
        return {"mapping": self.mapping.name, "sent": json.dumps(self.sent, sort_keys=True)}

    def told(self, problem: Problem) -> Problem:
        """Return a problem in the words of the sender.

        Parameters
        ----------
        problem : Problem
            About the content.

        Returns
        -------
        Problem
            About what was sent: fields by the institution's names; a cell that is missing
            because its code is not known is told so.
        """
        unknown = {steps_of(one["path"]): one for one in self.remarks["mapping"]["unknown_codes"]}
        faults = [self._fault(fault, unknown) for fault in problem.faults]
        title, cure = problem.wrong, problem.cure
        if len(faults) == 1 and title == problem.faults[0].message:
            title, cure = faults[0].message, faults[0].cure or cure
        return Problem(problem.status, problem.code, title, cure, faults, problem.headers)

    def _fault(self, fault: Fault, unknown: Mapping[tuple[Step, ...], dict[str, Any]]) -> Fault:
        """One fault."""
        if not fault.path.startswith("/body"):
            return fault
        steps = taken(fault.path, self.content)[1:]
        if fault.code in LEFT_OUT:
            for place, one in unknown.items():
                if place == steps or (fault.code != "missing" and place[:-1] == steps):
                    steps, said = place, one["message"]
                    fault = Fault(
                        fault.path, "unknown_code",
                        Text(f"{said['zh']}：{one['code']}", f"{said['en']}: {one['code']}"), CURE,
                    )  # fmt: skip
                    break
        path = pointer(("body", *as_named(steps, self.mapping.fields, self.sent)))
        return replace(fault, path=path)


def coded(mapping: CodeMapping, sent: Mapping[str, Any]) -> Coded | Problem:
    """Return an application as a mapping reads it.

    Parameters
    ----------
    mapping : CodeMapping
        By which it is read.
    sent : mapping
        As it came, not checked yet.

    Returns
    -------
    Coded or Problem
        422 if two fields would land in one cell.
    """
    try:
        content, remarks = read_by(mapping, dict(sent))
    except RiskEngineError as fault:
        return of_engine(fault, sent)
    return Coded(mapping, sent, content, remarks)
