"""What a stylized image costs: the course's network against the usual ones.

    python -m workshop.benchmarks.networks_speed \
        [--rounds 3] [--sizes 256 512 1024] [--counts 1 2 4 8]

The contenders are processes of their own, which take turns:

- ours: `FeatureTransfer` with the course's encoder and painting decoder, for any style;
- feed-forward: the network of Johnson et al., which is trained anew for every style, in Keras on
  the same backend, compiled;
- feed-forward in PyTorch: the same network, where PyTorch is installed.

Measured are the seconds for one image at several sizes ("pixels"), for one image in several
styles, which are known beforehand ("styles"), and for each image of a batch ("batch"). The
weights of all styles together are counted as well. "universal" compares ours with `FeatureTransfer
("wct")`'s usual form: VGG-19 up to five taps, with a decoder for each (Li et al.), eager in Keras
and in PyTorch.

Writes medians, curves, the machine and the versions to benchmarks/results/networks_speed.json. Run
it on a machine that does nothing else.
"""

import argparse
import json
import statistics
from pathlib import Path

import numpy as np

from workshop.benchmarks.common import (
    RESULTS,
    Elsewhere,
    curve,
    faster,
    installed,
    machine,
    medians_of,
    seconds,
    serve,
    write,
)

WAYS = ("ours", "feed_forward", "feed_forward_pytorch")
ADAIN, JOHNSON, TORCH = WAYS
# Calls that are timed are as many as go through this many pixels, from 1 to 10.
PIXELS = 2_000_000


def images(side):
    """A square photograph and a style image of that size."""
    from course_lib import collection

    name = collection.names()["styles"][0]
    content = collection.photograph("astronaut", size=(side, side))
    return content, collection.style_image(name, size=(side, side))


def often(work, pixels):
    """Median seconds of a call, after one that is not counted."""
    work()
    calls = max(1, min(10, PIXELS // pixels))
    return statistics.median(seconds(work) for _ in range(calls))


# ---- the contenders: each has the same jobs ----------------------------------------------------


def ours():
    """The course's transfer, as jobs (size and count) -> seconds."""
    from course_lib.transfer import FeatureTransfer
    from course_lib.transfer.video import SteadyTransfer

    transfer = FeatureTransfer()

    def pixels(side):
        content, style = images(side)
        code = transfer.style_code(style)
        return often(lambda: transfer(content, code), side**2)

    def styles(side, count):
        content, style = images(side)
        code = transfer.style_code(style)

        def paint():
            seen = transfer.content_code(content)
            for _ in range(count):
                transfer(seen, code)

        return often(paint, count * side**2)

    def batch(side, count):
        content, style = images(side)
        steady = SteadyTransfer(style, transfer=transfer, momentum=0.0, keep=0.0)
        frames = np.stack([content] * count)
        return often(lambda: steady(frames), count * side**2) / count

    def megabytes(count):
        models = (transfer.autoencoder.encoder, transfer.painter)
        weights = sum(model.count_params() for model in models)
        return 4e-6 * (weights + count * 2 * sum(transfer.autoencoder.encoder.channels))

    def universal(side):
        universal = FeatureTransfer("wct", autoencoder=transfer.autoencoder)
        content, style = images(side)
        return often(lambda: universal(content, style), side**2)

    return {
        "pixels": pixels,
        "styles": styles,
        "batch": batch,
        "megabytes": megabytes,
        "universal": universal,
    }


def feed_forward():
    """The same jobs for the network of Johnson et al. in Keras, and WCT with five autoencoders."""
    import keras

    from workshop.benchmarks import alternatives

    network = alternatives.feed_forward()
    network.compile(jit_compile=keras.backend.backend() != "torch")
    pairs = []

    def run(side, count=1, together=False):
        stacked = np.stack([images(side)[0]] * (count if together else 1))
        turns = 1 if together else count
        work = lambda: [network.predict_on_batch(stacked) for _ in range(turns)]  # noqa: E731
        return often(work, count * side**2) / (count if together else 1)

    def universal(side):
        if not pairs:
            pairs.extend(alternatives.separate_autoencoders())
        content, style = images(side)
        stylize = alternatives.stylize_by_separate_autoencoders
        return often(lambda: stylize(pairs, content, style), side**2)

    return {
        "pixels": run,
        "styles": run,
        "batch": lambda side, count: run(side, count, together=True),
        "megabytes": lambda count: 4e-6 * count * network.count_params(),
        "universal": universal,
    }


def feed_forward_pytorch():
    """The same jobs in PyTorch."""
    import torch

    from workshop.benchmarks import alternatives

    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = alternatives.torch_feed_forward().to(device).eval()
    pairs = []

    def tensor(image):
        return torch.from_numpy(image.transpose(2, 0, 1)[None].copy()).to(device)

    @torch.no_grad()
    def timed(work, pixels):
        # What is copied back to the processor is finished.
        return often(lambda: work().cpu(), pixels)

    def run(side, count=1, together=False):
        image = tensor(images(side)[0])
        stacked = image.repeat(count, 1, 1, 1) if together else image
        turns = 1 if together else count
        spent = timed(lambda: [network(stacked) for _ in range(turns)][-1], count * side**2)
        return spent / (count if together else 1)

    def universal(side):
        if not pairs:
            pairs.extend(
                (encoder.to(device), decoder.to(device))
                for encoder, decoder in alternatives.torch_separate_autoencoders()
            )
        content, style = map(tensor, images(side))
        stylize = alternatives.torch_stylize_by_separate_autoencoders
        return timed(lambda: stylize(pairs, content, style), side**2)

    return {
        "pixels": run,
        "styles": run,
        "batch": lambda side, count: run(side, count, together=True),
        "megabytes": lambda count: (
            4e-6 * count * sum(weight.numel() for weight in network.parameters())
        ),
        "universal": universal,
    }


# ---- the comparison ----------------------------------------------------------------------------


def in_turn(ways, rounds, job, *arguments):
    """What each way says, round by round."""
    return [{name: way(job, *arguments) for name, way in ways.items()} for _ in range(rounds)]


def compared(ways, rounds, job, *arguments):
    """Medians of seconds, and how many times faster ours is than the same network in Keras."""
    found = in_turn(ways, rounds, job, *arguments)
    print(job, *arguments, json.dumps(found[-1]), flush=True)
    return {"seconds": medians_of(found), **faster(found, JOHNSON)}


def measured(ways, options):
    """All comparisons, and the curves that they make."""
    result = {
        "pixels": {
            f"{side} x {side}": compared(ways, options.rounds, "pixels", side)
            for side in options.sizes
        },
        "styles": {
            f"{count} styles": compared(ways, options.rounds, "styles", options.side, count)
            for count in options.counts
        },
        "batch": {
            f"{count} images": compared(ways, options.rounds, "batch", options.side, count)
            for count in options.counts
        },
        "universal": compared(ways, options.rounds, "universal", options.side),
    }
    weights = [{name: way("megabytes", count) for name, way in ways.items()}
               for count in options.counts]  # fmt: skip
    pixels = [side**2 for side in options.sizes]

    def lines(part):
        return [one["seconds"] for one in result[part].values()]

    side = f"{options.side} x {options.side} pixels"
    result["curves"] = {
        "one image": curve("pixels", "seconds", pixels, lines("pixels"), log=True),
        f"one image of {side} in several styles": curve(
            "styles", "seconds", options.counts, lines("styles")
        ),
        f"an image of a batch, {side}": curve(
            "images in the batch", "seconds for each", options.counts, lines("batch")
        ),
        "weights for several styles": curve("styles", "megabytes", options.counts, weights),
    }
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--side", type=int, default=256, help="of images counted by the dozen")
    parser.add_argument("--out", type=Path, default=RESULTS / "networks_speed.json")
    parser.add_argument("--serve", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        from course_lib.backend import quiet_framework_import

        quiet_framework_import()
        serve({ADAIN: ours, JOHNSON: feed_forward, TORCH: feed_forward_pytorch}[options.serve]())
        return
    result = {"machine": machine(), "settings": {"rounds": options.rounds, "side": options.side}}
    ways = {name: Elsewhere("-m", __spec__.name, "--serve", name) for name in WAYS[:2]}
    if installed("torch"):
        ways[TORCH] = Elsewhere("-m", __spec__.name, "--serve", TORCH)
    try:
        result |= measured(ways, options)
    finally:
        for way in ways.values():
            way.close()
    write(options.out, json.dumps(result, indent=2) + "\n")
    print(f"written to {options.out}")


if __name__ == "__main__":
    main()
