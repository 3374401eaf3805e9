"""A score as plain data: one schema for Python, the command line and the service.

Every text stands in Chinese and English; a number that is not known or has no end is None.
Identity numbers, names and the title of the case stay out.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from riskengine.casefile.cures import Cure
from riskengine.casefile.decide import DOTS, PolicyAnswer, RightAnswer
from riskengine.casefile.record import plain
from riskengine.market.quotes import LEVELS
from riskengine.pledging.waterfall import STEPS
from riskengine.scoring.likelihood import Likelihood
from riskengine.scoring.loss import Loss
from riskengine.scoring.price import Price, own_share
from riskengine.scoring.reasons import Reason
from riskengine.scoring.score import Score
from riskengine.units import round_yuan
from riskengine.valuation import FLAG_WORDS
from riskengine.words import Text

BASIS = Text("内部估值，非法定评估", "internal valuation, not a statutory appraisal")
REVIEW = Text(
    "您可以要求说明理由，也可以拒绝仅由机器作出的决定，要求由人复核。",
    "You may ask for the reasons, refuse a decision made by a machine alone, and have a person "
    "review it.",
)
"""What the Personal Information Protection Law (个人信息保护法), art. 24, gives the person."""
OUTCOME_WORDS = {
    "accept": Text("同意", "accept"), "refer": Text("转人工复核", "refer to a person"),
    "decline": Text("不予受理", "decline"),
}  # fmt: skip

Plain = dict[str, Any]


def record(score: Score) -> Plain:
    """Return a score as plain data.

    Parameters
    ----------
    score : Score
        The score.

    Returns
    -------
    dict
        Amounts in yuan, rates as fractions a year, terms in months and years, days as
        YYYY-MM-DD; keys always in the same order.
    """
    decision = score.decision
    return {
        "application_no": score.application.application_no,
        "created_on": score.application.created_on.isoformat(),
        "valued_on": decision.valued_on.isoformat(),
        "decision": score.outcome, "decision_text": both(OUTCOME_WORDS[score.outcome]),
        "asked_yuan": plain(decision.asked_yuan), "limit_yuan": score.limit_yuan,
        "longest_months": score.longest_months,
        "pd_12_months": None if score.default is None else score.default.pd,
        "grade": score.grade or None,
        "default": _likelihood(score.default, score.loss, score.indicative),
        "loss": _loss(score.loss, score), "price": _price(score.price),
        "collateral": {
            "outcome": decision.outcome, "lending_value_yuan": decision.limit_yuan,
            "cover": plain(decision.cover), "longest_months": decision.longest_months,
            "limit_when_mended_yuan": plain(decision.limit_when_mended_yuan),
            "rights": [_right(right) for right in decision.rights],
        },
        "reasons": [_reason(reason) for reason in score.reasons],
        "cures": [_cure(cure) for cure in decision.cures], "cures_to_reach": decision.to_reach,
        "challenger": _challenger(score.challenger),
        "basis": both(BASIS), "human_review": both(REVIEW),
        "models": {
            name: {"name": one.name, "version": one.version, "digest": one.digest,
                   "origin": one.origin}
            for name, one in score.models.items()
        },
        "engine_version": score.engine, "rules_digest": score.rules,
        "market_digest": score.market,
    }  # fmt: skip


def both(text: Text | None) -> Plain | None:
    """Return a text in both languages.

    Parameters
    ----------
    text : Text or None
        The text.

    Returns
    -------
    dict or None
        ``zh`` and ``en``.

    Examples
    --------
    >>> both(Text("亩", "mu"))
    {'zh': '亩', 'en': 'mu'}
    """
    return None if text is None else {"zh": text.zh, "en": text.en}


def money(yuan: float) -> float | None:
    """Return a sum in whole fen; None where it is not known.

    Parameters
    ----------
    yuan : float
        Sum [yuan].

    Returns
    -------
    float or None
        Sum [yuan], rounded once, at the edge.
    """
    return round_yuan(yuan) if isfinite(yuan) else None


def borne(yuan: float, shares: Sequence[float]) -> list[float]:
    """Return what each party bears of a sum, whole fen that add up to it.

    Parameters
    ----------
    yuan : float
        Sum [yuan], >= 0, <= 1e13.
    shares : sequence of float
        Share of each party [1], adding up to 1.

    Returns
    -------
    list of float
        Part of each [yuan]; what rounding leaves goes by largest remainder.

    Examples
    --------
    >>> borne(1201.56, (0.5, 0.4, 0.1))
    [600.78, 480.62, 120.16]
    """
    fen, weights = round(100.0 * yuan), [round(share * 1e12) for share in shares]
    whole = sum(weights)
    parts = [divmod(fen * weight, whole) for weight in weights] if whole else []
    missing = fen - sum(part for part, _ in parts)
    later = sorted(range(len(parts)), key=lambda k: -parts[k][1])[:missing]
    given = [(part + (k in later)) / 100.0 for k, (part, _) in enumerate(parts)]
    return given or [0.0] * len(weights)


def _likelihood(found: Likelihood | None, loss: Loss | None, indicative: bool) -> Plain | None:
    """PD with what it is made of."""
    if found is None:
        return None
    return {
        "pd_12_months": found.pd,
        "pd_life": None if loss is None else loss.chance_life,
        "inside_model_support": found.inside, "indicative": indicative,
        "base_log_odds": found.base,
        "contributions": [
            {"feature": name, "title": {"zh": title.zh, "en": title.en},
             "value": {"zh": value.zh, "en": value.en}, "log_odds": added}
            for name, title, value, added in found.parts
        ],
        "model_origin": found.model.origin, "model_not_for": both(found.model.not_for),
    }  # fmt: skip


def _challenger(found: Likelihood | None) -> Plain | None:
    """What another model would have said."""
    if found is None:
        return None
    return {"pd_12_months": found.pd, "inside_model_support": found.inside}


def _loss(loss: Loss | None, score: Score) -> Plain | None:
    """Exposure, LGD and EL, and who bears it."""
    if loss is None:
        return None
    guarantee = score.application.guarantee
    share = float(guarantee.get("guaranteed_share", 0.0))
    own = share * own_share(guarantee)
    lender, guarantor, re_guarantor = borne(loss.el_life_yuan, (1.0 - share, own, share - own))
    return {
        "months": int(loss.months),
        "chance_12_months": loss.chance_12_months, "chance_life": loss.chance_life,
        "ead_12_months_yuan": money(loss.ead_12_months_yuan),
        "ead_life_yuan": money(loss.ead_life_yuan),
        "lgd_12_months": plain(loss.lgd_12_months), "lgd_life": plain(loss.lgd_life),
        "lgd_life_modelled": plain(loss.lgd_modelled),
        "lgd_independent": plain(loss.lgd_independent),
        "el_12_months_yuan": money(loss.el_12_months_yuan),
        "el_life_yuan": money(loss.el_life_yuan),
        "el_life_lender_yuan": lender, "el_life_guarantor_yuan": guarantor,
        "el_life_re_guarantor_yuan": re_guarantor,
        "proceeds_yuan": money(loss.proceeds_yuan), "proceeds_spread": plain(loss.proceeds_spread),
        "sale_years": plain(loss.sale_years),
    }  # fmt: skip


def _price(price: Price | None) -> Plain | None:
    """Fee of the guarantee or premium of the loan."""
    if price is None:
        return None
    return {
        "of": price.of, "break_even_per_year": price.break_even,
        "operating_per_year": price.operating, "capital_per_year": price.capital,
        "full_per_year": price.full, "ceiling_per_year": plain(price.ceiling),
        "charged_per_year": plain(price.charged), "advised_per_year": price.advised,
    }  # fmt: skip


def _right(right: RightAnswer) -> Plain:
    """One right."""
    return {
        "right_id": right.right_id, "table": right.table, "region_code": right.region,
        "kind": both(right.kind), "size": both(right.area), "outcome": right.outcome,
        "status": right.status,
        "flags": [both(words) for words in _flags(int(right.flags))],
        "market_value_yuan": plain(right.value_yuan), "p05_yuan": plain(right.p05_yuan),
        "p95_yuan": plain(right.p95_yuan), "remaining_years": plain(right.remaining_years),
        "waterfall": _waterfall(right.left_fen),
        "lending_value_yuan": right.lending_value_yuan,
        "loss_credit_yuan": right.loss_credit_yuan, "agreed_sale": right.agreed,
        "loan_to_value_limit": plain(right.cap),
        "papers": {name: right.dots.get(name, "none") for name in DOTS},
        "policies": [_policy(policy) for policy in right.policies],
        "market_level": LEVELS[right.market_level],
        "market_observations": right.market_observations,
    }  # fmt: skip


def _waterfall(left: Sequence[int]) -> list[Plain]:
    """From market value to lending value, as `RightAnswer.steps` tells it."""
    return [
        {"step": name, "title": title, "change_yuan": (after - before) / 100.0,
         "left_yuan": after / 100.0}
        for (name, title), before, after in zip(TITLES, (0, *left[:-1]), left, strict=True)
    ]  # fmt: skip


TITLES = tuple((name, {"zh": title.zh, "en": title.en}) for name, title in STEPS.items())


@lru_cache(maxsize=1024)
def _flags(flags: int) -> tuple[Text, ...]:
    """Words of some flags."""
    return tuple(words for flag, words in FLAG_WORDS.items() if flags & flag)


def _policy(policy: PolicyAnswer) -> Plain:
    """One policy."""
    return {
        "policy_id": policy.policy_id, "kind": both(policy.kind),
        "sum_insured_yuan": policy.sum_insured_yuan, "ends_on": policy.ends_on.isoformat(),
    }  # fmt: skip


def _reason(reason: Reason) -> Plain:
    """One reason; what follows from a finding alone is kept with it."""
    if reason.finding is None:
        return _told(reason)
    memory = reason.finding.memory
    kept: Plain | None = memory.get("plain")
    if kept is None:
        kept = memory["plain"] = _told(reason)
    return dict(kept)


def _told(reason: Reason) -> Plain:
    """One reason, told in full."""
    title, found, wanted = reason.title, reason.found, reason.wanted
    return {
        "code": reason.code, "rule": reason.rule, "kind": reason.kind,
        "severity": reason.severity, "state": reason.state, "right_id": reason.right_id or None,
        "title": {"zh": title.zh, "en": title.en}, "found": {"zh": found.zh, "en": found.en},
        "wanted": {"zh": wanted.zh, "en": wanted.en},
        "missing": list(reason.missing), "cite": reason.cite, "since": reason.since or None,
        "seen": reason.seen or None, "origin": reason.origin or None, "cure": both(reason.cure),
        "gain_yuan": reason.gain_yuan,
    }  # fmt: skip


def _cure(cure: Cure) -> Plain:
    """One thing that would mend the case."""
    return {
        "right_id": cure.right_id, "codes": list(cure.codes), "action": both(cure.action),
        "fact": cure.fact, "gain_yuan": cure.gain_yuan, "needed_yuan": cure.needed_yuan,
        "severity": cure.severity,
    }  # fmt: skip
