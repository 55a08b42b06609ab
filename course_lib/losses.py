"""What is asked of a picture, as numbers to make small.

A content loss compares features position by position; a style loss compares descriptions of the
features from which the positions are gone. Both take dictionaries tap -> features, and both are
relative: at every tap the squared difference is divided by the square of what is asked for. So one
weight means the same for every tap, extractor and size of picture.
"""

import math
from collections.abc import Mapping

from keras import ops

from course_lib import statistics
from course_lib.autoencoder import TAPS
from course_lib.checks import as_maps, as_number, as_tensor, check_choice
from course_lib.errors import ArgumentError
from course_lib.features import FeatureExtractor

RECONSTRUCTIONS = ("squared", "absolute", "ssim")
CONTENTS = ("squared", "normalized")
STYLES = ("gram", "statistics", "covariance", "wasserstein")
# A layer that never fires has a target of zeros, by which nothing can be divided.
TINY = 1e-12
# Of the trace, added to both covariances: it bounds the slope of the square root, which is infinite
# in directions in which nothing varies.
WASSERSTEIN_RIDGE = 1e-4
# A product of few columns over very many rows keeps one core busy; cut into slabs of rows, all.
SLABS = 32
CONTENT_WEIGHT = 1.0
STYLE_WEIGHT = 22.0
SMOOTH_WEIGHT = 0.2


def reconstruction_loss(images, reconstruction, kind="squared"):
    """How far a reconstruction is from the pictures.

    Args:
        images: tensor (batch, height, width, channels), the pictures, in [0, 1].
        reconstruction: tensor of the same shape.
        kind: "squared": ``1/(2N) sum ||x - x_hat||^2``; "absolute": ``1/N sum |x - x_hat|``;
            "ssim": mean of (1 - SSIM) over all 7 x 7 windows. N is the number of pictures; the sum
            runs over all their pixels and channels.

    Returns:
        A scalar tensor, 0 where the two are equal.

    Raises:
        ValueError: shapes that differ, or an unknown kind.
    """
    check_choice("kind", kind, RECONSTRUCTIONS)
    images, reconstruction = as_tensor(images, "images"), as_tensor(reconstruction, "pictures")
    if tuple(images.shape) != tuple(reconstruction.shape) or not images.shape:
        raise ValueError(
            f"images have shape {tuple(images.shape)}, the reconstruction "
            f"{tuple(reconstruction.shape)}: they must agree, and begin with the batch."
        )
    if kind == "ssim":
        return 1.0 - ops.mean(structural_similarity_map(images, reconstruction))
    difference = images - reconstruction
    pictures = ops.cast(ops.shape(images)[0], difference.dtype)
    if kind == "absolute":
        return ops.sum(ops.abs(difference)) / pictures
    return ops.sum(ops.square(difference)) / (2.0 * pictures)


def structural_similarity_map(a, b, window=7):
    """SSIM of every window of two batches of pictures with values in [0, 1].

    Args:
        a: tensor (batch, height, width, channels), each side at least ``window``.
        b: tensor of the same shape.
        window: side of the square, uniform window.

    Returns:
        Tensor (batch, height - window + 1, width - window + 1, channels) with values in [-1, 1];
        1 where the windows are equal.

    Source: Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility
    to Structural Similarity", IEEE TIP 2004, equation 13; with a uniform window and the unbiased
    covariance, as scikit-image has it by default.
    """
    small, smaller = 0.01**2, 0.03**2

    def local_mean(x):
        return ops.average_pool(x, window, 1, padding="valid")

    mean_a, mean_b = local_mean(a), local_mean(b)
    unbiased = window**2 / (window**2 - 1)
    variance_a = unbiased * (local_mean(a * a) - mean_a * mean_a)
    variance_b = unbiased * (local_mean(b * b) - mean_b * mean_b)
    covariance = unbiased * (local_mean(a * b) - mean_a * mean_b)
    return ((2 * mean_a * mean_b + small) * (2 * covariance + smaller)) / (
        (mean_a**2 + mean_b**2 + small) * (variance_a + variance_b + smaller)
    )


def total_variation_loss(images):
    """How much neighboring pixels differ: what noise has most of.

    Args:
        images: tensor (batch, height, width, channels).

    Returns:
        A scalar tensor: the mean squared difference of vertical neighbors plus that of horizontal
        ones. 0 for a plain color. Being a mean, it does not grow with the size of the picture.

    Raises:
        ArgumentError: what is no batch.

    Source: after Mahendran and Vedaldi, "Understanding Deep Image Representations by Inverting
    Them", CVPR 2015, section 3.2 with beta = 2, which sums instead.
    """
    images = as_maps(images, "images")
    return sum(ops.mean(ops.square(steps_between(images, axis))) for axis in (1, 2))


def steps_between(images, axis):
    """The difference of each row or column of pixels to the one before it.

    Args:
        images: tensor (batch, height, width, channels).
        axis: 1 compares each row of pixels with the row above it, 2 each column with that before.

    Returns:
        Tensor of the same shape, less one along the axis.
    """
    shape, first, second = list(ops.shape(images)), [0] * 4, [0] * 4
    shape[axis] -= 1
    second[axis] = 1
    # Not images[:, 1:]: TensorFlow takes ten times longer for the slope of an index.
    return ops.slice(images, second, shape) - ops.slice(images, first, shape)


def gram_matrix(features, mask=None):
    """Channel-by-channel correlations of a feature map, averaged over positions.

    Args:
        features: tensor (batch, height, width, channels).
        mask: tensor (batch, height, width, 1), 0 or more: how much each position counts. Without
            it all count alike.

    Returns:
        Tensor (batch, channels, channels), symmetric and positive semi-definite. Averaging over the
        height * width positions makes pictures of different sizes comparable.

    Raises:
        ArgumentError: what is no batch of feature maps.

    Source: Gatys, Ecker and Bethge, "Image Style Transfer Using Convolutional Neural Networks",
    CVPR 2016, equation 3, which sums over positions instead.
    """
    features = as_maps(features, "features")
    counted = features if mask is None else features * mask
    total = math.prod(features.shape[1:3]) if mask is None else mask_total(mask)[..., 0]
    positions = (-1, math.prod(features.shape[1:3]), features.shape[-1])
    first, second = (ops.reshape(maps, positions) for maps in (counted, features))
    return symmetric_product(first, second) / total


def symmetric_product(first, second):
    """The transpose of a matrix times another one, where that is known to be symmetric.

    A product of matrices is several times faster than an einsum that computes the same, and its
    slope, which both factors share, is computed once for the two.

    Args:
        first: tensor (batch, rows, columns).
        second: tensor of the same shape: the first one, or the first one with its rows weighted.

    Returns:
        Tensor (batch, columns, columns), which has the slope of the plain product.
    """
    shape = first.shape
    slabs = math.gcd(shape[1], SLABS) if shape[1] > 100 * shape[2] else 1
    # One product is faster than a batch of products, even if it is a batch of one.
    single = shape[0] == 1 and slabs == 1
    cut = shape[1:] if single else (-1, shape[1] // slabs, shape[2])
    first, second = (ops.reshape(matrix, cut) for matrix in (first, second))
    product = ops.matmul(ops.swapaxes(ops.stop_gradient(first), -1, -2), second)
    product = ops.sum(ops.reshape(product, (-1, slabs, shape[2], shape[2])), axis=1)
    # In value this is the product. In slope it is the product and its transpose, which stands for
    # the slope by the first factor.
    return product + ops.swapaxes(product, -1, -2) - ops.stop_gradient(product)


def mean_features(features, mask=None):
    """Mean of every channel over all positions, each counting as much as the mask says.

    Args:
        features: tensor (batch, height, width, channels).
        mask: as for `gram_matrix`.

    Returns:
        Tensor (batch, 1, 1, channels).
    """
    if mask is None:
        # Not ops.mean, whose slope is divided position by position.
        sums = ops.sum(features, axis=(1, 2), keepdims=True)
        return sums / math.prod(features.shape[1:3])
    return ops.sum(features * mask, axis=(1, 2), keepdims=True) / mask_total(mask)


def mask_total(mask):
    """The sum of a mask over its positions, (batch, 1, 1, 1), never quite zero."""
    return ops.sum(mask, axis=(1, 2), keepdims=True) + TINY


def describe_style(features, kind="gram", mask=None):
    """What a kind of style loss keeps of a feature map.

    Args:
        features: tensor (batch, height, width, channels).
        kind: "gram": the Gram matrix. "statistics": mean and standard deviation of each channel.
            "covariance" and "wasserstein": the means and the whole covariance matrix.
        mask: as for `gram_matrix`.

    Returns:
        Tuple of tensors whose first axis is the batch. None of them knows where a feature was.
    """
    return describe_styles(features, (kind,), mask)[kind]


def describe_styles(features, kinds, mask=None):
    """What several kinds of style loss keep of a feature map.

    Args:
        features: tensor (batch, height, width, channels).
        kinds: kinds as in `describe_style`, or a dictionary with these as keys.
        mask: as for `gram_matrix`.

    Returns:
        Dictionary kind -> tuple of tensors, as `describe_style` gives it. What the kinds have in
        common is computed once.
    """
    for kind in kinds:
        check_choice("kind", kind, STYLES)
    gram = gram_matrix(features, mask) if {"gram", "statistics"} & set(kinds) else None
    mean = mean_features(features, mask) if set(kinds) != {"gram"} else None
    described: dict[str, tuple] = {}
    for kind in kinds:
        if kind == "gram":
            described[kind] = (gram,)
        elif kind == "statistics":
            described[kind] = (mean, deviation_features(gram, mean))
        else:
            described[kind] = (mean, gram_matrix(features - mean, mask))
    return described


def deviation_features(gram, mean):
    """Standard deviation of every channel over the positions.

    Args:
        gram: tensor (batch, channels, channels), the Gram matrices, whose diagonals are the means
            of the squares.
        mean: tensor (batch, 1, 1, channels), the means.

    Returns:
        Tensor (batch, 1, 1, channels). A deviation of less than a thousandth of the mean is lost in
        rounding.
    """
    mean_squares = ops.diagonal(gram, axis1=1, axis2=2)[:, None, None]
    return ops.sqrt(ops.maximum(mean_squares - ops.square(mean), 0.0) + statistics.EPSILON)


def style_distance(found, wanted, kind="gram"):
    """How far a description of a style is from the one that is wanted.

    Args:
        found: tuple of tensors as `describe_style` gives it.
        wanted: the same of the style picture.
        kind: the kind that both were made with. "wasserstein" is the squared 2-Wasserstein distance
            of the two normal distributions with these means and covariances,
            ||m - n||^2 + trace(C + D - 2 (D^1/2 C D^1/2)^1/2), divided by that from a point at 0.
            For the others it is the squared difference divided by the square of what is wanted, and
            where there are two parts, means and deviations say, the mean of both.

    Returns:
        A scalar tensor, the mean over the batch. 0 where the two are equal; 1 is the distance of
        a description of zeros.

    Source: Gatys et al., CVPR 2016, equation 4 ("gram"); Li, Wang, Liu and Hou, "Demystifying
    Neural Style Transfer", IJCAI 2017, section 4.2 ("statistics"); Dowson and Landau, "The Frechet
    Distance between Multivariate Normal Distributions", 1982 ("wasserstein").
    """
    if kind == "wasserstein":
        (mean, matrix), (wanted_mean, wanted_matrix) = found, wanted
        difference = squares(mean - wanted_mean) + squared_bures(matrix, wanted_matrix)
        scale = squares(wanted_mean) + matrix_trace(wanted_matrix)
        return ops.mean(difference / (scale + TINY))
    parts = [
        ops.mean(squares(a - b) / (squares(b) + TINY)) for a, b in zip(found, wanted, strict=True)
    ]
    return sum(parts) / len(parts)


def squares(values):
    """The sum of the squares of each item of a batch, (batch,)."""
    return ops.sum(ops.square(values), axis=tuple(range(1, len(values.shape))))


def matrix_trace(matrices):
    """The sum of the diagonal of each matrix of a batch, (batch,)."""
    return ops.sum(ops.diagonal(matrices, axis1=1, axis2=2), axis=-1)


def squared_bures(matrices, wanted):
    """The part of the 2-Wasserstein distance that the covariances make up.

    Args:
        matrices: tensor (batch, channels, channels), symmetric and positive semi-definite.
        wanted: the same; no slope is taken through it.

    Returns:
        Tensor (batch,): trace(C + D - 2 (D^1/2 C D^1/2)^1/2), each matrix with `WASSERSTEIN_RIDGE`
        times the trace of ``wanted`` added to its diagonal.
    """
    wanted = ops.stop_gradient(wanted)
    ridge = WASSERSTEIN_RIDGE * matrix_trace(wanted)[:, None, None] + TINY
    ridge = ridge * ops.eye(wanted.shape[-1], dtype=wanted.dtype)
    matrices, wanted = matrices + ridge, wanted + ridge
    root = statistics.matrix_power(wanted, 0.5)
    product = ops.matmul(ops.matmul(root, matrices), root)
    # The slope of eigenvectors is not defined where two eigenvalues agree. It is not needed: with
    # the eigenvectors held still, v' M v has the eigenvalue's value, and its slope too.
    _, vectors = ops.linalg.eigh(ops.stop_gradient(product))
    vectors = ops.stop_gradient(vectors)
    eigenvalues = ops.sum(vectors * ops.matmul(product, vectors), axis=1)
    overlap = ops.sum(ops.sqrt(ops.maximum(eigenvalues, TINY)), axis=-1)
    return matrix_trace(matrices) + matrix_trace(wanted) - 2.0 * overlap


def proportions(names, weights=None):
    """How much each layer, or whatever else is named, counts in a loss.

    Args:
        names: all the names there are.
        weights: dictionary name -> number of 0 or more; what it leaves out does not count. Equal
            ones for all by default.

    Returns:
        Dictionary name -> share. The shares sum to 1, so that more layers do not mean more loss.

    Raises:
        ArgumentError: an unknown name, a negative weight, or none above 0.
    """
    names = tuple(names)
    if not (weights is None or isinstance(weights, Mapping)):
        raise ArgumentError(
            f"weights={weights!r}: give a dictionary of {', '.join(map(str, names))}."
        )
    weights = dict.fromkeys(names, 1.0) if weights is None else dict(weights)
    for name, weight in weights.items():
        if name not in names:
            raise ArgumentError(f"a weight is given for {name!r}. There are: {', '.join(names)}.")
        check_weight(f"the weight of {name}", weight)
    total = sum(weights.values())
    if not total:
        raise ArgumentError(f"none of {', '.join(names)} has a weight above 0. Raise one.")
    return {name: weight / total for name, weight in weights.items() if weight}


def check_weight(name, weight):
    """Raise an ArgumentError unless the weight is a number of 0 or more."""
    if not 0 <= as_number(weight) < math.inf:
        raise ArgumentError(f"{name} is {weight!r}: a number of 0 or more is needed.")


def content_loss(features, target, weights=None, kind="squared"):
    """How far the content of a picture is from the one that is wanted: position by position.

    Args:
        features: dictionary tap -> tensor (batch, height, width, channels), of the picture judged.
        target: the same of the content picture, of the same size.
        weights: dictionary tap -> number of 0 or more; only their proportions matter. By default
            all taps of ``target`` count alike.
        kind: "squared": squared differences. "normalized": the same after each channel has been
            brought to mean 0 and deviation 1, so that a change of palette or contrast is no loss.

    Returns:
        A scalar tensor: the sum of squared differences at a tap, divided by the sum of squares of
        the target there; the weighted mean over taps. 0 where the two are equal.

    Raises:
        ArgumentError: a tap that is missing, maps of different sizes, or weights that do not fit.

    Source: Gatys et al., CVPR 2016, equation 1, which does not divide by the target; "normalized"
    as in Huang and Belongie, ICCV 2017, whose content target is normalized too.
    """
    check_choice("kind", kind, CONTENTS)
    change = statistics.normalize if kind == "normalized" else ops.convert_to_tensor
    check_dictionaries(features, target)
    loss = 0.0
    for tap, share in proportions(target, weights).items():
        found, wanted = feature_at(features, tap), target[tap]
        if tuple(found.shape[1:]) != tuple(wanted.shape[1:]):
            raise ArgumentError(
                f"{tap}: features of shape {tuple(found.shape)} cannot be compared position by "
                f"position with {tuple(wanted.shape)}. Resize the pictures to one size."
            )
        found, wanted = change(found), change(wanted)
        relative = squares(found - wanted) / (squares(wanted) + TINY)
        loss += share * ops.mean(relative)
    return loss


def style_loss(features, target, kind="gram", weights=None):
    """How far the style of a picture is from the one that is wanted, wherever things are.

    Args:
        features: dictionary tap -> tensor (batch, height, width, channels), of the picture judged.
        target: the same of the style picture, which may have another size.
        kind: "gram", "statistics", "covariance" or "wasserstein"; see `describe_style`.
        weights: as for `content_loss`.

    Returns:
        A scalar tensor: at each tap the distance relative to the target (see `style_distance`); the
        weighted mean over taps. 0 where the descriptions are equal.

    Raises:
        ArgumentError: a tap that is missing, or weights that do not fit.

    Source: Gatys et al., CVPR 2016, equations 4 and 5. Differs in dividing each tap by the square
    of its target, because Gram matrices of different taps differ by orders of magnitude.
    """
    check_dictionaries(features, target)
    descriptions = {tap: describe_styles(maps, (kind,)) for tap, maps in target.items()}
    return described_style_loss(features, descriptions, {kind: 1.0}, weights)


def described_style_loss(features, descriptions, kinds, weights=None, masks=None):
    """`style_loss` of several kinds, against a style that has been described once and for all.

    Args:
        features: dictionary tap -> tensor (batch, height, width, channels), of the picture judged.
        descriptions: dictionary tap -> what `describe_styles` gave of the style picture there.
        kinds: dictionary kind -> how much it counts.
        weights: as for `content_loss`.
        masks: dictionary tap -> tensor (batch, height, width, 1), 0 or more: how much each position
            of the picture judged counts. Everywhere alike by default.

    Returns:
        A scalar tensor.

    Raises:
        ArgumentError: a tap that is missing, or weights that do not fit.
    """
    loss = 0.0
    for tap, share in proportions(descriptions, weights).items():
        mask = masks[tap] if masks else None
        found = describe_styles(feature_at(features, tap), kinds, mask)
        for kind, weight in kinds.items():
            loss += weight * share * style_distance(found[kind], descriptions[tap][kind], kind)
    return loss


def check_dictionaries(*features):
    """Raise an ArgumentError unless all are dictionaries tap -> features."""
    for one in features:
        if not isinstance(one, Mapping):
            raise ArgumentError(
                f"features are given as a dictionary tap -> tensor, not as {type(one).__name__}: "
                "a FeatureExtractor gives one."
            )


def feature_at(features, tap):
    """The features of a tap, or an ArgumentError that lists those there are."""
    if tap not in features:
        raise ArgumentError(f"the features have no tap {tap!r}. There are: {', '.join(features)}.")
    return features[tap]


class StyleTransfer:
    """Pixel-based style transfer as an objective: three comparisons to make small.

    The picture judged is by default the one that pixel-based transfer makes: the content picture
    takes on the mean and deviation of the style picture's pixel values, then the autoencoder
    reconstructs it. Any other picture of the content's size can be judged instead. What is
    compared with what:

    - "reconstruction": the judged picture C_hat with the content picture C, pixel by pixel:
      1/(2N) sum ||C - C_hat||^2.
    - "content": the judged picture's features with the content picture's, position by position, at
      the content layers (`content_loss`).
    - "style": the judged picture's Gram matrices with the style picture's, at the style layers
      (`style_loss`). The style picture may have another size.

    To optimize a picture, make "total" small with respect to ``image``. To train the decoder, leave
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
            number of values compared, so that its weight does not depend on the picture's size.

    Raises:
        ModelError: an unknown layer; the message lists those there are.
        ArgumentError: a negative weight.
    """

    def __init__(
        self,
        autoencoder,
        content_layers=("relu4_1",),
        style_layers=TAPS,
        content_weight=CONTENT_WEIGHT,
        style_weight=STYLE_WEIGHT,
        reconstruction_weight=1.0,
    ):
        self.autoencoder = autoencoder
        self.content_layers, self.style_layers = tuple(content_layers), tuple(style_layers)
        self.extractor = FeatureExtractor(
            autoencoder, dict.fromkeys(self.content_layers + self.style_layers)
        )
        self.weights = {
            "content": content_weight,
            "style": style_weight,
            "reconstruction": reconstruction_weight,
        }
        for name, weight in self.weights.items():
            check_weight(f"{name}_weight", weight)

    def __call__(self, content_image, style_image, image=None):
        """Judge a picture.

        Args:
            content_image: tensor (batch, height, width, 3) in [0, 1].
            style_image: tensor (batch, height', width', 3) in [0, 1].
            image: the pictures judged, of the content's shape; by default what `transfer` makes.

        Returns:
            Dictionary of scalar tensors: "total" and its parts "content", "style" and
            "reconstruction", which are not weighted yet.
        """
        content_image = self.extractor.check_images(content_image)
        style_image = self.extractor.check_images(style_image)
        if image is None:
            image = self.transfer(content_image, style_image)
        content, style, found = map(self.extractor, (content_image, style_image, image))
        original, reconstruction = self.reconstructed(content_image, image, style, found)
        parts = {
            "content": content_loss(found, {tap: content[tap] for tap in self.content_layers}),
            "style": style_loss(found, {tap: style[tap] for tap in self.style_layers}),
            "reconstruction": reconstruction_loss(original, reconstruction),
        }
        per_value = {"reconstruction": 1.0 / math.prod(original.shape[1:])}
        total = sum(
            weight * per_value.get(name, 1.0) * parts[name] for name, weight in self.weights.items()
        )
        return {"total": total} | parts

    def transfer(self, content_image, style_image):
        """The picture that pixel-based transfer makes, unclipped, so that its slope is whole.

        Args:
            content_image: tensor (batch, height, width, 3) in [0, 1].
            style_image: tensor (batch, height', width', 3) in [0, 1].

        Returns:
            Tensor (batch, height, width, 3).
        """
        pixels = statistics.channel_statistics(style_image)
        return self.autoencoder(statistics.adain(content_image, *pixels))

    def reconstructed(self, content_image, image, style, found):
        """What the reconstruction objective compares: C and C_hat, the two pictures."""
        return content_image, image


class ContentPreservingStyleTransfer(StyleTransfer):
    """Feature-based style transfer as an objective; arguments and use as in `StyleTransfer`.

    The picture judged is by default the one that feature-based transfer makes: the content
    picture's code, at the deepest content layer, takes on the mean and deviation of the style
    picture's, then it is decoded. "content" and "style" are those of `StyleTransfer`. Different is

    - "reconstruction": the judged picture's style vector S_hat with the style picture's style
      vector S: 1/(2N) sum ||S - S_hat||^2. A style vector holds mean and deviation of every channel
      at the style layers. It is the style picture that has to come back here, and of it nothing but
      the vector: so the content can stay.
    """

    def transfer(self, content_image, style_image):
        """The picture that feature-based transfer makes, unclipped.

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
        return self.autoencoder.draw(code, tap, tuple(content_image.shape[1:3]), switches)

    def reconstructed(self, content_image, image, style, found):
        """What the reconstruction objective compares: S and S_hat, the two style vectors."""
        return self.style_vector(style), self.style_vector(found)

    def style_vector(self, features):
        """Mean and deviation of every channel at the style layers, (batch, length)."""
        described = [describe_style(features[tap], "statistics") for tap in self.style_layers]
        flat = [ops.reshape(x, (-1, x.shape[-1])) for pair in described for x in pair]
        return ops.concatenate(flat, axis=-1)
