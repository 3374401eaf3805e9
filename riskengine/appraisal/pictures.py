"""How pictures are drawn: colours, fonts, axes, and bytes that never vary.

matplotlib settings are changed while a picture is drawn, so draw in one thread.
"""

import io
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from riskengine.appraisal.cells import Array, RatioStudyError
from riskengine.appraisal.fonts import font_families, picture_language
from riskengine.words import Language, Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FileFormat: TypeAlias = Literal["svg", "png"]
"""Format of a picture."""

INK, SOFT, LINE = "#22302a", "#6d7b73", "#dfe5de"
GRAIN, DEEP, WARN, BAND = "#7fa36b", "#2f5d43", "#b4552d", "#e8efe2"
PICTURE_NAME = "riskengine ratio study"


def picture(
    draw: Callable[["Figure", Language], None], size: tuple[float, float], language: Language,
    file_format: FileFormat,
) -> bytes:  # fmt: skip
    """Draw a figure with fixed settings and return its bytes.

    Parameters
    ----------
    draw : callable
        Fills the figure, in the language that can be drawn.
    size : tuple of float
        Width and height [inch].
    language : {"zh", "en"}
        Language wanted.
    file_format : {"svg", "png"}
        Format.

    Returns
    -------
    bytes
        The picture; the same drawing gives the same bytes.

    Raises
    ------
    RatioStudyError
        If there is no such format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    metadata: dict[str, dict[str, Any]] = {
        "svg": {"Date": None, "Creator": PICTURE_NAME}, "png": {"Software": None},
    }  # fmt: skip
    if file_format not in metadata:
        raise RatioStudyError(
            Text(f"没有图片格式 {file_format}", f"there is no picture format {file_format!r}"),
            Text("可用：svg、png", "it may be: svg, png"),
        )
    settings: Any = {
        "font.family": list(font_families()), "font.size": 9.0, "text.parse_math": False,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": LINE, "xtick.color": SOFT,
        "ytick.color": SOFT, "svg.hashsalt": PICTURE_NAME, "svg.fonttype": "path",
        "path.simplify": True, "axes.unicode_minus": False,
    }  # fmt: skip
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        figure = Figure(figsize=size, layout="constrained")
        draw(figure, picture_language(language))
        out = io.BytesIO()
        figure.savefig(out, format=file_format, dpi=144, metadata=metadata[file_format])
    return out.getvalue()


def finish(axes: "Axes", title: str, *, legend: bool = True) -> None:
    """Give axes their title, a light grid and a legend below.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Drawn axes.
    title : str
        Title.
    legend : bool
        Whether they have a legend.
    """
    axes.set_title(title, loc="left", fontsize=10.5, fontweight="normal")
    axes.grid(color=LINE, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if legend:
        axes.legend(
            loc="upper left", bbox_to_anchor=(0.0, -0.16), ncols=3, frameon=False, fontsize=8
        )


def log_money(axes: "Axes", prices: Array) -> None:
    """Make the price axis logarithmic, with plain numbers at 1, 2 and 5.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Axes with prices along x.
    prices : (n,) float64
        Prices shown [yuan], > 0.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.set_xscale("log")
    low, high = float(prices.min()), float(prices.max())
    axes.set_xlim(low / 1.15, high * 1.15)
    decades = math.log10(high / low)
    digits = (1.0, 2.0, 5.0) if decades < 3.0 else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=digits, numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: amount(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def amount(value: float) -> str:
    """Write money with no more digits than it needs.

    Parameters
    ----------
    value : float
        Amount [yuan], > 0.

    Returns
    -------
    str
        Whole from 100 on, else four digits.

    Examples
    --------
    >>> amount(1234567.8), amount(12.3456), amount(0.5)
    ('1,234,568', '12.35', '0.5')
    """
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.4g}"
