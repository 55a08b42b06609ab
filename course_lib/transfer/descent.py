"""Adam on the pixels of an image: one step, the state between steps, the way through the scales."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib.backend import compiled
from course_lib.errors import TransferError
from course_lib.transfer.objective import Objective, look, resized

# On a smaller copy the content is lost before the strokes have grown.
COARSEST = 128
# Of the steps, at every scale but the coarsest: on the next smaller copy a step takes a fourth of
# the time, and what has been found there only has to be refined.
REFINING = 0.25
# Standard deviation of noise around a style's color, on a scale of 1.
FAINT = 0.02
MEAN_DECAY, SQUARE_DECAY = 0.9, 0.99


def adam_step(
    pixels: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    count: Any,
    rate: Any,
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> tuple:
    """One step of Adam downhill, and the pixels back into their range.

    Args:
        pixels: array or tensor of any shape, in [0, 1].
        gradient: the gradient of the loss at these pixels, of the same shape.
        mean: running mean of the gradients until now, of the same shape; zeros at first.
        square: running mean of their squares, likewise.
        count: how many steps have been taken; 0 at first.
        rate: the learning rate, in units of pixel values.
        low: the smallest value allowed.
        high: the largest; infinite ones where any value will do.

    Returns:
        The pixels, mean, square and count after the step.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1,
    with decays of 0.9 and 0.99; the pixels are then clipped.
    """
    count = count + 1.0
    mean = MEAN_DECAY * mean + (1 - MEAN_DECAY) * gradient
    square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * ops.square(gradient)
    direction = mean / (1 - MEAN_DECAY**count)
    size = ops.sqrt(square / (1 - SQUARE_DECAY**count))
    pixels = ops.clip(pixels - rate * direction / (size + 1e-12), low, high)
    return pixels, mean, square, count


def step(
    objective: Objective, state: dict, rate: Any, move: Any, controls: dict, targets: dict
) -> dict[str, Any]:
    """One step of Adam, then a look at the image it leads to.

    Args:
        objective: an `Objective`.
        state: as `first_state` makes it.
        rate: the learning rate, in units of pixel values.
        move: False only looks: the image stays.
        controls: as for `look`.
        targets: as for `look`.

    Returns:
        The state afterwards. A step after which the loss is no number is not taken.
    """
    pixels, mean, square, count = adam_step(
        state["pixels"], state["gradient"], state["mean"], state["square"], state["count"], rate
    )
    moved = {"pixels": pixels, "mean": mean, "square": square, "count": count}
    moved = changed_if(move, moved, state)
    total, parts, gradient = look(objective, moved["pixels"], controls, targets)
    good = ops.logical_and(ops.isfinite(total), ops.all(ops.isfinite(gradient)))
    better = ops.logical_and(good, total < state["best_total"])
    best = {"best_total": total, "best_pixels": moved["pixels"]}
    seen = changed_if(good, moved | {"gradient": gradient, "total": total} | parts, state)
    best = changed_if(better, best, state)
    return seen | best | {"good": ops.logical_and(good, state["good"])}


def changed_if(condition: Any, changes: dict, state: dict) -> dict[str, Any]:
    """The changes where a condition holds, else what the state has in their place.

    A condition of the backend's, and not ops.where, which would copy every image.
    """
    return ops.cond(condition, lambda: changes, lambda: {name: state[name] for name in changes})


def first_state(pixels: Any) -> dict[str, Any]:
    """The state before anything has been looked at.

    Args:
        pixels: tensor (1, height, width, 3) to start from.

    Returns:
        Dictionary of tensors: the pixels, Adam's running mean and square of the gradient and its
        count of steps, the gradient, the total loss and its parts, the best image and its total,
        and whether all has been finite.
    """
    zeros, zero, infinite = ops.zeros_like(pixels), ops.zeros(()), ops.full((), np.inf)
    names = ("total", "content", "style", "variation")
    return {
        "pixels": pixels,
        "mean": zeros,
        "square": zeros,
        "gradient": zeros,
        "count": zero,
        **dict.fromkeys(names, zero),
        "best_pixels": pixels,
        "best_total": infinite,
        "good": ops.ones((), dtype="bool"),
    }


def enlarged_state(state: dict, size: tuple, *, start: Any = None) -> dict[str, Any]:
    """The state carried to another scale, so that Adam need not begin anew.

    Args:
        state: dictionary as `first_state` makes it.
        size: (height, width) to carry it to.
        start: image (height', width', 3) that the optimization set out from. What has changed
            since then is enlarged and added to it, so that its fine detail is not lost. Without it
            the image itself is enlarged.

    Returns:
        The state there, its best image forgotten, because losses of two scales do not compare.
    """
    _, height, width, _ = state["pixels"].shape
    # The loss is a mean: with four times the pixels, each has a fourth of the gradient.
    ratio = height * width / math.prod(size)
    pixels = state["best_pixels"]
    if start is None:
        pixels = resized(pixels, size, interpolation="bicubic")
    else:
        before, after = (
            ops.convert_to_tensor(image_files.resize(start, tuple(at))[None])
            for at in ((height, width), size)
        )
        pixels = after + resized(pixels - before, size, interpolation="bicubic")
    return first_state(ops.clip(pixels, 0.0, 1.0)) | {
        "mean": ratio * resized(state["mean"], size),
        "gradient": ratio * resized(state["gradient"], size),
        "square": ratio**2 * resized(state["square"], size),
        "count": state["count"],
        "good": state["good"],
    }


def make_program(objective: Objective) -> Callable:
    """A compiled program that takes as many steps as it is given learning rates.

    Args:
        objective: an `Objective`.

    Returns:
        A function (state, rates, moves, controls, targets) -> state.
    """

    def steps(state: dict, rates: Any, moves: Any, controls: dict, targets: dict) -> dict:
        # Written out and not a loop of the backend's: on a CPU, XLA runs convolutions inside of
        # its loops about ten times slower than outside.
        for k in range(rates.shape[0]):
            state = step(objective, state, rates[k], moves[k], controls, targets)
        return state

    return compiled(steps)


# A program is compiled once for all images of one size. That must not be done for a network
# that is handed in, because it may be trained on in between, and JAX compiles its weights in.
shared_program = functools.lru_cache(maxsize=8)(make_program)


def plan_scales(
    size: tuple, steps: int, scales: int | None, smallest: int
) -> list[tuple[tuple, int]]:
    """The sizes to go through and the number of steps at each.

    Args:
        size: (height, width) of the content.
        steps: number of steps in all.
        scales: number of scales, or None to choose it by the size.
        smallest: the shortest side that the extractor can take.

    Returns:
        List of ((height, width), steps) from coarse to fine. A fourth of the steps is taken at the
        full size, of what is left a fourth at half that size, and so on; the coarsest has the rest.

    Raises:
        TransferError: more scales than the size allows.
    """
    if scales is None:
        scales = 1 + max(0, int(math.log2(min(size) / COARSEST)))
    scales = min(int(scales), steps)
    plan, left = [], steps
    for level in range(scales):
        share = left if level == scales - 1 else math.ceil(REFINING * left)
        small = tuple(max(1, round(side / 2**level)) for side in size)
        if min(small) < smallest:
            raise TransferError(
                f"scales={scales}: at scale {level + 1} the content of {size[0]} x {size[1]} would "
                f"be {small[0]} x {small[1]}, and the extractor needs {smallest}. Take fewer."
            )
        plan.append((small, share))
        left -= share
    return plan[::-1]


def noise(size: tuple, seed: int, *, color: Any = None) -> np.ndarray:
    """An image of colored noise, (height, width, 3) float32 in [0, 1].

    Args:
        size: (height, width).
        seed: equal seeds give equal noise.
        color: the color (red, green, blue) around which the noise is faint. A style loss takes
            little offense at strong colors that alternate from pixel to pixel: what it is not
            given to begin with, it need not remove. None gives strong noise around gray.
    """
    generator = np.random.default_rng(seed)
    if color is None:
        return generator.uniform(0.25, 0.75, (*size, 3)).astype("float32")
    faint = color + generator.normal(0.0, FAINT, (*size, 3))
    return np.clip(faint, 0.0, 1.0).astype("float32")
