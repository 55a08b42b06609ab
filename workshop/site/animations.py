"""Short animations of the labs, and the still first frame of whatever moves."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import BuildError

WORDS = "animations.toml"


@dataclass(frozen=True)
class PageAnimation:
    """A lab in motion, for a page on which it cannot be moved.

    Args:
        name: of its file, without the suffix.
        lesson: the number of the lesson on whose page it stands.
        beside: code in the cell that shows the lab.
        alt: what one sees, for those who do not.
        caption: what moves, in a few words below it.
        content: the bytes of an animated image.
    """

    name: str
    lesson: int
    beside: str
    alt: str
    caption: str
    content: bytes


def read_animations(folder: Path) -> list[PageAnimation]:
    """The animations that `workshop/galleries/animations.py` has made, with their words.

    Args:
        folder: holds ``animations.toml`` and one file NAME.webp for each of its tables. Where
            there is no such folder, there are no animations.

    Raises:
        BuildError: one of the files is not there.
    """
    if not (folder / WORDS).is_file():
        return []
    told = tomllib.loads((folder / WORDS).read_text(encoding="utf-8"))
    missing = [name for name in told if not (folder / f"{name}.webp").is_file()]
    if missing:
        raise BuildError(
            f"{folder / WORDS} tells of animations that are not there. Make them: "
            f"python -m workshop.galleries.animations {' '.join(missing)}"
        )
    return [
        PageAnimation(name, content=(folder / f"{name}.webp").read_bytes(), **words)
        for name, words in told.items()
    ]


def check_places(animations: Iterable[PageAnimation], notebook: Any, name: str) -> None:
    """Make sure that each animation has one cell to stand in.

    Args:
        animations: those of this lesson.
        notebook: a `nbformat.NotebookNode`.
        name: of the notebook's file, for the message.

    Raises:
        BuildError: no cell holds the code that an animation names, or several do.
    """
    for animation in animations:
        codes = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        fitting = sum(animation.beside in code for code in codes)
        if fitting != 1:
            raise BuildError(
                f"docs/animations/{WORDS}: {animation.name} stands beside {animation.beside}, and "
                f"{fitting} cells of {name} hold that. Name code that one cell holds."
            )


def first_frame(content: bytes) -> bytes | None:
    """The first frame of an animated image as a WebP file; None where nothing moves.

    Args:
        content: the bytes of an image's file.
    """
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        if getattr(image, "n_frames", 1) == 1:
            return None
        still = io.BytesIO()
        image.convert("RGB").save(still, "WEBP", quality=90, method=6)
    return still.getvalue()


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of an image's file, in pixels."""
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        return image.size
