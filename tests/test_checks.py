"""Checks and conversions of arguments: what is taken, and how the rest is refused."""

import math

import numpy as np
import pytest

from course_lib import checks
from course_lib.backend import quiet_framework_import
from course_lib.errors import ArgumentError, TransferError


@pytest.mark.parametrize("value", ["3", None, [3], np.zeros(2), {}, b"1"])
def test_what_is_no_number_lies_in_no_range(value):
    assert math.isnan(checks.as_number(value))
    with pytest.raises(ArgumentError, match="strength=.*from 0 to 1"):
        checks.number_between(value, 0, 1, "strength")
    with pytest.raises(ArgumentError, match="steps=.*whole number of 1 or more"):
        checks.whole_number(value, 1, "steps")


def test_numbers_of_every_kind_are_taken():
    assert checks.whole_number(np.int64(3), 1, "steps") == 3
    assert checks.whole_number(3.0, 1, "steps") == 3
    assert checks.number_between(np.float32(0.5), 0, 1, "strength") == 0.5
    assert checks.number_between(10**9, 0, math.inf, "weight") == 1e9


@pytest.mark.parametrize("value", [0, 2.5, math.inf, math.nan, -1])
def test_a_number_outside_is_refused_in_the_callers_kind(value):
    with pytest.raises(TransferError, match=f"steps={value}"):
        checks.whole_number(value, 1, "steps", error=TransferError)


@pytest.mark.parametrize("value", [math.inf, math.nan, -0.1])
def test_no_upper_end_still_means_finite(value):
    with pytest.raises(ArgumentError, match="of 0 or more"):
        checks.number_between(value, 0, math.inf, "weight")


@pytest.mark.parametrize("value", [0, -3, True, 2.0, "2", None])
def test_what_counts_nothing(value):
    assert not checks.is_count(value)
    assert checks.is_count(np.uint8(2))


def test_a_choice_is_refused_with_those_there_are():
    checks.check_choice("method", "wct", ("adain", "wct"))
    checks.check_choice("colors", None, (None, "luminance"))
    for value in ("WCT", 3, None, ["wct"]):
        with pytest.raises(ArgumentError, match=r"method=.* Choose one of: 'adain', 'wct'\."):
            checks.check_choice("method", value, ("adain", "wct"))


def test_numbers_become_floats_and_words_do_not():
    assert checks.as_floats([1, 2], "weights").dtype == np.float64
    for value in (["a"], [[1], [1, 2]], {}):
        with pytest.raises(TransferError):
            checks.as_floats(value, "weights", error=TransferError)


def test_a_batch_is_told_from_an_image():
    quiet_framework_import()
    assert tuple(checks.as_maps(np.zeros((1, 2, 4, 3)), "images", channels=3).shape) == (1, 2, 4, 3)
    for wrong, channels in [(np.zeros((2, 4, 3)), None), (np.zeros((1, 2, 4, 2)), 3)]:
        with pytest.raises(ArgumentError, match=r"images have shape .*images.to_batch"):
            checks.as_maps(wrong, "images", channels=channels)
    for wrong in (["a", "b"], None, object()):
        with pytest.raises(ArgumentError, match="images: an array of numbers is needed"):
            checks.as_maps(wrong, "images")
