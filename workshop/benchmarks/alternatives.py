"""The usual alternatives, written as introductions and the papers' own programs have them.

With random weights: they take the same time as trained ones. TensorFlow and PyTorch are imported
only by what needs them, so that each can be measured in a process of its own.
"""

import keras
from keras import layers, ops

from course_lib import statistics
from course_lib.features import (
    VGG19_LAYERS,
    FeatureExtractor,
    load_vgg19,
    tapped_model,
    vgg19_preprocess,
)

# Filters of VGG-19's convolutions, block by block.
VGG19_FILTERS = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4)
# Filters, kernel and step of the layers before and after the five residual blocks.
NARROWING = ((32, 9, 1), (64, 3, 2), (128, 3, 2))
WIDENING = (64, 32)
WCT_TAPS = ("relu5_1", "relu4_1", "relu3_1", "relu2_1", "relu1_1")


# ---- the tutorial loop -------------------------------------------------------------------------


class TutorialLoop:
    """Optimizing the image in TensorFlow as introductions have it: eager, one step a call.

    Args:
        extractor: images -> {tap: features}.
        content_tap: layer for the content loss.
        style_taps: layers for the Gram matrices.
        content: image (height, width, 3).
        style: image (height, width, 3).
    """

    def __init__(self, extractor, content_tap, style_taps, content, style):
        import tensorflow as tf

        self.extractor, self.content_tap, self.style_taps = extractor, content_tap, style_taps
        self.content = extractor(content[None])[content_tap]
        seen = extractor(style[None])
        self.grams = {tap: self.gram(seen[tap]) for tap in style_taps}
        self.image = tf.Variable(content[None])
        self.optimizer = keras.optimizers.Adam(0.02, beta_1=0.99, epsilon=1e-1)

    @staticmethod
    def gram(features):
        import tensorflow as tf

        positions = tf.cast(tf.reduce_prod(tf.shape(features)[1:3]), tf.float32)
        return tf.linalg.einsum("bijc,bijd->bcd", features, features) / positions

    def step(self):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            seen = self.extractor(self.image)
            style = tf.add_n(
                [tf.reduce_mean((self.gram(seen[t]) - self.grams[t]) ** 2) for t in self.style_taps]
            )
            content = tf.reduce_mean((seen[self.content_tap] - self.content) ** 2)
            loss = 1e-2 * style / len(self.style_taps) + 1e4 * content
            loss += 30 * tf.reduce_sum(tf.image.total_variation(self.image))
        gradient = tape.gradient(loss, self.image)
        self.optimizer.apply_gradients([(gradient, self.image)])
        self.image.assign(tf.clip_by_value(self.image, 0.0, 1.0))

    def run(self, steps):
        """Take that many steps and return how many they were."""
        for _ in range(steps):
            self.step()
        self.image.numpy()
        return steps


def tutorial_on_the_course_s_encoder(content, style):
    extractor = FeatureExtractor("course")
    return TutorialLoop(extractor, "relu4_1", extractor.taps, content, style)


def tutorial_on_vgg19(content, style):
    style_taps = [f"block{block}_conv1" for block in range(1, 6)]
    extractor = FeatureExtractor(
        load_vgg19(weights=None), taps=[*style_taps, "block5_conv2"], preprocess=vgg19_preprocess
    )
    return TutorialLoop(extractor, "block5_conv2", style_taps, content, style)


class TorchLoop:
    """The same loop in PyTorch on VGG-19, as its introductions have it.

    Args:
        content: image (height, width, 3).
        style: image (height, width, 3).
    """

    def __init__(self, content, style):
        import torch

        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.layers = torch.nn.ModuleList(torch_vgg19()).to(self.device).requires_grad_(False)
        with torch.no_grad():
            *_, self.content = self.seen(self.tensor(content))
            self.grams = [self.gram(maps) for maps in self.seen(self.tensor(style))[:-1]]
        self.image = self.tensor(content).requires_grad_()
        self.optimizer = torch.optim.Adam([self.image], lr=0.02, betas=(0.99, 0.999), eps=1e-1)

    def tensor(self, image):
        import torch

        return torch.from_numpy(image.transpose(2, 0, 1)[None].copy()).to(self.device)

    def seen(self, image):
        """Features of the first layer of every block, and of the second layer of the last."""
        found = []
        for block in self.layers:
            for number, layer in enumerate(block):
                image = layer(image)
                # A convolution and its ReLU are two layers.
                if number == 1 or (block is self.layers[-1] and number == 3):
                    found.append(image)
        return found

    @staticmethod
    def gram(features):
        _, channels, height, width = features.shape
        rows = features.reshape(channels, height * width)
        return rows @ rows.T / (height * width)

    def run(self, steps):
        """Take that many steps and return how many they were."""
        import torch

        for _ in range(steps):
            self.optimizer.zero_grad()
            *styles, content = self.seen(self.image)
            style = sum(
                torch.mean((self.gram(maps) - wanted) ** 2)
                for maps, wanted in zip(styles, self.grams, strict=True)
            )
            variation = (
                torch.diff(self.image, dim=2).abs().sum()
                + torch.diff(self.image, dim=3).abs().sum()
            )
            loss = 2e-3 * style + 1e4 * torch.mean((content - self.content) ** 2) + 30 * variation
            loss.backward()
            self.optimizer.step()
            with torch.no_grad():
                self.image.clamp_(0.0, 1.0)
        self.image.detach().cpu()
        return steps


def torch_vgg19():
    """VGG-19's blocks without its classifier: each a list of convolutions and ReLUs."""
    from torch import nn

    blocks, before = [], 3
    for number, filters in enumerate(VGG19_FILTERS):
        block = [nn.MaxPool2d(2)] if number else []
        parts = []
        for count in filters:
            parts += [nn.Conv2d(before, count, 3, padding=1), nn.ReLU()]
            before = count
        # The pooling belongs to the first convolution, so that layers count alike in all blocks.
        parts[0] = nn.Sequential(*block, parts[0])
        blocks.append(nn.ModuleList(parts))
    return blocks


# ---- a network for each style ------------------------------------------------------------------


def feed_forward():
    """The network that is trained anew for every style, in Keras.

    Returns:
        A Keras model, images -> images, of 1.7 million weights.

    Source: Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer and
    Super-Resolution", ECCV 2016, with instance normalization as in Ulyanov et al., 2016.
    """

    def convolved(maps, filters, size=3, step=1, active=True):
        maps = layers.Conv2D(filters, size, step, padding="same")(maps)
        maps = layers.GroupNormalization(groups=-1)(maps)
        return layers.ReLU()(maps) if active else maps

    images = maps = keras.Input((None, None, 3))
    for filters, size, step in NARROWING:
        maps = convolved(maps, filters, size, step)
    for _ in range(5):
        maps = maps + convolved(convolved(maps, 128), 128, active=False)
    for filters in WIDENING:
        maps = convolved(layers.UpSampling2D(2)(maps), filters)
    painted = layers.Conv2D(3, 9, padding="same", activation="sigmoid")(maps)
    return keras.Model(images, painted)


def torch_feed_forward():
    """The same network in PyTorch."""
    from torch import nn

    def convolved(before, filters, size=3, step=1, active=True):
        parts = [nn.Conv2d(before, filters, size, step, padding=size // 2)]
        parts.append(nn.InstanceNorm2d(filters, affine=True))
        return nn.Sequential(*parts, *([nn.ReLU()] if active else []))

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.change = nn.Sequential(convolved(128, 128), convolved(128, 128, active=False))

        def forward(self, maps):
            return maps + self.change(maps)

    parts, before = [], 3
    for filters, size, step in NARROWING:
        parts.append(convolved(before, filters, size, step))
        before = filters
    parts += [Residual() for _ in range(5)]
    for filters in WIDENING:
        parts.append(nn.Sequential(nn.Upsample(scale_factor=2), convolved(before, filters)))
        before = filters
    return nn.Sequential(*parts, nn.Conv2d(before, 3, 9, padding=4), nn.Sigmoid())


# ---- an autoencoder for each level -------------------------------------------------------------


def separate_autoencoders():
    """VGG-19 up to each of five taps, each with a decoder of its own, in Keras.

    Returns:
        List of (encoder, decoder), the deepest first.

    Source: Li et al., "Universal Style Transfer via Feature Transforms", NIPS 2017, figure 1.
    """
    vgg = load_vgg19(weights=None)
    return [
        (tapped_model(vgg, {"code": VGG19_LAYERS[tap]}), mirrored_decoder(int(tap[4])))
        for tap in WCT_TAPS
    ]


def mirrored_decoder(block):
    """The mirror image of VGG-19 up to the first convolution of a block, as a Keras model."""
    code = maps = keras.Input((None, None, VGG19_FILTERS[block - 1][0]))
    for filters in reversed(VGG19_FILTERS[: block - 1]):
        maps = layers.Conv2D(filters[-1], 3, padding="same", activation="relu")(maps)
        maps = layers.UpSampling2D(2)(maps)
        for count in filters[1:]:
            maps = layers.Conv2D(count, 3, padding="same", activation="relu")(maps)
    return keras.Model(code, layers.Conv2D(3, 3, padding="same")(maps))


def stylize_by_separate_autoencoders(pairs, content, style):
    """WCT at five levels: encode with one network, whiten and color, decode with another."""
    image, style = content[None], ops.convert_to_tensor(style[None])
    for encoder, decoder in pairs:
        wanted = encoder(vgg19_preprocess(style))["code"]
        features = encoder(vgg19_preprocess(ops.convert_to_tensor(image)))["code"]
        mean, _ = statistics.channel_statistics(wanted)
        colored = statistics.wct(features, mean, statistics.covariance(wanted))
        image = ops.clip(decoder(colored), 0.0, 1.0)
    return ops.convert_to_numpy(image)[0]


def torch_separate_autoencoders():
    """The same pairs in PyTorch."""
    from torch import nn

    pairs = []
    for tap in WCT_TAPS:
        block = int(tap[4])
        blocks = torch_vgg19()[:block]
        encoder = [layer for one in blocks[:-1] for layer in one] + list(blocks[-1])[:2]
        decoder, before = [], VGG19_FILTERS[block - 1][0]
        for filters in reversed(VGG19_FILTERS[: block - 1]):
            decoder += [nn.Conv2d(before, filters[-1], 3, padding=1), nn.ReLU()]
            decoder.append(nn.Upsample(scale_factor=2))
            for count in filters[1:]:
                decoder += [nn.Conv2d(count, count, 3, padding=1), nn.ReLU()]
            before = filters[-1]
        decoder.append(nn.Conv2d(before, 3, 3, padding=1))
        pairs.append((nn.Sequential(*encoder), nn.Sequential(*decoder)))
    return pairs


def torch_stylize_by_separate_autoencoders(pairs, content, style):
    """WCT at five levels in PyTorch; content and style are tensors (1, 3, height, width)."""
    import torch

    def power(rows, exponent):
        matrix = rows @ rows.T / rows.shape[1]
        ridge = 1e-5 * torch.trace(matrix) / len(matrix) * torch.eye(len(matrix)).to(matrix)
        values, vectors = torch.linalg.eigh(matrix + ridge)
        return vectors * values.clamp_min(1e-12) ** exponent @ vectors.T

    image = content
    for encoder, decoder in pairs:
        wanted, features = encoder(style)[0].flatten(1), encoder(image)[0]
        mean, rows = wanted.mean(1, keepdim=True), features.flatten(1)
        rows = rows - rows.mean(1, keepdim=True)
        colored = power(wanted - mean, 0.5) @ power(rows, -0.5) @ rows + mean
        image = decoder(colored.reshape(1, *features.shape)).clamp(0.0, 1.0)
    return image
