"""What the labs that need no network are told by the site, beside their controls."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import numpy as np

from course_lib import images
from course_lib.plots import CHANNELS
from course_lib.widgets import compare, convolution, pixel

TURNS, SEED = 20, 0


def bench_data(lab: Any) -> dict[str, Any]:
    """The kernels of the convolution bench, row by row, and its sizes.

    Args:
        lab: a `widgets.convolution_bench`.
    """
    kernels = {name: [*itertools.chain(*rows)] for name, rows in convolution.KERNELS.items()}
    sizes = {"side": convolution.SIDE, "shown": convolution.SHOWN}
    return {"kernels": kernels, "own": convolution.OWN, **sizes}


def pixel_data(lab: Any) -> dict[str, Any]:
    """The sizes and colors of the pixel lab, and the axes of "distribution".

    Args:
        lab: a `widgets.pixel_lab`.
    """
    # Those of `matching.match_distribution`: a page has no such generator of random numbers.
    generator = np.random.default_rng(SEED)
    turns = [np.linalg.qr(generator.normal(size=(3, 3)))[0] for _ in range(TURNS)]
    return {
        "size": pixel.SIZE,
        "chart": pixel.CHART_HEIGHT,
        "bins": pixel.BINS,
        "lines": list(CHANNELS.values()),
        "turns": [axes.ravel().tolist() for axes in turns],
    }


def compare_data(lab: Any) -> dict[str, Any]:
    """The images of the compare lab's pairs, without loss, and what the metrics say of them.

    Args:
        lab: a `widgets.compare_lab`.
    """
    files: list[str] = []
    pairs = {}
    for title, (before, after, *_) in lab.pairs.items():
        found = [
            base64.b64encode(images.to_bytes(image, format="png")).decode("ascii")
            for image in (before, after)
        ]
        files += [file for file in found if file not in files]
        places = [files.index(file) for file in found]
        pairs[title] = {"places": places, "words": lab.measured(title)}
    return {"images": files, "pairs": pairs, "names": lab.names, "side": compare.SIDE}
