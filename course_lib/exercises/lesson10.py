"""Exercises of lesson 10: a level of the painter, a draft with detail, the distance to a style."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.exercises import Answer, Case, Exercise, Misconception, NotYet, register

_random = np.random.default_rng(10)
_EPSILON = 1e-5


def _maps(*shape: Any) -> Any:
    """Feature maps, some values negative, whose channels differ in mean and standard deviation."""
    spread = np.linspace(0.5, 2.0, shape[-1])
    return (_random.normal(size=shape) * spread + np.arange(shape[-1]) - 0.5).astype("float32")


def _statistics(features: Any) -> Any:
    mean = features.mean(axis=(1, 2), keepdims=True)
    return mean, np.sqrt(features.var(axis=(1, 2), keepdims=True) + _EPSILON)


def _adain(features: Any, mean: Any, std: Any) -> Any:
    own_mean, own_std = _statistics(features)
    return (features - own_mean) / own_std * std + mean


def _relu(features: Any) -> Any:
    return np.maximum(features, 0)


# --- a level of the painting decoder -----------------------------------------------------------


def paint_level(features: Any, convolutions: Sequence[Callable], targets: Sequence[tuple]) -> Any:
    """One level of the painting decoder.

    Args:
        features: tensor (batch, height, width, channels).
        convolutions: list of functions from such features to such features.
        targets: list of (mean, std) pairs, one more than there are convolutions.

    Returns:
        Tensor of the features' shape, with the statistics of the last target.
    """
    from keras import ops

    from course_lib import statistics

    x = statistics.adain(features, *targets[0])
    for convolution, target in zip(convolutions, targets[1:], strict=True):
        x = statistics.adain(x + convolution(ops.relu(x)), *target)
    return x


def _mixing(strength: float, seed: int) -> Callable:
    """A stand-in for a convolution: it mixes the channels of each position with its neighbors'."""
    matrix = np.random.default_rng(seed).normal(size=(3, 3)).astype("float32") * strength

    def convolution(features: Any) -> Any:
        features = _as_numpy(features)
        return features @ matrix + np.roll(features, 1, axis=2) @ matrix.T

    return convolution


def _as_numpy(features: Any) -> Any:
    if isinstance(features, np.ndarray):
        return features
    from keras import ops

    return ops.convert_to_numpy(features)


def _targets(count: int, batch: int = 1) -> Any:
    return [
        (
            _random.normal(0.3, 1.0, (batch, 1, 1, 3)).astype("float32"),
            _random.uniform(0.4, 2.0, (batch, 1, 1, 3)).astype("float32"),
        )
        for _ in range(count)
    ]


def _level(
    inject: Callable = _adain, step: Callable = lambda x, convolution: x + convolution(_relu(x))
) -> Callable:
    """A level that is right but for what is changed in its injection or in its step."""

    def paint(features: Any, convolutions: Any, targets: Any) -> Any:
        x = inject(features, *targets[0])
        for convolution, target in zip(convolutions, targets[1:], strict=True):
            x = inject(step(x, convolution), *target)
        return x

    return paint


def _entry_only(features: Any, convolutions: Any, targets: Any) -> Any:
    x = _adain(features, *targets[0])
    for convolution in convolutions:
        x = x + convolution(_relu(x))
    return x


def _last_only(features: Any, convolutions: Any, targets: Any) -> Any:
    x = features
    for convolution in convolutions:
        x = x + convolution(_relu(x))
    return _adain(x, *targets[-1])


def _without_the_first(features: Any, convolutions: Any, targets: Any) -> Any:
    x = features
    for convolution, target in zip(convolutions, targets[1:], strict=True):
        x = _adain(x + convolution(_relu(x)), *target)
    return x


def _before_the_convolution(features: Any, convolutions: Any, targets: Any) -> Any:
    x = features
    for convolution, target in zip(convolutions, targets, strict=False):
        x = _adain(x, *target)
        x = x + convolution(_relu(x))
    return x


def _inside_the_branch(features: Any, convolutions: Any, targets: Any) -> Any:
    x = _adain(features, *targets[0])
    for convolution, target in zip(convolutions, targets[1:], strict=True):
        x = x + _adain(convolution(_relu(x)), *target)
    return x


def _relu_at_the_end(features: Any, convolutions: Any, targets: Any) -> Any:
    return _relu(_level()(features, convolutions, targets))


def _the_last_word_is_the_targets(answer: Answer, reference: Answer) -> NotYet | None:
    features, targets = _maps(1, 6, 5, 3), _targets(2)
    found = np.asarray(answer(features, [_mixing(0.4, 7)], targets), dtype=float)
    agree = [
        np.allclose(have, want, atol=0.01)
        for have, want in zip(_statistics(found), targets[-1], strict=True)
    ]
    if not all(agree):
        return NotYet(
            "what comes out does not have the mean and the standard deviation of the last target.",
            "AdaIN comes after each convolution, after the last one too.",
        )
    return None


register(
    Exercise(
        id="paint-level",
        lesson=10,
        title="A level of the painting decoder",
        reference="course_lib.exercises.lesson10:paint_level",
        cases=[
            Case(
                "features of 5 x 4 positions, two convolutions and three targets",
                _maps(1, 5, 4, 3),
                [_mixing(0.5, 1), _mixing(0.3, 2)],
                _targets(3),
            ),
            Case(
                "two images' features, one convolution and two targets",
                _maps(2, 4, 6, 3),
                [_mixing(0.6, 3)],
                _targets(2, batch=2),
            ),
        ],
        checks=[_the_last_word_is_the_targets],
        misconceptions=[
            Misconception(
                _entry_only,
                "AdaIN happens only at the entry. The convolutions then drift away from the style: "
                "bring the statistics back after each of them.",
            ),
            Misconception(
                _last_only,
                "AdaIN happens only at the end, so the convolutions work on the content's own "
                "statistics. There is a target for the entry and one after each convolution.",
            ),
            Misconception(
                _without_the_first,
                "The first target is for the entry: AdaIN before the first convolution as well.",
            ),
            Misconception(
                _before_the_convolution,
                "After the last convolution there is no AdaIN, and the last target is never used.",
            ),
            Misconception(
                _inside_the_branch,
                "You bring the statistics of what the convolution adds to the target. It is the "
                "sum, features and addition together, that must have them.",
            ),
            Misconception(
                _level(step=lambda x, convolution: convolution(_relu(x))),
                "The convolution's output replaces the features. Add it to them instead, "
                "`x + convolution(...)`, so that the content gets past it.",
            ),
            Misconception(
                _level(step=lambda x, convolution: x + convolution(x)),
                "The ReLU is missing. Without it, convolution after convolution is a single linear "
                "map.",
            ),
            Misconception(
                _level(step=lambda x, convolution: x + _relu(convolution(x))),
                "Here the ReLU comes before the convolution, not after it: what is added may be "
                "negative.",
            ),
            Misconception(
                _level(step=lambda x, convolution: _relu(x) + convolution(_relu(x))),
                "The ReLU is for the convolution alone. The features it is added to stay as they "
                "are, negative values included.",
            ),
            Misconception(
                _relu_at_the_end,
                "Do not pass the result through a ReLU: whatever uses it next does that.",
            ),
            Misconception(
                lambda features, convolutions, targets: _level()(
                    features, convolutions, [targets[0]] * len(targets)
                ),
                "The first target is used everywhere. Each place has a target of its own.",
            ),
            Misconception(
                lambda features, convolutions, targets: _level()(
                    features, convolutions, targets[::-1]
                ),
                "The targets are used from the end. The first one is for the entry.",
            ),
            Misconception(
                lambda features, convolutions, targets: _level()(
                    features, convolutions[::-1], targets
                ),
                "The convolutions are used from the end. Take them in their order.",
            ),
            Misconception(
                lambda features, convolutions, targets: _level(
                    inject=lambda x, mean, std: _adain(x, std, mean)
                )(features, convolutions, targets),
                "You swapped mean and standard deviation. A target is (mean, std), and "
                "`adain(features, mean, std)` takes them in this order.",
            ),
        ],
        hints=[
            "Begin with `x = adain(features, *targets[0])`. There is one more target than there "
            "are convolutions.",
            "For each convolution: `x = x + convolution(ops.relu(x))`, then AdaIN to the next "
            "target.",
            "`zip(convolutions, targets[1:])` pairs each convolution with the target after it.",
        ],
        tolerance=1e-3,
    )
)


# --- a draft, with the detail of the content ----------------------------------------------------


def _small_images(size: tuple[int, int], low: float, high: float) -> tuple[Any, Any]:
    """A painted copy and the copy it was painted from, of one size."""
    height, width = size
    painted, before = _random.uniform(low, high, (2, height, width, 3)).astype("float32")
    return painted, before


def _larger(image: Any, like: Any) -> Any:
    from course_lib.transfer.strokes import enlarged

    return enlarged(image, like.shape[:2])


def _in_range(image: Any) -> Any:
    return np.clip(image, 0.0, 1.0)


def _nothing_painted_gives_the_content(answer: Answer, reference: Answer) -> NotYet | None:
    _, before = _small_images((5, 4), 0.0, 1.0)
    content = _random.uniform(0.0, 1.0, (9, 7, 3)).astype("float32")
    found = np.asarray(answer(before.copy(), before, content), dtype=float)
    if not np.allclose(found, content, atol=1e-3):
        return NotYet(
            "where painting has changed nothing, so that draft and copy are equal, the photograph "
            "did not come back.",
            "Add the change to the content: where there is no change, the content stays as it is.",
        )
    return None


_soft_pair, _hard_pair = _small_images((4, 6), 0.4, 0.6), _small_images((3, 5), 0.0, 1.0)
_soft_content = _random.uniform(0.35, 0.65, (8, 12, 3)).astype("float32")
_hard_content = _random.uniform(0.0, 1.0, (7, 9, 3)).astype("float32")

register(
    Exercise(
        id="with-detail",
        lesson=10,
        title="A draft, with the detail of the content",
        reference="course_lib.transfer.strokes:with_detail",
        cases=[
            Case("a draft of 4 x 6 pixels and a content of 8 x 12", *_soft_pair, _soft_content),
            Case(
                "a draft of 3 x 5 pixels and a content of 7 x 9, both full of contrast",
                *_hard_pair,
                _hard_content,
            ),
        ],
        checks=[_nothing_painted_gives_the_content],
        misconceptions=[
            Misconception(
                lambda painted, before, content: _in_range(_larger(painted, content)),
                "This is the draft, enlarged and blurred. The content's detail is missing: add the "
                "enlarged change, `painted - before`, to the content.",
            ),
            Misconception(
                lambda painted, before, content: _in_range(_larger(painted, content) + content),
                "You added draft and content, so everything is in there twice and too bright. Add "
                "only what painting has changed: `painted - before`, enlarged.",
            ),
            Misconception(
                lambda painted, before, content: _larger(painted - before, content) + content,
                "The sum is right, but some values have left the range from 0 to 1. Clip them.",
            ),
            Misconception(
                lambda painted, before, content: _in_range(
                    _larger(painted, content) + _larger(before, content) - content
                ),
                "The detail has the wrong sign: the content is added, and the enlarged copy is "
                "subtracted.",
            ),
            Misconception(
                lambda painted, before, content: _in_range(content),
                "This is the content, unpainted. The change is the draft minus `before`, the copy "
                "drawn with its own statistics.",
            ),
            Misconception(
                lambda painted, before, content: _in_range(content - _larger(before, content)),
                "This is the detail alone. Add the enlarged draft, too.",
            ),
            Misconception(
                lambda painted, before, content: _in_range(
                    0.5 * _larger(painted, content) + 0.5 * content
                ),
                "The mean of draft and content is half a painting and half a photograph. Add the "
                "change alone, `painted - before`, to the content.",
            ),
            Misconception(
                lambda painted, before, content: _in_range(
                    _larger(before, content) + content - _larger(painted, content)
                ),
                "You swapped `painted` and `before`: the change is the draft minus the copy.",
            ),
        ],
        hints=[
            "What has painting changed? Two images of the same size, `painted` and `before`, say "
            "so: take their difference.",
            "Enlarge the difference: `enlarged(..., content.shape[:2])`.",
            "Add it to `content`, and clip: `np.clip(..., 0, 1)`.",
        ],
        tolerance=1e-3,
    )
)


# --- how far a painting is from a style --------------------------------------------------------


def style_distance(painted: Any, style: Any, content: Any) -> Any:
    """How far a painting's statistics still are from the style's, where the photograph's are 1.

    Args:
        painted: tensor (batch, height, width, channels), features of the painting at one tap.
        style: the style image's features, of any size.
        content: the photograph's features.

    Returns:
        Scalar tensor, the mean over the batch of the sum of absolute differences of means and of
        standard deviations, divided by the same sum for the photograph. 0 where the style is
        reached.
    """
    from keras import ops

    from course_lib import statistics

    wanted = statistics.channel_statistics(style)

    def distance(features: Any) -> Any:
        pairs = zip(statistics.channel_statistics(features), wanted, strict=True)
        return sum(ops.sum(ops.abs(have - want), axis=(1, 2, 3)) for have, want in pairs)

    return ops.mean(distance(painted) / distance(content))


def _gap(
    features: Any,
    style: Any,
    measure: Callable = np.abs,
    parts: tuple = (0, 1),
    axis: int | tuple = (1, 2, 3),
) -> Any:
    """The distance to the style of each image of a batch; the wrong answers change one option."""
    have, want = _statistics(features), _statistics(style)
    return sum(measure(have[part] - want[part]).sum(axis=axis) for part in parts)


def _share(**options: Any) -> Callable:
    def distance(painted: Any, style: Any, content: Any) -> Any:
        return np.mean(_gap(painted, style, **options) / _gap(content, style, **options))

    return distance


def _by_variance(painted: Any, style: Any, content: Any) -> Any:
    def gap(features: Any) -> Any:
        return sum(
            np.abs(measure(features, axis=(1, 2)) - measure(style, axis=(1, 2))).sum(axis=-1)
            for measure in (np.mean, np.var)
        )

    return np.mean(gap(painted) / gap(content))


def _without_absolute_values(painted: Any, style: Any, content: Any) -> Any:
    return np.mean(np.abs(_gap(painted, style, measure=lambda x: x))) / np.mean(
        np.abs(_gap(content, style, measure=lambda x: x))
    )


def _nothing_left_of_the_style(answer: Answer, reference: Answer) -> NotYet | None:
    style, content = _maps(1, 5, 6, 3), _maps(1, 4, 4, 3) + 2
    left = float(answer(style[:, ::-1].copy(), style, content))
    if abs(left) > 1e-3:
        return NotYet(
            f"for the style image itself, upside down, the distance is {left:.4g}, not 0.",
            "Compare means with means and standard deviations with standard deviations, over all "
            "positions: where things are does not matter.",
        )
    return None


_painted, _style, _photo = _maps(3, 5, 4, 3) + 0.7, 1.6 * _maps(3, 6, 5, 3) - 0.4, _maps(3, 5, 4, 3)
_one_painted, _one_style = 0.6 * _maps(1, 4, 7, 4) + 1.0, _maps(1, 3, 5, 4) * 0.4 + 2.0
_one_photo = _maps(1, 4, 7, 4)

register(
    Exercise(
        id="style-distance",
        lesson=10,
        title="How far from the style",
        reference="course_lib.exercises.lesson10:style_distance",
        cases=[
            Case("the features of three images with 3 channels", _painted, _style, _photo),
            Case("the features of one image, 4 channels", _one_painted, _one_style, _one_photo),
        ],
        checks=[_nothing_left_of_the_style],
        misconceptions=[
            Misconception(
                lambda painted, style, content: 1 - _share()(painted, style, content),
                "This is how far the painting has come: 1 where the style is reached. Return what "
                "is left of the way.",
            ),
            Misconception(
                lambda painted, style, content: np.mean(_gap(painted, style)),
                "Divide by the photograph's own distance, so that hard styles and easy ones "
                "count alike.",
            ),
            Misconception(
                lambda painted, style, content: np.mean(
                    _gap(content, style) / _gap(painted, style)
                ),
                "The fraction is upside down: the painting's distance is divided by the "
                "photograph's.",
            ),
            Misconception(
                lambda painted, style, content: np.mean(
                    _gap(painted, content) / _gap(style, content)
                ),
                "You measured how far the painting is from the photograph. Measure how far it is "
                "from the style.",
            ),
            Misconception(
                lambda painted, style, content: (
                    np.mean(_gap(painted, style)) / np.mean(_gap(content, style))
                ),
                "You divide the sums of the whole batch, so a hard pair outweighs the others. "
                "Divide for each image, then take the mean.",
            ),
            Misconception(
                lambda painted, style, content: np.sum(_gap(painted, style) / _gap(content, style)),
                "The images of the batch are added up. Take their mean.",
            ),
            Misconception(
                lambda painted, style, content: _gap(painted, style) / _gap(content, style),
                "This is one number for each image. Take the mean over the batch.",
            ),
            Misconception(
                _share(parts=(0,)),
                "Only the means are compared. Add the differences of the standard deviations.",
            ),
            Misconception(
                _share(parts=(1,)),
                "Only the standard deviations are compared. Add the differences of the means.",
            ),
            Misconception(
                _share(measure=np.square),
                "The differences are squared here. Take absolute values, so that no single channel "
                "outweighs all the others.",
            ),
            Misconception(
                _without_absolute_values,
                "Differences of opposite sign cancel each other. Take the absolute value of each "
                "before you add them up.",
            ),
            Misconception(
                _by_variance,
                "You compared variances. The standard deviation is the square root.",
            ),
            Misconception(
                lambda painted, style, content: np.mean(
                    sum(
                        (
                            np.abs(_statistics(painted)[k] - _statistics(style)[k])
                            / np.abs(_statistics(content)[k] - _statistics(style)[k])
                        ).mean((1, 2, 3))
                        for k in (0, 1)
                    )
                    / 2
                ),
                "You divide channel by channel, so one that hardly differs blows the number up. "
                "Sum over the channels first, then divide.",
            ),
        ],
        hints=[
            "`channel_statistics(features)` gives means and standard deviations, each (batch, 1, "
            "1, channels). You need those of all three.",
            "A distance to the style is one number for each image: the absolute differences of "
            "the means, summed over axes 1, 2 and 3, plus those of the standard deviations.",
            "Divide the painting's distance by the photograph's, then take the mean over the "
            "batch.",
        ],
    )
)
