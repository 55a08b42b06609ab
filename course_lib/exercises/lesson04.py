"""Exercises of lesson 04, training on a GPU or without one."""

import functools
import math
import unittest.mock
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

# --- the cosine schedule --------------------------------------------------------------------


def cosine_schedule(step: int, steps: int, start: float) -> float:
    """Learning rate at a step: from `start` down to 0 along half a wave of a cosine.

    Args:
        step: number of steps done.
        steps: number of steps in all.
        start: learning rate at step 0.

    Returns:
        The learning rate; 0 from step ``steps`` on.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR
    2017, equation 5, with one period and no restart.
    """
    done = min(step, steps) / steps
    return start * 0.5 * (1 + math.cos(math.pi * done))


def _wrong_schedule(formula: Any) -> Callable:
    """A schedule that is right but for its formula of the share done."""
    return lambda step, steps, start: formula(min(step, steps) / steps, start)


def _never_rises_again(answer: Answer, reference: Answer) -> NotYet | None:
    late = [float(answer(step, 100, 0.01)) for step in (100, 120, 200)]
    if max(late) < 1e-7:
        return None
    shown = ", ".join(f"{rate:.4g}" for rate in late)
    return NotYet(
        f"with 100 steps in all, steps 100, 120 and 200 got {shown}.",
        "Beyond the last step the cosine rises again. Let the share that is done end at 1, with "
        "`min`.",
    )


register(
    Exercise(
        id="cosine-schedule",
        lesson=4,
        title="The learning rate along a cosine",
        reference="course_lib.exercises.lesson04:cosine_schedule",
        cases=[
            Case("step 0 of 100, starting at 0.01", 0, 100, 0.01),
            Case("step 25 of 100, starting at 0.01", 25, 100, 0.01),
            Case("step 50 of 100, starting at 0.01", 50, 100, 0.01),
            Case("step 300 of 400, starting at 0.5", 300, 400, 0.5),
            Case("step 400 of 400, starting at 0.5", 400, 400, 0.5),
        ],
        checks=[_never_rises_again],
        misconceptions=[
            Misconception(
                _wrong_schedule(lambda done, start: start * math.cos(math.pi * done)),
                "This cosine runs from 1 to -1, and a learning rate below 0 climbs instead of "
                "descending. Add 1 and halve.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: start * (1 + math.cos(math.pi * done))),
                "1 + cosine runs from 2 to 0: you start at twice the rate. Halve it.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: start * (1 - done)),
                "This falls in a straight line. A cosine stays high at first, falls fastest in the "
                "middle and lands gently.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: start * math.cos(math.pi / 2 * done)),
                "This is a quarter of a wave: it ends at 0, but with its steepest slope. Take half "
                "a wave, from the top to the bottom, so that it is flat at both ends.",
            ),
            Misconception(
                _wrong_schedule(
                    lambda done, start: start * 0.5 * (1 + math.cos(2 * math.pi * done))
                ),
                "This is a whole wave: it is down in the middle and up again at the end. Half a "
                "wave is pi, not 2 pi.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: start * 0.5 * (1 + math.cos(done))),
                "The cosine counts in radians: half a wave is pi, so multiply the share by pi.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: start * 0.5 * (1 + math.cos(180 * done))),
                "You counted in degrees, `cos` counts in radians: half a wave is pi.",
            ),
            Misconception(
                _wrong_schedule(
                    lambda done, start: start * 0.5 * (1 + math.cos(math.pi * (done // 1)))
                ),
                "The rate stays where it was until the very end: `//` cuts the share of the steps "
                "down to 0. Divide with `/`.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: start * 0.5 * (1 - math.cos(math.pi * done))),
                "This rises from 0 to the starting rate. The sign before the cosine is wrong.",
            ),
            Misconception(
                _wrong_schedule(lambda done, start: 0.5 * (1 + math.cos(math.pi * done))),
                "You left out the starting rate: this always starts at 1.",
            ),
        ],
        hints=[
            "First compute the share of the steps that are done, from 0 to 1.",
            "The cosine of pi times that share runs from 1 to -1. Bring it to 1 to 0.",
            "start * 0.5 * (1 + cos(pi * share)), with share = min(step, steps) / steps.",
        ],
    )
)

# --- reproducible crops ---------------------------------------------------------------------


def crop_corners(
    seed: int, step: int, count: int, height: int, width: int, crop: int
) -> np.ndarray:
    """Where to cut the crops of a step: a function of the seed and the step alone.

    Args:
        seed: any whole number.
        step: number of the step.
        count: number of crops.
        height: of the image, at least ``crop``.
        width: likewise.
        crop: side of the square crops.

    Returns:
        Integer array (count, 2): the upper and the left edge of each crop, inside the image.
    """
    generator = np.random.default_rng([seed, step])
    top = generator.integers(0, height - crop + 1, size=count)
    left = generator.integers(0, width - crop + 1, size=count)
    return np.stack([top, left], axis=1)


def _corners(
    answer: Answer,
    seed: int,
    step: int,
    count: int = 5,
    height: int = 60,
    width: int = 90,
    crop: int = 16,
) -> Any:
    return np.asarray(answer(seed, step, count, height, width, crop))


def _shape(answer: Answer, reference: Answer) -> NotYet | None:
    found = _corners(answer, 0, 0)
    if found.shape != (5, 2):
        return NotYet(
            f"for 5 crops it returned an array of shape {found.shape}.",
            "Return one row per crop, with its upper and its left edge: shape (count, 2). "
            "`np.stack([top, left], axis=1)` makes it from two arrays.",
        )
    if found.dtype.kind not in "iu":
        return NotYet(
            f"the corners are numbers of type {found.dtype}.",
            "A corner is a pixel: return whole numbers, as `generator.integers` gives them.",
        )
    return None


def _range(answer: Answer, reference: Answer) -> NotYet | None:
    many = np.concatenate([_corners(answer, one, 7 * one, 200) for one in range(10)])
    largest = many.max(axis=0)
    if many.min() < 0 or largest[0] > 44 or largest[1] > 74:
        return NotYet(
            f"for crops of 16 in an image of 60 x 90, corners reached up to {largest[0]}, "
            f"{largest[1]}.",
            "A crop that starts there leaves the image. The last possible corner is the height "
            "or width minus the crop; and height comes first.",
        )
    if largest[0] < 44 or largest[1] < 74 or many.min() > 0:
        return NotYet(
            f"in 2000 crops of 16 from an image of 60 x 90, the corners ran from {many.min()} up "
            f"to {largest[0]} (upper) and {largest[1]} (left); 44 and 74 are possible.",
            "Every place must be possible, also the last: `integers` leaves out its upper end, so "
            "it needs height - crop + 1 there.",
        )
    reached = [len(np.unique(edges)) for edges in many.T]
    if reached != [45, 75]:
        return NotYet(
            f"in 2000 crops of 16 from an image of 60 x 90, only {reached[0]} of 45 upper and "
            f"{reached[1]} of 75 left edges occurred.",
            "Every place must be possible. Is a number multiplied or rounded after it was drawn?",
        )
    large = _corners(answer, 0, 0, 200, 2000, 3000)
    if large.min() < 0 or large.max() < 256:
        return NotYet(
            f"in an image of 2000 x 3000, all corners lay between {large.min()} and {large.max()}.",
            f"Large images have places with larger numbers. Yours have the type {large.dtype}: "
            "leave the type that `generator.integers` gives.",
        )
    return None


def _same_again(answer: Answer, reference: Answer) -> NotYet | None:
    first = _corners(answer, 3, 7)
    for step in (8, 2, 11):
        _corners(answer, 3, step)
    if not np.array_equal(first, _corners(answer, 3, 7)):
        return NotYet(
            "seed 3, step 7 gave other corners when it was asked for a second time.",
            "A run that resumes at step 7 asks for step 7 first. So nothing may depend on what was "
            "asked before: make a new generator inside the function, from seed and step.",
        )
    return None


def _same_in_another_session(answer: Answer, reference: Answer) -> NotYet | None:
    """Python hashes text differently in each session; so does this stand-in, where it is called."""
    python_hash = hash

    def salted(value: Any) -> int:
        return python_hash(("another session", value) if "'" in repr(value) else value)

    first = _corners(answer, 3, 7)
    with unittest.mock.patch("builtins.hash", salted):
        again = _corners(answer, 3, 7)
    if not np.array_equal(first, again):
        return NotYet(
            "seed 3, step 7 would give other corners after a restart.",
            "Python's `hash` of a text is another number in every session. Give the numbers "
            "themselves to the generator: `default_rng` takes the list [seed, step].",
        )
    return None


def _no_side_effect(answer: Answer, reference: Answer) -> NotYet | None:
    np.random.seed(0)  # noqa: NPY002 - it is the global generator that must stay untouched
    expected = np.random.random(3)  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    _corners(answer, 1, 2)
    if not np.array_equal(expected, np.random.random(3)):  # noqa: NPY002
        return NotYet(
            "the call changed NumPy's global random numbers.",
            "`np.random.seed` changes the numbers of everybody else in the program. "
            "`np.random.default_rng(...)` makes a generator of your own.",
        )
    return None


def _steps_and_seeds_differ(answer: Answer, reference: Answer) -> NotYet | None:
    if np.array_equal(_corners(answer, 0, 1), _corners(answer, 0, 2)):
        return NotYet(
            "steps 1 and 2 of seed 0 gave the same corners.",
            "The network would see the same crops in every step. The step must go into the "
            "generator too.",
        )
    if np.array_equal(_corners(answer, 0, 1), _corners(answer, 5, 1)):
        return NotYet(
            "seeds 0 and 5 gave the same corners.",
            "The seed must go into the generator too, otherwise every run is the same run.",
        )
    pairs = [((1, 2), (2, 1)), ((0, 6), (2, 3)), ((1, 11), (11, 1)), ((0, 4), (0, 0))]
    # What `seed * factor + step` and `seed + factor * step` cannot tell apart.
    primes = (7919, 9973, 10007)
    factors = [*range(2, 2049), *primes, 10**4, 10**5, *(2**k for k in range(12, 17))]
    pairs += [((0, factor), (1, 0)) for factor in factors]
    pairs += [((factor, 0), (0, 1)) for factor in factors]
    corners = functools.cache(lambda pair: _corners(answer, *pair).tobytes())
    for one, two in pairs:
        if corners(one) == corners(two):
            return NotYet(
                f"seed {one[0]}, step {one[1]} gave the same corners as seed {two[0]}, step "
                f"{two[1]}.",
                "One number made of seed and step, a sum or product, is the same for many pairs: "
                "runs with neighboring seeds would see almost the same crops. `default_rng` takes "
                "a list: [seed, step].",
            )
    return None


def _crops_differ(answer: Answer, reference: Answer) -> NotYet | None:
    many = _corners(answer, 0, 0, 50)
    if len(np.unique(many, axis=0)) < 25:
        return NotYet(
            f"the 50 crops of a step had only {len(np.unique(many, axis=0))} different places.",
            "Draw one number per crop, with `size=count`, and take the same generator for all of "
            "them.",
        )
    if np.array_equal(many[:, 0] * 74 // 44, many[:, 1]) or np.corrcoef(many.T)[0, 1] > 0.9:
        return NotYet(
            "the upper and the left edges of a step's crops rise and fall together.",
            "All crops then lie on the diagonal. Draw upper and left edges one after the other "
            "from one generator, rather than from two generators with the same seed.",
        )
    return None


register(
    Exercise(
        id="crop-corners",
        lesson=4,
        title="A batch from a seed and a step",
        reference="course_lib.exercises.lesson04:crop_corners",
        checks=[
            _shape,
            _same_again,
            _same_in_another_session,
            _no_side_effect,
            _crops_differ,
            _range,
            _steps_and_seeds_differ,
        ],
        hints=[
            "`np.random.default_rng(...)` makes a generator whose numbers depend on what you give "
            "it and on nothing else.",
            "Make it anew in each call. It takes a list of numbers, too: [seed, step].",
            "generator.integers(0, height - crop + 1, size=count) gives the upper edges; the left "
            "ones likewise; np.stack([top, left], axis=1) puts them together.",
        ],
    )
)
