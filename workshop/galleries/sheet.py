"""Paint photographs in styles by one of the course's methods, as a sheet to look at.

    python -m workshop.galleries.sheet OUT.jpg --photographs FILE... --styles FILE...
        [--method adain] [--side 224]

A name of the collection is as good as a file. Rows are photographs, columns are styles. Photographs
and styles are shown beside their row and above their column where they come with the course; the
places of others are left empty, because nothing of theirs is to be copied.
"""

import argparse
import pathlib

import numpy as np

from course_lib import collection, images
from course_lib.training.sheets import sheet, square
from course_lib.transfer import FeatureTransfer, OptimizeTransfer, PixelTransfer, feature, pixel

METHODS = (*feature.METHODS, *pixel.METHODS, "optimize")
STEPS = 100


def read(name, kind, side):
    """A square image of the collection or of a file."""
    if name in collection.names()[kind]:
        get = collection.photograph if kind == "photographs" else collection.style_image
        return square(get(name), side)
    return square(images.load_image(name), side)


def transfer_by(method):
    """A function (content, style) -> image."""
    if method in feature.METHODS:
        return FeatureTransfer(method)
    if method in pixel.METHODS:
        return PixelTransfer(method)
    return OptimizeTransfer(steps=STEPS)


def make(photographs, styles, method, side):
    """The sheet, as one image."""
    transfer = transfer_by(method)
    contents = [read(name, "photographs", side) for name in photographs]
    images = [read(name, "styles", side) for name in styles]
    beside, above = ours(photographs, contents, "photographs"), ours(styles, images, "styles")
    rows = [[None, *above]]
    for shown, content in zip(beside, contents, strict=True):
        rows.append([shown, *(transfer(content, style) for style in images)])
    return sheet(rows)


def ours(names, images, kind):
    """The images that come with the course; None for the others."""
    known = collection.names()[kind]
    return [p if name in known else None for name, p in zip(names, images, strict=True)]


def main():
    """Read the command line and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--photographs", nargs="+", required=True)
    parser.add_argument("--styles", nargs="+", required=True)
    parser.add_argument("--method", choices=METHODS, default="adain")
    parser.add_argument("--side", type=int, default=224)
    options = parser.parse_args()
    image = make(options.photographs, options.styles, options.method, options.side)
    images.save_image(np.clip(image, 0, 1), options.out, quality=80)


if __name__ == "__main__":
    main()
