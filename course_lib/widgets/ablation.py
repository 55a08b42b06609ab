"""The ablation lab: leave parts of a transfer out, and see what becomes of image and numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from course_lib import collection
from course_lib.linear import principal_components, project
from course_lib.metrics import content_kept, style_moved_by_tap
from course_lib.widgets.choosing import words_for
from course_lib.widgets.controls import checkbox, choice, slider, step_slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 192
WIDTH = 440
ALL = 0
NUMBERS = (1, 2, 4, 8, 16)
WHOLE = {"tap": "relu3_1", "normalize": True, "numbers": ALL, "untrained": 0.0}


class AblationLab(Lab):
    """The plainest feature-based transfer, with four of its parts to leave out.

    Encode both images, give the content's code the style's statistics at one tap, decode. Left
    out can be the normalization of the content's code, most numbers of each position, the right
    tap, and the encoder's training.

    Args:
        content: name of a photograph in the collection.
        size: longer side of the images.
    """

    heading = "Leave it out"
    still_words = (
        "A cat in an impressionist manner three times. With an encoder that is a third untrained "
        "it has faded, with one that was never trained a smear of false colors is left, and with "
        "one number at each position it is a blur of light and dark."
    )

    def __init__(self, content: str = "chelsea", *, size: int = SIZE):
        from course_lib.autoencoder import TAPS, Autoencoder
        from course_lib.features import random_encoder

        self.photograph, self.size = content, size
        self.content = collection.photograph(content, size=size)
        self.autoencoder = Autoencoder.from_course()
        self.encoder = random_encoder()
        self.random = self.encoder.get_weights()
        self.trained = self.autoencoder.encoder.get_weights()
        self.codes = lru_cache(maxsize=8)(self._codes)
        self.whole = lru_cache(maxsize=8)(self._whole)
        styles = [(words_for(name), name) for name in collection.names()["styles"]]
        numbers = [*((str(count), count) for count in NUMBERS), ("all", ALL)]
        controls = {
            "style": choice("style", styles, "impressionist"),
            "normalize": checkbox("take off the content's own statistics", True),
            "tap": step_slider("tap", list(TAPS), WHOLE["tap"]),
            "numbers": step_slider("numbers kept", numbers, ALL),
            "untrained": slider("untrained", 0.0, 0.0, 1.0, step=0.1),
        }
        super().__init__(controls)

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The whole method and what is left of it, with the numbers of both."""
        whole, of_whole = self.whole(settings["style"])
        image = self.transferred(settings)
        found = self.judged(image, settings["style"])
        panels = {
            f"whole method\n{spoken(of_whole)}": whole,
            f"what is left of it\n{spoken(found)}": image,
        }
        taps = ", ".join(f"{tap} {share:.2f}" for tap, share in found[2].items())
        words = (
            f"Style moved {found[0]:.2f} (whole method {of_whole[0]:.2f}), content kept "
            f"{found[1]:.2f} ({of_whole[1]:.2f}). Style moved at each tap: {taps}."
        )
        return Sheet(panels, words, columns=2, width=WIDTH)

    def transferred(self, settings: dict[str, Any]) -> np.ndarray:
        """The image that the parts which are left make, (height, width, 3)."""
        from keras import ops

        from course_lib import statistics

        tap = settings["tap"]
        code, wanted = (maps[tap] for maps in self.codes(settings["style"], settings["untrained"]))
        if settings["numbers"] != ALL:
            code = narrowed(code, settings["numbers"])
        mean, std = statistics.channel_statistics(wanted)
        code = statistics.adain(code, mean, std) if settings["normalize"] else code * std + mean
        size = self.content.shape[:2]
        drawn = self.autoencoder.decode(ops.relu(code), tap=tap, size=size)
        return ops.convert_to_numpy(drawn)[0]

    def judged(self, image: np.ndarray, style: str) -> tuple[float, float, dict[str, float]]:
        """Style moved, content kept, and style moved at each tap, by the trained encoder."""
        by_tap = style_moved_by_tap(
            image, self.content, collection.style_image(style, size=self.size)
        )
        return float(np.mean(list(by_tap.values()))), content_kept(image, self.content), by_tap

    def stills(self) -> dict[str, Any]:
        """An encoder that is partly and one that is wholly untrained, and a narrow code."""
        wishes: dict[str, dict[str, Any]] = {
            "a third untrained": {"untrained": 0.3},
            "never trained": {"untrained": 1.0},
            "one number a position": {"numbers": 1},
        }
        shown = {}
        for words, wish in wishes.items():
            image = self.transferred(self.settings | WHOLE | wish)
            shown[f"{words}\n{spoken(self.judged(image, self.settings['style']))}"] = image
        return shown

    def _codes(self, style: str, untrained: float) -> tuple[dict, dict]:
        """What a more or less untrained encoder sees of the content and of the style."""
        pairs = zip(self.trained, self.random, strict=True)
        self.encoder.set_weights([(1 - untrained) * a + untrained * b for a, b in pairs])
        images = self.content, collection.style_image(style, size=self.size)
        content, wanted = (self.encoder(one[None]) for one in images)
        return content, wanted

    def _whole(self, style: str) -> tuple[np.ndarray, tuple]:
        """What the whole method makes, and its numbers."""
        image = self.transferred(WHOLE | {"style": style})
        return image, self.judged(image, style)


def narrowed(code: Any, count: int) -> np.ndarray:
    """A code in which each position keeps so many numbers: its first principal components."""
    from keras import ops

    values = ops.convert_to_numpy(code)
    positions = values.reshape(-1, values.shape[-1])
    center = positions.mean(axis=0)
    kept = project(positions, principal_components(positions, count), center)
    return kept.reshape(values.shape).astype("float32")


def spoken(found: tuple[float, float, dict[str, float]]) -> str:
    """Both numbers, short enough for a title."""
    return f"style {found[0]:.2f}, content {found[1]:.2f}"
