"""What the training tests share: small images, a small teacher, a network of two weights."""

import keras
import numpy as np
from keras import ops

from course_lib import images
from course_lib.teachers import DISTILLED_LAYERS
from course_lib.training import Stage


def smooth_image(height, width, seed):
    """An image with something to learn in it: a few waves of color."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width][..., None] / 16
    a, b, c = generator.uniform(0.3, 2, (3, 3))
    return (0.5 + 0.25 * (np.sin(a * x + b * y) + np.sin(c * (x - y)))).astype("float32")


def write_images(folder, count=4, side=40):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        images.save_image(smooth_image(side, side + 8, number), folder / f"{number}.png")
    return folder


def write_teacher(path, channels=(3, 4, 5, 6), seed=0):
    """A random teacher in the documented format."""
    generator = np.random.default_rng(seed)
    arrays, incoming, level = {}, 3, -1
    for name in ("conv0", *DISTILLED_LAYERS):
        if name == "pool":
            continue
        level += name.endswith("1")
        side, out = (1, 3) if name == "conv0" else (3, channels[level])
        scale = np.sqrt(2 / (incoming * side * side))
        kernel = scale * generator.normal(size=(out, incoming, side, side))
        arrays[f"{name}.weight"] = kernel.astype("float32")
        arrays[f"{name}.bias"] = (0.1 * generator.normal(size=out)).astype("float32")
        incoming = out
    np.savez(path, **arrays)
    return path


class TwoWeights(Stage):
    """Learns the factor and the shift between two halves of a batch: quick to compile."""

    def __init__(self, **kwargs):
        super().__init__(["squared", "factor"], {"squared": 1.0}, **kwargs)
        self.line = keras.layers.Dense(1, kernel_initializer="zeros", name="line")
        self.line.build((None, 1))
        self.built = True

    def parts(self, batch):
        difference = self.line(batch[:, :1]) - batch[:, 1:]
        return {"squared": ops.mean(ops.square(difference)), "factor": self.line.kernel[0, 0]}


def points(step, count=8):
    """The batch of a step: points on the line y = 2 x + 1."""
    x = np.random.default_rng([0, step]).random((count, 1), dtype="float32")
    return np.concatenate([x, 2 * x + 1], axis=1)
