"""Style transfer by optimizing the image: its pixels are the unknowns, and Adam looks for them.

No network is trained. The loss asks for the content image's features, for the style image's
Gram matrices, and for little noise; the image is changed step by step until it has them.

Differs from Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks",
CVPR 2016, in that it

- starts from the content in the style's colors, because a color that the style has not would not
  go away: it would stay behind as specks that cancel in the mean;
- goes from coarse to fine, because a stroke larger than the deepest tap can see is only found on
  a small copy of the image;
- uses Adam instead of L-BFGS, and carries its state from scale to scale;
- divides the loss of every tap by the square of its target, so that one setting fits all.
"""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from course_lib import images as image_files
from course_lib.backend import accelerator, memory_advice
from course_lib.checks import as_number, check_choice
from course_lib.errors import ArgumentError, TransferError
from course_lib.losses import (
    CONTENT_WEIGHT,
    CONTENTS,
    STYLE_WEIGHT,
    VARIATION_WEIGHT,
    check_weight,
)
from course_lib.transfer.colors import KEEP_COLORS, match_colors, with_colors_of
from course_lib.transfer.common import (
    Prepared,
    Progress,
    Transfer,
    check_strength,
    in_contents_colors,
    in_kept_colors,
    style_masks,
    style_proportions,
)
from course_lib.transfer.descent import (
    enlarged_state,
    first_state,
    make_program,
    noise,
    plan_scales,
    shared_program,
)
from course_lib.transfer.objective import choose_objective, laid_on_photograph, resized

# The canvas is larger than the content by this share of its longer side, and by so many pixels at
# least: at the border of what a network sees, its mirrored copy counts as well, and colors gather.
MARGIN, LEAST_MARGIN = 1 / 32, 4
STARTS = ("recolored", "content", "noise")
# What to do where a device's memory is not enough.
SMALLER = "Make the content smaller with images.resize, or the style with style_scale=0.5."


class ImageOptimizer:
    """Optimizes an image chunk by chunk, so that one can watch, turn the weights, and stop.

    ``advance()`` goes on by ``every`` steps; the first call only looks at the start.

    Args:
        content: image (height, width, 3). The result has its size.
        style: image of any size, or a list of them. None where ``style_weight`` is 0.
        steps: number of steps in all, 1 or more. They are shared out over the scales.
        extractor: "course", "random", "vgg19", or whatever else `FeatureExtractor` takes.
        content_layers: taps for the content loss.
        style_layers: taps for the style loss, all alike, or a dictionary tap -> weight. All that
            the extractor reads by default.
        content_kind: as in `losses.content_loss`.
        style_kinds: a kind as in `losses.describe_style`, a tuple of kinds that count alike, or a
            dictionary kind -> weight. Gram matrices know which features go together; means and
            standard deviations, how much of each there is.
        content_weight: how much the content loss counts, 0 or more.
        style_weight: the same for the style loss. Ten times more or less is a change one sees.
        variation_weight: the same for the total variation loss.
        weights: one number of 0 or more per style; they are scaled to the sum 1.
        masks: one array (height, width) in [0, 1] per style: where in the content image it
            applies. Edges may be soft. Where there is no mask the photograph stays.
        style_scale: size of the style image, its longer side measured by the content's. Larger
            makes larger strokes.
        scales: number of scales; each is half as large as the next. By default as many as keep the
            shorter side at 128 pixels or more.
        start: "recolored" (the content's brightness in the colors of the styles: what is left of
            colors that no style has would stay as colored specks), "content", "noise" (faint, and
            around the styles' mean color; without a style, strong and around gray), or an image,
            such as what a feed-forward transfer has made.
        margin: pixels on each side by which the canvas is larger than the content while it is
            optimized, mirrored and cut off again. The losses are those of the canvas.
        seed: for the noise. The same seed on the same machine gives the same image.
        learning_rate: of Adam, in units of pixel values; it falls in a straight line to a
            fifteenth.
        every: steps that one call of ``advance`` takes. 1 lets one stop at any step.

    Attributes:
        step: steps taken.
        at_once: steps in one run of the compiled program.
        losses: dictionary of the losses of `image`: "total", "content", "style", "variation".
        done: whether there is nothing left to do.

    Raises:
        ImageError: an image that is none, or too small for the deepest tap.
        ModelError: an unknown extractor or tap, with those there are.
        ArgumentError: a negative weight of a loss, or none above 0.
        TransferError: no style, weights or masks that do not fit, or no steps.
    """

    def __init__(
        self,
        content: Any,
        style: Any,
        *,
        steps: int = 200,
        extractor: Any = "course",
        content_layers: Any = ("relu3_1", "relu4_1"),
        style_layers: Any = None,
        content_kind: str = "squared",
        style_kinds: Any = ("gram", "statistics"),
        content_weight: float = CONTENT_WEIGHT,
        style_weight: float = STYLE_WEIGHT,
        variation_weight: float = VARIATION_WEIGHT,
        weights: Any = None,
        masks: Any = None,
        style_scale: float = 1.0,
        scales: int | None = None,
        start: Any = "recolored",
        margin: int = 0,
        seed: int = 0,
        learning_rate: float = 0.03,
        every: int = 5,
    ):
        check_choice("content_kind", content_kind, CONTENTS)
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
        self.learning_rate = learning_rate
        self.losses: dict[str, float] = {}
        self.controls: dict[str, Any] = {}
        self.done = False
        self.reweight(
            content_weight=content_weight,
            style_weight=style_weight,
            variation_weight=variation_weight,
        )
        self.objective = choose_objective(
            extractor, content_layers, style_layers, content_kind, style_kinds
        )
        self.program = shared_program if isinstance(extractor, str) else make_program
        smallest = self.objective.extractor.smallest
        content = image_files.check_image(content, min_side=smallest, name="content")
        if not 0 <= as_number(margin) < min(content.shape[:2]) or margin % 1:
            raise TransferError(
                f"margin={margin!r}: a whole number of pixels is needed, less than the content has."
            )
        self.margin = int(margin)
        self.content = with_margin(content, self.margin)
        self.styles = self.checked_styles(style, smallest)
        self.proportions: list[Any] = []
        if self.styles and masks is None:
            self.proportions = style_proportions(len(self.styles), weights=weights)
        elif self.styles:
            found = style_masks(len(self.styles), masks, content.shape[:2])
            self.proportions = [with_margin(mask[..., None], self.margin)[None] for mask in found]
        self.style_scale = style_scale
        self.plan = plan_scales(self.content.shape[:2], self.steps, scales, smallest)
        self.scale = 0
        self.start, pixels = self.first_pixels(start, seed)
        self.state = first_state(pixels)
        self.enter_scale()

    def checked_styles(self, style: Any, smallest: int) -> list[np.ndarray]:
        """The style images as a list, which is empty where no style is asked for."""
        styles = list(style) if isinstance(style, (list, tuple)) else [style]
        styles = [one for one in styles if one is not None]
        if not styles and self.controls["style"] > 0:
            raise TransferError(
                "there is no style at all: give a style image, or style_weight=0 to ask for the "
                "content alone."
            )
        return [image_files.check_image(one, min_side=smallest, name="style") for one in styles]

    def first_pixels(self, start: Any, seed: int) -> tuple:
        """The image to start from, None for noise, and the pixels of the first scale."""
        size = self.plan[0][0]
        if isinstance(start, str):
            check_choice("start", start, STARTS)
            if start == "noise":
                start = noise(size, seed, color=self.mean_color())
                return None, ops.convert_to_tensor(start[None])
            start = self.recolored() if start == "recolored" else self.content
        else:
            start = with_margin(image_files.check_image(start, name="start"), self.margin)
        return start, ops.convert_to_tensor(image_files.resize(start, size)[None])

    def mean_color(self) -> np.ndarray | None:
        """The mean color of all styles together, or None without a style."""
        if not self.styles:
            return None
        counts = [max(float(np.mean(one)), 1e-6) for one in self.proportions]
        means = [style.mean(axis=(0, 1)) for style in self.styles]
        return np.average(means, axis=0, weights=counts)

    def recolored(self) -> np.ndarray:
        """The content's brightness in the colors of the styles, of each where it applies."""
        proportions = [one if isinstance(one, float) else one[0] for one in self.proportions]
        # Where styles have no share, the content keeps its colors.
        colors = (1.0 - sum(proportions)) * self.content
        for style, proportion in zip(self.styles, proportions, strict=True):
            colors = colors + proportion * match_colors(self.content, style)
        return with_colors_of(self.content, np.clip(colors, 0.0, 1.0))

    @memory_advice("look at the images", SMALLER)
    def enter_scale(self) -> None:
        """Make the targets and the program of the current scale, and carry the state to it."""
        size, steps = self.plan[self.scale]
        extractor = self.objective.extractor
        longer = max(extractor.smallest, round(self.style_scale * max(size)))
        content = image_files.resize(self.content, size)
        styles = [resize_to(style, longer, extractor.smallest) for style in self.styles]
        proportions = [
            proportion
            if isinstance(proportion, float)
            else ops.convert_to_numpy(resized(proportion, size))
            for proportion in self.proportions
        ]
        self.targets = self.objective.targets(content[None], [s[None] for s in styles], proportions)
        self.run = self.program(self.objective)
        self.left = steps
        if self.scale:
            self.state = enlarged_state(self.state, size, start=self.start)

    def reweight(
        self,
        *,
        content_weight: float | None = None,
        style_weight: float | None = None,
        variation_weight: float | None = None,
    ) -> None:
        """Turn the weights, also between two calls of `advance`.

        Args:
            content_weight: 0 or more; None leaves it as it is.
            style_weight: likewise.
            variation_weight: likewise.

        Raises:
            ArgumentError: a negative weight, or none above 0.
        """
        asked = {"content": content_weight, "style": style_weight, "variation": variation_weight}
        controls = {name: self.controls.get(name) if w is None else w for name, w in asked.items()}
        for name, weight in controls.items():
            check_weight(f"{name}_weight", weight)
        controls = {name: as_number(weight) for name, weight in controls.items()}
        if not any(controls.values()):
            raise ArgumentError("all weights are 0: then nothing is asked of the image. Raise one.")
        if controls != self.controls and self.step:
            # Totals under other weights do not compare: the best image is looked for anew.
            self.state["best_total"] = ops.full((), np.inf)
        self.controls = controls

    @memory_advice("optimize the image", SMALLER)
    def advance(self) -> dict[str, float]:
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
            name: float(self.state[name]) for name in ("total", "content", "style", "variation")
        }
        self.done = self.step >= self.steps
        self.guard()
        return self.losses

    def rates(self, first: int, count: int) -> tuple:
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

    def tensors(self) -> dict[str, Any]:
        """The weights as tensors, so that turning them does not compile anything anew."""
        return {n: ops.convert_to_tensor(np.float32(w)) for n, w in self.controls.items()}

    def guard(self) -> None:
        """Stop when the loss is no longer a number."""
        if bool(self.state["good"]):
            return
        self.done = True
        if not math.isfinite(float(self.state["best_total"])):
            raise TransferError(
                "the loss of the image to start from is no number: the extractor gives features "
                "that are not finite, or a weight is too large."
            )
        warnings.warn(
            f"the loss was no number after step {self.step}: stopped, with the best image until "
            "then. Try a smaller learning_rate or smaller weights.",
            stacklevel=3,
        )

    @property
    def image(self) -> np.ndarray:
        """The image as it is now, (height, width, 3) float32 in [0, 1], at the content's size."""
        return self.finished(self.state["pixels"])

    @property
    def best(self) -> np.ndarray:
        """The image with the smallest total at the current scale, as `image`."""
        return self.finished(self.state["best_pixels"])

    def finished(self, pixels: Any) -> np.ndarray:
        """Pixels of any scale as an image of the content's size."""
        pixels = resized(
            laid_on_photograph(pixels, self.targets),
            self.content.shape[:2],
            interpolation="bicubic",
        )
        height, width, _ = self.content.shape
        inner = ops.convert_to_numpy(pixels)[
            0, self.margin : height - self.margin, self.margin : width - self.margin
        ]
        return np.clip(inner, 0.0, 1.0)


def fair_margin(size: tuple) -> int:
    """A margin in pixels for a content of that (height, width), outside of which borders stay."""
    # What is mirrored must be there.
    return min(max(LEAST_MARGIN, round(MARGIN * max(size))), min(size) - 1)


def with_margin(image: np.ndarray, margin: int) -> np.ndarray:
    """The image (height, width, channels), mirrored beyond its border."""
    sides = (margin, margin)
    return np.pad(image, (sides, sides, (0, 0)), mode="reflect")


def resize_to(image: np.ndarray, longer: int, smallest: int) -> np.ndarray:
    """The image with that longer side, neither side below the smallest."""
    scale = longer / max(image.shape[:2])
    size = tuple(max(smallest, round(side * scale)) for side in image.shape[:2])
    return image_files.resize(image, size)


class OptimizeTransfer(Transfer):
    """Style transfer by optimizing the image, to be called like every other transfer.

    Args:
        steps: number of steps in all, 1 or more.
        **settings: what else `ImageOptimizer` takes, except content, styles, weights and masks:
            such as ``style_weight=...``, ``start="noise"``, ``extractor="vgg19"``, ``seed=1``. By
            default it has a ``margin`` of a 32nd of the longer side, so that no colored border
            is left.

    Raises:
        ModelError, ArgumentError, TransferError: as `ImageOptimizer`, when it is called.

    Source: Gatys, Ecker and Bethge, CVPR 2016; see the top of this file for the differences.
    """

    preparing = 0.0

    def __init__(self, *, steps: int = 200, **settings: Any):
        self.steps, self.settings = steps, settings

    def prepare(
        self,
        content: Any,
        style: Any,
        *,
        keep_colors: str | None = None,
        progress: Progress = None,
    ) -> Prepared:
        """Check content and styles, and give these the content's colors if asked for.

        Args:
            content: image (height, width, 3), each side at least 16.
            style: image of any size, a list of them, or None where ``style_weight`` is 0.
            keep_colors: None, "luminance" or "covariance", as in a call.
            progress: not needed: this takes no time.

        Returns:
            A `Prepared`, its styles as images.
        """
        # How small an image may be is the extractor's to say.
        content = image_files.check_image(content, name="content")
        check_choice("keep_colors", keep_colors, KEEP_COLORS)
        styles = list(style) if isinstance(style, (list, tuple)) else [style]
        styles = [image_files.check_image(s, name="style") for s in styles if s is not None]
        styles = [in_contents_colors(one, content, keep_colors) for one in styles]
        return Prepared(content, tuple(styles), keep_colors)

    def apply(
        self,
        prepared: Prepared,
        *,
        strength: float = 1.0,
        weights: Any = None,
        masks: Any = None,
        progress: Progress = None,
        watch: Callable[[ImageOptimizer], Any] | None = None,
    ) -> np.ndarray:
        """Optimize an image of what was prepared.

        Args:
            prepared: what `prepare` returned.
            strength: multiplies the weight of the style loss; at 0 the other losses are left, which
                smooth the content a little.
            weights: as in a call, and so are the masks.
            masks: as there. They are a part of the loss; where there is none the photograph stays.
            progress: function (share). Where it returns True, optimizing stops.
            watch: function (optimizer), called at the start and after every ``every`` steps with
                the `ImageOptimizer`: its ``step``, its ``losses``, and its ``image``, which is
                made only where it is asked for. Where it returns True, optimizing stops.

        Returns:
            Image (height, width, 3) float32 in [0, 1]: the best so far.
        """
        strength = check_strength(strength)
        settings = dict(self.settings)
        if strength < 1.0:
            weight = settings.get("style_weight", STYLE_WEIGHT)
            settings["style_weight"] = strength * as_number(weight)
        if strength == 0.0:
            # What starts in the style's colors would have to find back to the content's.
            settings.setdefault("start", "content")
        settings.setdefault("margin", fair_margin(prepared.content.shape[:2]))

        optimizer = ImageOptimizer(
            prepared.content,
            list(prepared.styles),
            steps=self.steps,
            weights=weights,
            masks=masks,
            **settings,
        )
        while not optimizer.done:
            optimizer.advance()
            # Both are asked, also where the first one has said enough.
            enough = bool(watch and watch(optimizer))
            if (progress and progress(optimizer.step / optimizer.steps)) or enough:
                break
        return in_kept_colors(prepared, optimizer.best)


def optimize_image(
    content: Any,
    style: Any,
    *,
    steps: int = 200,
    keep_colors: str | None = None,
    weights: Any = None,
    masks: Any = None,
    progress: Progress = None,
    watch: Callable[[ImageOptimizer], Any] | None = None,
    **settings: Any,
) -> np.ndarray:
    """Optimize an image until it has the content of one image and the style of another.

    Args:
        content: image (height, width, 3), each side at least 16 for relu4_1.
        style: image of any size, or a list of them.
        steps: number of steps in all, 1 or more.
        keep_colors: None, "luminance" or "covariance": the content's colors are kept.
        weights: one number of 0 or more per style.
        masks: one array (height, width) in [0, 1] per style.
        progress: function (share), told which share of the steps is done. Where it returns True,
            optimizing stops.
        watch: function (optimizer), called at the start and after every ``every`` steps, as
            `OptimizeTransfer.apply` describes. Where it returns True, optimizing stops.
        **settings: all else that `ImageOptimizer` takes, such as ``style_weight=...``,
            ``start="noise"``, ``seed=1``, ``every=1``; ``margin`` as in `OptimizeTransfer`.

    Returns:
        Image (height, width, 3) float32 in [0, 1], of the content's size: the best so far.

    Raises:
        ImageError, ModelError, ArgumentError, TransferError: as `ImageOptimizer`.
    """
    transfer = OptimizeTransfer(steps=steps, **settings)
    prepared = transfer.prepare(content, style, keep_colors=keep_colors)
    return transfer.apply(prepared, weights=weights, masks=masks, progress=progress, watch=watch)
