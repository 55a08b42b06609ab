"""The sets in Chinese: slides, plan and answers, and what has no translation yet."""

import re
from dataclasses import replace

import nbformat
import pytest

from course_lib.errors import BuildError
from course_lib.exercises import exercise
from course_lib.language import Entry, as_text, fingerprint
from course_lib.messages import translate
from tests.helpers.checkout import ROOT
from tests.workshop.classroom.handed_out import LESSONS, notebook_of
from workshop.classroom import read_material, write_sets
from workshop.classroom.languages import (
    lesson_in,
    material_in,
    material_passages,
    section_names,
)
from workshop.classroom.notebooks import student_notebook
from workshop.classroom.pages import PHRASES, README, STUDENT_README, phrase
from workshop.lessons import convert, lessons
from workshop.lessons.questions import questions_of

HAN = re.compile(r"[\u4e00-\u9fff]")
# English of more than a name: words in a row that no Chinese text has.
ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){3,}")
CODE = re.compile(r"(?s)```.*?```|`[^`]*`|<pre>.*?</pre>|<code>.*?</code>")
each_lesson = pytest.mark.parametrize("number", LESSONS)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """The sets of four lessons in Chinese, written once."""
    folder = tmp_path_factory.mktemp("class") / "sets"
    write_sets(folder, numbers=[0, 3, 6, 12], language="zh")
    return folder


@each_lesson
def test_all_of_the_teachers_material_has_its_parts_in_chinese(number):
    english = read_material(LESSONS[number])
    chinese = material_in(english, LESSONS[number], "zh")
    assert chinese.answers == english.answers
    assert [one.image for one in chinese.slides] == [one.image for one in english.slides]
    assert [bool(one.say) for one in chinese.slides] == [bool(one.say) for one in english.slides]
    assert [bool(one.note) for one in chinese.plan] == [bool(one.note) for one in english.plan]
    assert (chinese.minutes, chinese.all_minutes) == (english.minutes, english.all_minutes)
    texts = [chinese.knows or "无", *(one.part for one in chinese.plan)]
    for kind in (chinese.misconceptions, chinese.questions, chinese.slides):
        for one in kind:
            texts += [text for name, text in vars(one).items() if text and name != "image"]
    for text in texts:
        assert HAN.search(text) or text == "“AdaIN”", text
        assert not ENGLISH.search(CODE.sub("", text)), text


@each_lesson
def test_parts_of_a_plan_are_called_as_the_lesson_calls_its_sections(number):
    english = read_material(LESSONS[number])
    names = section_names(LESSONS[number], "zh")
    headings = [heading for part in english.plan for heading in part.headings]
    assert set(headings) <= set(names)


@pytest.mark.slow
def test_slides_are_chinese_and_have_the_lessons_images(sets, tmp_path):
    english = tmp_path / "english"
    write_sets(english, numbers=[6])
    name = f"{LESSONS[6].source.stem}.html"
    page, other = ((one / "teacher" / "slides" / name).read_text() for one in (sets, english))
    assert '<html lang="zh-CN">' in page and '<html lang="en">' in other
    assert "<title>第 6 课：风格是什么</title>" in page
    assert re.findall(r'src="[^"]*"', page) == re.findall(r'src="[^"]*"', other)
    assert page.count("<section") == other.count("<section")
    words = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", "\n", CODE.sub("", page), flags=re.DOTALL)
    assert not ENGLISH.search(words), ENGLISH.search(words)
    for said in ("学完本课，你能够", "本课的练习", "自测题", translate("The Gram matrix", "zh")):
        assert said in page
    asked = len(questions_of(convert(LESSONS[6])))
    assert page.rpartition("<h2>自测题</h2>")[2].count("<li>") == asked > 0


def test_a_student_gets_chinese_without_answers_and_exercises_that_speak_it(sets):
    notebook = notebook_of(sets, "student", 6)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# 第 6 课")
    assert "Colab" not in notebook.cells[0].source
    assert "details" not in notebook.cells[-1].source
    assert all(one.answer == "" for one in questions_of(notebook)) and questions_of(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    english = student_notebook(LESSONS[6]).cells
    same = [cell.source for cell in english if cell.cell_type == "code"]
    [(chinese, own)] = [pair for pair in zip(code, same, strict=True) if pair[0] != pair[1]]
    assert 'os.environ.setdefault("COURSE_LANGUAGE", "zh")' in chinese
    assert "COURSE_LANGUAGE" not in own


def test_a_teacher_gets_plan_answers_and_mistakes_in_chinese(sets):
    notebook = notebook_of(sets, "teacher", 6)
    material = material_in(read_material(LESSONS[6]), LESSONS[6], "zh")
    plan = notebook.cells[1].source
    assert plan.startswith("## 给教师：80 分钟")
    assert f"- *{material.misconceptions[0].belief}* {material.misconceptions[0].remedy}" in plan
    assert not ENGLISH.search(CODE.sub("", plan))
    text = "\n".join(cell.source for cell in notebook.cells)
    for answer in material.answers:
        for mistake in exercise(answer.id).misconceptions:
            assert translate(mistake.hint, "zh") in text and mistake.hint not in text
    opened = notebook.cells[-1].source.count("<details open>")
    assert opened == len(questions_of(convert(LESSONS[6])))


def test_what_stands_beside_the_notebooks_is_chinese(sets):
    assert "| 06 | 风格是什么 | 80 |" in (sets / "README.md").read_text()
    assert (sets / "student" / "README.md").read_text() == STUDENT_README["zh"]
    assert "在这里写你的答案" in (sets / "nbgrader" / "nbgrader_config.py").read_text()
    assert set(README) == set(STUDENT_README) == {"en", "zh"}


def test_a_phrase_has_the_same_places_in_both_languages():
    for english, chinese in PHRASES.items():
        # A Chinese noun has no plural.
        places = set(re.findall(r"\{\w+\}", english)) - {"{unit}"}
        assert places == set(re.findall(r"\{\w+\}", chinese)), english
    assert phrase("lesson {number}", "en", number=3) == "lesson 3"
    assert phrase("lesson {number}", "zh", number=3) == "第 3 课"


@pytest.fixture
def checkout(tmp_path):
    """A checkout with lesson 0, its material, and no translation."""
    for part in ("lessons", "classroom"):
        (tmp_path / part).mkdir()
        for path in (ROOT / part).glob("00-*"):
            (tmp_path / part / path.name).write_bytes(path.read_bytes())
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    [lesson] = lessons(tmp_path)
    return lesson


def write_catalog(lesson, *entries):
    folder = lesson.root / "classroom" / "zh"
    folder.mkdir()
    (folder / "00.md").write_text(as_text(entries), encoding="utf-8")


def test_what_has_no_translation_or_a_stale_one_is_english(checkout):
    material = read_material(checkout)
    first, second, *_ = material.questions
    old = fingerprint(f"{second.ask} Why?\n\n{second.answer}")
    asked = fingerprint(f"{first.ask}\n\n{first.answer}")
    write_catalog(checkout, Entry(asked, "问？\n\n答。\n\n再答。"), Entry(old, "旧？\n\n旧。"))
    chinese = material_in(material, checkout, "zh")
    assert (chinese.questions[0].ask, chinese.questions[0].answer) == ("问？", "答。\n\n再答。")
    assert chinese.questions[1:] == material.questions[1:]
    said = [replace(one, part="") for one in chinese.plan]
    assert said == [replace(one, part="") for one in material.plan]
    assert chinese.slides == [replace(one, text=one.text.strip()) for one in material.slides]
    assert lesson_in(checkout, "zh") == checkout


def test_a_translation_without_the_answer_is_refused(checkout):
    material = read_material(checkout)
    first = material.questions[0]
    write_catalog(checkout, Entry(fingerprint(f"{first.ask}\n\n{first.answer}"), "只有问题？"))
    with pytest.raises(BuildError, match="has one part"):
        material_in(material, checkout, "zh")


@each_lesson
def test_every_word_of_a_slide_is_in_its_passage(number):
    passages = "\n".join(material_passages(read_material(LESSONS[number])))
    for slide in read_material(LESSONS[number]).slides:
        for text in (slide.title, slide.text.strip(), slide.say.strip()):
            assert text in passages
