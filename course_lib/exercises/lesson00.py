"""The practice exercise of lesson 00."""

import numpy as np

from course_lib.exercises import Case, Exercise, Misconception, register


def negative(image: np.ndarray) -> np.ndarray:
    """The negative of an image with values from 0 to 1: black becomes white, white black."""
    return 1 - image


_grays = np.array([[0.0, 0.25, 1.0]], "float32")
_colors = np.random.default_rng(0).uniform(size=(2, 3, 3)).astype("float32")

register(
    Exercise(
        id="negative",
        lesson=0,
        title="The negative of an image",
        reference="course_lib.exercises.lesson00:negative",
        cases=[
            Case("three pixels with the values 0, 0.25 and 1", _grays),
            Case("an image of 2 x 3 pixels in color", _colors),
        ],
        misconceptions=[
            Misconception(
                lambda image: 255 - image,
                "Your function counts from 0 to 255. White is 1 here, so black must become 1.",
            ),
            Misconception(
                lambda image: -image,
                "Flipping the sign takes white to -1, and black stays black. Where must 0 go?",
            ),
            Misconception(
                lambda image: image - 1,
                "You subtracted in the wrong order: black becomes -1, and must become 1.",
            ),
            Misconception(
                lambda image: image,
                "The image came back unchanged. What must be done to a 0 to make it a 1, and to "
                "a 1 to make it a 0?",
            ),
            Misconception(
                lambda image: image[::-1, ::-1],
                "You turned the image around. The pixels stay where they are; their values change.",
            ),
        ],
        hints=[
            "White is 1 and black is 0. What must be done to a 1 to make it a 0, and to a 0 to "
            "make it a 1?",
            "The new value and the old one add up to 1, at every pixel.",
        ],
    )
)
