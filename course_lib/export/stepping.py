"""One step of an image that is optimized, with its backward pass, as a program for pages."""

from typing import TYPE_CHECKING, Any

from course_lib.export.backward import plain_gradient, plain_gradients
from course_lib.export.parts import Function, Part

if TYPE_CHECKING:
    from course_lib.autoencoder import Encoder

SIDE = 128
"""Height and width of the images, which a program with a backward pass must know beforehand."""
CONTENT_TAPS = ("relu3_1", "relu4_1")
KINDS = ("gram", "statistics")
STATE = ("pixels", "gradient", "mean", "square")


def described(maps: Any) -> dict[str, tuple[Any, ...]]:
    """What `losses.describe_styles` keeps of a feature map, in operations that are quick in pages.

    Taking the diagonal of a Gram matrix is an operation that few runtimes have.
    """
    from keras import ops

    from course_lib.export.backward import channels_first
    from course_lib.statistics import EPSILON

    _, height, width, channels = maps.shape
    maps = channels_first(maps)
    rows = ops.reshape(maps, (channels, height * width))
    gram = ops.matmul(rows, ops.transpose(ops.stop_gradient(rows))) / (height * width)
    # In gradient twice that by the first factor: what is asked of it is symmetric, as it is.
    gram = 2.0 * gram - ops.stop_gradient(gram)
    mean = ops.reshape(ops.mean(maps, axis=(2, 3)), (1, 1, 1, channels))
    squares = ops.reshape(ops.sum(gram * ops.eye(channels), axis=1), mean.shape)
    std = ops.sqrt(ops.maximum(squares - ops.square(mean), 0.0) + EPSILON)
    return {"gram": (ops.expand_dims(gram, 0),), "statistics": (mean, std)}


def describe_part(encoder: "Encoder") -> Part:
    """What an image asks for as a content and as a style: image -> targets of `step_part`.

    Args:
        encoder: the encoder whose features are compared.
    """
    from keras import ops

    def describe(image: Any) -> dict[str, Any]:
        features = encoder(image)
        kinds = [described(maps) for maps in features.values()]
        parts = [part for one in kinds for kind in KINDS for part in one[kind]]
        style = ops.concatenate([ops.reshape(part, (-1,)) for part in parts])
        return {"style": style, **{tap: features[tap] for tap in CONTENT_TAPS}}

    return Part(describe, {"image": (1, SIDE, SIDE, 3)}, "image -> what it asks for as a target")


def style_targets(row: Any, channels: tuple[int, ...]) -> list[dict[str, tuple]]:
    """The descriptions of a style, tap by tap, from the row that `describe_part` makes of them.

    Args:
        row: tensor of one axis: at each tap the Gram matrix, the means, and the deviations.
        channels: of each tap.
    """
    from keras import ops

    lengths = [length for count in channels for length in (count**2, count, count)]
    places = [sum(lengths[: number + 1]) for number in range(len(lengths) - 1)]
    parts = iter(ops.split(row, places))
    targets = []
    for count in channels:
        gram = ops.reshape(next(parts), (1, count, count))
        mean, std = (ops.reshape(next(parts), (1, 1, 1, count)) for _ in range(2))
        targets.append({"gram": (gram,), "statistics": (mean, std)})
    return targets


def step_part(encoder: "Encoder") -> Part:
    """One step of Adam on the pixels, then a look at the image that it leads to.

    Goes in: the state (pixels, gradient, Adam's running mean and square, and count of steps), the
    rate, the weights of the losses, and the targets that `describe_part` makes. The weights of the
    style are one for each tap and kind, so that a texture, which asks for the Gram matrices of some
    taps alone, is the same program. Comes out: the state, and the losses.

    Args:
        encoder: the encoder whose features are compared.
    """
    sides = {tap: SIDE // 2**level for level, tap in enumerate(encoder.taps)}
    channels = dict(zip(encoder.taps, encoder.channels, strict=True))
    inputs: dict[str, tuple[int | None, ...]] = dict.fromkeys(STATE, (1, SIDE, SIDE, 3))
    inputs |= {"count": (), "rate": (), "content": (), "variation": ()}
    inputs |= {"styles": (len(encoder.taps), len(KINDS))}
    inputs |= {tap: (1, sides[tap], sides[tap], channels[tap]) for tap in CONTENT_TAPS}
    inputs |= {"style": (sum(count**2 + 2 * count for count in encoder.channels),)}
    return Part(stepping(encoder), inputs, "a step of Adam, and the losses of where it leads")


def stepping(encoder: "Encoder") -> Function:
    """The function of `step_part`: the library's own losses, and its own step of Adam."""
    from course_lib.losses import content_loss, style_distance, total_variation_loss
    from course_lib.transfer.descent import adam_step

    def losses(pixels: Any, styles: Any, wanted: dict[str, Any], style: Any) -> dict[str, Any]:
        features = encoder(pixels)
        distance = 0.0
        for level, asked in enumerate(style_targets(style, encoder.channels)):
            found = described(features[encoder.taps[level]])
            for number, kind in enumerate(KINDS):
                weight = styles[level, number]
                distance += weight * style_distance(asked[kind], found[kind], kind=kind)
        return {
            "content_loss": content_loss(wanted, {tap: features[tap] for tap in wanted}),
            "style_loss": distance,
            "variation_loss": total_variation_loss(pixels),
        }

    def step(
        pixels: Any,
        gradient: Any,
        mean: Any,
        square: Any,
        count: Any,
        rate: Any,
        content: Any,
        variation: Any,
        styles: Any,
        relu3_1: Any,
        relu4_1: Any,
        style: Any,
    ) -> dict[str, Any]:
        pixels, mean, square, count = adam_step(pixels, gradient, mean, square, count, rate)
        wanted = {"relu3_1": relu3_1, "relu4_1": relu4_1}
        with plain_gradients():
            found = losses(pixels, styles, wanted, style)
            total = content * found["content_loss"] + found["style_loss"]
            total += variation * found["variation_loss"]
            gradient = plain_gradient(total, pixels)
        state = {"pixels": pixels, "gradient": gradient, "mean": mean, "square": square}
        # A program's outputs may not be named as its inputs.
        after = {f"next_{name}": value for name, value in (state | {"count": count}).items()}
        return after | {"total": total} | found

    return step
