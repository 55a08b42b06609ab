"""What the labs that run networks are told by the site, beside their controls.

Each function takes the notebook's lab, with its defaults.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from course_lib import collection, images, widgets
from course_lib.export.packing import floats
from course_lib.export.stepping import SIDE
from course_lib.export.web_page import stored_style
from course_lib.widgets import ablation, bottleneck, features, gram
from course_lib.widgets.choosing import fitted, words_for
from course_lib.widgets.live import weights_of


def style_lab_first(lab: Any) -> widgets.Sheet:
    """The stylized image with what went into it; how long it took is not this machine's to say."""
    content, style = (lab.settings[name] for name in ("content", "style"))
    shown = {"stylized": lab.stylize(lab.settings), "photograph": lab.content(content)}
    words = f"{words_for(content)} in the style {words_for(style)}"
    return widgets.Sheet(shown | {words_for(style): lab.style(style)}, words)


def style_lab_data(lab: Any) -> dict[str, Any]:
    """The statistics of the course's styles."""
    names = collection.names()["styles"]
    styles = {name: stored_style(lab.style_code(name), lab.transfer.taps) for name in names}
    return {"size": lab.size, "styles": styles}


def painting_live_first(lab: Any) -> widgets.Sheet:
    """The middle of the photograph, which is what pages paint, and no curves yet."""
    sheet = lab.draw(lab.settings)
    image = fitted(collection.photograph(lab.settings["content"]), (SIDE, SIDE))
    return widgets.Sheet({**sheet.panels, "not started yet": image}, sheet.words)


def painting_live_data(lab: Any) -> dict[str, Any]:
    """The weights that stand for 1, and the noise that a painting may begin with."""
    usual = {name.removesuffix("_weight"): one for name, one in weights_of(lab.settings).items()}
    return {"usual": usual, "noise": faint_noise()}


def faint_noise() -> dict[str, Any]:
    """The noise that an optimized image begins with, around 0: pages add the color."""
    from course_lib.transfer.descent import noise

    gray = 0.5
    return floats(noise((SIDE, SIDE), 0, color=gray) - gray)


def channels_by_tap(lab: Any) -> dict[str, Any]:
    """How many channels each tap has, from which the sliders know where to end."""
    from course_lib.autoencoder import Autoencoder

    encoder = Autoencoder.from_course().encoder
    return {"channels": dict(zip(encoder.taps, map(int, encoder.channels), strict=True))}


def color_table(name: str) -> dict[str, Any]:
    """The 256 colors of one of Matplotlib's maps."""
    from matplotlib import colormaps

    return floats(colormaps[name](np.arange(256))[:, :3])


def feature_browser_data(lab: Any) -> dict[str, Any]:
    """Where each channel is strongest in each of the course's images; and these images."""
    strongest = {
        tap: {"values": values.round(4).tolist(), "places": places.tolist()}
        for tap, (values, places) in lab.strongest.items()
    }
    searched = images.to_bytes(np.concatenate(list(lab.searched)), format="png")
    return {
        "size": features.SIZE,
        "rows": features.ROWS,
        "gap": features.GAP,
        "fields": {tap: lab.receptive_field(tap) for tap in lab.encoder.taps},
        "strongest": strongest,
        "searched": base64.b64encode(searched).decode("ascii"),
        "colors": color_table("inferno"),
    }


def gram_explorer_data(lab: Any) -> dict[str, Any]:
    """Colors, and how a texture is made."""
    from course_lib.losses import STYLE_WEIGHT, VARIATION_WEIGHT

    return {
        "size": gram.SIZE,
        "frame": gram.FRAME.tolist(),
        "steps": lab.steps,
        "weights": {"style": STYLE_WEIGHT, "variation": VARIATION_WEIGHT},
        "noise": faint_noise(),
        "colors": color_table("cividis"),
    }


def bottleneck_data(lab: Any) -> dict[str, Any]:
    """Height and width of the images."""
    return {"size": bottleneck.SIZE}


def ablation_data(lab: Any) -> dict[str, Any]:
    """The photograph's name, the size of images, and the settings of the whole method."""
    return {"content": lab.photograph, "size": lab.size, "whole": ablation.WHOLE}
