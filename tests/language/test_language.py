"""Which language is spoken, and what of a notebook changes when it is translated."""

import copy
import json

import pytest

from course_lib.errors import ArgumentError
from course_lib.language import (
    Entry,
    apply,
    as_text,
    chosen_language,
    entries_of,
    fingerprint,
    translated_notebook,
    translations,
    write_notebooks,
)
from course_lib.language import catalogs as catalogs_module
from tests.helpers.checkout import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SAID = "尚未译成中文"
VARIABLES = ("COURSE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def system(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "COURSE_LANGUAGE": "en"}, "en"),
        ({"LANG": "en_US.UTF-8", "COURSE_LANGUAGE": "zh-CN"}, "zh"),
        ({"LANG": "zh_CN", "COURSE_LANGUAGE": ""}, "zh"),
    ],
)
def test_the_setting_decides_and_else_the_system(system, settings, language):
    for name, value in settings.items():
        system(name, value)
    assert chosen_language() == language


def test_what_is_asked_for_comes_first(system):
    system("COURSE_LANGUAGE", "zh")
    assert chosen_language("en") == "en"


@pytest.mark.parametrize("setting", ["COURSE_LANGUAGE", None])
def test_a_language_that_the_course_does_not_speak_is_refused(system, setting):
    if setting:
        system(setting, "fr")
    with pytest.raises(ArgumentError, match=f"{setting or 'language'}=fr: the course speaks en"):
        chosen_language(None if setting else "fr")


# --- catalogs ------------------------------------------------------------------------------


def test_a_catalog_is_read_as_it_was_written():
    entries = [
        Entry("0123456789ab", "# 题目\n\n一段话"),
        Entry("fedcba987654", "", revise=False),
        Entry("aaaaaaaaaaaa", "旧的话", revise=True),
    ]
    text = as_text(entries)
    assert entries_of(text) == entries
    assert entries_of("Something before.\n" + text) == entries


def test_only_what_is_done_is_shown(tmp_path):
    path = tmp_path / "00.md"
    assert translations(path) == {}
    done, old = Entry("0123456789ab", "好"), Entry("aaaaaaaaaaaa", "旧", revise=True)
    path.write_text(as_text([done, old, Entry("bbbbbbbbbbbb", "")]), encoding="utf-8")
    assert translations(path) == {"0123456789ab": "好"}


def test_a_fingerprint_minds_words_and_not_lines():
    assert fingerprint("one two\nthree") == fingerprint("one\ntwo   three\n")
    for other in ("one two", "One two three", "one two three!", "onetwo three"):
        assert fingerprint(other) != fingerprint("one two three")


def test_a_passage_without_translation_stays_english_and_says_so_once_in_a_row():
    passages = ["# A", "b", "c", "", "d", "## E\n\ne"]
    known = {fingerprint("c"): "丙", fingerprint("# A"): "# 甲"}
    shown = apply(passages, known)
    assert shown[0] == "# 甲"
    assert SAID in shown[1] and shown[1].endswith("\n\nb")
    assert shown[2:4] == ["丙", ""]
    assert SAID in shown[4] and shown[5] == "## E\n\ne"


def test_the_line_stands_below_a_heading():
    [shown] = apply(["# A\nb"], {})
    heading, line, rest = shown.split("\n\n")
    assert (heading, rest) == ("# A", "b") and SAID in line


# --- notebooks -------------------------------------------------------------------------------


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def text_cells(notebook):
    return ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "markdown"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_but_the_text_is_that_of_the_english_notebook(path):
    """Byte for byte, with the translations that there are and with one for every passage."""
    english = read(path)
    before = copy.deepcopy(english)
    real = translations(ROOT / "lessons" / "zh" / f"{path.name[:2]}.md")
    every = {fingerprint(one.partition("\n\n[Open this")[0]): "好" for one in text_cells(english)}
    for known in (real, every):
        made = translated_notebook(english, known)
        assert english == before
        assert len(made["cells"]) == len(english["cells"])
        for cell, other in zip(made["cells"], english["cells"], strict=True):
            if cell["cell_type"] == "markdown":
                cell, other = dict(cell, source=""), dict(other, source="")
            assert json.dumps(cell) == json.dumps(other)
        assert {**made, "cells": []} == {**english, "cells": []}
    texts = text_cells(made)
    assert texts[0].startswith("好\n\n[在 Colab") and path.name in texts[0]
    assert set(texts[1:]) == {"好"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder of notebooks with one lesson, whose heading alone is translated."""
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Lesson 0: One\n"]},
        {"cell_type": "code", "id": "b", "metadata": {}, "source": ["1"], "outputs": []},
        {"cell_type": "markdown", "id": "c", "metadata": {}, "source": ["Words."]},
    ]
    notebooks, catalog = tmp_path / "notebooks", tmp_path / "lessons" / "zh" / "00.md"
    notebooks.mkdir()
    catalog.parent.mkdir(parents=True)
    monkeypatch.setattr(catalogs_module, "_FOLDERS", (tmp_path / "lessons",))
    (notebooks / "00-one.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}}))
    catalog.write_text(as_text([Entry(fingerprint("# Lesson 0: One"), "# 第 0 课：一")]))
    return notebooks


def test_notebooks_are_made_when_they_are_missing(course):
    assert write_notebooks(course) == []
    texts = text_cells(read(course / "zh" / "00-one.ipynb"))
    assert texts[0] == "# 第 0 课：一" and SAID in texts[1]


def test_a_notebook_that_nobody_touched_follows_the_english(course):
    write_notebooks(course)
    made = course / "zh" / "00-one.ipynb"
    first = made.read_bytes()
    write_notebooks(course)
    assert made.read_bytes() == first
    english = course / "00-one.ipynb"
    english.write_text(english.read_text().replace("Words.", "Other words."))
    assert write_notebooks(course) == []
    assert text_cells(read(made))[1].endswith("Other words.")


def test_a_notebook_in_which_somebody_worked_stays(course):
    write_notebooks(course)
    made = course / "zh" / "00-one.ipynb"
    made.write_text(made.read_text(encoding="utf-8").replace('"1"', '"my own work"'))
    mine = made.read_bytes()
    assert write_notebooks(course) == []
    english = course / "00-one.ipynb"
    english.write_text(english.read_text().replace("Words.", "Other words."))
    assert write_notebooks(course) == [made]
    assert made.read_bytes() == mine
