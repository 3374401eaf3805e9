"""A font for pictures: Chinese where one can be found, else English words."""

import importlib
from collections.abc import Sequence
from functools import cache

from riskengine.words import Language

CHINESE_FONTS = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "Arial Unicode MS",
)  # fmt: skip
"""Fonts with Chinese, the first found is used."""

LATIN_FONT = "DejaVu Sans"
"""Comes with matplotlib."""


@cache
def font_families() -> tuple[str, ...]:
    """Return the fonts that pictures use, the second for what the first lacks.

    Returns
    -------
    tuple of str
        Latin font, then a Chinese one if the packaged font or a system font is there.
    """
    from matplotlib import font_manager

    try:
        packaged = importlib.import_module("pylopdf_fonts_zh_cn")
        font_manager.fontManager.addfont(str(packaged.sans_path()))
    except ImportError:
        pass
    known = {font.name for font in font_manager.fontManager.ttflist}
    return (LATIN_FONT, *[name for name in CHINESE_FONTS if name in known][:1])


def picture_language(language: Language) -> Language:
    """Return the language that pictures can be written in.

    Parameters
    ----------
    language : {"zh", "en"}
        Language wanted.

    Returns
    -------
    {"zh", "en"}
        English when there is no Chinese font.
    """
    return language if len(font_families()) > 1 else "en"


def drawable(words: Sequence[str]) -> list[str]:
    r"""Return labels with only what the fonts can draw.

    Parameters
    ----------
    words : sequence of str
        Labels, such as names of strata.

    Returns
    -------
    list of str
        Labels; ``#k`` for the k-th if nothing of it can be drawn, ``?`` for a
        single character that cannot.

    Examples
    --------
    >>> drawable(["New Trier", "\u0378"])
    ['New Trier', '#2']
    """
    glyphs = _glyphs()
    labels = []
    for place, word in enumerate(words, start=1):
        drawn = "".join(
            letter if letter.isprintable() and ord(letter) in glyphs else "?" for letter in word
        )
        labels.append(drawn if drawn.strip("? ") else f"#{place}")
    return labels


@cache
def _glyphs() -> frozenset[int]:
    """Code points that the fonts can draw."""
    from matplotlib import font_manager

    found: set[int] = set()
    for name in font_families():
        path = font_manager.findfont(name, fallback_to_default=False)
        found |= font_manager.get_font(path).get_charmap().keys()
    return frozenset(found)
