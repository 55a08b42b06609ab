"""Run by test_training_runs.py in a process of its own, with ``KIND FOLDER OUT``.

KIND "distill" trains a tiny network on the images in FOLDER; "resume" after OUT goes on with it.
KIND "shared" trains two weights on one device and on all, then the network on all. DEVICES sets how
many logical CPUs there are.
"""

import os
import sys
from pathlib import Path

DEVICES = int(os.environ.get("DEVICES", "1"))
if DEVICES > 1:
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={DEVICES}"

import numpy as np  # noqa: E402

from course_lib.backend import quiet_framework_import  # noqa: E402


def make_logical_cpus(count):
    """TensorFlow's devices, which must be set before it starts to compute."""
    import tensorflow

    cpu = tensorflow.config.list_physical_devices("CPU")[0]
    logical = [tensorflow.config.LogicalDeviceConfiguration() for _ in range(count)]
    tensorflow.config.set_logical_device_configuration(cpu, logical)


if DEVICES > 1 and os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow":
    make_logical_cpus(DEVICES)
keras = quiet_framework_import()

from course_lib.autoencoder import Autoencoder  # noqa: E402
from course_lib.training import Settings, computing, run_stage, train_distill  # noqa: E402
from tests.training.small_training import TwoWeights, points  # noqa: E402


def distill(folder, out, resume=False):
    settings = Settings(
        steps=int(os.environ.get("STEPS", "24")),
        crop=16,
        batch=4 * DEVICES,
        every=int(os.environ.get("EVERY", "4")),
        devices=DEVICES,
    )
    keras.utils.set_random_seed(1)
    network = train_distill(
        folder / "photographs",
        out,
        teacher=folder / "teacher.npz",
        start=Autoencoder((4, 5), upsampling="bilinear"),
        settings=settings,
        resume=resume,
    )
    np.savez(out / "trained.npz", *network.get_weights())


def small_points(step):
    """So small that no gradient is clipped, which TensorFlow does on each device by itself."""
    return 0.1 * points(step)


def share(folder, out):
    for name, wanted in (("one", 1), ("two", DEVICES)):
        with computing("float32", devices=wanted) as devices:
            assert devices == wanted
            keras.utils.set_random_seed(1)
            stage = TwoWeights()
            settings = Settings(steps=6, every=3, batch=8, learning_rate=0.1)
            history = run_stage(
                stage, small_points, out / f"{name}-run", settings, devices=devices, report=None
            )
        np.savez(out / f"{name}.npz", *stage.get_weights(), history[-1]["loss"])
    distill(folder, out / "distill")


if __name__ == "__main__":
    if sys.argv[1] == "distill":
        distill(Path(sys.argv[2]), Path(sys.argv[3]), resume=sys.argv[4:] == ["resume"])
    else:
        share(Path(sys.argv[2]), Path(sys.argv[3]))
