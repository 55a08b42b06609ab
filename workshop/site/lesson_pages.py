"""From an executed notebook to a page of the web course."""

from __future__ import annotations

import base64
import copy
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workshop.lessons.sources import SETUP_TAG
from workshop.site.animations import Animation, check_places, first_frame, size_of

WIDGET = "application/vnd.jupyter.widget-view+json"
# What pictures begin with, and the suffix their files get.
BEGINNINGS = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"GIF8": "gif", b"RIFF": "webp"}
DETAILS = ("alt", "width", "height")
# Who gets the first frame of what moves: paper, and those who asked their system for less motion.
STILL = "print, (prefers-reduced-motion: reduce)"
DOWNLOAD = '<a href="{}.ipynb" download>Download this lesson as a notebook</a>'


def lesson_page(
    notebook: Any, name: str, animations: Sequence[Animation] = ()
) -> tuple[Any, dict[str, bytes]]:
    """A notebook as the web course shows it.

    A page has no kernel. So a lab is left out, and the still pictures beside it stay; where there
    is an animation of it, that stands in its place. Pictures become files of their own, with their
    alternative text, size and nothing said twice.

    Args:
        notebook: an executed `nbformat.NotebookNode`; it is not changed.
        name: of the notebook's file, without its suffix.
        animations: those of this lesson's labs.

    Returns:
        The notebook to build the page from, and its pictures: name of the file -> its bytes.

    Raises:
        BuildError: an animation does not know where to stand.
    """
    check_places(animations, notebook, name)
    page = copy.deepcopy(notebook)
    pictures: dict[str, bytes] = {}
    for number, cell in enumerate(page.cells):
        if cell.cell_type != "code":
            continue
        if SETUP_TAG in cell.metadata.get("tags", []):
            cell.metadata.tags = [*cell.metadata.tags, "hide-input"]
        beside = [animation for animation in animations if animation.beside in cell.source]
        cell.outputs = _outputs(cell.outputs, f"{name[:2]}-{number}", pictures, beside)
    if page.cells and page.cells[0].cell_type == "markdown":
        page.cells[0].source += "\n\n" + DOWNLOAD.format(name)
    return page, pictures


def _outputs(
    outputs: list[Any], prefix: str, pictures: dict[str, bytes], animations: Sequence[Animation]
) -> list[Any]:
    shown: list[Any] = []
    said = ""
    for output in outputs:
        data = output.get("data", {})
        if WIDGET in data:
            shown += [_in_motion(output, animation, pictures) for animation in animations]
            continue
        kind = next((kind for kind in data if kind.startswith("image/")), None)
        if kind is not None:
            details = output.get("metadata", {}).get(kind, {})
            content = base64.b64decode("".join(data[kind]))
            file = f"{prefix}-{len(shown)}.{_suffix(content)}"
            said = details.get("alt", "")
            output.data = {"text/html": _picture(file, content, details, pictures)}
        elif _repeats(data, said):
            continue
        shown.append(output)
    return shown


def _in_motion(lab: Any, animation: Animation, pictures: dict[str, bytes]) -> Any:
    """The animation as an output, in place of the lab's own."""
    width, height = size_of(animation.content)
    details = {"alt": animation.alt, "width": width, "height": height}
    picture = _picture(f"{animation.name}.webp", animation.content, details, pictures)
    caption = f"<figcaption>{html.escape(animation.caption)}</figcaption>"
    output = copy.deepcopy(lab)
    output.data = {"text/html": f'<figure class="lesson-lab">{picture}{caption}</figure>'}
    output.metadata = {}
    return output


def _repeats(data: dict[str, Any], said: str) -> bool:
    """Whether an output only says the picture's alternative text once more, for Jupyter."""
    words = html.escape(said)
    return bool(said) and f">{words}</span>" in "".join(data.get("text/html", ""))


def _picture(file: str, content: bytes, details: dict[str, Any], pictures: dict[str, bytes]) -> str:
    """The tag of a picture, which is put among the page's; with its first frame if it moves."""
    pictures[file] = content
    given = {"alt": "", **{key: details[key] for key in DETAILS if key in details}}
    attributes = " ".join(f'{key}="{html.escape(str(given[key]))}"' for key in given)
    tag = f'<img class="lesson-picture" src="../pictures/{file}" {attributes} loading="lazy">'
    still = first_frame(content)
    if still is None:
        return tag
    name = f"{file.rpartition('.')[0]}-still.webp"
    pictures[name] = still
    source = f'<source media="{STILL}" srcset="../pictures/{name}">'
    return f'<picture class="lesson-motion">{source}{tag}</picture>'


def _suffix(content: bytes) -> str:
    fitting = (suffix for begin, suffix in BEGINNINGS.items() if content.startswith(begin))
    return next(fitting, "jpg")


def write_lesson(
    path: Path, source: Path, extra: Path, animations: Sequence[Animation] = ()
) -> None:
    """Write a notebook's page source, its pictures, and the notebook itself to download.

    Args:
        path: the executed notebook.
        source: Sphinx's source folder; the page's source goes to its folder ``notebooks``.
        extra: the folder whose files are copied into the site as they are.
        animations: those of this lesson's labs.

    Raises:
        BuildError: an animation does not know where to stand.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    page, pictures = lesson_page(notebook, path.stem, animations)
    nbformat.write(page, source / "notebooks" / path.name)
    for name, content in pictures.items():
        (extra / "pictures" / name).write_bytes(content)
    (extra / "notebooks" / path.name).write_bytes(path.read_bytes())
