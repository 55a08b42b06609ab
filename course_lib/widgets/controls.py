"""The controls of labs, all of one width, with their labels above one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from course_lib.messages import translate

CONTROL_WIDTH = "296px"
LABEL_WIDTH = "96px"


def _look(**layout: Any) -> dict[str, Any]:
    return {
        "style": {"description_width": LABEL_WIDTH},
        "layout": widgets.Layout(width=CONTROL_WIDTH, **layout),
    }


def spoken(options: Sequence[Any]) -> list[Any]:
    """Options whose words are in the reader's language; their values stay.

    Args:
        options: words, or pairs (words, value).
    """
    pairs = [one if isinstance(one, tuple) else (str(one), one) for one in options]
    translated = [(translate(words), value) for words, value in pairs]
    return list(options) if translated == pairs else translated


def slider(label: str, value: float, low: float, high: float, *, step: float = 0.05) -> Any:
    """A slider for a number with a fraction."""
    return widgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=translate(label),
        readout_format=".2f" if step < 0.1 else ".1f",
        **_look(),
    )


def whole_slider(label: str, value: int, low: int, high: int) -> Any:
    """A slider for a whole number."""
    return widgets.IntSlider(
        value=value, min=low, max=high, description=translate(label), **_look()
    )


def step_slider(label: str, options: Sequence[Any], value: Any) -> Any:
    """A slider that goes through a list, such as the taps; or through pairs (words, value)."""
    return widgets.SelectionSlider(
        options=spoken(options), value=value, description=translate(label), **_look()
    )


def choice(label: str, options: Sequence[Any], value: Any) -> Any:
    """A list to choose from: words, or pairs (words, value)."""
    return widgets.Dropdown(
        options=spoken(options), value=value, description=translate(label), **_look()
    )


def checkbox(label: str, value: bool) -> Any:
    """A box to tick."""
    return widgets.Checkbox(
        value=value,
        description=translate(label),
        indent=False,
        layout=widgets.Layout(width="auto", margin="2px 0 2px 104px"),
    )


def button(label: str, tooltip: str) -> Any:
    """A button; what it does is said at greater length when the mouse rests on it."""
    return widgets.Button(
        description=translate(label),
        tooltip=translate(tooltip),
        layout=widgets.Layout(width="auto", min_width="90px"),
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
    return widgets.Text(
        value=value, description=translate(label), continuous_update=False, **_look()
    )


def pages(groups: Mapping[str, Sequence[Any]]) -> Any:
    """Groups of controls of which one is seen at a time, chosen by buttons above them.

    Unlike the headings of a `Tab` or an `Accordion`, buttons can be reached by keyboard in all
    versions of ipywidgets.

    Args:
        groups: title -> controls.
    """
    boxes = {title: widgets.VBox(children) for title, children in groups.items()}
    chooser = widgets.ToggleButtons(
        options=spoken(list(groups)),
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
    setattr(control, name, translate(words))
    return control
