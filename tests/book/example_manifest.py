"""A made-up manifest of each page: small, plainly synthetic, the same each time."""

import math
from typing import Any

DAY = "2026-11-24"
LEVELS = ("0.95", "0.99", "0.999")
COMMODITIES = (("grain", "粮食", "grain", 0.7), ("pigs", "生猪", "pigs", 2.4),
               ("vegetables", "蔬菜", "vegetables", 1.1), ("fruit", "水果", "fruit", 1.3),
               ("cattle", "肉牛", "cattle", 1.6), ("aquatic", "水产", "aquatic", 1.0))  # fmt: skip
COUNTIES = tuple((f"{province}{k + 1:02d}{21 + 3 * k:02d}", f"例{'甲乙丙丁戊己庚'[k]}县")
                 for province in ("37", "41", "51") for k in range(6))  # fmt: skip
PARTIES = (("guarantor", "担保公司", "guarantor", 0.32, 0.28), ("county_fund", "县级风险补偿基金", "county fund", 0.28, 0.14),
           ("province", "省级再担保", "provincial re-guarantor", 0.12, 0.19), ("national", "国家再担保", "national re-guarantor", 0.08, 0.14),
           ("bank", "银行", "bank", 0.20, 0.25))  # fmt: skip


def _curve(expected: float, tail: float) -> list[list[float]]:
    """Losses that are exceeded with falling chances: half of the years below the mean."""
    chances = [0.98 * (2e-4 / 0.98) ** (k / 40) for k in range(41)]
    return [[expected * (0.3 + 0.42 * (-math.log(p)) ** tail), p] for p in chances]


def _at(curve: list[list[float]], level: str) -> float:
    return min(curve, key=lambda point: abs(math.log(point[1] / (1.0 - float(level)))))[0]


def _measures(expected: float, tail: float) -> dict[str, Any]:
    curve = _curve(expected, tail)
    value = {level: _at(curve, level) for level in LEVELS}
    shortfall = {level: 1.18 * loss for level, loss in value.items()}
    return {
        "expected": expected, "expected_se": 0.001 * expected, "value_at_risk": value,
        "value_at_risk_se": {level: 0.003 * loss for level, loss in value.items()},
        "expected_shortfall": shortfall,
        "expected_shortfall_se": {level: 0.0015 * loss for level, loss in shortfall.items()},
        "economic_capital": {level: loss - expected for level, loss in value.items()}, "curve": curve,
    }  # fmt: skip


def _layers(expected: float) -> list[dict[str, Any]]:
    found = []
    for party, zh, en, share, bad in PARTIES:
        own = [
            [x * (share + (bad - share) * min(-math.log10(p) / 3.0, 1.0)), p]
            for x, p in _curve(expected, 1.25)
        ]
        value = {level: _at(own, level) for level in LEVELS[1:]}
        found.append({"party": party, "title_zh": zh, "title_en": en, "expected": share * expected, "share_of_loss": share,
                      "value_at_risk": value, "expected_shortfall": {level: 1.17 * v for level, v in value.items()}, "curve": own})  # fmt: skip
    return found


def _contributions() -> dict[str, Any]:
    cells = []
    for k, (county, _) in enumerate(COUNTIES):
        for j, (commodity, _, _, risk) in enumerate(COMMODITIES):
            volume = 4e6 * (1.0 + (7 * k + 5 * j) % 11) * (0.0 if (k + 2 * j) % 7 == 0 else 1.0)
            rate = 0.006 * risk * (0.5 + (3 * k % 8) / 5.0)
            if volume:
                cells.append({"county": county, "commodity": commodity, "contracts": 20 + k + j, "guaranteed_yuan": volume,
                              "expected_loss": rate * volume, "shortfall_contribution": 7.0 * rate * volume * (0.6 + 0.2 * risk), "loss_per_yuan": rate})  # fmt: skip
    return {"county": _added(cells, "county", dict(COUNTIES)),
            "commodity": _added(cells, "commodity", {name: (zh, en) for name, zh, en, _ in COMMODITIES}), "cells": cells}  # fmt: skip


def _added(cells: list[dict[str, Any]], key: str, words: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for code, word in words.items():
        mine = [cell for cell in cells if cell[key] == code]
        sums = {
            name: sum(cell[name] for cell in mine)
            for name in ("contracts", "guaranteed_yuan", "expected_loss", "shortfall_contribution")
        }
        title = (
            {"title": word} if isinstance(word, str) else {"title_zh": word[0], "title_en": word[1]}
        )
        rows.append(
            {
                "code": code,
                **title,
                **sums,
                "loss_per_yuan": sums["expected_loss"] / sums["guaranteed_yuan"],
            }
        )
    return sorted(rows, key=lambda row: -row["shortfall_contribution"])


def _funds() -> list[dict[str, Any]]:
    funds = []
    for k, (code, title) in enumerate(COUNTIES[:8]):
        opening, odds = 3e6 + 4e5 * k, (0.31, 0.12, 0.06, 0.021, 0.004, 0.0004, 0.0, 0.0)[k]
        months = [odds * w / 78.0 for w in range(1, 13)]
        paths = {q: [max(opening * (1.0 + drift * m / 12.0), 0.0) for m in range(13)]
                 for q, drift in (("0.05", -1.5 + 0.15 * k), ("0.5", -0.4 + 0.05 * k), ("0.95", 0.1))}  # fmt: skip
        funds.append({"fund_id": f"F-{k + 1}", "title": f"{title}风险补偿基金", "region_code": code, "party": "county_fund", "balance_yuan": opening,
                      "in_force_yuan": 12.0 * opening, "exhausted_chance": odds, "exhausted_chance_se": odds / 30.0, "expected_unpaid_yuan": 4e5 * odds,
                      "month_chances": months, "balance_quantiles": paths})  # fmt: skip
    return funds


def _ratio(
    name: str,
    zh: str,
    en: str,
    value: Any,
    compare: str,
    limit: Any,
    status: str,
    mark: str,
    unit: str = "1",
    *,
    how: str = "分子/分母",
    cite: str = "Regulation (2017), art. 15(1)",
    severity: str = "monitor",
    seen: str = "text",
    room: float | None = None,
) -> dict[str, Any]:
    headroom = (
        None
        if value is None or limit is None or not compare
        else limit - value
        if compare[0] == "<"
        else value - limit
    )
    return {"name": name, "title_zh": zh, "title_en": en, "value": value, "limit": limit, "compare": compare, "headroom": headroom,
            "headroom_yuan": room, "status": status, "severity": severity, "rule_id": mark, "citation": cite, "seen": seen,
            "from": "2017-10-01", "how_zh": how, "how_en": "numerator / denominator", "unit": unit}  # fmt: skip


def _ratios() -> list[dict[str, Any]]:
    return [
        _ratio("guarantee_company.single_client_limit", "单户担保责任余额占净资产上限", "liability balance of one client over net assets, at most", 0.107, "<=", 0.1, "breaks", "GI-CON-01", severity="block", room=-1.4e6, how="最大单户责任余额/净资产 = 21,400,000.00 / 200,000,000.00"),
        _ratio("guarantee_company.leverage_limit", "担保责任余额不超过净资产的倍数", "liability balance over net assets, at most", 8.6, "<=", 10.0, "near", "GI-LEV-01", severity="block", room=2.8e8, how="担保责任余额/净资产 = 1,720,000,000.00 / 200,000,000.00"),
        _ratio("guarantee_company.client_group_limit", "单户及其关联方担保责任余额占净资产上限", "liability balance of one client with its related parties over net assets, at most", 0.109, "<=", 0.15, "meets", "GI-CON-02", room=8.2e6),
        _ratio("guarantee_policy.policy_share_least", "政策性业务占在保余额的下限", "policy business over the in-force balance, at least", 0.82, ">=", 0.7, "near", "AGR-DUAL-01a", seen="memory", room=3.4e8, cite="Cainong (2020) 15"),
        _ratio("guarantee_assets.tier_one_share", "一级资产占（资产总额减应收代偿款）的下限", "tier I over total assets less compensation receivable, at least", 0.34, ">=", 0.2, "meets", "GI-A-06a", seen="secondary", cite="Measures for the Asset Ratios (2018)"),
        _ratio("guarantee_company.paid_in_capital", "实缴货币资本下限", "smallest paid-in cash capital", 2e8, ">=", 2e7, "meets", "GI-LIC-01b", "yuan"),
        _ratio("guarantee_company.no_deposits", "不得吸收存款或变相吸收存款", "no deposits may be taken", 0.0, "==", 0.0, "meets", "GI-BAN-01a", "code"),
        _ratio("guarantee_policy.policy_fee_most", "政策性业务客户承担的担保费率上限", "yearly fee that the client of policy business bears, at most", 0.0006, "<=", 0.0, "breaks", "AGR-FEE-01a", "1/year", how="在保合同5,120笔，不符合3笔，缺数据0笔", cite="Cainong (2020) 15"),
        _ratio("guarantee_company.supervisory_rating", "监管部门对担保公司评级并分类监管", "the supervisor rates guarantee companies", None, "==", 1.0, "unknown", "GI-CLAS-01a", "code", how="报表未填"),
        _ratio("reserve_adequacy", "准备金对测算损失的覆盖", "reserves against the modelled need", 0.91, ">=", 1.0, "breaks", "", how="两项准备金/测算需要量", cite="credit notes 5.3", seen=""),
        _ratio("guarantee_ratios.year_compensation_rate", "当年担保代偿率", "compensation rate of the year", 0.0182, "", None, "no_limit", "GI-R-01", "code", cite="reporting code", seen="secondary"),
        _ratio("guarantee_ratios.cumulative_compensation_rate", "累计担保代偿率", "cumulative compensation rate", 0.0147, "", None, "no_limit", "GI-R-02", "code", cite="reporting code", seen="secondary"),
        _ratio("guarantee_ratios.overdue_uncompensated", "逾期未代偿额", "overdue not yet compensated", 6.4e6, "", None, "no_limit", "GI-R-03a", "code", cite="reporting code", seen="secondary"),
        _ratio("in_force_balance", "在保余额", "balance in force", 2.31e9, "", None, "no_limit", "", "yuan", cite="credit notes 5.3", seen=""),
        _ratio("mean_fee", "平均担保费率", "mean guarantee fee", 0.0078, "", None, "no_limit", "", "1/year", cite="credit notes 5.3", seen=""),
    ]  # fmt: skip


def _reserves() -> list[dict[str, Any]]:
    need = 1.05e8
    return [
        {"name": "regulatory", "title_zh": "监管准备金", "title_en": "reserves of the supervisor's rules", "required_yuan": 8.8e7, "held_yuan": 9.6e7, "need_yuan": need, "note_zh": "未到期责任准备金与担保赔偿准备金", "note_en": "unearned liability and compensation reserve"},
        {"name": "accounting", "title_zh": "会计预期信用损失", "title_en": "accounting ECL", "required_yuan": 5.1e7, "held_yuan": 4.9e7, "need_yuan": need, "note_zh": "按阶段", "note_en": "by stage"},
        {"name": "tax", "title_zh": "税前可扣除准备金", "title_en": "reserves deductible from tax", "required_yuan": 7.4e7, "held_yuan": 7.4e7, "need_yuan": None, "note_zh": "", "note_en": ""},
    ]  # fmt: skip


def _headroom() -> list[dict[str, Any]]:
    return [
        {"county": code, "title": title, "guaranteed_yuan": 9e7 + 7e6 * k, "headroom_yuan": max(6e7 - 1.5e7 * k, 0.0),
         "binds_zh": ("放大倍数", "补偿基金", "代偿率超过暂停线")[min(k // 2, 2)], "binds_en": ("leverage", "compensation fund", "rate at the line that suspends")[min(k // 2, 2)]}
        for k, (code, title) in enumerate(COUNTIES[:7])
    ]  # fmt: skip


def _compensation() -> dict[str, Any]:
    return {
        "year": {"paid": 1.82e7, "released": 1.0e9, "rate": 0.0182}, "cumulative": {"paid": 5.3e7, "released": 3.6e9, "rate": 0.0147},
        "vintages": [{"half_year": f"{2023 + k // 2}H{1 + k % 2}", "guaranteed_yuan": 3e8 + 2e7 * k, "overdue_share": (0.031, 0.034, 0.027, 0.024, 0.016, 0.009, 0.002)[k]} for k in range(7)],
    }  # fmt: skip


def scenarios() -> list[dict[str, Any]]:
    """Scenarios of stress, five of four causes."""
    base, own = 3.02e7, 0.97e7
    told = (
        ("price-20", "价格下跌20%", "price -20 %", "市场价格", "market price", 1.62, (), ()),
        (
            "yield-20",
            "减产20%（银行模板）",
            "yield -20 % (bank template)",
            "气象灾害",
            "weather",
            1.71,
            ("F-1",),
            (),
        ),
        (
            "drought",
            "旱灾：例甲县、例乙县",
            "drought in two counties",
            "气象灾害",
            "weather",
            1.35,
            ("F-1", "F-2"),
            (),
        ),
        (
            "swine",
            "非洲猪瘟",
            "African swine fever",
            "动物疫病",
            "animal epidemic",
            2.48,
            ("F-1", "F-2", "F-3"),
            ("guarantee_company.leverage_limit", "reserve_adequacy"),
        ),
        (
            "extension",
            "二轮延包未延",
            "second-round contracts not extended",
            "政策变化",
            "policy change",
            1.12,
            (),
            (),
        ),
    )
    return [
        {"name": name, "title_zh": zh, "title_en": en, "cause_zh": cause_zh, "cause_en": cause_en,
         "narrative_zh": "合成示例：同一年内发生，其余因子按条件分布。", "narrative_en": "made up: within one year; other factors by their conditional law",
         "source": "credit notes 6.1", "expected_loss": times * base, "change": (times - 1.0) * base, "ecl": 1.3 * times * base,
         "own_expected": (0.6 + 0.4 * times) * own, "value_at_risk": times * 1.1e8 if times > 1.5 else None,
         "by_party": {party: times * base * share for party, _, _, share, _ in PARTIES}, "funds_exhausted": list(funds), "ratios_broken": list(broken)}
        for name, zh, en, cause_zh, cause_en, times, funds, broken in told
    ]  # fmt: skip


def _head(kind: str) -> dict[str, Any]:
    return {"kind": kind, "engine_version": "0.1.0", "valued_on": DAY, "horizon_months": 12, "seed": 20261124, "scenarios": 8192, "scrambles": 16,
            "degrees_of_freedom": None, "level": 0.999, "rules_digest": "1f" * 32, "market": "demonstration", "market_digest": "2e" * 32,
            "factors": {"name": "demonstration: assumed loadings", "seen": "assumption", "digest": "3d" * 32}, "models": {"loans": "4c" * 32},
            "inputs": {"loans": {"file": "loans.csv", "sha256": "5b" * 32}}, "seconds": 12.5}  # fmt: skip


def book() -> dict[str, Any]:
    """Manifest of a book in which every part is there."""
    found = _contributions()
    volume = sum(row["guaranteed_yuan"] for row in found["county"])
    expected = sum(row["expected_loss"] for row in found["county"])
    loss, independent = _measures(expected, 1.25), _measures(0.87 * expected, 1.2)
    tail = loss["value_at_risk"]["0.999"], loss["expected_shortfall"]["0.999"]
    routes = (("模拟（重要性抽样，加扰索博尔）", "simulation (importance sampling, scrambled Sobol)", 1.0, "16次独立加扰", "16 independent scrambles"),
              ("多因子调整", "multi-factor adjustment", 1.008, "解析近似", "analytic approximation"), ("粒度调整", "granularity adjustment", 0.991, "", ""))  # fmt: skip
    return {
        **_head("book"),
        "rows": {"loans": {"rows_in": 5200, "rows_kept": 5162, "rows_rejected": 38}, "guarantees": {"rows_in": 5200, "rows_kept": 5120, "rows_rejected": 80},
                 "pledges": {"rows_in": 6100, "rows_kept": 6081, "rows_rejected": 19}},
        "contracts_in": 5200, "contracts_measured": 5081, "contracts_rejected": 119,
        "faults": {"kinds": {"unknown_loan": 41, "missing": 22, "out_of_range": 17, "broken_programme": 5}, "columns": {"guarantees.loan_id": 41, "loans.balance_yuan": 22}},
        "notes": [{"zh": "因子载荷为假设，并非由数据估计。", "en": "Factor loadings are assumed, not estimated from data."},
                  {"zh": "违约概率按合同等级取长期平均。", "en": "PDs are long-run means by grade."}],
        "totals": {"contracts": 5081, "loans_yuan": 1.3 * volume, "guaranteed_yuan": volume, "security_value_yuan": 1.6 * volume, "expected_proceeds_yuan": 1.1 * volume,
                   "expected_loss_yuan": expected, "expected_loss_independent_yuan": 0.87 * expected, "wrong_way_yuan": 0.13 * expected, "ecl12_yuan": expected,
                   "lifetime_ecl_yuan": 1.9 * expected, "ecl_yuan": 1.3 * expected, "liability_yuan": 1.4 * expected, "mean_pd": 0.0231, "mean_lgd": 0.41},
        "distribution": {"loss": loss, "independent": independent, "method": {"zh": "多因子高斯模型，逐笔模拟", "en": "multi-factor Gaussian model, contract by contract"},
                         "weights": {"mean": 0.9998, "mean_se": 0.0004, "largest": 21.0, "effective": 61000.0}},
        "routes": [{"name_zh": zh, "name_en": en, "value_at_risk": times * tail[0], "expected_shortfall": times * tail[1], "note_zh": note_zh, "note_en": note_en} for zh, en, times, note_zh, note_en in routes],
        "layers": _layers(expected),
        "programmes": [{"programme_id": "PR-1", "contracts": 5081, "guaranteed_yuan": volume, "expected_loss": expected,
                        "by_party": {party: share * expected for party, _, _, share, _ in PARTIES},
                        "sentences": [{"zh": "1. 担保公司承担银行每笔损失的32%。", "en": "1. The guarantor pays 32% of every loss of the bank."}, {"zh": "2. 其余由银行承担。", "en": "2. The rest stays with the bank."}]}],
        "funds": _funds(), "contributions": found,
        "concentration": {name: {"hhi": hhi, "effective": 1.0 / hhi, "largest_share": one, "ten_largest_share": ten}
                          for name, hhi, one, ten in (("name", 0.0009, 0.009, 0.06), ("county", 0.062, 0.11, 0.71), ("commodity", 0.19, 0.27, 1.0))},
        "stages": [{"stage": stage, "contracts": count, "guaranteed_yuan": share * volume, "ecl_yuan": ecl * expected, "reasons": reasons}
                   for stage, count, share, ecl, reasons in ((1, 4700, 0.93, 0.48, {}), (2, 290, 0.05, 0.30, {"逾期达到推定天数": 160, "列入观察名单": 130}), (3, 91, 0.02, 0.52, {"已发生信用减值": 70, "已代偿": 21}))],
        "classes": [{"class": name, "title_zh": zh, "title_en": en, "contracts": count, "balance_yuan": share * volume}
                    for name, zh, en, count, share in (("normal", "正常", "normal", 4650, 0.92), ("special_mention", "关注", "special mention", 300, 0.055), ("substandard", "次级", "substandard", 80, 0.014), ("doubtful", "可疑", "doubtful", 36, 0.008), ("loss", "损失", "loss", 15, 0.003))],
        "cover": {"edges": [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0], "kinds": {"land": [30, 60, 180, 320, 410, 380, 260, 140, 40], "forest": [5, 12, 40, 88, 120, 90, 60, 30, 9], "homestead": [9, 21, 60, 70, 66, 40, 22, 8, 1]}},
        "ratios": _ratios(), "headroom": _headroom(), "reserves": _reserves(),
        "fees": [{"programme_id": "PR-1", "charged": 0.0078, "break_even": 0.0091, "gross_break_even": 0.0204, "ceiling": 0.008, "gap": -0.0013},
                 {"programme_id": "PR-2", "charged": 0.0075, "break_even": 0.0052, "gross_break_even": 0.0131, "ceiling": 0.008, "gap": 0.0023}],
        "compensation": _compensation(), "stress": scenarios(),
    }  # fmt: skip


def stress() -> dict[str, Any]:
    """Manifest of stress."""
    return {
        **_head("stress"), "funds": _funds(), "ratios": _ratios(),
        "base": {"expected_loss": 3.02e7, "value_at_risk": 1.1e8, "own_expected": 0.97e7, "exhausted_chance": 0.31}, "scenarios": scenarios(),
        "reverse": [
            {"target_yuan": 1.05e8, "distance": 2.71, "chance": 0.0034, "return_period_years": 297.0,
             "factors": [{"name": "commodity:pigs", "value": -2.2}, {"name": "nation", "value": -1.3}, {"name": "county:370121", "value": -0.6}, {"name": "hazard:37", "value": 0.1}],
             "sentence_zh": "最可能耗尽准备金的情形：生猪行情下跌，全国经济偏弱，约297年一遇。", "sentence_en": "Likeliest way to use up the reserves: pig prices fall in a weak year for the nation, about once in 297 years."},
        ],
        "notes": [{"zh": "冲击幅度为假设。", "en": "Sizes of shocks are assumed."}],
    }  # fmt: skip


def attribution() -> dict[str, Any]:
    """Manifest of an attribution whose lines add up to the fen."""
    lines = (("new", "新增", "new contracts", 6421500.37, 812), ("retired", "结清", "retired", -4012345.11, 640), ("term", "期限缩短", "term decay", -1833000.0, 4441),
             ("volume", "余额变动", "volume", -512000.25, 3200), ("pd", "违约概率迁移", "PD migration", 2764100.49, 1204), ("price", "押品价格", "collateral price", 3120077.77, 2930),
             ("model", "模型", "model", -240000.0, 4441), ("rule", "规则", "rule", 0.0, 0), ("market", "市场利率", "market", 91234.56, 4441))  # fmt: skip
    total = sum(round(100 * line[3]) for line in lines) / 100
    return {
        **_head("attribution"), "measure": {"zh": "一年预期损失", "en": "expected loss of a year"}, "method": "sequential", "order": [line[0] for line in lines],
        "old": {"valued_on": "2026-08-24", "value_yuan": 24400000.17, "contracts": 4909}, "new": {"valued_on": DAY, "value_yuan": round(24400000.17 + total, 2), "contracts": 5081},
        "lines": [{"name": name, "title_zh": zh, "title_en": en, "yuan": yuan, "contracts": count} for name, zh, en, yuan, count in lines], "total_change_yuan": total,
        "largest": [{"guarantee_id": f"G-{k}", "yuan": yuan, "main_line": line} for k, yuan, line in ((17, 412000.55, "price"), (409, -398000.0, "retired"), (88, 121500.2, "pd"))],
        "notes": [],
    }  # fmt: skip


def ratios() -> dict[str, Any]:
    """Manifest of the ratios alone."""
    return {
        **_head("ratios"), "ratios": _ratios(), "headroom": _headroom(), "reserves": _reserves(), "compensation": _compensation(),
        "switches": [{"name": "balance_counted", "value": "share_borne", "title_zh": "权重所乘余额", "title_en": "balance that the weight is put on", "citation": "GI-W-08"},
                     {"name": "small_micro_limit_inclusive", "value": True, "title_zh": "恰为500万元时取低权重", "title_en": "a client exactly at 5 million gets the lower weight", "citation": "GI-W-01"}],
        "notes": [],
    }  # fmt: skip
