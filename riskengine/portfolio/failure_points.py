"""The points of a surface of equal loss that lie next to the usual state: a search.

Used by `riskengine.portfolio.reverse_stress`, which says what is searched and why.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from riskengine.portfolio.compression import Cells
from riskengine.portfolio.exposures import BookError, Column, FactorModel
from riskengine.portfolio.factor_losses import segment_slopes
from riskengine.words import Text

FARTHEST = 30.0
"""Distance at which a search gives up: beyond it lies 5e-198."""
STEPS = 60
ROUGH = 4096
"""Most cells of the rough search; Newton's method ends on all of them."""
MOST_STARTS = 24
MERGED = 0.02
"""A search this near to where an earlier one ended is not followed further."""
SAME_WAY = 1e-4
"""Points nearer to each other than this are one."""
STEP = 1e-4
"""Half the width of differences of slopes."""


@dataclass(frozen=True, slots=True)
class Surface:
    """G(w) = ln(L / target) in independent normals w, its slope and its curvature.

    Parameters
    ----------
    cells : Cells
        The book.
    model : FactorModel
        Its factors.
    root : (f, f) float64
        R: factors are R w.
    target : float
        Loss [yuan], > 0.
    """

    cells: Cells
    model: FactorModel
    root: Column
    target: float

    def at(self, w: Column) -> tuple[float, Column]:
        """Return G and its gradient.

        Parameters
        ----------
        w : (f,) float64
            Independent normals [1].

        Returns
        -------
        value : float
            G [1]; minus infinity where nothing is lost.
        slope : (f,) float64
            Its gradient [1].
        """
        z = self.root @ w
        y, x = self.model.default_loadings @ z, self.model.sale_loadings @ z
        found = segment_slopes(self.cells, self.model, y, x)
        loss = float(found.loss_yuan.sum())
        if loss <= 0.0:
            return -math.inf, np.zeros_like(w)
        slope = found.by_default @ self.model.default_loadings
        slope = slope + found.by_sale @ self.model.sale_loadings
        return math.log(loss / self.target), (slope @ self.root) / loss

    def curvature(self, w: Column) -> Column:
        """Return the second derivatives of G, by differences of the slopes of each segment.

        Parameters
        ----------
        w : (f,) float64
            Independent normals [1].

        Returns
        -------
        (f, f) float64
            Second derivatives [1].
        """
        z = self.root @ w
        a, b = self.model.default_loadings, self.model.sale_loadings
        y, x = a @ z, b @ z
        above, below, right, left = (
            segment_slopes(self.cells, self.model, y + dy, x + dx)
            for dy, dx in ((STEP, 0.0), (-STEP, 0.0), (0.0, STEP), (0.0, -STEP))
        )
        width = 2.0 * STEP
        both = a.T @ (((above.by_sale - below.by_sale) / width)[:, None] * b)
        second = a.T @ (((above.by_default - below.by_default) / width)[:, None] * a)
        second += both + both.T + b.T @ (((right.by_sale - left.by_sale) / width)[:, None] * b)
        value, slope = self.at(w)
        loss = math.exp(value) * self.target
        found: Column = self.root.T @ second @ self.root / loss - np.outer(slope, slope)
        return found


def nearest_points(surface: Surface) -> list[tuple[Column, float]]:
    """Find the points at which the target is reached and nothing near is nearer to 0.

    Parameters
    ----------
    surface : Surface
        The surface.

    Returns
    -------
    list of tuple
        Point (f,) [1] and Breitung's correction of N(-|w|) for curvature [1], by distance;
        the origin with NaN where it lies beyond the surface already.

    Raises
    ------
    BookError
        If none is found.
    """
    nothing = np.zeros(surface.root.shape[0])
    if surface.at(nothing)[0] >= 0.0:
        return [(nothing, math.nan)]
    rough = replace(surface, cells=_thinned(surface.cells))
    found: list[tuple[Column, float]] = []
    seen: list[Column] = []
    for start in _starts(rough):
        w = _descended(rough, start, seen)
        if w is None:
            continue
        seen.append(w)
        polished = _polished(surface, rough, w)
        if polished is not None and not any(
            np.linalg.norm(polished[0] - point) < SAME_WAY for point, _ in found
        ):
            found.append(polished)
    if not found:
        raise BookError(
            Text(f"在{FARTHEST:g}个标准差以内没有因子状态使预期损失达到{surface.target:.0f}元",
                 f"no state within {FARTHEST:g} deviations has an expected loss of "
                 f"{surface.target:.0f} yuan"),
            Text("请降低目标损失", "ask for a smaller loss"),
        )  # fmt: skip
    return sorted(found, key=lambda one: float(np.linalg.norm(one[0])))


def _thinned(cells: Cells) -> Cells:
    """Every so manyth cell for the rough search, with the scale of those between.

    Cells lie sorted, whatever the order of the rows; so the sample is one over every segment.
    """
    every = -(-cells.size // ROUGH)
    kept = np.arange(every // 2, cells.size, every)
    if every == 1 or not kept.size:
        return cells
    found = Cells(*(getattr(cells, column.name)[kept] for column in fields(Cells)))
    whole, part = (np.bincount(c.segment, c.scale_yuan, int(cells.segment.max()) + 1)
                   for c in (cells, found))  # fmt: skip
    scale = np.divide(whole, part, out=np.zeros_like(whole), where=part > 0.0)
    return replace(found, scale_yuan=found.scale_yuan * scale[found.segment])


def _starts(surface: Surface) -> list[Column]:
    """Points on the surface: along the steepest slope, and along each factor."""
    size = surface.root.shape[0]
    lengths = np.linalg.norm(surface.root, axis=1)
    along = [-row / length for row, length in zip(surface.root, lengths, strict=True) if length]
    slope = surface.at(np.zeros(size))[1]
    if np.any(slope):
        steepest = slope / np.linalg.norm(slope)
        turned = surface.at(2.0 * steepest)[1]
        along = [steepest, turned / np.linalg.norm(turned), *along]
        along = [one if one @ slope >= 0.0 else -one for one in along]
    ranked = sorted(along, key=lambda one: -surface.at(2.0 * one)[0])[:MOST_STARTS]
    points = [_along(surface, one) for one in ranked]
    return [point for point in points if point is not None]


def _along(surface: Surface, direction: Column) -> Column | None:
    """Where a ray meets the surface, roughly; None where it does not."""
    low, high = 0.0, 2.0
    while surface.at(high * direction)[0] < 0.0:
        low, high = high, 2.0 * high
        if low >= FARTHEST:
            return None
    for _ in range(6):
        middle = 0.5 * (low + high)
        if surface.at(middle * direction)[0] < 0.0:
            low = middle
        else:
            high = middle
    return high * direction


def _descended(surface: Surface, start: Column, found: Sequence[Column]) -> Column | None:
    """Step towards the nearest point; None once it runs into a point already found."""
    w = start
    value, slope = surface.at(w)
    for _ in range(STEPS):
        steep = float(slope @ slope)
        if steep == 0.0 or any(np.linalg.norm(w - point) < MERGED for point in found):
            return None
        move = ((slope @ w) - value) / steep * slope - w
        if np.linalg.norm(move) < 1e-3 * max(1.0, float(np.linalg.norm(w))):
            break
        penalty = 2.0 * float(np.linalg.norm(w)) / math.sqrt(steep) + 1.0
        merit = 0.5 * float(w @ w) + penalty * abs(value)
        share = 1.0
        while True:
            tried = w + share * move
            value, slope = surface.at(tried)
            if share < 1e-3 or 0.5 * float(tried @ tried) + penalty * abs(value) < merit:
                break
            share *= 0.5
        w = tried
    return w


def _polished(surface: Surface, rough: Surface, w: Column) -> tuple[Column, float] | None:
    """Newton's method on w = m grad G, G = 0; None where it is no minimum on the surface.

    Steps bend by the rough surface, which costs little; where they end does not hang on it.
    """
    size = w.size
    value, slope = surface.at(w)
    scale = float(w @ slope) / float(slope @ slope)
    for _ in range(20):
        bent = np.eye(size) - scale * rough.curvature(w)
        system = np.zeros((size + 1, size + 1))
        system[:size, :size], system[:size, size], system[size, :size] = bent, -slope, slope
        step = np.linalg.lstsq(system, -np.append(w - scale * slope, value), rcond=None)[0]
        w, scale = w + step[:size], scale + float(step[size])
        value, slope = surface.at(w)
        if np.linalg.norm(step[:size]) < 1e-11 * max(1.0, float(np.linalg.norm(w))):
            break
    settled = abs(value) < 1e-9 and float(np.linalg.norm(w - scale * slope)) < 1e-7
    if not settled or scale <= 0.0:
        return None
    _, _, axes = np.linalg.svd(slope[None, :])
    bent = np.eye(size) - scale * surface.curvature(w)
    left = np.linalg.eigvalsh(axes[1:] @ bent @ axes[1:].T)
    if left.size and left[0] <= 1e-6:
        return None
    return w, float(1.0 / np.sqrt(np.prod(left)))
