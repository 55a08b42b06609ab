"""Files for pages that are opened without a server: data as text in classic scripts."""

import base64
import gzip
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

LAB_SOURCES = Path(__file__).resolve().parents[2] / "docs" / "web" / "labs"
# Letters in one script, whole groups of four, each of which is three bytes. After each, a page can
# show how much has come.
PIECE = 600_000


def pack(name: str, data: bytes, folder: Path) -> int:
    """Write data so that a page can load it however it was opened.

    A page that was opened as a file may not fetch one, but it may load scripts. So the data is
    compressed, written as text, and cut into scripts that hand it to ``course.deliver``, which
    `docs/web/labs/base.js` defines.

    Args:
        name: what the page calls it.
        data: its bytes.
        folder: where the scripts ``NAME-0.js``, ``NAME-1.js`` and so on are written.

    Returns:
        The number of scripts.
    """
    # The same bytes give the same scripts: no time is written into them.
    text = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")
    pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
    for number, piece in enumerate(pieces):
        script = f'course.deliver("{name}",{number},"{piece}");\n'
        (folder / f"{name}-{number}.js").write_text(script, encoding="ascii")
    return len(pieces)


def floats(values: Any) -> dict[str, Any]:
    """Numbers for a page, exactly: what `course.floats` of `docs/web/labs/base.js` reads.

    Args:
        values: array or tensor.
    """
    array = np.asarray(values, "<f4")
    return {"floats": base64.b64encode(array.tobytes()).decode("ascii"), "shape": array.shape}


def write_lab_files(
    folder: Path, labs: Mapping[str, Any], data: Mapping[str, bytes], first: Mapping[str, bytes]
) -> None:
    """Write the folder ``labs`` of some pages: programs, descriptions, first answers, data.

    Args:
        folder: the folder to make.
        labs: name -> the lab's description, as `docs/web/labs/base.js` wants it.
        data: name -> bytes that the labs load when they need them.
        first: name of a file -> its bytes: the images of the labs' first answers.
    """
    shutil.copytree(LAB_SOURCES, folder)
    for inner in ("data", "first"):
        (folder / inner).mkdir()
    for name, content in first.items():
        (folder / "first" / name).write_bytes(content)
    counts = {name: pack(name, content, folder / "data") for name, content in data.items()}
    index = json.dumps({"labs": labs, "data": counts}, ensure_ascii=False)
    (folder / "index.js").write_text(f"course.index({index});\n", encoding="utf-8")
