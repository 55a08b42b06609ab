"""What all labs share: controls on the left, one picture on the right, a line of words below.

A lab draws in the callback of a control and hands the browser the bytes of one JPEG or PNG file.
Nothing else is needed: no `interact`, no `Output`, no live Matplotlib. So it works with ipywidgets
7.7 and 8.1, and a notebook that holds one can be compared strictly.
"""

from __future__ import annotations

import html
import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from course_lib import collection, images
from course_lib.plots import draw_pictures, show_pictures
from course_lib.widgets.spoken import names_and_focus

CONTROL_WIDTH = "296px"
LABEL_WIDTH = "96px"
ERROR_COLOR = "#a11d00"
SMALLEST_UPLOAD = 16
UPLOADED = "yours: "
# Wide enough to see what the controls do, and small in the notebook's file.
STILLS_WIDTH = 400


# --- controls ----------------------------------------------------------------------------------


def _look(**layout: Any) -> dict[str, Any]:
    return {
        "style": {"description_width": LABEL_WIDTH},
        "layout": widgets.Layout(width=CONTROL_WIDTH, **layout),
    }


def slider(label: str, value: float, low: float, high: float, step: float = 0.05) -> Any:
    """A slider for a number with a fraction."""
    return widgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=label,
        readout_format=".2f" if step < 0.1 else ".1f",
        **_look(),
    )


def whole_slider(label: str, value: int, low: int, high: int) -> Any:
    """A slider for a whole number."""
    return widgets.IntSlider(value=value, min=low, max=high, description=label, **_look())


def step_slider(label: str, options: Sequence[Any], value: Any) -> Any:
    """A slider that goes through a list, such as the taps; or through pairs (words, value)."""
    return widgets.SelectionSlider(options=options, value=value, description=label, **_look())


def choice(label: str, options: Sequence[Any], value: Any) -> Any:
    """A list to choose from: words, or pairs (words, value)."""
    return widgets.Dropdown(options=options, value=value, description=label, **_look())


def checkbox(label: str, value: bool) -> Any:
    """A box to tick."""
    return widgets.Checkbox(
        value=value,
        description=label,
        indent=False,
        layout=widgets.Layout(width="auto", margin="2px 0 2px 104px"),
    )


def button(label: str, tooltip: str) -> Any:
    """A button; what it does is said at greater length when the mouse rests on it."""
    return widgets.Button(
        description=label, tooltip=tooltip, layout=widgets.Layout(width="auto", min_width="90px")
    )


def row(*children: Any) -> Any:
    """Small controls side by side, under those with labels."""
    layout = widgets.Layout(width=CONTROL_WIDTH, flex_flow="row wrap", margin="2px 0")
    return widgets.HBox(children, layout=layout)


def column(*children: Any) -> Any:
    """Controls one below the other."""
    return widgets.VBox(children, layout=widgets.Layout(width="auto"))


def text(label: str, value: str) -> Any:
    """A line to type into; it counts when Enter is pressed or the line is left."""
    return widgets.Text(value=value, description=label, continuous_update=False, **_look())


def pages(groups: Mapping[str, Sequence[Any]]) -> Any:
    """Groups of controls of which one is seen at a time, chosen by buttons above them.

    Unlike the headings of a `Tab` or an `Accordion`, buttons can be reached by keyboard in all
    versions of ipywidgets.

    Args:
        groups: title -> controls.
    """
    boxes = {title: widgets.VBox(children) for title, children in groups.items()}
    chooser = widgets.ToggleButtons(
        options=list(groups),
        style={"button_width": "auto"},
        layout=widgets.Layout(width="auto", margin="2px 0 6px 0"),
    )

    def turn(change: Any = None) -> None:
        for title, box in boxes.items():
            box.layout.display = None if title == chooser.value else "none"

    chooser.observe(turn, "value")
    turn()
    return widgets.VBox([chooser, *boxes.values()], layout=widgets.Layout(margin="8px 0 0 0"))


def explain(control: Any, words: str) -> Any:
    """Words for a control that has no label; they show when the mouse rests on it."""
    # ipywidgets 7 has another name for what 8 calls the tooltip.
    name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
    setattr(control, name, words)
    return control


def upload(label: str) -> Any:
    """A button that asks the reader for a picture file."""
    layout = widgets.Layout(width="auto", min_width="150px")
    return widgets.FileUpload(accept="image/*", multiple=False, description=label, layout=layout)


def uploaded_files(value: Any) -> list[tuple[str, bytes]]:
    """What is in a `FileUpload`.

    Args:
        value: its value: a dictionary in ipywidgets 7, a tuple in 8.

    Returns:
        A list of (name, bytes).
    """
    entries = value.values() if isinstance(value, Mapping) else value
    return [(entry.get("metadata", entry)["name"], bytes(entry["content"])) for entry in entries]


def read_upload(value: Any, size: int | None = None) -> tuple[str, np.ndarray]:
    """The picture that the reader has handed in last.

    Args:
        value: the value of a `FileUpload`.
        size: length of the longer side to bring it to.

    Returns:
        Its name and the picture (height, width, 3).

    Raises:
        PictureError: the file holds no picture that can be read, or one that is too small.
    """
    name, data = uploaded_files(value)[-1]
    file = io.BytesIO(data)
    # A file's name is what the errors of `images` call it.
    file.name = name
    return name, images.load_image(file, size=size, min_side=SMALLEST_UPLOAD)


# --- one drawing at a time ---------------------------------------------------------------------


class Newest:
    """Runs a function on request, never twice at a time, and leaves out what is out of date.

    A request that comes during a run is served after it; of several such requests the last one
    stands for all. Newer kernels call back from several threads, which is why there is a lock.

    Args:
        run: function without arguments that looks up the newest state by itself.
    """

    def __init__(self, run: Callable[[], None]):
        self._run = run
        self._lock = threading.Lock()
        self._asked = self._running = False
        self._holds = 0

    def request(self) -> None:
        """Run now, or right after the run that goes on."""
        with self._lock:
            self._asked = True
            if self._running or self._holds:
                return
            self._running = True
        self._serve()

    def _serve(self) -> None:
        try:
            while self._take():
                self._run()
        except BaseException:
            with self._lock:
                self._running = False
            raise

    def _take(self) -> bool:
        with self._lock:
            self._running, self._asked = self._asked, False
            return self._running

    @property
    def is_held(self) -> bool:
        """Whether several changes are being made that count as one."""
        return self._holds > 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Several changes that make one request."""
        with self._lock:
            self._holds += 1
        try:
            yield
        finally:
            with self._lock:
                self._holds -= 1
                waiting = self._asked and not self._holds and not self._running
                self._running = self._running or waiting
            if waiting:
                self._serve()


class Background:
    """Work on a thread of its own, in steps, which can be paused and stopped between two steps.

    The kernel stays free meanwhile: other cells run, and controls answer.

    Args:
        on_change: function of True when work begins and of False when it has ended, however it did.
        on_error: function of the exception that a step has raised.
    """

    def __init__(self, on_change: Callable[[bool], None], on_error: Callable[[Exception], None]):
        self.on_change, self.on_error = on_change, on_error
        self._thread: threading.Thread | None = None
        self._go_on = threading.Event()
        self._stopped = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether there is work that has not ended; it may be paused."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def is_paused(self) -> bool:
        """Whether the work waits for `resume`."""
        return self.is_running and not self._go_on.is_set()

    def start(self, steps: Iterator[None]) -> None:
        """Go through the steps; work that was going on is stopped first."""
        self.stop()
        before = self._thread
        self._go_on, self._stopped = threading.Event(), threading.Event()
        self._go_on.set()
        arguments = (steps, before, self._go_on, self._stopped)
        self._thread = threading.Thread(target=self._work, args=arguments, daemon=True)
        self._thread.start()

    def _work(
        self,
        steps: Iterator[None],
        before: threading.Thread | None,
        go_on: threading.Event,
        stopped: threading.Event,
    ) -> None:
        if before is not None:
            before.join()
        self.on_change(True)
        try:
            while not stopped.is_set() and next(steps, self) is not self:
                go_on.wait()
        except Exception as error:
            self.on_error(error)
        finally:
            self.on_change(False)

    def pause(self) -> None:
        """Wait after the step that goes on."""
        self._go_on.clear()

    def resume(self) -> None:
        """Go on after a pause."""
        self._go_on.set()

    def stop(self) -> None:
        """End after the step that goes on; this does not wait for it."""
        self._stopped.set()
        self._go_on.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the work has ended, for that many seconds at most."""
        if self._thread is not None:
            self._thread.join(seconds)


# --- the lab -----------------------------------------------------------------------------------


@dataclass
class Sheet:
    """What a lab shows for one state of its controls.

    Attributes:
        panels: title -> picture, as `plots.draw_pictures` takes them.
        words: what the numbers are; they stand in the line below.
        columns: panels in a row.
        width: width of the whole in pixels.
    """

    panels: dict[str, Any]
    words: str
    columns: int | None = None
    width: int | None = None


class Lab(widgets.VBox):
    """Controls, the picture that they make, and a line of words; errors are shown there too.

    A lab is a class of its own that says which controls it has and, in `draw`, what they make.

    Args:
        controls: name -> control. The names are those of the settings.
        panel: the controls as they are arranged, from top to bottom; by default one below the
            other.

    Attributes:
        settings: name -> value of each control.
        picture: the `ipywidgets.Image` that is drawn into.
        error: what the last drawing has raised, or None.
        drawings: how often it has drawn.
    """

    heading = "Lab"
    still_words = "A lab."

    def __init__(self, controls: dict[str, Any], panel: Sequence[Any] | None = None):
        self.controls = controls
        self.error: Exception | None = None
        self.drawings = 0
        self._drawn: dict[str, Any] | None = None
        self.picture = widgets.Image(format="jpeg", layout=widgets.Layout(max_width="100%"))
        self.line = widgets.HTML(layout=widgets.Layout(width="auto", min_height="1.6em"))
        self.newest = Newest(self._draw_or_report)
        super().__init__(self._arranged(panel or list(controls.values())))
        self.add_class("course-lab")
        # The first drawing is not guarded: a lab that cannot draw at all must stop the cell.
        self._show(self.settings)
        for control in controls.values():
            control.observe(lambda change: self.newest.request(), "value")

    def _arranged(self, panel: Sequence[Any]) -> list[Any]:
        heading = widgets.HTML(f"<b>{html.escape(self.heading)}</b>{names_and_focus()}")
        left = widgets.VBox(panel, layout=widgets.Layout(width="auto", margin="0 12px 8px 0"))
        right = widgets.VBox([self.picture], layout=widgets.Layout(flex="1 1 320px"))
        layout = widgets.Layout(flex_flow="row wrap", align_items="flex-start")
        return [heading, widgets.HBox([left, right], layout=layout), self.line]

    @property
    def settings(self) -> dict[str, Any]:
        """The value of each control."""
        return {name: control.value for name, control in self.controls.items()}

    def draw(self, settings: dict[str, Any]) -> Sheet:
        """What the lab shows for these settings; each lab has its own."""
        raise NotImplementedError

    def stills(self) -> dict[str, Any]:
        """Title -> picture, a few states of the lab for readers who cannot move its controls."""
        return self.draw(self.settings).panels

    def change(self, **values: Any) -> None:
        """Set several controls and draw once.

        Args:
            **values: name of a control -> its new value.
        """
        with self.newest.held():
            for name, value in values.items():
                self.controls[name].value = value

    def show(
        self,
        stills: Mapping[str, Any] | None = None,
        width: int = STILLS_WIDTH,
        alt: str | None = None,
    ) -> None:
        """Show the lab, and under it still pictures for those who only read the notebook.

        Args:
            stills: title -> picture, in place of the lab's own.
            width: how wide they are on the page together, in pixels.
            alt: what those show; by default what the lesson says, and of the lab's own stills what
                the lab says.
        """
        display(self)
        if not stills:
            stills, alt = self.stills(), alt or self.still_words
        show_pictures(stills, width=width, alt=alt)

    def say(self, words: str) -> None:
        """Put words into the line below the picture."""
        self.line.value = f'<div role="status">{html.escape(words, quote=False)}</div>'

    def report(self, error: Exception) -> None:
        """Show an error in the line below the picture; the last good picture stays."""
        self.error = error
        words = html.escape(f"{type(error).__name__}: {error}", quote=False)
        self.line.value = f'<div role="alert" style="color:{ERROR_COLOR}">{words}</div>'

    def redraw(self) -> None:
        """Draw again with the same settings, because something else has changed."""
        self._drawn = None
        self.newest.request()

    def _draw_or_report(self) -> None:
        settings = self.settings
        # One control may move another, and both call back: the second call finds all done.
        if settings == self._drawn:
            return
        try:
            self._show(settings)
        except Exception as error:
            self.report(error)

    def _show(self, settings: dict[str, Any]) -> None:
        sheet = self.draw(settings)
        data, width = self.encode(sheet)
        self.picture.format = "png" if data.startswith(b"\x89PNG") else "jpeg"
        self.picture.layout.width = f"{width}px"
        self.picture.value = data
        self.error, self._drawn = None, settings
        self.drawings += 1
        self.say(sheet.words)

    def encode(self, sheet: Sheet) -> tuple[bytes, int]:
        """The bytes of an image file, and its width on the page in pixels."""
        drawing = draw_pictures(
            sheet.panels, alt=sheet.words, columns=sheet.columns, width=sheet.width
        )
        return drawing.data, drawing.width

    def __repr__(self) -> str:
        # Where there is no Jupyter, and in a notebook that is only read, this is all there is.
        return f"{self.heading}: run this cell in Jupyter to use it. The pictures below show it."


# --- pictures to choose from -------------------------------------------------------------------


class PictureChoice:
    """A list of the collection's pictures, with room for those that the reader hands in.

    Args:
        label: words before the list.
        kind: "photographs" or "styles".
        value: the name chosen at first; "" for none.
        size: length of the longer side, or (height, width): then the middle is cut out to fit.
        none: words for the choice of no picture at all; "" leaves it out.
    """

    def __init__(
        self, label: str, kind: str, value: str, size: int | tuple[int, int], none: str = ""
    ):
        self.kind, self.size = kind, size
        self.own: dict[str, np.ndarray] = {}
        # A slider asks for the same pictures with each event.
        self.of_collection = lru_cache(maxsize=4)(self._of_collection)
        options = [(words_for(name), name) for name in collection.names()[kind]]
        self.control = choice(label, [*([(none, "")] if none else []), *options], value)

    def __call__(self, name: str) -> np.ndarray:
        """The picture of that name, (height, width, 3)."""
        return self.own[name] if name in self.own else self.of_collection(name)

    def _of_collection(self, name: str) -> np.ndarray:
        load = collection.photograph if self.kind == "photographs" else collection.style_picture
        return fitted(load(name), self.size)

    def add(self, name: str, picture: np.ndarray) -> None:
        """Offer a picture of the reader's, and choose it."""
        key = UPLOADED + name
        # A second file of the same name is another picture, and must be seen as a change.
        while key in self.own:
            key += "'"
        self.own[key] = picture
        self.control.options = [*self.control.options, (key, key)]
        self.control.value = key


def fitted(picture: np.ndarray, size: int | tuple[int, int]) -> np.ndarray:
    """The picture with that longer side; or its middle, cut out and brought to (height, width)."""
    if isinstance(size, int):
        return images.resize(picture, size)
    height, width = picture.shape[:2]
    scale = min(height / size[0], width / size[1])
    rows, columns = (max(1, round(side * scale)) for side in size)
    top, left = (height - rows) // 2, (width - columns) // 2
    return images.resize(picture[top : top + rows, left : left + columns], size)


def enlarged(values: np.ndarray, side: int) -> np.ndarray:
    """A map (height, width, ...) with that longer side, each value a rectangle of one color."""
    height, width = values.shape[:2]
    scale = side / max(height, width)
    rows = np.arange(max(1, round(height * scale))) * height // max(1, round(height * scale))
    columns = np.arange(max(1, round(width * scale))) * width // max(1, round(width * scale))
    return values[rows][:, columns]


def colored(values: np.ndarray, colors: str = "cividis") -> np.ndarray:
    """Values in [0, 1] as the colors of one of Matplotlib's maps, (height, width, 3)."""
    from matplotlib import colormaps

    return colormaps[colors](values)[..., :3].astype("float32")


def words_for(name: str) -> str:
    """A name of the collection as words: "palette knife"."""
    return name.replace("_", " ")
