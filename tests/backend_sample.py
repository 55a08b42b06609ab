"""Run by test_backends.py in a process of its own: ``python backend_sample.py FOLDER``.

Trains and saves small models on the backend in KERAS_BACKEND, and reads what the backends before
it have saved. Numbers go to FOLDER/<backend>.npz.
"""

import sys
from pathlib import Path

import numpy as np

from course_lib.backend import quiet_framework_import

keras = quiet_framework_import()

from course_lib.autoencoder import Autoencoder, PaintingDecoder, load_model, save_model  # noqa: E402
from course_lib.losses import reconstruction_loss  # noqa: E402

BACKEND = keras.backend.backend()
IMAGES = np.random.default_rng(0).random((2, 33, 47, 3), dtype="float32")
OPTIONS = {
    "plain": {"channels": (4, 6, 8)},
    "unpooling": {"channels": (4, 6), "pooling": "max", "upsampling": "unpool"},
    "dense": {
        "channels": (4, 6),
        "upsampling": "transposed",
        "encoding_dim": 5,
        "image_size": (33, 47),
    },
}


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def trained(options):
    """A model after two steps, and the loss before each of them."""
    model = Autoencoder(**options)
    optimizer = keras.optimizers.SGD(1e-5)
    model.compile(optimizer, loss=reconstruction_loss, jit_compile=BACKEND == "jax")
    losses = [model.train_on_batch(IMAGES, IMAGES) for _ in range(2)]
    return model, np.array(losses, "float64")


def painting(seed):
    """A painting decoder whose corrections are not the zeros that it starts with."""
    painter = PaintingDecoder((4, 6, 8), blocks=1, embedding=5)
    painter.build()
    generator = np.random.default_rng(seed)
    weights = [generator.normal(0, 0.2, weight.shape) for weight in painter.weights]
    painter.set_weights([weight.astype("float32") for weight in weights])
    return painter


def painted(autoencoder, painter):
    features = autoencoder.encode(IMAGES)
    return array(painter(features[painter.entry], painter.targets(features), size=(33, 47)))


def main(folder):
    numbers = {}
    for name, options in OPTIONS.items():
        model, numbers[f"losses {name}"] = trained(options)
        path = folder / f"{BACKEND}-{name}.npz"
        model.save(path)
        # What is compared is what is in the file, which holds half precision.
        model = Autoencoder.load(path)
        code = model.encode(IMAGES)[model.taps[-1]]
        numbers[f"code {name}"] = array(code)
        numbers[f"image {name}"] = array(model.reconstruct(IMAGES))
        if name != "unpooling":
            numbers[f"decoded {name}"] = array(model.decode(code, size=(33, 47)))
    save_model(painting(seed=0), folder / f"{BACKEND}-painting.npz")
    for path in sorted(folder.glob("*-plain.npz")):
        writer = path.name.partition("-")[0]
        for name in OPTIONS:
            model = Autoencoder.load(folder / f"{writer}-{name}.npz")
            numbers[f"{writer} {name}"] = array(model.reconstruct(IMAGES))
        painter = load_model(folder / f"{writer}-painting.npz", PaintingDecoder)
        plain = Autoencoder.load(path)
        numbers[f"{writer} painting"] = painted(plain, painter)
    numbers["image painting"] = numbers[f"{BACKEND} painting"]
    np.savez(folder / f"{BACKEND}.npz", **numbers)


main(Path(sys.argv[1]))
