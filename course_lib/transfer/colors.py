"""Colors alone: color spaces, and one picture's colors given to another.

Every transfer that is to keep the content's colors uses these: either the style picture is given
the content's colors before it is looked at, or the result takes the content's colors back.
"""

import warnings

import numpy as np
from keras import ops

from course_lib import statistics

KEEP_COLORS = (None, "luminance", "covariance")
COLOR_SPACES = ("rgb", "lab", "ruderman")

# From XYZ to what the three kinds of cones in the eye answer: Reinhard et al. 2001, section 2.
XYZ_TO_CONES = np.array(
    [[0.3897, 0.6890, -0.0787], [-0.2298, 1.1834, 0.0464], [0.0, 0.0, 1.0]], "float32"
)
# From the logarithms of these answers to brightness, blue against yellow, red against green.
CONES_TO_OPPONENTS = np.diag([1 / 3, 1 / 6, 1 / 2]) ** 0.5 @ [[1, 1, 1], [1, 1, -2], [1, -1, 0]]
# Black has no logarithm, and without an offset the darkest pixels would decide every statistic.
DARKEST = 0.01


def to_space(picture, space):
    """A picture's colors in another color space.

    Args:
        picture: picture (height, width, 3) float32 in [0, 1].
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
        return picture
    if space == "lab":
        return rgb2lab(picture)
    cones = rgb2xyz(picture) @ XYZ_TO_CONES.T
    return np.log10(np.maximum(cones, 0.0) + DARKEST) @ CONES_TO_OPPONENTS.T.astype("float32")


def from_space(values, space):
    """The inverse of `to_space`.

    Args:
        values: array (height, width, 3).
        space: as in `to_space`.

    Returns:
        Picture (height, width, 3) float32. Colors that no screen can show are moved to the nearest
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


def match_colors(picture, wanted):
    """Give a picture the mean and the covariance of another's colors.

    Args:
        picture: picture (height, width, 3).
        wanted: the picture whose colors are wanted, of any size.

    Returns:
        Picture of the first one's size, clipped to [0, 1].

    Source: Gatys et al., "Controlling Perceptual Factors in Neural Style Transfer", CVPR 2017,
    section 5.1.
    """
    images, wanted = (ops.convert_to_tensor(one[None]) for one in (picture, wanted))
    mean, _ = statistics.channel_statistics(wanted)
    matched = statistics.wct(images, mean, statistics.covariance(wanted))
    return np.clip(ops.convert_to_numpy(matched)[0], 0.0, 1.0).astype("float32")


def with_colors_of(content, picture):
    """A picture's luminance with the content's colors (in Lab).

    Args:
        content: picture (height, width, 3), whose colors are kept.
        picture: picture of the same size, whose lightness is taken.

    Returns:
        Picture (height, width, 3) float32 in [0, 1].

    Source: Gatys et al., CVPR 2017, section 5.2.
    """
    lab = to_space(content, "lab")
    lab[..., 0] = to_space(picture, "lab")[..., 0]
    return from_space(lab, "lab")
