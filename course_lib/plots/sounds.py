"""Sounds to play, and to look at."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from typing import Any

import numpy as np
from IPython.display import display

from course_lib.messages import translate
from course_lib.plots.alternatives import words_for
from course_lib.plots.arrays import require, to_numpy
from course_lib.plots.axes import WIDTH, label_axes, new_figure
from course_lib.plots.drawing import as_photograph, to_drawing
from course_lib.plots.lettering import CONTEXT, lettered


class Player:
    """A sound with a button to play it, as Jupyter shows it: it needs no file and no network.

    Args:
        data: the bytes of an MP3 file, which every browser plays.
        title: what one hears; the button is named so for screen readers, too.
    """

    def __init__(self, data: bytes, title: str):
        self.data = data
        self.title = title

    def __repr__(self) -> str:
        return f"Sound: {self.title}"

    def _repr_html_(self) -> str:
        title = html.escape(self.title)
        source = f"data:audio/mpeg;base64,{base64.b64encode(self.data).decode('ascii')}"
        return (
            f'<div style="margin:4px 0"><div>{title}</div>'
            f'<audio controls aria-label="{title}" src="{source}"></audio></div>'
        )


def show_sounds(sounds: Mapping[str, bytes]) -> None:
    """Show players, one below the other, each in a display of its own.

    The bytes are part of the output and differ in their last bits from machine to machine: tag the
    cell `nbval-ignore-output`.

    Args:
        sounds: dictionary title -> bytes of an MP3 file, see `transfer.audio.to_bytes`.

    Raises:
        ArgumentError: there is nothing to play.
    """
    require(sounds, "sounds")
    for title, data in sounds.items():
        display(Player(data, translate(title, context=CONTEXT)))


def show_spectrograms(
    spectrograms: Mapping[str, Any],
    *,
    frames_per_second: float,
    highest: float,
    decibels: float = 60.0,
    alt: str | None = None,
) -> None:
    """Show spectrograms side by side, time to the right and frequency upwards, the loud bright.

    Args:
        spectrograms: dictionary title -> array (frames, frequencies), natural logarithms of
            magnitudes.
        frames_per_second: how many frames are a second.
        highest: frequency of the last column in Hz.
        decibels: what is quieter than the loudest by more than that is shown as black.
        alt: what one sees and what it shows; by default what the lesson says.

    Raises:
        ArgumentError: there is nothing to show, or `alt` has no words.
    """
    require(spectrograms, "spectrograms")
    figure = new_figure(WIDTH, 280)
    panels = figure.subplots(1, len(spectrograms), sharey=True, squeeze=False)[0]
    for axes, (title, values) in zip(panels, spectrograms.items(), strict=True):
        loudness = np.asarray(to_numpy(values), dtype=float).T * 20 / np.log(10)
        axes.imshow(
            loudness,
            origin="lower",
            aspect="auto",
            cmap="magma",
            vmin=loudness.max() - decibels,
            extent=(0, loudness.shape[1] / frames_per_second, 0, highest / 1000),
            interpolation="nearest",
        )
        label_axes(axes, title, xlabel=lettered("seconds"), ylabel="")
    panels[0].set_ylabel("kHz")
    # As grainy as a photograph: as PNG it would take several times the bytes.
    words = words_for(alt, "Spectrograms", titles=spectrograms)
    to_drawing(figure, alt=words, density=1.0, compress=as_photograph).show()
