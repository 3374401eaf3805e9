"""Weight of evidence: the published table, a slow twin, and what is refused."""

import math

import numpy as np
import pytest

from models.pd import evidence
from riskengine.errors import ModelError

# PD-WOE-01: Siddiqi (2006), the age example.
GOODS = [860, 3040, 4920, 8100, 9500, 6800, 2940]
BADS = [140, 960, 1080, 900, 500, 200, 60]
WOE = [-0.427191202286, -1.08980165899, -0.726133679556, -0.0452565915881, 0.701957810242,
       1.28387935569, 1.64933912919]  # fmt: skip
PRINTED = [-42.719, -108.98, -72.613, -4.526, 70.196, 128.388, 164.934]


def test_published_table() -> None:
    found = evidence(GOODS, BADS)
    np.testing.assert_allclose(found.woe, WOE, rtol=0, atol=1e-9)
    assert found.iv == pytest.approx(0.668056251821, abs=1e-9)
    np.testing.assert_allclose(100 * found.woe, PRINTED, rtol=0, atol=5.1e-3)


def test_slow_twin() -> None:
    goods, bads = sum(GOODS), sum(BADS)
    parts = [(g / goods - b / bads) * math.log(g / goods / (b / bads)) for g, b in zip(GOODS, BADS)]  # noqa: B905
    assert evidence(GOODS, BADS).iv == pytest.approx(math.fsum(parts), rel=1e-13)


def test_other_sign_is_another_convention() -> None:
    """ln(bad/good) is found in some packages: the same information, the opposite sign."""
    turned = evidence(BADS, GOODS)
    np.testing.assert_allclose(turned.woe, -evidence(GOODS, BADS).woe, rtol=1e-12)
    assert turned.iv == pytest.approx(evidence(GOODS, BADS).iv, rel=1e-12)


def test_bias_is_what_chance_shows() -> None:
    generator = np.random.default_rng(5)
    drawn = [
        evidence(generator.multinomial(900, [0.2] * 5), generator.multinomial(300, [0.2] * 5))
        for _ in range(1000)
    ]
    plain = np.array([one.iv for one in drawn])
    corrected = np.array([one.corrected for one in drawn])
    assert plain.mean() > 10 * plain.std() / math.sqrt(1000)
    # First order: the next term is about (1 / smallest cell) of it.
    assert abs(corrected.mean()) < 3 * corrected.std() / math.sqrt(1000) + 0.05 * plain.mean()


def test_empty_cell_is_refused_unless_asked_for_by_name() -> None:
    with pytest.raises(ModelError, match="no goods or no bads"):
        evidence([10, 20], [0, 5])
    found = evidence([10, 20], [0, 5], haldane=True)
    expected = math.log(10.5 / 0.5) - math.log(30.5 / 5.5)
    assert found.woe[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("good", "bad"), [([1, 2], [0, 0]), ([0, 0], [1, 2]), ([-1, 2], [1, 2]), ([np.nan, 2], [1, 2])]
)
def test_bad_counts_are_refused(good: list[float], bad: list[float]) -> None:
    with pytest.raises(ModelError):
        evidence(good, bad, haldane=True)
