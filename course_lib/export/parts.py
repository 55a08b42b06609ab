"""What is exported: pieces of the networks as functions of named tensors."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib import images as image_files
from course_lib.errors import BuildError

if TYPE_CHECKING:
    from course_lib.autoencoder import Decoder, Encoder
    from course_lib.transfer import FeatureTransfer

PARTS = ("encoder", "decoder", "stylize", "measure", "paint")
"""What can be exported, as `part` describes it."""
Function = Callable[..., dict[str, Any]]
"""Takes tensors by name, returns tensors by name."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A piece of the course's networks as a function of named tensors.

    Attributes:
        function: takes the inputs by name, returns a dictionary name -> tensor.
        inputs: name -> shape; None stands for any number.
        about: in a sentence, what goes in and what comes out.
    """

    function: Function
    inputs: dict[str, tuple[int | None, ...]]
    about: str


def part(
    name: str, *, size: tuple[int, int] | None = None, transfer: "FeatureTransfer | None" = None
) -> Part:
    """One of the pieces that can be exported.

    Args:
        name: "encoder" (images -> features at every tap), "decoder" (features at the deepest tap
            -> images), "stylize" (content image, style image, strength -> image), and its
            two halves: "measure" (style image -> its statistics, a few hundred numbers) and
            "paint" (content image, statistics, strength -> image).
        size: (height, width) of all images, where a device wants to know it beforehand; by
            default any size will do.
        transfer: a `FeatureTransfer` of method "adain"; the course's own by default.

    Returns:
        A `Part`.

    Raises:
        BuildError: no such part, or a size that it cannot have.
    """
    if name not in PARTS:
        raise BuildError(f"{name!r} cannot be exported. Choose one of: {', '.join(PARTS)}.")
    from course_lib.transfer import FeatureTransfer

    transfer = transfer or FeatureTransfer()
    height, width = _checked_size(name, size, transfer) if size else (None, None)
    encoder, decoder = transfer.autoencoder.encoder, transfer.autoencoder.decoder
    image, batch = (1, height, width, 3), (None, height, width, 3)
    statistics = (1, 2 * sum(encoder.channels))
    if name == "encoder":
        taps = ", ".join(encoder.taps)
        about = f"images (batch, height, width, 3) in [0, 1] -> features at {taps}"
        return Part(encoding(encoder), {"images": batch}, about)
    if name == "decoder":
        shrink = 2 ** (len(decoder.channels) - 1)
        code = (None, *(side and side // shrink for side in batch[1:3]), decoder.channels[-1])
        about = f"features at {decoder.taps[-1]} -> images, {shrink} times as high and wide"
        return Part(decoding(decoder), {"features": code}, about)
    if name == "measure":
        about = "style (1, height, width, 3) in [0, 1] -> its statistics at all taps"
        return Part(measuring(transfer), {"style": image}, about)
    inputs: dict[str, tuple[int | None, ...]]
    inputs = {"content": image, "statistics": statistics, "strength": ()}
    if name == "paint":
        about = "content image, statistics of a style, strength from 0 to 1 -> image"
        return Part(painting(transfer), inputs, about)
    inputs = {"content": image, "style": image, "strength": ()}
    about = "content image, style image, strength from 0 to 1 -> image"
    return Part(stylizing(transfer), inputs, about)


def _checked_size(name: str, size: tuple[int, int], transfer: "FeatureTransfer") -> tuple[int, int]:
    """The size, if images of it can go through that part."""
    from course_lib.autoencoder import SMALLEST_IMAGE

    whole = all(isinstance(side, (int, np.integer)) for side in size)
    if len(size) != 2 or not whole or min(size) < SMALLEST_IMAGE:
        raise BuildError(
            f"size={size!r}: give height and width in pixels, each {SMALLEST_IMAGE} or more."
        )
    step = 2 ** (len(transfer.autoencoder.decoder.channels) - 1)
    if name == "decoder" and any(side % step for side in size):
        raise BuildError(
            f"size={size!r}: the decoder makes images whose sides are multiples of {step}."
        )
    return size


def encoding(encoder: "Encoder") -> Function:
    """Images to features at every tap."""
    return lambda images: dict(encoder(images))


def decoding(decoder: "Decoder") -> Function:
    """Features at the deepest tap to images."""
    from keras import ops

    drawing = runnable_everywhere(decoder)
    return lambda features: {"images": ops.clip(drawing(features), 0.0, 1.0)}


def runnable_everywhere(decoder: "Decoder") -> "Decoder":
    """The same decoder, its nearest upsampling written so that LiteRT can convert it.

    Keras' own layer forgets how many channels there are once it is applied to a map of any size,
    and LiteRT must know that number. (Earlier versions converted two such layers into a file that
    could not run.)
    """
    if decoder.upsampling != "nearest":
        return decoder
    twin = type(decoder).from_config(decoder.get_config())
    twin.build()
    twin.set_weights(decoder.get_weights())
    for layer in twin.upsample:
        layer.step = each_twice
    return twin


def each_twice(features: Any) -> Any:
    """Every row and every column twice: (batch, 2 * height, 2 * width, channels)."""
    from keras import ops

    _, height, width, channels = ops.shape(features)
    rows = ops.reshape(ops.stack([features] * 2, axis=2), (-1, 2 * height, width, channels))
    return ops.reshape(ops.stack([rows] * 2, axis=3), (-1, 2 * height, 2 * width, channels))


def flat_statistics(transfer: "FeatureTransfer", measured: Mapping[str, Any]) -> Any:
    """The statistics of all taps in one row: mean and standard deviation, tap after tap."""
    from keras import ops

    flat = [ops.reshape(one, (1, -1)) for tap in transfer.taps for one in measured[tap]]
    return ops.concatenate(flat, axis=-1)


def statistics_by_tap(transfer: "FeatureTransfer", row: Any) -> dict[str, tuple[Any, Any]]:
    """The inverse of `flat_statistics`."""
    from keras import ops

    channels = transfer.autoencoder.encoder.channels
    places = np.cumsum([width for width in channels for _ in range(2)])[:-1].tolist()
    parts = [one[:, None, None, :] for one in ops.split(row, places, axis=-1)]
    return dict(zip(transfer.taps, zip(parts[::2], parts[1::2], strict=True), strict=True))


def measuring(transfer: "FeatureTransfer") -> Function:
    """A style image to its statistics: mean and standard deviation of each tap, tap after tap."""

    def measure(style: Any) -> dict[str, Any]:
        measured, _, _ = transfer.look(style)
        return {"statistics": flat_statistics(transfer, measured)}

    return measure


def looking(transfer: "FeatureTransfer") -> Function:
    """An image, and how much grain it gets, to its statistics and the features to draw from."""
    from keras import ops

    # In half precision, to which its own irregularity is nothing, it takes half the room.
    pattern = image_files.grain((image_files.GRAIN_SIDE,) * 2).astype("float16").astype("float32")

    def look(image: Any, grain: Any) -> dict[str, Any]:
        _, height, width, _ = ops.shape(image)
        rows = ops.take(pattern, ops.arange(height) % image_files.GRAIN_SIDE, axis=0)
        piece = ops.take(rows, ops.arange(width) % image_files.GRAIN_SIDE, axis=1)
        grained = ops.clip(image + grain * piece[None], 0.0, 1.0)
        measured, _, features = transfer.look(grained)
        return {"statistics": flat_statistics(transfer, measured), "features": features}

    return look


def drawing(transfer: "FeatureTransfer") -> Function:
    """What `looking` gives of a content, and the statistics of styles, to an image."""
    from keras import ops

    def draw(
        features: Any, own: Any, styles: Any, proportions: Any, strengths: Any, size: Any
    ) -> dict[str, Any]:
        count = styles.shape[0]
        targets = transfer.targets(
            [statistics_by_tap(transfer, styles[number : number + 1]) for number in range(count)],
            {tap: strengths[number] for number, tap in enumerate(transfer.taps)},
            [proportions[number] for number in range(count)],
            statistics_by_tap(transfer, own),
        )
        height, width = (ops.cast(size[number], "int32") for number in (0, 1))
        image = transfer.painter(features, targets, size=(height, width))
        return {"image": ops.clip(image, 0.0, 1.0)}

    return draw


def painting(transfer: "FeatureTransfer") -> Function:
    """Content image, statistics of a style and strength to an image."""
    from keras import ops

    look, draw = looking(transfer), drawing(transfer)

    def paint(content: Any, statistics: Any, strength: Any) -> dict[str, Any]:
        seen = look(content, transfer.grain * strength)
        strengths = ops.broadcast_to(strength, (len(transfer.taps),))
        size = ops.stack(ops.shape(content)[1:3])
        one = ops.ones((1,))
        return draw(seen["features"], seen["statistics"], statistics, one, strengths, size)

    return paint


def stylizing(transfer: "FeatureTransfer") -> Function:
    """Content image, style image and strength to an image."""
    measure, paint = measuring(transfer), painting(transfer)
    return lambda content, style, strength: paint(content, strength=strength, **measure(style))
