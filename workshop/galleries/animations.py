"""Make the short animations of the labs that the web course shows, whose pages cannot run them.

    python -m workshop.galleries.animations [NAME ...]

Writes docs/animations/NAME.webp for those that are named, or for all. Each is what a lab of the
library draws while one control moves, or while it paints. On which page they stand and what they
show is said in docs/animations/animations.toml.
"""

import argparse
import io
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from course_lib.backend import quiet_framework_import
from course_lib.files import write_atomically
from course_lib.plots import draw_images
from workshop import CHECKOUT

DOCS = CHECKOUT / "docs"
FOLDER = DOCS / "animations"
MAX_BYTES = 130_000
# Of each frame, in milliseconds; the first one, which is also the still one, stays longer.
SHOWN, FIRST_SHOWN = 250, 750
STEPS = 100


@dataclass(frozen=True)
class Scene:
    """How the frames of an animation are made and laid out.

    Args:
        frames: makes a list of dictionaries title -> image.
        width: of the whole, in pixels.
        columns: how many images stand side by side.
    """

    frames: Callable[[], list[dict]]
    width: int
    columns: int = 1


def there_and_back(values, first) -> list:
    """The values forwards and then backwards, as a circle that begins with one of them."""
    there = list(values)
    circle = there + there[-2:0:-1]
    start = circle.index(first)
    return circle[start:] + circle[:start]


def end_first(frames: list[dict]) -> list[dict]:
    """What grows begins with what has come of it: the first frame is the still one."""
    return [frames[-1], *frames[:-1]]


def numbers_kept() -> list[dict]:
    """The bottleneck lab, its code getting smaller and larger."""
    from course_lib.widgets import bottleneck_lab
    from course_lib.widgets.bottleneck import DIVISORS, kept_of

    lab = bottleneck_lab()
    name, tap = lab.settings["first"], lab.settings["tap"]
    channels = lab.code(name, tap)[0][-1]
    return [
        {
            "photograph": lab.first(name),
            f"{kept_of(channels, divisor)} of {channels} numbers": lab.rebuilt(divisor=divisor),
        }
        for divisor in there_and_back(DIVISORS, first=16)
    ]


def codes_blended() -> list[dict]:
    """The bottleneck lab, blending two images and their codes."""
    from course_lib.widgets import bottleneck_lab

    lab = bottleneck_lab()
    frames = []
    for share in there_and_back(np.linspace(0, 1, 7), first=0.5):
        pixels, _, _ = lab.blended(lab.settings | {"blend": share})
        frames.append({"pixels, blended": pixels, "codes, blended": lab.rebuilt(blend=share)})
    return frames


def texture_grown() -> list[dict]:
    """What the Gram explorer's button does: noise gets the Gram matrices of a style image."""
    from course_lib.collection import style_image
    from course_lib.transfer import ImageOptimizer

    style = style_image("woodcut", size=(160, 160))
    wanted: Any = {"content_layers": (), "content_weight": 0.0, "style_kinds": "gram"}
    optimizer = ImageOptimizer(style, style, steps=STEPS, start="noise", scales=1, **wanted)
    frames = []
    while not optimizer.done:
        optimizer.advance()
        title = f"step {optimizer.step} of {STEPS}"
        frames.append({"style image": style, title: optimizer.image})
    return end_first(frames[::2])


def strength() -> list[dict]:
    """The style lab, its strength going down and up."""
    from course_lib.widgets import style_lab

    lab = style_lab(size=SCENES["strength"].width)
    return [
        {f"strength {share:.1f}": lab.draw(lab.settings | {"strength": share}).panels["stylized"]}
        for share in there_and_back(np.linspace(0, 1, 6), first=1.0)
    ]


def painted_live() -> list[dict]:
    """Painting live: the image and the losses over the steps."""
    from course_lib.widgets import painting_live

    lab = painting_live(size=SCENES["painted_live"].width)
    settings = lab.settings | {"count": STEPS}
    frames = [lab.draw(settings).panels for _ in lab.paint(settings)]
    return end_first(frames[::2])


def divider_moved() -> list[dict]:
    """The compare lab, its divider moving across."""
    from course_lib.widgets import compare_lab

    lab = compare_lab()
    settings = lab.settings | {"pair": "stylized"}
    return [
        lab.draw(settings | {"divider": place}).panels
        for place in there_and_back(np.linspace(0, 1, 7), first=0.5)
    ]


SCENES = {
    "numbers_kept": Scene(numbers_kept, width=412, columns=2),
    "codes_blended": Scene(codes_blended, width=412, columns=2),
    "texture_grown": Scene(texture_grown, width=332, columns=2),
    "strength": Scene(strength, width=320),
    "painted_live": Scene(painted_live, width=320),
    "divider_moved": Scene(divider_moved, width=360),
}


def animated(frames: list[Image.Image]) -> bytes:
    """The frames as the best animated WebP file that is small enough; it goes round for ever."""
    durations = [FIRST_SHOWN] + [SHOWN] * (len(frames) - 1)
    for quality in range(85, 25, -5):
        file = io.BytesIO()
        frames[0].save(
            file,
            "WEBP",
            save_all=True,
            append_images=frames[1:],
            duration=durations,
            loop=0,
            quality=quality,
            method=6,
        )
        if file.tell() <= MAX_BYTES:
            return file.getvalue()
    raise SystemExit(f"{len(frames)} frames do not fit into {MAX_BYTES} bytes: make them smaller.")


def lettered(panels: dict, *, alt: str, scene: Scene) -> Image.Image:
    """One frame: its images with their titles."""
    drawing = draw_images(panels, alt=alt, columns=scene.columns, width=scene.width)
    return Image.open(io.BytesIO(drawing.data)).convert("RGB")


def main():
    """Write the animations that are asked for."""
    words = tomllib.loads((FOLDER / "animations.toml").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCENES))
    names = parser.parse_args().names or list(SCENES)
    unknown = set(names) - set(SCENES)
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. There are: {', '.join(SCENES)}.")
    quiet_framework_import()
    for name in names:
        scene = SCENES[name]
        frames = [
            lettered(panels, alt=words[name]["alt"], scene=scene) for panels in scene.frames()
        ]
        data = animated(frames)
        write_atomically(FOLDER / f"{name}.webp", data)
        print(f"{name}: {len(frames)} frames, {frames[0].size}, {len(data)} bytes", flush=True)


if __name__ == "__main__":
    main()
