"""How good is it, in numbers.

Every metric says what it ranges over and which way is better. They are for looking, not for
training: they return plain Python numbers, without gradients. What training makes small is in
`course_lib.losses`.

    reconstruction.py   how close a reconstruction is, and how small a code
    transferred.py      how much content a stylized image kept, and how much style it took on
    strokes.py          what means and standard deviations cannot see: strokes and patterns
    artifacts.py        what should not be there: blur, grids, weaves, speckle, flicker
    evaluation.py       many images and methods at once, as a table
"""

from course_lib.metrics.artifacts import (
    checkerboard_strength,
    chroma,
    color_weave,
    sharpness,
    speckle,
    texture_in_flat_areas,
    warping_error,
)
from course_lib.metrics.evaluation import Evaluation, evaluate, pareto_front
from course_lib.metrics.reconstruction import (
    bits_per_pixel,
    compression_ratio,
    psnr,
    ssim,
)
from course_lib.metrics.strokes import (
    cfsd,
    channel_wasserstein,
    pattern_repeatability,
    stroke_scale,
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
    "cfsd",
    "channel_wasserstein",
    "checkerboard_strength",
    "chroma",
    "color_distance",
    "color_weave",
    "compression_ratio",
    "content_kept",
    "edge_agreement",
    "evaluate",
    "feature_distance",
    "pareto_front",
    "pattern_repeatability",
    "psnr",
    "sharpness",
    "sliced_wasserstein",
    "speckle",
    "ssim",
    "stroke_scale",
    "structure_kept",
    "style_moved",
    "style_moved_by_tap",
    "texture_in_flat_areas",
    "warping_error",
]
