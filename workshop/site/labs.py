"""The labs as they live in pages: what each takes from the notebook's lab, written once.

A page's lab has the names, ranges and defaults of the notebook's, because both come from the same
controls; and what it shows first is what the notebook's lab has drawn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib import collection, images, widgets
from course_lib.export.packing import write_lab_files
from course_lib.export.web_page import (
    STYLIZE_NETWORKS,
    stylize_lab,
    web_networks,
    web_runtime,
)
from course_lib.plots import as_image
from workshop.site.lab_data import bench_data, compare_data, pixel_data
from workshop.site.network_data import (
    ablation_data,
    bottleneck_data,
    channels_by_tap,
    feature_browser_data,
    gram_explorer_data,
    painting_live_data,
    painting_live_first,
    style_lab_data,
    style_lab_first,
)

# The lab of the first page, which no notebook has.
STYLIZE = "stylize"
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
        widths: of the panels of that in pixels; by default those of the images.
        columns: "thumbnails" for a large panel with the others small below it.
        data: function (lab) -> what ``lab.data()`` gives the page's lab, or None.
        more: function (lab) -> what its description has beside the controls, at once and not when
            the lab is loaded.
        without: name of a control -> what it does not offer in a page. Where one choice is left,
            there is no control.
    """

    networks: tuple[str, ...] = ()
    first: Callable[[Any], widgets.Sheet] = lambda lab: lab.draw(lab.settings)
    widths: tuple[int, ...] = ()
    columns: str | None = None
    data: Callable[[Any], Any] | None = None
    more: Callable[[Any], dict[str, Any]] = lambda lab: {}
    without: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


LABS: dict[str, PageLab] = {
    "style_lab": PageLab(
        networks=("look", "draw"),
        first=style_lab_first,
        widths=(448, 72, 72),
        columns="thumbnails",
        data=style_lab_data,
    ),
    "feature_browser": PageLab(
        networks=("encode",),
        data=feature_browser_data,
        more=channels_by_tap,
    ),
    "gram_explorer": PageLab(
        networks=("encode", "describe", "step"),
        data=gram_explorer_data,
        more=channels_by_tap,
    ),
    "bottleneck_lab": PageLab(networks=("encode", "decode"), data=bottleneck_data),
    "ablation_lab": PageLab(networks=("untrained", "decode"), data=ablation_data),
    "painting_live": PageLab(
        networks=("describe", "step"),
        first=painting_live_first,
        widths=(256, 300),
        data=painting_live_data,
    ),
    "convolution_bench": PageLab(data=bench_data),
    "pixel_lab": PageLab(
        data=pixel_data,
        without={"method": ("patches",), "tap": ("relu1_1", "relu2_1", "relu3_1")},
    ),
    "compare_lab": PageLab(data=compare_data),
}
"""The labs that live in pages, by their names in `course_lib.widgets`. Each has its program in
``docs/web/labs/NAME.js``."""


def labs_without_networks() -> list[str]:
    """The names of the labs that need nothing but what every page has."""
    return [name for name, lab in LABS.items() if not lab.networks]


def headings(names: Iterable[str]) -> dict[str, str]:
    """Heading -> name of these labs: in a notebook a lab is told by its heading."""
    return {getattr(widgets, name).heading: name for name in names}


def described_controls(lab: Any, without: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """The controls of a notebook's lab, for a page.

    Args:
        lab: the lab.
        without: as in `PageLab`.
    """
    told = {
        name: described_control(one, without.get(name, ())) for name, one in lab.controls.items()
    }
    return {name: one for name, one in told.items() if len(one.get("options", ())) != 1}


def described_control(control: Any, without: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A control of a notebook's lab, for a page.

    Args:
        control: a widget of one of the `KINDS`.
        without: values that it does not offer in a page.
    """
    told = {
        "kind": KINDS[type(control).__name__],
        "label": control.description or getattr(control, "tooltip", ""),
        "value": control.value,
    }
    if hasattr(control, "options"):
        pairs = [one if isinstance(one, tuple) else (one, one) for one in control.options]
        return told | {"options": [[str(words), it] for words, it in pairs if it not in without]}
    return told | {
        name: getattr(control, name) for name in ("min", "max", "step") if hasattr(control, name)
    }


def described(name: str, lab: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A lab for a page: its controls, and the answer that is stored with the page.

    Args:
        name: of the lab.
        lab: the notebook's lab, with its defaults.

    Returns:
        The description, and the images of the answer: name of the file -> its bytes.
    """
    sheet, widths = LABS[name].first(lab), LABS[name].widths
    columns = LABS[name].columns or sheet.columns or len(sheet.panels)
    panels, files = [], {}
    for number, (title, shown) in enumerate(sheet.panels.items()):
        image = as_image(shown, name=title)
        content, suffix = images.to_bytes(image, format="png"), "png"
        if len(content) > SMALL_PNG:
            content, suffix = images.to_bytes(image, quality=IMAGE_QUALITY), "jpg"
        file = f"{name}-{number}.{suffix}"
        files[file] = content
        width = widths[number] if widths else image.shape[1]
        panels.append({"title": title, "file": f"first/{file}", "width": width})
    description = LABS[name].more(lab) | {
        "name": name,
        "heading": lab.heading,
        "controls": described_controls(lab, LABS[name].without),
        "first": {"panels": panels, "words": sheet.words, "columns": columns},
    }
    return description, files


def write_labs(folder: Path, names: Iterable[str], *, with_networks: bool = False) -> list[Any]:
    """Write what the labs of a site need: programs, descriptions, first answers, images, data.

    Args:
        folder: the folder to make; pages find it as ``labs``.
        names: the labs, as in `LABS`.
        with_networks: also the networks that these labs run. Then there is one more lab:
            "stylize", that of the first page.

    Returns:
        What the pages are told of the labs: descriptions and data.

    Raises:
        BuildError: what the networks are made with is missing.
    """
    data = {f"image-{name}": collection_image(name) for name in all_images()}
    labs: dict[str, Any] = {}
    first: dict[str, bytes] = {}
    names, told = list(names), []
    for name in names:
        if name == STYLIZE:
            continue
        lab = getattr(widgets, name)()
        labs[name], files = described(name, lab)
        first |= files
        data_of = LABS[name].data
        if data_of:
            told.append(data_of(lab))
            data[f"lab-{name}"] = json.dumps(told[-1]).encode()
    if with_networks:
        from course_lib.transfer import FeatureTransfer

        transfer = FeatureTransfer()
        wanted = {part for name in names if name in LABS for part in LABS[name].networks}
        if STYLIZE in names:
            labs[STYLIZE], loaded, files = stylize_lab(transfer)
            first |= files
            data |= loaded
            wanted |= {*STYLIZE_NETWORKS}
        data |= web_runtime() | web_networks(tuple(sorted(wanted)), transfer)
    write_lab_files(folder, labs, data, first)
    return [*labs.values(), *told]


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
