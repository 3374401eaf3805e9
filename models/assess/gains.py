"""What a challenger gains over a champion on the same rows, by kind of model."""

from typing import Any

from models.evaluate.discrimination import compare_auc
from models.evaluate.paired import compare_probabilities
from models.frame import Frame


def default_gains(frame: Frame, old: Any, new: Any, seed: int) -> dict[str, float]:
    """Return what a challenger's PDs gain.

    Parameters
    ----------
    frame : Frame
        Rows.
    old, new : (n,) float64
        PD of champion and challenger.
    seed : int
        Of resamples.

    Returns
    -------
    dict of str to float
        Gains of AUC, Brier, logarithmic loss and KS.
    """
    area = compare_auc(frame.y, new, old, frame.weight)
    gains = {
        "n": float(area.n), "auc_gain": area.difference, "auc_gain_low": area.interval.low,
        "auc_gain_high": area.interval.high, "auc_gain_p": area.test.p_value,
    }  # fmt: skip
    names = ("brier", "log_loss", "ks")
    pairs = compare_probabilities(frame.y, old, new, frame.weight, seed=seed)
    for name, pair in zip(names, pairs, strict=True):
        sign = -1.0 if name == "ks" else 1.0
        ends = sorted(sign * end for end in (pair.interval.low, pair.interval.high))
        gains |= {
            f"{name}_gain": sign * pair.difference, f"{name}_gain_low": ends[0],
            f"{name}_gain_high": ends[1], f"{name}_gain_p": pair.test.p_value,
        }  # fmt: skip
    return gains
