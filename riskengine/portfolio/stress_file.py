"""Stress scenarios as data: named, dated and cited, read from TOML files.

The shipped file is ``riskengine/portfolio/stress_scenarios.toml``; an institution adds files
of the same shape.  A scenario holds values of common factors, shocks to the borrowers and
rights that its filters pick, and cuts of terms, which are passed on.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from riskengine.portfolio.exposures import BookError
from riskengine.rights import RIGHTS
from riskengine.words import Text

SHIPPED = Path(__file__).parent / "stress_scenarios.toml"
OTHER = "other"
ZONES = {"": 0, "province": 2, "prefecture": 4, "county": 6}
"""Digits of a region's code at each size of zone."""
SEEN = ("text", "official", "secondary", "memory", "assumption")
KINDS: Mapping[str, tuple[float, float]] = {
    "income": (0.0, 0.99), "price": (0.0, 0.99), "yield": (0.0, 0.99), "rate": (-0.1, 1.0),
    "latent": (-10.0, 10.0), "hit": (0.0, 1.0), "collateral": (0.0, 1.0),
    "extension": (0.0, 1.0), "delay": (0.0, 600.0), "exposure": (0.0, 10.0),
}  # fmt: skip
"""Kinds of shock and the range of their amounts, closed."""
PER_BORROWER = {"income_share": (0.0, 1.0), "deviation": (0.01, 10.0), "debt_to_income": (0.0, 9.0)}
FILTERS = ("commodities", "counties", "rights", "due_within_months")
TERMS = {"table", "party", "column", "cut"}
KEYS = {"title", "narrative", "source"}


@dataclass(frozen=True, slots=True)
class Shock:
    """One shock and whom it strikes.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    amount : float
        Fall of the borrower's income, of its product's price or yield, of proceeds; share of
        contracts not extended; chance of an independent default; rise of exposure [1]; rise
        of the rate [1/year]; shift of the latent threshold [1]; longer sale [month].
    commodities, rights : tuple of str
        Whom it strikes; everybody where empty.
    counties : tuple of str
        Beginnings of region codes; everywhere where empty.
    due_within_months : float or None
        Only contracts that fall due within it [month].
    """

    kind: str
    amount: float
    commodities: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    due_within_months: float | None = None


@dataclass(frozen=True, slots=True)
class TermCut:
    """A cut of what others pay: passed on to whoever applies the terms.

    Parameters
    ----------
    table : str
        ``layers`` or ``funds``.
    party : str
        Party whose rows are cut.
    column : str
        Column that is cut.
    cut : float
        Share that is lost [1], in [0, 1].
    """

    table: str
    party: str
    column: str
    cut: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """One named scenario.

    Parameters
    ----------
    name : str
        Key in the file.
    title, narrative, source : Text
        What it is called, what happens, where its numbers come from.
    cause : str
        Key of the list of causes of default.
    seen : str
        How the source was seen, one of `SEEN`.
    dated : date
        Day of the derivation.
    zone : str
        Size of the zone that is struck, a key of `ZONES`; "" for everywhere.
    factors : mapping of str to float
        Value [1] by name of a factor or pattern, low is bad; ``{zone}`` and ``{province}``
        stand for the codes of the zone.
    shocks : tuple of Shock
        Shocks; in a zone they strike it alone.
    terms : tuple of TermCut
        Cuts of terms.
    """

    name: str
    title: Text
    narrative: Text
    source: Text
    cause: str
    seen: str
    dated: date
    zone: str = ""
    factors: Mapping[str, float] | None = None
    shocks: tuple[Shock, ...] = ()
    terms: tuple[TermCut, ...] = ()


@dataclass(frozen=True, slots=True)
class Satellite:
    """How shocks to income reach the latent variable of default, by commodity.

    Parameters
    ----------
    seen : str
        How it was found; ``assumption`` in the shipped file.
    source : Text
        Where it comes from.
    borrowers : mapping of str to mapping
        By commodity and ``other``: ``income_share`` (of receipts that the commodity brings
        [1]), ``deviation`` (of log receipts from year to year [1]) and ``debt_to_income``
        [year].
    """

    seen: str
    source: Text
    borrowers: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class StressFile:
    """Scenarios and what they need.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        By name, in the order of the files.
    satellite : Satellite
        How shocks reach borrowers.
    causes : mapping of str to Text
        The list of causes.
    digests : tuple of str
        SHA-256 of each file, in the order of reading.
    """

    scenarios: Mapping[str, Scenario]
    satellite: Satellite
    causes: Mapping[str, Text]
    digests: tuple[str, ...]


def load_scenarios(*more: Path) -> StressFile:
    """Read the shipped scenarios and those of an institution.

    Parameters
    ----------
    *more : pathlib.Path
        Further files; a scenario, a cause or a satellite that stands again replaces the
        earlier one.

    Returns
    -------
    StressFile
        All scenarios.

    Raises
    ------
    BookError
        If a file cannot be read or breaks its shape; every fault of it at once.
    """
    scenarios: dict[str, Scenario] = {}
    causes: dict[str, Text] = {}
    satellite, digests = None, []
    for path in (SHIPPED, *more):
        raw, held = _read(path)
        faults = list(_faults(held, {*causes, *held.get("causes", {})}))
        if satellite is None and "satellite" not in held:
            faults.append("[satellite] is missing")
        if faults:
            raise _wrong(path, faults)
        causes |= {code: _text(said) for code, said in held.get("causes", {}).items()}
        scenarios |= {name: _scenario(name, row) for name, row in held["scenario"].items()}
        if "satellite" in held:
            satellite = _satellite(held["satellite"])
        digests.append(sha256(raw).hexdigest())
    assert satellite is not None
    return StressFile(scenarios, satellite, causes, tuple(digests))


def cut_rows(
    rows: Sequence[Mapping[str, Any]], table: str, cuts: Sequence[TermCut]
) -> list[dict[str, Any]]:
    """Apply cuts of terms to rows of a table.

    Parameters
    ----------
    rows : sequence of mapping
        Rows with a ``party``.
    table : str
        ``layers`` or ``funds``.
    cuts : sequence of TermCut
        Cuts; those of the other table are left alone.

    Returns
    -------
    list of dict
        New rows; an empty cell stays empty.

    Examples
    --------
    >>> cut_rows([{"party": "national", "share": 0.2}], "layers",
    ...     [TermCut("layers", "national", "share", 0.5)])
    [{'party': 'national', 'share': 0.1}]
    """
    found = [dict(row) for row in rows]
    for cut in cuts:
        for row in found:
            if table == cut.table and row["party"] == cut.party and row.get(cut.column) is not None:
                row[cut.column] = row[cut.column] * (1.0 - cut.cut)
    return found


def _read(path: Path) -> tuple[bytes, Mapping[str, Any]]:
    try:
        raw = path.read_bytes()
        return raw, tomllib.loads(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _wrong(path, [f"cannot be read: {fault}"]) from fault


def _wrong(path: Path, faults: Sequence[str]) -> BookError:
    said = "; ".join(faults)
    return BookError(
        Text(f"情景文件 {path.name}：{said}", f"scenario file {path.name}: {said}"),
        Text("参照 riskengine/portfolio/stress_scenarios.toml 改正",
             "see riskengine/portfolio/stress_scenarios.toml"),
    )  # fmt: skip


def _text(said: Mapping[str, str]) -> Text:
    return Text(said["zh"], said["en"])


def _satellite(held: Mapping[str, Any]) -> Satellite:
    borrowers = {name: row for name, row in held.items() if name not in ("seen", "source")}
    return Satellite(held["seen"], _text(held["source"]), borrowers)


def _scenario(name: str, row: Mapping[str, Any]) -> Scenario:
    shocks = tuple(
        Shock(
            shock["kind"], float(shock["amount"]), tuple(shock.get("commodities", ())),
            tuple(shock.get("counties", ())), tuple(shock.get("rights", ())),
            shock.get("due_within_months"),
        )
        for shock in row.get("shock", ())
    )  # fmt: skip
    return Scenario(
        name, _text(row["title"]), _text(row["narrative"]), _text(row["source"]), row["cause"],
        row["seen"], row["dated"], row.get("zone", ""),
        {factor: float(value) for factor, value in row.get("factors", {}).items()}, shocks,
        tuple(TermCut(**cut) for cut in row.get("terms", ())),
    )  # fmt: skip


def _faults(held: Mapping[str, Any], causes: set[str]) -> Iterator[str]:
    """Everything that is wrong with a file."""
    for name in held.keys() - {"name", "satellite", "causes", "scenario"}:
        yield f"[{name}] is not known"
    if not isinstance(held.get("scenario"), Mapping) or not held["scenario"]:
        yield "[scenario] is missing"
        return
    for code, said in held.get("causes", {}).items():
        yield from _text_faults(f"causes.{code}", said)
    if "satellite" in held:
        yield from _satellite_faults(held["satellite"])
    for name, row in held["scenario"].items():
        yield from _scenario_faults(f"scenario.{name}", row, causes)


def _text_faults(where: str, said: object) -> Iterator[str]:
    if not (isinstance(said, Mapping) and said.get("zh") and said.get("en")):
        yield f"{where} needs zh and en"


def _number_faults(where: str, value: object, low: float, high: float) -> Iterator[str]:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if not (fine and low <= float(value) <= high):  # type: ignore[arg-type]
        yield f"{where} must lie in [{low:g}, {high:g}]"


def _satellite_faults(held: Mapping[str, Any]) -> Iterator[str]:
    if held.get("seen") not in SEEN:
        yield f"satellite.seen must be one of {SEEN}"
    yield from _text_faults("satellite.source", held.get("source"))
    rows = {name: row for name, row in held.items() if name not in ("seen", "source")}
    if OTHER not in rows:
        yield f"[satellite.{OTHER}] is missing"
    for name, row in rows.items():
        if not isinstance(row, Mapping) or row.keys() != PER_BORROWER.keys():
            yield f"[satellite.{name}] must hold {sorted(PER_BORROWER)}"
            continue
        for key, (low, high) in PER_BORROWER.items():
            yield from _number_faults(f"satellite.{name}.{key}", row[key], low, high)


def _scenario_faults(where: str, row: object, causes: set[str]) -> Iterator[str]:
    if not isinstance(row, Mapping):
        yield f"[{where}] is no table"
        return
    known = {*KEYS, "cause", "seen", "dated", "zone", "factors", "shock", "terms"}
    yield from (f"{where}.{key} is not known" for key in sorted(row.keys() - known))
    for key in sorted(KEYS):
        yield from _text_faults(f"{where}.{key}", row.get(key))
    if row.get("cause") not in causes:
        yield f"{where}.cause is not in [causes]"
    if row.get("seen") not in SEEN:
        yield f"{where}.seen must be one of {SEEN}"
    if not isinstance(row.get("dated"), date):
        yield f"{where}.dated must be a day"
    if row.get("zone", "") not in ZONES:
        yield f"{where}.zone must be one of {[zone for zone in ZONES if zone]}"
    if not any(row.get(key) for key in ("factors", "shock", "terms")):
        yield f"[{where}] changes nothing"
    for factor, value in row.get("factors", {}).items():
        yield from _number_faults(f"{where}.factors.{factor}", value, -10.0, 10.0)
    for at, shock in enumerate(row.get("shock", ()), 1):
        yield from _shock_faults(f"{where}.shock {at}", shock)
    for at, cut in enumerate(row.get("terms", ()), 1):
        if cut.keys() != TERMS or cut["table"] not in ("layers", "funds"):
            yield f"{where}.terms {at} must hold {sorted(TERMS)}, of layers or funds"
        else:
            yield from _number_faults(f"{where}.terms {at}.cut", cut["cut"], 0.0, 1.0)


def _shock_faults(where: str, shock: Mapping[str, Any]) -> Iterator[str]:
    if shock.get("kind") not in KINDS:
        yield f"{where}.kind must be one of {list(KINDS)}"
        return
    yield from _number_faults(f"{where}.amount", shock.get("amount"), *KINDS[shock["kind"]])
    for key in sorted(shock.keys() - {"kind", "amount", *FILTERS}):
        yield f"{where}.{key} is not known"
    for right in shock.get("rights", ()):
        if right not in RIGHTS:
            yield f"{where}: {right} is no kind of right"
    for key in ("commodities", "counties", "rights"):
        if isinstance(shock.get(key, ()), str):
            yield f"{where}.{key} must be a list"
    if "due_within_months" in shock:
        yield from _number_faults(f"{where}.due_within_months", shock["due_within_months"], 0, 600)
