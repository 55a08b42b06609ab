"""What the lessons write into figures is in the catalog, in a context of its own."""

from course_lib.messages import CONTEXT_ENDS, _catalog
from course_lib.plots.lettering import CONTEXT
from workshop.translate.strings import figure_messages


def test_everything_that_lessons_write_into_figures_has_a_translation():
    exact, _ = _catalog("zh")
    found = {message for _, message in figure_messages()}
    assert {"content kept (more upward)", "frame {0}", "the voice"} <= found
    assert [one for one in sorted(found) if f"{CONTEXT}{CONTEXT_ENDS}{one}" not in exact] == []


def test_names_by_which_a_cell_collects_images_are_labels():
    """Handed over one by one, in a dictionary, or made in a loop: lessons 11, 9 and 2."""
    found = {message for _, message in figure_messages()}
    assert {"total variation", "the photograph recolored", "after round {0}"} <= found


def test_code_is_no_title():
    found = {message for _, message in figure_messages()}
    assert not found & {"relu4_1", "val_loss", "photo[::-1]", "photo[:, ::-1]", "float32"}
