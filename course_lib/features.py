"""Encoders as feature extractors: an image goes in, named feature maps come out.

Losses and transfers read features through this one door, so that the course's encoder, an
untrained one, VGG-19 and any Keras model can take each other's place.
"""

import bisect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np

from course_lib.autoencoder import TAPS, Autoencoder, Encoder
from course_lib.checks import as_maps
from course_lib.errors import ModelError

# A tensor of the backend, or what it makes one of.
Tensor = Any
# Tap -> features (batch, height, width, channels).
Features = Mapping[str, Any]

NAMES = ("course", "random", "vgg19")
# VGG-19's own names for the layers that the field calls relu1_1, relu1_2, relu2_1, ...
VGG19_LAYERS = {
    f"relu{block}_{number}": f"block{block}_conv{number}"
    for block, convolutions in enumerate((2, 2, 4, 4, 4), 1)
    for number in range(1, convolutions + 1)
}
LARGEST_NEEDED = 1024


class FeatureExtractor:
    """Feature maps of images, by the names of the layers they are read from.

    Args:
        source: where the features come from.

            - "course": the course's trained encoder.
            - "random": a network of the same shape, untrained; its weights depend on ``seed``
              alone, on every backend.
            - "vgg19": VGG-19 of `keras.applications`, with the preprocessing that it was trained
              with. Keras downloads its weights once.
            - an `Autoencoder` or `Encoder`;
            - any other Keras model that takes one image: its layers' names are the taps;
            - a callable images -> {tap: features} that lists its ``taps``.
        taps: the layers to read. By default relu1_1 to relu4_1; for a Keras model all of its
            convolutions; for a callable all that it lists.
        seed: a whole number, for "random".
        preprocess: function from images in [0, 1] to what a Keras model was trained on. Without
            it the model sees the images as they are.

    Attributes:
        taps: tuple of the taps that are read.
        available: tuple of all the taps there are.
        smallest: the shortest side an image may have: every map needs 2 x 2 positions.

    Raises:
        ModelError: an unknown name or tap (the message lists those there are), or weights that
            cannot be had.

    Source: VGG-19 is from Simonyan and Zisserman, "Very Deep Convolutional Networks for
    Large-Scale Image Recognition", ICLR 2015.
    """

    def __init__(
        self,
        source: Any = "course",
        *,
        taps: Iterable[str] | str | None = None,
        seed: int = 0,
        preprocess: Callable[[Tensor], Tensor] | None = None,
    ):
        self.source, self.preprocess = source, preprocess
        network: Any = source
        layer_names: Any = None
        if isinstance(source, str):
            network = named_network(source, seed=seed)
        if isinstance(source, str) and source == "vgg19":
            layer_names, default = VGG19_LAYERS, TAPS
            self.preprocess = vgg19_preprocess
        elif isinstance(network, (Autoencoder, Encoder)):
            network = getattr(network, "encoder", network)
            default = network.taps
        elif isinstance(network, keras.Model):
            layer_names, default = model_layers(network)
        elif callable(network) and hasattr(network, "taps"):
            default = network.taps
        else:
            raise ModelError(
                f"source={source!r}: features are read from {', '.join(map(repr, NAMES))}, from "
                "an Autoencoder, a Keras model, or a callable that lists its taps."
            )
        self.available = tuple(layer_names or network.taps)
        self.taps = self.check_taps(default if taps is None else taps)
        if layer_names:
            network = tapped_model(network, {tap: layer_names[tap] for tap in self.taps})
        self.network = network
        self.smallest = self.smallest_side()

    def __call__(self, images: Tensor) -> dict[str, Tensor]:
        """Read the features of a batch of images.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], each side at least ``smallest``.

        Returns:
            Dictionary tap -> features (batch, height', width', channels), in the order of ``taps``.

        Raises:
            ModelError: not a batch of RGB images, or too small for the deepest tap.
        """
        images = self.check_images(images)
        if self.preprocess:
            images = self.preprocess(images)
        if isinstance(self.network, Encoder):
            features = self.network(images, depth=self.depth())
        else:
            features = self.network(images)
        return {tap: features[tap] for tap in self.taps}

    def check_taps(self, taps: Any) -> tuple[str, ...]:
        """The taps as a tuple, or a ModelError that lists those there are."""
        several = isinstance(taps, Iterable) and not isinstance(taps, str)
        taps = tuple(taps) if several else (taps,)
        unknown = [tap for tap in taps if tap not in self.available]
        if unknown or not taps:
            problem = f"tap {unknown[0]!r} is not known" if unknown else "taps is empty"
            raise ModelError(f"{problem}. There are: {', '.join(self.available)}.")
        return taps

    def check_images(self, images: Any) -> Tensor:
        """The batch as a tensor, or a ModelError that says what is wrong with it."""
        images = as_maps(images, "images", channels=3, dtype="float32", error=ModelError)
        height, width = images.shape[1:3]
        if None not in (height, width) and min(height, width) < self.smallest:
            raise ModelError(
                f"an image of {height} x {width} pixels is too small for {', '.join(self.taps)}: "
                f"each side must have at least {self.smallest}. Enlarge it, or read shallower taps."
            )
        return images

    def depth(self) -> int:
        """How many levels of the encoder the taps need."""
        return 1 + max(self.available.index(tap) for tap in self.taps)

    def smallest_side(self) -> int:
        """The shortest side with which every tap has at least 2 x 2 positions."""
        if isinstance(self.network, Encoder):
            return 2 ** self.depth()
        if not isinstance(self.network, keras.Model):
            return 1
        fixed = [side for side in self.network.input_shape[1:3] if side]
        if fixed:
            return min(fixed)

        def is_enough(side: int) -> bool:
            try:
                shapes = self.network.compute_output_shape((1, side, side, 3))
            except ValueError:
                return False
            return min(min(shape[1:3]) for shape in shapes.values()) >= 2

        sides = range(1, LARGEST_NEEDED)
        return sides[bisect.bisect_left(sides, True, key=is_enough)]


def named_network(name: str, *, seed: int = 0) -> keras.Model:
    """The network of that name.

    Args:
        name: "course", "random" or "vgg19".
        seed: for "random".

    Returns:
        An `Encoder`, or for "vgg19" a Keras model.

    Raises:
        ModelError: an unknown name, or VGG-19 without a connection.
    """
    if name == "course":
        return Autoencoder.from_course().encoder
    if name == "random":
        return random_encoder(seed)
    if name == "vgg19":
        return load_vgg19()
    raise ModelError(f"source={name!r} is not known. Choose one of: {', '.join(NAMES)}.")


def random_encoder(seed: int = 0, **architecture: Any) -> Encoder:
    """An encoder of the course's shape that was never trained.

    Args:
        seed: equal seeds give equal weights on every backend.
        **architecture: arguments of `Encoder`, to differ from the course's.

    Returns:
        An `Encoder` with normally distributed kernels and small biases, without which a plain gray
        would give no features at all.

    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, equation 10: a
    variance of 2 / fan-in keeps the features' size from level to level.
    """
    encoder = Encoder(**architecture)
    encoder.build()
    generator = np.random.default_rng(seed)
    weights = []
    for shape in (weight.shape for weight in encoder.weights):
        std = np.sqrt(2.0 / np.prod(shape[:-1])) if len(shape) > 1 else 0.1
        weights.append((std * generator.standard_normal(shape)).astype("float32"))
    encoder.set_weights(weights)
    return encoder


def load_vgg19(weights: str | None = "imagenet") -> keras.Model:
    """VGG-19 without its classifier.

    Args:
        weights: "imagenet", downloaded by Keras, or None for random ones.

    Returns:
        A Keras model whose layers have the names in `VGG19_LAYERS`.

    Raises:
        ModelError: the weights are neither here nor to be downloaded.
    """
    try:
        return keras.applications.VGG19(include_top=False, weights=weights)
    except Exception as error:
        raise ModelError(
            f"VGG-19 could not be loaded ({error}). Keras downloads its weights once: check the "
            "connection, or take 'course', which comes with the course."
        ) from error


def vgg19_preprocess(images: Tensor) -> Tensor:
    """From [0, 1] to what VGG-19 was trained on: 0 to 255, BGR, the mean color subtracted.

    Args:
        images: tensor (batch, height, width, 3) in [0, 1], RGB.

    Returns:
        Tensor of that shape, with values from about -124 to 151.
    """
    return keras.applications.vgg19.preprocess_input(255.0 * images)


def model_layers(model: keras.Model) -> tuple[dict[str, str], tuple[str, ...]]:
    """The layers of a Keras model whose outputs are feature maps.

    Args:
        model: a functional or sequential Keras model.

    Returns:
        A dictionary tap -> name of the layer, which are the same here, and the tuple of those that
        are convolutions.

    Raises:
        ModelError: there are none, or the model has no graph of layers to read from.
    """
    maps = [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer) and has_one_map(layer)
    ]
    if not maps or not getattr(model, "inputs", None):
        raise ModelError(
            f"the model {model.name!r} has no layers with feature maps to read from: a functional "
            "or sequential model is needed, built for images (height, width, 3)."
        )
    kinds = (keras.layers.Conv2D, keras.layers.SeparableConv2D)
    convolutions = tuple(layer.name for layer in maps if isinstance(layer, kinds))
    return {layer.name: layer.name for layer in maps}, convolutions or (maps[-1].name,)


def has_one_map(layer: keras.layers.Layer) -> bool:
    """Whether a layer is used once, with one output (batch, height, width, channels)."""
    try:
        return len(layer.output.shape) == 4
    except (AttributeError, ValueError):
        return False


def tapped_model(model: keras.Model, layer_names: Mapping[str, str]) -> keras.Model:
    """A model that gives a dictionary tap -> output of the layer of that name."""
    outputs = {tap: model.get_layer(name).output for tap, name in layer_names.items()}
    return keras.Model(model.inputs[0], outputs)
