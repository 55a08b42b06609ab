"""Make the strip of pictures at the top of the README from pictures that come with the course."""

import numpy as np

from course_lib import collection, images
from course_lib.transfer import FeatureTransfer
from workshop import CHECKOUT

DOCS = CHECKOUT / "docs"
STYLES = ("stained_glass", "palette_knife", "turing", "watercolor", "drip")
HEIGHT = 200


def column(picture, style=None):
    """A stylized picture, its style in the lower right corner."""
    picture = np.array(picture)
    if style is not None:
        small = images.resize(style, HEIGHT // 4)
        picture[-len(small) - 4 :, -len(small) - 4 :] = 1.0
        picture[-len(small) - 2 : -2, -len(small) - 2 : -2] = small
    return picture


def main():
    """Write ``docs/images/strip.jpg``."""
    transfer = FeatureTransfer()
    content = collection.photograph("chelsea", size=(HEIGHT, 300))[:, :260]
    styles = [collection.style_picture(name) for name in STYLES]
    columns = [column(transfer(content, style), style) for style in styles]
    strip = np.concatenate([column(content), *columns], axis=1)
    images.save_image(strip, DOCS / "images" / "strip.jpg", quality=88)


if __name__ == "__main__":
    main()
