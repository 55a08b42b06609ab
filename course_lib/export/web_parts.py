"""The pieces of the networks that the pages' labs run."""

from typing import TYPE_CHECKING, Any

from course_lib.errors import BuildError
from course_lib.export.parts import (
    Function,
    Part,
    drawing,
    encoding,
    looking,
    runnable_everywhere,
)
from course_lib.export.stepping import describe_part, step_part

if TYPE_CHECKING:
    from course_lib.autoencoder import Decoder, Encoder
    from course_lib.transfer import FeatureTransfer

WEB_PARTS = ("look", "draw", "encode", "untrained", "decode", "describe", "step")
"""What the labs in pages run, as `web_part` describes it."""
# As many styles as a lab mixes; one alone has the second's share 0.
MIXED = 2


def web_part(name: str, transfer: "FeatureTransfer") -> Part:
    """One of the pieces that run in a page.

    They are smaller than those of `part`, because a page keeps what is slow: "look" (image, grain
    -> statistics, and features to draw from) runs once for an image, "draw" (these, statistics of
    styles, their shares, a strength at each tap, height and width -> image) with every slider.

    "encode" gives the features of images at every tap, "untrained" does so with a share of random
    weights, and "decode" draws images from one tap; for "describe" and "step" see `stepping`.

    Args:
        name: one of `WEB_PARTS`.
        transfer: a `FeatureTransfer` of method "adain".

    Returns:
        A `Part`.

    Raises:
        BuildError: no such part.
    """
    encoder = transfer.autoencoder.encoder
    if name in ("describe", "step"):
        return {"describe": describe_part, "step": step_part}[name](encoder)
    if name == "encode":
        about = "images in [0, 1] -> features at every tap"
        return Part(encoding(encoder), {"images": (1, None, None, 3)}, about)
    if name == "untrained":
        inputs: dict[str, tuple[int | None, ...]]
        inputs = {"images": (1, None, None, 3), "untrained": ()}
        about = "images in [0, 1], share of random weights from 0 to 1 -> features at every tap"
        return Part(encoding_untrained(encoder), inputs, about)
    channels = encoder.channels
    if name == "decode":
        decoder = transfer.autoencoder.decoder
        maps = {
            tap: (1, None, None, width) for tap, width in zip(decoder.taps, channels, strict=True)
        }
        about = "features at every tap, the level to draw from, 0 to 3 -> images in [0, 1]"
        return Part(decoding_anywhere(decoder), {**maps, "level": ()}, about)
    numbers = 2 * sum(channels)
    if name == "look":
        about = "image in [0, 1], standard deviation of its grain -> statistics, features to draw"
        return Part(looking(transfer), {"image": (1, None, None, 3), "grain": ()}, about)
    if name == "draw":
        inputs = {
            "features": (1, None, None, channels[-2]),
            "own": (1, numbers),
            "styles": (MIXED, numbers),
            "proportions": (MIXED,),
            "strengths": (len(channels),),
            "size": (2,),
        }
        about = "features and statistics of a content, statistics of two styles -> image in [0, 1]"
        return Part(drawing(transfer), inputs, about)
    raise BuildError(f"{name!r}: no page runs that. Choose one of: {', '.join(WEB_PARTS)}.")


def decoding_anywhere(decoder: "Decoder") -> Function:
    """Features at every tap, and the number of the tap to draw from, to images.

    One program for all taps holds the weights once. The features at the other taps say how large
    each level is, and nothing else.
    """
    from keras import ops

    from course_lib.autoencoder import uncenter

    drawing = runnable_everywhere(decoder)

    # Each input of a program needs a name.
    def decode(
        relu1_1: Any, relu2_1: Any, relu3_1: Any, relu4_1: Any, level: Any
    ) -> dict[str, Any]:
        maps = (relu1_1, relu2_1, relu3_1, relu4_1)
        x = relu4_1
        for number in reversed(range(len(maps))):
            x = drawing.draw_level(ops.where(level > number, x, maps[number]), number)
            if number:
                _, height, width, _ = ops.shape(maps[number - 1])
                x = drawing.upsample[number - 1](x)[:, :height, :width]
        return {"images": ops.clip(uncenter(x), 0.0, 1.0)}

    return decode


def encoding_untrained(encoder: "Encoder") -> Function:
    """Images, and how much of the encoder's weights is random, to features at every tap."""
    from course_lib.features import random_encoder

    random = random_encoder(channels=encoder.channels, pooling=encoder.pooling).get_weights()
    # In half precision, to which their own irregularity is nothing, they take half the room.
    pairs = [
        (trained, chance.astype("float16").astype("float32"))
        for trained, chance in zip(encoder.get_weights(), random, strict=True)
    ]

    def encode(images: Any, untrained: Any) -> dict[str, Any]:
        weights = [(1.0 - untrained) * trained + untrained * chance for trained, chance in pairs]
        features, _ = encoder.stateless_call(weights, [], images)
        return dict(features)

    return encode
