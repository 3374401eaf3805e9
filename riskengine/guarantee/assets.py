"""Assets of a guarantee company sorted into tiers, and the ratios between them.

Source: Measures for the Asset Ratios of Financing Guarantee Companies (2018), as the rows
GI-A of the notes have them.  What tier a kind of asset belongs to is a rule of the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from riskengine.guarantee.contracts import Statement, fen, money, refused
from riskengine.rules import Rules
from riskengine.words import Text

TIERS = ("one", "two", "three")
DIVIDED = ("equity_in_clients", "entrusted_loans_to_clients", "own_use_property")
"""Kinds that count in tier II by a part only, the rest in tier III."""
RECEIVABLE = "compensation_receivable_yuan"


@dataclass(frozen=True, slots=True)
class Placed:
    """An asset, or the part of one, in its tier.

    Parameters
    ----------
    kind : str
        Kind of asset.
    tier : str
        One of `TIERS`.
    amount_yuan : float
        What of it is there [yuan].
    """

    kind: str
    tier: str
    amount_yuan: float


@dataclass(frozen=True, slots=True)
class AssetTiers:
    """Assets by tier.

    Parameters
    ----------
    one_fen, two_fen, three_fen : int or None
        Tiers I, II and III [fen]; None where not known.
    placed : tuple of Placed
        Where each asset went; empty where the statement gives tiers.
    """

    one_fen: int | None
    two_fen: int | None
    three_fen: int | None
    placed: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class AssetFact:
    """One share of assets that a rule judges.

    Parameters
    ----------
    value : float or None
        The share [1]; None where not known.
    how : Text
        Numerator over denominator.
    """

    value: float | None
    how: Text


def kinds_of_assets(rules: Rules) -> dict[str, str]:
    """Return the tier of every kind of asset on a day.

    Parameters
    ----------
    rules : Rules
        The rules of the day.

    Returns
    -------
    dict of str to str
        Tier by kind; ``divided`` for `DIVIDED`.

    Raises
    ------
    RuleNotFound
        On a day before the tiers.
    """
    found = dict.fromkeys(DIVIDED, "divided")
    for tier in TIERS:
        for kind in rules.value(f"guarantee_assets.tier_{tier}_assets"):
            found[str(kind)] = tier
    return found


def asset_kind(
    sort: str, rules: Rules, *, months: float | None = None, redeemable: bool = False,
    rating: str = "", to_client: bool = False,
) -> str:  # fmt: skip
    """Kind of an asset that its term, rating or debtor decides.

    Parameters
    ----------
    sort : {"bank_wealth", "bonds", "entrusted_loans", "equity"}
        What it is.
    rules : Rules
        The rules of the day.
    months : float or None
        Term [month]; None where not known.
    redeemable : bool
        Whether a bank wealth product can be redeemed at any time.
    rating : str
        Rating of a bond: ``AAA``, ``AA+``, ``AA`` or below.
    to_client : bool
        Whether the debtor, or the company held, is a client of the guarantor.

    Returns
    -------
    str
        Kind, as `kinds_of_assets` knows it; of what is not known the less liquid.

    Raises
    ------
    RatioError
        If there is no such sort.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> asset_kind("bank_wealth", statute().at(date(2026, 11, 24)), months=3.0)
    'bank_wealth_short'
    """
    match sort:
        case "bank_wealth":
            if redeemable:
                return "bank_wealth_redeemable_any_time"
            longest = rules.number("guarantee_assets.tier_one_wealth_term")
            short = months is not None and months <= longest
            return "bank_wealth_short" if short else "other_bank_wealth"
        case "bonds":
            rated = {"AAA": "bonds_aaa", "AA+": "bonds_aa_plus", "AA": "bonds_aa"}
            return rated.get(rating, "other")
        case "entrusted_loans":
            longest = rules.number("guarantee_assets.tier_two_loan_term")
            short = to_client and months is not None and months <= longest
            return "entrusted_loans_to_clients" if short else "entrusted_loans_rest"
        case "equity":
            return "equity_in_clients" if to_client else "other_equity"
    raise refused(sort, "没有这类资产", "is no sort of asset")


def sort_assets(
    items: Mapping[str, float], net_assets_yuan: float | None, rules: Rules
) -> AssetTiers:
    """Sort itemised assets into tiers (GI-A-01 to GI-A-03).

    Parameters
    ----------
    items : mapping of str to float
        Amount by kind [yuan], >= 0; kinds as `kinds_of_assets`.  A kind ending in
        ``_part`` is the part that counts in tier II already.
    net_assets_yuan : float or None
        Net assets [yuan]: own-use property counts in tier II up to a share of them.
    rules : Rules
        The rules of the day.

    Returns
    -------
    AssetTiers
        The tiers; every fen of every item is in one of them.

    Raises
    ------
    RatioError
        If a kind is unknown, an amount negative, or net assets are needed and not known.
    RuleNotFound
        On a day before the tiers.

    Examples
    --------
    >>> from datetime import date
    >>> from riskengine.rules import statute
    >>> rules = statute().at(date(2026, 11, 24))
    >>> tiers = sort_assets({"cash": 20.0, "equity_in_clients": 10.0}, None, rules)
    >>> tiers.one_fen, tiers.two_fen, tiers.three_fen
    (2000, 200, 800)
    """
    known = kinds_of_assets(rules)
    parts = rules.table("guarantee_assets.tier_two_parts")
    placed: list[tuple[str, str, int]] = []
    for kind, given in items.items():
        amount = money(items, kind)
        if kind not in known:
            raise refused(kind, "不是已知的资产种类", "is no known kind of asset")
        if amount is None or amount < 0:
            raise refused(kind, f"金额{given}无效", f"has no valid amount: {given}")
        if known[kind] != "divided":
            placed.append((kind, known[kind], amount))
            continue
        two = amount
        if kind == "own_use_property":
            if net_assets_yuan is None:
                raise refused(
                    "net_assets_yuan", "自用房产须以净资产为限", "limits own-use property"
                )
            most = parts["own_use_property_over_net_assets"] * max(net_assets_yuan, 0.0)
            two = min(amount, int(fen(most)))
        else:
            two = int(fen(parts[kind] * amount / 100.0))
        placed += [(kind, "two", two), (kind, "three", amount - two)]
    sums = {tier: sum(amount for _, at, amount in placed if at == tier) for tier in TIERS}
    return AssetTiers(
        sums["one"], sums["two"], sums["three"],
        tuple(Placed(kind, tier, amount / 100.0) for kind, tier, amount in placed),
    )  # fmt: skip


def asset_tiers(statement: Statement, rules: Rules) -> AssetTiers:
    """Tiers of a statement: as it gives them, or sorted from its items.

    Parameters
    ----------
    statement : mapping
        Facts of the institution: ``tier_one_yuan``, ``tier_two_yuan``,
        ``tier_three_yuan``, or items as ``<kind>_yuan``.
    rules : Rules
        The rules of the day.

    Returns
    -------
    AssetTiers
        The tiers; None where the statement has neither.

    Raises
    ------
    RatioError
        If it gives both and they differ by more than a yuan for each item.
    RuleNotFound
        On a day before the tiers.
    """
    given = [money(statement, f"tier_{tier}_yuan") for tier in TIERS]
    names = (kind for kind in kinds_of_assets(rules) if kind != "equity_in_guarantors")
    if all(money(statement, f"{kind}_yuan") is None for kind in names):
        return AssetTiers(given[0], given[1], given[2])
    items = {
        kind: float(statement[f"{kind}_yuan"])
        for kind in kinds_of_assets(rules)
        if money(statement, f"{kind}_yuan") is not None
    }
    assets = money(statement, "net_assets_yuan")
    found = sort_assets(items, None if assets is None else assets / 100.0, rules)
    for tier, said in zip(TIERS, given, strict=True):
        if said is not None and abs(said - getattr(found, f"{tier}_fen")) > 100 * len(items):
            raise refused(
                f"tier_{tier}_yuan", "与资产明细归档结果不符", "does not agree with the items"
            )
    return found


def asset_facts(statement: Statement, rules: Rules) -> dict[str, AssetFact]:
    """Shares that the rules on asset ratios judge (GI-A-04 to GI-A-07).

    Parameters
    ----------
    statement : mapping
        Facts of the institution; ``consolidated`` tells whether the statement is.
    rules : Rules
        The rules of the day.

    Returns
    -------
    dict of str to AssetFact
        By name of the fact.  On consolidated statements, or where nobody says, none is
        known: the ratios are those of the company alone.  Assets that no tier explains
        count in tier III; where tiers exceed the assets, none of their shares is known.

    Raises
    ------
    RuleNotFound
        On a day before the tiers.
    """
    whole = money(statement, "total_assets_yuan")
    away = money(statement, RECEIVABLE)
    base = None if whole is None or away is None else whole - away
    tiers = _complete(asset_tiers(statement, rules), base)
    both = _sum(tiers.one_fen, tiers.two_fen)
    own = _sum(
        *(money(statement, f"{name}_yuan") for name in (
            "net_assets", "unearned_reserve", "compensation_reserve"
        ))
    )  # fmt: skip
    under = Text("资产总额减应收代偿款", "total assets less compensation receivable")
    asked = {
        "own_funds_share": (
            own, whole, Text("净资产加两项准备金", "net assets and both reserves"),
            Text("资产总额", "total assets"),
        ),
        "tier_one_two_share": (both, base, Text("一级加二级资产", "tiers I and II"), under),
        "tier_one_share": (tiers.one_fen, base, Text("一级资产", "tier I"), under),
        "tier_three_share": (tiers.three_fen, base, Text("三级资产", "tier III"), under),
    }  # fmt: skip
    alone = statement.get("consolidated") is not None and not statement["consolidated"]
    return {name: _fact(*parts, alone) for name, parts in asked.items()}


def _complete(tiers: AssetTiers, base: int | None) -> AssetTiers:
    """Tiers that explain all assets, to a yuan for each item; the unexplained is tier III."""
    explained = _sum(tiers.one_fen, tiers.two_fen, tiers.three_fen)
    if explained is None or base is None:
        return tiers
    rest = base - explained
    if rest < -100 * max(len(tiers.placed), len(TIERS)):
        return AssetTiers(None, None, None, tiers.placed)
    return AssetTiers(tiers.one_fen, tiers.two_fen, base - (explained - (tiers.three_fen or 0)))


def _fact(over: int | None, below: int | None, upper: Text, lower: Text, alone: bool) -> AssetFact:
    """One share with its words."""
    if not alone:
        return AssetFact(None, Text(
            "须用非合并报表（GI-A-07）", "needs non-consolidated statements (GI-A-07)"
        ))  # fmt: skip
    if over is None or below is None or below <= 0:
        return AssetFact(None, Text(
            f"{upper.zh}/{lower.zh}：缺少数据", f"{upper.en} / {lower.en}: something is missing"
        ))  # fmt: skip
    told = f"{over / 100:,.2f} / {below / 100:,.2f}"
    return AssetFact(
        over / below, Text(f"{upper.zh}/{lower.zh} = {told}", f"{upper.en} / {lower.en} = {told}")
    )


def _sum(*parts: int | None) -> int | None:
    """Sum of amounts; None where one is not known."""
    return None if any(part is None for part in parts) else sum(part or 0 for part in parts)
