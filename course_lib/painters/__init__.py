"""Programs that paint the course's own style images, each in a manner of its own.

    paint("woodcut", seed=7, palette=["#16131a", "#b8482f", "#f3e9d2"])

Every painter starts from a motif (`scenes`) or invents one, takes its colors from a palette
(`palettes`) and its chances from one seed, so that the same call paints the same image. Positions
are unit lengths: at any size the composition is the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_lib import images
from course_lib.errors import ArgumentError
from course_lib.files import write_atomically

from . import fields, modern, pieces, prints, strokes, wet
from .palettes import PALETTES, Palette, random_palette

__all__ = [
    "PAINTERS",
    "PALETTES",
    "Painter",
    "Palette",
    "descriptions",
    "paint",
    "random_painting",
    "random_recipe",
    "write_styles",
]

STYLE_SIZE = 512
MAX_BYTES = 150_000
AUTHOR = "the course's own programs (course_lib.painters)"
LICENSE = "CC BY 4.0"


@dataclass(frozen=True)
class Painter:
    """A manner of painting, with the seed and palette of its image in the collection.

    Attributes:
        name: what `paint` calls it, and the name of its file.
        title: title of its image in the collection.
        manner: one sentence on how it paints.
        program: function (generator, size, Palette, scale) -> float32 image (size, size, 3).
        palette: a name in PALETTES.
        seed: seed of its image in the collection.
    """

    name: str
    title: str
    manner: str
    program: Callable[[np.random.Generator, int, Palette, float], np.ndarray]
    palette: str
    seed: int


_ALL = (
    Painter(
        "impressionist",
        "Lights on the River",
        "Thousands of short curved strokes of unmixed color that follow the forms, large ones "
        "first, small ones where there is something to see.",
        strokes.impressionist,
        "moonlight",
        34,
    ),
    Painter(
        "palette_knife",
        "Evening Regatta",
        "Slabs of thick paint spread with a knife, in relief under a raking light.",
        strokes.palette_knife,
        "harbor",
        47,
    ),
    Painter(
        "pointillist",
        "Ploughland, Morning",
        "Round dots of unmixed color in three sizes; one in six has the opposite hue, which makes "
        "its neighbors glow.",
        strokes.pointillist,
        "riverbank",
        40,
    ),
    Painter(
        "stained_glass",
        "Flowers for a Chapel",
        "Panes cut along the forms, held by dark lead, with light falling through uneven glass.",
        pieces.stained_glass,
        "cathedral",
        10,
    ),
    Painter(
        "mosaic",
        "Three Carp",
        "Square stones that settle into rows along the outlines and the forms, with grout between.",
        pieces.mosaic,
        "ravenna",
        27,
    ),
    Painter(
        "woodcut",
        "Calm before Evening",
        "A black block cut with a gouge along the forms, printed over flat tints out of register.",
        prints.woodcut,
        "block print",
        37,
    ),
    Painter(
        "engraving",
        "Moonrise behind the Tower",
        "Fine lines along the forms that fork and swell in the dark, with crossing lines in shade.",
        prints.engraving,
        "sepia",
        2,
    ),
    Painter(
        "linocut",
        "Sun over the Firs",
        "Flat colors printed one over another from lino, with gouge marks between the tones.",
        prints.linocut,
        "poster",
        1,
    ),
    Painter(
        "halftone",
        "Portrait on Newsprint",
        "Four inks printed as turned grids of dots, a little out of register, under thick lines.",
        prints.halftone,
        "comic",
        23,
    ),
    Painter(
        "watercolor",
        "Path through Poppies",
        "Clear washes from light to dark, each with a dark rim where it dried, on rough paper.",
        wet.watercolor,
        "garden",
        21,
    ),
    Painter(
        "ink_wash",
        "Pines above the Mist",
        "Ink on soft paper: ranges that sink into mist, pines in a few dry strokes, one red sun.",
        wet.ink_wash,
        "ink",
        5,
    ),
    Painter(
        "marbled",
        "Endpaper",
        "Drops of floating paint drawn through with combs and curled with a stick, computed "
        "backwards for every pixel.",
        wet.marbled,
        "endpaper",
        4,
    ),
    Painter(
        "batik",
        "Vase on Indigo",
        "Cloth dyed darker in each bath, where wax kept lines, dots and light parts, and cracked.",
        wet.batik,
        "indigo and soga",
        24,
    ),
    Painter(
        "crayon",
        "Farm in July",
        "Wax crayon rubbed over rough paper in three layers of hatching, with heavy outlines.",
        modern.crayon,
        "crayon box",
        14,
    ),
    Painter(
        "geometric",
        "Composition with Yellow Ring",
        "Discs, beams, chequers and arcs in balance on a warm ground, some of them transparent.",
        modern.geometric,
        "workshop",
        14,
    ),
    Painter(
        "prism",
        "Jug, Bottle, Fruit",
        "The motif broken into planes, each seen from a slightly different side and shaded to an "
        "edge.",
        pieces.prism,
        "violin",
        14,
    ),
    Painter(
        "drip",
        "Number Seven",
        "Enamel poured and flung over a canvas on the floor: pools, loops and spatter in layers.",
        modern.drip,
        "enamel",
        2,
    ),
    Painter(
        "turing",
        "Mountain, Grown",
        "Spots and stripes that grow by short-range help and long-range hindrance, steered by a "
        "hidden motif.",
        modern.turing,
        "reef",
        4,
    ),
)

PAINTERS: dict[str, Painter] = {painter.name: painter for painter in _ALL}


def paint(
    name: str,
    *,
    size: int = STYLE_SIZE,
    seed: int | None = None,
    palette: str | Sequence | None = None,
    scale: float = 1.0,
) -> np.ndarray:
    """Paint an image.

    Args:
        name: one of PAINTERS.
        size: side in pixels, 32 to 2048.
        seed: decides motif and chances, 0 or more; the collection's when left out.
        palette: a name in PALETTES, or two or more colors, "#rrggbb" or (red, green, blue) in
            [0, 1]; the painter's own when left out.
        scale: size of the strokes, stones or dots, 0.25 to 4; 1 is the painter's own.

    Returns:
        An image, float32 array (size, size, 3) in [0, 1].

    Raises:
        ArgumentError: an unknown name, a number outside its range, or a palette that cannot be
            read.
    """
    if name not in PAINTERS:
        raise ArgumentError(f"{name!r} is not one of our painters: {', '.join(PAINTERS)}.")
    if not isinstance(size, int | np.integer) or not 32 <= size <= 2048:
        raise ArgumentError(f"size: {size!r} is not a whole number from 32 to 2048.")
    if not 0.25 <= scale <= 4:
        raise ArgumentError(f"scale: {scale!r} is not between 0.25 and 4.")
    painter = PAINTERS[name]
    seed = painter.seed if seed is None else seed
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ArgumentError(f"seed: {seed!r} is not a whole number from 0 on.")
    colors = Palette.of(painter.palette if palette is None else palette)
    return painter.program(fields.generator(int(seed)), int(size), colors, float(scale))


def random_recipe(generator: np.random.Generator) -> dict[str, Any]:
    """A painter, a palette, a scale and a seed by chance: arguments for `paint`."""
    names = list(PAINTERS)
    return {
        "name": names[int(generator.integers(len(names)))],
        "palette": random_palette(generator),
        "scale": float(np.exp2(generator.uniform(-0.6, 1.0))),
        "seed": int(generator.integers(2**31)),
    }


def random_painting(generator: np.random.Generator, *, size: int = 256) -> np.ndarray:
    """An image by a random painter in random colors: an endless supply of styles to train on.

    Args:
        generator: numpy's random generator; it moves on, so the next call paints another image.
        size: side in pixels.

    Returns:
        An image, float32 array (size, size, 3) in [0, 1].
    """
    return paint(**random_recipe(generator), size=size)


def style_bytes(image: np.ndarray) -> bytes:
    """A style image as it lies in the collection: the best JPEG of at most 150,000 bytes."""
    data = b""
    for quality in range(95, 60, -1):
        data = images.to_bytes(image, format="jpeg", quality=quality)
        if len(data) <= MAX_BYTES:
            break
    return data


def write_styles(folder: str | Path) -> list[Path]:
    """Paint the collection's style images, NAME.jpg for each painter.

    Args:
        folder: an existing folder.

    Returns:
        The paths written, one for each painter.

    Raises:
        ArgumentError: there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ArgumentError(f"{folder}: there is no such folder. Make it first.")
    paths = []
    for name in PAINTERS:
        path = folder / f"{name}.jpg"
        write_atomically(path, style_bytes(paint(name)))
        paths.append(path)
    return paths


def descriptions() -> dict[str, dict[str, str]]:
    """What the manifest says of each style image: {"styles/NAME.jpg": {"title": ..., ...}}."""
    return {
        f"styles/{painter.name}.jpg": {
            "title": painter.title,
            "author": AUTHOR,
            "license": LICENSE,
            "made": f"{painter.manner} Painted by course_lib.painters.paint({painter.name!r}).",
        }
        for painter in PAINTERS.values()
    }
