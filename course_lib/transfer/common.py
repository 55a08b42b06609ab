"""What all transfers share: one call made of two steps, and what is decided once for all of them.

`Transfer.prepare` does what is slow and can be kept: the codes of content and styles.
`Transfer.apply` does what a slider repeats. Calling the transfer does the one and then the other.
Masks, mixtures and keeping the content's colors mean the same for every transfer, because
`combined` sees to them.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib import images as image_files
from course_lib.autoencoder import SMALLEST_IMAGE
from course_lib.checks import as_floats, as_number, check_choice
from course_lib.errors import TransferError
from course_lib.transfer.colors import BAND, KEEP_COLORS, match_colors, with_colors_of

# A function that is told from time to time which share of the work is done, from 0 to 1. Where it
# returns True, the work stops.
Progress = Callable[[float], Any] | None
# An image of more pixels is gone through tile by tile; the feature maps of this one take 600 MiB.
LARGEST_WHOLE = 1_250_000


class TransferStopped(RuntimeError):
    """The caller asked a transfer to stop before its image was finished."""


def report(progress: Progress, share: float) -> None:
    """Tell how much is done, and stop if that is the answer.

    Args:
        progress: as described above, or None.
        share: what to tell, from 0 to 1.

    Raises:
        TransferStopped: ``progress`` returned True.
    """
    if progress is not None and progress(share):
        raise TransferStopped(f"stopped as asked, with {share:.0%} done.")


def part_of(progress: Progress, start: float, stop: float) -> Progress:
    """The progress of a part of the work, told as a share of the whole.

    Args:
        progress: of the whole.
        start: share of the whole that is done before the part.
        stop: share of the whole that is done after it.
    """
    if progress is None:
        return None
    return lambda share: progress(start + (stop - start) * share)


@dataclasses.dataclass(frozen=True)
class Prepared:
    """Content and styles, ready to be applied as often as one likes.

    Attributes:
        content: the content image, (height, width, 3) float32 in [0, 1].
        styles: tuple of what the transfer keeps of each style.
        keep_colors: None, "luminance" or "covariance".
        code: what the transfer keeps of the content beside the image, or None.
    """

    content: np.ndarray
    styles: tuple
    keep_colors: str | None = None
    code: Any = None


class Transfer:
    """A way to give one image the style of another: what is slow first, then what a slider repeats.

    A subclass says what it keeps of content and styles (`prepare`), and how it makes an image of
    that (`apply`).
    """

    # The share of a call that `prepare` takes, about.
    preparing = 0.5

    def __call__(
        self,
        content: Any,
        style: Any,
        *,
        strength: float = 1.0,
        weights: Any = None,
        masks: Any = None,
        keep_colors: str | None = None,
        progress: Progress = None,
    ) -> np.ndarray:
        """Stylize an image of any size.

        Args:
            content: image (height, width, 3), each side at least 16.
            style: image of any size from 16 x 16, or a list of them.
            strength: 1 is full style, 0 none. What a network draws is not quite the content even
                then: softer, and a little different in color.
            weights: one number of 0 or more per style; they are scaled to the sum 1. Masks take
                their place.
            masks: one array (height, width) in [0, 1] per style: where it applies. Edges may be
                soft. Where the masks sum to less than 1, the content fills up.
            keep_colors: None; "luminance" (the result's brightness, the content's colors);
                "covariance" (the style is first given the content's mean and covariance of colors).
            progress: function (share) that is told how much of the work is done, from 0 to 1, now
                and then. Where it returns True, the work stops.

        Returns:
            Image (height, width, 3) float32 in [0, 1], of the content's size.

        Raises:
            TransferStopped: ``progress`` said so.
            ImageError: an image that is none, or too small.
            TransferError: strength, weights, masks or options that do not fit, with what to do.
            OutOfMemoryError: the device's memory is not enough, with what to do.
        """
        prepared = self.prepare(
            content,
            style,
            keep_colors=keep_colors,
            progress=part_of(progress, 0.0, self.preparing),
        )
        return self.apply(
            prepared,
            strength=strength,
            weights=weights,
            masks=masks,
            progress=part_of(progress, self.preparing, 1.0),
        )

    def style_code(self, style: Any) -> Any:
        """What can be kept of a style for many contents; `prepare` takes it as it takes a style."""
        return checked_style(style)

    def prepare(
        self,
        content: Any,
        style: Any,
        *,
        keep_colors: str | None = None,
        progress: Progress = None,
    ) -> Prepared:
        """What can be kept for many calls of `apply`; the arguments are those of a call."""
        raise NotImplementedError

    def apply(
        self,
        prepared: Prepared,
        *,
        strength: float = 1.0,
        weights: Any = None,
        masks: Any = None,
        progress: Progress = None,
    ) -> np.ndarray:
        """An image of what was prepared; all else is as in a call."""
        raise NotImplementedError


def checked_content(content: Any) -> np.ndarray:
    """The content as an image that every transfer can take, or an error that says why not."""
    return image_files.check_image(content, min_side=SMALLEST_IMAGE, name="content")


def checked_style(style: Any) -> np.ndarray:
    """The same for a style image."""
    return image_files.check_image(style, min_side=SMALLEST_IMAGE, name="style")


def style_list(style: Any) -> list:
    """One style or several as a list, or a TransferError where there is none."""
    styles = list(style) if isinstance(style, (list, tuple)) else [style]
    if not styles:
        raise TransferError("style=[]: give at least one style image.")
    return styles


def in_contents_colors(style: np.ndarray, content: np.ndarray, keep_colors: Any) -> np.ndarray:
    """The style image, with the content's colors where these are kept by covariance."""
    check_choice("keep_colors", keep_colors, KEEP_COLORS)
    return match_colors(style, content) if keep_colors == "covariance" else style


def check_strength(strength: Any, *, name: str = "strength") -> float:
    """The strength as a number from 0 to 1, or a TransferError."""
    if not 0.0 <= as_number(strength) <= 1.0:
        raise TransferError(
            f"{name}={strength!r}: give a number from 0 (no style) to 1 (full style)."
        )
    return float(strength)


def combined(
    prepared: Prepared,
    stylize: Callable[[tuple, list[float], Progress], np.ndarray],
    *,
    weights: Any = None,
    masks: Any = None,
    progress: Progress = None,
) -> np.ndarray:
    """What `stylize` makes of the styles, mixed by weights or masks, in the colors asked for.

    By weights the styles are mixed inside of `stylize`. By masks the image is stylized once in each
    style, and the results are faded into each other and into the content. In one run, the places
    would share one mean and one standard deviation, and the liveliest style would leave the others
    plain.

    Args:
        prepared: content, styles and how to keep colors.
        stylize: function (styles, shares, progress) -> image (height, width, 3) float32.
        weights: as in a call of a transfer, and so are the others.
        masks: as there.
        progress: as there.

    Returns:
        Image (height, width, 3) float32 in [0, 1].
    """
    content, styles = prepared.content, prepared.styles
    if masks is None:
        image = stylize(styles, style_proportions(len(styles), weights=weights), progress)
    else:
        image = np.array(content)
        for number, mask in enumerate(style_masks(len(styles), masks, content.shape[:2])):
            part = part_of(progress, number / len(styles), (number + 1) / len(styles))
            move_towards(image, content, stylize((styles[number],), [1.0], part), mask[..., None])
        np.clip(image, 0.0, 1.0, out=image)
    return in_kept_colors(prepared, image)


def in_kept_colors(prepared: Prepared, image: np.ndarray) -> np.ndarray:
    """The stylized image, with the content's colors where these are kept by luminance.

    And without color where none is asked for: a network would tint what is gray.
    """
    if prepared.keep_colors == "luminance" or stays_gray(prepared):
        image = in_bands(with_colors_of, image, prepared.content)
    return image


def stays_gray(prepared: Prepared) -> bool:
    """Whether the content is gray, and its colors are kept or all styles gray as well."""
    if not image_files.is_gray(prepared.content):
        return False
    looks = [getattr(style, "image", style) for style in prepared.styles]
    return prepared.keep_colors is not None or all(
        isinstance(look, np.ndarray) and image_files.is_gray(look) for look in looks
    )


def style_proportions(count: int, *, weights: Any = None) -> list[float]:
    """How much of each style applies everywhere.

    Args:
        count: number of styles.
        weights: one number of 0 or more per style, or None for equal ones.

    Returns:
        List of numbers that sum to 1.

    Raises:
        TransferError: another number of weights, negative ones, or none above 0.
    """
    found = (
        np.ones(count) if weights is None else as_floats(weights, "weights", error=TransferError)
    )
    if found.shape != (count,) or not np.all(np.isfinite(found)) or found.min() < 0:
        raise TransferError(
            f"weights={found.tolist()} for {count} style(s): one number of 0 or more is needed "
            "for each."
        )
    if found.sum() == 0:
        raise TransferError("the weights sum to zero: then no style is left. Raise one.")
    return [float(weight) for weight in found / found.sum()]


def style_masks(count: int, masks: Any, size: tuple) -> list[np.ndarray]:
    """Where each style applies.

    Args:
        count: number of styles.
        masks: one array (height, width) in [0, 1] per style.
        size: (height, width) of the content.

    Returns:
        List of arrays (height, width) float32. Where masks overlap, the styles share the place.

    Raises:
        TransferError: another number of masks, or masks of another size or beyond [0, 1].
    """
    if not isinstance(masks, (list, tuple)) and np.ndim(masks) != 3:
        raise TransferError(f"masks: give a list with one array for each of {count} style(s).")
    if len(masks) != count:
        raise TransferError(f"{len(masks)} mask(s) for {count} style(s): give one for each.")
    maps = []
    for one in masks:
        mask = as_floats(one, "a mask", error=TransferError).astype("float32")
        if mask.shape != tuple(size):
            raise TransferError(
                f"a mask of {mask.shape} does not fit the content of {tuple(size)} (height, width):"
                " resize it."
            )
        if not np.all((mask >= 0) & (mask <= 1)):
            raise TransferError("a mask has values outside [0, 1]: divide it by its maximum.")
        maps.append(mask)
    total = np.maximum(sum(maps), 1.0)
    return [mask / total for mask in maps]


def mixed(own: Any, asked: list, strength: Any, proportions: list) -> Any:
    """``own`` moved towards what the styles ask for, by strength and share."""
    moved = own
    for one, proportion in zip(asked, proportions, strict=True):
        moved = moved + strength * proportion * (one - own)
    return moved


def move_towards(image: np.ndarray, own: np.ndarray, asked: np.ndarray, proportion: Any) -> None:
    """Add to an image what a style changes, some rows at a time.

    Args:
        image: image (height, width, 3) float32; it is overwritten.
        own: the content, of the same size.
        asked: the content in that style, of the same size.
        proportion: how much of the change: a number, or an array (height, width, 1).
    """
    for top in range(0, len(image), BAND):
        band = slice(top, top + BAND)
        image[band] += (proportion if np.ndim(proportion) == 0 else proportion[band]) * (
            asked[band] - own[band]
        )


def in_bands(function: Callable, image: np.ndarray, content: np.ndarray) -> np.ndarray:
    """A function of single pixels applied to bands of rows, which bounds its memory.

    Args:
        function: function (image, content) -> image.
        image: image (height, width, 3); it is overwritten.
        content: image of the same size.

    Returns:
        The overwritten image.
    """
    for top in range(0, len(image), BAND):
        band = slice(top, top + BAND)
        image[band] = function(image[band], content[band])
    return image
