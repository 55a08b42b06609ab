"""Exercises of lesson 13, video."""

from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(13)


# --- carry-along -------------------------------------------------------------------------------

_wide = _random.uniform(size=(5, 8, 3)).astype("float32")
_wide_flow = _random.integers(-2, 3, size=(5, 8, 2)).astype("float32")
_high = _random.uniform(size=(6, 4, 3)).astype("float32")
_high_flow = np.stack([np.full((6, 4), 1.0), np.full((6, 4), -2.0)], axis=-1).astype("float32")


def _places(flow: Any, sign: int = 1, swapped: bool = False) -> Any:
    """Where each pixel is fetched from, not yet confined to the image."""
    rows, columns = np.indices(flow.shape[:2])
    down, right = np.moveaxis(flow.astype(int)[..., ::-1] if swapped else flow.astype(int), -1, 0)
    return rows + sign * down, columns + sign * right


def _fetched(image: Any, rows: int, columns: int) -> Any:
    height, width = image.shape[:2]
    return image[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]


def _pushed(image: Any, flow: Any) -> Any:
    height, width = image.shape[:2]
    rows, columns = _places(flow)
    moved = np.zeros_like(image)
    moved[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)] = image
    return moved


def _wrapped_around(image: Any, flow: Any) -> Any:
    rows, columns = _places(flow)
    return image[rows % image.shape[0], columns % image.shape[1]]


def _black_outside(image: Any, flow: Any) -> Any:
    height, width = image.shape[:2]
    rows, columns = _places(flow)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return _fetched(image, rows, columns) * inside[..., None]


def _nothing_moves_nothing(answer: Answer, reference: Answer) -> NotYet | None:
    if not np.allclose(answer(_wide, np.zeros_like(_wide_flow)), _wide, atol=1e-5):
        return NotYet(
            "with a flow of zero everywhere the image came back changed.",
            "Each pixel is fetched from its own place plus its flow. Start from `np.indices`.",
        )
    return None


register(
    Exercise(
        id="carry-along",
        lesson=13,
        title="A frame carried along with the motion",
        reference="course_lib.transfer.motion:carry",
        cases=[
            Case(
                "an image of 5 x 8 pixels and a flow that is different everywhere",
                _wide,
                _wide_flow,
            ),
            Case(
                "an image of 6 x 4 pixels that came from 1 row below and 2 columns to the left",
                _high,
                _high_flow,
            ),
        ],
        checks=[_nothing_moves_nothing],
        misconceptions=[
            Misconception(
                lambda image, flow: _fetched(image, *_places(flow, sign=-1)),
                "The flow points to where the pixel was, so add it to the pixel's own place. You "
                "subtracted it.",
            ),
            Misconception(
                lambda image, flow: _fetched(image, *_places(flow, swapped=True)),
                "You mixed up rows and columns: `flow[..., 0]` counts rows, `flow[..., 1]` "
                "columns.",
            ),
            Misconception(
                _pushed,
                "You pushed each pixel along its flow, which leaves holes. Fetch instead: the new "
                "image at a place is the old image at that place plus the flow.",
            ),
            Misconception(
                _wrapped_around,
                "What enters at one edge is taken from the opposite edge: negative indices count "
                "from the end, and `%` wraps around. Use `np.clip` to stay at the nearest edge.",
            ),
            Misconception(
                _black_outside,
                "Places outside the image became black. They should get the nearest pixel on the "
                "edge: `np.clip` the rows and columns.",
            ),
            Misconception(
                lambda image, flow: image,
                "The image came back as it was: you did not use the flow.",
            ),
            Misconception(
                lambda image, flow: _fetched(
                    image, _places(flow)[0], np.indices(flow.shape[:2])[1]
                ),
                "Only the rows move. `flow[..., 1]` says how many columns to go.",
            ),
        ],
        hints=[
            "`rows, columns = np.indices(image.shape[:2])` are the positions of all pixels.",
            "Add the flow: `rows + flow[..., 0].astype(int)`, and likewise for the columns.",
            "Confine both with `np.clip(..., 0, size - 1)`, then `image[rows, columns]`.",
        ],
    )
)


# --- running-mean ------------------------------------------------------------------------------

_jump = np.array([[1.0, 4.0], [1.0, 4.0], [5.0, 0.0], [5.0, 0.0], [5.0, 2.0]])
_many = _random.normal(2.0, 1.0, size=(7, 3))


def _mean(values: Any, keep: float) -> Any:
    """The right answer."""
    means = [values[0]]
    for value in values[1:]:
        means.append(keep * means[-1] + (1 - keep) * value)
    return np.stack(means)


def _from_zero(values: Any, keep: float) -> Any:
    mean, means = np.zeros_like(values[0]), []
    for value in values:
        mean = keep * mean + (1 - keep) * value
        means.append(mean)
    return np.stack(means)


def _with_the_last_value(values: Any, keep: float) -> Any:
    before = np.concatenate([values[:1], values[:-1]])
    return keep * before + (1 - keep) * values


def _mean_so_far(values: Any, keep: float) -> Any:
    return np.cumsum(values, axis=0) / np.arange(1, len(values) + 1)[:, None]


def _never_forgets(values: Any, keep: float) -> Any:
    means = [values[0]]
    for value in values[1:]:
        means.append(keep * means[-1] + value)
    return np.stack(means)


def _what_stands_still_stays(answer: Answer, reference: Answer) -> NotYet | None:
    means = answer(np.full((4, 2), 3.0), 0.9)
    if not np.allclose(means, 3.0, atol=1e-4):
        return NotYet(
            f"the statistics were 3 in all four frames, but the mean went to {means[-1, 0]:.3g}.",
            "The two shares must sum to 1: `keep` for the old mean, `1 - keep` for the new value.",
        )
    return None


register(
    Exercise(
        id="running-mean",
        lesson=13,
        title="A running mean over the frames",
        reference="course_lib.transfer.video:running_mean",
        cases=[
            Case(
                "two numbers in each of 5 frames, which jump at the third, and keep=0.8", _jump, 0.8
            ),
            Case("three numbers in each of 7 frames and keep=0.25", _many, 0.25),
        ],
        checks=[_what_stands_still_stays],
        misconceptions=[
            Misconception(
                lambda values, keep: _mean(values, 1 - keep),
                "You swapped the shares: `keep` belongs to the old mean, `1 - keep` to the new "
                "value.",
            ),
            Misconception(
                _from_zero,
                "You start from zero, so the first frames come out too small. The first mean is "
                "the first value itself.",
            ),
            Misconception(
                _with_the_last_value,
                "You mixed each value with the value before it. Mix it with the mean before it, "
                "which remembers all frames.",
            ),
            Misconception(
                _mean_so_far,
                "This is the plain mean of all frames so far: the hundredth frame would hardly "
                "count. Keep a fixed share of the old mean instead.",
            ),
            Misconception(
                _never_forgets,
                "You add the new value in full, so the mean grows and grows. Its share is "
                "`1 - keep`.",
            ),
            Misconception(
                lambda values, keep: np.repeat(
                    values.mean(axis=0, keepdims=True), len(values), axis=0
                ),
                "This is one mean for all frames. In a video the later frames are not known yet.",
            ),
            Misconception(
                lambda values, keep: values,
                "The values came back unchanged: nothing of the earlier frames is kept.",
            ),
            Misconception(
                lambda values, keep: _mean(values, keep)[-1],
                "This is the last mean only. Return one mean for each frame.",
            ),
        ],
        hints=[
            "Start a list with the first frame's values: `means = [values[0]]`.",
            "For every further value append `keep * means[-1] + (1 - keep) * value`.",
            "`np.stack(means)` turns the list into one array.",
        ],
    )
)


# --- comes-home --------------------------------------------------------------------------------

# Everything moves by 3 columns, but for one corner, which was hidden and has a wrong partner.
_back = np.zeros((8, 12, 2), "float32")
_back[..., 1] = -3.0
_forth = -_back.copy()
_back[:3, :4] = [2.0, 1.0]
# A still scene with a fast thing in it, whose flows are off by half a pixel.
_still_back = np.zeros((10, 9, 2), "float32")
_still_back[3:7, 2:6] = [0.0, 2.0]
_still_back[0, 0] = [0.5, 0.4]
_still_forth = np.zeros((10, 9, 2), "float32")
_still_forth[3:7, 4:8] = [0.0, -2.0]
# A motion of 2 rows whose way back is wrong by a row in the right half.
_down_back = np.full((9, 6, 2), [2.0, 0.0], "float32")
_down_forth = np.full((9, 6, 2), [-2.0, 0.0], "float32")
_down_forth[:, 3:, 0] = -3.0
# Fast, and found with an error that is small for so long a way.
_fast_back = np.full((7, 30, 2), [0.0, 9.0], "float32")
_fast_forth = np.full((7, 30, 2), [0.0, -10.1], "float32")
_fast_back[4:, :, 1], _fast_forth[4:, :, 1] = 5.0, -5.99


def _at(values: Any, flow: Any) -> Any:
    return _fetched(values, *_places(np.round(flow)))


def _squares(flow: Any) -> Any:
    return np.sum(flow**2, axis=-1)


def _home(backward: Any, partner: Any, share: float = 0.01, constant: float = 0.5) -> Any:
    way = _squares(backward) + _squares(partner)
    return _squares(backward + partner) < share * way + constant


def _difference_of_flows(backward: Any, forward: Any) -> Any:
    partner = _at(forward, backward)
    way = _squares(backward) + _squares(partner)
    return _squares(backward - partner) < 0.01 * way + 0.5


def _not_squared(backward: Any, forward: Any) -> Any:
    partner = _at(forward, backward)
    missed = np.sqrt(_squares(backward + partner))
    return missed < 0.01 * (_squares(backward) + _squares(partner)) + 0.5


def _both_ways_count(answer: Answer, reference: Answer) -> NotYet | None:
    for one, other in ((9.0, -10.5), (10.5, -9.0)):
        there, back = np.full((4, 30, 2), [0.0, one]), np.full((4, 30, 2), [0.0, other])
        if not np.all(answer(there, back)):
            return NotYet(
                f"given {one:g} columns there and {-other:g} back everywhere, not all pixels came "
                "home.",
                "The two flows miss by 1.5, squared 2.25. Allowed is 0.5 and 0.01 times the "
                "squared lengths of *both* flows: 0.01 * (81 + 110.25) + 0.5 = 2.41.",
            )
    return None


def _no_more_is_allowed(answer: Answer, reference: Answer) -> NotYet | None:
    nowhere = np.zeros(2)
    for one, other in (([0.0, 9.0], [0.0, -10.7]), ([0.6, 0.6], nowhere)):
        there, back = np.full((4, 30, 2), one), np.full((4, 30, 2), other)
        if np.any(answer(there, back)):
            return NotYet(
                f"given {one[0]:g} rows and {one[1]:g} columns there, {0 - other[0]:g} and "
                f"{0 - other[1]:g} back everywhere, some pixels came home.",
                "Both flows have two numbers at each pixel. Square the numbers first, then add: "
                "once for the sum of the flows, and once for each of them.",
            )
    return None


def _lengths_are_those_of_the_partner(answer: Answer, reference: Answer) -> NotYet | None:
    there, back = np.full((4, 30, 2), [0.0, 9.0]), np.full((4, 30, 2), [0.0, -9.0])
    back[:, 1::2, 1] = -10.5
    if not np.array_equal(answer(there, back), reference(there, back)):
        return NotYet(
            "given 9 columns there, and 9 or 10.5 back in turns, the wrong pixels came home.",
            "The length of the way back is that of the vector you have fetched, not of the one at "
            "the pixel you started from.",
        )
    return None


def _flows_are_found_between_pixels(answer: Answer, reference: Answer) -> NotYet | None:
    there, back = np.full((4, 20, 2), [0.0, 2.5]), np.full((4, 20, 2), [0.0, -2.5])
    back[:, ::2, 1] -= 2
    back[:, 1::2, 1] += 2
    if not np.array_equal(answer(there, back), reference(there, back)):
        return NotYet(
            "given a way of 2.5 columns, the flow back was fetched from a single pixel.",
            "Halfway between two pixels the flow is the mean of theirs. `carry(forward, "
            "backward)` does that mixing; do not round.",
        )
    return None


register(
    Exercise(
        id="comes-home",
        lesson=13,
        title="What could be seen before",
        reference="course_lib.transfer.motion:comes_home",
        cases=[
            Case("flows of 3 columns to the right, with wrong ones in one corner", _back, _forth),
            Case("a motion of 2 rows, with a wrong way back on the right", _down_back, _down_forth),
            Case("a still image in which one thing moves by 2 columns", _still_back, _still_forth),
            Case(
                "motions of 9 and 5 columns that are found with small errors",
                _fast_back,
                _fast_forth,
            ),
        ],
        checks=[
            _both_ways_count,
            _no_more_is_allowed,
            _lengths_are_those_of_the_partner,
            _flows_are_found_between_pixels,
        ],
        misconceptions=[
            Misconception(
                _home,
                "You added the two flows at the same pixel. The way back starts where the way "
                "there ended: fetch it from there with `carry(forward, backward)`.",
            ),
            Misconception(
                _difference_of_flows,
                "There and back are opposite, so a pixel that comes home has flows that sum to "
                "zero. You subtracted them.",
            ),
            Misconception(
                lambda backward, forward: _home(_at(backward, forward), forward),
                "It is the other way around: follow `backward` first, and fetch `forward` there.",
            ),
            Misconception(
                lambda backward, forward: ~_home(backward, _at(forward, backward)),
                "This is the opposite: true where a pixel does not come home.",
            ),
            Misconception(
                lambda backward, forward: _home(backward, _at(forward, backward), constant=0.0),
                "What stands still misses by 0, and 0 is not less than 0. The constant 0.5 is "
                "missing.",
            ),
            Misconception(
                lambda backward, forward: _home(backward, _at(forward, backward), share=0.0),
                "A flow of 10 pixels may miss by more than one of 1 pixel. The share of the way, "
                "0.01 times the two squared lengths, is missing.",
            ),
            Misconception(
                _not_squared,
                "You compare a length with squared lengths. Square the miss as well.",
            ),
        ],
        hints=[
            "`back = carry(forward, backward)` is the flow at the place that `backward` leads to.",
            "`missed = np.sum((backward + back) ** 2, axis=-1)`, one number for each pixel.",
            "Compare it with `0.01 * (...) + 0.5`, where the dots are the squared lengths of "
            "`backward` and `back`, added.",
        ],
    )
)
