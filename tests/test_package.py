"""The names of the package itself: those one guesses, and no framework before it is needed."""

import subprocess
import sys

import pytest

import course_lib
from course_lib import errors


def test_the_names_that_a_newcomer_guesses():
    assert set(course_lib.__all__) == {
        *("Autoencoder", "CourseError", "FeatureTransfer", "PaintingDecoder", "PixelTransfer"),
        *("load_image", "optimize_image", "save_image"),
    }
    for name in course_lib.__all__:
        assert getattr(course_lib, name).__name__ == name
    with pytest.raises(AttributeError, match="no_such_name"):
        course_lib.no_such_name  # noqa: B018


def test_reading_an_image_imports_no_framework():
    program = (
        "import sys, course_lib; from course_lib import load_image, save_image, CourseError, "
        "backend, budget, doctor, transfer; "
        "print({'keras', 'tensorflow', 'matplotlib', 'scipy'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (answer.stdout.strip(), answer.stderr) == ("set()", "")


def test_every_error_has_the_one_base_and_a_sentence():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert errors.ImageError in kinds
    for kind in kinds:
        assert issubclass(kind, errors.CourseError) and kind.__doc__
