"""The autoencoder: encoder and decoder, trained together to give back what they were given."""

import math
from typing import Any, Self

import keras
from keras import layers, ops

from course_lib.autoencoder.coders import Decoder, Encoder
from course_lib.autoencoder.layers import Tensor, level_sizes
from course_lib.autoencoder.storage import StoredModel
from course_lib.backend import TracedOnce
from course_lib.checks import as_maps, as_tensor, check_choice

SMALLEST_IMAGE = 16


@keras.saving.register_keras_serializable("course_lib")
class Autoencoder(StoredModel, TracedOnce, keras.Model):
    """Encoder and decoder, trained together to give back what they were given.

    Called on a batch it returns the reconstruction from the deepest code, so that
    ``autoencoder.compile(loss=reconstruction_loss)`` and ``autoencoder.fit(images, images)`` train
    it as any other Keras model.

    Args:
        channels: features at each level; their number is the depth.
        pooling: "average" or "max".
        upsampling: "nearest", "bilinear", "transposed" or "unpool" (which needs max pooling).
        encoding_dim: length of a dense bottleneck, for the small classic form; needs
            ``image_size``. The code is then a vector, under the tap name "code".
        image_size: (height, width) of the images, for the dense bottleneck only.

    Raises:
        ValueError: options that do not fit together, with what to change.

    Source: Hinton and Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks",
    Science 2006; the convolutional form follows VGG (Simonyan and Zisserman, ICLR 2015).
    """

    def __init__(
        self,
        channels: tuple = (24, 48, 96, 128),
        *,
        pooling: str = "average",
        upsampling: str = "nearest",
        encoding_dim: int | None = None,
        image_size: tuple | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if upsampling == "unpool" and pooling != "max":
            raise ValueError("upsampling='unpool' puts maxima back, so it needs pooling='max'.")
        if encoding_dim is not None and image_size is None:
            raise ValueError(
                f"encoding_dim={encoding_dim} makes a dense bottleneck, which works for one size "
                "of images only: give image_size=(height, width) too."
            )
        self.encoder = Encoder(channels, pooling=pooling, name="encoder")
        self.decoder = Decoder(channels, upsampling=upsampling, name="decoder")
        self.encoding_dim = encoding_dim
        self.image_size = image_size and tuple(image_size)
        self.taps = self.encoder.taps + (("code",) if encoding_dim else ())
        if encoding_dim:
            deepest = level_sizes(tuple(image_size or ()), len(self.encoder.channels))[-1]
            self.code_shape = (*deepest, self.encoder.channels[-1])
            self.to_code = layers.Dense(encoding_dim, name="to_code")
            self.from_code = layers.Dense(math.prod(self.code_shape), name="from_code")
        self.build()

    @classmethod
    def from_course(cls) -> Self:
        """The autoencoder that comes with the course, trained.

        Returns:
            An `Autoencoder`, its weights checked against the manifest.

        Raises:
            CollectionError: the weights are missing or damaged, with the remedy.
        """
        from course_lib import collection

        return cls.load(collection.verified_path("weights/autoencoder.npz"))

    def build(self, input_shape: Any = None) -> None:
        """Make all weights."""
        self.encoder.build()
        self.decoder.build()
        if self.encoding_dim:
            self.to_code.build((None, math.prod(self.code_shape)))
            self.from_code.build((None, self.encoding_dim))
        self.built = True

    def call(self, images: Tensor) -> Tensor:
        """The reconstruction from the deepest code, not clipped."""
        features, switches = self.encoder(images, with_switches=True)
        features = self.squeeze(features)
        return self.draw(
            features[self.taps[-1]], self.taps[-1], size=ops.shape(images)[1:3], switches=switches
        )

    def encode(self, images: Tensor) -> dict[str, Tensor]:
        """Features of images at every tap.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], each side at least 16.

        Returns:
            Dictionary tap -> features (batch, height / 2^k, width / 2^k, channels), sizes rounded
            up; with a dense bottleneck also "code" -> (batch, encoding_dim).

        Raises:
            ValueError: not a batch of RGB images, or smaller than 16 pixels.
        """
        return self.squeeze(self.encoder(self.check_images(images)))

    def decode(
        self, features: Tensor, tap: str | None = None, *, size: tuple | None = None
    ) -> Tensor:
        """Images from features, entered at any tap.

        Args:
            features: tensor as `encode` gives it at ``tap``.
            tap: where to enter; the deepest by default ("relu4_1" for four levels).
            size: (height, width) of the image, where it was odd; by default 2 per level.

        Returns:
            Tensor (batch, height, width, 3) in [0, 1].

        Raises:
            ValueError: features that cannot come from that tap, or from an image of that size.
        """
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        features = self.check_features(as_tensor(features, "features"), tap, size)
        return ops.clip(self.draw(features, tap, size=size), 0.0, 1.0)

    def reconstruct(self, images: Tensor, tap: str | None = None) -> Tensor:
        """Encode, then decode again from a tap.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], each side at least 16.
            tap: how deep to go; the deepest by default.

        Returns:
            Tensor of the same shape, in [0, 1].
        """
        images = self.check_images(images)
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        features, switches = self.encoder(images, with_switches=True)
        features = self.squeeze(features)
        image = self.draw(features[tap], tap, size=ops.shape(images)[1:3], switches=switches)
        return ops.clip(image, 0.0, 1.0)

    def squeeze(self, features: dict[str, Tensor]) -> dict[str, Tensor]:
        """Add the vector "code" where there is a dense bottleneck."""
        if not self.encoding_dim:
            return features
        deepest = features[self.encoder.taps[-1]]
        flat = ops.reshape(deepest, (-1, math.prod(self.code_shape)))
        return features | {"code": self.to_code(flat)}

    def draw(
        self,
        features: Tensor,
        tap: str | None = None,
        *,
        size: tuple | None = None,
        switches: list | None = None,
    ) -> Tensor:
        """Decode without clipping."""
        tap = tap or self.taps[-1]
        check_choice("tap", tap, self.taps)
        if tap == "code":
            features = ops.reshape(ops.relu(self.from_code(features)), (-1, *self.code_shape))
            tap, size = self.encoder.taps[-1], self.image_size
        return self.decoder(features, tap=tap, size=size, switches=switches)

    def check_images(self, images: Any) -> Tensor:
        """Give the batch as a tensor, or say what is wrong with it."""
        images = as_maps(images, "images", channels=3, dtype="float32")
        # Mirroring the border of the deepest map takes two pixels of it.
        smallest = max(SMALLEST_IMAGE, 2 ** (len(self.encoder.taps) - 1) + 1)
        if min(images.shape[1:3]) < smallest:
            raise ValueError(
                f"images of {images.shape[1]} x {images.shape[2]} pixels are too small for "
                f"{len(self.encoder.taps)} levels: each side must have at least {smallest}."
            )
        if self.image_size and tuple(images.shape[1:3]) != self.image_size:
            raise ValueError(
                f"this autoencoder has a dense bottleneck for images of {self.image_size}, "
                f"not {tuple(images.shape[1:3])}: resize them."
            )
        return images

    def check_features(self, features: Tensor, tap: str, size: tuple | None) -> Tensor:
        """Give the features back, or say why they cannot be this autoencoder's at that tap."""
        expected: tuple = (self.encoding_dim,)
        if tap != "code":
            level = self.encoder.taps.index(tap)
            place = level_sizes(size, level + 1)[-1] if size else (None, None)
            expected = (*place, self.encoder.channels[level])
        found = tuple(features.shape)
        fits = len(found) == len(expected) + 1 and all(
            want is None or have is None or have == want
            for have, want in zip(found[1:], expected, strict=True)
        )
        if not fits:
            shape = ", ".join("any" if number is None else str(number) for number in expected)
            of_size = f" of an image of {size[0]} x {size[1]}" if size else ""
            raise ValueError(
                f"features of shape {found} cannot be those of {tap}{of_size}: they must have "
                f"shape (batch, {shape}). Give the tap and the size that they were encoded with."
            )
        return features

    def get_config(self) -> dict[str, Any]:
        """What is needed to make this autoencoder again."""
        return {
            "channels": self.encoder.channels,
            "pooling": self.encoder.pooling,
            "upsampling": self.decoder.upsampling,
            "encoding_dim": self.encoding_dim,
            "image_size": self.image_size,
        }

    def summary_table(self, size: tuple = (256, 256)) -> str:
        """A table of all convolutions with their output shapes and numbers of parameters.

        Args:
            size: (height, width) of the image to write the shapes for.

        Returns:
            The table as text.
        """
        sizes = level_sizes(size, len(self.encoder.channels))
        rows: list[Any] = []
        for level, _ in enumerate(self.encoder.channels):
            rows.append(("encoder", self.encoder.first[level], sizes[level]))
            if level < len(self.encoder.second):
                rows.append(("encoder", self.encoder.second[level], sizes[level]))
        if self.encoding_dim:
            rows += [("code", self.to_code, None), ("code", self.from_code, None)]
        for level in reversed(range(len(self.encoder.channels))):
            if level < len(self.decoder.second):
                if self.decoder.upsampling == "transposed":
                    rows.append(("decoder", self.decoder.upsample[level], sizes[level]))
                rows.append(("decoder", self.decoder.second[level], sizes[level]))
            rows.append(("decoder", self.decoder.first[level], sizes[level]))
        return format_table(rows, self.count_params())


def format_table(rows: list, total: int) -> str:
    """Lines of (part, layer, (height, width)) as text, with the total below."""
    lines = [f"{'part':<9}{'layer':<11}{'output shape':<18}{'parameters':>10}"]
    for part, layer, size in rows:
        width = layer.units if size is None else layer.filters
        shape = f"{width}" if size is None else f"{size[0]} x {size[1]} x {width}"
        lines.append(f"{part:<9}{layer.name:<11}{shape:<18}{layer.count_params():>10,}")
    lines.append(f"{'all':<38}{total:>10,}")
    return "\n".join(lines)
