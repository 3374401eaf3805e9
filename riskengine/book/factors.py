"""From places, commodities and kinds of right to a factor model, by a file of loadings."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskengine.gates.tables import COMMODITIES
from riskengine.portfolio.exposures import BookError, Column, FactorModel, Index
from riskengine.rights import RIGHTS
from riskengine.words import Text

FAMILIES = ("nation", "province", "county", "commodity", "hazard")
"""Families of factors, from the widest."""
OTHER = "other"
SHIPPED = Path(__file__).parent / "factors.toml"
SEEN = ("estimated", "assumption")
ASSUMED = ("pledges_together", "severity", "maturity_share")


@dataclass(frozen=True, slots=True)
class Loadings:
    """A file of loadings.

    Parameters
    ----------
    name : str
        What it is.
    seen : str
        ``estimated`` or ``assumption``.
    digest : str
        SHA-256 of the file.
    correlation : mapping of str to float
        Correlation between factors of one family [1].
    default : mapping of str to mapping
        Loading by family, by commodity [1]; a commodity that is left out loads as `OTHER`.
    sale : mapping of str to mapping
        Loading by family and ``slowdown``, by kind of right [1]; prices of a kind that is left
        out know nothing of bad times.
    assumed : mapping of str to float
        ``pledges_together``, ``severity`` and ``maturity_share`` [1].
    """

    name: str
    seen: str
    digest: str
    correlation: Mapping[str, float]
    default: Mapping[str, Mapping[str, float]]
    sale: Mapping[str, Mapping[str, float]]
    assumed: Mapping[str, float]


def load_loadings(path: Path | None = None) -> Loadings:
    """Read a file of loadings.

    Parameters
    ----------
    path : pathlib.Path or None
        TOML in the shape of ``riskengine/book/factors.toml``, which is read when left out.

    Returns
    -------
    Loadings
        The file.

    Raises
    ------
    BookError
        If it cannot be read, lacks a part, names what is not known, or holds a number
        outside [-1, 1] or loadings that explain more than there is; every fault at once.
    """
    source = SHIPPED if path is None else path
    try:
        raw = source.read_bytes()
        held = tomllib.loads(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _wrong(source, [f"cannot be read: {fault}"]) from fault
    faults = list(_faults(held))
    if faults:
        raise _wrong(source, faults)
    return Loadings(
        str(held["name"]), str(held["seen"]), sha256(raw).hexdigest(), held.get("correlation", {}),
        held["default"], held["sale"], held["assumed"],
    )  # fmt: skip


def _wrong(path: Path, faults: Sequence[str]) -> BookError:
    said = "; ".join(faults)
    return BookError(
        Text(f"因子文件 {path.name}：{said}", f"factor file {path.name}: {said}"),
        Text("参照 riskengine/book/factors.toml 改正", "see riskengine/book/factors.toml"),
    )


def _faults(held: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a file."""
    parts = ("default", "sale", "assumed")
    faults = [f"[{name}] is missing" for name in parts if name not in held]
    faults += [
        f"[{name}] is no table"
        for name in (*parts, "correlation")
        if not isinstance(held.get(name, {}), Mapping)
    ]
    faults += [f"{name} is missing" for name in ("name", "seen") if name not in held]
    if faults:
        return faults
    if held["seen"] not in SEEN:
        faults.append(f"seen must be one of: {', '.join(SEEN)}")
    if OTHER not in held["default"]:
        faults.append(f"[default.{OTHER}] is missing")
    known = {choice.code for choice in COMMODITIES}
    faults += [f"[default.{name}] is no commodity" for name in held["default"] if name not in known]
    faults += [f"[sale.{name}] is no kind of right" for name in held["sale"] if name not in RIGHTS]
    faults += _numbers(held)
    for name in ASSUMED:
        number = held["assumed"].get(name)
        if not isinstance(number, int | float) or not 0.0 <= number <= 1.0:
            faults.append(f"assumed.{name} must be given, in [0, 1]")
    return faults


def _numbers(held: Mapping[str, Any]) -> list[str]:
    """Numbers out of range, and rows that explain more than there is."""
    faults: list[str] = []
    tables: dict[str, tuple[Any, tuple[str, ...]]]
    tables = {f"default.{name}": (row, FAMILIES) for name, row in held["default"].items()}
    tables |= {f"sale.{name}": (row, (*FAMILIES, "slowdown")) for name, row in held["sale"].items()}
    tables |= {"correlation": (held.get("correlation", {}), FAMILIES)}
    tables |= {"assumed": (held["assumed"], ASSUMED)}
    for name, (row, allowed) in tables.items():
        if not isinstance(row, Mapping):
            faults.append(f"[{name}] is no table")
            continue
        explained = 0.0
        for key, number in row.items():
            fine = isinstance(number, int | float) and not isinstance(number, bool)
            low = 0.0 if key == "slowdown" else -1.0
            if key not in allowed:
                faults.append(f"{name}.{key} is not known")
            elif not (fine and low <= number <= 1.0):
                faults.append(f"{name}.{key} must lie in [{low:g}, 1]")
            elif key in FAMILIES:
                explained += number * number
        if name.startswith("default.") and explained >= 1.0:
            faults.append(f"[{name}] must leave something to each borrower: squares below 1")
        if name.startswith("sale.") and explained > 1.0 + 1e-12:
            faults.append(f"[{name}] must explain no more than all: squares up to 1")
    return faults


def factor_model(
    loadings: Loadings, counties: Sequence[str], commodities: Sequence[str], kinds: Sequence[str]
) -> tuple[FactorModel, Index]:
    """Lay out the factors that a book needs.

    Parameters
    ----------
    loadings : Loadings
        The loadings.
    counties : sequence of str
        County of each exposure, six digits.
    commodities : sequence of str
        What each borrower lives on; "" where not known, which loads as `OTHER`.
    kinds : sequence of str
        Kind of right that secures each exposure; "" for none.

    Returns
    -------
    model : FactorModel
        Factors named ``family`` or ``family:key``; segments named ``county|commodity|kind``.
    segment : (n,) int64
        Segment of each exposure.
    """
    labels = np.array(["|".join(one) for one in zip(counties, commodities, kinds, strict=True)])
    names, segment = np.unique(labels.astype(str), return_inverse=True)
    parts = [str(name).split("|") for name in names]
    factors = _factors(parts)
    place = {name: at for at, name in enumerate(factors)}
    shape = (len(parts), len(factors))
    default, sale, slowdown = np.zeros(shape), np.zeros(shape), np.zeros(len(parts))
    for row, (county, commodity, kind) in enumerate(parts):
        keys = _keys(county, commodity)
        own = loadings.default.get(commodity, loadings.default[OTHER])
        sold = loadings.sale.get(kind, {})
        for family, key in keys.items():
            default[row, place[key]] = own.get(family, 0.0)
            sale[row, place[key]] = sold.get(family, 0.0)
        slowdown[row] = sold.get("slowdown", 0.0)
    return (
        FactorModel(
            tuple(factors), _correlation(loadings, factors), tuple(map(str, names)), default, sale,
            slowdown,
        ),
        segment.reshape(-1).astype(np.int64),
    )  # fmt: skip


def _keys(county: str, commodity: str) -> dict[str, str]:
    """Factor of each family that one segment stands under."""
    province = county[:2]
    return {
        "nation": "nation", "province": f"province:{province}", "county": f"county:{county}",
        "commodity": f"commodity:{commodity or OTHER}", "hazard": f"hazard:{province}",
    }  # fmt: skip


def _factors(parts: Sequence[Sequence[str]]) -> list[str]:
    """Factors of a book, family by family."""
    found: dict[str, set[str]] = {family: set() for family in FAMILIES}
    for county, commodity, _ in parts:
        for family, key in _keys(county, commodity).items():
            found[family].add(key)
    return [key for family in FAMILIES for key in sorted(found[family])]


def _correlation(loadings: Loadings, factors: Sequence[str]) -> NDArray[np.float64]:
    """One correlation within each family, none between families."""
    family = np.array([name.partition(":")[0] for name in factors])
    within: Column = np.array([loadings.correlation.get(str(name), 0.0) for name in family])
    found = np.where(family[:, None] == family[None, :], within[:, None], 0.0)
    np.fill_diagonal(found, 1.0)
    return found
