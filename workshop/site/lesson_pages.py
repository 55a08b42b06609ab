"""From an executed notebook to a page of the web course."""

from __future__ import annotations

import base64
import copy
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workshop.lessons.quizzes import QuizQuestion
from workshop.lessons.sources import SETUP_TAG
from workshop.site.animations import PageAnimation, check_places, first_frame, size_of
from workshop.site.quizzes import with_self_test

WIDGET = "application/vnd.jupyter.widget-view+json"
# What images begin with, and the suffix their files get.
BEGINNINGS = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"GIF8": "gif", b"RIFF": "webp"}
DETAILS = ("alt", "width", "height")
# Who gets the first frame of what moves: paper, and those who asked their system for less motion.
STILL = "print, (prefers-reduced-motion: reduce)"
# Where a lab comes alive: `docs/web/labs/base.js` looks for such places.
LIVE = """<link rel="stylesheet" href="../labs/labs.css">
<div class="live-lab" id="{name}" data-lab="{name}"></div>
<script defer src="../labs/base.js"></script>"""
DOWNLOAD = '<a href="{}.ipynb" download>Download this lesson as a notebook</a>'
BINDER = "[Open this lesson in Binder]({})"


def lesson_page(
    notebook: Any,
    name: str,
    *,
    animations: Sequence[PageAnimation] = (),
    labs: Mapping[str, str] | None = None,
) -> tuple[Any, dict[str, bytes]]:
    """A notebook as the web course shows it.

    A page has no kernel. So a lab is replaced by one that lives in the page; for paper, and where
    there is no JavaScript, the still images beside it stay. A lab that does not live in pages is
    left out, and where there is an animation of it, that stands in its place. Images become files
    of their own, with their alternative text, size and nothing said twice.

    Args:
        notebook: an executed `nbformat.NotebookNode`; it is not changed.
        name: of the notebook's file, without its suffix.
        animations: those of this lesson's labs.
        labs: heading -> name of the labs that live in the pages.

    Returns:
        The notebook to build the page from, and its images: name of the file -> its bytes.

    Raises:
        BuildError: an animation does not know where to stand.
    """
    check_places(animations, notebook, name)
    page = copy.deepcopy(notebook)
    images: dict[str, bytes] = {}
    for number, cell in enumerate(page.cells):
        if cell.cell_type != "code":
            continue
        if SETUP_TAG in cell.metadata.get("tags", []):
            cell.metadata.tags = [*cell.metadata.tags, "hide-input"]
        beside = [animation for animation in animations if animation.beside in cell.source]
        cell.outputs = _outputs(cell.outputs, f"{name[:2]}-{number}", images, beside, labs or {})
    if page.cells and page.cells[0].cell_type == "markdown":
        page.cells[0].source += "\n\n" + DOWNLOAD.format(name)
    return page, images


def _outputs(
    outputs: list[Any],
    prefix: str,
    images: dict[str, bytes],
    animations: Sequence[PageAnimation],
    labs: Mapping[str, str],
) -> list[Any]:
    shown: list[Any] = []
    said, lab = "", None
    for output in outputs:
        data = output.get("data", {})
        if WIDGET in data:
            lab = _lab_of(data, labs)
            if lab is not None:
                shown.append(_alive(output, lab))
            shown += [_in_motion(output, animation, images) for animation in animations]
            continue
        kind = next((kind for kind in data if kind.startswith("image/")), None)
        if kind is not None:
            details = output.get("metadata", {}).get(kind, {})
            content = base64.b64decode("".join(data[kind]))
            file = f"{prefix}-{len(shown)}.{_suffix(content)}"
            said = details.get("alt", "")
            tag = _image(file, content, details, images)
            output.data = {"text/html": _still(tag) if lab else tag}
        elif _repeats(data, said):
            continue
        shown.append(output)
    return shown


def _lab_of(data: dict[str, Any], labs: Mapping[str, str]) -> str | None:
    """The name of the lab that an output of a notebook is, if it lives in pages."""
    words = "".join(data.get("text/plain", ""))
    return next((name for heading, name in labs.items() if words.startswith(heading)), None)


def _alive(output: Any, name: str) -> Any:
    """The place of a lab that lives in the page, in place of the notebook's."""
    alive = copy.deepcopy(output)
    alive.data, alive.metadata = {"text/html": LIVE.format(name=name)}, {}
    return alive


def _still(tag: str) -> str:
    """An image for paper, and for those without JavaScript: on a screen the lab stands there."""
    return f'<div class="lesson-still">{tag}</div>'


def _in_motion(lab: Any, animation: PageAnimation, images: dict[str, bytes]) -> Any:
    """The animation as an output, in place of the lab's own."""
    width, height = size_of(animation.content)
    details = {"alt": animation.alt, "width": width, "height": height}
    image = _image(f"{animation.name}.webp", animation.content, details, images)
    caption = f"<figcaption>{html.escape(animation.caption)}</figcaption>"
    output = copy.deepcopy(lab)
    output.data = {"text/html": f'<figure class="lesson-lab">{image}{caption}</figure>'}
    output.metadata = {}
    return output


def _repeats(data: dict[str, Any], said: str) -> bool:
    """Whether an output only says the image's alternative text once more, for Jupyter."""
    words = html.escape(said)
    return bool(said) and f">{words}</span>" in "".join(data.get("text/html", ""))


def _image(file: str, content: bytes, details: dict[str, Any], images: dict[str, bytes]) -> str:
    """The tag of an image, which is put among the page's; with its first frame if it moves."""
    images[file] = content
    given = {"alt": "", **{key: details[key] for key in DETAILS if key in details}}
    attributes = " ".join(f'{key}="{html.escape(str(given[key]))}"' for key in given)
    tag = f'<img class="lesson-picture" src="../pictures/{file}" {attributes} loading="lazy">'
    still = first_frame(content)
    if still is None:
        return tag
    name = f"{file.rpartition('.')[0]}-still.webp"
    images[name] = still
    source = f'<source media="{STILL}" srcset="../pictures/{name}">'
    return f'<picture class="lesson-motion">{source}{tag}</picture>'


def _suffix(content: bytes) -> str:
    fitting = (suffix for begin, suffix in BEGINNINGS.items() if content.startswith(begin))
    return next(fitting, "jpg")


def write_lesson(
    path: Path,
    source: Path,
    extra: Path,
    *,
    animations: Sequence[PageAnimation] = (),
    labs: Mapping[str, str] | None = None,
    quiz: Sequence[QuizQuestion] = (),
    language: str = "en",
    binder: str = "",
) -> None:
    """Write a notebook's page source, its images, and the notebook itself to download.

    Args:
        path: the executed notebook.
        source: Sphinx's source folder; the page's source goes to its folder ``notebooks``.
        extra: the folder whose files are copied into the site as they are.
        animations: those of this lesson's labs.
        labs: as in `lesson_page`.
        quiz: the questions of its self-test.
        language: of the words around these, "en" or "zh".
        binder: where Binder runs it.

    Raises:
        BuildError: an animation does not know where to stand.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    page, images = lesson_page(notebook, path.stem, animations=animations, labs=labs)
    if binder:
        page.cells[0].source += " " + BINDER.format(binder)
    if quiz:
        with_self_test(page, quiz, int(path.stem[:2]), language)
    nbformat.write(page, source / "notebooks" / path.name)
    for name, content in images.items():
        (extra / "pictures" / name).write_bytes(content)
    (extra / "notebooks" / path.name).write_bytes(path.read_bytes())
