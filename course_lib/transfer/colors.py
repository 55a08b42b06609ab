"""Colors alone: color spaces, and one image's colors given to another.

Every transfer that is to keep the content's colors uses these: either the style image is given
the content's colors before it is looked at, or the result takes the content's colors back.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib import statistics

KEEP_COLORS = (None, "luminance", "covariance")
COLOR_SPACES = ("rgb", "lab", "ruderman")

# Pixels from which means and covariances are taken, and rows that are changed at a time, so that a
# large image takes hardly more memory than it has itself.
MOST_SEEN, BAND = 1_250_000, 512
# Pixels that are handled at a time where each needs much memory.
PIXELS_AT_ONCE = 2**20

# From XYZ to what the three kinds of cones in the eye respond with: Reinhard et al. 2001, section
# 2.
XYZ_TO_CONES = np.array(
    [[0.3897, 0.6890, -0.0787], [-0.2298, 1.1834, 0.0464], [0.0, 0.0, 1.0]], "float32"
)
# From the logarithms of these responses to brightness, blue against yellow, red against green.
CONES_TO_OPPONENTS = np.diag([1 / 3, 1 / 6, 1 / 2]) ** 0.5 @ [[1, 1, 1], [1, 1, -2], [1, -1, 0]]
# Black has no logarithm, and without an offset the darkest pixels would decide every statistic.
DARKEST = 0.01


def to_space(image: np.ndarray, space: str) -> np.ndarray:
    """An image's colors in another color space.

    Args:
        image: image (height, width, 3) float32 in [0, 1].
        space: "rgb" leaves it as it is; "lab" is CIE Lab; "ruderman" is the space in which the
            channels of photographs hardly depend on each other.

    Returns:
        Array (height, width, 3). In "lab" the channels are lightness (0 to 100), green to red and
        blue to yellow; in "ruderman" brightness, blue to yellow, green to red, all logarithmic.

    Source: Ruderman, Cronin and Chiao, "Statistics of Cone Responses to Natural Images", 1998, as
    in Reinhard et al., "Color Transfer between Images", 2001, section 2; an offset under the
    logarithm is ours.
    """
    from skimage.color import rgb2lab, rgb2xyz

    if space == "rgb":
        return image
    if space == "lab":
        return rgb2lab(image)
    cones = rgb2xyz(image) @ XYZ_TO_CONES.T
    return np.log10(np.maximum(cones, 0.0) + DARKEST) @ CONES_TO_OPPONENTS.T.astype("float32")


def from_space(values: np.ndarray, space: str) -> np.ndarray:
    """The inverse of `to_space`.

    Args:
        values: array (height, width, 3).
        space: as in `to_space`.

    Returns:
        Image (height, width, 3) float32. Colors that no screen can show are moved to the nearest
        end of [0, 1], channel by channel.
    """
    from skimage.color import lab2rgb, xyz2rgb

    if space == "lab":
        with warnings.catch_warnings():
            # It warns of colors that had to be clipped, which is what is promised here.
            warnings.simplefilter("ignore", UserWarning)
            values = lab2rgb(values)
    elif space == "ruderman":
        cones = 10.0 ** (values @ np.linalg.inv(CONES_TO_OPPONENTS).T) - DARKEST
        values = xyz2rgb(cones @ np.linalg.inv(XYZ_TO_CONES).T)
    return np.clip(values, 0.0, 1.0).astype("float32")


def match_colors(image: Any, wanted: Any) -> np.ndarray:
    """Give an image the mean and the covariance of another's colors.

    Args:
        image: image (height, width, 3).
        wanted: the image whose colors are wanted, of any size.

    Returns:
        Image of the first one's size, clipped to [0, 1].

    Raises:
        ImageError: one of them is no image.

    Source: Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017,
    section 5.1.
    """
    image, wanted = map(image_files.check_image, (image, wanted))
    seen = [ops.convert_to_tensor(thinned(one)[None]) for one in (image, wanted)]
    (own_mean, _), (mean, _) = map(statistics.channel_statistics, seen)
    change = statistics.whitening_coloring(*map(statistics.covariance, seen))
    own_mean, mean, change = (ops.convert_to_numpy(x).squeeze() for x in (own_mean, mean, change))
    matched = np.empty(image.shape, "float32")
    for top in range(0, len(image), BAND):
        band = (image[top : top + BAND] - own_mean) @ change + mean
        np.clip(band, 0.0, 1.0, out=matched[top : top + BAND])
    return matched


def thinned(image: np.ndarray) -> np.ndarray:
    """Every pixel, or of a large image every second, third, ... in both directions."""
    step = 1
    while image.shape[0] * image.shape[1] > MOST_SEEN * step**2:
        step += 1
    return image[::step, ::step]


def with_colors_of(image: Any, reference: Any) -> np.ndarray:
    """An image's luminance with the reference's colors (in Lab).

    Args:
        image: image of the same size, whose lightness is taken.
        reference: image (height, width, 3), whose colors are kept.

    Returns:
        Image (height, width, 3) float32 in [0, 1].

    Raises:
        ImageError: one of them is no image, or they differ in size.

    Source: Gatys et al., CVPR 2017, section 5.2.
    """
    reference, image = map(image_files.check_image, (reference, image))
    if reference.shape != image.shape:
        raise image_files.ImageError(
            f"the shapes {reference.shape} and {image.shape} differ: resize one of the images."
        )
    lab = to_space(reference, "lab")
    lab[..., 0] = to_space(image, "lab")[..., 0]
    return from_space(lab, "lab")


def by_table(recolor: Callable, image: np.ndarray) -> Callable:
    """A function of single colors that looks them up, for an image of 8 bits a channel.

    Such an image has some hundred thousand different colors, however many its pixels are.

    Args:
        recolor: function from an image to an image of the same size, every pixel by its color.
        image: image (height, width, 3) on parts of which it will be called.

    Returns:
        A function that gives the same; ``recolor`` itself, where the values of the image are not
        multiples of 1/255.
    """
    occurs = np.zeros(2**24, bool)
    for top in range(0, len(image), BAND):
        levels = 255 * image[top : top + BAND]
        if np.abs(levels - np.rint(levels)).max() > 0.001:
            return recolor
        occurs[color_numbers(image[top : top + BAND])] = True
    numbers = np.flatnonzero(occurs)
    colors = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=-1)
    colors = (colors / 255).astype("float32")[None]
    parts = [
        recolor(colors[:, start : start + PIXELS_AT_ONCE])
        for start in range(0, len(numbers), PIXELS_AT_ONCE)
    ]
    recolored, rows = np.concatenate(parts, axis=1)[0], np.cumsum(occurs, dtype="int32") - 1
    return lambda some: recolored[rows[color_numbers(some)]]


def color_numbers(image: np.ndarray) -> np.ndarray:
    """For each pixel its three levels from 0 to 255 as one whole number: (height, width)."""
    red, green, blue = np.moveaxis(np.rint(255 * image).astype("uint32"), -1, 0)
    return red << 16 | green << 8 | blue
