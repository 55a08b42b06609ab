"""What is asked of an image, as numbers to make small.

A content loss compares features position by position; a style loss compares descriptions of the
features from which the positions are gone. Both take dictionaries tap -> features, and both are
relative: at every tap the squared difference is divided by the square of what is asked for. So one
weight means the same for every tap, extractor and size of image. What is where::

    pixels.py         reconstruction and smoothness, of pixel values
    features.py       content and style, of features
    descriptions.py   what describes a style: Gram matrices, means and standard deviations,
                      covariances
    objectives.py     the two transfers as objectives: all that each wants, as one number
    checks.py         what every loss asks of its features and weights
"""

from course_lib.losses.checks import check_weight, proportions
from course_lib.losses.descriptions import (
    STYLES,
    describe_style,
    describe_styles,
    gram_matrix,
    squared_bures,
    style_distance,
    symmetric_product,
)
from course_lib.losses.features import CONTENTS, content_loss, described_style_loss, style_loss
from course_lib.losses.objectives import (
    CONTENT_WEIGHT,
    STYLE_WEIGHT,
    VARIATION_WEIGHT,
    ContentPreservingStyleTransfer,
    StyleTransfer,
)
from course_lib.losses.pixels import (
    RECONSTRUCTIONS,
    local_mean,
    reconstruction_loss,
    structural_similarity_map,
    total_variation_loss,
)

__all__ = [
    "CONTENTS",
    "CONTENT_WEIGHT",
    "RECONSTRUCTIONS",
    "STYLES",
    "STYLE_WEIGHT",
    "VARIATION_WEIGHT",
    "ContentPreservingStyleTransfer",
    "StyleTransfer",
    "check_weight",
    "content_loss",
    "describe_style",
    "describe_styles",
    "described_style_loss",
    "gram_matrix",
    "local_mean",
    "proportions",
    "reconstruction_loss",
    "squared_bures",
    "structural_similarity_map",
    "style_distance",
    "style_loss",
    "symmetric_product",
    "total_variation_loss",
]
