"""What the library says in Chinese: labs, outcomes, the doctor, errors, the command's help."""

import gettext
import io
import re

import pytest

from course_lib import collection, doctor, messages
from course_lib.errors import FileError, ImageError
from course_lib.exercises import exercise
from course_lib.messages import translate
from tests.helpers.checkout import ROOT
from tests.test_cli import course
from tests.widgets.samples import MAKERS, NEEDED, values_of

NAME = re.compile(r"relu\d_\d|[\d.]+")
HAN = ("\u3400", "\u9fff")


@pytest.fixture
def chinese(monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")


def has_han(text: str) -> bool:
    return any(HAN[0] <= sign <= HAN[1] for sign in text)


def test_in_english_nothing_changes():
    assert translate("Style lab") == "Style lab"


def test_a_language_without_catalog_is_english(monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "fr")
    assert translate("Style lab") == "Style lab"


def test_names_and_numbers_keep_their_places(chinese):
    assert translate("Style lab") == "风格实验台"
    assert translate("Saved a b.png, 3 x 4 pixels.") == "已保存 a b.png，3 x 4 像素。"
    assert translate("Nobody has translated this.") == "Nobody has translated this."


def test_a_message_in_a_message_is_translated_too(chinese):
    english = "given x, the result contains NaN or infinity."
    assert translate(f"Observed: {english}") == "观察到：输入 x 时，结果中含有 NaN 或无穷大。"


def test_the_lines_of_a_title_are_translated_each(chinese):
    assert translate("whole method\nstyle 0.39, content 0.86") == "完整方法\n风格 0.39，内容 0.86"


def test_what_stands_in_a_place_is_said_as_in_the_whole_title(chinese):
    """The name exists in figures only, and the line below it everywhere."""
    assert translate("no normalization") == "no normalization"
    said = translate("no normalization\nstyle 0.03, content 0.80", context="figure")
    assert said == "不归一化\n风格 0.03，内容 0.80"


def test_the_two_sides_that_a_title_names_are_translated_each(chinese):
    assert translate("before | after") == "之前 | 之后"
    assert translate("one | other") == "one | other"


def test_words_can_mean_something_of_their_own_in_a_context(chinese):
    assert translate("chelsea") == "chelsea", "a name that errors and labs show"
    assert translate("chelsea", context="figure") == "猫"
    assert translate("frame 12", context="figure") == "第 12 帧"
    assert translate("Style lab", context="figure") == translate("Style lab")
    assert translate("frame 12", "en", context="figure") == "frame 12"
    # No message of another place takes the name of the context for a word.
    assert translate("relu4_1, 1 number in 8", context="figure") == "relu4_1，8 个数留 1 个"


def test_the_longer_message_is_tried_first(chinese):
    said = translate("given 1, it returned 2, not 3.")
    assert said == "输入 1 时，它返回了 2，而不是 3。"


def test_an_error_keeps_its_english_words_and_shows_the_others(monkeypatch):
    monkeypatch.setattr("course_lib.errors.translate", lambda text: f"<{text}>")
    for kind in (ImageError, FileError):
        error = kind("What was wrong.")
        assert str(error) == "<What was wrong.>"
        assert error.args == ("What was wrong.",)


def test_an_exercise_answers_in_chinese(chinese, capsys):
    exercise("negative").check(...)
    exercise("negative").check(lambda image: 1 - image)
    said = capsys.readouterr().out
    assert "练习 negative：尚未作答" in said
    assert "练习 negative：正确" in said


def test_the_doctor_reports_in_chinese(chinese):
    checks = (doctor.Check("Memory", "2 GiB", "A lesson needs about 1.5 GiB.", "x"),)
    said = str(doctor.Report(checks))
    assert said.startswith("课程医生")
    assert "内存" in said and "一课大约需要 1.5 GiB。" in said and "解决办法：x" in said


def test_the_help_is_in_chinese(monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "zh")
    answer = course("--help")
    assert answer.returncode == 0
    assert "图像风格迁移中的自编码器" in answer.stdout
    assert "在 JupyterLab 中打开课程" in answer.stdout


@pytest.mark.parametrize("command", ["", "stylize"])
def test_the_help_in_chinese_is_not_cut_off(command, monkeypatch):
    for name, value in {"COURSE_LANGUAGE": "zh", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    answer = course(*command.split(), "--help")
    assert has_han(answer.stdout) and "…" not in answer.stdout


# --- labs ------------------------------------------------------------------------------------


@pytest.fixture
def unknown(monkeypatch, chinese):
    """The messages that were shown and have no entry in the catalog."""
    missed: list[str] = []

    def noted(text: str, language: str, context: str, depth: int) -> str:
        said = original(text, language, context, depth)
        if depth == messages.DEEPEST and said == text and text.strip():
            missed.append(text)
        return said

    original = messages._translated
    monkeypatch.setattr(messages, "_translated", noted)
    return missed


@pytest.mark.slow
@pytest.mark.parametrize("name", ["style_lab", "bottleneck_lab"])
def test_a_lab_speaks_chinese_and_does_what_it_did(unknown, name):
    """Every control over its range: what is not in Chinese is a name."""
    lab = MAKERS[name]()
    assert has_han(lab.children[0].value)
    for key, control in lab.controls.items():
        assert has_han(control.description), key
        lab.change(**NEEDED.get((name, key), {}))
        for value in values_of(control):
            control.value = value
            assert lab.error is None, f"{key} = {value}: {lab.line.value}"
            assert has_han(lab.line.value)
    names = {one.replace("_", " ") for kind in collection.names().values() for one in kind}
    others = {one for one in unknown if one not in names and not NAME.fullmatch(one)}
    assert others == set()


# --- the catalog ---------------------------------------------------------------------------


def test_the_file_that_is_read_is_what_translators_write():
    pytest.importorskip("babel", reason="Babel is in the group site")
    from babel.messages.pofile import read_po

    from workshop.translate.strings import DOMAIN, as_mo

    path = ROOT / DOMAIN
    catalog = read_po(io.BytesIO(path.read_bytes()), locale="zh")
    # The version of Babel, which stands in its head, is all that may differ.
    made, kept = (
        gettext.GNUTranslations(io.BytesIO(data))._catalog
        for data in (as_mo(catalog), path.with_suffix(".mo").read_bytes())
    )
    for entries in (made, kept):
        entries[""] = re.sub(r"Generated-By: Babel [\d.]+", "", entries[""])
    assert made == kept
    places = [(one.id, one.string) for one in catalog if one.id and one.string]
    assert len(places) >= 200
    for english, words in places:
        known = set(messages.PLACE.findall(english))
        assert set(messages.PLACE.findall(words)) == known, english
        assert known == {str(number) for number in range(len(known))}, english


def test_babel_finds_what_is_shown():
    pytest.importorskip("babel", reason="Babel is in the group site")
    from workshop.translate.strings import extract, extract_errors

    source = b'''
heading = "A lab of ours"
control = slider("how strong", 1)
def draw(self):
    """Not shown."""
    words = f"{name} in {number:.2f} steps."
    other = "not shown either"
    raise ImageError(f"{path}: no image. " "Give another.")
'''
    found = {message for _, _, message, _ in extract(io.BytesIO(source), [], [], {})}
    errors = {"{0}: no image. Give another."}
    assert found == {"A lab of ours", "how strong", "{0} in {1} steps."} | errors
    assert {one[2] for one in extract_errors(io.BytesIO(source), [], [], {})} == errors
