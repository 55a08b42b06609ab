"""How good is it, in numbers.

Every metric says what it ranges over and which way is better. They are for looking, not for
training: they return plain Python numbers, without gradients. What training makes small is in
`course_lib.losses`.

    reconstruction.py   how close a reconstruction is, and how small a code
    transferred.py      how much content a stylized image kept, and how much style it took on
    artifacts.py        what should not be there: blur, grids, speckle, flicker
    evaluation.py       many images and methods at once, as a table
"""

from course_lib.metrics.artifacts import (
    checkerboard_strength,
    sharpness,
    speckle,
    warping_error,
)
from course_lib.metrics.evaluation import Evaluation, evaluate, pareto_front
from course_lib.metrics.reconstruction import (
    bits_per_pixel,
    compression_ratio,
    psnr,
    ssim,
)
from course_lib.metrics.transferred import (
    color_distance,
    content_kept,
    edge_agreement,
    feature_distance,
    sliced_wasserstein,
    structure_kept,
    style_moved,
    style_moved_by_tap,
)

__all__ = [
    "Evaluation",
    "bits_per_pixel",
    "checkerboard_strength",
    "color_distance",
    "compression_ratio",
    "content_kept",
    "edge_agreement",
    "evaluate",
    "feature_distance",
    "pareto_front",
    "psnr",
    "sharpness",
    "sliced_wasserstein",
    "speckle",
    "ssim",
    "structure_kept",
    "style_moved",
    "style_moved_by_tap",
    "warping_error",
]
