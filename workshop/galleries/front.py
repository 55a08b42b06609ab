"""Make the moving picture at the top of the README: a photograph that is painted again and again.

    python -m workshop.galleries.front [NAME ...]

Writes docs/images/front.webp. The painting decoder of lesson 10 puts every style on the photograph;
NAME are style images of the course, by default those of STYLES. A line moves across the image and
leaves the next style behind it, so that from frame to frame only a strip changes, and the file
stays small.
"""

import argparse
import io

import numpy as np
from PIL import Image

from course_lib import collection, images
from course_lib.files import write_atomically
from course_lib.transfer import FeatureTransfer
from workshop import CHECKOUT

TARGET = CHECKOUT / "docs" / "images" / "front.webp"
STYLES = ("geometric", "stained_glass", "linocut", "turing", "palette_knife", "watercolor")
WIDTH = 768
# Strips a sweep, and how long frames stay, in milliseconds.
STRIPS, SWEEP, HOLD = 12, 80, 1500
LINE = 3
QUALITY = 72


def painted(transfer: FeatureTransfer, content: np.ndarray, name: str) -> np.ndarray:
    """The photograph in a style, the style image framed in the lower right corner."""
    style = collection.style_image(name, size=WIDTH)
    result = np.array(transfer(content, style, stroke="large"))
    small = images.resize(style, (WIDTH // 6, WIDTH // 6))
    edge = len(small) + 6
    result[-edge:, -edge:] = 1.0
    result[-edge + 3 : -3, -edge + 3 : -3] = small
    return result


def sweep(before: np.ndarray, after: np.ndarray) -> list[np.ndarray]:
    """Frames in which a line moves from left to right, ``after`` on its left."""
    frames = []
    for strip in range(1, STRIPS):
        place = WIDTH * strip // STRIPS
        frame = before.copy()
        frame[:, :place] = after[:, :place]
        frame[:, place : place + LINE] = 1.0
        frames.append(frame)
    return frames


def animation(pictures: list[np.ndarray]) -> bytes:
    """The pictures as an endless WebP animation, each swept away by the next."""
    frames, shown = [], []
    for before, after in zip(pictures, [*pictures[1:], pictures[0]], strict=True):
        moving = sweep(before, after)
        frames += [before, *moving]
        shown += [HOLD, *[SWEEP] * len(moving)]
    first, *rest = [Image.fromarray(images.to_uint8(frame)) for frame in frames]
    written = io.BytesIO()
    options = {"quality": QUALITY, "method": 3}
    first.save(
        written, "WEBP", save_all=True, append_images=rest, duration=shown, loop=0, **options
    )
    return written.getvalue()


def main() -> None:
    """Write the animation."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("styles", nargs="*", default=STYLES, metavar="NAME")
    transfer, content = FeatureTransfer(), collection.photograph("coffee", size=WIDTH)
    styles = parser.parse_args().styles
    written = animation([content, *[painted(transfer, content, name) for name in styles]])
    write_atomically(TARGET, written)
    print(f"{TARGET}: {len(written) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
