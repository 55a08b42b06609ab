"""Lesson 02: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import math

import numpy as np
from keras import ops

from course_lib.exercises import exercise
from tests.exercises.helpers import Wrong, accepts

COMPRESSION_RATIO = [
    Wrong(
        "upside down",
        lambda image_shape, code_shape: np.prod(code_shape) / np.prod(image_shape),
        "the image goes into the numerator",
    ),
    Wrong(
        "forgot the channels",
        lambda image_shape, code_shape: np.prod(image_shape[:2]) / np.prod(code_shape[:2]),
        "You counted positions",
    ),
    Wrong(
        "added the sizes",
        lambda image_shape, code_shape: sum(image_shape) / sum(code_shape),
        "multiply",
    ),
    Wrong(
        "height only",
        lambda image_shape, code_shape: image_shape[0] / code_shape[0],
        "how much the height shrank",
    ),
    Wrong(
        "whole-number division",
        lambda image_shape, code_shape: np.prod(image_shape) // np.prod(code_shape),
        "The fraction is gone",
    ),
    Wrong(
        "share saved",
        lambda image_shape, code_shape: 1 - np.prod(code_shape) / np.prod(image_shape),
        "the share that is saved",
    ),
    Wrong(
        "difference",
        lambda image_shape, code_shape: np.prod(image_shape) - np.prod(code_shape),
        "how many numbers are saved",
    ),
    Wrong(
        "both counts",
        lambda image_shape, code_shape: (math.prod(image_shape), math.prod(code_shape)),
        "one number",
    ),
]

PSNR = [
    Wrong("sign", lambda a, b: 10 * np.log10(((a - b) ** 2).mean()), "The sign is wrong"),
    Wrong(
        "natural logarithm", lambda a, b: -10 * math.log(((a - b) ** 2).mean()), "natural logarithm"
    ),
    Wrong("20 without the root", lambda a, b: -20 * np.log10(((a - b) ** 2).mean()), "20 belongs"),
    Wrong(
        "root with 10",
        lambda a, b: -10 * np.log10(((a - b) ** 2).mean() ** 0.5),
        "10 belongs to the mean squared error itself",
    ),
    Wrong("bel", lambda a, b: -np.log10(((a - b) ** 2).mean()), "in bel"),
    Wrong(
        "sum for mean", lambda a, b: -10 * np.log10(((a - b) ** 2).sum()), "Their mean is needed"
    ),
    Wrong(
        "peak of 255",
        lambda a, b: 20 * np.log10(255) - 10 * np.log10(((a - b) ** 2).mean()),
        "the peak is 1",
    ),
    Wrong(
        "absolute differences",
        lambda a, b: 20 * np.log10(1 / abs(a - b).mean()),
        "averages squared ones",
    ),
    Wrong(
        "signal-to-noise ratio",
        lambda a, b: 10 * np.log10((a**2).mean() / ((a - b) ** 2).mean()),
        "This is the signal-to-noise ratio",
    ),
    Wrong(
        "squared the mean",
        lambda a, b: -20 * np.log10(abs((a - b).mean())),
        "Square first",
    ),
    Wrong(
        "mean of logarithms",
        lambda a, b: (-20 * np.log10(abs(a - b) + 1e-9)).mean(),
        "then one logarithm",
    ),
    Wrong("no logarithm", lambda a, b: 1 / ((a - b) ** 2).mean(), "scale of decibels"),
    Wrong("mean squared error", lambda a, b: ((a - b) ** 2).mean(), "10 log10(1 / MSE)"),
    Wrong(
        "one value for each channel",
        lambda a, b: -10 * np.log10(((a - b) ** 2).mean((0, 1))),
        "One number is asked for",
    ),
]


def test_compression_ratio_in_other_words_is_accepted():
    accepts(
        "compression-ratio",
        lambda image_shape, code_shape: np.zeros(image_shape).size / np.zeros(code_shape).size,
        lambda whole, part: np.prod(whole) / np.prod(part),
    )


def test_psnr_in_other_words_is_accepted():
    accepts(
        "psnr",
        lambda a, b: 20 * np.log10(1 / np.sqrt(np.mean((a - b) ** 2))),
        lambda x, y: 10 * math.log10(x.size / np.sum((x - y) ** 2)),
    )


def test_a_psnr_that_is_a_tensor_is_a_number_to_the_lesson():
    def with_tensors(a, b):
        return -10 * ops.log10(ops.mean(ops.square(ops.subtract(a, b))))

    answer = exercise("psnr").check(with_tensors)
    found = answer(np.ones((2, 2, 3), "float32"), np.full((2, 2, 3), 0.9, "float32"))
    assert round(found, 1) == 20 and f"{found:.1f}" == "20.0"


MISTAKES = {
    "compression-ratio": COMPRESSION_RATIO,
    "psnr": PSNR,
}
