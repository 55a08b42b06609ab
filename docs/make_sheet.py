"""Paint photographs in styles with the course's painting decoder, as a sheet to look at.

    python docs/make_sheet.py OUT.jpg --photographs FILE... --styles FILE... [--side 224]

A name of the collection is as good as a file. Rows are photographs, columns are styles. The styles
themselves are shown in the first row where they come with the course; other styles get a column
without a picture on top, because nothing of theirs is to be copied.
"""

import argparse
import pathlib

import numpy as np

from course_lib import collection, images
from course_lib.training.sheets import sheet, square
from course_lib.transfer.feature import FeatureTransfer


def read(name, kind, side):
    """A square picture of the collection or of a file."""
    if name in collection.names()[kind]:
        get = collection.photograph if kind == "photographs" else collection.style_picture
        return square(get(name), side)
    return square(images.load(name), side)


def make(photographs, styles, side):
    """The sheet, as one picture."""
    transfer = FeatureTransfer()
    contents = [read(name, "photographs", side) for name in photographs]
    pictures = [read(name, "styles", side) for name in styles]
    ours = collection.names()["styles"]
    shown = [p if name in ours else None for name, p in zip(styles, pictures, strict=True)]
    rows = [[None, *shown]]
    for content in contents:
        rows.append([content, *(transfer(content, style) for style in pictures)])
    return sheet(rows)


def main():
    """Read the command line and write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--photographs", nargs="+", required=True)
    parser.add_argument("--styles", nargs="+", required=True)
    parser.add_argument("--side", type=int, default=224)
    options = parser.parse_args()
    picture = make(options.photographs, options.styles, options.side)
    images.save(np.clip(picture, 0, 1), options.out, quality=85)


if __name__ == "__main__":
    main()
