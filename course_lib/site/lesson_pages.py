"""From an executed notebook to a page of the web course."""

from __future__ import annotations

import base64
import copy
import html
from pathlib import Path
from typing import Any

from course_lib.lessons.sources import SETUP_TAG

WIDGET = "application/vnd.jupyter.widget-view+json"
# What pictures begin with, and the suffix their files get.
BEGINNINGS = {b"\x89PNG": "png", b"\xff\xd8": "jpg", b"GIF8": "gif", b"RIFF": "webp"}
DETAILS = ("alt", "width", "height")
DOWNLOAD = '<a href="{}.ipynb" download>Download this lesson as a notebook</a>'


def lesson_page(notebook: Any, name: str) -> tuple[Any, dict[str, bytes]]:
    """A notebook as the web course shows it.

    A page has no kernel. So a lab is left out, and the still pictures beside it stay. Pictures
    become files of their own, with their alternative text, size and nothing said twice.

    Args:
        notebook: an executed `nbformat.NotebookNode`; it is not changed.
        name: of the notebook's file, without its suffix.

    Returns:
        The notebook to build the page from, and its pictures: name of the file -> its bytes.
    """
    page = copy.deepcopy(notebook)
    pictures: dict[str, bytes] = {}
    for number, cell in enumerate(page.cells):
        if cell.cell_type != "code":
            continue
        if SETUP_TAG in cell.metadata.get("tags", []):
            cell.metadata.tags = [*cell.metadata.tags, "hide-input"]
        cell.outputs = _outputs(cell.outputs, f"{name[:2]}-{number}", pictures)
    if page.cells and page.cells[0].cell_type == "markdown":
        page.cells[0].source += "\n\n" + DOWNLOAD.format(name)
    return page, pictures


def _outputs(outputs: list[Any], prefix: str, pictures: dict[str, bytes]) -> list[Any]:
    shown: list[Any] = []
    said = ""
    for output in outputs:
        data = output.get("data", {})
        if WIDGET in data:
            continue
        kind = next((kind for kind in data if kind.startswith("image/")), None)
        if kind is not None:
            details = output.get("metadata", {}).get(kind, {})
            content = base64.b64decode("".join(data[kind]))
            file = f"{prefix}-{len(shown)}.{_suffix(content)}"
            pictures[file] = content
            said = details.get("alt", "")
            output.data = {"text/html": _picture(file, details)}
        elif _repeats(data, said):
            continue
        shown.append(output)
    return shown


def _repeats(data: dict[str, Any], said: str) -> bool:
    """Whether an output only says the picture's alternative text once more, for Jupyter."""
    words = html.escape(said)
    return bool(said) and f">{words}</span>" in "".join(data.get("text/html", ""))


def _picture(file: str, details: dict[str, Any]) -> str:
    given = {"alt": "", **{key: details[key] for key in DETAILS if key in details}}
    attributes = " ".join(f'{key}="{html.escape(str(given[key]))}"' for key in given)
    return f'<img class="lesson-picture" src="../pictures/{file}" {attributes} loading="lazy">'


def _suffix(content: bytes) -> str:
    fitting = (suffix for begin, suffix in BEGINNINGS.items() if content.startswith(begin))
    return next(fitting, "jpg")


def write_lesson(path: Path, source: Path, extra: Path) -> None:
    """Write a notebook's page source, its pictures, and the notebook itself to download.

    Args:
        path: the executed notebook.
        source: Sphinx's source folder; the page's source goes to its folder ``notebooks``.
        extra: the folder whose files are copied into the site as they are.
    """
    import nbformat

    page, pictures = lesson_page(nbformat.read(path, as_version=4), path.stem)
    nbformat.write(page, source / "notebooks" / path.name)
    for name, content in pictures.items():
        (extra / "pictures" / name).write_bytes(content)
    (extra / "notebooks" / path.name).write_bytes(path.read_bytes())
