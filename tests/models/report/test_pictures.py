"""Pictures: drawn where the table says, the same bytes each time, told apart by every reader."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

from models.report import Column, Picture, Table, pictures
from models.report.pictures import COLOURS, svg
from models.report.series import series_of, what_is_drawn, why_not_drawn
from riskengine.words import Text
from tests.models.report.example import calibration, discrimination, fairness, stability, values

TITLE = Text("图", "picture")


def table(*columns: tuple, kinds: tuple[str, ...]) -> Table:
    heads = tuple(Column(Text(f"列{k}", f"column {k}"), kind) for k, kind in enumerate(kinds))
    return Table(TITLE, heads, tuple(zip(*columns, strict=True)))


def numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", text)]


def paths(drawing: str, colour: str) -> list[list[list[float]]]:
    """Stroked paths of a colour: strokes of points."""
    found = re.findall(rf'<path d="([^"]*)"[^>]*style="[^"]*stroke: {colour}[^"]*"', drawing)
    return [
        [np.reshape(numbers(stroke), (-1, 2)) for stroke in path.split("M")[1:]] for path in found
    ]


def assert_affine(drawn, wanted) -> None:
    """Drawn places are the wanted figures up to scale, to a hundredth of a point."""
    slope, shift = np.polyfit(wanted, drawn, 1)
    np.testing.assert_allclose(drawn, slope * np.asarray(wanted) + shift, atol=0.021)


def one_of_each() -> list[Picture]:
    chosen = [*discrimination().pictures[:2], *calibration().pictures, stability().pictures[0]]
    return [*chosen, values().pictures[0]]


@pytest.mark.parametrize("picture", one_of_each(), ids=lambda picture: picture.kind)
def test_each_kind_is_whole_small_and_repeatable(picture) -> None:
    before = dict(mpl.rcParams)
    drawing = svg(picture, "zh")
    assert drawing == svg(picture, "zh")
    assert dict(mpl.rcParams) == before
    ET.fromstring(drawing)
    assert len(drawing) < 100_000
    assert f'aria-label="{picture.title.zh}"' in drawing
    assert not re.search(r"<style|<metadata|<!--|Date|matplotlib", drawing)
    used = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", drawing))
    assert used == set(re.findall(r' id="([^"]*)"', drawing))


def test_pyplot_is_never_used() -> None:
    for name in ("pictures", "series", "page"):
        source = Path(pictures.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        assert "pyplot" not in source


def test_curves_run_through_the_points_of_the_table() -> None:
    picture = discrimination().pictures[0]
    picture = replace(picture, table=replace(picture.table, rows=picture.table.rows[:1500:10]))
    (points,) = paths(svg(picture, "en"), COLOURS[0])[0]
    false, true = (np.array([row[k] for row in picture.table.rows]) for k in (1, 2))
    # The writer drops points between which the curve is straight; the two ends are always there.
    x, y = (np.polyval(np.polyfit(axis[[0, -1]], [0.0, 1.0], 1), axis) for axis in points.T)
    assert len(points) > 20
    np.testing.assert_allclose(y, np.interp(x, false, true), atol=2e-3)


def test_intervals_and_dots_stand_where_the_table_says() -> None:
    picture = calibration().pictures[0]
    drawing = svg(picture, "en")
    rows = picture.table.rows
    strokes = [path[0] for path in paths(drawing, COLOURS[0]) if len(path[0]) == 2]
    strokes = [stroke for stroke in strokes if stroke[0, 0] == stroke[1, 0]]
    assert len(strokes) == len(rows)
    ends = np.array([stroke[:, 1] for stroke in strokes]).ravel()
    assert_affine(ends, np.array([(row[5], row[6]) for row in rows]).ravel())
    assert_affine([stroke[0, 0] for stroke in strokes], [row[3] for row in rows])
    dots = [
        (float(x), float(y))
        for x, y in re.findall(r'<use xlink:href="#m\w+" x="([\d.]+)" y="([\d.]+)"/>', drawing)
    ]
    assert_affine([y for _, y in dots[: len(rows)]], [row[4] for row in rows])


def test_bars_are_as_long_as_their_figures() -> None:
    shares = (0.9, 0.3, 0.0, 0.6, None)
    picture = Picture(
        "bars", TITLE, table(("a", "a", "b", "c", "d"), shares, kinds=("text", "share")), 0, 1, 50
    )
    drawing = svg(picture, "en")
    boxes = re.findall(rf'<path d="([^"]*)"[^>]*style="fill: {COLOURS[0]}', drawing)
    wide = [float(np.ptp(np.reshape(numbers(box), (-1, 2))[:, 0])) for box in boxes]
    assert len(wide) == 4  # two rows of one name are two bars; what is not known is none
    np.testing.assert_allclose(np.array(wide) / wide[0], [1.0, 1 / 3, 0.0, 2 / 3], atol=1e-4)


def test_a_missing_figure_is_a_gap() -> None:
    rate = (0.1, 0.2, float("nan"), 0.4, 0.5)
    marks = tuple(f"2006-{k}" for k in range(5))
    picture = Picture("line", TITLE, table(marks, rate, kinds=("text", "share")), 0, 1, 50)
    first, second = paths(svg(picture, "en"), COLOURS[0])[0]
    assert len(first) == len(second) == 2


def test_clouds_are_thinned_with_the_worst_in_sight() -> None:
    rng = np.random.default_rng(5)
    sold = np.exp(rng.normal(11.0, 1.0, 20_000))
    valued = sold * np.exp(rng.normal(0.0, 0.2, 20_000))
    valued[77], sold[78] = sold[77] * 40.0, valued[78] * 40.0
    sold[79], valued[80] = 0.0, float("nan")
    cells = table(tuple(sold), tuple(valued), kinds=("money", "money"))
    picture = Picture("scatter", TITLE, cells, 0, 1, 20_000)
    shown = pictures.thinned(picture, series_of(picture, "en")[0])
    assert shown.y.size == 500
    assert {valued[77], valued[78]} <= set(shown.y)
    assert what_is_drawn(picture).en == "500 of 20,000 points drawn"
    assert len(svg(picture, "en")) < 60_000
    few = replace(picture, table=replace(cells, rows=cells.rows[:76]))
    assert what_is_drawn(few) is None


def test_what_cannot_be_drawn_says_why() -> None:
    cells = table(("a", "b"), (None, float("nan")), kinds=("text", "share"))
    picture = Picture("bars", TITLE, cells, 0, 1, 90)
    assert why_not_drawn(picture).en == "no picture: there is no figure to draw"
    many = table(tuple("abcdefg"), tuple("abcdefg"), (0.1,) * 7, kinds=("text", "text", "share"))
    crowd = Picture("line", TITLE, many, 0, 2, 90, group=1)
    assert why_not_drawn(crowd).zh == "不画图：7 组，超过 6 组"
    below = table((-1.0, 0.0), (1.0, 2.0), kinds=("money", "money"))
    assert why_not_drawn(Picture("scatter", TITLE, below, 0, 1, 90)) is not None


def test_one_point_and_equal_figures_are_drawn() -> None:
    flat = table((0.1, 0.1), (0.1, 0.1), kinds=("share", "share"))
    for kind in ("line", "step", "reliability", "scatter", "bars", "histogram"):
        ET.fromstring(svg(Picture(kind, TITLE, flat, 0, 1, 90), "en"))


def test_names_no_font_knows_and_hidden_names_are_shown() -> None:
    marks = ("_secret", "$x_1$", "\x00", "\u0378", "x" * 60, "甲乙")
    cells = table(marks, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), kinds=("text", "share"))
    ET.fromstring(svg(Picture("bars", TITLE, cells, 0, 1, 90), "zh"))
    grouped = table(("a",) * 2, ("_s", "t"), (0.1, 0.2), kinds=("text", "text", "share"))
    drawing = svg(Picture("bars", TITLE, grouped, 0, 2, 90, group=1), "en")
    underscore = next(iter(re.findall(r'href="#DejaVuSans-(?:42|5f)"', drawing)), None)
    assert underscore is not None
    hostile = replace(TITLE, en='"><script>')
    picture = Picture("bars", hostile, cells, 0, 1, 90)
    assert "<script" not in svg(picture, "en")


# Machado, Oliveira and Fernandes (2009), severity 1: how red-green blind readers see.
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "grey": [[0.2126, 0.7152, 0.0722]] * 3,
    "none": np.eye(3),
}  # fmt: skip


def lab(colour: str, seen) -> np.ndarray:
    """CIE L*a*b* of a colour (D65) as it is seen."""
    value = np.array([int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)])
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(seen) @ linear, 0.0, 1.0)
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    t = np.asarray(matrix) @ linear / np.array([0.9505, 1.0, 1.089])
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("reader", BLIND)
def test_colours_are_told_apart(reader) -> None:
    """Champion and challenger differ for everyone, in a grey print too; all six by colour."""
    seen = [lab(colour, BLIND[reader]) for colour in COLOURS]
    assert np.linalg.norm(seen[0] - seen[1]) > 25.0
    if reader != "grey":
        assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 9.0
    assert len(set(pictures.DASHES)) == len(set(pictures.MARKERS)) == len(COLOURS)


def test_groups_of_fairness_have_whiskers() -> None:
    drawing = svg(fairness().pictures[0], "en")
    whiskers = [path[0] for path in paths(drawing, "#22302a") if len(path[0]) == 2]
    assert len([one for one in whiskers if one[0, 1] == one[1, 1]]) == 4


@pytest.mark.parametrize(
    ("kind", "column", "most"),
    [
        ("bars", "number", 0.019), ("bars", "number", 7.3e-6), ("bars", "share", 0.7),
        ("bars", "money", 4.2e8), ("bars", "integer", 3.0), ("line", "money", 8.1e6),
        ("line", "number", 0.0019),
    ],
)  # fmt: skip
def test_labels_of_a_scale_stand_apart(kind, column, most, monkeypatch) -> None:
    values = tuple(most * k / 4 if column != "integer" else round(most * k / 4) for k in range(5))
    names = tuple(
        Text(f"经营主体的某项特征 {k}", f"a feature of the borrower {k}") for k in range(5)
    )
    kinds = ("text" if kind == "bars" else column, column)
    rows = table(names if kind == "bars" else values, values, kinds=kinds)
    drawn, real = [], pictures.drawing

    def kept(draw, *others):
        return real(lambda figure, spoken: (draw(figure, spoken), drawn.append(figure)), *others)

    monkeypatch.setattr(pictures, "drawing", kept)
    svg(Picture(kind, TITLE, rows, 0, (1,), 500), "en")
    (axes,) = drawn[0].axes
    low, high = axes.get_xlim()
    shown = [
        label
        for label, at in zip(axes.get_xticklabels(), axes.get_xticks(), strict=True)
        if low <= at <= high
    ]
    told, ends = zip(*((one.get_text(), one.get_window_extent()) for one in shown), strict=True)
    assert 2 <= len(set(told)) == len(told) <= 7
    assert all(left.x1 + 3.0 < right.x0 for left, right in pairwise(ends))
    if column == "integer":
        assert not any("." in one for one in told)
