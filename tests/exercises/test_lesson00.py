"""Lesson 00: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import numpy as np

from tests.exercises.helpers import Wrong, accepts

NEGATIVE = [
    Wrong("counted to 255", lambda image: 255.0 - image, "from 0 to 255"),
    Wrong("only the sign", lambda image: image * -1, "Flipping the sign"),
    Wrong("subtracted the wrong way", lambda image: image - 1.0, "wrong order"),
    Wrong("nothing done", lambda image: image.copy(), "came back unchanged"),
    Wrong("turned around", lambda image: np.rot90(image, 2), "turned the image"),
    Wrong("one number", lambda image: 1 - image.mean(), "An array is asked for"),
    Wrong("divided", lambda image: 1 / (1 + image), "must be done to a 1"),
]


def test_negative_in_other_words_is_accepted():
    accepts(
        "negative",
        lambda image: -image + 1,
        lambda image: (255 - np.round(image * 255, 6)) / 255,
        lambda image: np.ones_like(image) - image,
    )


MISTAKES = {
    "negative": NEGATIVE,
}
