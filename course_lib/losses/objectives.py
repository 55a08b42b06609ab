"""The two transfers as objectives: what each wants its image to be like, as one number."""

import math
from collections.abc import Sequence

from keras import ops

from course_lib import statistics
from course_lib.autoencoder import TAPS, Autoencoder
from course_lib.features import FeatureExtractor, Features, Tensor
from course_lib.losses.checks import check_weight
from course_lib.losses.descriptions import describe_style
from course_lib.losses.features import content_loss, style_loss
from course_lib.losses.pixels import reconstruction_loss

CONTENT_WEIGHT = 1.0
STYLE_WEIGHT = 22.0
VARIATION_WEIGHT = 0.2


class StyleTransfer:
    """Pixel-based style transfer as an objective: three comparisons to make small.

    The image judged is by default the one that pixel-based transfer makes: the content image
    takes on the mean and standard deviation of the style image's pixel values, then the autoencoder
    reconstructs it. Any other image of the content's size can be judged instead. What is
    compared with what:

    - "reconstruction": the judged image C_hat with the content image C, pixel by pixel:
      1/(2N) sum ||C - C_hat||^2.
    - "content": the judged image's features with the content image's, position by position, at
      the content layers (`content_loss`).
    - "style": the judged image's Gram matrices with the style image's, at the style layers
      (`style_loss`). The style image may have another size.

    To optimize an image, make "total" small with respect to ``image``. To train the decoder, leave
    ``image`` out and make it small with respect to the decoder's weights. Hold the encoder still
    then: the losses are measured with it, and features that no longer say anything make them small
    too.

    Args:
        autoencoder: an `Autoencoder`, whose encoder gives the features.
        content_layers: taps, such as ``("relu4_1",)``.
        style_layers: taps, such as ``("relu1_1", "relu2_1")``.
        content_weight: how much "content" counts in the total, 0 or more.
        style_weight: the same for "style".
        reconstruction_weight: the same for "reconstruction", which enters the total divided by the
            number of values compared, so that its weight does not depend on the image's size.

    Raises:
        ModelError: an unknown layer; the message lists those there are.
        ArgumentError: a negative weight.
    """

    def __init__(
        self,
        autoencoder: Autoencoder,
        *,
        content_layers: Sequence[str] = ("relu4_1",),
        style_layers: Sequence[str] = TAPS,
        content_weight: float = CONTENT_WEIGHT,
        style_weight: float = STYLE_WEIGHT,
        reconstruction_weight: float = 1.0,
    ):
        self.autoencoder = autoencoder
        self.content_layers, self.style_layers = tuple(content_layers), tuple(style_layers)
        self.extractor = FeatureExtractor(
            autoencoder, taps=dict.fromkeys(self.content_layers + self.style_layers)
        )
        self.weights = {
            "content": content_weight,
            "style": style_weight,
            "reconstruction": reconstruction_weight,
        }
        for name, weight in self.weights.items():
            check_weight(f"{name}_weight", weight)

    def __call__(
        self, content_image: Tensor, style_image: Tensor, *, image: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Judge an image.

        Args:
            content_image: tensor (batch, height, width, 3) in [0, 1].
            style_image: tensor (batch, height', width', 3) in [0, 1].
            image: the images judged, of the content's shape; by default what `transfer` makes.

        Returns:
            Dictionary of scalar tensors: "total" and its parts "content", "style" and
            "reconstruction", which are not weighted yet.

        Raises:
            ModelError: not a batch of RGB images, or too small for the deepest layer.
        """
        content_image = self.extractor.check_images(content_image)
        style_image = self.extractor.check_images(style_image)
        if image is None:
            image = self.transfer(content_image, style_image)
        content, style, found = map(self.extractor, (content_image, style_image, image))
        original, reconstruction = self.reconstructed(content_image, image, style, found)
        parts = {
            "content": content_loss({tap: content[tap] for tap in self.content_layers}, found),
            "style": style_loss({tap: style[tap] for tap in self.style_layers}, found),
            "reconstruction": reconstruction_loss(original, reconstruction),
        }
        per_value = {"reconstruction": 1.0 / math.prod(original.shape[1:])}
        total = sum(
            weight * per_value.get(name, 1.0) * parts[name] for name, weight in self.weights.items()
        )
        return {"total": total} | parts

    def transfer(self, content_image: Tensor, style_image: Tensor) -> Tensor:
        """The image that pixel-based transfer makes, unclipped, so that its gradient is whole.

        Args:
            content_image: tensor (batch, height, width, 3) in [0, 1].
            style_image: tensor (batch, height', width', 3) in [0, 1].

        Returns:
            Tensor (batch, height, width, 3).
        """
        pixels = statistics.channel_statistics(style_image)
        return self.autoencoder(statistics.adain(content_image, *pixels))

    def reconstructed(
        self, content_image: Tensor, image: Tensor, style: Features, found: Features
    ) -> tuple[Tensor, Tensor]:
        """What the reconstruction objective compares: C and C_hat, the two images."""
        return content_image, image


class ContentPreservingStyleTransfer(StyleTransfer):
    """Feature-based style transfer as an objective; arguments and use as in `StyleTransfer`.

    The image judged is by default the one that feature-based transfer makes: the content
    image's code, at the deepest content layer, takes on the mean and standard deviation of the
    style image's, then it is decoded. "content" and "style" are those of `StyleTransfer`. Different
    is

    - "reconstruction": the judged image's style vector S_hat with the style image's style
      vector S: 1/(2N) sum ||S - S_hat||^2. A style vector holds mean and standard deviation of
      every channel at the style layers. It is the style image that has to come back here, and of it
      nothing but the vector: so the content can stay.
    """

    def transfer(self, content_image: Tensor, style_image: Tensor) -> Tensor:
        """The image that feature-based transfer makes, unclipped.

        Args:
            content_image: tensor (batch, height, width, 3) in [0, 1].
            style_image: tensor (batch, height', width', 3) in [0, 1].

        Returns:
            Tensor (batch, height, width, 3).
        """
        encoder = self.autoencoder.encoder
        tap = max(self.content_layers, key=encoder.taps.index)
        content, switches = encoder(content_image, with_switches=True)
        wanted = statistics.channel_statistics(encoder(style_image)[tap])
        code = statistics.adain(content[tap], *wanted)
        return self.autoencoder.draw(
            code, tap, size=tuple(content_image.shape[1:3]), switches=switches
        )

    def reconstructed(
        self, content_image: Tensor, image: Tensor, style: Features, found: Features
    ) -> tuple[Tensor, Tensor]:
        """What the reconstruction objective compares: S and S_hat, the two style vectors."""
        return self.style_vector(style), self.style_vector(found)

    def style_vector(self, features: Features) -> Tensor:
        """Mean and standard deviation of every channel at the style layers, (batch, length)."""
        described = [describe_style(features[tap], kind="statistics") for tap in self.style_layers]
        flat = [ops.reshape(x, (-1, x.shape[-1])) for pair in described for x in pair]
        return ops.concatenate(flat, axis=-1)
