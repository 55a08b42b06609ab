"""Painting live: watch an image being optimized, and turn the weights while it is."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from course_lib import images
from course_lib.plots import COLORS, LINE_STYLES
from course_lib.plots.lettering import lettered, set_fonts
from course_lib.widgets.background import Background
from course_lib.widgets.choosing import ImageChoice
from course_lib.widgets.controls import button, choice, row, step_slider, whole_slider
from course_lib.widgets.lab import Lab, Sheet

SIZE = 256
STEPS = 150
STILL_SIZE, STILL_STEPS = 160, 40
CURVES = ("total", "content", "style", "variation")
# 1 stands for the weight that the library has by default.
FACTORS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
CHART_PIXELS = (300, 210)
BEFORE_RUNNING = ("content", "style", "start", "count")


class PaintingLive(Lab):
    """Start, pause and stop an optimization; its weights can be turned while it runs.

    It runs on a thread of its own, a few steps at a time, and looks at the weights before each few.
    Only one runs at a time: a start in another lab stops the one before.

    Args:
        size: longer side of the content.
        **settings: what else `ImageOptimizer` takes, such as ``extractor``, ``learning_rate``, or
            ``every``, the steps between two images.
    """

    heading = "Painting live"
    still_words = (
        "A cat being painted: the photograph; the image after ten and after forty steps, with "
        "more and more of the colors and outlines of stained glass; and the curves of the loss "
        "and its parts over the steps, the total falling."
    )
    # Held weakly, so that a lab that is gone takes its networks with it.
    latest: ClassVar[weakref.ref[Background] | None] = None

    def __init__(self, size: int = SIZE, **settings: Any):
        self.more = settings
        self.content = ImageChoice("content", "photographs", "chelsea", size)
        self.style = ImageChoice("style", "styles", "stained_glass", size)
        self.painted: np.ndarray | None = None
        self.history: dict[str, list[float]] = {}
        self.background = Background(self.show_running, self.report)
        factors = [(f"{factor:g} ×", factor) for factor in FACTORS]
        starts = [("the content", "content"), ("noise", "noise")]
        controls = {
            "content": self.content.control,
            "style": self.style.control,
            "start": choice("start from", starts, "content"),
            "count": whole_slider("steps", STEPS, 20, 400),
            "content_weight": step_slider("keep content", factors, 1.0),
            "style_weight": step_slider("take style", factors, 1.0),
            "variation_weight": step_slider("be smooth", factors, 1.0),
        }
        self.begin = button("Start", "Start over with these settings")
        self.pause = button("Pause", "Pause after the next step; press again to continue")
        self.stop = button("Stop", "Stop the optimization; the image stays as it is")
        self.pause.disabled = self.stop.disabled = True
        self.begin.on_click(lambda clicked: self.start())
        self.pause.on_click(lambda clicked: self.pause_or_go_on())
        self.stop.on_click(lambda clicked: self.background.stop())
        self.content.control.observe(lambda change: self.forget(), "value")
        panel = [*controls.values(), row(self.begin, self.pause, self.stop)]
        super().__init__(controls, panel=panel)

    def start(self) -> None:
        """Begin to paint with these settings; a painting that goes on anywhere is stopped."""
        before = PaintingLive.latest and PaintingLive.latest()
        if before:
            before.stop()
        PaintingLive.latest = weakref.ref(self.background)
        self.background.start(self.paint(self.settings))
        self.say("Getting ready: the optimization is compiled first, which takes a few seconds.")

    def pause_or_go_on(self) -> None:
        """What the middle button does."""
        if self.background.is_paused:
            self.background.resume()
        else:
            self.background.pause()
        self.pause.description = "Go on" if self.background.is_paused else "Pause"

    def show_running(self, running: bool) -> None:
        """Let one press only what makes sense."""
        self.begin.disabled = running
        self.pause.disabled = self.stop.disabled = not running
        self.pause.description = "Pause"
        for name in BEFORE_RUNNING:
            self.controls[name].disabled = running

    def forget(self) -> None:
        """Another content is chosen: what was painted from the last one is not shown with it."""
        self.painted, self.history = None, {}

    def paint(self, settings: dict[str, Any]) -> Iterator[None]:
        """Optimize, a few steps at a time, and draw after each few."""
        from course_lib.transfer import ImageOptimizer

        content, style = self.content(settings["content"]), self.style(settings["style"])
        optimizer = ImageOptimizer(
            content, style, steps=settings["count"], start=settings["start"], **self.more
        )
        self.history = {name: [] for name in ("step", *CURVES)}
        while not optimizer.done:
            mistake = self.turn_weights(optimizer)
            losses = optimizer.advance()
            self.painted = optimizer.image
            for name, number in {"step": optimizer.step, **losses}.items():
                self.history[name].append(number)
            self.redraw()
            if mistake:
                self.report(mistake)
            yield

    def turn_weights(self, optimizer: Any) -> Exception | None:
        """Hand the weights on; where they cannot be used, the last ones stay."""
        from course_lib.errors import ArgumentError

        try:
            optimizer.reweight(**weights_of(self.settings))
        except ArgumentError as error:
            return error
        return None

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """The image as it is now, and the curves."""
        if self.painted is None or not self.history.get("step"):
            image = self.content(settings["content"])
            panels = {"not started yet": image, "losses": loss_chart({}, settings["count"])}
            return Sheet(panels, "Choose, then press Start.", width=2 * CHART_PIXELS[0] + 12)
        step = int(self.history["step"][-1])
        parts = ", ".join(f"{name} {self.history[name][-1]:.3g}" for name in CURVES)
        panels = {
            f"step {step} of {settings['count']}": self.painted,
            "losses": loss_chart(self.history, settings["count"]),
        }
        return Sheet(panels, f"Step {step}: {parts}.", width=2 * CHART_PIXELS[0] + 12)

    def stills(self) -> dict[str, Any]:
        """The start, an early image, a later one, and the curves."""
        from course_lib.transfer import ImageOptimizer

        content = images.resize(self.content(self.settings["content"]), STILL_SIZE)
        style = images.resize(self.style(self.settings["style"]), STILL_SIZE)
        # Few steps a call: those of one call are compiled one after the other.
        optimizer = ImageOptimizer(content, style, steps=STILL_STEPS, **{"every": 2} | self.more)
        history: dict[str, list[float]] = {name: [] for name in ("step", *CURVES)}
        shown, wanted = {"the photograph": content}, [10, STILL_STEPS]
        while not optimizer.done:
            losses = optimizer.advance()
            for name, number in {"step": optimizer.step, **losses}.items():
                history[name].append(number)
            if optimizer.step >= wanted[0]:
                shown[f"after {optimizer.step} steps"] = optimizer.image
                wanted.pop(0)
        return shown | {"the losses": loss_chart(history, STILL_STEPS)}


def weights_of(settings: dict[str, Any]) -> dict[str, float]:
    """The weights of the losses that the three sliders ask for."""
    from course_lib.losses import CONTENT_WEIGHT, STYLE_WEIGHT, VARIATION_WEIGHT

    usual = {"content": CONTENT_WEIGHT, "style": STYLE_WEIGHT, "variation": VARIATION_WEIGHT}
    return {f"{name}_weight": settings[f"{name}_weight"] * one for name, one in usual.items()}


def loss_chart(history: dict[str, list[float]], steps: int) -> np.ndarray:
    """The curves of the losses as an image (height, width, 3).

    Args:
        history: name -> numbers: "step" and all in `CURVES`; empty before the start.
        steps: number of steps in all, the length of the axis.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = CHART_PIXELS
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, layout="constrained")
    axes = figure.subplots()
    # A loss of 0 has no place on a logarithmic axis, and one of nearly 0, as that of the content at
    # the start, would leave the others no room.
    least = 1e-6 * max(history.get("total", []), default=0.0)
    for name, color, line in zip(CURVES, COLORS, LINE_STYLES, strict=False):
        values = [value if value > least else np.nan for value in history.get(name, [])]
        steps_taken = history.get("step", [])
        axes.plot(
            steps_taken,
            values,
            label=lettered(name),
            color=color,
            linestyle=line,
            linewidth=1.6,
        )
    axes.set_xlim(0, steps)
    if history:
        axes.set_yscale("log")
    else:
        axes.set_yticks([])
    axes.set_xlabel(lettered("step"), fontsize=8)
    axes.set_ylabel(lettered("loss"), fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)
    figure.legend(
        loc="outside upper center",
        ncols=4,
        frameon=False,
        fontsize=8,
        handlelength=2.0,
        handletextpad=0.4,
        columnspacing=0.8,
    )
    set_fonts(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
