"""How fast the course trains: its pipeline against plain eager Keras on the same model.

    python -m workshop.benchmarks.training_speed [--rounds 5] [--steps 20] [--crop 112] [--batch 8]

All train the course's autoencoder (272k + 272k weights, stage "distill" without a teacher) on the
same crops, in turn in one process, each after a warm-up that is not counted:

- ours: as `course train` does it, ten steps at a time, crops cut in the background; TensorFlow
  compiles by XLA on a GPU, and takes its plain graph on a CPU;
- XLA: the same compiled in any case, to see what the compiler does on this machine (TensorFlow
  only);
- eager: `compile(run_eagerly=True)` and `fit` on a generator, as a first Keras program has it.

Writes images per second, the ratio, the machine and the versions to
benchmarks/results/training_speed.json. Run it on a machine that does nothing else.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from course_lib.backend import quiet_framework_import
from workshop.benchmarks.common import RESULTS, machine

keras = quiet_framework_import(keep_freed_memory=True)

from course_lib import collection  # noqa: E402
from course_lib.autoencoder import Autoencoder  # noqa: E402
from course_lib.training import (  # noqa: E402
    Batches,
    CropSource,
    DistillStage,
    compile_stage,
    computing,
)

RESULT = RESULTS / "training_speed.json"


def make_stage(precision):
    """The stage with the same first weights each time."""
    keras.utils.set_random_seed(0)
    with computing(precision):
        return DistillStage(Autoencoder())


def generated(source, batch, start):
    """Batches made in the foreground, one after the other, without end."""
    step = start
    while True:
        yield (source.batch(step, batch),)
        step += 1


def timed(train, steps, batch):
    begun = time.perf_counter()
    train(steps)
    return steps * batch / (time.perf_counter() - begun)


def measure(options):
    """Images per second of each, round by round."""
    photographs = [collection.photograph(name) for name in collection.names()["photographs"]]
    usable = [one for one in photographs if min(one.shape[:2]) >= options.crop]
    source = CropSource(usable, crop=options.crop)
    ours, xla = make_stage(options.precision), make_stage("float32")
    compile_stage(ours, 2e-3, 10_000)
    compile_stage(xla, 2e-3, 10_000)
    xla.jit_compile = True
    eager = make_stage("float32")
    eager.compile(keras.optimizers.Adam(2e-3, global_clipnorm=1.0), run_eagerly=True)

    def batches(steps):
        return Batches(lambda step: source.batch(step, options.batch), 0, steps)

    contenders = {
        "ours": lambda steps: ours.fit(batches(steps), shuffle=False, verbose=0),
        "XLA": lambda steps: xla.fit(batches(steps), shuffle=False, verbose=0),
        "eager": lambda steps: eager.fit(
            generated(source, options.batch, 0), steps_per_epoch=steps, shuffle=False, verbose=0
        ),
    }
    if keras.backend.backend() != "tensorflow":
        # Elsewhere there is nothing between compiled and eager.
        del contenders["XLA"]
    for train in contenders.values():
        train(10)
    rounds = []
    for number in range(options.rounds):
        speeds = {
            name: timed(train, options.steps, options.batch) for name, train in contenders.items()
        }
        rounds.append(speeds)
        print(f"round {number + 1}: " + ", ".join(f"{k} {v:.1f}/s" for k, v in speeds.items()))
    return rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--crop", type=int, default=112)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--precision", default=None, help="of ours; by default what is fast here")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    about = machine()
    rounds = measure(options)
    ratios = [speeds["ours"] / speeds["eager"] for speeds in rounds]
    result = {
        "images_per_second": {
            name: round(statistics.median(speeds[name] for speeds in rounds), 2)
            for name in rounds[0]
        },
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(float(np.min(ratios)), 2), round(float(np.max(ratios)), 2)],
        "rounds": [{name: round(value, 2) for name, value in one.items()} for one in rounds],
        "crop": options.crop,
        "batch": options.batch,
        "steps": options.steps,
        "precision": options.precision or "chosen by the machine",
        "machine": about,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"ours / eager: {result['ratio']} (written to {options.out})")


if __name__ == "__main__":
    main()
