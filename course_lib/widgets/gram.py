"""The Gram explorer: what does one entry of the matrix say, and what does the whole of it know?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from course_lib.plots import stretched
from course_lib.widgets.background import Background
from course_lib.widgets.choosing import ImageChoice, colored, enlarged
from course_lib.widgets.controls import button, row, step_slider, whole_slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 192
TEXTURE_SIZE = 128
TEXTURE_STEPS = 120
FRAME = np.array((0.9, 0.35, 0.0), "float32")


class GramExplorer(Lab):
    """Choose an entry (i, j) of the Gram matrix: see both maps, and the product whose mean it is.

    The button makes a texture from noise that has the Gram matrices of all taps down to the chosen
    one, and asks for nothing else. It is made beside the kernel's work, and can be stopped.

    Args:
        extractor: a `FeatureExtractor`, or what it takes; "course" by default.
        size: height and width of the image.
        steps: optimization steps for the texture.
    """

    heading = "Gram explorer"
    still_words = (
        "Above: a style image, and two feature maps that are bright at the same places. Below: "
        "the Gram matrix with a frame around their entry; their product, which is bright there "
        "too; and the product of the first map and one that is bright elsewhere, which is dark."
    )

    def __init__(self, extractor: Any = "course", *, size: int = SIZE, steps: int = TEXTURE_STEPS):
        from course_lib.features import FeatureExtractor

        self.extractor = FeatureExtractor(extractor)
        self.steps = steps
        self.maps = lru_cache(maxsize=8)(self._maps)
        self.source = ImageChoice("style", "styles", "mosaic", (size, size))
        self.texture: dict[str, Any] = {"no texture made yet": np.full((size, size, 3), 0.93)}
        self.background = Background(self.show_running, self.report)
        taps = self.extractor.taps
        grams = self.maps(self.source.control.value)[1]
        channels = len(grams[taps[1]])
        i, j = closest_pair(grams[taps[1]])
        controls = {
            "style": self.source.control,
            "tap": step_slider("tap", taps, taps[1]),
            "i": whole_slider("channel i", i, 0, channels - 1),
            "j": whole_slider("channel j", j, 0, channels - 1),
        }
        controls["tap"].observe(self.fit_channels, "value")
        self.make = button("Make a texture", "Optimize noise until it has these Gram matrices")
        self.stop = button("Stop", "Stop the optimization; the texture stays as it is")
        self.stop.disabled = True
        self.make.on_click(self.start)
        self.stop.on_click(lambda clicked: self.background.stop())
        super().__init__(controls, panel=[*controls.values(), row(self.make, self.stop)])

    def fit_channels(self, change: Any) -> None:
        """Each tap has a number of channels of its own."""
        channels = self.maps(self.source.control.value)[0][change["new"]].shape[-1]
        for name in ("i", "j"):
            self.controls[name].max = channels - 1

    def _maps(self, name: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """A style image's features and Gram matrices, by tap."""
        from keras import ops

        from course_lib.losses import gram_matrix

        features = self.extractor(self.source(name)[None])
        grams = {tap: gram_matrix(maps) for tap, maps in features.items()}
        maps, matrices = (
            {tap: ops.convert_to_numpy(one)[0] for tap, one in found.items()}
            for found in (features, grams)
        )
        return maps, matrices

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The image, both maps, their product, the matrix, and a texture if there is one."""
        name, tap, i, j = (settings[key] for key in ("style", "tap", "i", "j"))
        features, grams = self.maps(name)
        matrix = grams[tap]
        panels = {"style image": self.source(name), **self.panels_of(features[tap], i, j)}
        panels |= {f"Gram matrix of {tap}": framed_entry(matrix, i, j, SIZE)}
        height, width, _ = features[tap].shape
        words = (
            f"G[{i}, {j}] = {matrix[i, j]:.4g} is the mean of the product over {height} x {width} "
            f"places. The matrix has {len(matrix)} x {len(matrix)} entries; the largest is "
            f"{matrix.max():.4g}."
        )
        return Sheet(panels | self.texture, words, columns=3, width=3 * SIZE + 24)

    def panels_of(self, maps: np.ndarray, i: int, j: int) -> dict[str, Any]:
        """Two channels of a feature map and their product, by title."""
        product = maps[..., i] * maps[..., j]
        shown = {
            f"channel {i}": maps[..., i],
            f"channel {j}" if i != j else f"channel {j} again": maps[..., j],
            f"{i} times {j}: mean {product.mean():.3g}": product,
        }
        return {title: enlarged(stretched(one), SIZE) for title, one in shown.items()}

    def start(self, clicked: Any = None) -> None:
        """Begin to make a texture; one that is being made is stopped."""
        self.background.start(self.optimize(self.settings["style"], self.settings["tap"]))

    def optimize(self, name: str, tap: str) -> Iterator[None]:
        """Make the texture, a few steps at a time."""
        from course_lib import images
        from course_lib.transfer import ImageOptimizer

        taps = self.extractor.taps[: self.extractor.taps.index(tap) + 1]
        image = images.resize(self.source(name), TEXTURE_SIZE)
        optimizer = ImageOptimizer(
            image,
            image,
            steps=self.steps,
            extractor=self.extractor.source,
            content_layers=(),
            style_layers=taps,
            style_kinds="gram",
            content_weight=0.0,
            scales=2,
            start="noise",
        )
        while not optimizer.done:
            optimizer.advance()
            title = f"texture, {optimizer.step} of {self.steps} steps"
            self.texture = {title: enlarged(optimizer.image, SIZE)}
            self.redraw()
            yield

    def show_running(self, running: bool) -> None:
        """Let one press only the button that makes sense."""
        self.make.disabled, self.stop.disabled = running, not running

    def stills(self) -> dict[str, Any]:
        """Two channels that occur together, their product, and a product with a third one."""
        name, tap = self.settings["style"], self.settings["tap"]
        features, grams = self.maps(name)
        likeness = likenesses(grams[tap])
        i, j = closest_pair(grams[tap])
        other = int(np.argmin(np.where(likeness[i] < 0, 1, likeness[i])))
        matrix = {f"Gram matrix of {tap}": framed_entry(grams[tap], i, j, SIZE)}
        *maps, together = self.panels_of(features[tap], i, j).items()
        *_, apart = self.panels_of(features[tap], i, other).items()
        return {"style image": self.source(name), **dict(maps), **matrix, **dict([together, apart])}


def framed_entry(matrix: np.ndarray, i: int, j: int, side: int) -> np.ndarray:
    """The matrix as an image, dark to bright, with lines that lead to one entry."""
    # The few large entries would leave all others black: their square roots lie closer together.
    shown = enlarged(colored(stretched(np.sqrt(np.maximum(matrix, 0)))), side)
    top, left = i * side // len(matrix), j * side // len(matrix)
    size = max(side // len(matrix), 5)
    above, before = max(top - 3, 0), max(left - 3, 0)
    below, after = top + size + 3, left + size + 3
    inner = shown[top : top + size, left : left + size].copy()
    shown[above:below, before:after] = FRAME
    shown[top : top + size, left : left + size] = inner
    return shown


def closest_pair(matrix: np.ndarray) -> tuple[int, int]:
    """The two channels that occur together most, measured by how strong each is."""
    i, j = np.unravel_index(likenesses(matrix).argmax(), matrix.shape)
    return int(i), int(j)


def likenesses(matrix: np.ndarray) -> np.ndarray:
    """A Gram matrix divided by its channels' strengths, in [0, 1]; -1 where it says nothing.

    A channel is like itself, and weak channels are like others by chance: both are left out.
    """
    strength = np.sqrt(np.diag(matrix))
    likeness = matrix / (np.outer(strength, strength) + 1e-12)
    weak = strength < np.median(strength)
    likeness[weak] = likeness[:, weak] = -1
    np.fill_diagonal(likeness, -1)
    return likeness
