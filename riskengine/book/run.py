"""Measuring a guarantee book: what `python -m riskengine book` does.

Everything is made in a work folder and moved into place at the end, the manifest last.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from riskengine import __version__
from riskengine.book import record
from riskengine.book.accounts import POLICY, SCENARIOS, Accounts, accounts
from riskengine.book.fees import fee_rows
from riskengine.book.figures import BookRisk, Draws, Tell, book_risk
from riskengine.book.load import LoadedBook, Setting, load_book
from riskengine.book.page import book_page
from riskengine.book.place import leave, prepare
from riskengine.book.ratio_record import ratio_record
from riskengine.book.routes import routes
from riskengine.credit.five_tier import TIERS
from riskengine.credit.loss_scenarios import Scenario, enough_scenarios
from riskengine.credit.stages import Policy
from riskengine.faults import Fault, found_in
from riskengine.files import Rejects, as_json, sha256_of, write_whole
from riskengine.guarantee.switches import Switches
from riskengine.words import Text

LEFT = ("contracts.parquet", "rejected.parquet", "rejected.csv", "report.html")
"""What a run leaves beside its manifest."""


WEIGHTS_OFF = 0.05
"""How far the mean likelihood ratio may lie from 1 without a warning [1]."""


@dataclass(frozen=True, slots=True)
class BookPolicy:
    """What an institution decides, and practice disputes.

    Parameters
    ----------
    switches : Switches
        Readings of rules.
    scenarios : sequence of Scenario
        Weighted courses of the expected credit loss.
    stages : Policy
        What rise of the PD is significant.
    """

    switches: Switches = field(default_factory=Switches)
    scenarios: Sequence[Scenario] = SCENARIOS
    stages: Policy = POLICY


def measure_book(
    source: Path, out: Path, setting: Setting, draws: Draws, policy: BookPolicy | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Measure a guarantee book and leave what was found.

    Parameters
    ----------
    source : pathlib.Path
        Portfolio folder with loans and, where there are, guarantees, layers, funds,
        borrowers, statements, pledges and the rights pledged.
    out : pathlib.Path
        Folder for ``contracts.parquet``, ``rejected.parquet`` and ``.csv``, ``report.html``,
        ``manifest.json``.
    setting : Setting
        Day, market, law, loadings, horizon.
    draws : Draws
        How it is simulated.
    policy : BookPolicy or None
        Decisions of the institution; None takes the rules' own readings.
    tell : callable or None
        Told how far the run is.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    PortfolioError
        If a file cannot be read as a whole, nothing is left to measure, or the folder holds
        the results of another command.
    """
    began = time.perf_counter()
    work = prepare(out, "book")
    try:
        if tell is not None:
            tell("read", 0, 6)
        loaded = load_book(source, work, setting)
        manifest, risk, books = measured_manifest(loaded, draws, policy or BookPolicy(), tell)
        _write(work, loaded, risk, books)
        manifest["seconds"] = round(time.perf_counter() - began, 3)
        (work / "report.html").write_text(book_page(manifest), encoding="utf-8")
        write_whole(work / "manifest.json", as_json(manifest))
        leave(work, out, LEFT)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def measured_manifest(
    loaded: LoadedBook, draws: Draws, policy: BookPolicy, tell: Tell | None = None
) -> tuple[dict[str, Any], BookRisk, Accounts]:
    """Measure a loaded book.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    draws : Draws
        How it is simulated.
    policy : BookPolicy
        Decisions of the institution.
    tell : callable or None
        Told how far the run is.

    Returns
    -------
    manifest : dict
        Everything that was found, but ``seconds``.
    risk : BookRisk
        Risk of the book.
    books : Accounts
        Its contracts in the books.
    """
    setting, contracts = loaded.setting, loaded.measured.contracts
    rules = setting.law("").at(setting.valued_on)
    enough_scenarios(policy.scenarios, rules)
    risk = book_risk(loaded, draws, tell)
    books = accounts(
        loaded.measured, risk.shares.expected_loss_yuan, rules, scenarios=policy.scenarios,
        policy=policy.stages, maturity_share=setting.loadings.assumed["maturity_share"],
        threads=draws.threads,
    )  # fmt: skip
    own = "guarantor" if "guarantor" in risk.tail.parties else risk.tail.parties[0]
    need = risk.tail.measures(own, draws.level).expected_shortfall
    counted = ratio_record(loaded.book, rules, policy.switches, need)
    manifest = {
        **heading(loaded, "book", draws),
        "notes": [*_notes(loaded), *_weights(risk), *counted.pop("notes")],
        "totals": record.totals(loaded, risk, books),
        "distribution": {
            "loss": record.simulated(risk.loss), "independent": record.simulated(risk.independent),
        },
        "routes": routes(loaded.measured, risk.loss),
        "layers": record.layers(risk), "programmes": record.programmes(loaded, risk),
        "funds": record.funds(loaded, risk), "own_party": own,
        "contributions": record.contributions(contracts, risk.shares),
        "concentration": _concentration(loaded),
        "stages": record.stage_rows(contracts, books),
        "classes": record.class_rows(contracts, books),
        "cover": record.cover(contracts), **counted,
        "reserves": _reserves(counted["ratios"], books, need),
        "fees": fee_rows(loaded, risk, rules), "stress": None,
    }  # fmt: skip
    return manifest, risk, books


def heading(loaded: LoadedBook, kind: str, draws: Draws) -> dict[str, Any]:
    """Return what every manifest begins with.

    Parameters
    ----------
    loaded : LoadedBook
        The book.
    kind : str
        Which command.
    draws : Draws
        How it is simulated.

    Returns
    -------
    dict
        Day, seed, digests, rows in = kept + rejected.
    """
    setting = loaded.setting
    contracts = loaded.measured.contracts.size
    return {
        "kind": kind, "engine_version": __version__, "valued_on": setting.valued_on.isoformat(),
        "horizon_months": setting.months, "seed": draws.seed, "scenarios": draws.scenarios,
        "scrambles": draws.scrambles, "level": draws.level,
        "degrees_of_freedom": draws.nu if np.isfinite(draws.nu) else None,
        "rules_digest": setting.law("").digest, "market": setting.market.name,
        "market_digest": setting.market.digest,
        "factors": {
            "name": setting.loadings.name, "seen": setting.loadings.seen,
            "digest": setting.loadings.digest,
        },
        "models": {table: model.digest for table, model in sorted(setting.learned.items())},
        "inputs": {
            file.contract.table: {"file": file.path.name, "sha256": sha256_of(file.path)}
            for file in loaded.files
        },
        "rows": {
            name: {
                "rows_in": rows, "rows_kept": rows - loaded.rows_rejected[name],
                "rows_rejected": loaded.rows_rejected[name],
            }
            for name, rows in loaded.rows_in.items()
        },
        "contracts_in": loaded.contracts_in, "contracts_measured": contracts,
        "contracts_rejected": loaded.contracts_in - contracts, "faults": _faults(loaded.faults),
    }  # fmt: skip


def _faults(faults: Sequence[Fault]) -> dict[str, dict[str, int]]:
    """Faults by kind and by column, the most first."""
    found: dict[str, dict[str, int]] = {"kinds": {}, "columns": {}}
    for kind, column in found_in(faults):
        for name, key in (("kinds", kind.name.lower()), ("columns", column)):
            found[name][key] = found[name].get(key, 0) + 1
    return {
        name: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        for name, counts in found.items()
    }


def _weights(risk: BookRisk) -> list[dict[str, str]]:
    """Whether the scenarios were too few for what was drawn from them."""
    mean = risk.loss.mean_weight.value
    if abs(mean - 1.0) <= WEIGHTS_OFF:
        return []
    return [{
        "zh": f"似然比均值为{mean:.2f}，应为1：情景太少，请增加情景数或批数",
        "en": f"likelihood ratios average {mean:.2f}, not 1: too few scenarios, ask for more",
    }]  # fmt: skip


def _notes(loaded: LoadedBook) -> list[dict[str, str]]:
    """What a reader must know of the figures."""
    setting, contracts = loaded.setting, loaded.measured.contracts
    assumed = setting.loadings.assumed
    told = [
        Text(
            f"共同因子与违约后损失参数：{setting.loadings.name}（{setting.loadings.seen}），须由机构自行估计",
            f"common factors and severity: {setting.loadings.name} ({setting.loadings.seen}); "
            "an institution estimates its own",
        ),
        Text(
            f"没有押品覆盖的债权损失{assumed['severity']:.0%}",
            f"{assumed['severity']:.0%} of a debt without collateral is lost",
        ),
        Text(
            "已发生违约的合同按必然损失计入", "contracts in default count as certain to be lost"
        ),
    ]  # fmt: skip
    several = int(np.sum(np.bincount(contracts.client) > 1))
    if several:
        told.append(Text(
            f"{several}个客户有多份合同，按各自违约计量（给定因子下独立），客户集中度的影响偏低",
            f"{several} clients have several contracts, which default apart given the factors: "
            "the weight of large clients is understated",
        ))  # fmt: skip
    missing = int(np.isnan(contracts.origination_chance).sum())
    if missing:
        told.append(Text(
            f"{missing}份合同没有发放时违约概率，只按逾期天数、名单和分类分阶段",
            f"{missing} contracts lack a PD of origination: staged by days overdue, list and "
            "class alone",
        ))  # fmt: skip
    own = int((~np.isnan(contracts.loss_share)).sum())
    if own:
        told.append(Text(
            f"{own}份合同用机构自报的违约损失率，不看押品",
            f"{own} contracts carry the institution's own LGD in place of the security",
        ))  # fmt: skip
    told += _open_ends(loaded)
    return [{"zh": note.zh, "en": note.en} for note in told]


def _open_ends(loaded: LoadedBook) -> list[Text]:
    """What the tables leave open."""
    contracts, book = loaded.measured.contracts, loaded.book
    told = []
    named = (contracts.programme != "") & ~np.isin(contracts.programme, list(loaded.programmes))
    if named.any():
        told.append(Text(
            f"{int(named.sum())}份合同的分担方案没有分担层，按各自的担保比例由担保公司承担",
            f"{int(named.sum())} contracts name a programme without layers: the guarantor bears "
            "the share that each of them guarantees",
        ))  # fmt: skip
    layers = [layer for programme in loaded.programmes.values() for layer in programme.layers]
    if book.funds is None and any(layer.fund_id for layer in layers):
        told.append(Text(
            "没有补偿资金表，不计算资金耗尽",
            "there is no table of funds: their exhaustion is not measured",
        ))  # fmt: skip
    if book.referred:
        told.append(Text(
            f"{len(book.referred)}项保留待核对，见 check 命令",
            f"{len(book.referred)} findings on rows that are kept want a look, see the check "
            "command",
        ))  # fmt: skip
    return told


def _concentration(loaded: LoadedBook) -> dict[str, dict[str, float]]:
    """Concentration by client, group, county and commodity."""
    contracts = loaded.measured.contracts

    def by(keys: Any) -> Any:
        place = np.unique(keys, return_inverse=True)[1].reshape(-1)
        return np.bincount(place, contracts.debt_yuan)

    return {
        "name": record.concentration(by(contracts.client)),
        "group": record.concentration(by(contracts.group)),
        "county": record.concentration(by(contracts.county)),
        "commodity": record.concentration(by(contracts.commodity)),
    }


def _reserves(ratios: Sequence[Any], books: Accounts, need: float) -> list[dict[str, Any]]:
    """Three measures of what is set aside, side by side and never netted."""
    held = {row["name"]: row for row in ratios}
    cover = held.get("reserve_adequacy", {}).get("value")
    return [
        {"name": "need", **record.said("title", Text("模型需要", "need by the loss model")),
         "yuan": need, "cover": cover,
         **record.said("note", Text("自担层预期短缺", "expected shortfall of the own layer"))},
        {"name": "accounting", **record.said("title", Text("会计口径负债", "accounting liability")),
         "yuan": float(books.liability.liability_yuan.sum()), "cover": None,
         **record.said("note", Text("逐份取预期信用损失与未摊销保费的较高者",
                                    "the higher of ECL and fee not earned, contract by contract"))},
        {"name": "ecl", **record.said("title", Text("预期信用损失", "expected credit loss")),
         "yuan": float(books.loss_yuan.sum()), "cover": None,
         **record.said("note", Text("按阶段", "by stage"))},
    ]  # fmt: skip


def _write(work: Path, loaded: LoadedBook, risk: BookRisk, books: Accounts) -> None:
    """Write every contract's figures, and the rejects."""
    contracts, held = loaded.measured.contracts, loaded.measured.exposures
    stage, tier = books.stages.stage, np.array(TIERS)[books.classes.tier]
    columns = {
        "contract_id": contracts.ids, "county": pa.array(contracts.county.tolist()),
        "commodity": pa.array(contracts.commodity.tolist()),
        "right_kind": pa.array(contracts.right_kind.tolist()),
        "programme_id": pa.array(contracts.programme.tolist()),
        "debt_yuan": contracts.debt_yuan, "guaranteed_yuan": contracts.guaranteed_yuan,
        "default_chance": held.default_chance, "loss_share": books.loss_share,
        "expected_loss_yuan": risk.shares.expected_loss_yuan,
        "expected_loss_independent_yuan": risk.independent.expected_by_debt_yuan,
        "value_at_risk_contribution_yuan": risk.shares.value_at_risk_yuan,
        "expected_shortfall_contribution_yuan": risk.shares.expected_shortfall_yuan,
        "expected_proceeds_yuan": contracts.forward * contracts.debt_yuan,
        "proceeds_spread": contracts.spread, "sale_years": contracts.sale_years,
        "stage": stage.astype(np.int8), "five_tier_class": pa.array(tier.tolist()),
        "ecl12_yuan": books.twelve_month_yuan, "lifetime_ecl_yuan": books.lifetime_yuan,
        "ecl_yuan": books.loss_yuan, "liability_yuan": books.liability.liability_yuan,
        "fee_not_earned_yuan": books.liability.unamortised_yuan,
    }  # fmt: skip
    pq.write_table(pa.table(columns), work / "contracts.parquet", compression="lz4")
    with Rejects(work) as rejects:
        rejects.add(loaded.faults)
