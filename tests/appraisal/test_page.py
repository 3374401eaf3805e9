"""Pictures and page: the same bytes, both languages, nothing unescaped, nothing from outside."""

import importlib
import re
from datetime import date
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from riskengine.appraisal import (
    RatioStudyError,
    bands_at,
    ratio_histogram,
    ratio_study,
    ratio_study_page,
    ratio_value_plot,
    stratum_plot,
)
from riskengine.appraisal import fonts as fonts_of
from riskengine.rules import statute

BANDS = bands_at(statute().at(date(2026, 11, 24)), "farmhouse")
NAMES = ["<b>甲乡</b>", "$x_1$", "plain", "\x00", "\u0378"]


def study_of(count: int = 150, names=NAMES, **choices):
    generator = np.random.default_rng(6)
    price = np.exp(generator.normal(12.0, 0.6, count))
    assessed = price * np.exp(generator.normal(0.0, 0.15, count))
    assessed[0] *= 30.0
    strata = [names[row % len(names)] for row in range(count)] if names else None
    choices = {"bootstrap": 20, "bands": BANDS} | choices
    return ratio_study(assessed=assessed, sale_price=price, stratum=strata, **choices)


@pytest.fixture(scope="module")
def study():
    return study_of()


def drawings(study, language, file_format):
    yield ratio_value_plot(study.overall, BANDS, language=language, file_format=file_format)
    yield ratio_histogram(study.overall, BANDS, language=language, file_format=file_format)
    yield stratum_plot(study, language=language, file_format=file_format)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("file_format", ["svg", "png"])
def test_pictures_are_the_same_bytes_each_time(study, language, file_format) -> None:
    first = list(drawings(study, language, file_format))
    assert first == list(drawings(study, language, file_format))
    start = b"<?xml" if file_format == "svg" else b"\x89PNG"
    assert all(picture.startswith(start) for picture in first)
    assert not any(b"dc:date" in picture or b"Software" in picture for picture in first)


def test_unknown_formats_are_refused(study) -> None:
    with pytest.raises(RatioStudyError, match="jpeg"):
        ratio_histogram(study.overall, file_format="jpeg")


def test_settings_of_matplotlib_are_left_as_they_were(study) -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    ratio_histogram(study.overall)
    assert dict(mpl.rcParams) == before


def test_without_a_chinese_font_pictures_are_english(study, monkeypatch) -> None:
    monkeypatch.setattr(fonts_of, "font_families", lambda: ("DejaVu Sans",))
    assert fonts_of.picture_language("zh") == "en"
    monkeypatch.setattr(fonts_of, "font_families", lambda: ("DejaVu Sans", "Noto Sans SC"))
    assert fonts_of.picture_language("zh") == "zh"


def test_the_packaged_font_draws_chinese() -> None:
    try:
        importlib.import_module("pylopdf_fonts_zh_cn")
    except ImportError:
        pytest.skip("the packaged Chinese font is not installed")
    assert fonts_of.picture_language("zh") == "zh"
    assert fonts_of.drawable(["亩、元、宗", "\u0378"]) == ["亩、元、宗", "#2"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_whole_escaped_and_closed(study, language) -> None:
    page = ratio_study_page(study, language, title='"><script>alert(1)</script>')
    assert page == ratio_study_page(study, language, title='"><script>alert(1)</script>')
    assert "<script" not in page
    assert "<b>甲乡" not in page
    assert "&lt;b&gt;甲乡" in page
    assert page.count("<svg ") == page.count("</svg>") == 3
    for picture in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        ET.fromstring(picture)
    outside = re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"", page)
    assert [link for link in outside if "data:" not in link] == []
    assert ("Estimate over price" in page) == (language == "en")
    assert (">合格<" in page) == (language == "zh")


def test_page_shows_what_was_left_out_and_why() -> None:
    study = ratio_study(
        assessed=[90, None, "x", 80, 70] + [100.0] * 12, sale_price=[100, 100, 100, 0, 90] + [99] * 12,
        bootstrap=0,
    )  # fmt: skip
    page = ratio_study_page(study, "en")
    assert "3 / 17" in page
    assert "not a number" in page
    assert "zero or negative" in page
    assert "fewer than 20 sales" in page
    assert "<svg" in page


def test_page_of_few_sales_gives_no_verdict() -> None:
    page = ratio_study_page(study_of(19, None), "en")
    assert "too few sales for a verdict" in page
    assert ">within the band<" not in page


def test_page_of_chased_prices_warns() -> None:
    price = np.linspace(1e5, 9e5, 60)
    study = ratio_study(
        assessed=price * np.linspace(0.98, 1.02, 60), sale_price=price, bands=BANDS, bootstrap=0
    )
    assert "chased prices" in ratio_study_page(study, "en")
    assert "chased prices" not in ratio_study_page(study_of(60, None), "en")


def test_many_strata_and_many_sales_are_still_drawn() -> None:
    study = study_of(2600, [f"town {k}" for k in range(55)], bootstrap=0)
    picture = stratum_plot(study, language="en")
    assert picture.startswith(b"<?xml")
    page = ratio_study_page(study, "en")
    assert "<image " in page  # thousands of points are a picture within the picture
    assert len(page) < 1_500_000


def test_degenerate_studies_are_drawn() -> None:
    study = ratio_study(assessed=[5.0, 5.0], sale_price=[5.0, 5.0], stratum=[1, 2], bands=BANDS)
    assert all(picture for picture in drawings(study, "en", "svg"))
    assert "all prices equal" in ratio_study_page(study, "en")
