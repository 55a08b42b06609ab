"""Lesson 04: wrong answers with their hints (`MISTAKES`), and right answers in other words."""

import math

import keras
import numpy as np
import pytest

from course_lib.exercises.lesson04 import cosine_schedule
from tests.exercises.helpers import Wrong, accepts, refuses


def share(step, steps):
    return min(step, steps) / steps


COSINE = [
    Wrong("goes below 0", lambda k, n, s: s * math.cos(math.pi * share(k, n)), "Add 1 and halve"),
    Wrong(
        "twice too high",
        lambda k, n, s: s * (1 + math.cos(math.pi * share(k, n))),
        "twice the rate",
    ),
    Wrong("straight line", lambda k, n, s: s * (1 - share(k, n)), "straight line"),
    Wrong("quarter of a wave", lambda k, n, s: s * math.cos(math.pi * share(k, n) / 2), "quarter"),
    Wrong(
        "whole wave",
        lambda k, n, s: s / 2 * (1 + math.cos(2 * math.pi * share(k, n))),
        "whole wave",
    ),
    Wrong(
        "whole division",
        lambda k, n, s: s / 2 * (1 + math.cos(math.pi * (min(k, n) // n))),
        "Divide with `/`",
    ),
    Wrong("no pi", lambda k, n, s: s / 2 * (1 + math.cos(share(k, n))), "multiply the share by pi"),
    Wrong("degrees", lambda k, n, s: s / 2 * (1 + math.cos(180 * share(k, n))), "in degrees"),
    Wrong("rises", lambda k, n, s: s / 2 * (1 - math.cos(math.pi * share(k, n))), "rises from 0"),
    Wrong(
        "without the start", lambda k, n, s: 0.5 * (1 + math.cos(math.pi * share(k, n))), "left out"
    ),
    Wrong(
        "rises again after the end",
        lambda k, n, s: s / 2 * (1 + math.cos(math.pi * k / n)),
        "with `min`",
    ),
]

_shared = np.random.default_rng(0)


def corners_by(generator, count, height, width, crop):
    top = generator.integers(0, height - crop + 1, size=count)
    return np.stack([top, generator.integers(0, width - crop + 1, size=count)], axis=1)


def by_global_seed(seed, step, count, height, width, crop):
    np.random.seed(seed * 100_003 + step)  # noqa: NPY002
    top = np.random.randint(0, height - crop + 1, count)  # noqa: NPY002
    return np.stack([top, np.random.randint(0, width - crop + 1, count)], axis=1)  # noqa: NPY002


def on_the_diagonal(seed, step, count, height, width, crop):
    top = np.random.default_rng([seed, step]).integers(0, height - crop + 1, size=count)
    left = np.random.default_rng([seed, step]).integers(0, width - crop + 1, size=count)
    return np.stack([top, left], axis=1)


def all_alike(seed, step, count, height, width, crop):
    return np.repeat(
        corners_by(np.random.default_rng([seed, step]), 1, height, width, crop), count, 0
    )


def last_place_missing(seed, step, count, height, width, crop):
    return corners_by(np.random.default_rng([seed, step]), count, height - 1, width - 1, crop)


def leaves_the_image(seed, step, count, height, width, crop):
    return corners_by(np.random.default_rng([seed, step]), count, height, width, 1)


def columns_for_rows(seed, step, count, height, width, crop):
    return corners_by(np.random.default_rng([seed, step]), count, height, width, crop).T


CORNERS = [
    Wrong("wrong way round", columns_for_rows, "shape (count, 2)"),
    Wrong(
        "fractions",
        lambda seed, step, count, height, width, crop: (
            np.random.default_rng([seed, step]).random((count, 2)) * [height - crop, width - crop]
        ),
        "whole numbers",
    ),
    Wrong("outside", leaves_the_image, "leaves the image"),
    Wrong("last place missing", last_place_missing, "height - crop + 1"),
    Wrong(
        "one generator for all calls",
        lambda seed, step, *rest: corners_by(_shared, *rest),
        "inside the function",
    ),
    Wrong("global seed", by_global_seed, "everybody else"),
    Wrong("all alike", all_alike, "one number per crop"),
    Wrong("two equal generators", on_the_diagonal, "on the diagonal"),
    Wrong(
        "no step",
        lambda seed, step, *rest: corners_by(np.random.default_rng(seed), *rest),
        "The step must go",
    ),
    Wrong(
        "no seed",
        lambda seed, step, *rest: corners_by(np.random.default_rng(step), *rest),
        "The seed must go",
    ),
    Wrong(
        "sum",
        lambda seed, step, *rest: corners_by(np.random.default_rng(seed + step), *rest),
        "sum or product",
    ),
    Wrong(
        "hashed text",
        lambda seed, step, *rest: corners_by(
            np.random.default_rng(abs(hash(f"{seed} {step}"))), *rest
        ),
        "another number in every session",
    ),
    Wrong(
        "even places only",
        lambda seed, step, *rest: corners_by(np.random.default_rng([seed, step]), *rest) // 2 * 2,
        "Every place must be possible. Is a number",
    ),
    Wrong(
        "bytes",
        lambda seed, step, *rest: corners_by(np.random.default_rng([seed, step]), *rest).astype(
            "uint8"
        ),
        "type uint8",
    ),
]


def test_a_product_of_seed_and_step_is_refused():
    refuses(
        "crop-corners",
        Wrong(
            "product",
            lambda seed, step, *rest: corners_by(
                np.random.default_rng((seed + 1) * (step + 1)), *rest
            ),
            "sum or product",
        ),
    )


@pytest.mark.parametrize("factor", [2, 60, 100, 1000, 1024, 1201, 7919, 10_000, 65_536])
def test_a_seed_and_a_step_in_one_number_are_refused_where_pairs_collide(factor):
    for name, mixed in {
        "seeds apart": lambda seed, step: seed * factor + step,
        "steps apart": lambda seed, step: seed + factor * step,
    }.items():

        def answer(seed, step, *rest, mixed=mixed):
            return corners_by(np.random.default_rng(mixed(seed, step)), *rest)

        refuses("crop-corners", Wrong(name, answer, "sum or product"))


def test_right_answers_in_other_words_are_accepted():
    accepts(
        "cosine-schedule",
        lambda step, steps, start: start * np.cos(np.pi / 2 * min(step / steps, 1)) ** 2,
    )
    accepts(
        "cosine-schedule",
        lambda step, steps, start: keras.optimizers.schedules.CosineDecay(start, steps)(step),
    )

    def one_row_after_the_other(seed, step, count, height, width, crop):
        generator = np.random.default_rng(seed * 1_000_003 + step)
        ends = [height - crop + 1, width - crop + 1]
        return generator.integers(0, ends, size=(count, 2))

    accepts("crop-corners", one_row_after_the_other)
    accepts(
        "crop-corners",
        lambda seed, step, *rest: corners_by(np.random.default_rng(abs(hash((seed, step)))), *rest),
        lambda seed, step, *rest: corners_by(np.random.default_rng([seed, step]), *rest).tolist(),
    )


def test_the_schedule_is_the_one_that_the_course_trains_with():
    theirs = keras.optimizers.schedules.CosineDecay(0.002, 900)
    for step in (0, 1, 450, 899, 900, 1000):
        assert cosine_schedule(step, 900, 0.002) == pytest.approx(float(theirs(step)), abs=1e-9)


MISTAKES = {
    "cosine-schedule": COSINE,
    "crop-corners": CORNERS,
}
