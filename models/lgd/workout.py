"""Workout files: checked all at once, turned into one loss per default, open cases completed.

Two tables.  *Defaults*: ``id``, ``defaulted_on``, ``ead_yuan``, ``closed_on`` (missing while
the workout runs), ``cured``; for a guarantor also ``claim_paid_on`` and ``claim_yuan``.
*Flows*: ``id``, ``on``, ``yuan``, ``kind`` (``recovery``, ``cost`` or ``claim``, the payment
of the guarantor to the lender), ``party`` (``lender`` or ``guarantor``, whose money moves).

The lender's loss counts from the default on the exposure, the claim being a recovery; the
guarantor's counts from the day he paid on what he paid.  They are two losses and are never
averaged together.  Losses below 0 and above 1 are kept: clipping before averaging is biased.

Source: credit notes 2.1; Basel CRE36.76-83; Schuermann (2004), What do we know about loss
given default?
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskengine.credit.recovery import Flows, workout_losses
from riskengine.errors import ModelError
from riskengine.words import Text

Party = Literal["lender", "guarantor"]
DEFAULTS = ("id", "defaulted_on", "ead_yuan", "closed_on", "cured")
CLAIMS = ("claim_paid_on", "claim_yuan")
FLOWS = ("id", "on", "yuan", "kind", "party")
KINDS = ("recovery", "cost", "claim")
DAYS = 365.0


def workout_faults(
    defaults: pd.DataFrame, flows: pd.DataFrame, party: Party, most_recovered: float = 1.5
) -> pd.DataFrame:
    """Return every fault of a workout file.

    Parameters
    ----------
    defaults, flows : pandas.DataFrame
        As the module says.
    party : {"lender", "guarantor"}
        Whose loss is asked for.
    most_recovered : float
        Recoveries above this multiple of the exposure, undiscounted, are a fault: interest
        and penalties can bring more than the exposure, a slip of unit brings far more.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``row`` (from 1), ``column``, ``fault``; values are not repeated.
    """
    found: list[tuple[str, Any, str, str]] = []
    wanted = {"defaults": DEFAULTS + (CLAIMS if party == "guarantor" else ()), "flows": FLOWS}
    for table, frame in (("defaults", defaults), ("flows", flows)):
        lacking = [name for name in wanted[table] if name not in frame.columns]
        found += [(table, 0, name, "column is missing") for name in lacking]
    if found:
        return _told(found)

    def mark(table: str, rows: Any, column: str, fault: str) -> None:
        places = np.flatnonzero(np.asarray(rows, dtype=bool)) + 1
        found.extend((table, int(place), column, fault) for place in places)

    cases, moves = _read(defaults, flows, party)
    mark("defaults", defaults["id"].isna(), "id", "no identifier")
    mark("defaults", defaults["id"].duplicated(keep=False), "id", "identifier stands twice")
    mark("defaults", cases["start"].isna(), _start(party), "no day, or not a date")
    mark("defaults", ~(cases["ead"] > 0.0), _exposure(party), "exposure is missing or not above 0")
    mark("defaults", np.isinf(cases["ead"]), _exposure(party), "exposure is not finite")
    mark("defaults", cases["closed"] < cases["start"], "closed_on", "closed before it began")
    mark("flows", ~moves["id"].isin(defaults["id"]), "id", "no such default")
    mark("flows", moves["on"].isna(), "on", "no day, or not a date")
    mark("flows", ~np.isfinite(moves["yuan"]), "yuan", "amount is missing or not finite")
    mark("flows", moves["yuan"] < 0.0, "yuan", "amount is negative: name the kind instead")
    mark("flows", ~moves["kind"].isin(KINDS), "kind", f"none of {', '.join(KINDS)}")
    mark("flows", ~moves["party"].isin(["lender", "guarantor"]), "party", "lender or guarantor")
    first = cases.drop_duplicates("id").set_index("id")
    mine = _mine(moves, party)
    early = mine & (moves["on"] < moves["id"].map(first["start"]))
    mark("flows", early, "on", "day lies before the default or the claim")
    late = mine & (moves["on"] > moves["id"].map(first["closed"]))
    mark("flows", late, "on", "day lies after the workout was closed")
    came = moves[mine & moves["kind"].ne("cost")].groupby("id")["yuan"].sum()
    ratio = cases["id"].map(came).fillna(0.0) / cases["ead"]
    over = f"recoveries exceed {most_recovered:g} times the exposure"
    mark("defaults", ratio > most_recovered, _exposure(party), over)
    return _told(found)


def _told(found: list[tuple[str, Any, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=["table", "row", "column", "fault"])


def _start(party: Party) -> str:
    return "defaulted_on" if party == "lender" else "claim_paid_on"


def _exposure(party: Party) -> str:
    return "ead_yuan" if party == "lender" else "claim_yuan"


def _days(column: "pd.Series[Any]") -> "pd.Series[Any]":
    mixed = "mixed" if column.dtype == object else None
    return pd.to_datetime(column, errors="coerce", format=mixed)


def _read(
    defaults: pd.DataFrame, flows: pd.DataFrame, party: Party
) -> tuple[pd.DataFrame, pd.DataFrame]:
    cases = pd.DataFrame(
        {
            "id": defaults["id"].to_numpy(),
            "start": _days(defaults[_start(party)]).to_numpy(),
            "closed": _days(defaults["closed_on"]).to_numpy(),
            "ead": pd.to_numeric(defaults[_exposure(party)], errors="coerce").to_numpy(float),
        }
    )
    moves = pd.DataFrame(
        {
            "id": flows["id"].to_numpy(),
            "on": _days(flows["on"]).to_numpy(),
            "yuan": pd.to_numeric(flows["yuan"], errors="coerce").to_numpy(float),
            "kind": flows["kind"].to_numpy(),
            "party": flows["party"].to_numpy(),
        }
    )
    return cases, moves


def _mine(moves: pd.DataFrame, party: Party) -> "pd.Series[bool]":
    """Flows that count: the claim is the lender's recovery, and the guarantor's exposure."""
    own = moves["party"].eq(party) & moves["kind"].ne("claim")
    return own | moves["kind"].eq("claim") if party == "lender" else own


def workout_table(
    defaults: pd.DataFrame, flows: pd.DataFrame, rate: float, party: Party = "lender",
    most_recovered: float = 1.5,
) -> pd.DataFrame:  # fmt: skip
    """Turn a workout file into one loss per default.

    Parameters
    ----------
    defaults, flows : pandas.DataFrame
        As the module says.
    rate : float
        Yearly rate at which flows are discounted, > -1: the contract's effective rate for
        accounts, one with a risk margin for a regulator; days over 365.
    party : {"lender", "guarantor"}
        Whose loss; for a guarantor only defaults that he paid for count.
    most_recovered : float
        As `workout_faults`.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``start``, ``ead_yuan``, ``recovered_yuan`` and ``spent_yuan`` at the start,
        ``lgd`` (not clipped; of an open workout so far), ``closed``, ``cured``.

    Raises
    ------
    ModelError
        With every fault of the file.
    """
    if party == "guarantor" and set(CLAIMS) <= set(defaults.columns):
        defaults = defaults[defaults["claim_yuan"].notna() | defaults["claim_paid_on"].notna()]
        flows = flows[flows["id"].isin(defaults["id"]) | flows["party"].eq("lender")]
        flows = flows[flows["party"].eq("guarantor")]
    faults = workout_faults(defaults, flows, party, most_recovered)
    if len(faults):
        lines = [
            f"{table}.{column}: {fault} ({len(rows)} rows, first {rows['row'].min()})"
            for (table, column, fault), rows in faults.groupby(["table", "column", "fault"])
        ]
        raise ModelError(
            Text(f"催收台账有误：{'；'.join(lines)}", f"the workout file: {'; '.join(lines)}"),
            Text("请逐条更正后重试", "mend every one of them and try again"),
        )
    cases, moves = _read(defaults, flows, party)
    moves = moves[_mine(moves, party)]
    start = moves["id"].map(cases.set_index("id")["start"])
    years = (moves["on"] - start).dt.days.to_numpy(float) / DAYS
    is_cost = moves["kind"].eq("cost").to_numpy()
    place = cases.reset_index().set_index("id")["index"]
    case = moves["id"].map(place).to_numpy(np.int64)
    came = _flows(case[~is_cost], moves["yuan"].to_numpy()[~is_cost], years[~is_cost], len(cases))
    went = _flows(case[is_cost], moves["yuan"].to_numpy()[is_cost], years[is_cost], len(cases))
    found = workout_losses(cases["ead"].to_numpy(), rate, came, went)
    return pd.DataFrame(
        {
            "id": cases["id"], "start": cases["start"], "ead_yuan": cases["ead"],
            "recovered_yuan": found.recovered_yuan, "spent_yuan": found.spent_yuan,
            "lgd": found.loss_share, "closed": cases["closed"].notna(),
            "closed_on": cases["closed"],
            "cured": defaults["cured"].fillna(False).astype(bool).to_numpy(),
        }
    )  # fmt: skip


def _flows(
    case: NDArray[np.int64], yuan: NDArray[np.float64], years: NDArray[np.float64], count: int
) -> Flows:
    order = np.lexsort((years, case))
    starts = np.concatenate([[0], np.cumsum(np.bincount(case, minlength=count))])
    return Flows(yuan[order], years[order], starts)


@dataclass(frozen=True)
class RunOff:
    """What open workouts bring at each age, seen on all workouts that were open then.

    Parameters
    ----------
    step : float
        Length of an age [year].
    at_risk : (k,) int64
        Workouts seen from the beginning to the end of the age, and open at its beginning.
    gain : (k,) float64
        Recoveries less costs in the age over their exposure, discounted to the default.
    ends : (k,) float64
        Share of them closed within the age.
    """

    step: float
    at_risk: NDArray[np.int64]
    gain: NDArray[np.float64]
    ends: NDArray[np.float64]

    def to_come(self, age: float) -> float:
        """Mean still to come from a workout open at an age, as a share of its exposure.

        Parameters
        ----------
        age : float
            Years since the default; a part of an age counts by its share.

        Returns
        -------
        float
            Share [1], discounted to the default; 0 beyond the last age seen.
        """
        first = int(age / self.step)
        if first >= self.gain.size:
            return 0.0
        share = 1.0 - (age / self.step - first)
        total = share * float(self.gain[first])
        still_open = 1.0 - share * float(self.ends[first])
        for k in range(first + 1, self.gain.size):
            total += still_open * float(self.gain[k])
            still_open *= 1.0 - float(self.ends[k])
        return total


def run_off(
    table: pd.DataFrame, flows: pd.DataFrame, rate: float, as_of: Any, party: Party = "lender",
    step: float = 0.5, least: int = 20,
) -> RunOff:  # fmt: skip
    """Measure what open workouts bring at each age.

    A workout counts in an age when it was open at its beginning and the file reaches its
    end, whether it was closed by then or not: leaving open ones out keeps the quick ones.

    Parameters
    ----------
    table : pandas.DataFrame
        As `workout_table` gives it.
    flows : pandas.DataFrame
        As the module says.
    rate : float
        Yearly rate, > -1.
    as_of : date
        Day on which the file was drawn.
    party : {"lender", "guarantor"}
        Whose flows.
    step : float
        Length of an age [year], > 0.
    least : int
        Workouts that an age needs; the ages end before the first with fewer.

    Returns
    -------
    RunOff
        By age.
    """
    seen = (pd.Timestamp(as_of) - table["start"]).dt.days.to_numpy(float) / DAYS
    closed = (table["closed_on"] - table["start"]).dt.days.to_numpy(float) / DAYS
    closed = np.where(np.isnan(closed), np.inf, closed)
    place = pd.Series(np.arange(len(table)), index=table["id"].to_numpy())
    moves = flows[flows["id"].isin(table["id"])].copy()
    moves = moves[_mine(moves, party)]
    case = moves["id"].map(place).to_numpy(np.int64)
    on = (_days(moves["on"]) - table["start"].iloc[case].to_numpy()).dt.days.to_numpy(float) / DAYS
    worth = moves["yuan"].to_numpy(float) * np.exp(-np.log1p(rate) * on)
    worth = np.where(moves["kind"].eq("cost"), -worth, worth) / table["ead_yuan"].to_numpy()[case]
    at_risk, gain, ends = [], [], []
    for k in range(int(np.ceil(max(seen.max(), step) / step))):
        low, high = k * step, (k + 1) * step
        rows = (closed >= low) & (seen >= high)
        if rows.sum() < least:
            break
        inside = rows[case] & (on >= low) & (on < high)
        at_risk.append(int(rows.sum()))
        gain.append(float(worth[inside].sum() / rows.sum()))
        ends.append(float((closed[rows] < high).mean()))
    return RunOff(step, np.array(at_risk, dtype=np.int64), np.array(gain), np.array(ends))


def completed(table: pd.DataFrame, curve: RunOff, as_of: Any) -> NDArray[np.float64]:
    """Loss of every default, open ones completed by what such workouts still bring.

    Parameters
    ----------
    table : pandas.DataFrame
        As `workout_table` gives it.
    curve : RunOff
        What open workouts bring.
    as_of : date
        Day on which the file was drawn.

    Returns
    -------
    (n,) float64
        Loss shares, not clipped; of an open workout the mean that is to be expected.
    """
    age = (pd.Timestamp(as_of) - table["start"]).dt.days.to_numpy(float) / DAYS
    come = np.array([curve.to_come(one) for one in age])
    return np.where(table["closed"], table["lgd"].to_numpy(float), table["lgd"] - come)


def parts_of_mean(table: pd.DataFrame) -> dict[str, float]:
    """Split the mean loss into cures and the rest.

    mean = p_cure LGD_cure + (1 - p_cure) LGD_rest, exactly.

    Parameters
    ----------
    table : pandas.DataFrame
        As `workout_table` gives it.

    Returns
    -------
    dict of str to float
        ``share_cured``, ``lgd_cured``, ``lgd_rest``, ``lgd``; NaN for an empty part.
    """
    cured = table["cured"].to_numpy(bool)
    lgd = table["lgd"].to_numpy(float)
    nothing = float("nan")
    return {
        "share_cured": float(cured.mean()),
        "lgd_cured": float(lgd[cured].mean()) if cured.any() else nothing,
        "lgd_rest": float(lgd[~cured].mean()) if (~cured).any() else nothing,
        "lgd": float(lgd.mean()),
    }
