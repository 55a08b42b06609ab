"""Words in figures: Chinese where a font has its letters, else English, and never an empty box."""

import warnings

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from course_lib import plots
from course_lib.plots import drawing, lettering
from course_lib.widgets.live import CURVES, loss_chart

RAMP = np.linspace(0, 1, 24 * 32 * 3, dtype="float32").reshape(24, 32, 3)
FONT = "Course Test Han"
EVERY_WORD = {
    "share of values (%)": lambda: plots.plot_histogram(RAMP, alt="x"),
    "green": lambda: plots.plot_histogram(RAMP, alt="x"),
    "channel 2": lambda: plots.show_feature_maps(RAMP, alt="x"),
    "difference × 4 (gray: none)": lambda: plots.show_difference(RAMP, RAMP**2, alt="x"),
    "not beaten by any other": lambda: plots.plot_scatter(
        {"content": (0, 1), "style": (1, 0)}, "step", "loss", front=["content", "style"], alt="x"
    ),
    "seconds": lambda: plots.show_spectrograms(
        {"a": -RAMP[..., 0]}, frames_per_second=10, highest=1000, alt="x"
    ),
    "step": lambda: plots.plot_lines({"a": ([0, 1], [1, 2])}, "step", "loss", alt="x"),
    "style image": lambda: plots.show_images({"style image": RAMP}, alt="x"),
    "kernel": lambda: plots.show_matrix(np.eye(3), column_labels=["kernel"] * 3, alt="x"),
    "content": lambda: plots.plot_bars({"content": 1.0, "style": 2.0}, "loss", alt="x"),
}


@pytest.fixture(scope="session")
def han_font(tmp_path_factory):
    """A font in which every wide sign is the same box."""
    pen = TTGlyphPen(None)
    pen.moveTo((80, 0))
    for corner in ((80, 800), (920, 800), (920, 0)):
        pen.lineTo(corner)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    signs = [*range(0x3000, 0xA000), *range(0xFF00, 0xFFF0)]
    builder.setupCharacterMap(dict.fromkeys(signs, "box"))
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "box": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "box": (1000, 80)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": FONT, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path_factory.mktemp("fonts") / "han.ttf"
    builder.save(path)
    return path


@pytest.fixture
def chinese(monkeypatch):
    """A reader of Chinese whose system has no font for it."""
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    monkeypatch.setattr(lettering, "FONTS", {"zh": (FONT,)})
    lettering.fallback_font.cache_clear()
    yield
    lettering.fallback_font.cache_clear()


@pytest.fixture
def with_font(chinese, han_font):
    """A reader of Chinese whose system has a font for it."""
    fonts = font_manager.fontManager
    before = [*fonts.ttflist]
    fonts.addfont(han_font)
    yield
    fonts.ttflist[:] = before


@pytest.fixture
def words(monkeypatch):
    """The words of the figures that were drawn, line breaks left out."""
    seen = []

    def keep(figure):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        seen.extend("".join(text.get_text().split("\n")) for text in figure.findobj(Text))
        return canvas

    monkeypatch.setattr(drawing, "FigureCanvasAgg", keep)
    monkeypatch.setattr(drawing, "display", lambda shown: None)
    return seen


@pytest.mark.parametrize("english", EVERY_WORD)
def test_words_are_chinese_where_a_font_has_them(english, with_font, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        EVERY_WORD[english]()
    said = lettering.translate(english)
    assert said != english and said in words and english not in words


@pytest.mark.parametrize("english", EVERY_WORD)
def test_words_are_english_where_no_font_has_others(english, chinese, words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        EVERY_WORD[english]()
    assert english in words and all(word.isascii() or "×" in word or "−" in word for word in words)


@pytest.mark.parametrize("english", EVERY_WORD)
def test_words_are_english_for_readers_of_english(english, words):
    EVERY_WORD[english]()
    assert english in words


def test_the_chart_of_a_lab_has_chinese_words_without_empty_boxes(with_font, monkeypatch):
    history = {"step": [1, 2], **{name: [3.0, 2.0] for name in CURVES}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chinese = loss_chart(history, 2)
    monkeypatch.setenv("COURSE_LANGUAGE", "en")
    assert not np.array_equal(chinese, loss_chart(history, 2))


def test_a_font_is_looked_for_once(chinese, monkeypatch):
    class Counted:
        looks = 0

        @property
        def ttflist(self):
            Counted.looks += 1
            return []

    monkeypatch.setattr(font_manager, "fontManager", Counted())
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    for _ in range(3):
        assert lettering.lettered("style image") == "style image"
    assert Counted.looks == 2


def test_a_font_that_was_installed_later_is_found(chinese, han_font, monkeypatch):
    before = [*font_manager.fontManager.ttflist]
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(han_font), "broken.ttf"])
    found = lettering.fallback_font("zh")
    font_manager.fontManager.ttflist[:] = before
    assert found == FONT


def test_words_that_the_catalog_does_not_know_stay(with_font):
    assert lettering.lettered("my own title") == "my own title"


def test_a_font_of_these_systems_is_known_by_name(monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    lettering.fallback_font.cache_clear()
    font = lettering.fallback_font("zh")
    lettering.fallback_font.cache_clear()
    if font is None:
        pytest.skip("no font with Han is installed here (on Debian: fonts-noto-cjk)")
    path = font_manager.findfont(font, fallback_to_default=False)
    assert ord("图") in font_manager.get_font(path).get_charmap()


@pytest.mark.parametrize(
    ("line", "letters", "lines"),
    [
        ("a title of words", 8, "a title\nof words"),
        ("风格图像", 8, "风格图像"),
        ("没有别的胜过它", 8, "没有别的\n胜过它"),
        ("差异 × 4（灰色：无差异）", 10, "差异 × 4\n（灰色：无\n差异）"),
        ("由 relu2_1 重建", 8, "由\nrelu2_1\n重建"),
    ],
)
def test_chinese_breaks_between_any_two_signs_but_not_before_a_mark(line, letters, lines):
    assert lettering.wrapped(line, letters) == lines
