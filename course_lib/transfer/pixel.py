"""Pixel-based transfer: the style's pixel values put on the content, then encoded and decoded.

Four methods change colors, every pixel by its own color: "deviation", "covariance", "histogram"
and "distribution" know more and more of the style's colors, and nothing of what lies beside what.
The fifth, "patches", builds the content anew from squares cut out of the style.

An array of colors is (number, 3): the pixels of a picture in any order. ``seen`` are the colors
whose statistics are taken; where they are not given, those that are to be changed. So some pixels
of a picture can be changed as the whole picture is.
"""

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib import statistics
from course_lib.autoencoder import SMALLEST_PICTURE, Autoencoder
from course_lib.backend import memory_advice
from course_lib.checks import as_number, check_choice
from course_lib.errors import TransferError
from course_lib.linear import matrix_power
from course_lib.transfer.colors import (
    BAND,
    COLOR_SPACES,
    PIXELS_AT_ONCE,
    by_table,
    from_space,
    thinned,
    to_space,
)
from course_lib.transfer.feature import LARGEST_WHOLE, style_shares
from course_lib.transfer.smoothing import smooth_change, smooth_change_in_bands
from course_lib.transfer.tiles import look_tiled, part_of, reconstruct_tiled, report

GUIDES = ("luminance", "code")
# A content that hardly varies would have its noise blown up to the style's contrast.
MOST_GAIN = 8.0
TINY = 1e-7
# Quantiles between which a map of values is a straight line.
KNOTS = 4096
# Pixels from which quantiles are taken, and squares of a style among which one is chosen.
MOST_PIXELS = 2**18
MOST_SQUARES = 6000
# Squares whose squared distances from another differ by less count as equally near.
SAME = 1e-5
# Squares of the content that are described at a time.
SQUARES_AT_ONCE = 4096
# By what the side of the squares is divided, and how often squares of that side are laid.
PASSES = (1, 2, 2, 4, 4)
SMALLEST_SQUARE = 4
# How much the luminance that guides squares is sharpened against its surroundings.
LOCAL_CONTRAST = 2.0
# Parts of a square by which it is compared: the guide's, and those of the colors laid so far.
LUMINANCE_CELLS, CODE_CELLS, COLOR_CELLS = 4, 2, 8


# ---- colors -----------------------------------------------------------------------------------


def match_deviation(colors, wanted, seen=None):
    """Give every channel the mean and the standard deviation that it has in other colors.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).
        seen: array (a third number, channels), or None: the colors themselves.

    Returns:
        Array of the first one's shape. No channel is amplified more than `MOST_GAIN` times.

    Source: Reinhard et al., "Color Transfer between Images", 2001, equations 10 and 11.
    """
    seen = colors if seen is None else seen
    gain = wanted.std(axis=0) / np.maximum(seen.std(axis=0), TINY)
    return (colors - seen.mean(axis=0)) * np.minimum(gain, MOST_GAIN) + wanted.mean(axis=0)


def match_covariance(colors, wanted, seen=None):
    """Give colors the mean and the covariance of others, moving them as little as possible.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).
        seen: array (a third number, channels), or None: the colors themselves.

    Returns:
        Array of the first one's shape. No direction is amplified more than `MOST_GAIN` times.

    Source: Pitié and Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping", 2007,
    equation 15.
    """
    seen = colors if seen is None else seen
    own = np.cov(seen.T, bias=True) + TINY * np.eye(colors.shape[1])
    root, whiten = matrix_power(own, 0.5), matrix_power(own, -0.5)
    change = whiten @ matrix_power(root @ np.cov(wanted.T, bias=True) @ root, 0.5) @ whiten
    gains, axes = np.linalg.eigh(change)
    change = axes * np.minimum(gains, MOST_GAIN) @ axes.T
    return (colors - seen.mean(axis=0)) @ change + wanted.mean(axis=0)


def match_ranks(values, wanted, seen=None):
    """Give numbers the distribution of others: the smallest becomes the smallest, and so on.

    Args:
        values: array (number,).
        wanted: array (another number,); ranks between two of them are interpolated.
        seen: array (a third number,), among which the values are ranked, or None: the values.

    Returns:
        Array of the first one's shape. Equal numbers stay equal: they become the mean of what
        their ranks ask for.
    """
    return np.interp(values, *rank_map(values if seen is None else seen, wanted))


def rank_map(values, wanted):
    """What each of some numbers becomes when they are given the distribution of others.

    Args:
        values: array (number,).
        wanted: array (another number,).

    Returns:
        Two arrays of one length: numbers in ascending order, and what becomes of them.
    """
    shares = np.linspace(0.0, 1.0, min(len(values), KNOTS))
    levels, place = np.unique(quantiles(values, shares), return_inverse=True)
    return levels, np.bincount(place, quantiles(wanted, shares)) / np.bincount(place)


def quantiles(values, shares):
    """The values below which given shares of the values lie, 0 the smallest and 1 the largest."""
    values = np.sort(values[:: 1 + len(values) // MOST_PIXELS])
    return np.interp(shares * (len(values) - 1), np.arange(len(values)), values)


def match_histograms(colors, wanted, seen=None):
    """Give every channel the distribution of values that it has in other colors.

    Args:
        colors: array (number, channels).
        wanted: array (another number, channels).
        seen: array (a third number, channels), or None: the colors themselves.

    Returns:
        Array of the first one's shape.

    Source: Gonzalez and Woods, "Digital Image Processing", section 3.3, for each channel.
    """
    seen = colors if seen is None else seen
    channels = zip(colors.T, wanted.T, seen.T, strict=True)
    return np.stack([match_ranks(*channel) for channel in channels], axis=1)


def match_turned(colors, wanted, axes, seen=None):
    """Match the histograms along three turned axes.

    Args:
        colors: array (number, 3).
        wanted: array (another number, 3).
        axes: array (3, 3), its columns of length 1 and at right angles.
        seen: array (a third number, 3), or None: the colors themselves.

    Returns:
        Array of the first one's shape.

    Source: Pitié, Kokaram and Dahyot, "Automated Colour Grading using Colour Distribution
    Transfer", 2007, section 3.
    """
    turned = None if seen is None else seen @ axes
    return match_histograms(colors @ axes, wanted @ axes, turned) @ axes.T


def match_distribution(colors, wanted, seen=None, turns=20, seed=0):
    """Give colors the whole distribution of others: sliced optimal transport.

    Args:
        colors: array (number, 3).
        wanted: array (another number, 3).
        seen: array (a third number, 3), or None: the colors themselves.
        turns: how many random sets of axes to match the histograms along.
        seed: for the axes.

    Returns:
        Array of the first one's shape.

    Source: Pitié, Kokaram and Dahyot 2007; Rabin et al., "Wasserstein Barycenter and its
    Application to Texture Mixing", 2011. Differs from both in that it starts from the covariance
    matched, which needs fewer turns and moves colors less.
    """
    generator = np.random.default_rng(seed)
    colors = match_covariance(colors, wanted, seen)
    if seen is not None:
        # Quantiles are taken from no more.
        seen = match_covariance(seen, wanted)[:: 1 + len(seen) // MOST_PIXELS]
    for _ in range(turns):
        axes, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        colors = match_turned(colors, wanted, axes, seen)
        if seen is not None:
            seen = match_turned(seen, wanted, axes)
    return colors


COLOR_METHODS = {
    "deviation": match_deviation,
    "covariance": match_covariance,
    "histogram": match_histograms,
    "distribution": match_distribution,
}
METHODS = (*COLOR_METHODS, "patches")


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
    middles = (np.arange(cells) + 0.5) * side / cells
    rows, columns = (
        ((places[:, axis, None] + middles) * scale[axis]).astype(int).clip(0, maps.shape[axis] - 1)
        for axis in (0, 1)
    )
    # Only the rows that these squares see, for a few squares of a large picture may be asked for.
    first, last = max(0, rows.min() - blur[0]), rows.max() + blur[0] + 1
    blurred = uniform_filter(maps[first:last], (*blur, 0), mode="nearest")
    return blurred[rows[:, :, None] - first, columns[:, None, :]].reshape(len(places), -1)


def nearest(wanted, offered):
    """For each row the number of the most similar one among others.

    Args:
        wanted: array (number, length).
        offered: array (another number, length).

    Returns:
        Array (number,) of row numbers in ``offered``.
    """
    # Of equals the first is taken. In single precision, or without rounding, the last bits would
    # choose: another machine, or a picture in other parts, would come out differently.
    offered = offered.astype("float64") / SAME
    lengths, turned = SAME * np.sum(offered**2, axis=1), -2 * offered.T
    found = []
    for start in range(0, len(wanted), 1024):
        distances = wanted[start : start + 1024] @ turned
        distances += lengths
        found.append(np.argmin(np.rint(distances, out=distances), axis=1))
    return np.concatenate(found)


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


def lay_squares(style, chosen, places, side, size, window):
    """Squares of a style laid over a picture and blended, some rows of the picture at a time.

    Args:
        style: picture of any size.
        chosen: upper left corners of the squares in the style, (number, 2).
        places: where each of them is to lie, (number, 2), which together cover the picture.
        side: side of a square in pixels.
        size: (height, width) of the picture.
        window: weights of the pixels of a square, (side, side), all above 0.

    Returns:
        Picture (height, width, 3) float32.
    """
    height, width = size
    laid = np.empty((height, width, 3), "float32")
    rows = max(side, PIXELS_AT_ONCE // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        # All squares that reach into these rows; above and below, others are missing.
        near = (places[:, 0] > top - side) & (places[:, 0] < bottom)
        at = places[near]
        first, last = at[:, 0].min(), at[:, 0].max() + side
        squares = np.stack([style[y : y + side, x : x + side] for y, x in chosen[near]])
        band = blend_patches(squares, at - [first, 0], (last - first, width), window)
        laid[top:bottom] = band[top - first : bottom - first]
    return laid


def texture_transfer(
    content, style, guides, guide_cells, patch=32, content_weight=1.5, seed=0, progress=None
):
    """Build the content from squares of the style, in a few passes from large to small ones.

    In the first pass the style's square is taken whose guide is most similar. Later passes also
    compare with the colors that lie there already, so that neighbors come to fit together.

    Within a pass no square depends on another, so a large picture is gone through some squares at a
    time: beside the pictures themselves the memory is bounded, and the result is the same.

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
        progress: as for `tiles.report`.

    Returns:
        Array (height, width, 3).

    Source: Efros and Freeman, "Image Quilting for Texture Synthesis and Transfer", SIGGRAPH 2001,
    section 4, for guide and passes; Kwatra et al., "Texture Optimization for Example-based
    Synthesis", SIGGRAPH 2005, for choosing again and averaging.
    """

    def rows_of(guide, colors, places, side, size):
        """The numbers by which squares are compared, one row for each."""
        rows = content_weight * describe(guide, places, side, guide_cells, size)
        if laid is None:
            return rows
        return np.hstack([rows, 0.5 * describe(colors, places, side, COLOR_CELLS, size)])

    generator = np.random.default_rng(seed)
    size, style_size = content.shape[:2], style.shape[:2]
    patch = min(patch, *(side // 8 for side in (*size, *style_size)))
    sides = [max(SMALLEST_SQUARE, patch // part) for part in PASSES]
    # Small squares are many, so the last passes take nearly all the time.
    times = np.cumsum([0.0, *(1 / side**2 for side in sides)])
    times /= times[-1]
    laid = None
    for number, side in enumerate(sides):
        places, offered = corners(size, side, side // 2), corners(style_size, side, side // 4)
        if len(offered) > MOST_SQUARES:
            offered = generator.permutation(offered)[:MOST_SQUARES]
        on_offer = rows_of(guides[1], style, offered, side, style_size)
        share = part_of(progress, times[number], times[number + 1])
        chosen = np.empty_like(places)
        for start in range(0, len(places), SQUARES_AT_ONCE):
            some = slice(start, start + SQUARES_AT_ONCE)
            wanted = rows_of(guides[0], laid, places[some], side, size)
            chosen[some] = offered[nearest(wanted, on_offer)]
            report(share, min(1.0, some.stop / len(places)))
        # The last pass overlaps less, because every overlap blurs.
        window = soft_window(side, power=2 if number + 1 == len(PASSES) else 1)
        laid = lay_squares(style, chosen, places, side, size, window)
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
            The style's colors are then met less exactly. "patches" does without.
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
    def __call__(self, content, style, strength=1.0, weights=None, masks=None, progress=None):
        """Stylize a picture of any size.

        Args:
            content: picture (height, width, 3), each side at least 16.
            style: picture of any size from 16 x 16, or a list of them. One of more than 1.25
                million pixels is made smaller for "patches".
            strength: 0 keeps the content (it is only encoded and decoded), 1 is full style.
            weights: one number of 0 or more per style; they are scaled to the sum 1.
            masks: one array (height, width) in [0, 1] per style: where it applies. Edges may be
                soft. Where the masks sum to less than 1, the content fills up.
            progress: function (share) that is told how much of the work is done, from 0 to 1, now
                and then. Where it returns True, the work stops.

        Returns:
            Picture (height, width, 3) float32 in [0, 1], of the content's size.

        Raises:
            TransferStopped: ``progress`` said so.
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
        changing = 1.0 if self.tap is None else 0.8
        picture = content.copy()
        for number, (one, share) in enumerate(zip(styles, shares, strict=True)):
            done = (changing * k / len(styles) for k in (number, number + 1))
            changed = self.change(content, one, part_of(progress, *done))
            move_towards(picture, content, changed, float(strength), share)
        np.clip(picture, 0.0, 1.0, out=picture)
        if self.tap is None:
            return picture
        return self.redraw(picture, part_of(progress, changing, 1.0))

    def change(self, content, style, progress=None):
        """The content with one style's pixel values at full strength, not yet decoded."""
        style = image_files.check_picture(style, min_side=SMALLEST_PICTURE, name="style")
        if self.method == "patches":
            style = not_too_large(style)
            guides, cells = self.guides(content, style)
            return texture_transfer(
                content, style, guides, cells, self.patch, self.content_weight, self.seed, progress
            )
        return self.recolored(content, style, progress)

    def recolored(self, content, style, progress=None):
        """The content in one style's colors, every pixel by its own, a large one in bands."""
        wanted = self.colors_of(thinned(style))
        few, whole = thinned(content), content.shape[0] * content.shape[1] <= LARGEST_WHOLE
        # Pixels that are all seen need not be matched twice.
        seen = None if whole and few.shape == content.shape else self.colors_of(few)

        def recolor(band):
            matched = self.match(self.colors_of(band), wanted, seen)
            return from_space(matched.reshape(band.shape), self.color_space)

        radius = max(2, min(content.shape[:2]) // 40)
        if whole:
            changed = recolor(content)
            if self.smooth:
                changed = np.clip(smooth_change(content, changed, radius), 0.0, 1.0)
            report(progress, 1.0)
            return changed
        recolor = by_table(recolor, content)
        if self.smooth:
            return smooth_change_in_bands(content, recolor, radius, progress)
        changed = np.empty(content.shape, "float32")
        for top in range(0, len(content), BAND):
            changed[top : top + BAND] = recolor(content[top : top + BAND])
            report(progress, min(1.0, (top + BAND) / len(content)))
        return changed

    def colors_of(self, picture):
        """The pixels of a picture in this transfer's color space, (number, 3)."""
        return to_space(picture, self.color_space).reshape(-1, 3)

    def match(self, colors, wanted, seen):
        """Colors matched to others by this transfer's method: see `match_deviation`."""
        options = {"seed": self.seed} if self.method == "distribution" else {}
        return COLOR_METHODS[self.method](colors, wanted, seen, **options)

    def guides(self, content, style):
        """What shall agree between squares of the two pictures, and in how many parts."""
        if self.guide == "code":
            # A code has dozens of channels where luminance has one: scaled to the same weight.
            codes = [self.code(one) for one in (content, style)]
            return [code * np.float32(0.6 / code.shape[-1] ** 0.5) for code in codes], CODE_CELLS
        wanted = to_space(style, "lab")[..., 0] / 100.0
        own = contrasted_luminance(content, 0.4 * self.patch)
        levels, targets = rank_map(own.ravel(), wanted.ravel())
        for top in range(0, len(own), BAND):
            own[top : top + BAND] = np.interp(own[top : top + BAND], levels, targets)
        return [own[..., None], wanted[..., None]], LUMINANCE_CELLS

    def code(self, picture):
        """The code one level above the deepest, every channel with mean 0 and deviation 1."""
        encoder = self.autoencoder.encoder
        tap = encoder.taps[-2:][0]
        if picture.shape[0] * picture.shape[1] <= LARGEST_WHOLE:
            features = encoder(ops.convert_to_tensor(picture[None]))[tap]
            return ops.convert_to_numpy(statistics.normalize(features))[0]
        depth = encoder.taps.index(tap) + 1
        wholes, features = look_tiled(encoder, picture, depth, keep=tap)
        mean, deviation = wholes[tap].measured
        features -= mean
        features /= deviation
        return features[0]

    def redraw(self, picture, progress=None):
        """Encode and decode, a large picture tile by tile."""
        if picture.shape[0] * picture.shape[1] > LARGEST_WHOLE:
            return reconstruct_tiled(self.autoencoder, picture, self.tap, progress=progress)
        drawn = self.autoencoder.reconstruct(image_files.to_batch(picture), tap=self.tap)
        report(progress, 1.0)
        # What a framework hands out may not be written to.
        return np.array(image_files.from_batch(drawn))


def not_too_large(picture):
    """The picture, or a smaller copy of one that has more than `LARGEST_WHOLE` pixels."""
    height, width, _ = picture.shape
    if height * width <= LARGEST_WHOLE:
        return picture
    smaller = np.sqrt(LARGEST_WHOLE / (height * width))
    rows, columns = (max(SMALLEST_PICTURE, int(side * smaller)) for side in (height, width))
    return image_files.resize(picture, (rows, columns))


def contrasted_luminance(picture, blur):
    """A picture's lightness, with more contrast to its surroundings: (height, width).

    A sky that grows brighter from side to side would take all ranks of the style's brightness, and
    leave none for what stands before it.

    Args:
        picture: picture (height, width, 3).
        blur: deviation, in pixels, of the bell curve by which the surroundings are weighted.
    """
    from scipy.ndimage import gaussian_filter

    luminance = np.empty(picture.shape[:2], "float32")
    # Further away the filter's weights are cut off.
    reach = int(4 * blur) + 1
    for top in range(0, len(picture), BAND):
        first = max(0, top - reach)
        own = to_space(picture[first : top + BAND + reach], "lab")[..., 0] / 100.0
        own = own + LOCAL_CONTRAST * (own - gaussian_filter(own, blur))
        luminance[top : top + BAND] = own[top - first :][:BAND]
    return luminance


def move_towards(picture, own, asked, strength, share):
    """Add to a picture what a style changes, by strength and share, some rows at a time.

    Args:
        picture: picture (height, width, 3) float32; it is overwritten.
        own: the content, of the same size.
        asked: the content in that style, of the same size.
        strength: a number from 0 to 1.
        share: of the style: a number, or an array (1, height, width, 1).
    """
    for top in range(0, len(picture), BAND):
        band = slice(top, top + BAND)
        here = share if isinstance(share, float) else share[0, band]
        picture[band] += strength * here * (asked[band] - own[band])
