"""The labs' stored answers, written into the pages: they are seen before any program has come."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from course_lib.messages import translate

# A lab's place as it stands in a built page: the way to its files, its name, and nothing in it.
PLACE = re.compile(
    r'(<link rel="stylesheet" href="([^"]*)labs\.css"[^>]*>\s*'
    r'<div class="live-lab" id="(\w+)" data-lab="\w+">)(?=</div>)'
)


def show_first_answers(pages: Path, told: Iterable[Any], language: str) -> None:
    """Put each lab's stored answer into its place; `docs/web/labs/base.js` builds the lab over it.

    Args:
        pages: the folder with the built pages of one language.
        told: what the pages are told of their labs, as from `labs.write_labs`.
        language: of the pages, "en" or "zh".
    """
    labs = {one["name"]: one for one in told if "first" in one}
    for page in pages.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        shown = PLACE.sub(
            lambda place: place[1] + first_answer(labs[place[3]], place[2], language), text
        )
        if shown != text:
            page.write_text(shown, encoding="utf-8")


def first_answer(lab: dict[str, Any], folder: str, language: str) -> str:
    """A lab's stored answer as HTML, laid out as the lab will be.

    Args:
        lab: its description, as from `labs.described`.
        folder: address of the labs' files, with a slash at its end.
        language: "en" or "zh".
    """

    def said(text: str) -> str:
        return html.escape(translate(text, language))

    first = lab["first"]
    thumbnails = " thumbnails" if first["columns"] == "thumbnails" else ""
    figures = "".join(
        f'<figure><img src="{folder}{panel["file"]}" alt="{said(panel["title"])}" '
        f'style="width: {panel["width"]}px">'
        f"<figcaption>{said(panel['title'])}</figcaption></figure>"
        for panel in first["panels"]
    )
    return (
        f'<p class="heading">{said(lab["heading"])}</p>'
        '<div class="body"><div class="panel"></div><div class="shown">'
        f'<div class="figures{thumbnails}" style="--columns: {first["columns"]}">{figures}</div>'
        f'</div></div><p class="words">{said(first["words"])}</p>'
    )
