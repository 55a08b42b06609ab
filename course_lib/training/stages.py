"""What is learned: the training stages and the parts of their losses."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import keras
import numpy as np
from keras import ops

from course_lib.autoencoder import (
    Autoencoder,
    Decoder,
    Encoder,
    PaintingDecoder,
    double,
    uncenter,
)
from course_lib.backend import TracedOnce, without_gradient
from course_lib.errors import TrainingError
from course_lib.teachers import Extractor, Features
from course_lib.training.distances import (
    COLOR_STEP,
    SMALLEST_VIEW,
    alignment_distance,
    at_sizes,
    content_distance,
    gram_distance,
    grid_strength,
    half_size,
    opponents,
    statistics_distance,
    structure_lost,
    values_distance,
    weave_excess,
)
from course_lib.training.sources import CropSource

Parts = dict[str, Any]
"""Name of a part of the loss -> scalar tensor."""
Scales = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Tap -> mean and standard deviation of each channel, arrays (channels,)."""


class Stage(TracedOnce, keras.Model):
    """A training stage: called on a batch it gives the parts of its loss.

    Sub-classes write ``parts(batch)``, a dictionary name -> scalar, and give the base class the
    names of all parts and how much some of them count; the others are only reported. All
    randomness belongs into the batch, so that a resumed run goes on as if it had not stopped.

    Args:
        names: names of all parts, in the order in which they are reported.
        part_weights: dictionary name -> how much that part counts in the loss.

    Attributes:
        replicas: number of devices that share a batch, each computing the loss of its share.
    """

    def __init__(
        self, names: Sequence[str], part_weights: Mapping[str, float], **kwargs: Any
    ) -> None:
        # The networks inside may compute in half precision. Losses must not.
        super().__init__(dtype="float32", **kwargs)
        self.part_weights = part_weights
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}
        self.replicas = 1

    def parts(self, batch: Any) -> Parts:
        """The parts of the loss of a batch."""
        raise NotImplementedError

    def call(self, batch: Any) -> Parts:
        """The parts of the loss."""
        return self.parts(batch)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The weighted sum of the parts, which Keras hands over as ``y_pred``: a scalar."""
        for name, value in y_pred.items():
            self.trackers[name].update_state(value)
        total = sum(weight * y_pred[name] for name, weight in self.part_weights.items())
        # TensorFlow adds up the gradients of the devices, where their mean is meant.
        return total / self.replicas

    def smallest_batch(self) -> int:
        """The smallest number of crops that a device can work on."""
        return 1

    def times_worse(self, loss: float, best: float) -> float:
        """How many times worse a loss is than the best one so far; 10 counts as diverging."""
        return loss / best if best > 0 else 1.0


class DistillStage(Stage):
    """Reconstruct from every tap and, with a teacher, explain the teacher's features.

    Both parts are means of logarithms, so that one percent less error counts the same whatever the
    size of the error. The deeper a tap, the harder both are, and the more it counts: what relu1_1
    loses cannot be seen, what relu4_1 loses can.

    Args:
        autoencoder: the `Autoencoder` to train.
        teacher: a callable images -> {tap: features}, or None for reconstruction alone.
        scales: dictionary tap -> (mean, std) of the teacher's channels.
        distill_weight: how much explaining the teacher counts beside reconstructing.

    Raises:
        TrainingError: the autoencoder cannot be decoded from every tap.

    Source: Romero et al., "FitNets: Hints for Thin Deep Nets", ICLR 2015, for learning a teacher's
    features through a map of its own for each layer; standardizing them and logarithms are ours.
    """

    RECONSTRUCT_WEIGHTS: ClassVar = {"relu1_1": 0.3, "relu2_1": 1.0, "relu3_1": 1.4, "relu4_1": 1.3}
    DISTILL_WEIGHTS: ClassVar = {"relu1_1": 0.3, "relu2_1": 0.5, "relu3_1": 1.0, "relu4_1": 2.2}

    def __init__(
        self,
        autoencoder: Autoencoder,
        *,
        teacher: Extractor | None = None,
        scales: Scales | None = None,
        distill_weight: float = 0.5,
        **kwargs: Any,
    ) -> None:
        if autoencoder.encoding_dim or autoencoder.decoder.upsampling == "unpool":
            raise TrainingError(
                "an autoencoder with a dense bottleneck or un-pooling cannot be decoded from "
                "every tap. Train it by compile and fit, or choose another upsampling."
            )
        names = ["reconstruct", *(f"psnr_{tap}" for tap in autoencoder.taps)]
        if teacher:
            names += ["distill", *(f"explained_{tap}" for tap in autoencoder.taps)]
        super().__init__(
            names, {"reconstruct": 1.0} | ({"distill": distill_weight} if teacher else {}), **kwargs
        )
        self.autoencoder, self.teacher, self.scales = autoencoder, teacher, scales or {}
        self.heads: dict[str, keras.layers.Dense] = {}
        for tap, width in zip(autoencoder.taps, autoencoder.encoder.channels, strict=True):
            if teacher:
                taught = self.scales[tap][0].shape[-1]
                self.heads[tap] = keras.layers.Dense(taught, dtype="float32", name=f"head_{tap}")
                self.heads[tap].build((None, None, None, width))
        self.built = True

    def parts(self, images: Any) -> Parts:
        """Losses of a batch of images (batch, height, width, 3)."""
        features = self.autoencoder.encoder(images)
        drawn = decode_parts(self.autoencoder.decoder, features)
        parts: Parts = {}
        logarithms = {}
        for tap, (start, stop, these) in drawn.items():
            error = ops.mean(ops.square(exact(these) - images[start:stop]))
            logarithms[tap] = ops.log(error + 1e-6)
            parts[f"psnr_{tap}"] = decibels(error)
        parts["reconstruct"] = weighted_mean(logarithms, self.RECONSTRUCT_WEIGHTS)
        if self.teacher:
            unexplained = self.unexplained(features, images)
            logarithms = {tap: ops.log(value) for tap, value in unexplained.items()}
            parts["distill"] = weighted_mean(logarithms, self.DISTILL_WEIGHTS)
            parts |= {f"explained_{tap}": 1.0 - value for tap, value in unexplained.items()}
        return parts

    def unexplained(self, features: Features, images: Any) -> Parts:
        """Share of the standardized teacher features' variance that the taps do not explain."""
        assert self.teacher is not None
        shares = {}
        taught = self.teacher(images)
        for tap, head in self.heads.items():
            mean, std = self.scales[tap]
            error = head(exact(features[tap])) - (exact(taught[tap]) - mean) / std
            shares[tap] = ops.mean(ops.square(error))
        return shares

    def smallest_batch(self) -> int:
        """Every tap needs a share: with four taps 4, 2, 1 and 1 crops."""
        return 2 ** (len(self.autoencoder.taps) - 1)

    def times_worse(self, loss: float, best: float) -> float:
        """Differences of mean logarithms are factors."""
        return float(np.exp(min(loss - best, 50.0)))


def decode_parts(decoder: Decoder, features: Features) -> dict[str, tuple[int, int, Any]]:
    """Decode a different share of the batch from each tap, in one pass through the decoder.

    What enters at a deep tap passes all later levels anyway; the shares of the other taps join on
    the way. So all entries are trained for the price of one decoding.

    Args:
        decoder: a `Decoder`.
        features: dictionary tap -> features of the whole batch.

    Returns:
        Dictionary tap -> (start, stop, images) for the part of the batch decoded from that tap.
    """
    taps = list(reversed(decoder.taps))
    batch = features[taps[0]].shape[0] or ops.shape(features[taps[0]])[0]
    # Half of the batch takes the longest way, half of the rest the next, and so on: 4, 2, 1, 1.
    edges = [batch - batch // 2**k for k in range(len(taps))] + [batch]
    shares = {tap: (edges[k], edges[k + 1]) for k, tap in enumerate(taps)}
    x = None
    for level, tap in zip(range(len(taps) - 1, -1, -1), taps, strict=True):
        start, stop = shares[tap]
        entering = features[tap][start:stop]
        x = entering if x is None else ops.concatenate([x, entering])
        x = decoder.draw_level(x, level)
        if level:
            x = decoder.upsample[level - 1](x)
    x = uncenter(x)
    return {tap: (start, stop, x[start:stop]) for tap, (start, stop) in shares.items()}


def weighted_mean(values: Mapping[str, Any], weights: Mapping[str, float]) -> Any:
    """Mean of a dictionary's values; what has no weight of its own counts once."""
    weights = {name: weights.get(name, 1.0) for name in values}
    return sum(weights[name] * values[name] for name in values) / sum(weights.values())


def exact(tensor: Any) -> Any:
    """The tensor in single precision."""
    return ops.cast(tensor, "float32")


def decibels(error: Any) -> Any:
    """PSNR of a mean squared error of images with values in [0, 1]."""
    return -10.0 * ops.log(error + 1e-12) / np.log(10.0)


def teacher_scales(
    teacher: Extractor, source: CropSource, *, batches: int = 16, size: int = 8
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mean and standard deviation of each channel of the teacher over some training crops.

    Channels differ by orders of magnitude; without standardizing, the large ones alone are learned.

    Args:
        teacher: a callable images -> {tap: features}.
        source: a `CropSource`.
        batches: number of batches to look at.
        size: number of crops in each.

    Returns:
        Dictionary tap -> (mean, std), arrays (channels,).

    Raises:
        TrainingError: a feature is not a number.
    """
    sums: dict[str, tuple] = {}
    for step in range(batches):
        for tap, features in teacher(ops.convert_to_tensor(source.batch(step, size))).items():
            flat = ops.convert_to_numpy(features).reshape(-1, features.shape[-1]).astype("float64")
            count, total, squares = sums.get(tap, (0, 0, 0))
            sums[tap] = (count + len(flat), total + flat.sum(0), squares + (flat**2).sum(0))
    scales = {}
    for tap, (count, total, squares) in sums.items():
        mean = total / count
        std = np.sqrt(np.maximum(squares / count - mean**2, 0))
        # A channel that hardly ever fires must not have its noise blown up.
        std = np.maximum(std, 0.01 * std.max())
        if not std.max() > 0:
            raise TrainingError(
                f"the teacher's features at {tap} are all the same, or not numbers: nothing can be "
                "learned from them. Give another --teacher."
            )
        scales[tap] = (mean.astype("float32"), std.astype("float32"))
    return scales


class PaintStage(Stage):
    """Paint photographs in the manner of styles, from coarse to fine, with the encoder frozen.

    Half of the images to be painted are photographs. The other half are what the later passes of
    a painting from coarse to fine get: the photograph plus what the style has changed in the
    painter's own painting of a copy of half the size.

    Style is compared at full, half and quarter size, because a stroke of four pixels and one of
    thirty have the same statistics at full size.

    The parts of the loss: "style", how far the means and standard deviations of the painting's
    features are from the style's, relative to how far the photograph's are; "gram", the same of how
    channels occur together; "values", how differently the values of features and of colors are
    distributed; "content", the painting's features against the photograph's after both are
    normalized, so that colors do not count; "structure", 1 - SSIM of the luminances at full and at
    quarter size; "identity", the logarithm of the squared error where the style is the photograph
    itself; "grid", how strong a pattern is that repeats with the upsampling; "weave", how much more
    the colors change from pixel to pixel than the style's; "alignment", how differently the
    lines lie to rows and columns.

    Args:
        encoder: the `Encoder` whose features are painted from; it is frozen.
        painter: the `PaintingDecoder` to train.
        judge: a callable images -> {tap: features} that says what style and content are.
        scales: dictionary tap -> (mean, std) of the judge's channels.
        part_weights: how much each part counts.
        coarse_to_fine: drafts and three sizes; False leaves photographs and full size, which takes
            a third of the time.

    Source: Huang and Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance
    Normalization", ICCV 2017, for a decoder trained with content and statistics of style; Park and
    Lee, "Arbitrary Style Transfer with Style-Attentional Networks", CVPR 2019, for the identity.
    """

    PART_WEIGHTS: ClassVar = {
        "style": 3.5,
        "gram": 2.0,
        "values": 3.0,
        "content": 1.0,
        "structure": 3.6,
        "identity": 0.2,
        "grid": 60.0,
        "weave": 30.0,
        "alignment": 5.0,
    }
    # Shallow taps are reached soonest, and by a fine weave instead of strokes.
    TAP_WEIGHTS: ClassVar = {"relu1_1": 0.5, "relu2_1": 0.8, "relu3_1": 1.2, "relu4_1": 2.0}

    # How much of the structure is judged at quarter size: fine lines may go, forms should stay.
    AFAR = 0.7

    def __init__(
        self,
        encoder: Encoder,
        painter: PaintingDecoder,
        judge: Extractor,
        scales: Scales,
        *,
        part_weights: Mapping[str, float] | None = None,
        coarse_to_fine: bool = True,
        **kwargs: Any,
    ) -> None:
        part_weights = dict(part_weights or self.PART_WEIGHTS)
        reported = [f"moved_{tap}" for tap in scales]
        super().__init__([*self.PART_WEIGHTS, *reported, "psnr"], part_weights, **kwargs)
        self.encoder, self.painter, self.judge, self.scales = encoder, painter, judge, scales
        self.coarse_to_fine = coarse_to_fine
        encoder.trainable = False
        self.built = True

    def parts(self, batch: Mapping[str, Any]) -> Parts:
        """Losses of a batch: dictionary "content" and "style", each (batch, height, width, 3)."""
        content, style = batch["content"], batch["style"]
        painted, same = self.paint(content, style)
        error = ops.mean(ops.square(same - content[: ops.shape(same)[0]]))
        parts = {
            "identity": ops.log(error + 1e-4),
            "grid": grid_strength(painted, 2 ** (len(self.scales) - 1)),
            "weave": weave_excess(painted, style),
            "alignment": alignment_distance(painted, style),
            "psnr": decibels(error),
        }
        views = [(painted, style, content)]
        if self.coarse_to_fine:
            views = list(zip(*map(at_sizes, (painted, style, content)), strict=True))
        compared = [self.compare(*view) for view in views]
        parts |= {name: sum(one[name] for one in compared) / len(views) for name in compared[0]}
        # The forms are kept when they are seen from near; that they are kept when seen from afar
        # is left to the structure, which costs less.
        parts["content"] = compared[0]["content"]
        near, afar = (structure_lost(view[0], view[2]) for view in (views[0], views[-1]))
        parts["structure"] = (1.0 - self.AFAR) * near + self.AFAR * afar
        return parts

    def compare(self, painted: Any, style: Any, content: Any) -> Parts:
        """What the judge says of a painting, a style and a photograph at one size."""
        with without_gradient():
            goals = [self.judge(images) for images in (style, content)]
        judged = [self.judge(painted), *goals]
        distance = statistics_distance(*judged)
        seen, wanted, before = (self.standard(features) for features in judged)
        colors, manner = ({"colors": opponents(images)} for images in (painted, style))
        return {
            "style": weighted_mean(distance, self.TAP_WEIGHTS),
            "gram": gram_distance(seen, wanted),
            "values": values_distance(seen, wanted)
            + values_distance(colors, manner, floor=COLOR_STEP),
            "content": content_distance(seen, before),
        } | {f"moved_{tap}": 1.0 - value for tap, value in distance.items()}

    def paint(self, content: Any, style: Any) -> tuple[Any, Any]:
        """The batch painted in the styles, and its first quarter painted as it is.

        The second half of the batch is painted from drafts.

        Args:
            content: tensor (batch, height, width, 3) in [0, 1].
            style: tensor of the same shape.

        Returns:
            Tensors (batch, height, width, 3) and (a quarter of the batch, height, width, 3).
        """
        batch = content.shape[0] or ops.shape(content)[0]
        # Rounded up, so that one image is left of the smallest batch.
        half, quarter = batch // 2, (batch + 3) // 4
        with without_gradient():
            wanted = self.encoder(style)
            if self.coarse_to_fine:
                drafts = self.draft(content[half:], style[half:])
                content = ops.concatenate([content[:half], drafts])
            seen = self.encoder(content)
        targets = [
            tuple(ops.concatenate(pair) for pair in zip(style_target, own_target, strict=True))
            for style_target, own_target in zip(
                self.painter.targets(wanted),
                self.painter.targets({tap: maps[:quarter] for tap, maps in seen.items()}),
                strict=True,
            )
        ]
        entry = seen[self.painter.entry]
        both = ops.concatenate([entry, entry[:quarter]])
        drawn = exact(self.painter(both, targets))
        return drawn[:batch], drawn[batch:]

    def draft(self, content: Any, style: Any) -> Any:
        """What a later pass gets to see: what painting changes in half-size copies, added.

        As in `course_lib.transfer.strokes`: the painted copy minus the same copy drawn with its own
        statistics, enlarged, plus the photograph.
        """
        small = half_size(content)
        if min(small.shape[1:3]) < SMALLEST_VIEW:
            return content
        seen, wanted = self.encoder(small), self.encoder(half_size(style))
        painted, plain = (
            ops.clip(exact(self.painter(seen[self.painter.entry], targets)), 0.0, 1.0)
            for targets in map(self.painter.targets, (wanted, seen))
        )
        # Like any image that is painted: what it came from is no concern of this pass.
        return ops.stop_gradient(ops.clip(double(painted - plain) + content, 0.0, 1.0))

    def standard(self, features: Features) -> Features:
        """The judge's features, scaled so that no channel dominates; ReLU's zeros stay zeros."""
        return {tap: exact(maps) / self.scales[tap][1] for tap, maps in features.items()}

    def smallest_batch(self) -> int:
        """Half of the batch is painted a second time, in its own style."""
        return 2

    def times_worse(self, loss: float, best: float) -> float:
        """The loss is a sum of terms about 1 and of a logarithm: 10 more is hopeless."""
        return float(loss - best)
