"""The labs as the tests make them: small, but whole; and ways to move every control."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

import ipywidgets
import numpy as np
from PIL import Image

from course_lib import collection, widgets

MAKERS = {
    "convolution_bench": widgets.convolution_bench,
    "bottleneck_lab": lambda: widgets.bottleneck_lab(size=64),
    "feature_browser": lambda: widgets.feature_browser(size=64),
    "gram_explorer": lambda: widgets.gram_explorer(size=64, steps=6),
    "pixel_lab": lambda: widgets.pixel_lab(size=64),
    "style_lab": lambda: widgets.style_lab(size=64),
    "painting_live": lambda: widgets.painting_live(size=48, every=2),
    "compare_lab": lambda: widgets.compare_lab(pairs()),
}
# Some controls do something only where another one is set so that they can.
NEEDED = {
    ("bottleneck_lab", "second"): {"blend": 0.5},
    ("compare_lab", "x"): {"zoom": 3},
    ("compare_lab", "y"): {"zoom": 3},
    ("style_lab", "mix"): {"second": "woodcut"},
    ("style_lab", "x"): {"shape": "ellipse"},
    ("style_lab", "y"): {"shape": "ellipse"},
    ("style_lab", "extent"): {"shape": "ellipse"},
    ("style_lab", "softness"): {"shape": "ellipse"},
}
# What is asked of the next painting, and shows once it is started.
WAITING = {
    # Images as small as those of these tests are painted in one pass, whatever the stroke.
    "style_lab": {"stroke"},
    "painting_live": {"style", "start", "content_weight", "style_weight", "variation_weight"},
}


def pairs() -> dict:
    """Two pairs for the compare lab, one of them with a style."""
    photograph = collection.photograph("coffee", size=64)
    style = collection.style_image("batik", size=48)
    return {
        "darker": (photograph, photograph / 2),
        "mirrored": (photograph, photograph[:, ::-1], style),
    }


def values_of(control) -> Iterator:
    """Values over the whole range of a control, its ends included."""
    if hasattr(control, "options"):
        pairs = [one if isinstance(one, tuple) else (one, one) for one in control.options]
        yield from (value for _, value in pairs)
    elif isinstance(control, ipywidgets.Checkbox):
        yield from (True, False)
    else:
        span = control.max - control.min
        whole = isinstance(control.value, int)
        for share in (0, 0.25, 0.5, 0.75, 1):
            value = control.min + share * span
            yield round(value) if whole else value


def opened(lab) -> np.ndarray:
    """The image that a lab shows, as the browser decodes it: (height, width, 3) uint8."""
    image = Image.open(io.BytesIO(lab.image.value))
    assert image.format.lower() == lab.image.format
    return np.asarray(image.convert("RGB"))


def is_clean(lab) -> bool:
    """Whether a lab works: no error, and a line that says what is shown."""
    return lab.error is None and 'role="status"' in lab.line.value


def hand_in(upload, name: str, data: bytes) -> None:
    """What an upload control holds after the reader has chosen a file, in both versions."""
    if version("ipywidgets").startswith("7."):
        entry = {"metadata": {"name": name, "type": "", "size": len(data)}, "content": data}
        value = {name: entry}
    else:
        entry = {"name": name, "type": "", "size": len(data), "content": memoryview(data)}
        value = (entry | {"last_modified": datetime.now(UTC)},)
    upload.set_trait("value", value)
