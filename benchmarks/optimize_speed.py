"""How fast a picture is optimized: the course's compiled program against the usual tutorial loop.

    python benchmarks/optimize_speed.py [--rounds 5] [--steps 20] [--sizes 256 512 1024]

The tutorial loop is what introductions print: an eager `tf.GradientTape`, one step a call, Gram
matrices by `einsum`, a Keras optimizer, clipping. Ours and it take turns in one run:

- "same_network": seconds per step of both on the course's encoder and the same picture;
- "whole_run": 200 steps of ours, compiling included, against 200 steps of the tutorial loop on
  VGG-19 as it is usually set up (random weights: they take the same time). VGG-19 is timed for
  a few steps and extrapolated to 200; its first step is not counted;
- "growth": seconds per step and memory beyond that of the loaded program at several sizes, each in
  a process of its own.

Writes medians, ratios, the machine and the versions to benchmarks/results/optimize_speed.json. Run
it on a machine that does nothing else. Needs TensorFlow, which the tutorial loop is written in.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from common import machine

from course_lib.device import quiet_framework_import

keras = quiet_framework_import()

import tensorflow as tf  # noqa: E402

from course_lib import collection, images  # noqa: E402
from course_lib.features import FeatureExtractor, load_vgg19, vgg19_preprocess  # noqa: E402
from course_lib.transfer import ImageOptimizer  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "optimize_speed.json"
WHOLE_RUN = 200
LOOPS = ("ours", "tutorial")


def pictures(size):
    """A square photograph and a style picture of that size."""
    photograph = collection.photograph("chelsea")
    side = min(photograph.shape[:2])
    square = photograph[:side, :side]
    style = collection.style_picture(collection.names()["styles"][0])
    return images.resize(square, (size, size)), images.resize(style, (size, size))


class TutorialLoop:
    """The loop as introductions have it.

    Args:
        extractor: images -> {tap: features}.
        content_tap: layer for the content loss.
        style_taps: layers for the Gram matrices.
        content: picture (height, width, 3).
        style: picture (height, width, 3).
    """

    def __init__(self, extractor, content_tap, style_taps, content, style):
        self.extractor, self.content_tap, self.style_taps = extractor, content_tap, style_taps
        self.content = extractor(content[None])[content_tap]
        seen = extractor(style[None])
        self.grams = {tap: self.gram(seen[tap]) for tap in style_taps}
        self.image = tf.Variable(content[None])
        self.optimizer = keras.optimizers.Adam(0.02, beta_1=0.99, epsilon=1e-1)

    @staticmethod
    def gram(features):
        positions = tf.cast(tf.reduce_prod(tf.shape(features)[1:3]), tf.float32)
        return tf.linalg.einsum("bijc,bijd->bcd", features, features) / positions

    def step(self):
        with tf.GradientTape() as tape:
            seen = self.extractor(self.image)
            style = tf.add_n(
                [tf.reduce_mean((self.gram(seen[t]) - self.grams[t]) ** 2) for t in self.style_taps]
            )
            content = tf.reduce_mean((seen[self.content_tap] - self.content) ** 2)
            loss = 1e-2 * style / len(self.style_taps) + 1e4 * content
            loss += 30 * tf.reduce_sum(tf.image.total_variation(self.image))
        slope = tape.gradient(loss, self.image)
        self.optimizer.apply_gradients([(slope, self.image)])
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
        load_vgg19(weights=None), [*style_taps, "block5_conv2"], preprocess=vgg19_preprocess
    )
    return TutorialLoop(extractor, "block5_conv2", style_taps, content, style)


class Ours:
    """The course's optimizer with its defaults, at one scale."""

    def __init__(self, content, style, steps=10**6):
        self.optimizer = ImageOptimizer(content, style, steps, scales=1)

    def run(self, steps):
        """Take at least that many steps, whole calls of the program, and return how many."""
        begun = self.optimizer.step
        while self.optimizer.step < begun + steps:
            self.optimizer.advance()
        return self.optimizer.step - begun


def seconds(work, *arguments):
    begun = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begun


def per_step(loop, steps):
    """Seconds for each of the steps that were really taken."""
    begun = time.perf_counter()
    taken = loop.run(steps)
    return (time.perf_counter() - begun) / taken


def in_turn(loops, rounds, steps):
    """Seconds per step of each loop, round by round, after a warm-up that is not counted."""
    for loop in loops.values():
        loop.run(5)
    timed = []
    for number in range(rounds):
        timed.append({n: per_step(loop, steps[n]) for n, loop in loops.items()})
        print(f"round {number + 1}: " + ", ".join(f"{n} {t:.3f} s" for n, t in timed[-1].items()))
    return timed


def summary(timed):
    """Medians of both, and the median and range of the ratios."""
    ratios = [one["tutorial"] / one["ours"] for one in timed]
    return {
        "seconds": {n: round(statistics.median(one[n] for one in timed), 4) for n in LOOPS},
        "ratio": round(statistics.median(ratios), 2),
        "ratio_range": [round(float(np.min(ratios)), 2), round(float(np.max(ratios)), 2)],
        "rounds": [{n: round(t, 4) for n, t in one.items()} for one in timed],
    }


def same_network(options):
    content, style = pictures(options.size)
    loops = {"ours": Ours(content, style)}
    loops["tutorial"] = tutorial_on_the_course_s_encoder(content, style)
    steps = {"ours": options.steps, "tutorial": max(2, options.steps // 2)}
    return summary(in_turn(loops, options.rounds, steps))


def whole_run(options):
    """Each of our runs compiles anew, as the first run in a program does."""
    from course_lib.transfer import optimize

    content, style = pictures(options.size)
    vgg = tutorial_on_vgg19(content, style)
    vgg.run(1)
    timed = []
    for number in range(max(1, options.rounds // 2)):
        optimize.shared_program.cache_clear()
        ours = seconds(lambda: Ours(content, style, WHOLE_RUN).run(WHOLE_RUN))
        tutorial = per_step(vgg, options.vgg_steps) * WHOLE_RUN
        timed.append({"ours": ours, "tutorial": tutorial})
        print(
            f"whole run {number + 1}: " + ", ".join(f"{n} {t:.1f} s" for n, t in timed[-1].items())
        )
    note = f"tutorial: {options.vgg_steps} steps timed a round, extrapolated to {WHOLE_RUN}"
    return summary(timed) | {"extrapolated": note}


def memory():
    """The most memory that this process has held so far, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


def one_size(loop, size, steps):
    """In a process of its own: seconds per step and memory at one size, printed as JSON."""
    make = Ours if loop == "ours" else tutorial_on_the_course_s_encoder
    make(*pictures(64)).run(5)
    before, made = memory(), make(*pictures(size))
    made.run(5)
    took = per_step(made, steps)
    print(json.dumps({"seconds": round(took, 4), "mib": round(memory() - before, 1)}))


def growth(options):
    """Time and memory of both loops at each size, and how they grow with the pixels."""
    found = {loop: {} for loop in LOOPS}
    for size in options.sizes:
        runs = {loop: [] for loop in LOOPS}
        for _ in range(max(1, options.rounds // 2)):
            for loop in LOOPS:
                steps = max(2, options.steps * options.sizes[0] ** 2 // size**2)
                command = [sys.executable, __file__, "--one-size", loop, str(size), str(steps)]
                answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                runs[loop].append(json.loads(answer.stdout.splitlines()[-1]))
        for loop, several in runs.items():
            found[loop][str(size)] = {
                name: statistics.median(one[name] for one in several) for name in ("seconds", "mib")
            }
        print(f"{size} pixels: { ({loop: found[loop][str(size)] for loop in LOOPS}) }")
    first, last = str(options.sizes[0]), str(options.sizes[-1])
    pixels = (options.sizes[-1] / options.sizes[0]) ** 2
    for sizes in found.values():
        # Below 1 the cost grows more slowly than the number of pixels.
        sizes["growth_per_pixel"] = {
            name: round(sizes[last][name] / max(sizes[first][name], 1e-9) / pixels, 3)
            for name in ("seconds", "mib")
        }
    return found


PARTS = {"same_network": same_network, "whole_run": whole_run, "growth": growth}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="of ours in a round")
    parser.add_argument("--vgg-steps", type=int, default=2)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--one-size", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one_size:
        loop, size, steps = options.one_size
        one_size(loop, int(size), int(steps))
        return
    settings = {k: getattr(options, k) for k in ("rounds", "steps", "vgg_steps", "size", "sizes")}
    result = {"machine": machine(), "settings": settings}
    for part in options.parts:
        result[part] = PARTS[part](options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
