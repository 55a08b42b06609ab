"""Make the gallery: every method on the same images, each with the line of code that makes it.

    python -m workshop.galleries.gallery [--only PATTERN...]

Writes the images to docs/gallery/ and the page docs/gallery.md around them. An image is made by
evaluating the very line that stands below it. `--only` makes the images whose names match a
pattern, such as "*-optimize", and leaves the others as they are; the page is written in any case.
"""

import argparse
import ast
from dataclasses import dataclass
from fnmatch import fnmatch

from course_lib import collection, images
from course_lib.backend import quiet_framework_import
from course_lib.files import write_atomically
from workshop import CHECKOUT

DOCS = CHECKOUT / "docs"
FOLDER = DOCS / "gallery"
PAGE = DOCS / "gallery.md"
MAX_BYTES = 40_000
STYLE_SIDE = 160

SETUP = """\
from course_lib.collection import photograph, style_image
from course_lib.transfer import FeatureTransfer, PixelTransfer, optimize_image

cat, cup = photograph("chelsea", size=300), photograph("coffee", size=300)
astronaut = photograph("astronaut", size=300)
adain, wct = FeatureTransfer(), FeatureTransfer("wct")
"""
CONTENTS = {"cat": "A cat's face", "cup": "A cup of coffee", "astronaut": "An astronaut"}
# Styles of the second table: a painted one, a printed one, and one of lead and glass.
STYLES = ("impressionist", "woodcut", "stained_glass")
METHODS = {
    "adain": ("AdaIN", 'adain({0}, style_image("{1}"))'),
    "wct": ("WCT", 'wct({0}, style_image("{1}"))'),
    "optimize": ("optimizing the image", 'optimize_image({0}, style_image("{1}"), steps=150)'),
}
# One pair and everything that the course can do with it: what it is, the lesson, the line.
ONE_PAIR = {
    "mean_std": (
        "mean and standard deviation of the colors",
        7,
        'PixelTransfer("mean_std")(cup, {0})',
    ),
    "covariance": ("covariance of the colors", 7, 'PixelTransfer("covariance")(cup, {0})'),
    "distribution": ("all colors", 7, 'PixelTransfer("distribution")(cup, {0})'),
    "patches": ("squares of the style", 7, 'PixelTransfer("patches")(cup, {0})'),
    "wct": ("whitening and coloring", 8, "wct(cup, {0})"),
    "adain": ("AdaIN, painting decoder", 8, "adain(cup, {0})"),
    "colors": ("the colors alone", 8, 'adain(cup, {0}, parts="colors")'),
    "texture": ("the texture alone", 8, 'adain(cup, {0}, parts="texture")'),
    "half": ("half strength", 8, "adain(cup, {0}, strength=0.5)"),
    "optimize": ("optimizing the image", 9, "optimize_image(cup, {0}, steps=150)"),
}
PAIR_STYLE = "mosaic"


@dataclass(frozen=True)
class Item:
    """One image of the gallery.

    Args:
        name: of its file, without ".jpg".
        line: the line of code that makes it.
        alt: what one sees, for those who do not.
        caption: words above it, where its table has no others.
    """

    name: str
    line: str
    alt: str
    caption: str = ""

    def markdown(self) -> str:
        """The image and its line, as a cell of a table."""
        return f"![{self.alt}](gallery/{self.name}.jpg)<br>`{self.line}`"


def in_words(style: str) -> str:
    """A style's name as words."""
    return style.replace("_", " ")


def style_item(style: str) -> Item:
    """A style image, small."""
    return Item(
        f"style-{style}",
        f'style_image("{style}")',
        f"The style image {in_words(style)}",
        in_words(style).capitalize(),
    )


def one_pair() -> list[Item]:
    """One photograph, one style, all methods."""
    style = f'style_image("{PAIR_STYLE}")'
    first = [Item("cup", "cup", CONTENTS["cup"], "The photograph"), style_item(PAIR_STYLE)]
    return first + [
        Item(
            f"pair-{name}",
            line.format(style),
            f"The cup of coffee with the style {in_words(PAIR_STYLE)}: {what}",
            f"{what.capitalize()} (lesson {lesson})".replace("Adain", "AdaIN"),
        )
        for name, (what, lesson, line) in ONE_PAIR.items()
    ]


def crossed(style: str) -> list[list[Item]]:
    """One row for each photograph, one column for each method."""
    return [
        [
            Item(
                f"{content}-{style}-{method}",
                line.format(content, style),
                f"{words} in the style {in_words(style)}, by {name}",
            )
            for method, (name, line) in METHODS.items()
        ]
        for content, words in CONTENTS.items()
    ]


def all_styles() -> list[list[Item]]:
    """Each style image and the cat in this style."""
    return [
        [
            style_item(style),
            Item(
                f"cat-{style}-adain",
                f'adain(cat, style_image("{style}"))',
                f"The cat in the style {in_words(style)}, by AdaIN",
            ),
        ]
        for style in collection.names()["styles"]
    ]


def every_item() -> dict[str, Item]:
    """All images by their names, each once."""
    rows = [one_pair(), *all_styles()]
    for style in STYLES:
        rows += crossed(style)
    return {item.name: item for row in rows for item in row}


def page() -> str:
    """The page docs/gallery.md."""
    parts = [
        "# Gallery\n",
        "What each method of the course makes of the same images, and below each image the "
        "line of code that\nmade it. All of them begin with\n",
        f"```python\n{SETUP}```\n",
        "The photographs are scikit-image's, the style images are painted by the course's own "
        "programs; who made each,\nand its license, is in [the manifest](../data/manifest.toml). "
        "Nothing was chosen after looking: every pair of the\ntables is shown.\n",
        "## One photograph, one style, every method\n",
        *(table([item.caption for item in row], [row]) for row in thirds(one_pair())),
        "## Photographs, styles, methods\n",
        "AdaIN and WCT need one pass through the autoencoder or a few. Optimizing takes 150 steps, "
        "and many times as long.\n",
    ]
    for style in STYLES:
        parts.append(f"### {in_words(style).capitalize()}\n")
        heads = [name[0].upper() + name[1:] for name, _ in METHODS.values()]
        parts.append(table(heads, crossed(style)))
    parts.append("## Every style of the course\n")
    parts.append("One painting decoder (lesson 10) paints them all.\n")
    pairs = all_styles()
    doubled = [
        pairs[k] + (pairs[k + 1] if k + 1 < len(pairs) else []) for k in range(0, len(pairs), 2)
    ]
    parts.append(table(["style", "the cat in this style"] * 2, doubled))
    return "\n".join(parts)


def thirds(items: list[Item]) -> list[list[Item]]:
    """The items in rows of three."""
    return [items[k : k + 3] for k in range(0, len(items), 3)]


def table(heads: list[str], rows: list[list[Item]]) -> str:
    """A Markdown table of images."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [f"| {' | '.join(item.markdown() for item in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def small_jpeg(image) -> bytes:
    """The image as the best JPEG of at most 40 KB."""
    for quality in range(90, 40, -2):
        data = images.to_bytes(image, format="jpeg", quality=quality)
        if len(data) <= MAX_BYTES:
            return data
    raise SystemExit("An image does not fit into 40 KB: make it smaller.")


def make(items: list[Item]) -> None:
    """Evaluate the line of each image and write it."""
    quiet_framework_import()
    known: dict = {}
    exec(compile(ast.parse(SETUP), "setup", "exec"), known)
    for item in items:
        image = eval(item.line, known)
        if item.name.startswith("style-"):
            image = images.resize(image, STYLE_SIDE)
        write_atomically(FOLDER / f"{item.name}.jpg", small_jpeg(image))
        print(f"{item.name}: {item.line}", flush=True)


def main():
    """Read the command line, make the images, write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN")
    patterns = parser.parse_args().only
    FOLDER.mkdir(exist_ok=True)
    items = every_item().values()
    make([item for item in items if any(fnmatch(item.name, pattern) for pattern in patterns)])
    write_atomically(PAGE, page().encode())


if __name__ == "__main__":
    main()
