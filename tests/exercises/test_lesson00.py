"""The practice exercise of lesson 00 refuses known wrong answers, each with its own hint."""

import numpy as np
import pytest

from tests.exercises.helpers import (
    Wrong,
    accepts,
    accepts_its_own_reference,
    each_has_its_own_hint,
    goes_on_when_not_attempted,
    refuses,
)

NEGATIVE = [
    Wrong("counted to 255", lambda image: 255.0 - image, "from 0 to 255"),
    Wrong("only the sign", lambda image: image * -1, "Turning the sign"),
    Wrong("subtracted the wrong way", lambda image: image - 1.0, "wrong order"),
    Wrong("nothing done", lambda image: image.copy(), "came back unchanged"),
    Wrong("turned around", lambda image: np.rot90(image, 2), "turned the image"),
    Wrong("one number", lambda image: 1 - image.mean(), "An array is asked for"),
    Wrong("divided", lambda image: 1 / (1 + image), "must be done to a 1"),
]


@pytest.mark.parametrize("wrong", NEGATIVE, ids=str)
def test_wrong_negative_is_refused(wrong):
    refuses("negative", wrong)


def test_each_wrong_negative_has_its_own_hint():
    each_has_its_own_hint("negative", NEGATIVE)


def test_negative_in_other_words_is_accepted():
    accepts_its_own_reference("negative")
    accepts(
        "negative",
        lambda image: -image + 1,
        lambda image: (255 - np.round(image * 255, 6)) / 255,
        lambda image: np.ones_like(image) - image,
    )


def test_negative_not_attempted():
    goes_on_when_not_attempted("negative")
