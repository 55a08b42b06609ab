"""Losses of features: content, compared place by place, and style, compared without places.

Both are relative: at every tap the squared difference is divided by the square of what is asked
for. So one weight means the same for every tap, extractor and size of image.
"""

from collections.abc import Mapping

from keras import ops

from course_lib import statistics
from course_lib.checks import check_choice
from course_lib.errors import ArgumentError
from course_lib.features import Features, Tensor
from course_lib.losses.checks import check_dictionaries, feature_at, proportions
from course_lib.losses.descriptions import TINY, describe_styles, squares, style_distance

CONTENTS = ("squared", "normalized")


def content_loss(
    target: Features,
    features: Features,
    *,
    weights: Mapping[str, float] | None = None,
    kind: str = "squared",
) -> Tensor:
    """How far the content of an image is from the one that is wanted: position by position.

    Args:
        target: dictionary tap -> tensor (batch, height, width, channels), of the content image.
        features: the same of the image judged, of the same size.
        weights: dictionary tap -> number of 0 or more; only their proportions matter. By default
            all taps of ``target`` count alike.
        kind: "squared": squared differences. "normalized": the same after each channel has been
            brought to mean 0 and standard deviation 1, so that a change of palette or contrast is
            no loss.

    Returns:
        A scalar tensor: the sum of squared differences at a tap, divided by the sum of squares of
        the target there; the weighted mean over taps. 0 where the two are equal.

    Raises:
        ArgumentError: a tap that is missing, maps of different sizes, or weights that do not fit.
        ValueError: an unknown kind.

    Source: Gatys et al., CVPR 2016, equation 1, which does not divide by the target; "normalized"
    as in Huang and Belongie, ICCV 2017, whose content target is normalized too.
    """
    check_choice("kind", kind, CONTENTS)
    change = statistics.normalize if kind == "normalized" else ops.convert_to_tensor
    check_dictionaries(features, target)
    loss = 0.0
    for tap, share in proportions(target, weights=weights).items():
        found, wanted = feature_at(features, tap), target[tap]
        if tuple(found.shape[1:]) != tuple(wanted.shape[1:]):
            raise ArgumentError(
                f"{tap}: features of shape {tuple(found.shape)} cannot be compared position by "
                f"position with {tuple(wanted.shape)}. Resize the images to one size."
            )
        found, wanted = change(found), change(wanted)
        relative = squares(found - wanted) / (squares(wanted) + TINY)
        loss += share * ops.mean(relative)
    return loss


def style_loss(
    target: Features,
    features: Features,
    *,
    kind: str = "gram",
    weights: Mapping[str, float] | None = None,
) -> Tensor:
    """How far the style of an image is from the one that is wanted, wherever things are.

    Args:
        target: dictionary tap -> tensor (batch, height, width, channels), of the style image.
        features: the same of the image judged, which may have another size.
        kind: "gram", "statistics", "covariance" or "wasserstein"; see `describe_style`.
        weights: as for `content_loss`.

    Returns:
        A scalar tensor: at each tap the distance relative to the target (see `style_distance`); the
        weighted mean over taps. 0 where the descriptions are equal.

    Raises:
        ArgumentError: a tap that is missing, or weights that do not fit.
        ValueError: an unknown kind.

    Source: Gatys et al., CVPR 2016, equations 4 and 5. Differs in dividing each tap by the square
    of its target, because Gram matrices of different taps differ by orders of magnitude.
    """
    check_dictionaries(features, target)
    descriptions = {tap: describe_styles(maps, (kind,)) for tap, maps in target.items()}
    return described_style_loss(features, descriptions, {kind: 1.0}, weights=weights)


def described_style_loss(
    features: Features,
    descriptions: Mapping[str, Mapping[str, tuple[Tensor, ...]]],
    kinds: Mapping[str, float],
    *,
    weights: Mapping[str, float] | None = None,
    masks: Mapping[str, Tensor] | None = None,
) -> Tensor:
    """`style_loss` of several kinds, against a style that has been described once and for all.

    Args:
        features: dictionary tap -> tensor (batch, height, width, channels), of the image judged.
        descriptions: dictionary tap -> what `describe_styles` gave of the style image there.
        kinds: dictionary kind -> how much it counts.
        weights: as for `content_loss`.
        masks: dictionary tap -> tensor (batch, height, width, 1), 0 or more: how much each position
            of the image judged counts. Everywhere alike by default.

    Returns:
        A scalar tensor.

    Raises:
        ArgumentError: a tap that is missing, or weights that do not fit.
    """
    loss = 0.0
    for tap, share in proportions(descriptions, weights=weights).items():
        mask = masks[tap] if masks else None
        found = describe_styles(feature_at(features, tap), kinds, mask=mask)
        for kind, weight in kinds.items():
            loss += weight * share * style_distance(descriptions[tap][kind], found[kind], kind=kind)
    return loss
