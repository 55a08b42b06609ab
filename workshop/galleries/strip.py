"""Make the strip of images at the top of the README from images that come with the course."""

import numpy as np

from course_lib import collection, images
from course_lib.transfer import FeatureTransfer
from workshop import CHECKOUT

DOCS = CHECKOUT / "docs"
STYLES = ("stained_glass", "palette_knife", "turing", "watercolor", "drip")
HEIGHT = 200


def column(image, *, style=None):
    """A stylized image, its style in the lower right corner."""
    image = np.array(image)
    if style is not None:
        small = images.resize(style, HEIGHT // 4)
        image[-len(small) - 4 :, -len(small) - 4 :] = 1.0
        image[-len(small) - 2 : -2, -len(small) - 2 : -2] = small
    return image


def main():
    """Write ``docs/images/strip.jpg``."""
    transfer = FeatureTransfer()
    content = collection.photograph("chelsea", size=(HEIGHT, 300))[:, :260]
    styles = [collection.style_image(name) for name in STYLES]
    columns = [column(transfer(content, style), style=style) for style in styles]
    strip = np.concatenate([column(content), *columns], axis=1)
    images.save_image(strip, DOCS / "images" / "strip.jpg", quality=88, overwrite=True)


if __name__ == "__main__":
    main()
