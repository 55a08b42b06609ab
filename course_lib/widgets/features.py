"""The feature browser: what does each channel of the encoder look for?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from course_lib import byhand, collection
from course_lib.plots import stretched
from course_lib.widgets.choosing import ImageChoice, colored, enlarged
from course_lib.widgets.controls import slider, step_slider, whole_slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 288
SEARCHED = 128
ROWS = 3
GAP = 6


class FeatureBrowser(Lab):
    """One channel of the encoder: its map over an image, and the patches that excite it most.

    The patches are looked for in all photographs and style images of the course, one in each, and
    cut out as large as the channel's receptive field: all that it can see.

    Args:
        encoder: an `Encoder`; the course's own by default.
        size: height and width of the image.
    """

    heading = "Feature browser"
    still_words = (
        "One channel at each of the four depths. In the upper row its map glows over a photograph "
        "of a cat; in the lower row are nine patches that excite it most, from specks of three by "
        "three pixels at relu1_1 to pieces of things at relu4_1."
    )

    def __init__(self, encoder: Any = None, *, size: int = SIZE):
        if encoder is None:
            from course_lib.autoencoder import Autoencoder

            encoder = Autoencoder.from_course().encoder
        self.encoder = encoder
        self.source = ImageChoice("image", "photographs", "chelsea", (size, size))
        self.maps = lru_cache(maxsize=4)(self._maps)
        self.searched = _searched_images()
        self.strongest = {
            tap: _strongest(maps) for tap, maps in self.features(self.searched).items()
        }
        tap = encoder.taps[1]
        lively = self.lively_channel(self.source.control.value, tap)
        controls = {
            "image": self.source.control,
            "tap": step_slider("tap", encoder.taps, tap),
            "channel": whole_slider("channel", lively, 0, self.channels(tap) - 1),
            "opacity": slider("map over it", 0.6, 0.0, 1.0),
        }
        controls["tap"].observe(self.fit_channel, "value")
        super().__init__(controls)

    def fit_channel(self, change: Any) -> None:
        """Each tap has a number of channels of its own."""
        self.controls["channel"].max = self.channels(change["new"]) - 1

    def channels(self, tap: str) -> int:
        """How many channels a tap has."""
        return int(self.encoder.channels[self.encoder.taps.index(tap)])

    def features(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Tap -> features (batch, height, width, channels)."""
        from keras import ops

        return {tap: ops.convert_to_numpy(maps) for tap, maps in self.encoder(images).items()}

    def _maps(self, name: str) -> dict[str, np.ndarray]:
        return {tap: maps[0] for tap, maps in self.features(self.source(name)[None]).items()}

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The map over the image, and the patches."""
        tap, channel = settings["tap"], settings["channel"]
        values = self.maps(settings["image"])[tap][..., channel]
        side = self.receptive_field(tap)
        height, width = values.shape
        words = (
            f"{tap}, channel {channel} of {self.channels(tap)}: {height} x {width} places, each "
            f"sees {side} x {side} pixels; from {values.min():.2f} to {values.max():.2f} in this "
            f"image, above 0 at {np.mean(values > 0):.0%} of the places."
        )
        panels = {
            f"{tap}, channel {channel}": self.overlay(
                settings["image"], tap, channel, settings["opacity"]
            ),
            f"excited most: {side} × {side} pixels": self.patches(tap, channel),
        }
        return Sheet(panels, words, width=2 * SIZE + 12)

    def overlay(self, name: str, tap: str, channel: int, opacity: float) -> np.ndarray:
        """The image with the map over it, in colors from black to yellow."""
        image = self.source(name)
        glow = colored(stretched(self.maps(name)[tap][..., channel]), colors="inferno")
        return (1 - opacity) * image + opacity * enlarged(glow, len(image))

    def patches(self, tap: str, channel: int) -> np.ndarray:
        """The patches that excite a channel most, in rows, the strongest first."""
        values, places = self.strongest[tap]
        order = np.argsort(-values[:, channel])[: ROWS * ROWS]
        cell = (SIZE - (ROWS - 1) * GAP) // ROWS
        sheet = np.ones((SIZE, SIZE, 3), "float32")
        for number, image in enumerate(order):
            patch = self.cut(self.searched[image], tap, places[image, channel])
            top, left = (part * (cell + GAP) for part in divmod(number, ROWS))
            sheet[top : top + cell, left : left + cell] = enlarged(patch, cell)
        return sheet

    def cut(self, image: np.ndarray, tap: str, place: np.ndarray) -> np.ndarray:
        """What a place of a tap's map sees of an image."""
        side, stride = self.receptive_field(tap), 2 ** self.encoder.taps.index(tap)
        # The middle of what `stride` pixels were pooled into; beyond the border, the image is
        # mirrored, as it is for the encoder.
        padded = np.pad(image, [(side, side), (side, side), (0, 0)], mode="reflect")
        top, left = (int(one * stride + (stride - side) // 2 + side) for one in place)
        return padded[top : top + side, left : left + side]

    def receptive_field(self, tap: str) -> int:
        """Side of the square that a place of this tap's map sees, in pixels."""
        levels = self.encoder.taps.index(tap)
        return byhand.receptive_field([*[(3, 1), (3, 1), (2, 2)] * levels, (3, 1)])

    def stills(self) -> dict[str, Any]:
        """One channel of each tap, over the image and by its patches."""
        name = self.settings["image"]
        side = {tap: self.receptive_field(tap) for tap in self.encoder.taps}
        chosen = {tap: self.lively_channel(name, tap) for tap in self.encoder.taps}
        upper = {
            f"{tap}, channel {channel}": self.overlay(name, tap, channel, 0.6)
            for tap, channel in chosen.items()
        }
        lower = {
            f"sees {side[tap]} × {side[tap]} pixels": self.patches(tap, channel)
            for tap, channel in chosen.items()
        }
        return upper | lower

    def lively_channel(self, name: str, tap: str) -> int:
        """The channel whose map varies most, measured by its mean: one that has found something."""
        maps = self.maps(name)[tap]
        return int(np.argmax(maps.std(axis=(0, 1)) / (maps.mean(axis=(0, 1)) + 0.1)))


def _searched_images() -> np.ndarray:
    """All images of the course as one batch (batch, height, width, 3)."""
    sources = [
        ImageChoice("", kind, names[0], (SEARCHED, SEARCHED))
        for kind, names in collection.names().items()
    ]
    return np.stack(
        [source(name) for source in sources for name in collection.names()[source.kind]]
    )


def _strongest(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each channel is strongest in each image.

    Args:
        maps: features (batch, height, width, channels).

    Returns:
        The values there, (batch, channels), and the places, (batch, channels, 2).
    """
    batch, _, width, channels = maps.shape
    flat = maps.reshape(batch, -1, channels)
    places = flat.argmax(axis=1)
    return flat.max(axis=1), np.stack(np.divmod(places, width), axis=-1)
