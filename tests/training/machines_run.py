"""Run by test_machines.py in processes of their own, with ``OUT [resume]``.

Each stands for a machine, which TF_CONFIG tells about the other. DIE_AT is a step at which this
one is killed in the middle of the training.
"""

import os
import signal
import sys
from pathlib import Path

from course_lib.device import quiet_framework_import

keras = quiet_framework_import()

import numpy as np  # noqa: E402

from course_lib.training import Settings, computing, run_stage  # noqa: E402
from tests.training.small_training import TwoWeights, points  # noqa: E402


def points_until_death(step):
    """The batch of a step, unless it is the last thing to be done."""
    if step == int(os.environ.get("DIE_AT", "-1")):
        os.kill(os.getpid(), signal.SIGKILL)
    # So small that no gradient is clipped, which TensorFlow does on each device by itself.
    return 0.1 * points(step)


def train(out, resume=False, say=print):
    """Twelve steps, a checkpoint after every third."""
    with computing("float32") as devices:
        keras.utils.set_random_seed(1)
        stage = TwoWeights()
        settings = Settings(steps=12, every=3, batch=8, learning_rate=0.1)
        history = run_stage(
            stage,
            points_until_death,
            out,
            settings,
            resume=resume,
            devices=devices,
            report=say,
        )
    return stage.get_weights(), [row["loss"] for row in history], devices


if __name__ == "__main__":
    place = Path(sys.argv[1])
    weights, losses, count = train(place, resume=sys.argv[2:] == ["resume"])
    if "TF_CONFIG" not in os.environ or '"index": 0' in os.environ["TF_CONFIG"]:
        np.savez(place / "trained.npz", *weights, losses=losses, count=count)
