"""What a new product would do to a book: loss, capital, own layer, ratios, in seconds.

Before and after are read from the same scenarios, so that their difference carries little
of the noise of either.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from riskengine.book.contracts import BookContracts
from riskengine.book.exposures import Measured, measured
from riskengine.book.figures import Draws
from riskengine.book.institution import ratio_contracts, statement_of
from riskengine.book.layers import groups_of
from riskengine.book.load import LoadedBook
from riskengine.book.record import said
from riskengine.gates.tables import COMMODITIES
from riskengine.guarantee.algebra import pay
from riskengine.guarantee.contracts import FOUND, KINDS, Contracts, contracts_of
from riskengine.guarantee.ratio_lines import Ratio
from riskengine.guarantee.ratios import ratios
from riskengine.guarantee.switches import Switches
from riskengine.portfolio.conditional import moments
from riskengine.portfolio.exposures import BookError
from riskengine.portfolio.factor_losses import expected_losses
from riskengine.portfolio.loss_law import LossLaw
from riskengine.portfolio.own_risk import whole
from riskengine.portfolio.simulation import simulate
from riskengine.regions import is_region_code
from riskengine.rights import RIGHTS
from riskengine.words import Text

RANGES: Mapping[str, tuple[float, float]] = {
    "contracts": (1, 1e6), "amount_yuan": (1.0, 1e9), "guaranteed_share": (0.01, 1.0),
    "default_chance": (0.0, 1.0), "cover": (0.0, 100.0), "spread": (0.0, 5.0),
    "sale_years": (0.0, 20.0), "rate_per_year": (0.0, 0.36), "fee_rate_per_year": (0.0, 0.1),
    "months": (1, 360),
}  # fmt: skip
"""Closed range of every number of a product."""
WORDS = ("title", "counties", "commodity", "right_kind", "kind", "programme_id")
BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Product:
    """A product that is not in the book yet.

    Parameters
    ----------
    title : Text
        What it is called.
    numbers : mapping of str to float
        By the names of `RANGES`.
    counties : tuple of str
        Where it is sold, evenly.
    commodity, right_kind, kind, programme_id : str
        What its clients live on and pledge, kind of guarantee, scheme of sharing.
    """

    title: Text
    numbers: Mapping[str, float]
    counties: tuple[str, ...]
    commodity: str
    right_kind: str
    kind: str
    programme_id: str


def load_product(path: Path) -> Product:
    """Read a product.

    Parameters
    ----------
    path : pathlib.Path
        TOML in the shape of ``examples/products``.

    Returns
    -------
    Product
        The product.

    Raises
    ------
    BookError
        If the file cannot be read or is wrong; every fault at once.
    """
    try:
        held = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise _wrong(path, [f"cannot be read: {fault}"]) from fault
    faults = _faults(held)
    if faults:
        raise _wrong(path, faults)
    return Product(
        Text(held["title"]["zh"], held["title"]["en"]), {name: held[name] for name in RANGES},
        tuple(held["counties"]), held["commodity"], held["right_kind"], held["kind"],
        held["programme_id"],
    )  # fmt: skip


def _faults(held: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a product."""
    known = {*RANGES, *WORDS}
    found = [f"{name} is missing" for name in sorted(known - held.keys())]
    found += [f"{name} is not known" for name in sorted(held.keys() - known)]
    for name, (low, high) in RANGES.items():
        number = held.get(name, low)
        fine = isinstance(number, int | float) and not isinstance(number, bool)
        if not (fine and low <= number <= high):
            found.append(f"{name} must lie in [{low:g}, {high:g}]")
    listed = {
        "commodity": ("", *(choice.code for choice in COMMODITIES)), "right_kind": ("", *RIGHTS),
        "kind": KINDS,
    }  # fmt: skip
    for name, choices in listed.items():
        if name in held and held[name] not in choices:
            found.append(f"{name} must be one of {', '.join(filter(None, choices))}")
    counties = held.get("counties", ["370983"])
    if not (isinstance(counties, list) and counties and all(map(_is_county, counties))):
        found.append("counties must list codes of six digits")
    title = held.get("title", {"zh": "-", "en": "-"})
    if not (isinstance(title, Mapping) and title.get("zh") and title.get("en")):
        found.append("title needs zh and en")
    return found


def _is_county(code: object) -> bool:
    return isinstance(code, str) and len(code) == 6 and is_region_code(code)


def _wrong(path: Path, faults: list[str]) -> BookError:
    told = "; ".join(faults)
    return BookError(
        Text(f"产品文件 {path.name}：{told}", f"product file {path.name}: {told}"),
        Text("参照 examples/products 改正", "see examples/products"),
    )


def what_if(loaded: LoadedBook, product: Product, draws: Draws) -> dict[str, Any]:
    """Say what a product would do to a book.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    product : Product
        The product.
    draws : Draws
        How it is simulated.

    Returns
    -------
    dict
        ``before``, ``after``, ``product`` (its own EL, own-layer loss, break-even fee, fee
        gap, part of VaR and ES) and ``ratios`` that move, both [yuan] and [1].

    Notes
    -----
    Single names enter as conditional normals.  A product of many small contracts is what
    this is made for; one large guarantee moves the tail by more.
    """
    size = loaded.measured.contracts.size
    joint = _joint(loaded, product)
    old, new = np.arange(size), np.arange(size, joint.contracts.size)
    base = simulate(
        joint.exposures.take(old), joint.model, level=draws.level, seed=draws.seed,
        scenarios=draws.scenarios, scrambles=BLOCKS, nu=draws.nu, own_risk="normal",
        threads=draws.threads,
    )  # fmt: skip
    added = whole(joint.exposures.take(new), joint.model, draws.nu, None)
    shape = base.law.means.shape
    more = np.empty((*shape, 2))
    for number in range(shape[0]):
        block = base.setting.block(number)
        more[number] = moments(added.prepared, block.factors, block.mixing, draws.threads)[:, :2]
    spread = np.sqrt(base.law.spreads**2 + more[..., 1])
    after = LossLaw(base.law.means + more[..., 0], spread, base.law.weights)
    expected = expected_losses(joint.exposures.take(new), joint.model, draws.threads)
    return {
        **said("title", product.title), "contracts": int(new.size),
        "before": _measures(base.law, base.expected_loss_yuan, draws.level),
        "after": _measures(after, base.expected_loss_yuan + float(expected.sum()), draws.level),
        "product": _own(loaded, joint, new, expected, product),
        "ratios": _ratios(loaded, product),
    }  # fmt: skip


def _measures(law: LossLaw, expected: float, level: float) -> dict[str, float]:
    at, beyond = law.value_at_risk(level), law.expected_shortfall(level)
    return {
        "expected_loss": expected,
        "value_at_risk": at.value,
        "value_at_risk_se": at.standard_error,
        "expected_shortfall": beyond.value,
        "expected_shortfall_se": beyond.standard_error,
    }


def _joint(loaded: LoadedBook, product: Product) -> Measured:
    """The book with the product at its end."""
    setting, book = loaded.setting, loaded.measured.contracts
    rules = setting.law("").at(setting.valued_on)
    days = float(rules.number("expected_loss.stage_three_days"))
    made = _contracts(product, int(book.client.max(initial=0)) + 1)
    columns = {
        field.name: np.concatenate([getattr(book, field.name), getattr(made, field.name)])
        for field in fields(book)[1:]
    }
    whole_book = replace(
        book, ids=pa.concat_arrays([book.ids.cast(pa.string()), made.ids]), **columns
    )
    return measured(whole_book, setting.loadings, setting.months, days)


def _contracts(product: Product, client: int) -> BookContracts:
    """The contracts of a product."""
    of, size = product.numbers, int(product.numbers["contracts"])

    def flat(value: float) -> Any:
        return np.full(size, float(value))

    def word(value: str) -> Any:
        return np.full(size, value)

    places = np.array([product.counties[k % len(product.counties)] for k in range(size)])
    none = np.zeros(size, dtype=bool)
    numbers = np.arange(size, dtype=np.int64)
    nothing = flat(np.nan)
    return BookContracts(
        pa.array([f"NEW-{k:06d}" for k in range(size)]), numbers, numbers, client + numbers,
        client + numbers, places, word(product.commodity), word(product.right_kind),
        word(product.programme_id), flat(of["amount_yuan"]), flat(of["guaranteed_share"]),
        flat(of["default_chance"]), flat(of["default_chance"]), flat(0.0),
        flat(of["months"]), flat(0.0), flat(of["rate_per_year"]),
        np.zeros(size, dtype=np.int64), flat(of["fee_rate_per_year"]),
        nothing, nothing, nothing, flat(of["cover"]), flat(of["spread"]), flat(of["sale_years"]),
        flat(1.0), flat(of["cover"] * of["amount_yuan"]), none, none, ~none,
    )  # fmt: skip


def _own(
    loaded: LoadedBook, joint: Measured, new: Any, expected: Any, product: Product
) -> dict[str, float]:
    """What the product is expected to cost whom, and what it would have to charge."""
    contracts = joint.contracts.take(new)
    only = replace(
        joint, contracts=contracts, exposures=joint.exposures.take(new),
        profile=joint.profile[new], defaulted=joint.defaulted[new],
    )  # fmt: skip
    groups = groups_of(only, loaded.programmes)
    loss_fen = round(float(expected.sum()) * 100.0)
    borne = pay(groups.programmes[0], [loss_fen], groups.volumes_fen[0])
    by_party = {
        party: float(fen) / 100.0
        for party, fen in zip(borne.parties, borne.amounts_fen[:, 0, 0], strict=True)
    }
    guaranteed = float(contracts.guaranteed_yuan.sum())
    own = by_party.get("guarantor", 0.0)
    rate = product.numbers["rate_per_year"]
    break_even = own / guaranteed / (1.0 + rate)
    return {
        "guaranteed_yuan": guaranteed, "expected_loss": float(expected.sum()),
        "own_expected": own, "break_even_fee": break_even,
        "fee_gap": break_even - product.numbers["fee_rate_per_year"],
        **{f"expected_{party}": yuan for party, yuan in by_party.items()},
    }  # fmt: skip


def _ratios(loaded: LoadedBook, product: Product) -> list[dict[str, Any]]:
    """Ratios that the product moves."""
    contracts, names = ratio_contracts(loaded.book)
    if contracts is None:
        return []
    rules = loaded.setting.law("").at(loaded.setting.valued_on)
    statement = statement_of(loaded.book, rules.day)
    both = _with_product(contracts, names, product, float(np.datetime64(rules.day).astype(float)))
    before = {line.name: line for line in ratios(contracts, statement, rules, Switches())}
    after = ratios(both, statement, rules, Switches())
    return [
        _moved(before[line.name], line) for line in after
        if line.name in before and line.value != before[line.name].value
    ]  # fmt: skip


def _moved(old: Ratio, new: Ratio) -> dict[str, Any]:
    return {
        "name": new.name, "rule_id": new.rule, **said("title", new.title), "before": old.value,
        "after": new.value, "limit": new.limit, "status_before": old.status, "status": new.status,
    }  # fmt: skip


def _with_product(
    contracts: Contracts, names: tuple[str, ...], product: Product, day: float
) -> Contracts:
    """Contracts of the institution with those of the product."""
    of, size = product.numbers, int(product.numbers["contracts"])
    first = int(contracts.client.max(initial=0)) + 1
    place = {name: k for k, name in enumerate(names)}
    unseen = len(names)
    made = {
        "client": first + np.arange(size), "group": np.full(size, -1),
        "county": np.array([
            place.get(product.counties[k % len(product.counties)], unseen) for k in range(size)
        ]),
        "kind": np.full(size, KINDS.index(product.kind)), "state": np.zeros(size),
        "in_force_balance_yuan": np.full(size, of["amount_yuan"] * of["guaranteed_share"]),
        "own_share": np.ones(size), "bank_share": np.full(size, 1.0 - of["guaranteed_share"]),
        "amount_yuan": np.full(size, of["amount_yuan"] * of["guaranteed_share"]),
        "fee_rate_per_year": np.full(size, of["fee_rate_per_year"]),
        "loan_rate_per_year": np.full(size, of["rate_per_year"]), "started_on": np.full(size, day),
        "is_pig": np.full(size, product.commodity == "pigs"), "small_agri": np.ones(size),
        "poverty_alleviation": np.zeros(size), "re_guarantee": np.zeros(size),
    }  # fmt: skip
    columns = {}
    for field in fields(contracts):
        if field.name not in FOUND:
            held = getattr(contracts, field.name)
            unknown = np.full(size, np.nan if held.dtype.kind == "f" else -1)
            own = np.asarray(made.get(field.name, unknown))
            columns[field.name] = np.concatenate([held, own.astype(held.dtype)])
    return contracts_of(**columns)
