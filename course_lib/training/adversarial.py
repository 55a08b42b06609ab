"""Learning against a judge: a discriminator, its losses, and a variational autoencoder.

A discriminator looks at small patches and says of each how much it looks like the real images.
It is trained to tell real and drawn images apart; the network that draws is trained to make it
fail. Both learn in the same step, from one loss in which each sees the other as a constant.

    network, judge = TextureAutoencoder(), PatchDiscriminator()
    stage = AdversarialStage(network, {"reconstruct": 100.0, "adversarial": 1.0}, judge)
    fit_stage(stage, {"images": crops, "real": crops}, batch=8)

Source: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from course_lib.autoencoder import Decoder, center
from course_lib.backend import memory_advice
from course_lib.byhand import receptive_field
from course_lib.errors import TrainingError
from course_lib.training.machine import compile_stage
from course_lib.training.stages import Parts, Stage

PARTS = ("reconstruct", "coarse", "divergence", "adversarial", "discriminator")
JUDGED = ("reconstructions", "samples")
# Side of the squares of pixels that the coarse part takes together.
COARSE = 4


# --- losses ------------------------------------------------------------------------------------


def discriminator_loss(real_scores: Any, drawn_scores: Any) -> Any:
    """How badly the discriminator tells real from drawn.

    A score is a logit: sigmoid(score) is the probability that the discriminator gives to "real".

    Args:
        real_scores: tensor of any shape, its scores for patches of real images.
        drawn_scores: tensor of any shape, its scores for patches of drawn ones.

    Returns:
        A scalar, -mean log sigmoid(real) - mean log(1 - sigmoid(drawn)). 0 for one that is always
        sure and right, 2 log 2 = 1.386 for one that cannot tell at all. Exact for large scores,
        too, where a logarithm of a rounded probability would be infinite.

    Source: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, equation 1.
    """
    return ops.mean(ops.softplus(-real_scores)) + ops.mean(ops.softplus(drawn_scores))


def adversarial_loss(drawn_scores: Any) -> Any:
    """How badly a drawing network deceives the discriminator.

    Args:
        drawn_scores: tensor of any shape, the discriminator's scores (logits) for what was drawn.

    Returns:
        A scalar, -mean log sigmoid(drawn): near 0 if it takes all for real. This "non-saturating"
        form keeps its gradient where the discriminator is sure, which is where help is needed most.

    Source: Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014, end of section 3.
    """
    return ops.mean(ops.softplus(-drawn_scores))


def divergence_from_normal(mean: Any, log_variance: Any) -> Any:
    """How far normal distributions are from the standard one: the Kullback-Leibler divergence.

    Args:
        mean: tensor (batch, ...), the means of a code's numbers.
        log_variance: tensor of the same shape, the logarithms of their variances.

    Returns:
        A scalar in nats: the sum over all numbers of a code of
        1/2 (mean^2 + variance - 1 - log variance), as a mean over the batch. 0 or more; 0 where
        all means are 0 and all variances 1.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, appendix B.
    """
    each = 0.5 * (ops.square(mean) + ops.exp(log_variance) - 1.0 - log_variance)
    return ops.sum(each) / ops.cast(ops.shape(each)[0], each.dtype)


def sample_code(mean: Any, log_variance: Any, noise: Any) -> Any:
    """A random code, drawn in such a way that mean and variance can learn from what comes of it.

    Args:
        mean: tensor of any shape.
        log_variance: tensor of the same shape.
        noise: array of the same shape, from the standard normal distribution.

    Returns:
        Tensor of that shape: mean + standard deviation * noise.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, section 2.4, where it
    is called the reparameterization trick.
    """
    return mean + ops.exp(0.5 * log_variance) * noise


# --- networks ----------------------------------------------------------------------------------


class PatchDiscriminator(keras.Model):
    """A judge that gives each patch of an image a score of its own: real, or drawn?

    It sees `patch` x `patch` pixels at a time and nothing else, so that it can say whether the
    stroke here is right, and not whether the image is. No padding: no patch sees a border.

    Args:
        channels: features after each of the convolutions of 4 x 4 with a stride of 2.

    Attributes:
        patch: side of the patch that a score looks at.

    Input shape:
        (batch, height, width, 3) in [0, 1], each side at least `patch`.

    Output shape:
        (batch, rows, columns, 1), logits: above 0 for "real".

    Raises:
        ValueError: no channels, or a number of them below 1.

    Source: Isola, Zhu, Zhou and Efros, "Image-to-Image Translation with Conditional Adversarial
    Networks", CVPR 2017, section 3.2.2, without its normalization.
    """

    def __init__(self, channels: Sequence[int] = (24, 48), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not channels or min(channels) < 1:
            raise ValueError(f"channels={channels!r}: give one number of 1 or more per level.")
        self.channels = tuple(channels)
        self.patch = receptive_field([*((4, 2) for _ in self.channels), (3, 1)])
        self.looks = [
            layers.Conv2D(width, 4, strides=2, name=f"look{level}")
            for level, width in enumerate(self.channels, 1)
        ]
        self.score = layers.Conv2D(1, 3, name="score")
        self.build()

    def build(self, input_shape: Any = None) -> None:
        """Make all kernels."""
        incoming = 3
        for look, width in zip(self.looks, self.channels, strict=True):
            look.build((None, None, None, incoming))
            incoming = width
        self.score.build((None, None, None, incoming))
        self.built = True

    def call(self, images: Any) -> Any:
        """A score for each patch."""
        x = center(images)
        for look in self.looks:
            x = ops.leaky_relu(look(x), 0.2)
        return self.score(x)

    def get_config(self) -> dict[str, Any]:
        """What is needed to make this discriminator again."""
        return {"channels": self.channels, "name": self.name}


class TextureAutoencoder(keras.Model):
    """A small autoencoder with a narrow code at every place, plain or variational.

    The encoder looks at each square of pixels for itself and sums it up in a few numbers; the
    decoder is the course's, with few channels. Everything is a convolution: trained on small crops
    it works on images of any size, and a map of random codes gives a texture of any size.

    The encoder gives a mean and a variance for each number. A plain autoencoder uses the means
    alone; whether the variances are used is up to the training.

    Args:
        channels: features at each level; the code stands for squares of 2^(levels - 1) pixels.
        code_channels: numbers in each place of the code.

    Attributes:
        step: side of the square of pixels that one place of the code stands for.

    Source: Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014, for the variances;
    Jetchev, Bergmann and Vollgraf, "Texture Synthesis with Spatial Generative Adversarial
    Networks", 2016, for textures of any size from maps of noise.
    """

    def __init__(
        self, channels: Sequence[int] = (12, 24, 48), *, code_channels: int = 3, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.decoder = Decoder(tuple(channels), name="decoder")
        self.code_channels = code_channels
        self.step = 2 ** (len(self.decoder.channels) - 1)
        # Neither overlaps nor goes deep: that learns several times faster than the mirror image of
        # the decoder, and for a code of a few numbers there is little to see beyond the square.
        self.encoder = keras.Sequential(
            [
                layers.Conv2D(channels[-1], self.step, strides=self.step, activation="relu"),
                layers.Dense(2 * code_channels),
            ],
            name="encoder",
        )
        self.from_code = layers.Dense(channels[-1], activation="relu", name="from_code")
        self.build()

    def build(self, input_shape: Any = None) -> None:
        """Make all weights."""
        self.encoder.build((None, None, None, 3))
        self.decoder.build()
        self.from_code.build((None, self.code_channels))
        self.built = True

    def encode(self, images: Any) -> tuple[Any, Any]:
        """Codes of images, as normal distributions.

        Args:
            images: tensor (batch, height, width, 3) in [0, 1], sides multiples of `step`.

        Returns:
            The means, (batch, height / step, width / step, code_channels), and the logarithms of
            the variances, of the same shape.
        """
        mean, log_variance = ops.split(self.encoder(center(images)), 2, axis=-1)
        # Beyond that a variance is 0 or infinite for all purposes, and its gradient with it.
        return mean, ops.clip(log_variance, -10.0, 10.0)

    def decode(self, code: Any) -> Any:
        """Images from codes.

        Args:
            code: tensor (batch, rows, columns, code_channels).

        Returns:
            Tensor (batch, rows * step, columns * step, 3). Not clipped.
        """
        return self.decoder(self.from_code(code))

    def call(self, images: Any) -> Any:
        """The reconstruction, from the means; not clipped."""
        return self.decode(self.encode(images)[0])


# --- training ----------------------------------------------------------------------------------


class AdversarialStage(Stage):
    """Train a network that draws, by any mixture of reconstruction and a discriminator's judgment.

    A batch is a dictionary. "images", to be reconstructed; "real", which the discriminator is to
    take for real; "noise", random codes. What a mixture does not need may be missing.

    The parts of the loss: "reconstruct", the mean squared error; "coarse", the same after both
    images were shrunk to a quarter, which leaves the detail free; "divergence", per pixel, of the
    code's distributions from the standard normal one, with codes drawn from them; "adversarial"
    and "discriminator", what the two players are after.

    Args:
        network: what draws: `decode(code)`, and for reconstructions `encode(images)`, as
            `TextureAutoencoder` has them. A model without `decode` is called on the code itself.
        part_weights: dictionary name of a part -> how much it counts. With "adversarial" the
            discriminator learns, too. With "discriminator" alone, set ``network.trainable`` to
            False: there is nothing that the network could learn from.
        discriminator: what judges: a model images -> scores. None where nobody does.
        judged: what the discriminator is shown as drawn: "reconstructions", or "samples", which are
            decoded from noise.

    Raises:
        TrainingError: an unknown part, or a contest without a discriminator.
    """

    def __init__(
        self,
        network: keras.Model,
        part_weights: Mapping[str, float],
        *,
        discriminator: keras.Model | None = None,
        judged: str = "reconstructions",
        **kwargs: Any,
    ) -> None:
        unknown = sorted(set(part_weights) - set(PARTS))
        if unknown or not part_weights:
            raise TrainingError(
                f"{', '.join(unknown) or 'nothing'}: no such part of the loss. There are "
                f"{', '.join(PARTS)}."
            )
        if judged not in JUDGED:
            raise TrainingError(f"judged={judged!r}: choose one of {', '.join(JUDGED)}.")
        contest = {"adversarial", "discriminator"} & set(part_weights)
        if contest and discriminator is None:
            raise TrainingError(
                f"the part {contest.pop()!r} needs somebody who judges. Give "
                "discriminator=PatchDiscriminator()."
            )
        part_weights = dict(part_weights)
        if contest:
            # No other part moves the discriminator, and Adam divides a common factor out.
            part_weights.setdefault("discriminator", 1.0)
        super().__init__(list(part_weights), part_weights, **kwargs)
        self.network, self.judged = network, judged
        self.discriminator: Any = discriminator if contest else None
        self.decode: Callable[[Any], Any] = getattr(network, "decode", network)
        self.built = True

    def parts(self, batch: Mapping[str, Any]) -> Parts:
        """Losses of a batch."""
        parts: Parts = {}
        if self.judged == "reconstructions" or {*PARTS[:3]} & set(self.part_weights):
            drawn, parts = self.reconstruct(batch)
        if self.judged == "samples":
            drawn = self.decode(batch["noise"])
        if self.discriminator is not None:
            parts |= self.contest(batch["real"], drawn)
        return {name: parts[name] for name in self.part_weights}

    def reconstruct(self, batch: Mapping[str, Any]) -> tuple[Any, Parts]:
        """Reconstructions, and what they and their codes lack."""
        images = batch["images"]
        parts: Parts = {}
        code, log_variance = self.network.encode(images)
        if "divergence" in self.part_weights:
            pixels = images.shape[1] * images.shape[2]
            parts["divergence"] = divergence_from_normal(code, log_variance) / pixels
            code = sample_code(code, log_variance, batch["noise"])
        drawn = self.decode(code)
        parts["reconstruct"] = ops.mean(ops.square(drawn - images))
        if "coarse" in self.part_weights:
            parts["coarse"] = ops.mean(ops.square(shrunk(drawn) - shrunk(images)))
        return drawn, parts

    def contest(self, real: Any, drawn: Any) -> Parts:
        """What the two players are after, each taking the other as it is."""
        return {
            "adversarial": adversarial_loss(scores_of_fixed(self.discriminator, drawn)),
            "discriminator": discriminator_loss(
                self.discriminator(real), self.discriminator(ops.stop_gradient(drawn))
            ),
        }


def shrunk(images: Any) -> Any:
    """Every square of 4 x 4 pixels becomes its mean."""
    return ops.average_pool(images, COARSE, COARSE)


def scores_of_fixed(discriminator: keras.Model, images: Any) -> Any:
    """The discriminator's scores, its weights being constants: only the images can learn from it.

    Args:
        discriminator: a model images -> scores.
        images: tensor that the model takes.

    Returns:
        Its scores.
    """
    fixed = [ops.stop_gradient(weight.value) for weight in discriminator.trainable_variables]
    others = [weight.value for weight in discriminator.non_trainable_variables]
    scores, _ = discriminator.stateless_call(fixed, others, images)
    return scores


@memory_advice("train the networks", "Give a smaller batch, or smaller crops in the data.")
def fit_stage(
    stage: Stage,
    data: Mapping[str, np.ndarray],
    batch: int,
    *,
    learning_rate: float = 1e-3,
    rounds: int = 1,
) -> list[dict[str, float]]:
    """Train a stage: one pass through the data, the learning rate falling to 0 along a cosine.

    The optimizer is Adam. In a contest its memory of directions is short (0.5 where 0.9 is usual):
    an opponent who moves makes old gradients worthless (Radford, Metz and Chintala, ICLR 2016,
    section 4).

    Args:
        stage: an `AdversarialStage`, or any other `Stage`.
        data: dictionary name -> array (batch * steps, ...): all batches one after the other.
        batch: number of rows of the data in one step.
        learning_rate: the learning rate at the start.
        rounds: in how many parts the log is divided.

    Returns:
        A list with a dictionary for each round: name of the part -> its mean over the round.

    Raises:
        OutOfMemoryError: the device's memory is not enough, with what to do.
    """
    steps = min(len(rows) for rows in data.values()) // batch
    beta = 0.5 if "discriminator" in stage.part_weights else 0.9
    compile_stage(stage, learning_rate, steps, compiled=False, beta_1=beta, global_clipnorm=None)
    edges = [batch * round(steps * k / rounds) for k in range(rounds + 1)]
    log = []
    for first, last in itertools.pairwise(edges):
        part = {name: rows[first:last] for name, rows in data.items()}
        history = stage.fit(part, batch_size=batch, shuffle=False, verbose=0).history
        log.append({name: history[name][-1] for name in stage.part_weights})
    return log
