"""Style transfer by optimizing the image: its pixels are the unknowns, and Adam looks for them.

No network is trained. The loss asks for the content picture's features, for the style picture's
Gram matrices, and for little noise; the picture is changed step by step until it has them.

Differs from Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks",
CVPR 2016, in that it

- starts from the content in the style's colors, because a color that the style has not would not
  go away: it would stay behind as specks that cancel in the mean;
- goes from coarse to fine, because a stroke larger than the deepest tap can see is only found on
  a small copy of the picture;
- uses Adam instead of L-BFGS, and carries its state from scale to scale;
- divides the loss of every tap by the square of its target, so that one setting fits all.
"""

import dataclasses
import functools
import math
import warnings

import keras
import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib.backend import accelerator, memory_advice
from course_lib.checks import as_number, check_choice
from course_lib.errors import ArgumentError, TransferError
from course_lib.features import FeatureExtractor
from course_lib.losses import (
    CONTENT_WEIGHT,
    CONTENTS,
    SMOOTH_WEIGHT,
    STYLE_WEIGHT,
    STYLES,
    check_weight,
    content_loss,
    describe_styles,
    described_style_loss,
    proportions,
    total_variation_loss,
)
from course_lib.transfer.colors import KEEP_COLORS, match_colors, with_colors_of
from course_lib.transfer.feature import style_shares

STARTS = ("recolored", "content", "noise")
# On a smaller copy the content is lost before the strokes have grown.
COARSEST = 128
# Of the steps, at every scale but the coarsest: on the next smaller copy a step takes a fourth of
# the time, and what has been found there only has to be refined.
REFINING = 0.25
MEAN_DECAY, SQUARE_DECAY = 0.9, 0.99
# What to do where a device's memory is not enough.
SMALLER = "Make the content smaller with images.resize, or the style with style_scale=0.5."


@dataclasses.dataclass(frozen=True)
class Objective:
    """What is asked of the picture, apart from the pictures themselves: what a program computes.

    Attributes:
        extractor: a `FeatureExtractor` that reads all the layers.
        content_layers: taps whose features the content picture gives.
        style_layers: pairs (tap, weight).
        content_kind: as in `losses.content_loss`.
        style_kinds: pairs (kind as in `losses.describe_style`, weight).
    """

    extractor: FeatureExtractor
    content_layers: tuple
    style_layers: tuple
    content_kind: str
    style_kinds: tuple

    def targets(self, content, styles, shares):
        """All that is asked for, computed once per scale.

        Args:
            content: images (1, height, width, 3).
            styles: list of images (1, height', width', 3).
            shares: one number per style, or one map (1, height, width, 1) per style.

        Returns:
            Nested dictionaries and lists of tensors.
        """
        features = self.extractor(content)
        targets = {
            "content": {tap: features[tap] for tap in self.content_layers},
            "styles": [
                self.style_target(*pair, features) for pair in zip(styles, shares, strict=True)
            ],
        }
        if not all(isinstance(share, float) for share in shares):
            coverage = np.minimum(sum(shares), 1.0).astype("float32")
            targets["coverage"] = ops.convert_to_tensor(coverage)
            targets["photograph"] = ops.convert_to_tensor(content)
        return targets

    def style_target(self, style, share, features):
        """What one style asks for: its descriptions, how much it counts, and where."""
        seen, kinds = self.extractor(style), dict(self.style_kinds)
        taps = [tap for tap, _ in self.style_layers]
        target = {
            "described": {tap: describe_styles(seen[tap], kinds) for tap in taps},
            # A style counts by the area of its mask, so that it is as strong there as elsewhere.
            "share": ops.convert_to_tensor(np.float32(np.mean(share))),
        }
        if not isinstance(share, float):
            target["masks"] = {tap: resized(share, features[tap].shape[1:3]) for tap in taps}
        return target

    def parts(self, pixels, targets):
        """The parts of the loss: "content", "style" and "smooth", not weighted yet."""
        images = laid_on_photograph(pixels, targets)
        features = self.extractor(images)
        content = style = ops.zeros(())
        if self.content_layers:
            content = content_loss(features, targets["content"], kind=self.content_kind)
        for target in targets["styles"]:
            style = style + target["share"] * described_style_loss(
                features,
                target["described"],
                dict(self.style_kinds),
                weights=dict(self.style_layers),
                masks=target.get("masks"),
            )
        return {"content": content, "style": style, "smooth": total_variation_loss(images)}


def laid_on_photograph(pixels, targets):
    """The picture as it is seen: where masks leave a place free, the photograph stays."""
    if "coverage" not in targets:
        return pixels
    photograph = targets["photograph"]
    return photograph + targets["coverage"] * (pixels - photograph)


def look(objective, pixels, controls, targets):
    """The loss of a picture, its parts, and its slope.

    Args:
        objective: an `Objective`.
        pixels: tensor (1, height, width, 3).
        controls: dictionary part -> weight, scalar tensors.
        targets: as `Objective.targets` gives them.

    Returns:
        The total, a dictionary of its parts, and the slope of the total at the pixels.
    """

    def total(pixels):
        parts = objective.parts(pixels, targets)
        return sum(controls[name] * parts[name] for name in parts), parts

    return value_and_slope(total, pixels)


def adam_step(pixels, slope, mean, square, count, rate, low=0.0, high=1.0):
    """One step of Adam downhill, and the pixels back into their range.

    Args:
        pixels: array or tensor of any shape, in [0, 1].
        slope: the slope of the loss at these pixels, of the same shape.
        mean: running mean of the slopes until now, of the same shape; zeros at first.
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
    mean = MEAN_DECAY * mean + (1 - MEAN_DECAY) * slope
    square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * ops.square(slope)
    direction = mean / (1 - MEAN_DECAY**count)
    size = ops.sqrt(square / (1 - SQUARE_DECAY**count))
    pixels = ops.clip(pixels - rate * direction / (size + 1e-12), low, high)
    return pixels, mean, square, count


def step(objective, state, rate, move, controls, targets):
    """One step of Adam, then a look at the picture it leads to.

    Args:
        objective: an `Objective`.
        state: as `first_state` makes it.
        rate: the learning rate, in units of pixel values.
        move: False only looks: the picture stays.
        controls: as for `look`.
        targets: as for `look`.

    Returns:
        The state afterwards. A step after which the loss is no number is not taken.
    """
    pixels, mean, square, count = adam_step(
        state["pixels"], state["slope"], state["mean"], state["square"], state["count"], rate
    )
    moved = {"pixels": pixels, "mean": mean, "square": square, "count": count}
    moved = changed_if(move, moved, state)
    total, parts, slope = look(objective, moved["pixels"], controls, targets)
    good = ops.logical_and(ops.isfinite(total), ops.all(ops.isfinite(slope)))
    better = ops.logical_and(good, total < state["best_total"])
    best = {"best_total": total, "best_pixels": moved["pixels"]}
    seen = changed_if(good, moved | {"slope": slope, "total": total} | parts, state)
    best = changed_if(better, best, state)
    return seen | best | {"good": ops.logical_and(good, state["good"])}


def changed_if(condition, changes, state):
    """The changes where a condition holds, else what the state has in their place.

    A condition of the backend's, and not ops.where, which would copy every picture.
    """
    return ops.cond(condition, lambda: changes, lambda: {name: state[name] for name in changes})


def first_state(pixels):
    """The state before anything has been looked at.

    Args:
        pixels: tensor (1, height, width, 3) to start from.

    Returns:
        Dictionary of tensors: the pixels, Adam's running mean and square of the slope and its count
        of steps, the slope, the total loss and its parts, the best picture and its total, and
        whether all has been finite.
    """
    zeros, zero, infinite = ops.zeros_like(pixels), ops.zeros(()), ops.full((), np.inf)
    names = ("total", "content", "style", "smooth")
    return {
        "pixels": pixels,
        "mean": zeros,
        "square": zeros,
        "slope": zeros,
        "count": zero,
        **dict.fromkeys(names, zero),
        "best_pixels": pixels,
        "best_total": infinite,
        "good": ops.ones((), dtype="bool"),
    }


def enlarged_state(state, size, start=None):
    """The state carried to another scale, so that Adam need not begin anew.

    Args:
        state: dictionary as `first_state` makes it.
        size: (height, width) to carry it to.
        start: picture (height', width', 3) that the optimization set out from. What has changed
            since then is enlarged and added to it, so that its fine detail is not lost. Without it
            the picture itself is enlarged.

    Returns:
        The state there, its best picture forgotten, because losses of two scales do not compare.
    """
    _, height, width, _ = state["pixels"].shape
    # The loss is a mean: with four times the pixels, each has a fourth of the slope.
    ratio = height * width / math.prod(size)
    pixels = state["best_pixels"]
    if start is None:
        pixels = resized(pixels, size, "bicubic")
    else:
        before, after = (
            ops.convert_to_tensor(image_files.resize(start, tuple(at))[None])
            for at in ((height, width), size)
        )
        pixels = after + resized(pixels - before, size, "bicubic")
    return first_state(ops.clip(pixels, 0.0, 1.0)) | {
        "mean": ratio * resized(state["mean"], size),
        "slope": ratio * resized(state["slope"], size),
        "square": ratio**2 * resized(state["square"], size),
        "count": state["count"],
        "good": state["good"],
    }


def resized(maps, size, interpolation="bilinear"):
    """Maps (1, height, width, channels) at another size, as a tensor."""
    maps = ops.convert_to_tensor(maps, dtype="float32")
    if tuple(maps.shape[1:3]) == tuple(size):
        return maps
    return ops.image.resize(maps, tuple(size), interpolation=interpolation, antialias=True)


# ---- the three backends -----------------------------------------------------------------------


def value_and_slope(function, pixels):
    """The value of a function, what it returns beside it, and its slope at the pixels.

    Args:
        function: pixels -> (scalar tensor, dictionary of tensors).
        pixels: array or tensor.

    Returns:
        The scalar, the rest, and a tensor of the pixels' shape.
    """
    pixels = ops.convert_to_tensor(pixels)
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            value, rest = function(pixels)
        return value, rest, tape.gradient(value, pixels)
    if backend == "jax":
        import jax

        (value, rest), slope = jax.value_and_grad(function, has_aux=True)(pixels)
        return value, rest, slope
    import torch

    pixels = pixels.detach().requires_grad_()
    with torch.enable_grad():
        value, rest = function(pixels)
    (slope,) = torch.autograd.grad(value, pixels)
    return value.detach(), {name: part.detach() for name, part in rest.items()}, slope


def compiled(function):
    """The function as one program, where the backend can make one of it.

    No XLA on TensorFlow: it takes seconds to compile what then runs hardly faster, or, where its
    convolutions are slower than TensorFlow's own, as on a CPU, more slowly.

    Args:
        function: a function of nested dictionaries of tensors.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False, reduce_retracing=False)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function


def make_program(objective):
    """A compiled program that takes as many steps as it is given learning rates.

    Args:
        objective: an `Objective`.

    Returns:
        A function (state, rates, moves, controls, targets) -> state.
    """

    def steps(state, rates, moves, controls, targets):
        # Written out and not a loop of the backend's: on a CPU, XLA runs convolutions inside of
        # its loops about ten times slower than outside.
        for k in range(rates.shape[0]):
            state = step(objective, state, rates[k], moves[k], controls, targets)
        return state

    return compiled(steps)


# A program is compiled once for all pictures of one size. That must not be done for a network
# that is handed in, because it may be trained on in between, and JAX compiles its weights in.
shared_program = functools.lru_cache(maxsize=8)(make_program)
shared_extractor = functools.lru_cache(maxsize=8)(FeatureExtractor)


# ---- the optimizer ----------------------------------------------------------------------------


class ImageOptimizer:
    """Optimizes a picture chunk by chunk, so that one can watch, turn the weights, and stop.

    ``advance()`` goes on by ``every`` steps; the first call only looks at the start.

    Args:
        content: picture (height, width, 3). The result has its size.
        style: picture of any size, or a list of them. None where ``style_weight`` is 0.
        steps: number of steps in all, 1 or more. They are shared out over the scales.
        extractor: "course", "random", "vgg19", or whatever else `FeatureExtractor` takes.
        content_layers: taps for the content loss.
        style_layers: taps for the style loss, all alike, or a dictionary tap -> weight. All that
            the extractor reads by default.
        content_kind: as in `losses.content_loss`.
        style_kinds: a kind as in `losses.describe_style`, a tuple of kinds that count alike, or a
            dictionary kind -> weight. Gram matrices know which features go together; means and
            deviations, how much of each there is.
        content_weight: how much the content loss counts, 0 or more.
        style_weight: the same for the style loss. Ten times more or less is a change one sees.
        smooth_weight: the same for the total variation loss.
        weights: one number of 0 or more per style; they are scaled to the sum 1.
        masks: one array (height, width) in [0, 1] per style: where in the content picture it
            applies. Edges may be soft. Where there is no mask the photograph stays.
        style_scale: size of the style picture, its longer side measured by the content's. Larger
            makes larger strokes.
        scales: number of scales; each is half as large as the next. By default as many as keep the
            shorter side at 128 pixels or more.
        start: "recolored" (the content's brightness in the colors of the styles: what is left of
            colors that no style has would stay as colored specks), "content", "noise", or a
            picture, such as what a feed-forward transfer has made.
        keep_colors: None, "luminance" or "covariance", as in `FeatureTransfer`.
        seed: for the noise. The same seed on the same machine gives the same picture.
        learning_rate: of Adam, in units of pixel values; it falls in a straight line to a
            fifteenth.
        every: steps that one call of ``advance`` takes. 1 lets one stop at any step.

    Attributes:
        step: steps taken.
        at_once: steps in one run of the compiled program.
        losses: dictionary of the losses of `picture`: "total", "content", "style", "smooth".
        done: whether there is nothing left to do.

    Raises:
        PictureError: a picture that is none, or too small for the deepest tap.
        ModelError: an unknown extractor or tap, with those there are.
        ArgumentError: a negative weight of a loss, or none above 0.
        TransferError: no style, weights or masks that do not fit, or no steps.
    """

    def __init__(
        self,
        content,
        style,
        steps=200,
        extractor="course",
        content_layers=("relu3_1", "relu4_1"),
        style_layers=None,
        content_kind="squared",
        style_kinds=("gram", "statistics"),
        content_weight=CONTENT_WEIGHT,
        style_weight=STYLE_WEIGHT,
        smooth_weight=SMOOTH_WEIGHT,
        weights=None,
        masks=None,
        style_scale=1.0,
        scales=None,
        start="recolored",
        keep_colors=None,
        seed=0,
        learning_rate=0.03,
        every=5,
    ):
        check_choice("content_kind", content_kind, CONTENTS)
        check_choice("keep_colors", keep_colors, KEEP_COLORS)
        scales_asked = 1 if scales is None else scales
        for name, count in {"steps": steps, "every": every, "scales": scales_asked}.items():
            if not (1 <= as_number(count) < math.inf and count % 1 == 0):
                raise TransferError(f"{name}={count!r}: a whole number of 1 or more is needed.")
        for name, value in {"style_scale": style_scale, "learning_rate": learning_rate}.items():
            if not 0 < as_number(value) < math.inf:
                raise TransferError(f"{name}={value!r}: a number above 0 is needed.")
        self.steps, self.every, self.step = int(steps), int(every), 0
        # On a CPU a step takes far longer than a call, and every step of a program has to be
        # compiled. On a GPU the calls would be what takes the time.
        self.at_once = 1 if accelerator().kind == "CPU" else self.every
        self.learning_rate, self.keep_colors = learning_rate, keep_colors
        self.losses, self.done = {}, False
        self.controls = {}
        self.reweight(content_weight, style_weight, smooth_weight)
        self.objective = choose_objective(
            extractor, content_layers, style_layers, content_kind, style_kinds
        )
        self.program = shared_program if isinstance(extractor, str) else make_program
        smallest = self.objective.extractor.smallest
        self.content = image_files.check_picture(content, min_side=smallest, name="content")
        self.styles = self.checked_styles(style, smallest)
        self.shares = []
        if self.styles:
            size = self.content.shape[:2]
            self.shares = style_shares(len(self.styles), weights, masks, size)
        self.style_scale = style_scale
        self.plan = plan_scales(self.content.shape[:2], self.steps, scales, smallest)
        self.scale = 0
        self.start, pixels = self.first_pixels(start, seed)
        self.state = first_state(pixels)
        self.enter_scale()

    def checked_styles(self, style, smallest):
        """The style pictures as a list, with the content's colors where those are to be kept."""
        styles = list(style) if isinstance(style, (list, tuple)) else [style]
        styles = [one for one in styles if one is not None]
        if not styles and self.controls["style"] > 0:
            raise TransferError(
                "there is no style at all: give a style picture, or style_weight=0 to ask for the "
                "content alone."
            )
        styles = [image_files.check_picture(one, min_side=smallest, name="style") for one in styles]
        if self.keep_colors == "covariance":
            styles = [match_colors(one, self.content) for one in styles]
        return styles

    def first_pixels(self, start, seed):
        """The picture to start from, None for noise, and the pixels of the first scale."""
        size = self.plan[0][0]
        if isinstance(start, str):
            check_choice("start", start, STARTS)
            if start == "noise":
                return None, ops.convert_to_tensor(noise(size, seed)[None])
            start = self.recolored() if start == "recolored" else self.content
        start = image_files.check_picture(start, name="start")
        return start, ops.convert_to_tensor(image_files.resize(start, size)[None])

    def recolored(self):
        """The content's brightness in the colors of the styles, of each where it applies."""
        colors = self.content
        for style, share in zip(self.styles, self.shares, strict=True):
            share = share if isinstance(share, float) else share[0]
            colors = colors + share * (match_colors(self.content, style) - self.content)
        return with_colors_of(np.clip(colors, 0.0, 1.0), self.content)

    @memory_advice("look at the pictures", SMALLER)
    def enter_scale(self):
        """Make the targets and the program of the current scale, and carry the state to it."""
        size, steps = self.plan[self.scale]
        extractor = self.objective.extractor
        longer = max(extractor.smallest, round(self.style_scale * max(size)))
        content = image_files.resize(self.content, size)
        styles = [resize_to(style, longer, extractor.smallest) for style in self.styles]
        shares = [
            share if isinstance(share, float) else ops.convert_to_numpy(resized(share, size))
            for share in self.shares
        ]
        self.targets = self.objective.targets(content[None], [s[None] for s in styles], shares)
        self.run = self.program(self.objective)
        self.left = steps
        if self.scale:
            self.state = enlarged_state(self.state, size, self.start)

    def reweight(self, content_weight=None, style_weight=None, smooth_weight=None):
        """Turn the weights, also between two calls of `advance`.

        Args:
            content_weight: 0 or more; None leaves it as it is. So do the others.
            style_weight: see there.
            smooth_weight: see there.

        Raises:
            ArgumentError: a negative weight, or none above 0.
        """
        asked = {"content": content_weight, "style": style_weight, "smooth": smooth_weight}
        controls = {name: self.controls.get(name) if w is None else w for name, w in asked.items()}
        for name, weight in controls.items():
            check_weight(f"{name}_weight", weight)
        controls = {name: as_number(weight) for name, weight in controls.items()}
        if not any(controls.values()):
            raise ArgumentError(
                "all weights are 0: then nothing is asked of the picture. Raise one."
            )
        if controls != self.controls and self.step:
            # Totals under other weights do not compare: the best picture is looked for anew.
            self.state["best_total"] = ops.full((), np.inf)
        self.controls = controls

    @memory_advice("optimize the picture", SMALLER)
    def advance(self):
        """Take up to ``every`` steps; the first call takes none and looks at the start.

        Returns:
            `losses`.

        Raises:
            TransferError: the loss of the start is no number.
            OutOfMemoryError: the device's memory is not enough, with what to do.
        """
        if self.done:
            return self.losses
        if not self.left:
            self.scale += 1
            self.enter_scale()
        count = min(self.every, self.left) if self.losses else 0
        controls = self.tensors()
        for first in range(0, max(count, 1), self.at_once):
            rates, moves = self.rates(first, count)
            self.state = self.run(self.state, rates, moves, controls, self.targets)
        self.step, self.left = self.step + count, self.left - count
        self.losses = {
            name: float(self.state[name]) for name in ("total", "content", "style", "smooth")
        }
        self.done = self.step >= self.steps
        self.guard()
        return self.losses

    def rates(self, first, count):
        """Learning rates for one run of the program, and which of its steps are really taken.

        Args:
            first: how many of the steps of this call of `advance` have been taken before.
            count: how many of them are to be taken in all.
        """
        places = first + np.arange(self.at_once)
        numbers = self.step + places
        rates = self.learning_rate * (1.0 - 14.0 / 15.0 * np.minimum(numbers / self.steps, 1.0))
        moves = places < count
        return ops.convert_to_tensor(rates.astype("float32")), ops.convert_to_tensor(moves)

    def tensors(self):
        """The weights as tensors, so that turning them does not compile anything anew."""
        return {n: ops.convert_to_tensor(np.float32(w)) for n, w in self.controls.items()}

    def guard(self):
        """Stop when the loss is no longer a number."""
        if bool(self.state["good"]):
            return
        self.done = True
        if not math.isfinite(float(self.state["best_total"])):
            raise TransferError(
                "the loss of the picture to start from is no number: the extractor gives features "
                "that are not finite, or a weight is too large."
            )
        warnings.warn(
            f"the loss was no number after step {self.step}: stopped, with the best picture until "
            "then. Try a smaller learning_rate or smaller weights.",
            stacklevel=3,
        )

    @property
    def picture(self):
        """The picture as it is now, (height, width, 3) float32 in [0, 1], at the content's size."""
        return self.finished(self.state["pixels"])

    @property
    def best(self):
        """The picture with the smallest total at the current scale, as `picture`."""
        return self.finished(self.state["best_pixels"])

    def finished(self, pixels):
        """Pixels of any scale as a picture of the content's size, with its colors if asked for."""
        pixels = resized(
            laid_on_photograph(pixels, self.targets), self.content.shape[:2], "bicubic"
        )
        picture = np.clip(ops.convert_to_numpy(pixels)[0], 0.0, 1.0)
        if self.keep_colors == "luminance":
            return with_colors_of(self.content, picture)
        return picture


def choose_objective(extractor, content_layers, style_layers, content_kind, style_kinds):
    """The `Objective` for these settings, its extractor reading all the layers."""
    make = shared_extractor if isinstance(extractor, str) else FeatureExtractor
    style_layers = make(extractor).taps if style_layers is None else style_layers
    style_kinds = (style_kinds,) if isinstance(style_kinds, str) else style_kinds
    for kind in style_kinds:
        check_choice("style_kinds", kind, STYLES)
    content_layers = tuple(content_layers)
    layers, kinds = (
        tuple(proportions(chosen, chosen if isinstance(chosen, dict) else None).items())
        for chosen in (style_layers, style_kinds)
    )
    taps = dict.fromkeys((*content_layers, *(tap for tap, _ in layers)))
    return Objective(make(extractor, tuple(taps)), content_layers, layers, content_kind, kinds)


def plan_scales(size, steps, scales, smallest):
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


def noise(size, seed):
    """A picture of gray-centered colored noise, (height, width, 3)."""
    generator = np.random.default_rng(seed)
    return generator.uniform(0.25, 0.75, (*size, 3)).astype("float32")


def resize_to(picture, longer, smallest):
    """The picture with that longer side, neither side below the smallest."""
    scale = longer / max(picture.shape[:2])
    size = tuple(max(smallest, round(side * scale)) for side in picture.shape[:2])
    return image_files.resize(picture, size)


def optimize_image(content, style, steps=200, callback=None, should_stop=None, **settings):
    """Optimize a picture until it has the content of one picture and the style of another.

    Args:
        content: picture (height, width, 3), each side at least 16 for relu4_1.
        style: picture of any size, or a list of them.
        steps: number of steps in all, 1 or more.
        callback: function (step, picture, losses), called at the start and after every ``every``
            steps with the picture as it is then. Where it returns True, optimizing stops.
        should_stop: function without arguments, asked equally often: True stops.
        **settings: all else that `ImageOptimizer` takes, such as ``style_weight=...``,
            ``start="noise"``, ``masks=[...]``, ``keep_colors="luminance"``, ``seed=1``,
            ``every=1``.

    Returns:
        Picture (height, width, 3) float32 in [0, 1], of the content's size: the best so far.

    Raises:
        PictureError, ModelError, ArgumentError, TransferError: as `ImageOptimizer`.
    """
    optimizer = ImageOptimizer(content, style, steps, **settings)
    while not optimizer.done:
        losses = optimizer.advance()
        if callback and callback(optimizer.step, optimizer.picture, losses):
            break
        if should_stop and should_stop():
            break
    return optimizer.best
