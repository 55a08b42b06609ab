"""Alternative text beside the code: how a figure finds it while its cell runs."""

from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest

from course_lib import plots
from course_lib.plots import alternatives, drawing

GRAY = np.full((8, 8), 0.5)
ONE = "plots.show_image(gray, title='gray')"
TWO = "for _ in range(2):\n    plots.show_image(gray, title='gray')"
TEXTS = {ONE: ["A gray square."], TWO: ["The first.", "The “second”."]}
NO_TEXT = "Images without description: gray."


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    """Runs cells as a kernel does; gives the alternative texts of what they show."""
    shell, shown = SimpleNamespace(), []
    monkeypatch.setattr(drawing, "display", shown.append)
    monkeypatch.setattr(alternatives, "get_ipython", lambda: shell)
    monkeypatch.setattr(alternatives, "FOLDER", tmp_path)
    (tmp_path / "01-squares.json").write_text(alternatives.as_json(TEXTS), encoding="utf-8")

    def run(code, kind="execute_request"):
        shown.clear()
        content = {"code": code} if kind == "execute_request" else {"data": {}}
        header = {"msg_id": str(uuid4()), "msg_type": kind}
        shell.parent_header = {"header": header, "content": content}
        exec(code, {"plots": plots, "gray": GRAY})
        return [figure.alt for figure in shown if isinstance(figure, plots.Drawing)]

    return run


def told(code, texts):
    """Keep the texts of one more cell, as a second lesson does."""
    path = alternatives.FOLDER / "02-more.json"
    path.write_text(alternatives.as_json({code: texts}), encoding="utf-8")


def test_a_figure_finds_its_words_by_the_code_of_its_cell(kernel):
    assert kernel(ONE) == ["A gray square."]
    assert kernel(TWO) == ["The first.", "The “second”."]


def test_a_cell_that_runs_again_begins_with_its_first_words(kernel):
    assert kernel(TWO) == kernel(TWO) == ["The first.", "The “second”."]
    assert kernel(ONE) == kernel(ONE) == ["A gray square."]


def test_spaces_at_line_ends_and_empty_lines_around_change_nothing(kernel):
    assert kernel(f"\n{TWO.replace(':', ':  ')}  \n\n") == TEXTS[TWO]


def test_a_changed_cell_gets_no_words_that_are_no_longer_true(kernel):
    assert kernel(ONE.replace("gray,", "1 - gray,")) == [NO_TEXT]


def test_figures_beyond_the_last_words_are_named_by_their_titles(kernel):
    three = TWO.replace("2", "3")
    told(three, ["The first."])
    assert kernel(three) == ["The first.", NO_TEXT, NO_TEXT]


def test_words_in_the_call_take_nothing_from_those_of_the_cell(kernel):
    mixed = f"plots.show_image(gray, alt='In the call.')\n{ONE}"
    told(mixed, ["Of the cell."])
    assert kernel(mixed) == ["In the call.", "Of the cell."]


def test_what_a_callback_of_a_widget_shows_takes_no_words_from_a_cell(kernel):
    assert kernel(ONE, kind="comm_msg") == [NO_TEXT]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: plots.show_image(GRAY), "Images without description."),
        (lambda: plots.show_matrix(GRAY, title="a\nb"), "Matrix without description: a b."),
        (
            lambda: plots.plot_lines({"": ([0, 1], [0, 1])}, "step", "loss"),
            "Lines without description: loss by step.",
        ),
    ],
)
def test_outside_of_notebooks_figures_are_named_by_their_titles(draw, words, monkeypatch):
    shown = []
    monkeypatch.setattr(drawing, "display", shown.append)
    monkeypatch.setattr(alternatives, "get_ipython", lambda: None)
    draw()
    assert shown[0].alt == words
