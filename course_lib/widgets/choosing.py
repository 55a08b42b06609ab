"""Images to choose from in a lab, and how they are made to fit."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from course_lib import collection, images
from course_lib.widgets.controls import choice

UPLOADED = "yours: "


class ImageChoice:
    """A list of the collection's images, with room for those that the reader hands in.

    Args:
        label: words before the list.
        kind: "photographs" or "styles".
        value: the name chosen at first; "" for none.
        size: length of the longer side, or (height, width): then the middle is cut out to fit.
        none: words for the choice of no image at all; "" leaves it out.
    """

    def __init__(
        self, label: str, kind: str, value: str, size: int | tuple[int, int], *, none: str = ""
    ):
        self.kind, self.size = kind, size
        self.own: dict[str, np.ndarray] = {}
        # A slider asks for the same images with each event.
        self.of_collection = lru_cache(maxsize=4)(self._of_collection)
        options = [(words_for(name), name) for name in collection.names()[kind]]
        self.control = choice(label, [*([(none, "")] if none else []), *options], value)

    def __call__(self, name: str) -> np.ndarray:
        """The image of that name, (height, width, 3)."""
        return self.own[name] if name in self.own else self.of_collection(name)

    def _of_collection(self, name: str) -> np.ndarray:
        load = collection.photograph if self.kind == "photographs" else collection.style_image
        return fitted(load(name), self.size)

    def add(self, name: str, image: np.ndarray) -> None:
        """Offer an image of the reader's, and choose it."""
        key = UPLOADED + name
        # A second file of the same name is another image, and must be seen as a change.
        while key in self.own:
            key += "'"
        self.own[key] = image
        self.control.options = [*self.control.options, (key, key)]
        self.control.value = key


def fitted(image: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """The image with that longer side; or its middle, cut out and brought to (height, width)."""
    if isinstance(size, int):
        return images.resize(image, size)
    height, width = image.shape[:2]
    scale = min(height / size[0], width / size[1])
    rows, columns = (max(1, round(side * scale)) for side in size)
    top, left = (height - rows) // 2, (width - columns) // 2
    return images.resize(image[top : top + rows, left : left + columns], size)


def enlarged(values: np.ndarray, side: int) -> np.ndarray:
    """A map (height, width, ...) with that longer side, each value a rectangle of one color."""
    height, width = values.shape[:2]
    scale = side / max(height, width)
    rows = np.arange(max(1, round(height * scale))) * height // max(1, round(height * scale))
    columns = np.arange(max(1, round(width * scale))) * width // max(1, round(width * scale))
    return values[rows][:, columns]


def colored(values: np.ndarray, *, colors: str = "cividis") -> np.ndarray:
    """Values in [0, 1] as the colors of one of Matplotlib's maps, (height, width, 3)."""
    from matplotlib import colormaps

    return colormaps[colors](values)[..., :3].astype("float32")


def words_for(name: str) -> str:
    """A name of the collection as words: "palette knife"."""
    return name.replace("_", " ")
