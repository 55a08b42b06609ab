"""Pixel-based transfer: the style's pixel values put on the content, then encoded and decoded.

Four methods change colors, every pixel by its own color: "deviation", "covariance", "histogram"
and "distribution" know more and more of the style's colors, and nothing of what lies beside what.
The fifth, "patches", builds the content anew from squares cut out of the style.

An array of colors is (number, 3): the pixels of a picture in any order.
"""

import numpy as np
from keras import ops
from PIL import Image

from course_lib import images as image_files
from course_lib import statistics
from course_lib.autoencoder import Autoencoder, check_choice
from course_lib.device import memory_advice
from course_lib.images import as_number
from course_lib.transfer.colors import BAND, COLOR_SPACES, from_space, thinned, to_space
from course_lib.transfer.feature import LARGEST_WHOLE, TransferError, mixed, style_shares
from course_lib.transfer.tiles import reconstruct_tiled

GUIDES = ("luminance", "code")
SMALLEST_PICTURE = 16
# A content that hardly varies would have its noise blown up to the style's contrast.
MOST_GAIN = 8.0
TINY = 1e-7
# Quantiles between which a map of values is a straight line.
KNOTS = 4096
# Pixels from which quantiles are taken, and squares of a style among which one is chosen.
MOST_PIXELS = 2**18
MOST_SQUARES = 6000
# By what the side of the squares is divided, and how often squares of that side are laid.
PASSES = (1, 2, 2, 4, 4)
SMALLEST_SQUARE = 4
# How much the luminance that guides squares is sharpened against its surroundings.
LOCAL_CONTRAST = 2.0
# Parts of a square by which it is compared: the guide's, and those of the colors laid so far.
LUMINANCE_CELLS, CODE_CELLS, COLOR_CELLS = 4, 2, 8


# ---- colors -----------------------------------------------------------------------------------


def match_deviation(colors, wanted):
    """Give every channel the mean and the standard deviation that it has in other colors.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).

    Returns:
        Array of the first one's shape. No channel is amplified more than `MOST_GAIN` times.

    Source: Reinhard et al., "Color Transfer between Images", 2001, equations 10 and 11.
    """
    gain = wanted.std(axis=0) / np.maximum(colors.std(axis=0), TINY)
    return (colors - colors.mean(axis=0)) * np.minimum(gain, MOST_GAIN) + wanted.mean(axis=0)


def match_covariance(colors, wanted):
    """Give colors the mean and the covariance of others, moving them as little as possible.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).

    Returns:
        Array of the first one's shape. No direction is amplified more than `MOST_GAIN` times.

    Source: Pitié and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping", 2007,
    equation 15.
    """
    own = np.cov(colors.T, bias=True) + TINY * np.eye(colors.shape[1])
    root, whiten = matrix_power(own, 0.5), matrix_power(own, -0.5)
    change = whiten @ matrix_power(root @ np.cov(wanted.T, bias=True) @ root, 0.5) @ whiten
    gains, axes = np.linalg.eigh(change)
    change = axes * np.minimum(gains, MOST_GAIN) @ axes.T
    return (colors - colors.mean(axis=0)) @ change + wanted.mean(axis=0)


def matrix_power(matrix, exponent):
    """A power of a symmetric positive semi-definite matrix, by its eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.maximum(values, TINY**2) ** exponent @ vectors.T


def match_ranks(values, wanted):
    """Give numbers the distribution of others: the smallest becomes the smallest, and so on.

    Args:
        values: array (number,).
        wanted: array (another number,); ranks between two of them are interpolated.

    Returns:
        Array of the first one's shape. Equal numbers stay equal: they become the mean of what
        their ranks ask for.
    """
    shares = np.linspace(0.0, 1.0, min(len(values), KNOTS))
    levels, place = np.unique(quantiles(values, shares), return_inverse=True)
    targets = np.bincount(place, quantiles(wanted, shares)) / np.bincount(place)
    return np.interp(values, levels, targets)


def quantiles(values, shares):
    """The values below which given shares of the values lie, 0 the smallest and 1 the largest."""
    values = np.sort(values[:: 1 + len(values) // MOST_PIXELS])
    return np.interp(shares * (len(values) - 1), np.arange(len(values)), values)


def match_histograms(colors, wanted):
    """Give every channel the distribution of values that it has in other colors.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).

    Returns:
        Array of the first one's shape.

    Source: Gonzalez and Woods, "Digital Image Processing", section 3.3, for each channel.
    """
    return np.stack([match_ranks(*pair) for pair in zip(colors.T, wanted.T, strict=True)], axis=1)


def match_turned(colors, wanted, axes):
    """Match the histograms along three turned axes.

    Args:
        colors: array (number, 3).
        wanted: array (another number, 3).
        axes: array (3, 3), its columns of length 1 and at right angles.

    Returns:
        Array of the first one's shape.

    Source: Pitié, Kokaram and Dahyot, "Automated Colour Grading using Colour Distribution
    Transfer", 2007, section 3.
    """
    return match_histograms(colors @ axes, wanted @ axes) @ axes.T


def match_distribution(colors, wanted, turns=20, seed=0):
    """Give colors the whole distribution of others: sliced optimal transport.

    Args:
        colors: array (number, 3).
        wanted: array (another number, 3).
        turns: how many random sets of axes to match the histograms along.
        seed: for the axes.

    Returns:
        Array of the first one's shape.

    Source: Pitié, Kokaram and Dahyot 2007; Rabin et al., "Wasserstein Barycenter and its
    Application to Texture Mixing", 2011. Differs from both in that it starts from the covariance
    matched, which needs fewer turns and moves colors less.
    """
    generator = np.random.default_rng(seed)
    colors = match_covariance(colors, wanted)
    for _ in range(turns):
        axes, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        colors = match_turned(colors, wanted, axes)
    return colors


COLOR_METHODS = {
    "deviation": match_deviation,
    "covariance": match_covariance,
    "histogram": match_histograms,
    "distribution": match_distribution,
}
METHODS = (*COLOR_METHODS, "patches")


def smooth_change(content, changed, radius, detail=0.02):
    """Take from a change of colors what the content has no reason for: bands, grain and blocks.

    Args:
        content: picture (height, width, 3).
        changed: picture of the same size, whose difference from the content is smoothed.
        radius: as in `change_as_lines`.
        detail: see there.

    Returns:
        Array (height, width, 3).
    """
    return follow_lines(content, change_as_lines(content, changed, radius, detail))


def change_as_lines(content, changed, radius, detail=0.02):
    """A change of colors as straight lines of the content's colors, another one at each place.

    In every window the change is replaced by the straight line of the content's colors that fits
    best. Where the content is flat that is a constant, so its noise is not amplified; at its edges
    the change may jump.

    Args:
        content: picture (height, width, 3).
        changed: picture of the same size.
        radius: the window has 2 * radius + 1 pixels a side.
        detail: variations of the content below this count as flat.

    Returns:
        Array (height, width, 4, 3): the slopes of the three colors of the change, and its offset.

    Source: He, Sun and Tang, "Guided Image Filtering", 2010, equations 14 to 16; the idea of
    filtering the change is by Rabin, Delon and Gousseau, "Removing Artefacts from Color and
    Contrast Modifications", 2011.
    """
    from scipy.ndimage import uniform_filter

    def average(maps):
        return uniform_filter(maps, (2 * radius + 1,) * 2 + (0,) * (maps.ndim - 2), mode="reflect")

    change = changed - content
    centers, moves = average(content), average(change)
    own = average(content[..., :, None] * content[..., None, :])
    own = own - centers[..., :, None] * centers[..., None, :] + detail**2 * np.eye(3)
    both = average(content[..., :, None] * change[..., None, :])
    slope = np.linalg.solve(own, both - centers[..., :, None] * moves[..., None, :])
    offset = moves - np.einsum("hwc,hwcd->hwd", centers, slope)
    return average(np.concatenate([slope, offset[..., None, :]], axis=2))


def follow_lines(content, lines):
    """The content changed along the lines that `change_as_lines` gave, (height, width, 3)."""
    slope, offset = lines[..., :3, :], lines[..., 3, :]
    return content + np.einsum("hwc,hwcd->hwd", content, slope) + offset


def follow_lines_of_copy(content, lines):
    """A large picture changed along the lines of a smaller copy of it, one band after the other.

    Args:
        content: picture (height, width, 3).
        lines: array (height', width', 4, 3), what `change_as_lines` gave for the copy.

    Returns:
        Picture (height, width, 3) float32 in [0, 1].

    Source: He and Sun, "Fast Guided Filter", 2015: lines vary so slowly that they can be found on
    a copy, while the content's own detail decides what becomes of each pixel.
    """
    rows, columns = lines.shape[:2]
    parts = [
        Image.fromarray(part)
        for part in np.moveaxis(lines, (2, 3), (0, 1)).reshape(-1, rows, columns).astype("float32")
    ]
    changed = np.empty(content.shape, "float32")
    for top in range(0, len(content), BAND):
        band = content[top : top + BAND]
        edges = np.array([top, top + len(band)]) * rows / len(content)
        box = (0, edges[0], columns, edges[1])
        size = band.shape[1::-1]
        enlarged = [np.asarray(part.resize(size, Image.Resampling.BILINEAR, box)) for part in parts]
        here = np.stack(enlarged, axis=-1).reshape(*band.shape[:2], 4, 3)
        np.clip(follow_lines(band, here), 0.0, 1.0, out=changed[top : top + len(band)])
    return changed


# ---- patches ----------------------------------------------------------------------------------


def corners(size, side, step):
    """Upper left corners of squares that cover a picture.

    Args:
        size: (height, width) of the picture.
        side: side of a square in pixels, at most the shorter side of the picture.
        step: pixels from one square to the next; the last ones end at the border.

    Returns:
        Array (number, 2) of rows and columns.
    """
    rows, columns = (
        np.unique(np.append(np.arange(0, length - side, step), length - side)) for length in size
    )
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)


def describe(maps, places, side, cells, size):
    """What stands in squares of a picture, as one row of numbers each.

    Args:
        maps: array (height, width, channels): the picture, or features of it, which are smaller.
        places: the squares' corners in the picture, (number, 2).
        side: side of a square in pixels of the picture.
        cells: a square is described by the means of cells x cells parts.
        size: (height, width) of the picture.

    Returns:
        Array (number, cells * cells * channels).
    """
    from scipy.ndimage import uniform_filter

    scale = np.array(maps.shape[:2]) / size
    blur = [max(1, round(side / cells * factor)) for factor in scale]
    blurred = uniform_filter(maps, (*blur, 0), mode="nearest")
    middles = (np.arange(cells) + 0.5) * side / cells
    rows, columns = (
        ((places[:, axis, None] + middles) * scale[axis]).astype(int).clip(0, maps.shape[axis] - 1)
        for axis in (0, 1)
    )
    return blurred[rows[:, :, None], columns[:, None, :]].reshape(len(places), -1)


def nearest(wanted, offered):
    """For each row the number of the most similar one among others.

    Args:
        wanted: array (number, length).
        offered: array (another number, length).

    Returns:
        Array (number,) of row numbers in ``offered``.
    """
    lengths = np.sum(offered**2, axis=1)
    blocks = [wanted[start : start + 1024] for start in range(0, len(wanted), 1024)]
    # Of equals the first is taken: without rounding, the last bits would choose, and another
    # machine would build another picture.
    return np.concatenate(
        [np.argmin(np.round(lengths - 2 * block @ offered.T, 5), axis=1) for block in blocks]
    )


def blend_patches(patches, places, size, window):
    """Lay overlapping squares side by side; where they overlap, their weighted mean counts.

    Args:
        patches: array (number, side, side, channels).
        places: their upper left corners, (number, 2), which together cover the picture.
        size: (height, width) of the picture.
        window: weights of the pixels of a square, (side, side), all above 0.

    Returns:
        Array (height, width, channels).
    """
    side, channels = patches.shape[1], patches.shape[-1]
    total, weight = np.zeros((*size, channels)), np.zeros((*size, 1))
    for patch, (top, left) in zip(patches, places, strict=True):
        total[top : top + side, left : left + side] += window[..., None] * patch
        weight[top : top + side, left : left + side] += window[..., None]
    return total / weight


def soft_window(side, power):
    """Weights of a square's pixels, which fall smoothly towards its border: (side, side)."""
    along = np.sin(np.pi * (np.arange(side) + 0.5) / side) ** power
    return np.outer(along, along)


def texture_transfer(content, style, guides, guide_cells, patch=32, content_weight=1.5, seed=0):
    """Build the content from squares of the style, in a few passes from large to small ones.

    In the first pass the style's square is taken whose guide is most similar. Later passes also
    compare with the colors that lie there already, so that neighbors come to fit together.

    Args:
        content: picture (height, width, 3).
        style: picture of any size.
        guides: pair of arrays (height', width', channels), what shall agree between the content
            and the style; each may be smaller than its picture.
        guide_cells: each guide is compared by the means of guide_cells x guide_cells parts.
        patch: side of the largest squares in pixels, as far as it is not more than an eighth of a
            picture's side; the smallest have a quarter of it.
        content_weight: how much the guide counts, beside the fit with what lies there already.
        seed: for the choice of squares on offer, where there are too many.

    Returns:
        Array (height, width, 3).

    Source: Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer", SIGGRAPH 2001,
    section 4, for guide and passes; Kwatra et al., "Texture Optimization for Example-based
    Synthesis", SIGGRAPH 2005, for choosing again and averaging.
    """
    generator = np.random.default_rng(seed)
    pictures = content, style
    sizes = [picture.shape[:2] for picture in pictures]
    patch = min(patch, *(side // 8 for size in sizes for side in size))
    laid = None
    for number, part in enumerate(PASSES, 1):
        side = max(SMALLEST_SQUARE, patch // part)
        places = [corners(sizes[0], side, side // 2), corners(sizes[1], side, side // 4)]
        if len(places[1]) > MOST_SQUARES:
            places[1] = generator.permutation(places[1])[:MOST_SQUARES]
        rows = []
        for guide, at, size, colors in zip(guides, places, sizes, (laid, style), strict=True):
            row = content_weight * describe(guide, at, side, guide_cells, size)
            if laid is not None:
                row = np.hstack([row, 0.5 * describe(colors, at, side, COLOR_CELLS, size)])
            rows.append(row)
        chosen = places[1][nearest(*rows)]
        squares = np.stack([style[y : y + side, x : x + side] for y, x in chosen])
        # The last pass overlaps less, because every overlap blurs.
        window = soft_window(side, power=2 if number == len(PASSES) else 1)
        laid = blend_patches(squares, places[0], sizes[0], window).astype("float32")
    return laid


# ---- the transfer -----------------------------------------------------------------------------


class PixelTransfer:
    """Pixel-based style transfer.

    Args:
        method: "deviation" (mean and standard deviation of each channel), "covariance" (mean and
            covariance), "histogram" (distribution of each channel), "distribution" (of the colors
            as a whole) or "patches" (squares of the style in the place of the content's).
        color_space: "rgb", "lab" or "ruderman", where the colors are counted; "patches" does
            without.
        tap: where the autoencoder's decoder is entered; None leaves the autoencoder out.
        smooth: take from the change of colors what the content has no reason for (bands, grain).
            The style's colors are then met less exactly. "patches" does without. The change of a
            picture of more than 1.25 million pixels is found on a smaller copy, and always smooth.
        guide: for "patches": what shall agree with the content, "luminance" or the "code".
        patch: for "patches": side of the largest squares in pixels, at least 8; as far as it is
            not more than an eighth of a picture's side.
        content_weight: for "patches": how much the guide counts, above 0.
        seed: for the axes of "distribution" and the squares of "patches".
        autoencoder: an `Autoencoder`; the course's own by default.

    Raises:
        ValueError: an option that there is not, with those there are.
        TransferError: a patch or a weight that cannot be.

    Source: Reinhard et al. 2001; Pitié et al. 2007; Efros and Freeman 2001. See the functions.
    """

    def __init__(
        self,
        method="distribution",
        color_space="rgb",
        tap="relu2_1",
        smooth=True,
        guide="luminance",
        patch=32,
        content_weight=1.5,
        seed=0,
        autoencoder=None,
    ):
        check_choice("method", method, METHODS)
        check_choice("color_space", color_space, COLOR_SPACES)
        check_choice("guide", guide, GUIDES)
        if not (as_number(patch) >= 2 * SMALLEST_SQUARE and patch % 1 == 0):
            raise TransferError(
                f"patch={patch}: a whole number of {2 * SMALLEST_SQUARE} or more is needed."
            )
        if not 0 < as_number(content_weight) < np.inf:
            raise TransferError(f"content_weight={content_weight}: a number above 0 is needed.")
        self.method, self.color_space, self.smooth = method, color_space, smooth
        self.guide, self.patch, self.content_weight = guide, int(patch), content_weight
        self.tap, self.seed = tap, seed
        self.autoencoder = autoencoder
        if tap is not None or (method == "patches" and guide == "code"):
            self.autoencoder = autoencoder or Autoencoder.from_course()
        if tap is not None:
            check_choice("tap", tap, self.autoencoder.taps)

    @memory_advice("stylize the picture", "Make the picture smaller with images.resize.")
    def __call__(self, content, style, strength=1.0, weights=None, masks=None):
        """Stylize a picture.

        Args:
            content: picture (height, width, 3), each side at least 16.
            style: picture of any size from 16 x 16, or a list of them.
            strength: 0 keeps the content (it is only encoded and decoded), 1 is full style.
            weights: one number of 0 or more per style; they are scaled to the sum 1.
            masks: one array (height, width) in [0, 1] per style: where it applies. Edges may be
                soft. Where the masks sum to less than 1, the content fills up.

        Returns:
            Picture (height, width, 3) float32 in [0, 1], of the content's size.

        Raises:
            PictureError: a picture that is none, or too small.
            TransferError: strength, weights or masks that do not fit, with what to do.
        """
        content = image_files.check_picture(content, min_side=SMALLEST_PICTURE, name="content")
        styles = list(style) if isinstance(style, (list, tuple)) else [style]
        if not styles:
            raise TransferError("style=[]: give at least one style picture.")
        if not 0.0 <= as_number(strength) <= 1.0:
            raise TransferError(f"strength={strength!r}: 0 keeps the content, 1 is full style.")
        shares = style_shares(len(styles), weights, masks, content.shape[:2])
        changed = [self.change(content, one)[None] for one in styles]
        picture = np.clip(mixed(content[None], changed, float(strength), shares)[0], 0.0, 1.0)
        return picture.astype("float32") if self.tap is None else self.redraw(picture)

    def change(self, content, style):
        """The content with one style's pixel values at full strength, not yet decoded."""
        style = image_files.check_picture(style, min_side=SMALLEST_PICTURE, name="style")
        if self.method == "patches":
            guides, cells = self.guides(content, style)
            return texture_transfer(
                content, style, guides, cells, self.patch, self.content_weight, self.seed
            )
        height, width, _ = content.shape
        if height * width <= LARGEST_WHOLE:
            return self.recolored(content, style, self.radius(content))
        smaller = np.sqrt(LARGEST_WHOLE / (height * width))
        copy = image_files.resize(content, (int(height * smaller), int(width * smaller)))
        radius = self.radius(copy)
        recolored = self.recolored(copy, style, radius)
        return follow_lines_of_copy(content, change_as_lines(copy, recolored, radius or 2))

    def radius(self, content):
        """The radius of the windows in which a change of colors is smoothed, or None."""
        return max(2, min(content.shape[:2]) // 40) if self.smooth else None

    def recolored(self, content, style, radius):
        """The content in one style's colors, every pixel by its own color."""
        colors, wanted = (to_space(one, self.color_space) for one in (content, thinned(style)))
        options = {"seed": self.seed} if self.method == "distribution" else {}
        matched = COLOR_METHODS[self.method](
            colors.reshape(-1, 3), wanted.reshape(-1, 3), **options
        )
        changed = from_space(matched.reshape(content.shape), self.color_space)
        if radius:
            changed = np.clip(smooth_change(content, changed, radius), 0.0, 1.0)
        return changed

    def guides(self, content, style):
        """What shall agree between squares of the two pictures, and in how many parts."""
        from scipy.ndimage import gaussian_filter

        if self.guide == "code":
            # A code has dozens of channels where luminance has one: scaled to the same weight.
            codes = [0.6 * self.code(one) for one in (content, style)]
            return [code / np.sqrt(code.shape[-1]) for code in codes], CODE_CELLS
        own, wanted = (to_space(one, "lab")[..., :1] / 100.0 for one in (content, style))
        # A sky that grows brighter from side to side would take all ranks, and leave none for
        # what stands before it.
        around = gaussian_filter(own, (0.4 * self.patch, 0.4 * self.patch, 0))
        own = own + LOCAL_CONTRAST * (own - around)
        matched = match_ranks(own.ravel(), wanted.ravel()).reshape(own.shape)
        return [matched.astype("float32"), wanted], LUMINANCE_CELLS

    def code(self, picture):
        """The code one level above the deepest, every channel with mean 0 and deviation 1."""
        encoder = self.autoencoder.encoder
        features = encoder(ops.convert_to_tensor(picture[None]))[encoder.taps[-2:][0]]
        return ops.convert_to_numpy(statistics.normalize(features))[0]

    def redraw(self, picture):
        """Encode and decode, a large picture tile by tile."""
        if picture.shape[0] * picture.shape[1] > LARGEST_WHOLE:
            return reconstruct_tiled(self.autoencoder, picture, self.tap)
        drawn = self.autoencoder.reconstruct(image_files.to_batch(picture), tap=self.tap)
        return image_files.from_batch(drawn)
