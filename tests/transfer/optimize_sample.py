"""Run by test_optimize.py in a process of its own: ``python optimize_sample.py FILE``.

Computes losses and optimizes a small image on the backend in KERAS_BACKEND; writes the numbers.
"""

import sys

import numpy as np

from course_lib.backend import quiet_framework_import

keras = quiet_framework_import()

from course_lib.autoencoder import Autoencoder  # noqa: E402
from course_lib.features import FeatureExtractor, random_encoder  # noqa: E402
from course_lib.losses import (  # noqa: E402
    STYLES,
    ContentPreservingStyleTransfer,
    StyleTransfer,
    content_loss,
    gram_matrix,
    style_loss,
)
from course_lib.transfer import optimize_image  # noqa: E402


def random_images(*shape, seed):
    return np.random.default_rng(seed).random(shape, dtype="float32")


def main(path):
    content = random_images(16, 20, 3, seed=0)
    style = random_images(19, 17, 3, seed=1) ** 2
    extractor = FeatureExtractor("random", taps=("relu1_1", "relu2_1"))
    found, wanted, other = (extractor(x[None]) for x in (content, style, content[:, ::-1]))
    numbers = {f"style {kind}": style_loss(wanted, found, kind=kind) for kind in STYLES}
    numbers["content"] = content_loss(other, found)
    numbers["gram"] = gram_matrix(found["relu1_1"])
    autoencoder = Autoencoder(channels=(4, 5))
    autoencoder.encoder.set_weights(random_encoder(channels=(4, 5)).get_weights())
    for kind in (StyleTransfer, ContentPreservingStyleTransfer):
        objective = kind(
            autoencoder, content_layers=("relu2_1",), style_layers=("relu1_1", "relu2_1")
        )
        judged = objective(content[None], style[None], image=content[None, ::-1])
        numbers |= {f"{kind.__name__} {name}": value for name, value in judged.items()}
    totals = []
    mask = np.tile(np.linspace(0, 1, 20, dtype="float32"), (16, 1))
    options = {"extractor": "random", "content_layers": ("relu2_1",), "every": 2, "scales": 2}
    options |= {"style_layers": ("relu1_1", "relu2_1"), "style_kinds": STYLES, "masks": [mask]}
    images = [
        optimize_image(
            content,
            style,
            steps=8,
            watch=lambda one: totals.append(one.losses["total"]),
            **options,
        )
        for _ in range(2)
    ]
    numbers |= {"totals": totals, "image": images[0], "again": images[1]}
    np.savez(path, **{n: keras.ops.convert_to_numpy(value) for n, value in numbers.items()})


main(sys.argv[1])
