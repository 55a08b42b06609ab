"""The self-tests of the lessons: what a file must hold, and what a page makes of it."""

import re
from pathlib import Path

import nbformat
import pytest

from course_lib.errors import BuildError
from tests.helpers.checkout import ROOT
from workshop.lessons import lessons
from workshop.lessons.quizzes import FEWEST, Choice, QuizQuestion, quiz_path, read_quiz
from workshop.site.quizzes import self_test, with_progress, with_self_test

NUMBERS = [lesson.number for lesson in lessons(ROOT)]
QUESTION = """
[[questions]]
ask = "What is {number} and 1?"
choices = [
  {{ say = "{number}1", why = "Those are digits side by side." }},
  {{ say = "One more", right = true, why = "Count on." }},
]
"""


def written(folder: Path, *questions: str) -> Path:
    path = folder / "03.toml"
    path.write_text("".join(questions))
    return path


def good(count: int = FEWEST) -> list[str]:
    return [QUESTION.format(number=number) for number in range(count)]


# --- the course's own ------------------------------------------------------------------------


@pytest.mark.parametrize("number", NUMBERS)
def test_every_lesson_has_four_questions_with_one_right_choice(number):
    questions = read_quiz(quiz_path(number))
    assert len(questions) >= 4
    for question in questions:
        right = sum(choice.right for choice in question.choices)
        assert right == 1 or question.several, question.ask
        assert len(question.choices) >= 3, question.ask
        assert all(len(choice.why) >= 20 for choice in question.choices), question.ask
        assert len({choice.why for choice in question.choices}) == len(question.choices)


def test_no_file_is_without_its_lesson():
    files = {path.name for path in (ROOT / "lessons" / "quizzes").iterdir()}
    assert files == {f"{number:02}.toml" for number in NUMBERS}


def test_who_knows_nothing_cannot_pass_by_a_trick():
    """Neither one place nor the longest choice is right much more often than chance has it."""
    questions = [question for number in NUMBERS for question in read_quiz(quiz_path(number))]
    chance = sum(1 / len(question.choices) for question in questions)
    for place in range(3):
        assert sum(question.choices[place].right for question in questions) < 1.35 * chance
    by_length = [sorted(one.choices, key=lambda choice: len(choice.say)) for one in questions]
    for place in (0, -1):
        assert sum(choices[place].right for choices in by_length) < 1.35 * chance


# --- reading a file --------------------------------------------------------------------------


def test_a_good_file_is_read(tmp_path):
    questions = read_quiz(written(tmp_path, *good()))
    assert len(questions) == FEWEST
    assert questions[0].ask == "What is 0 and 1?"
    assert [choice.right for choice in questions[0].choices] == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"Count on."', '" "', "empty text"),
        ('ask = "What is 0 and 1?"', 'ask = ""', "empty text"),
        ("right = true", "right = false", "a right choice and a wrong one"),
        ('say = "01",', 'say = "01", right = true,', "a right choice and a wrong one"),
        ('say = "01"', 'say = "One more"', "the same twice"),
        ("why = ", "because = ", "because"),
        ('ask = "What is 0 and 1?"', "", "ask"),
        ("choices", "answers", "choices"),
        ("[[questions]]", "[[question]]", "question"),
        ("ask = ", "ask : ", "Expected"),
        ("What is 0 and 1?", "What is 1 and 1?", "occurs twice|3 questions"),
    ],
)
def test_each_fault_of_a_file_is_named(tmp_path, old, new, fault):
    text = good()
    text[0] = text[0].replace(old, new)
    if "occurs twice" in fault:
        text[0] = text[1]
    with pytest.raises(BuildError, match=f"03.toml: .*({fault})"):
        read_quiz(written(tmp_path, *text))


def test_several_right_choices_must_be_meant(tmp_path):
    third = '  { say = "A third", right = true, why = "This, too." },\n]'
    text = good()
    text[0] = QUESTION.format(number=0).removesuffix("]\n") + third + "\n"
    with pytest.raises(BuildError, match="has 2 right choices; write several = true"):
        read_quiz(written(tmp_path, *text))
    text[0] = text[0].replace("ask =", "several = true\nask =")
    assert read_quiz(written(tmp_path, *text))[0].several


def test_too_few_questions_and_no_file_are_faults(tmp_path):
    with pytest.raises(BuildError, match="3 questions; 4 or more"):
        read_quiz(written(tmp_path, *good(3)))
    with pytest.raises(BuildError, match="Every lesson has a self-test"):
        read_quiz(tmp_path / "04.toml")


# --- on the page -----------------------------------------------------------------------------

ASKED = QuizQuestion(
    "Is `a < b` *true*?", (Choice("<b>no</b>", "It is."), Choice("yes", "So it is.", right=True))
)


def test_another_question_has_another_key():
    other = QuizQuestion(ASKED.ask, (Choice("never", "It is."), *ASKED.choices[1:]))
    assert re.fullmatch("[0-9a-f]{10}", ASKED.key)
    assert ASKED.key != other.key
    better = QuizQuestion(ASKED.ask, tuple(Choice(c.say, "!", c.right) for c in ASKED.choices))
    assert ASKED.key == better.key, "a better explanation does not make the reader forget"


def test_a_question_can_be_read_without_any_program():
    text = self_test([ASKED], 3)
    assert "Is <code>a &lt; b</code> <em>true</em>?" in text
    assert "<li>&lt;b&gt;no&lt;/b&gt;</li><li>yes</li>" in text
    assert "<li><strong>No.</strong> It is.</li>" in text
    assert "<li data-right><strong>Right.</strong> So it is.</li>" in text
    assert "\n\n" not in text[text.index("<div") :], "an empty line would end the HTML"


def test_around_questions_in_chinese_all_words_are_chinese():
    text = self_test(
        [QuizQuestion("对吗？", (Choice("对", "是。", True), Choice("错", "不是。")))], 3, "zh"
    )
    assert text.startswith("## 选择题")
    assert "<li data-right><strong>对。</strong> 是。</li>" in text
    assert "<li><strong>不对。</strong> 不是。</li>" in text
    assert "<summary>第 1 题的答案</summary>" in text
    shown = re.sub(r"\]\(.*?\)|<.*?>", "", text + with_progress("", {3: 1}, "zh"))
    assert set(re.findall("[A-Za-z-]{2,}", shown)) == {"your-progress", "JavaScript"}


def page_of(*cells: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in cells])


def test_the_self_test_stands_before_the_reading_list():
    page = page_of("# Lesson 3: A test", "## Summary\n- x\n\n### Reading\n- y")
    with_self_test(page, [ASKED], 3)
    texts = [cell.source for cell in page.cells]
    assert texts[1] == "## Summary\n- x"
    assert texts[2].startswith("## Self-test")
    assert texts[3] == "### Reading\n- y"


def test_a_reading_list_in_chinese_is_found():
    page = page_of("# 第 3 课：试", "## 小结\n- 甲\n\n## 延伸阅读\n- 乙")
    with_self_test(page, [ASKED], 3, "zh")
    assert [cell.source[:4] for cell in page.cells[1:]] == ["## 小", "## 选", "## 延"]


def test_without_a_reading_list_it_stands_at_the_end():
    page = page_of("# Lesson 3: A test", "The Reading of numbers")
    with_self_test(page, [ASKED], 3)
    assert len(page.cells) == 3
    assert 'data-lesson="03"' in page.cells[-1].source


def test_the_map_knows_how_many_questions_there_are():
    text = with_progress("# Map\n", {0: 5, 12: 6})
    assert text.startswith("# Map\n")
    assert 'data-totals="{&quot;00&quot;: 5, &quot;12&quot;: 6}"' in text
