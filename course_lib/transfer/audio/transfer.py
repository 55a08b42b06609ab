"""The transfer of timbre."""

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from course_lib.backend import compiled, value_and_gradient
from course_lib.checks import check_choice
from course_lib.errors import TransferError
from course_lib.losses import describe_style, style_distance
from course_lib.transfer.audio.networks import as_images, random_features
from course_lib.transfer.audio.sounds import check_sound
from course_lib.transfer.audio.spectrograms import (
    SoundParts,
    put_together,
    spectrogram,
    take_apart,
    to_sound,
    weighted_statistics,
)
from course_lib.transfer.descent import adam_step
from course_lib.transfer.instruments import RATE

# Is told how far it is, from 0 to 1; returns True to stop.
Progress = Callable[[float], bool | None]

# How often peaks are turned down and the whole made louder again.
LIMITING_ROUNDS = 20

METHODS = ("statistics", "gram", "gram on everything")


class SoundTransfer:
    """Give a sound the timbre of another one.

    Args:
        method: "statistics" gives every frequency of the timbre the style's mean and standard
            deviation over time, which is AdaIN without a network; "gram" looks for a timbre with
            the style's Gram matrix of random features; "gram on everything" does that to the whole
            spectrogram, as it was first published, where the style's pitches come through.
        steps: how many steps "gram" takes.
        content_weight: how much "gram" holds on to the content's timbre.
        seed: of the random features.
    """

    def __init__(
        self,
        method: str = "gram",
        *,
        steps: int = 150,
        content_weight: float = 0.02,
        seed: int = 0,
    ):
        check_choice("method", method, METHODS)
        self.method, self.steps = method, steps
        self.content_weight, self.seed = content_weight, seed

    def __call__(
        self, content: Any, style: Any, *, strength: float = 1.0, progress: Progress | None = None
    ) -> np.ndarray:
        """Transfer the timbre.

        Args:
            content: sound (samples,), whose pitch and rhythm stay.
            style: sound (samples,), of any length, whose timbre is wanted.
            strength: 0 keeps the content, 1 is full style.
            progress: function (share from 0 to 1) called between steps; when it returns True, what
                is found by then is taken.

        Returns:
            Sound (samples,) in [-1, 1], as long and as loud as the content. Softer only where so
            loud a sound of that timbre would not fit in: a square wave may have a root mean square
            of 1, a sine at most 0.7.

        Raises:
            TransferError: see `check_sound`, or a style of silence.
        """
        content, style = check_sound(content, name="content"), check_sound(style, name="style")
        if not np.abs(style).max() > 1e-3:
            raise TransferError("style: is silent, so it has no timbre.")
        seen = spectrogram(content)
        wanted = self.transferred(seen, spectrogram(style), progress=progress)
        sound = to_sound(seen + strength * (wanted - seen), content)
        return as_loud_as(content, sound)

    def transferred(
        self, content: np.ndarray, style: np.ndarray, *, progress: Progress | None = None
    ) -> np.ndarray:
        """The wanted spectrogram, from two spectrograms."""
        if self.method == "gram on everything":
            plain = np.ones((1, len(content), 1, 1), "float32")
            wanted = np.ones((1, len(style), 1, 1), "float32")
            return self.optimized(content, style, plain, wanted, progress=progress)
        own, other = take_apart(content), take_apart(style)
        timbre = matched(own, other)
        if self.method == "gram":
            timbre = self.optimized(timbre, other.timbre, own.mask, other.mask, progress=progress)
        return put_together(own, timbre)

    def optimized(
        self,
        start: np.ndarray,
        style: np.ndarray,
        mask: np.ndarray,
        style_mask: np.ndarray,
        *,
        progress: Progress | None = None,
    ) -> np.ndarray:
        """Maps near ``start`` with the style's Gram matrix of random features.

        Args:
            start: array (frames, frequencies).
            style: array (other frames, frequencies).
            mask: how much each frame of the content counts, (1, frames, 1, 1).
            style_mask: the same for the style.
            progress: as above.

        Returns:
            Array (frames, frequencies).
        """
        layer = random_features(seed=self.seed)
        center, scale = style.mean(), style.std() + 1e-6
        wanted = describe_style(
            layer(as_images((style - center) / scale)), kind="gram", mask=style_mask
        )
        first = as_images((start - center) / scale)
        features = layer(first)
        power = ops.mean(ops.square(features))

        def loss(maps: Any) -> tuple[Any, dict]:
            found = layer(maps)
            content = ops.mean(ops.square(found - features)) / power
            texture = style_distance(
                wanted, describe_style(found, kind="gram", mask=mask), kind="gram"
            )
            return texture + self.content_weight * content, {}

        maps = descend(loss, first, self.steps, progress=progress)
        return ops.convert_to_numpy(maps)[0, :, 0] * scale + center


def matched(own: SoundParts, other: SoundParts) -> np.ndarray:
    """The timbre moved so that every frequency has the other's mean and standard deviation.

    Args:
        own: `SoundParts` whose timbre is moved.
        other: `SoundParts` whose timbre is wanted.

    Returns:
        Array (frames, frequencies).
    """
    have, want = (weighted_statistics(parts.timbre, parts.mask) for parts in (own, other))
    # Time plays the part of the positions of an image: this is `statistics.adain`, weighted.
    return (own.timbre - have[0]) / have[1] * want[1] + want[0]


def descend(
    loss: Callable,
    maps: Any,
    steps: int,
    *,
    progress: Progress | None = None,
    rate: float = 0.05,
    block: int = 10,
) -> Any:
    """Adam on maps, whose values may be any.

    Args:
        loss: function maps -> (scalar, dictionary).
        maps: tensor to begin with.
        steps: how many steps to take.
        progress: function (share) called after each block of steps; True ends it.
        rate: size of a step.
        block: steps that are compiled together.

    Returns:
        The maps found.
    """

    def several(state: tuple) -> tuple:
        maps, mean, square, count = state
        for _ in range(block):
            _, _, gradient = value_and_gradient(loss, maps)
            state = adam_step(maps, gradient, mean, square, count, rate, low=-np.inf, high=np.inf)
            maps, mean, square, count = state
        return state

    run = compiled(several)
    state = (maps, ops.zeros_like(maps), ops.zeros_like(maps), ops.zeros(()))
    for done in range(0, steps, block):
        state = run(state)
        if progress is not None and progress(min(1.0, (done + block) / steps)):
            break
    return state[0]


def as_loud_as(content: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """The sound with the content's mean power, within [-1, 1].

    Peaks that would go beyond are turned down with what is next to them, and the whole is made
    louder again, and so on. Where each period of the sound has a high peak, that ends before the
    content's power is reached.
    """
    wanted = np.mean(content**2)
    for _ in range(LIMITING_ROUNDS):
        sound = sound * np.sqrt(wanted / max(np.mean(sound**2), 1e-12))
        if np.abs(sound).max() <= 1.0:
            break
        sound = limited(sound)
    return sound.astype("float32")


def limited(sound: np.ndarray, *, reach: int = RATE // 100) -> np.ndarray:
    """The sound turned down around whatever is beyond [-1, 1], ``reach`` samples to each side."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    peaks = maximum_filter1d(np.abs(sound), 2 * reach + 1, mode="nearest")
    # Each mean is one over gains that all suffice for its middle.
    gain = uniform_filter1d(1.0 / np.maximum(peaks, 1.0), 2 * reach + 1, mode="nearest")
    # A running mean is off by its rounding.
    return np.clip(sound * gain, -1.0, 1.0)
