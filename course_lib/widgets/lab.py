"""What all labs are: controls on the left, one image on the right, a line of words below.

A lab draws in the callback of a control and hands the browser the bytes of one JPEG or PNG file.
Nothing else is needed: no `interact`, no `Output`, no live Matplotlib. So it works with ipywidgets
7.7 and 8.1, and a notebook that holds one can be compared strictly.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from course_lib.messages import translate
from course_lib.plots import draw_images, show_images
from course_lib.widgets.background import Newest
from course_lib.widgets.spoken import names_and_focus

ERROR_COLOR = "#a11d00"
# Wide enough to see what the controls do, and small in the notebook's file.
STILLS_WIDTH = 400


@dataclass
class Sheet:
    """What a lab shows for one state of its controls.

    Attributes:
        panels: title -> image, as `plots.draw_images` takes them.
        words: what the numbers are; they stand in the line below.
        columns: panels in a row.
        width: width of the whole in pixels.
    """

    panels: dict[str, Any]
    words: str
    columns: int | None = None
    width: int | None = None


class Lab(widgets.VBox):
    """Controls, the image that they make, and a line of words; errors are shown there too.

    A lab is a class of its own that says which controls it has and, in `draw`, what they make.

    Args:
        controls: name -> control. The names are those of the settings.
        panel: the controls as they are arranged, from top to bottom; by default one below the
            other.

    Attributes:
        settings: name -> value of each control.
        image: the `ipywidgets.Image` that is drawn into.
        error: what the last drawing has raised, or None.
        drawings: how often it has drawn.
    """

    heading = "Lab"
    still_words = "A lab."

    def __init__(self, controls: dict[str, Any], *, panel: Sequence[Any] | None = None):
        self.controls = controls
        self.error: Exception | None = None
        self.drawings = 0
        self._drawn: dict[str, Any] | None = None
        self.image = widgets.Image(format="jpeg", layout=widgets.Layout(max_width="100%"))
        self.line = widgets.HTML(layout=widgets.Layout(width="auto", min_height="1.6em"))
        self.newest = Newest(self._draw_or_report)
        super().__init__(self._arranged(panel or list(controls.values())))
        self.add_class("course-lab")
        # The first drawing is not guarded: a lab that cannot draw at all must stop the cell.
        self._show(self.settings)
        for control in controls.values():
            control.observe(lambda change: self.newest.request(), "value")

    def _arranged(self, panel: Sequence[Any]) -> list[Any]:
        heading = widgets.HTML(f"<b>{html.escape(translate(self.heading))}</b>{names_and_focus()}")
        left = widgets.VBox(panel, layout=widgets.Layout(width="auto", margin="0 12px 8px 0"))
        right = widgets.VBox([self.image], layout=widgets.Layout(flex="1 1 320px"))
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
        """Title -> image, a few states of the lab for readers who cannot move its controls."""
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
        *,
        columns: int | None = None,
        width: int = STILLS_WIDTH,
        alt: str | None = None,
    ) -> None:
        """Show the lab, and under it still images for those who only read the notebook.

        Args:
            stills: title -> image, in place of the lab's own.
            alt: what those show; by default what the lesson says, and of the lab's own stills what
                the lab says.
            columns: how many stand in a row, as for `show_images`.
            width: how wide they are on the page together, in pixels.
        """
        display(self)
        if not stills:
            stills, alt = self.stills(), alt or self.still_words
        show_images(stills, columns=columns, width=width, alt=alt)

    def say(self, words: str) -> None:
        """Put words into the line below the image."""
        self.line.value = f'<div role="status">{html.escape(translate(words), quote=False)}</div>'

    def report(self, error: Exception) -> None:
        """Show an error in the line below the image; the last good image stays."""
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
        self.image.format = "png" if data.startswith(b"\x89PNG") else "jpeg"
        self.image.layout.width = f"{width}px"
        self.image.value = data
        self.error, self._drawn = None, settings
        self.drawings += 1
        self.say(sheet.words)

    def encode(self, sheet: Sheet) -> tuple[bytes, int]:
        """The bytes of an image file, and its width on the page in pixels."""
        drawing = draw_images(
            sheet.panels, alt=translate(sheet.words), columns=sheet.columns, width=sheet.width
        )
        return drawing.data, drawing.width

    def __repr__(self) -> str:
        # Where there is no Jupyter, and in a notebook that is only read, this is all there is.
        return f"{self.heading}: run this cell in Jupyter to use it. The images below show it."
