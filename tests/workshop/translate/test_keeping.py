"""Translations are kept in step: passages, what is behind, entries for what is new."""

import pytest

from course_lib.language import Entry, entries_of, fingerprint, translations
from tests.helpers.checkout import ROOT
from workshop.translate import aligned, keeping, page_passages, pages, status, translated_page
from workshop.translate.pages import Page, chinese_readme, translated_passages

PAGE = """# One
words

<!-- numbers: begin -->
| a | 1 |
<!-- numbers: end -->

```shell
# no heading
```

## Two

Three.
"""


def test_a_page_is_cut_at_headings_and_around_what_programs_wrote():
    cut = page_passages(PAGE)
    firsts = [passage.split("\n")[0] for passage in cut]
    assert firsts == ["# One", "<!-- numbers: begin -->", "```shell", "## Two"]
    assert "\n\n".join(cut).split() == PAGE.split()


def test_every_page_is_its_passages_again():
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        assert "\n\n".join(page_passages(text)).split() == text.split(), path.name


def test_what_programs_wrote_is_neither_translated_nor_called_untranslated():
    cut = page_passages(PAGE)
    shown = translated_passages(cut, {fingerprint(cut[0]): "# 一"})
    assert shown[:2] == ["# 一", cut[1]]
    assert shown[2] != cut[2] and shown[3:] == cut[3:]


@pytest.mark.slow
def test_there_is_a_page_for_every_lesson_and_guide():
    names = [page.name for page in pages()]
    assert len(names) == len(set(names))
    for room in ("lessons", "classroom"):
        assert {f"{room}/{number:02}" for number in range(16)} <= set(names)
    guides = {f"docs/{path.stem}" for path in (ROOT / "docs").glob("*.md")}
    assert guides | {"docs/README", "docs/index"} <= set(names)
    for word in ("06", "lessons/06-what-style-is.py", "lessons/zh/06.md"):
        assert [page.name for page in pages([word])] == ["lessons/06", "classroom/06"]
    assert [page.name for page in pages(["docs/glossary.md"])] == ["docs/glossary"]


def entries(**texts: str) -> list[Entry]:
    return [Entry(fingerprint(english), chinese) for english, chinese in texts.items()]


def seen(result: list[Entry]) -> list[tuple[str, str, bool]]:
    names = {fingerprint(name): name for name in ("a", "b", "c", "d", "x")}
    return [(names[entry.fingerprint], entry.text, entry.revise) for entry in result]


HAD = {"a": "甲", "b": "乙", "c": "丙"}


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        ("abc", [("a", "甲", False), ("b", "乙", False), ("c", "丙", False)]),
        ("axc", [("a", "甲", False), ("x", "乙", True), ("c", "丙", False)]),
        ("abxc", [("a", "甲", False), ("b", "乙", False), ("x", "", False), ("c", "丙", False)]),
        ("ac", [("a", "甲", False), ("b", "乙", True), ("c", "丙", False)]),
        ("cab", [("c", "丙", False), ("a", "甲", False), ("b", "乙", False)]),
        ("", [("a", "甲", True), ("b", "乙", True), ("c", "丙", True)]),
        ("aab", [("a", "甲", False), ("b", "乙", False), ("c", "丙", True)]),
    ],
)
def test_no_translation_is_lost_and_changed_ones_are_marked(passages, expected):
    result = seen(aligned(list(passages), entries(**HAD)))
    assert sorted(result) == sorted(expected)
    kept = [entry for entry in result if entry[0] in passages]
    assert [entry[0] for entry in kept] == list(dict.fromkeys(passages))


def test_an_entry_to_be_revised_stays_so_until_its_word_is_taken_away():
    once = aligned(["a", "x"], entries(a="甲", b="乙"))
    assert seen(aligned(["a", "x"], once))[1] == ("x", "乙", True)
    assert seen(aligned(["a", "d"], once))[1] == ("d", "乙", True)


@pytest.fixture
def one_page(tmp_path, monkeypatch):
    """A course of one page; the list holds its passages, and tests change them."""
    passages = ["a", "b", "c"]
    page = Page("docs/one", passages, tmp_path / "docs" / "zh" / "one.md")
    monkeypatch.setattr(keeping, "pages", lambda named, *, root: [page])
    (tmp_path / "README.md").write_text("# Read\n")
    return page, passages, tmp_path


def counts(root) -> tuple[int, int, int, int]:
    [one] = status(root=root)
    return len(one.valid), len(one.revise), len(one.missing), len(one.left_over)


def test_from_nothing_to_a_translation_that_falls_behind(one_page):
    page, passages, root = one_page
    assert counts(root) == (0, 0, 3, 0)
    assert keeping.update(root=root) == [page.catalog, root / "README.zh.md"]
    assert keeping.update(root=root) == []
    text = page.catalog.read_text(encoding="utf-8")
    for passage, chinese in zip(passages, "甲乙丙", strict=True):
        line = f"<!-- {fingerprint(passage)} -->"
        text = text.replace(line, f"{line}\n{chinese}")
    page.catalog.write_text(text, encoding="utf-8")
    assert counts(root) == (3, 0, 0, 0)
    passages[1] = "x"
    assert counts(root) == (2, 1, 0, 0)
    assert fingerprint("x") not in translations(page.catalog)
    keeping.update(root=root)
    assert counts(root) == (2, 1, 0, 0)
    assert f"<!-- {fingerprint('x')} revise -->\n乙" in page.catalog.read_text(encoding="utf-8")
    del passages[2]
    assert counts(root) == (1, 1, 0, 1)
    [line] = [line for line in status(root=root)[0].details() if "left over" in line]
    assert fingerprint("c") in line


def test_a_page_is_shown_as_far_as_it_is_translated(tmp_path):
    catalog = tmp_path / "docs" / "zh" / "one.md"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(f"<!-- {fingerprint('# One')} -->\n# 一\n", encoding="utf-8")
    shown = translated_page("# One\n\n## Two\nwords\n", "one", root=tmp_path)
    assert shown == "# 一\n\n## Two\n\n> 以下内容尚未译成中文，暂以英文显示。\n\nwords\n"


def test_every_catalog_belongs_to_a_page_and_is_written_as_update_writes_it():
    known = {page.catalog for page in pages()}
    rooms = ("lessons", "classroom", "docs")
    found = [path for room in rooms for path in (ROOT / room / "zh").glob("*.md")]
    for path in found:
        if path.parent.parent.name == "lessons" and path.stem == "README":
            continue
        assert path in known, path
        digits = [entry.fingerprint for entry in entries_of(path.read_text(encoding="utf-8"))]
        assert len(digits) == len(set(digits)), f"{path} has an entry twice"


def test_the_readme_in_chinese_is_what_its_catalog_makes():
    made = (ROOT / "README.zh.md").read_text(encoding="utf-8")
    assert made == chinese_readme(ROOT), "run: course translate update README"
    assert "# 图像风格迁移中的自编码器" in made
