"""The page that stylizes images in a browser: plain files, which any file server can hand out."""

import html
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib import collection
from course_lib import images as image_files
from course_lib.errors import BuildError
from course_lib.export.files import check_place, holds, new_folder
from course_lib.export.formats import check_backend, to_onnx
from course_lib.export.npm import node_packages
from course_lib.export.parts import measuring, part

if TYPE_CHECKING:
    from course_lib.transfer import FeatureTransfer

WEB_SOURCES = Path(__file__).resolve().parents[2] / "docs" / "web"
# Only these of the many files of onnxruntime-web: the variant for a CPU, in WebAssembly.
WEB_RUNTIME = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)
WEB_STYLE_SIZE = 512
WEB_THUMBNAIL = 96
# What a visitor can try before looking for a photograph of their own.
WEB_EXAMPLE = ("chelsea", 384)


def build_web_page(
    folder: str | os.PathLike,
    *,
    overwrite: bool = False,
    transfer: "FeatureTransfer | None" = None,
    home: str | None = None,
) -> Path:
    """Build the page that stylizes a visitor's image in their own browser.

    It is made of plain files and asks no other host for anything. Any file server will do, such as
    ``python -m http.server``; opened as a file, without a server, browsers refuse to load it. Needs
    a checkout of the course, the extra ``export``, and npm, which fetches the runtime once.

    Args:
        folder: the folder to make, index.html in it.
        overwrite: replace a page that is there.
        transfer: a `FeatureTransfer` whose networks the page gets; the course's own by default.
        home: address of the page that this one leads back to, such as "../index.html".

    Returns:
        The folder.

    Raises:
        BuildError: the folder is there already, the page's sources, npm or a converter are
            missing, or npm could not fetch the runtime; each with what to do.
    """
    folder = Path(folder)
    if not (WEB_SOURCES / "index.html").is_file():
        raise BuildError(f"there is no page in {WEB_SOURCES}. Use a checkout of the course.")
    if not (folder.is_dir() and not any(folder.iterdir())):
        check_place(folder, overwrite, holds(folder, "index.html", "styles.json", "paint.onnx"))
    check_backend()
    runtime = node_packages(WEB_SOURCES) / "onnxruntime-web" / "dist"
    from course_lib.transfer import FeatureTransfer

    transfer = transfer or FeatureTransfer()
    with new_folder(folder) as page:
        for source in sorted(WEB_SOURCES.iterdir()):
            if source.is_file() and source.name != "package.json":
                shutil.copyfile(source, page / source.name)
        (page / "runtime").mkdir()
        for name in WEB_RUNTIME:
            shutil.copyfile(runtime / name, page / "runtime" / name)
        for name in ("measure", "paint"):
            (page / f"{name}.onnx").write_bytes(to_onnx(part(name, transfer=transfer)))
        _write_web_styles(page, transfer)
        if home:
            _add_way_home(page / "index.html", home)
    return folder


def _add_way_home(index: Path, home: str) -> None:
    """Put a link to that address where the page has room for it."""
    text = index.read_text(encoding="utf-8")
    link = f'<p><a href="{html.escape(home)}">Back to the course</a></p>'
    index.write_text(text.replace("<!-- home -->", link), encoding="utf-8")


def _write_web_styles(page: Path, transfer: "FeatureTransfer") -> None:
    """The statistics of the course's styles, small images of them, and a content to try."""
    measure = measuring(transfer)
    styles = []
    for name in collection.names()["styles"]:
        image = collection.style_image(name, size=WEB_STYLE_SIZE)
        numbers = np.asarray(measure(image[None])["statistics"])[0]
        file = f"style-{name}.jpg"
        (page / file).write_bytes(
            image_files.to_bytes(collection.thumbnail(name, size=WEB_THUMBNAIL))
        )
        # Nine digits are a float32 exactly.
        statistics = [float(f"{number:.9g}") for number in numbers]
        styles.append(_credits(name) | {"file": file, "statistics": statistics})
    name, size = WEB_EXAMPLE
    example = collection.photograph(name, size=size)
    (page / "example.jpg").write_bytes(image_files.to_bytes(example, quality=90))
    told = json.dumps({"example": _credits(name), "styles": styles}, ensure_ascii=False)
    (page / "styles.json").write_text(f"{told}\n", encoding="utf-8")


def _credits(name: str) -> dict[str, str]:
    """An image's name as it is read, and whose it is."""
    info = collection.info(name)
    told = {key: info[key] for key in ("title", "author", "license")}
    return {"name": name.replace("_", " "), **told}
