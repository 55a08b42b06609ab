"""Palettes: a few colors that go together, and how painters pick from them.

Painters ask for a tone (0 dark, 1 light) and a warmth (0 the palette's coolest, 1 its warmest)
and get the palette's color that fits best. So every palette works with every painter.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.errors import ArgumentError

PALETTES: dict[str, tuple[str, ...]] = {
    name: tuple(colors.split())
    for name, colors in {
        "moonlight": "#0b1030 #16245c #3a4a24 #27479a #3f7f9c #6fa3d4 #a5cfe0 #e8b23a #fbeeb0",
        "harbor": "#1c1f36 #34406b #6d4a6e #b8495a #e8743b #f6b24f #fbe3a8 #7f9fb8",
        "riverbank": "#23305e #2f6b4f #4b86b4 #7fae4f #c9584c #e9a64c #86b6dc #f3dc7a "
        "#cfe3ee #fbf3dd",
        "cathedral": "#10163f #1d3f9c #0f7a6c #8c1c2f #c9302c #e07b1f #f2bf2e #8fd0e6 #fff3c4",
        "ravenna": "#12213f #1f4e79 #2f8f8b #8b2f2b #c9572e #d9a441 #a9c9a4 #f0e2bd",
        "block print": "#16131a #b8482f #5f8f94 #d9a24e #f3e9d2",
        "sepia": "#2a1a12 #7a5233 #b98e5d #e3cda4 #f7eedb",
        "poster": "#14213d #1f5673 #d1495b #edae49 #66a182 #f4e9cd",
        "comic": "#1b1b3a #e03616 #2a7fbf #ffbf3f #8fd3c8 #fff1dc",
        "garden": "#22335a #3b6a8f #5c8a5a #c2456b #e98a4b #f2c14e #86b9cf #f3e7d3",
        "ink": "#14151a #4a4d52 #b4332a #a9a69c #efe8d6",
        "endpaper": "#1d2a44 #7a1f2b #2f6f73 #c98a2b #d9c7a3 #f3ead6",
        "indigo and soga": "#14193c #243f87 #7a3b1d #b5652a #d9a35b #f1e1bf",
        "crayon box": "#22223b #2456a6 #1f8a70 #d7263d #f46036 #f9c22e #8cc6e7 #fdf0d5",
        "workshop": "#17181c #1f3f7a #c3272b #2c7a6b #e0902f #f0c74b #9db7c1 #efe4cc",
        "violin": "#1f1a1c #3e3a39 #6b4a2f #7c7464 #a9784a #b9ad92 #d9c08c #ece2c8",
        "enamel": "#15151a #7c2d2a #365b6d #c6a15b #b9c0bd #f1ece0",
        "reef": "#07142b #0f3d5c #0f7c80 #e4572e #f3a712 #f5d491 #d6f0e0",
        "nocturne": "#0a0f1c #1b2a41 #324a5f #5d7b93 #9fb8c8 #e3edf2",
        "autumn": "#2b1a17 #5c2a1e #8f3b1f #c4622d #e09f3e #c7b26a #f2e3b6",
        "rose garden": "#3a1f2b #7a2e4d #b5526f #5f7a5a #e39aa8 #a9bf9a #f7dfe0",
        "desert": "#3b2a2f #7a4b3a #b5704a #d9a066 #8aa6a3 #ecd3a4 #f8efdc",
        "arctic": "#20303c #4f7387 #86aebd #b9d3da #dfe9ea #f7faf8 #d9a58c",
        "mint and plum": "#2a1a33 #5a3261 #8d5a8f #3f8f7f #8cc9b0 #d6ecd9 #f6efe6",
        "acid": "#101418 #2b2f77 #e4007c #00a6a6 #ff8a00 #ffe600 #f6fff0",
        "ash": "#161616 #3d3c3a #6b6966 #9a9792 #c6c2ba #efece4",
    }.items()
}


class Palette:
    """Colors in the order dark to light, each with a tone and a warmth between 0 and 1.

    Args:
        colors: at least two colors, "#rrggbb" or three numbers in [0, 1] each.

    Raises:
        ArgumentError: fewer than two colors, or one that cannot be read.
    """

    def __init__(self, colors: Sequence | np.ndarray):
        table = np.array([_read(color) for color in colors], np.float32).reshape(-1, 3)
        if len(table) < 2:
            raise ArgumentError(f"A palette needs at least two colors, this has {len(table)}.")
        lab = to_oklab(table)
        order = np.argsort(lab[:, 0], kind="stable")
        self.colors = table[order]
        self.tones = _unit(lab[order, 0])
        # Orange, at 55 degrees of the hue circle, is the warm end.
        self.warmths = _unit(lab[order, 1] * 0.574 + lab[order, 2] * 0.819)

    @classmethod
    def of(cls, palette: "str | Sequence | np.ndarray | Palette") -> "Palette":
        """A palette from a name in PALETTES, from colors, or as it is."""
        if isinstance(palette, Palette):
            return palette
        if isinstance(palette, str):
            if palette not in PALETTES:
                raise ArgumentError(
                    f"{palette!r} is not one of our palettes: {', '.join(PALETTES)}."
                )
            return cls(PALETTES[palette])
        return cls(palette)

    def __len__(self) -> int:
        return len(self.colors)

    @property
    def dark(self) -> np.ndarray:
        """The darkest color."""
        return self.colors[0]

    @property
    def light(self) -> np.ndarray:
        """The lightest color."""
        return self.colors[-1]

    def pick(
        self, tone: Any, *, warmth: Any = 0.5, softness: float = 0.02, hue_weight: float = 0.4
    ) -> np.ndarray:
        """The colors that fit tones and warmths best.

        Args:
            tone: array (...) or number, 0 dark to 1 light.
            warmth: array (...) or number, 0 cool to 1 warm.
            softness: 0.001 takes one color, 0.1 mixes neighbors.
            hue_weight: how much warmth counts beside tone.

        Returns:
            float32 array (..., 3) in [0, 1].
        """
        tone, warmth = np.broadcast_arrays(
            np.asarray(tone, np.float32), np.asarray(warmth, np.float32)
        )
        cost = np.square(tone[..., None] - self.tones) + hue_weight * np.square(
            warmth[..., None] - self.warmths
        )
        cost -= cost.min(axis=-1, keepdims=True)
        weights = np.exp(-cost / np.float32(softness))
        weights /= weights.sum(axis=-1, keepdims=True)
        return (weights @ self.colors).astype(np.float32)

    def ramp(self, tone: Any) -> np.ndarray:
        """Colors of a tone scale: straight lines between the palette's colors, dark to light."""
        tone = np.clip(np.asarray(tone, np.float32), 0, 1)
        channels = [np.interp(tone, self.tones, self.colors[:, c]) for c in range(3)]
        return np.stack(channels, axis=-1).astype(np.float32)


def _read(color: Any) -> tuple[float, ...]:
    if isinstance(color, str):
        digits = color.removeprefix("#")
        if len(digits) == 6:
            try:
                return tuple(int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4))
            except ValueError:
                pass
        raise ArgumentError(f'{color!r} is not a color. Write it like "#1d2433".')
    values = np.asarray(color, float)
    if (
        values.shape != (3,)
        or not np.isfinite(values).all()
        or values.min() < 0
        or values.max() > 1
    ):
        raise ArgumentError(f"{color!r} is not a color. Give red, green and blue between 0 and 1.")
    return tuple(values)


def _unit(values: np.ndarray) -> np.ndarray:
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 1e-6 else np.full_like(values, 0.5)


def to_oklab(colors: np.ndarray) -> np.ndarray:
    """From sRGB (..., 3) in [0, 1] to OKLab: lightness, green-red, blue-yellow.

    Source: Björn Ottosson, "A perceptual color space for image processing", 2020.
    """
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)
    cones = linear @ _RGB_TO_CONES.T
    return np.cbrt(cones) @ _CONES_TO_LAB.T


def from_oklab(lab: np.ndarray) -> np.ndarray:
    """From OKLab (..., 3) to sRGB, clipped to [0, 1]."""
    cones = (lab @ np.linalg.inv(_CONES_TO_LAB).T) ** 3
    linear = np.clip(cones @ np.linalg.inv(_RGB_TO_CONES).T, 0, 1)
    curve = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.clip(np.where(linear <= 0.0031308, linear * 12.92, curve), 0, 1)


_RGB_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_CONES_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


HARMONIES = (
    (0,),
    (-30, 0, 30),
    (-50, -20, 10, 40),
    (0, 180),
    (-15, 15, 180),
    (0, 150, 210),
    (0, 120, 240),
    (0, 90, 180, 270),
)


def random_palette(rng: np.random.Generator) -> Palette:
    """A palette by chance: often one of ours, its hues turned; else one by a rule of harmony.

    Lightness, strength of color and the hues are chosen apart, so that palettes come out bright or
    dark, muted or vivid, in one hue or many.
    """
    if rng.random() < 0.35:
        names = sorted(PALETTES)
        lab = to_oklab(Palette.of(names[int(rng.integers(len(names)))]).colors.astype(float))
        turn = 0.0 if rng.random() < 0.3 else rng.uniform(0, 2 * np.pi)
        strength = rng.uniform(0.7, 1.25)
        a = strength * (lab[:, 1] * np.cos(turn) - lab[:, 2] * np.sin(turn))
        b = strength * (lab[:, 1] * np.sin(turn) + lab[:, 2] * np.cos(turn))
        return Palette(from_oklab(np.stack([lab[:, 0], a, b], axis=1)))
    keys = ((0.12, 0.97), (0.15, 0.93), (0.20, 0.98), (0.08, 0.70), (0.42, 0.98), (0.28, 0.82))
    low, high = keys[int(rng.integers(len(keys)))]
    count = int(rng.integers(5, 9))
    light = np.sort(np.linspace(low, high, count) + rng.normal(0, 0.03, count))
    offsets = np.array(HARMONIES[int(rng.integers(len(HARMONIES)))])
    hue = rng.uniform(0, 360) + offsets[rng.integers(0, len(offsets), count)]
    hue = np.deg2rad(hue + rng.normal(0, 8, count))
    chroma = (0.015, 0.05, 0.09, 0.13, 0.17, 0.21)[int(rng.integers(6))] * rng.uniform(
        0.6, 1.15, count
    )
    # Very dark and very light colors cannot be strong.
    chroma = chroma * np.clip(1.25 - 1.6 * np.abs(light - 0.6), 0.2, 1)
    lab = np.stack([light, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    return Palette(from_oklab(np.clip(lab, [0.02, -1, -1], [0.99, 1, 1])))
