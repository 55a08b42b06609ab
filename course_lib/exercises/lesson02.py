"""Exercises of lesson 02, building the autoencoder."""

import math
from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(2)

# --- compression ratio ----------------------------------------------------------------------


def _right(image_shape: Any, code_shape: Any) -> Any:
    return math.prod(image_shape) / math.prod(code_shape)


register(
    Exercise(
        id="compression-ratio",
        lesson=2,
        title="How much smaller is the code?",
        reference="course_lib.metrics:compression_ratio",
        cases=[
            Case(
                "an image of (240, 384, 3) and a code of (60, 96, 24)", (240, 384, 3), (60, 96, 24)
            ),
            Case("an image of (32, 48, 3) and a code of 18 numbers", (32, 48, 3), (18,)),
            Case("an image of (8, 10, 3) and a code of (4, 5, 60)", (8, 10, 3), (4, 5, 60)),
        ],
        misconceptions=[
            Misconception(
                lambda image_shape, code_shape: 1 / _right(image_shape, code_shape),
                "This is the code divided by the image. A ratio above 1 must mean that the code "
                "is smaller, so the image goes into the numerator.",
            ),
            Misconception(
                lambda image_shape, code_shape: (
                    math.prod(image_shape[:2]) / math.prod(code_shape[:2])
                ),
                "You counted positions. Each position of the image holds 3 numbers, each "
                "position of the code as many as it has channels.",
            ),
            Misconception(
                lambda image_shape, code_shape: sum(image_shape) / sum(code_shape),
                "You added the sizes. An array of (2, 3, 4) holds 2 x 3 x 4 numbers: multiply.",
            ),
            Misconception(
                lambda image_shape, code_shape: image_shape[0] / code_shape[0],
                "This is how much the height shrank. Width and channels count as well.",
            ),
            Misconception(
                lambda image_shape, code_shape: math.prod(image_shape) // math.prod(code_shape),
                "The fraction is gone, so a ratio below 1 becomes 0. Divide with `/`, not with "
                "`//`, and do not round.",
            ),
            Misconception(
                lambda image_shape, code_shape: 1 - 1 / _right(image_shape, code_shape),
                "This is the share that is saved. The ratio is the one count divided by the other.",
            ),
            Misconception(
                lambda image_shape, code_shape: math.prod(image_shape) - math.prod(code_shape),
                "This is how many numbers are saved. Divide the one count by the other.",
            ),
        ],
        hints=[
            "Count how many numbers the image holds, and how many the code.",
            "An array of shape (60, 96, 24) holds 60 x 96 x 24 numbers; `math.prod(shape)` "
            "multiplies any number of sizes.",
            "Divide the image's count by the code's.",
        ],
    )
)

# --- PSNR -----------------------------------------------------------------------------------

_white = np.ones((2, 2, 3), "float32")
_image = _random.uniform(0.1, 0.9, size=(4, 5, 3)).astype("float32")
_near = (_image + _random.uniform(-0.1, 0.1, size=_image.shape)).astype("float32")


def _squared_error(a: Any, b: Any) -> Any:
    return np.mean(np.square(a - b))


def _closer_is_higher(answer: Answer, reference: Answer) -> NotYet | None:
    near, far = (float(answer(_white, _white - error)) for error in (0.01, 0.1))
    if near > far:
        return None
    return NotYet(
        f"images that differ by 0.01 get {near:.4g}, images that differ by 0.1 get {far:.4g}.",
        "PSNR is higher where the images are closer. Look at the sign.",
    )


register(
    Exercise(
        id="psnr",
        lesson=2,
        title="The peak signal-to-noise ratio",
        reference="course_lib.metrics:psnr",
        cases=[
            Case("a white image and one of brightness 0.9", _white, _white - np.float32(0.1)),
            Case("two random images of 4 x 5 pixels", _image, _near),
            Case("an image and the same at half the brightness", _image, _image / 2),
        ],
        checks=[_closer_is_higher],
        misconceptions=[
            Misconception(
                lambda a, b: 10 * np.log10(_squared_error(a, b)),
                "The sign is wrong: the error is in the denominator, 1 / MSE, so the logarithm "
                "gets a minus.",
            ),
            Misconception(
                lambda a, b: -10 * np.log(_squared_error(a, b)),
                "`np.log` is the natural logarithm. Decibels count powers of ten: `np.log10`.",
            ),
            Misconception(
                lambda a, b: -20 * np.log10(_squared_error(a, b)),
                "20 belongs to the root of the mean squared error. Before the root is taken it is "
                "10.",
            ),
            Misconception(
                lambda a, b: -10 * np.log10(np.sqrt(_squared_error(a, b))),
                "10 belongs to the mean squared error itself. You took its root first.",
            ),
            Misconception(
                lambda a, b: -np.log10(_squared_error(a, b)),
                "This is in bels. A decibel is a tenth of a bel, so multiply by 10.",
            ),
            Misconception(
                lambda a, b: -10 * np.log10(np.sum(np.square(a - b))),
                "You added the squared differences up. Their mean is needed, otherwise a larger "
                "image looks worse.",
            ),
            Misconception(
                lambda a, b: 10 * np.log10(255**2 / _squared_error(a, b)),
                "255 is the peak of uint8. These images go from 0 to 1, so the peak is 1.",
            ),
            Misconception(
                lambda a, b: -20 * np.log10(np.mean(np.abs(a - b))),
                "You averaged absolute differences. PSNR averages squared ones.",
            ),
            Misconception(
                lambda a, b: 10 * np.log10(np.mean(np.square(a)) / _squared_error(a, b)),
                "This is the signal-to-noise ratio. PSNR has the largest possible value squared "
                "in the numerator, which is 1, not the image's own mean square.",
            ),
            Misconception(
                lambda a, b: -10 * np.log10(np.square(np.mean(a - b))),
                "Differences of opposite sign cancel before you square. Square first, then take "
                "the mean.",
            ),
            Misconception(
                lambda a, b: np.mean(-10 * np.log10(np.square(a - b) + 1e-12)),
                "You took the logarithm of every squared difference and then the mean. The mean "
                "comes first, then one logarithm.",
            ),
            Misconception(
                lambda a, b: 1 / _squared_error(a, b),
                "1 / MSE is right. It still has to be put on the scale of decibels: 10 log10(...).",
            ),
            Misconception(
                _squared_error,
                "This is the mean squared error. PSNR is 10 log10(1 / MSE).",
            ),
        ],
        hints=[
            "Begin with the mean squared error: `np.mean((a - b) ** 2)`.",
            "10 log10(1 / MSE) is the same as -10 log10(MSE).",
            "`return -10 * np.log10(np.mean((a - b) ** 2))`",
        ],
    )
)
