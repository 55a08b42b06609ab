"""The words in figures in the reader's language, where a font has its letters.

Matplotlib's own font has no Han. Where one of those that systems bring along is installed, it draws
what the other lacks, and the words are those of the library's catalog; where there is none, they
stay English.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from matplotlib import font_manager, rcParams
from matplotlib.figure import Figure
from matplotlib.text import Text

from course_lib.messages import translate, wanted_language

# Of what the lessons write into figures, in the library's catalog.
CONTEXT = "figure"
# Of a collection, Matplotlib knows the first font only: that of Noto is called JP, that of PingFang
# HK. They have the letters of the others, too.
FONTS = {
    "zh": (
        *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
        *("PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
        *("Noto Sans CJK JP", "Source Han Sans", "PingFang HK", "Hiragino Sans GB", "Heiti TC"),
        *("SimHei", "DengXian", "Droid Sans Fallback", "Arial Unicode MS", "SimSun", "Songti SC"),
    )
}
# Where Chinese may break: after each Han character and each word of other letters, with the marks
# that must not begin or end a line.
HAN = r"\u2e80-\u9fff\uff00-\uffef“”…"
PIECES = re.compile(rf"[（“]*(?:[{HAN}]|[^\s{HAN}]+)[，。；：？！、）”…]*|\s+")


def lettered(words: str) -> str:
    """Words as they are to be drawn: in the reader's language, if that can be drawn.

    Args:
        words: a title or label in English, or one that has been through here before.
    """
    language = wanted_language()
    if fallback_font(language) is None:
        return words
    said = translate(words, language, context=CONTEXT)
    # Matplotlib sets what stands between dollars as a formula, in fonts of its own.
    return words if "$" in said else said


@cache
def fallback_font(language: str) -> str | None:
    """The first installed font with the letters of a language; None if it needs or has none.

    Args:
        language: such as "zh".
    """
    wanted = FONTS.get(language, ())
    return _first_installed(wanted) or (_first_installed(wanted) if _has_news(wanted) else None)


def set_fonts(figure: Figure) -> None:
    """Have all words of a figure drawn with the reader's font where the usual one lacks a letter.

    Args:
        figure: with everything in it; what is added later has the usual font alone.
    """
    font = fallback_font(wanted_language())
    if font is None:
        return
    families = [*rcParams["font.family"], font]
    for axes in figure.axes:
        axes.tick_params(which="both", labelfontfamily=families)
    for text in figure.findobj(Text):
        text.set_fontfamily(families)


def _first_installed(wanted: Sequence[str]) -> str | None:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in wanted if name in installed), None)


def _has_news(wanted: Sequence[str]) -> bool:
    """Whether the system has fonts that Matplotlib's stored list lacks; they are known then."""
    fonts = font_manager.fontManager
    known = {font.fname for font in fonts.ttflist}
    new = [path for path in font_manager.findSystemFonts() if path not in known] if wanted else []
    for path in new:
        # One that Matplotlib cannot read is none for it.
        with suppress(OSError, RuntimeError):
            fonts.addfont(path)
    return bool(new)


def width_of(words: str) -> int:
    """How many letters wide words are: a Han character is as wide as two."""
    return len(words) + sum(unicodedata.east_asian_width(sign) in "WF" for sign in words)


def wrapped(line: str, letters: int) -> str:
    """A line of words in lines of at most so many letters; Chinese breaks between any two signs.

    Args:
        line: without line breaks.
        letters: how many fit.
    """
    if width_of(line) == len(line):
        return textwrap.fill(line, letters)
    lines = [""]
    for piece in PIECES.findall(line):
        if width_of(lines[-1] + piece.rstrip()) > letters and lines[-1]:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return "\n".join(one.rstrip() for one in lines)
