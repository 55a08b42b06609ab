"""What the programs of the pages say: marked, collected, and translated."""

import io
import re

import pytest

pytest.importorskip("babel", reason="Babel is in the group site")

from babel.messages.pofile import read_po

from tests.helpers.checkout import ROOT
from workshop.site.page_words import page_words
from workshop.translate.programs import message_of, program_files, program_messages, unmarked
from workshop.translate.strings import DOMAIN

# Values and selectors that look like words to readers.
NO_WORDS = {
    "pre, .table-wrapper, mjx-container[display='true']",
    *("picture.lesson-motion source", "article img", "a, button, .live-lab, dialog"),
    *("article td a[href*='notebooks/']", "canvas, img", ".tiles input"),
    *("side by side", "left part", "upper part", "painted by hand"),
}


def test_what_programs_say_is_marked():
    for path in program_files():
        texts = {one[1:-1] for one in unmarked(path.read_text(encoding="utf-8"))}
        texts = {one for one in texts if not re.search(r"px sans-serif|vw", one)}
        assert texts <= NO_WORDS, path.name


def test_words_without_a_mark_are_found():
    program = 'lab.say(tr`Nothing here.`); lab.say("All is well."); make("p", {title: "Reset"})'
    assert unmarked(program) == ['"All is well."', '"Reset"']


def test_a_template_becomes_a_message_with_places():
    assert message_of("`Step ${step} of ${a.b(c)}.`") == "Step {0} of {1}."


def test_everything_that_programs_say_has_a_translation():
    catalog = read_po(io.BytesIO((ROOT / DOMAIN).read_bytes()), locale="zh")
    known = {one.id: one.string for one in catalog if one.id}
    messages = {message for _, message in program_messages()}
    assert len(messages) > 100
    assert {one for one in messages if not known.get(one)} == set()


def test_pages_are_told_the_words_of_their_labs_too():
    told = [{"label": "kernel", "options": [["vertical edges", 1]], "first": "channel 7 again"}]
    words = page_words(told)
    assert words["Reset"] == "复位"
    assert words["kernel"] == "卷积核"
    assert words["channel 7 again"] == "仍是通道 7"
    assert "kernel" not in page_words([])
