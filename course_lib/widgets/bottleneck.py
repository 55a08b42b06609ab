"""The bottleneck lab: how much can a code forget before one sees it?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from course_lib.linear import principal_components
from course_lib.metrics import bits_per_pixel, psnr
from course_lib.widgets.choosing import ImageChoice
from course_lib.widgets.controls import slider, step_slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 200
DIVISORS = (1, 2, 4, 8, 16, 32, 64)
ROUNDINGS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4)


class BottleneckLab(Lab):
    """Narrow the autoencoder's code in three ways, and blend the codes of two images.

    The code at a tap is a list of numbers for each place. "Depth" chooses the tap. "Numbers kept"
    says how many of each place's numbers stay: the first principal components of the code.
    "Rounding" says how coarsely these are stored, in standard deviations of the code, and so how
    many bits they take.

    Args:
        autoencoder: an `Autoencoder` with a code of feature maps; the course's own by default.
        size: height and width of the images.
    """

    heading = "Bottleneck lab"
    still_words = (
        "A cat's face, and three codes that get narrower: rebuilt from relu2_1 it looks the same; "
        "from relu4_1 it is softer; from an eighth of the numbers at relu4_1 it is blurred."
    )

    def __init__(self, autoencoder: Any = None, *, size: int = SIZE):
        if autoencoder is None:
            from course_lib.autoencoder import Autoencoder

            autoencoder = Autoencoder.from_course()
        self.autoencoder = autoencoder
        self.code = lru_cache(maxsize=16)(self._code)
        self.size = (size, size)
        self.first = ImageChoice("image", "photographs", "chelsea", self.size)
        self.second = ImageChoice("2nd image", "photographs", "coffee", (size, size))
        taps = autoencoder.encoder.taps
        kept = [("all" if n == 1 else f"1 in {n}", n) for n in DIVISORS]
        controls = {
            "first": self.first.control,
            "tap": step_slider("depth", taps, taps[-1]),
            "divisor": step_slider("numbers kept", kept, 1),
            "rounding": step_slider("rounding", [(f"{one:g}", one) for one in ROUNDINGS], 0.05),
            "second": self.second.control,
            "blend": slider("blend", 0.0, 0.0, 1.0),
        }
        super().__init__(controls)

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The image, what the narrowed code knows of it, and the difference."""
        original, code, bits = self.blended(settings)
        drawn = self.decode(code, settings["tap"], self.size)
        quality = psnr(original, drawn)
        height, width, channels = code.shape
        blend = settings["blend"]
        return Sheet(
            {
                "the pixels, blended" if blend else "photograph": original,
                f"from the code{'s, blended' if blend else ''}": drawn,
                "difference × 4": np.clip(0.5 + 4 * (drawn - original), 0, 1),
            },
            f"Code: {height} x {width} places with {kept_of(channels, settings['divisor'])} of "
            f"{channels} numbers each; {bits:.2f} bits a pixel; PSNR {quality:.1f} dB.",
            width=3 * SIZE + 24,
        )

    def blended(self, settings: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, float]:
        """The image or the mixture of two, its narrowed code, and the bits a pixel of it."""
        blend, original = settings["blend"], self.first(settings["first"])
        code, bits = self.narrowed(settings["first"], settings)
        if not blend:
            return original, code, bits
        other, more_bits = self.narrowed(settings["second"], settings)
        mixed = (1 - blend) * original + blend * self.second(settings["second"])
        return mixed, (1 - blend) * code + blend * other, bits + more_bits

    def rebuilt(self, **changes: Any) -> np.ndarray:
        """What the decoder draws, (height, width, 3), with some settings changed for once.

        Args:
            **changes: name of a control -> the value to take.
        """
        settings = self.settings | changes
        return self.decode(self.blended(settings)[1], settings["tap"], self.size)

    def narrowed(self, name: str, settings: dict[str, Any]) -> tuple[np.ndarray, float]:
        """An image's code after forgetting and rounding, and the bits a pixel that it takes."""
        shape, mean, components, numbers = self.code(name, settings["tap"])
        kept = kept_of(shape[-1], settings["divisor"])
        step = settings["rounding"] * float(numbers.std())
        rounded = np.round(numbers[:, :kept] / step)
        code = (rounded * step) @ components[:kept] + mean
        bits = bits_per_pixel(rounded, self.size[0] * self.size[1])
        return code.reshape(shape).astype("float32"), bits

    def _code(self, name: str, tap: str) -> tuple[tuple[int, ...], Any, Any, Any]:
        """An image's code at a tap: its shape, and its places in terms of their components."""
        from keras import ops

        images = self.first(name)[None]
        features = ops.convert_to_numpy(self.autoencoder.encode(images)[tap])[0]
        places = features.reshape(-1, features.shape[-1])
        mean = places.mean(axis=0)
        components = oriented(principal_components(places, min(places.shape)))
        return features.shape, mean, components, (places - mean) @ components.T

    def decode(self, code: np.ndarray, tap: str, size: tuple[int, int]) -> np.ndarray:
        """The image that the decoder draws from a code."""
        from keras import ops

        return ops.convert_to_numpy(self.autoencoder.decode(code[None], tap=tap, size=size))[0]

    def stills(self) -> dict[str, Any]:
        """The photograph, and codes that get narrower."""
        taps = self.autoencoder.encoder.taps
        shown = {"photograph": self.first(self.settings["first"])}
        usual = {"divisor": 1, "rounding": 0.05, "blend": 0.0}
        shown[f"from {taps[1]}"] = self.rebuilt(**usual | {"tap": taps[1]})
        shown[f"from {taps[-1]}"] = self.rebuilt(**usual | {"tap": taps[-1]})
        narrow = usual | {"tap": taps[-1], "divisor": 8}
        shown[f"{taps[-1]}, 1 number in 8"] = self.rebuilt(**narrow)
        return shown


def oriented(components: np.ndarray) -> np.ndarray:
    """Components whose largest entry is positive.

    Their signs mean nothing, but the numbers along them are counted together as bits, and a page
    shall count as many.
    """
    rows = np.arange(len(components))
    largest = components[rows, np.abs(components).argmax(axis=1)]
    return components * np.where(largest < 0, -1, 1).astype(components.dtype)[:, None]


def kept_of(channels: int, divisor: int) -> int:
    """How many numbers of each place are kept, at least one."""
    return max(1, channels // divisor)
