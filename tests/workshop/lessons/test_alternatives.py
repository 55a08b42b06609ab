"""Alternative text in a lesson's source: comment lines that are taken out of the code."""

import pytest

from workshop.lessons.alternatives import taken_out


@pytest.mark.parametrize(
    ("source", "code", "texts"),
    [
        ("# alt: A cat.\nshow(cat)", "show(cat)", ["A cat."]),
        ("# alt: A cat\n#      and a dog.\nshow()", "show()", ["A cat and a dog."]),
        ("# alt: A cat.\n# alt: Two.\n\nshow()", "show()", ["A cat.", "Two."]),
        ("# alt:\n#   A cat.\nshow()", "show()", ["A cat."]),
        ("# alt: A cat.\n# Now we show it.\nshow()", "# Now we show it.\nshow()", ["A cat."]),
        ("# Altogether: one.\nshow()", "# Altogether: one.\nshow()", []),
        ("\nshow()\n", "\nshow()\n", []),
    ],
)
def test_the_lines_of_alternative_text_are_taken_out_of_the_code(source, code, texts):
    assert taken_out(source) == (code, texts)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# alt:\nshow()", "no words"),
        ("# alt: A cat.\n# alt:\nshow()", "no words"),
        ("show()\n# alt: A cat.", "below code"),
        ("# We show it.\n# alt: A cat.\nshow()", "below code"),
    ],
)
def test_lines_that_would_be_lost_are_refused(source, words):
    with pytest.raises(ValueError, match=words):
        taken_out(source)
