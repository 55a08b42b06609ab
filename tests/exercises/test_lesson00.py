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
    Wrong("counted to 255", lambda picture: 255.0 - picture, "from 0 to 255"),
    Wrong("only the sign", lambda picture: picture * -1, "Turning the sign"),
    Wrong("subtracted the wrong way", lambda picture: picture - 1.0, "wrong order"),
    Wrong("nothing done", lambda picture: picture.copy(), "came back unchanged"),
    Wrong("turned around", lambda picture: np.rot90(picture, 2), "turned the picture"),
    Wrong("one number", lambda picture: 1 - picture.mean(), "An array is asked for"),
    Wrong("divided", lambda picture: 1 / (1 + picture), "must be done to a 1"),
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
        lambda picture: -picture + 1,
        lambda picture: (255 - np.round(picture * 255, 6)) / 255,
        lambda picture: np.ones_like(picture) - picture,
    )


def test_negative_not_attempted():
    goes_on_when_not_attempted("negative")
