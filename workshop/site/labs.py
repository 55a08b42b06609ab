"""The labs as they live in pages: what each takes from the notebook's lab, written once.

A page's lab has the names, ranges and defaults of the notebook's, because both come from the same
controls; and what it shows first is what the notebook's lab has drawn.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib import collection, images, widgets
from course_lib.export import WEB_SOURCES
from course_lib.export.packing import pack
from course_lib.plots import as_image

SOURCES = WEB_SOURCES / "labs"
# Longest side of the collection's images in the pages, and how they are stored.
IMAGE_SIDE, IMAGE_QUALITY = 512, 92
# A panel takes less room as PNG up to about this many bytes; a photograph is above it.
SMALL_PNG = 30_000
KINDS = {
    "FloatSlider": "slider",
    "IntSlider": "slider",
    "SelectionSlider": "steps",
    "Dropdown": "choice",
    "Checkbox": "checkbox",
    "BoundedFloatText": "number",
}


@dataclass(frozen=True)
class PageLab:
    """What the pages know of a lab beside its controls.

    Attributes:
        networks: the parts of the networks that it runs, as `export.part` names them. Where these
            cannot be made, the lab is left out of the pages, and its still images stay.
        first: function (lab) -> `widgets.Sheet`, what the page shows first; by default what the
            lab draws.
        data: function (lab) -> what ``lab.data()`` gives the page's lab, or None.
    """

    networks: tuple[str, ...] = ()
    first: Callable[[Any], widgets.Sheet] = lambda lab: lab.draw(lab.settings)
    data: Callable[[Any], Any] | None = None


LABS: dict[str, PageLab] = {}
"""The labs that live in pages, by their names in `course_lib.widgets`. Each has its program in
``docs/web/labs/NAME.js``."""


def labs_without_networks() -> list[str]:
    """The names of the labs that need nothing but what every page has."""
    return [name for name, lab in LABS.items() if not lab.networks]


def headings(names: Iterable[str]) -> dict[str, str]:
    """Heading -> name of these labs: in a notebook a lab is told by its heading."""
    return {getattr(widgets, name).heading: name for name in names}


def described_control(control: Any) -> dict[str, Any]:
    """A control of a notebook's lab, for a page.

    Args:
        control: a widget of one of the `KINDS`.
    """
    told = {
        "kind": KINDS[type(control).__name__],
        "label": control.description or getattr(control, "tooltip", ""),
        "value": control.value,
    }
    if hasattr(control, "options"):
        pairs = [one if isinstance(one, tuple) else (one, one) for one in control.options]
        return told | {"options": [[str(words), value] for words, value in pairs]}
    return told | {
        name: getattr(control, name) for name in ("min", "max", "step") if hasattr(control, name)
    }


def described(name: str, lab: Any, folder: Path) -> dict[str, Any]:
    """A lab for a page: its controls, and the answer that is stored with the page.

    Args:
        name: of the lab.
        lab: the notebook's lab, with its defaults.
        folder: where the images of the answer are written, into its folder ``first``.
    """
    sheet = LABS[name].first(lab)
    columns = sheet.columns or len(sheet.panels)
    panels = []
    for number, (title, shown) in enumerate(sheet.panels.items()):
        image = as_image(shown, name=title)
        content = images.to_bytes(image, format="png")
        suffix = "png"
        if len(content) > SMALL_PNG:
            content, suffix = images.to_bytes(image, quality=IMAGE_QUALITY), "jpg"
        file = f"first/{name}-{number}.{suffix}"
        (folder / file).write_bytes(content)
        panels.append({"title": title, "file": file, "width": image.shape[1]})
    return {
        "name": name,
        "heading": lab.heading,
        "controls": {one: described_control(control) for one, control in lab.controls.items()},
        "first": {"panels": panels, "words": sheet.words, "columns": columns},
    }


def write_labs(folder: Path, names: Iterable[str]) -> None:
    """Write what the labs of a site need: programs, descriptions, first answers, images, data.

    Args:
        folder: the folder to make; pages find it as ``labs``.
        names: the labs, as in `LABS`.
    """
    shutil.copytree(SOURCES, folder)
    (folder / "data").mkdir()
    (folder / "first").mkdir()
    data = {f"image-{name}": collection_image(name) for name in all_images()}
    labs = {}
    for name in names:
        lab = getattr(widgets, name)()
        labs[name] = described(name, lab, folder)
        told = LABS[name].data
        if told:
            data[f"lab-{name}"] = json.dumps(told(lab)).encode()
    counts = {name: pack(name, content, folder / "data") for name, content in data.items()}
    index = json.dumps({"labs": labs, "data": counts}, ensure_ascii=False)
    (folder / "index.js").write_text(f"course.index({index});\n", encoding="utf-8")


def all_images() -> list[str]:
    """The names of all images of the collection."""
    return [name for names in collection.names().values() for name in names]


def collection_image(name: str) -> bytes:
    """An image of the collection as a file for the pages."""
    kind = "photographs" if name in collection.names()["photographs"] else "styles"
    load = collection.photograph if kind == "photographs" else collection.style_image
    image = load(name)
    if max(image.shape[:2]) > IMAGE_SIDE:
        image = images.resize(image, IMAGE_SIDE)
    return images.to_bytes(image, quality=IMAGE_QUALITY)
