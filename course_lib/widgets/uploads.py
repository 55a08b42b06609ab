"""Image files that the reader hands in."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np

from course_lib import images
from course_lib.messages import translate

SMALLEST_UPLOAD = 16


def upload(label: str) -> Any:
    """A button that asks the reader for an image file."""
    layout = widgets.Layout(width="auto", min_width="150px")
    return widgets.FileUpload(
        accept="image/*", multiple=False, description=translate(label), layout=layout
    )


def uploaded_files(value: Any) -> list[tuple[str, bytes]]:
    """What is in a `FileUpload`.

    Args:
        value: its value: a dictionary in ipywidgets 7, a tuple in 8.

    Returns:
        A list of (name, bytes).
    """
    entries = value.values() if isinstance(value, Mapping) else value
    return [(entry.get("metadata", entry)["name"], bytes(entry["content"])) for entry in entries]


def read_upload(value: Any, *, size: int | None = None) -> tuple[str, np.ndarray]:
    """The image that the reader has handed in last.

    Args:
        value: the value of a `FileUpload`.
        size: length of the longer side to bring it to.

    Returns:
        Its name and the image (height, width, 3).

    Raises:
        ImageError: the file holds no image that can be read, or one that is too small.
    """
    name, data = uploaded_files(value)[-1]
    file = io.BytesIO(data)
    # A file's name is what the errors of `images` call it.
    file.name = name
    return name, images.load_image(file, size=size, min_side=SMALLEST_UPLOAD)
