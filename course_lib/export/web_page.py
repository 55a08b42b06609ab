"""The page that stylizes images in a browser: plain files, opened with or without a server."""

import html
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_lib import collection
from course_lib import images as image_files
from course_lib.errors import BuildError
from course_lib.export.formats import check_backend, needed, to_onnx
from course_lib.export.npm import node_packages
from course_lib.export.packing import LAB_SOURCES, floats, write_lab_files
from course_lib.export.web_parts import web_part
from course_lib.files import check_folder, replacing

if TYPE_CHECKING:
    from course_lib.transfer import FeatureTransfer

WEB_SOURCES = LAB_SOURCES.parent
# Only these of the many files of onnxruntime-web: the variant for a CPU, in WebAssembly.
WEB_RUNTIME = {
    "runtime": "ort.wasm.bundle.min.mjs",
    "runtime-wasm": "ort-wasm-simd-threaded.wasm",
}
# What tells a folder with a page from others.
PAGE = ("index.html", "labs")
WEB_STYLE_SIZE = 512
WEB_THUMBNAIL = 96
# What a visitor can try before looking for a photograph of their own, and the first answer.
WEB_EXAMPLE, WEB_STYLE, WEB_SIZE = "chelsea", "stained_glass", 384
# On the page a pixel of the image is this much larger.
WEB_ENLARGED = 1.5
WEB_SIZES = {256: "256 pixels, fastest", 384: "384 pixels", 512: "512 pixels", 768: "768 pixels"}
STYLIZE_NETWORKS = ("look", "draw")
"""What the lab `stylize` runs, by the names of `web_part`."""


def build_web_page(
    folder: str | os.PathLike,
    *,
    overwrite: bool = False,
    transfer: "FeatureTransfer | None" = None,
    home: str | None = None,
) -> Path:
    """Build the page that stylizes a visitor's image in their own browser.

    It is made of plain files and asks no other host for anything. It works from a file server and
    opened as a file. Needs a checkout of the course, the extra ``export``, and npm, which fetches
    the runtime once.

    Args:
        folder: the folder to make, index.html in it.
        overwrite: replace a page that is there.
        transfer: a `FeatureTransfer` whose networks the page gets; the course's own by default.
        home: address of the page that this one leads back to, such as "../index.html".

    Returns:
        The folder.

    Raises:
        BuildError: the page's sources, npm or a converter are missing, or npm could not fetch the
            runtime; each with what to do.
        FileError: the folder is there already, or holds something else.
    """
    if not (WEB_SOURCES / "index.html").is_file():
        raise BuildError(f"there is no page in {WEB_SOURCES}. Use a checkout of the course.")
    folder = check_folder(folder, PAGE, overwrite=overwrite)
    check_web_tools()
    from course_lib.transfer import FeatureTransfer

    transfer = transfer or FeatureTransfer()
    description, data, first = stylize_lab(transfer)
    data |= web_runtime() | web_networks(STYLIZE_NETWORKS, transfer)
    with replacing(folder) as page:
        page.mkdir(parents=True)
        for name in ("index.html", "page.css"):
            shutil.copyfile(WEB_SOURCES / name, page / name)
        write_lab_files(page / "labs", {"stylize": description}, data, first)
        _complete(page / "index.html", home)
    return folder


def _complete(index: Path, home: str | None) -> None:
    """Say in the page whose the example is, and put a link to that address where it has room."""
    text = index.read_text(encoding="utf-8")
    example = _credits(WEB_EXAMPLE)
    author = f"{example['title']}, by {example['author']}, {example['license']}"
    text = text.replace("<!-- example -->", html.escape(author))
    if home:
        link = f'<p><a href="{html.escape(home)}">Back to the course</a></p>'
        text = text.replace("<!-- home -->", link)
    index.write_text(text, encoding="utf-8")


def check_web_tools() -> None:
    """Make sure that networks can be made for pages, before anything slow is begun.

    Raises:
        BuildError: a converter or npm is missing, npm could not fetch the program that runs
            networks, or Keras computes with another backend than TensorFlow; with what to do.
    """
    check_backend()
    needed("tf2onnx")
    node_packages(WEB_SOURCES)


def web_runtime() -> dict[str, bytes]:
    """The program that runs networks in a page, by the names under which the page loads it.

    Raises:
        BuildError: npm is missing, or could not fetch it.
    """
    dist = node_packages(WEB_SOURCES) / "onnxruntime-web" / "dist"
    files = {name: (dist / file).read_bytes() for name, file in WEB_RUNTIME.items()}
    return files | {"worker": (LAB_SOURCES / "worker.js").read_bytes()}


def web_networks(names: tuple[str, ...], transfer: "FeatureTransfer") -> dict[str, bytes]:
    """Networks for a page, by the names under which the page loads them.

    Args:
        names: of `WEB_PARTS`.
        transfer: a `FeatureTransfer` of method "adain".

    Raises:
        BuildError: a converter is missing.
    """
    return {f"network-{name}": to_onnx(web_part(name, transfer)) for name in names}


def stored_style(code: Any, taps: tuple[str, ...]) -> dict[str, Any]:
    """A style's statistics for a page: of the image, and of its smaller copies.

    Args:
        code: a `StyleCode`.
        taps: the taps in their order.
    """
    rows = {
        side: floats([number for tap in taps for part in one.measured[tap] for number in part.flat])
        for side, one in ({code.side: code} | code.smaller).items()
    }
    return {"side": code.side, "rows": rows}


def stylize_lab(
    transfer: "FeatureTransfer",
) -> tuple[dict[str, Any], dict[str, bytes], dict[str, bytes]]:
    """The lab that paints a visitor's photograph at once: `docs/web/labs/stylize.js`.

    Args:
        transfer: a `FeatureTransfer` of method "adain".

    Returns:
        Its description, what it loads, and the images of its first answer, as `write_lab_files`
        takes them. The networks and the program that runs them are not among these.
    """
    from course_lib.transfer.strokes import STROKES

    names = collection.names()["styles"]
    images = {name: collection.style_image(name, size=WEB_STYLE_SIZE) for name in names}
    codes = {name: transfer.style_code(image) for name, image in images.items()}
    photograph = image_files.to_bytes(collection.photograph(WEB_EXAMPLE), quality=92)
    content = collection.photograph(WEB_EXAMPLE, size=WEB_SIZE)
    painted = transfer(content, codes[WEB_STYLE])
    stored = {
        "example": _credits(WEB_EXAMPLE),
        "styles": {name: stored_style(code, transfer.taps) for name, code in codes.items()},
    }
    first = {f"stylize-{name}.jpg": _tile(name) for name in names}
    first["stylize.jpg"] = image_files.to_bytes(painted, quality=92)
    data = {"lab-stylize": json.dumps(stored).encode(), "image-example": photograph}
    titles = {name: _credits(name)["name"] for name in names}
    controls = {
        "style": _choice("style", titles, WEB_STYLE),
        "strength": {"kind": "slider", "label": "strength", "value": 1.0}
        | {"min": 0.0, "max": 1.0, "step": 0.05},
        "stroke": _choice("strokes", {name: name for name in STROKES}, "medium"),
        "size": _choice("longer side", WEB_SIZES, WEB_SIZE),
    }
    caption = f"{_credits(WEB_EXAMPLE)['name']} in the style {titles[WEB_STYLE]}"
    panel = {"title": caption, "file": "first/stylize.jpg"}
    panel |= {"width": WEB_ENLARGED * painted.shape[1]}
    words = "Drop a photograph here, or choose a style."
    heading = "Paint a photograph of yours"
    shown = {"panels": [panel], "columns": 1, "words": words}
    description = {"name": "stylize", "heading": heading}
    return description | {"controls": controls, "first": shown}, data, first


def _choice(label: str, options: dict[Any, str], value: Any) -> dict[str, Any]:
    """A list to choose from, for a page: value -> words."""
    pairs = [[words, one] for one, words in options.items()]
    return {"kind": "choice", "label": label, "value": value, "options": pairs}


def _tile(name: str) -> bytes:
    """A small image of a style, to choose it by."""
    return image_files.to_bytes(collection.thumbnail(name, size=WEB_THUMBNAIL))


def _credits(name: str) -> dict[str, str]:
    """An image's name as it is read, and whose it is."""
    info = collection.info(name)
    told = {key: info[key] for key in ("title", "author", "license")}
    return {"name": name.replace("_", " "), **told}
