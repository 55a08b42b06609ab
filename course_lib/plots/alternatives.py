"""Alternative text that stands beside a lesson's code and not in it.

In a lesson's text source it is written in comment lines at the top of a cell (`# alt: ...`, one for
each figure, in their order). The build takes these lines out of the code and keeps them in the
cell's metadata and in `alt/NN-name.json` beside this file, which travels with the library. A kernel
sees no metadata, but it knows the code of the cell that it runs, in every front end: so a figure
finds its words by that code.

A cell that a reader has changed finds none, as it should be: its figures are no longer those that
the words tell of. Then the figure is named by its titles.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from IPython import get_ipython

from course_lib.plots.arrays import ArgumentError

FOLDER = Path(__file__).parent / "alt"
# Said of a figure that has nothing but its titles; the check of the lessons looks for it.
UNDESCRIBED = "without description"


def words_for(alt: str | None, kind: str, *, titles: Iterable[str] = ()) -> str:
    """The alternative text of a figure that is about to be shown.

    Args:
        alt: the text itself; None for the one that the lesson has for the next figure of the cell
            that runs, and where it has none, for one made of the titles.
        kind: what the figure is, for a text made of titles: "Images".
        titles: what is written above its parts.

    Returns:
        The text in one line, never empty.

    Raises:
        ArgumentError: `alt` is not text, or has no words.
    """
    if alt is not None:
        words = " ".join(alt.split()) if isinstance(alt, str) else ""
        if not words:
            raise ArgumentError(
                "Every figure needs alternative text: say in `alt` what one sees and what it "
                "shows, for readers who cannot see it."
            )
        return words
    named = ", ".join(" ".join(title.split()) for title in titles if title.strip())
    return _next_of_cell() or f"{kind} {UNDESCRIBED}{': ' * bool(named)}{named}."


def key(code: str) -> str:
    """By what a cell's code is looked up: the same for every front end, editor and system."""
    lines = [line.rstrip() for line in code.strip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def as_json(cells: Mapping[str, Sequence[str]]) -> str:
    """What is kept of a lesson: the code of each cell with figures -> their texts, in order."""
    found = {key(code): list(texts) for code, texts in cells.items()}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


@dataclass
class _Place:
    """Which run of a cell shows figures now, and how many of its texts they have taken."""

    run: str = ""
    taken: int = 0


_place = _Place()


def _next_of_cell() -> str:
    """The text of the next figure of the cell that runs; "" where there is none."""
    run, code = _running_cell()
    if run != _place.run:
        _place.run, _place.taken = run, 0
    texts = _all_texts(FOLDER).get(key(code), [])
    _place.taken += 1
    return texts[_place.taken - 1] if _place.taken <= len(texts) else ""


def _running_cell() -> tuple[str, str]:
    """An id of this run and the cell's code, as the front end has sent them; "" outside of a cell.

    IPython's history would say it too, but not under nbval, which keeps none. What a widget's
    callback shows belongs to no cell.
    """
    message = getattr(get_ipython(), "parent_header", {})
    return message.get("header", {}).get("msg_id", ""), message.get("content", {}).get("code", "")


@cache
def _all_texts(folder: Path) -> dict[str, list[str]]:
    found = {}
    for path in sorted(folder.glob("*.json")):
        found.update(json.loads(path.read_text(encoding="utf-8")))
    return found
