"""Pictures to choose from in a lab, and how they are made to fit."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from course_lib import collection, images
from course_lib.widgets.controls import choice

UPLOADED = "yours: "


class PictureChoice:
    """A list of the collection's pictures, with room for those that the reader hands in.

    Args:
        label: words before the list.
        kind: "photographs" or "styles".
        value: the name chosen at first; "" for none.
        size: length of the longer side, or (height, width): then the middle is cut out to fit.
        none: words for the choice of no picture at all; "" leaves it out.
    """

    def __init__(
        self, label: str, kind: str, value: str, size: int | tuple[int, int], none: str = ""
    ):
        self.kind, self.size = kind, size
        self.own: dict[str, np.ndarray] = {}
        # A slider asks for the same pictures with each event.
        self.of_collection = lru_cache(maxsize=4)(self._of_collection)
        options = [(words_for(name), name) for name in collection.names()[kind]]
        self.control = choice(label, [*([(none, "")] if none else []), *options], value)

    def __call__(self, name: str) -> np.ndarray:
        """The picture of that name, (height, width, 3)."""
        return self.own[name] if name in self.own else self.of_collection(name)

    def _of_collection(self, name: str) -> np.ndarray:
        load = collection.photograph if self.kind == "photographs" else collection.style_picture
        return fitted(load(name), self.size)

    def add(self, name: str, picture: np.ndarray) -> None:
        """Offer a picture of the reader's, and choose it."""
        key = UPLOADED + name
        # A second file of the same name is another picture, and must be seen as a change.
        while key in self.own:
            key += "'"
        self.own[key] = picture
        self.control.options = [*self.control.options, (key, key)]
        self.control.value = key


def fitted(picture: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """The picture with that longer side; or its middle, cut out and brought to (height, width)."""
    if isinstance(size, int):
        return images.resize(picture, size)
    height, width = picture.shape[:2]
    scale = min(height / size[0], width / size[1])
    rows, columns = (max(1, round(side * scale)) for side in size)
    top, left = (height - rows) // 2, (width - columns) // 2
    return images.resize(picture[top : top + rows, left : left + columns], size)


def enlarged(values: np.ndarray, side: int) -> np.ndarray:
    """A map (height, width, ...) with that longer side, each value a rectangle of one color."""
    height, width = values.shape[:2]
    scale = side / max(height, width)
    rows = np.arange(max(1, round(height * scale))) * height // max(1, round(height * scale))
    columns = np.arange(max(1, round(width * scale))) * width // max(1, round(width * scale))
    return values[rows][:, columns]


def colored(values: np.ndarray, colors: str = "cividis") -> np.ndarray:
    """Values in [0, 1] as the colors of one of Matplotlib's maps, (height, width, 3)."""
    from matplotlib import colormaps

    return colormaps[colors](values)[..., :3].astype("float32")


def words_for(name: str) -> str:
    """A name of the collection as words: "palette knife"."""
    return name.replace("_", " ")
