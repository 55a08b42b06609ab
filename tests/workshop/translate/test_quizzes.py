"""Self-tests in translation: passages of their questions, and questions again from these."""

import pytest

from course_lib.errors import BuildError
from course_lib.language import Entry, as_text, fingerprint
from tests.helpers.checkout import ROOT
from workshop.lessons import lessons
from workshop.lessons.quizzes import quiz_path, read_quiz
from workshop.translate import quiz_passages, translated_quiz

NUMBERS = [lesson.number for lesson in lessons(ROOT)]
TRANSLATION = """2 加 2 等于几？

- [ ] 22
  - 这是把数字并排写。
- [x] 4
  - 接着数。"""
QUESTION = """[[questions]]
ask = "What is 2 and {number}?"
choices = [
  {{ say = "2{number}", why = "Those are digits side by side." }},
  {{ say = "Their sum", right = true, why = "Count on." }},
]
"""


@pytest.fixture
def checkout(tmp_path):
    path = quiz_path(3, tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text("".join(QUESTION.format(number=number) for number in range(2, 6)))
    return tmp_path


def catalog(checkout, text):
    path = checkout / "03.md"
    digits = fingerprint(quiz_passages(3, checkout)[0])
    path.write_text(as_text([Entry(digits, text)]), encoding="utf-8")
    return path


def test_a_question_is_translated_and_the_others_stay_english(checkout):
    english = read_quiz(quiz_path(3, checkout))
    first, *rest = translated_quiz(3, catalog(checkout, TRANSLATION), checkout)
    assert first.ask == "2 加 2 等于几？"
    assert [(one.say, one.why, one.right) for one in first.choices] == [
        ("22", "这是把数字并排写。", False),
        ("4", "接着数。", True),
    ]
    assert first.key == english[0].key, "what has been solved is solved in every language"
    assert rest == english[1:]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[ ] 22", "[x] 22"),
        ("[x] 4", "[ ] 4"),
        ("\n- [x] 4\n  - 接着数。", ""),
        ("\n  - 接着数。", ""),
        ("接着数。", "接着数。\n- 5"),
    ],
)
def test_a_translation_with_other_choices_is_refused(checkout, old, new):
    assert old in TRANSLATION
    path = catalog(checkout, TRANSLATION.replace(old, new))
    with pytest.raises(BuildError, match="needs the choices of the English"):
        translated_quiz(3, path, checkout)


def test_a_translation_of_an_earlier_question_is_not_shown(checkout):
    path = catalog(checkout, TRANSLATION)
    quiz = quiz_path(3, checkout)
    quiz.write_text(quiz.read_text().replace("Count on.", "Count on from 2.", 1))
    assert translated_quiz(3, path, checkout) == read_quiz(quiz)


@pytest.mark.parametrize("number", NUMBERS)
def test_our_questions_have_the_choices_of_the_english_and_the_same_right_one(number):
    english = read_quiz(quiz_path(number))
    chinese = translated_quiz(number, ROOT / "lessons" / "zh" / f"{number:02}.md")
    assert [one.key for one in chinese] == [one.key for one in english]
    for own, other in zip(english, chinese, strict=True):
        assert [one.right for one in other.choices] == [one.right for one in own.choices]
