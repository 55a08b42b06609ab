"""Formulas as small vector images, so that slides need neither a network nor a typesetter.

Matplotlib sets them. It knows most of LaTeX's mathematics; the few names below are put in its
words.
"""

from __future__ import annotations

import base64
import html
import re
from typing import Any

import numpy as np

SIZE = 10.0
BLEED = 0.5
IN_OTHER_WORDS = {
    r"\\[lr]Vert\b": r"\\Vert ",
    r"\\[lr]vert\b": r"\\vert ",
    r"\\tfrac12": r"\\frac{1}{2}",
    r"\\tfrac\b": r"\\frac",
    r"\\text\b": r"\\mathrm",
    r"\\qquad": r"\\quad\\quad ",
}


def formula_image(latex: str, *, display: bool = False) -> str:
    """An <img> element that shows a formula as large as the text around it.

    Args:
        latex: what stands between the dollar signs.
        display: whether it stands on a line of its own, and somewhat larger.

    Raises:
        ValueError: Matplotlib cannot read it; the message shows where.
    """
    vertices, codes = _outline(latex.replace(r"\frac", r"\dfrac") if display else latex)
    left, top = vertices.min(axis=0)[0], vertices.max(axis=0)[1]
    right, bottom = vertices.max(axis=0)[0], min(vertices.min(axis=0)[1], 0.0)
    width, height = right - left + 2 * BLEED, top - bottom + 2 * BLEED
    path = _path(vertices, codes, left - BLEED, top + BLEED)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.2f} {height:.2f}">'
        f'<path d="{path}" fill="#1d2733"/></svg>'
    )
    source = base64.b64encode(svg.encode()).decode()
    em = 1.25 if display else 1.05
    drop = (bottom - BLEED) / SIZE * em
    style = f"width:{width / SIZE * em:.3f}em;height:{height / SIZE * em:.3f}em;--drop:{drop:.3f}em"
    kind = "formula display" if display else "formula"
    alt = html.escape(" ".join(latex.split()))
    data = f"data:image/svg+xml;base64,{source}"
    return f'<img class="{kind}" style="{style}" alt="{alt}" src="{data}">'


def _outline(latex: str) -> Any:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    text = " ".join(latex.split())
    for pattern, words in IN_OTHER_WORDS.items():
        text = re.sub(pattern, words, text)
    font = FontProperties(family="STIXGeneral", size=SIZE, math_fontfamily="stix")
    setter = TextToPath()
    scale = SIZE / setter.FONT_SCALE
    vertices, codes = setter.get_text_path(font, f"${text}$", ismath=True)
    return np.asarray(vertices) * scale, codes


def _path(vertices: Any, codes: Any, left: float, top: float) -> str:
    """The outline as SVG writes it; there y points down."""
    letters = {1: ("M", 1), 2: ("L", 1), 3: ("Q", 2), 4: ("C", 3), 79: ("Z", 1)}
    parts, number = [], 0
    while number < len(codes):
        letter, points = letters[int(codes[number])]
        corners = vertices[number : number + points]
        written = " ".join(f"{x - left:.2f} {top - y:.2f}" for x, y in corners)
        parts.append("Z" if letter == "Z" else letter + written)
        number += points
    return "".join(parts)
