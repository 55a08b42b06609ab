"""Pixel-based transfer: the style's pixel values put on the content, then encoded and decoded.

Four methods change colors, every pixel by its own color: "mean_std", "covariance", "histogram"
and "distribution" know more and more of the style's colors, and nothing of what lies beside what
(`matching`). The fifth, "patches", builds the content anew from squares cut out of the style
(`patches`).
"""

from typing import Any

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib import statistics
from course_lib.autoencoder import SMALLEST_IMAGE, Autoencoder
from course_lib.backend import memory_advice
from course_lib.checks import as_number, check_choice
from course_lib.errors import TransferError
from course_lib.transfer.colors import (
    BAND,
    COLOR_SPACES,
    by_table,
    from_space,
    thinned,
    to_space,
)
from course_lib.transfer.common import (
    LARGEST_WHOLE,
    Prepared,
    Progress,
    Transfer,
    check_strength,
    checked_content,
    checked_style,
    combined,
    in_contents_colors,
    move_towards,
    part_of,
    report,
    style_list,
)
from course_lib.transfer.guided import guided_filter_change, guided_filter_change_in_bands
from course_lib.transfer.matching import COLOR_METHODS, rank_map
from course_lib.transfer.patches import SMALLEST_SQUARE, texture_transfer
from course_lib.transfer.tiled import reconstruct_tiled
from course_lib.transfer.tiles import look_tiled

METHODS = (*COLOR_METHODS, "patches")
GUIDES = ("luminance", "code")
# How much the luminance that guides squares is sharpened against its surroundings.
LOCAL_CONTRAST = 2.0
# Parts of a square by which the guides are compared.
LUMINANCE_CELLS, CODE_CELLS = 4, 2
SMALLER = "Make the image smaller with images.resize (`course stylize --size 1024`)."


class PixelTransfer(Transfer):
    """Pixel-based style transfer.

    Args:
        method: "mean_std" (mean and standard deviation of each channel), "covariance" (mean and
            covariance), "histogram" (distribution of each channel), "distribution" (of the colors
            as a whole) or "patches" (squares of the style in the place of the content's).
        color_space: "rgb", "lab" or "ruderman", where the colors are counted; "patches" does
            without.
        tap: where the autoencoder's decoder is entered; None leaves the autoencoder out.
        guided_filter: take from the change of colors what the content has no reason for (bands,
            grain). The style's colors are then met less exactly. "patches" does without.
        guide: for "patches": what shall agree with the content, "luminance" or the "code".
        patch: for "patches": side of the largest squares in pixels, at least 8; as far as it is
            not more than an eighth of an image's side.
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
        method: str = "distribution",
        *,
        color_space: str = "rgb",
        tap: str | None = "relu2_1",
        guided_filter: bool = True,
        guide: str = "luminance",
        patch: int = 32,
        content_weight: float = 1.5,
        seed: int = 0,
        autoencoder: Autoencoder | None = None,
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
        self.method, self.color_space, self.guided_filter = method, color_space, guided_filter
        self.guide, self.patch, self.content_weight = guide, int(patch), content_weight
        self.tap, self.seed = tap, seed
        self.preparing = 1.0 if tap is None else 0.8
        self.autoencoder: Any = autoencoder
        if tap is not None or (method == "patches" and guide == "code"):
            self.autoencoder = autoencoder or Autoencoder.from_course()
        if tap is not None:
            check_choice("tap", tap, self.autoencoder.taps)

    @memory_advice("change the colors", SMALLER)
    def prepare(
        self,
        content: Any,
        style: Any,
        *,
        keep_colors: str | None = None,
        progress: Progress = None,
    ) -> Prepared:
        """Put each style's pixel values on the content, at full strength and not yet decoded.

        Args:
            content: image (height, width, 3), each side at least 16.
            style: image of any size from 16 x 16, or a list of them. One of more than 1.25
                million pixels is made smaller for "patches".
            keep_colors: as in a call, and so is the progress.
            progress: as there.

        Returns:
            A `Prepared`, its styles as images (height, width, 3) of the content's size.
        """
        content, changed = checked_content(content), []
        styles = [
            in_contents_colors(checked_style(s), content, keep_colors) for s in style_list(style)
        ]
        for number, one in enumerate(styles):
            part = part_of(progress, number / len(styles), (number + 1) / len(styles))
            changed.append(self.change(content, one, progress=part))
        return Prepared(content, tuple(changed), keep_colors)

    @memory_advice("decode the image", SMALLER)
    def apply(
        self,
        prepared: Prepared,
        *,
        strength: float = 1.0,
        weights: Any = None,
        masks: Any = None,
        progress: Progress = None,
    ) -> np.ndarray:
        """Mix the content with its prepared changes, then encode and decode it, as in a call."""
        strength, content = check_strength(strength), prepared.content

        def stylize(styles: tuple, proportions: list[float], progress: Progress) -> np.ndarray:
            image = content.copy()
            for changed, proportion in zip(styles, proportions, strict=True):
                move_towards(image, content, changed, strength * proportion)
            np.clip(image, 0.0, 1.0, out=image)
            return image if self.tap is None else self.redraw(image, progress=progress)

        return combined(prepared, stylize, weights=weights, masks=masks, progress=progress)

    def change(self, content: np.ndarray, style: np.ndarray, *, progress: Progress = None) -> Any:
        """The content with one style's pixel values at full strength, not yet decoded."""
        if self.method != "patches":
            return self.recolored(content, style, progress=progress)
        style = not_too_large(style)
        guides, cells = self.guides(content, style)
        return texture_transfer(
            content,
            style,
            guides=guides,
            guide_cells=cells,
            patch=self.patch,
            content_weight=self.content_weight,
            seed=self.seed,
            progress=progress,
        )

    def recolored(
        self, content: np.ndarray, style: np.ndarray, *, progress: Progress = None
    ) -> Any:
        """The content in one style's colors, every pixel by its own, a large one in bands."""
        wanted = self.colors_of(thinned(style))
        few, whole = thinned(content), content.shape[0] * content.shape[1] <= LARGEST_WHOLE
        # Pixels that are all seen need not be matched twice.
        seen = None if whole and few.shape == content.shape else self.colors_of(few)

        def recolor(band: np.ndarray) -> np.ndarray:
            matched = self.match(self.colors_of(band), wanted, seen)
            return from_space(matched.reshape(band.shape), self.color_space)

        radius = max(2, min(content.shape[:2]) // 40)
        if whole:
            changed = recolor(content)
            if self.guided_filter:
                changed = np.clip(guided_filter_change(content, changed, radius), 0.0, 1.0)
            report(progress, 1.0)
            return changed
        recolor_band = by_table(recolor, content)
        if self.guided_filter:
            return guided_filter_change_in_bands(content, recolor_band, radius, progress=progress)
        changed = np.empty(content.shape, "float32")
        for top in range(0, len(content), BAND):
            changed[top : top + BAND] = recolor_band(content[top : top + BAND])
            report(progress, min(1.0, (top + BAND) / len(content)))
        return changed

    def colors_of(self, image: np.ndarray) -> np.ndarray:
        """The pixels of an image in this transfer's color space, (number, 3)."""
        return to_space(image, self.color_space).reshape(-1, 3)

    def match(self, colors: np.ndarray, wanted: np.ndarray, seen: Any) -> np.ndarray:
        """Colors matched to others by this transfer's method: see `match_mean_std`."""
        options = {"seed": self.seed} if self.method == "distribution" else {}
        return COLOR_METHODS[self.method](colors, wanted, seen=seen, **options)

    def guides(self, content: np.ndarray, style: np.ndarray) -> tuple[list, int]:
        """What shall agree between squares of the two images, and in how many parts."""
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

    def code(self, image: np.ndarray) -> np.ndarray:
        """The code one level above the deepest, each channel with mean 0, standard deviation 1."""
        encoder = self.autoencoder.encoder
        tap = encoder.taps[-2:][0]
        if image.shape[0] * image.shape[1] <= LARGEST_WHOLE:
            features = encoder(ops.convert_to_tensor(image[None]))[tap]
            return ops.convert_to_numpy(statistics.normalize(features))[0]
        depth = encoder.taps.index(tap) + 1
        wholes, features = look_tiled(encoder, image, depth=depth, keep=tap)
        mean, std = wholes[tap].measured
        features -= mean
        features /= std
        return features[0]

    def redraw(self, image: np.ndarray, *, progress: Progress = None) -> np.ndarray:
        """Encode and decode, a large image tile by tile."""
        if image.shape[0] * image.shape[1] > LARGEST_WHOLE:
            return reconstruct_tiled(self.autoencoder, image, tap=self.tap, progress=progress)
        drawn = self.autoencoder.reconstruct(image_files.to_batch(image), tap=self.tap)
        report(progress, 1.0)
        # What a framework hands out may not be written to.
        return np.array(image_files.from_batch(drawn))


def not_too_large(image: np.ndarray) -> np.ndarray:
    """The image, or a smaller copy of one that has more than `LARGEST_WHOLE` pixels."""
    height, width, _ = image.shape
    if height * width <= LARGEST_WHOLE:
        return image
    smaller = np.sqrt(LARGEST_WHOLE / (height * width))
    rows, columns = (max(SMALLEST_IMAGE, int(side * smaller)) for side in (height, width))
    return image_files.resize(image, (rows, columns))


def contrasted_luminance(image: np.ndarray, blur: float) -> np.ndarray:
    """An image's lightness, with more contrast to its surroundings: (height, width).

    A sky that grows brighter from side to side would take all ranks of the style's brightness, and
    leave none for what stands before it.

    Args:
        image: image (height, width, 3).
        blur: standard deviation, in pixels, of the bell curve by which the surroundings are
            weighted.
    """
    from scipy.ndimage import gaussian_filter

    luminance = np.empty(image.shape[:2], "float32")
    # Further away the filter's weights are cut off.
    reach = int(4 * blur) + 1
    for top in range(0, len(image), BAND):
        first = max(0, top - reach)
        own = to_space(image[first : top + BAND + reach], "lab")[..., 0] / 100.0
        own = own + LOCAL_CONTRAST * (own - gaussian_filter(own, blur))
        luminance[top : top + BAND] = own[top - first :][:BAND]
    return luminance
