"""The web course: how pages are made and checked, and that the guides say what is true."""

import base64
import gzip
import io
import itertools
import pkgutil
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from course_lib import images, widgets
from course_lib.errors import BuildError, FileError
from course_lib.export.packing import pack
from course_lib.plots import as_image
from tests.helpers.checkout import ROOT
from workshop.galleries import animations, gallery
from workshop.lessons import lessons
from workshop.site import (
    PageAnimation,
    build_site,
    building,
    check_pages,
    labs,
    lesson_page,
    read_animations,
)
from workshop.site.building import with_links_out
from workshop.site.first_answers import show_first_answers
from workshop.site.lesson_pages import LIVE

DOCS = ROOT / "docs"
SPELLED = ("lessons", "docs", "course_lib", "workshop", "tests", "README.md", "CONTRIBUTING.md")
NAME = re.compile(r"`(course_lib(?:\.\w+)+)`")
PNG = images.to_bytes(np.zeros((2, 3, 3), "float32"), format="png")
ANIMATIONS = read_animations(DOCS / "animations")


def words_of(page: str) -> str:
    return (DOCS / f"{page}.md").read_text(encoding="utf-8")


# --- a lesson's page ------------------------------------------------------------------------


def output(**data):
    return nbformat.v4.new_output("display_data", {k.replace("_", "/"): v for k, v in data.items()})


def image(alt: str, content: bytes = PNG):
    shown = output(image_png=base64.b64encode(content).decode(), text_plain=f"Figure: {alt}")
    shown.metadata = {"image/png": {"alt": alt, "width": 300, "height": 200}}
    return shown


def spoken(alt: str):
    return output(text_html=f'<span class="alt" style="height:1px">{alt}</span>', text_plain="")


def notebook(*outputs):
    cell = nbformat.v4.new_code_cell("lab.show()", outputs=list(outputs), execution_count=1)
    title = nbformat.v4.new_markdown_cell("# Lesson 3: A test")
    setup = nbformat.v4.new_code_cell("import sys", metadata={"tags": ["setup"]})
    return nbformat.v4.new_notebook(cells=[title, setup, cell])


def widget():
    shown = output(text_plain="Lab")
    shown.data["application/vnd.jupyter.widget-view+json"] = {"model_id": "0"}
    return shown


def moving(format: str) -> bytes:
    """An image that goes from red to blue."""
    red, blue = (Image.new("RGB", (4, 3), color) for color in ("#f00", "#00f"))
    file = io.BytesIO()
    red.save(file, format, save_all=True, append_images=[blue], duration=200, loop=0)
    return file.getvalue()


@pytest.mark.slow
def test_sphinx_leaves_nothing_but_the_pages(tmp_path):
    pytest.importorskip("myst_nb")
    source, pages = tmp_path / "workshop" / "source", tmp_path / "web" / "pages"
    source.mkdir(parents=True)
    (source / "conf.py").write_text('extensions = ["myst_nb"]\nnb_execution_mode = "off"\n')
    cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_markdown_cell("Text.")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source / "index.ipynb")
    assert building._build_pages(source, pages, [], {}) == ""
    assert (pages / "index.html").is_file()
    assert [path.name for path in pages.parent.iterdir()] == ["pages"]


def test_a_lab_is_left_out_and_the_image_beside_it_stays():
    page, _ = lesson_page(notebook(widget(), image("A cat")), "03-test")
    assert len(page.cells[2].outputs) == 1
    assert 'alt="A cat"' in page.cells[2].outputs[0].data["text/html"]


def test_an_image_becomes_a_file_with_its_words_and_size():
    page, images = lesson_page(notebook(image('A "cat" & a mouse')), "03-test")
    [(name, content)] = images.items()
    assert content == PNG
    [shown] = page.cells[2].outputs
    tag = shown.data["text/html"]
    assert f'src="../pictures/{name}"' in tag
    assert 'alt="A &quot;cat&quot; &amp; a mouse"' in tag
    assert 'width="300" height="200"' in tag


def test_words_for_screen_readers_are_not_said_twice():
    alt = "A cat, the artist&#x27;s"
    same, other = spoken(alt), spoken("Something else")
    page, _ = lesson_page(notebook(image("A cat, the artist's"), same, other), "03-test")
    kept = [shown.data["text/html"] for shown in page.cells[2].outputs]
    assert len(kept) == 2
    assert "Something else" in kept[1]


def test_two_images_of_a_cell_are_two_files():
    _, images = lesson_page(notebook(image("A cat"), image("A cup")), "03-test")
    assert len(images) == 2


def test_the_set_up_is_folded_away_and_the_notebook_stays_as_it_is():
    source = notebook(image("A cat"))
    page, _ = lesson_page(source, "03-test")
    assert "hide-input" in page.cells[1].metadata.tags
    assert source.cells[1].metadata.tags == ["setup"]
    assert "image/png" in source.cells[2].outputs[0].data
    assert '<a href="03-test.ipynb" download>' in page.cells[0].source


def test_no_page_shows_alternative_text_or_the_set_up_in_its_code():
    for lesson in lessons(ROOT):
        page, _ = lesson_page(nbformat.read(lesson.notebook, 4), lesson.notebook.stem)
        for cell in page.cells:
            folded = "hide-input" in cell.metadata.get("tags", [])
            assert "# alt:" not in cell.source or cell.cell_type != "code", lesson.source.name
            assert folded == ("find_spec(" in cell.source), lesson.source.name


def test_an_animation_stands_where_its_lab_was():
    fades = PageAnimation("fade", 3, "lab.show()", 'A "cat" fades', "It <fades>.", moving("WEBP"))
    shown = notebook(widget(), image("A cat"))
    page, images = lesson_page(shown, "03-test", animations=[fades])
    figure, still = (one.data["text/html"] for one in page.cells[2].outputs)
    assert 'src="../pictures/fade.webp" alt="A &quot;cat&quot; fades" width="4"' in figure
    assert "<figcaption>It &lt;fades&gt;.</figcaption>" in figure
    assert 'alt="A cat"' in still and "<picture" not in still
    assert images["fade.webp"] == fades.content


@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_paper_and_who_wants_no_motion_get_the_first_frame(format):
    page, images = lesson_page(notebook(image("A light", moving(format))), "03-test")
    [shown] = page.cells[2].outputs
    media = 'media="print, (prefers-reduced-motion: reduce)"'
    assert f'<source {media} srcset="../pictures/03-2-0-still.webp">' in shown.data["text/html"]
    still = Image.open(io.BytesIO(images["03-2-0-still.webp"]))
    assert still.n_frames == 1
    red, green, blue = still.convert("RGB").getpixel((1, 1))
    assert red > 200 > 60 > max(green, blue)


def test_a_lab_that_lives_in_the_page_stands_before_its_still_images():
    shown = notebook(widget(), image("A cat"))
    page, images = lesson_page(shown, "03-test", labs={"Lab": "style_lab"})
    lab, still = (one.data["text/html"] for one in page.cells[2].outputs)
    assert '<div class="live-lab" id="style_lab" data-lab="style_lab"></div>' in lab
    assert still.startswith('<div class="lesson-still">') and 'alt="A cat"' in still
    assert len(images) == 1
    page, _ = lesson_page(shown, "03-test", labs={"Another lab": "style_lab"})
    [still] = page.cells[2].outputs
    assert "lesson-still" not in still.data["text/html"]


def test_an_animation_whose_lab_is_not_there_is_a_fault():
    lost = PageAnimation("fade", 3, "style_lab()", "A cat", "It fades.", moving("WEBP"))
    with pytest.raises(BuildError, match=r"fade stands beside style_lab\(\), and 0 cells"):
        lesson_page(notebook(widget()), "03-test", animations=[lost])


def test_an_animation_that_is_not_there_is_named(tmp_path):
    (tmp_path / "animations.toml").write_text("[fade]\nlesson = 3\n")
    with pytest.raises(BuildError, match=r"galleries\.animations fade"):
        read_animations(tmp_path)


def test_every_image_of_the_lessons_has_words_on_its_page():
    built = [lesson for lesson in lessons(ROOT) if lesson.notebook.is_file()]
    assert len(built) >= 14
    for lesson in built:
        own = [one for one in ANIMATIONS if one.lesson == lesson.number]
        notebook = nbformat.read(lesson.notebook, 4)
        page, images = lesson_page(notebook, lesson.notebook.stem, animations=own)
        assert {f"{one.name}.webp" for one in own} <= set(images), lesson.notebook.name
        shown = re.findall(r'<img class="lesson-picture"[^>]*>', nbformat.writes(page))
        html = [part.replace('\\"', '"') for part in shown]
        assert len(images) > 0, lesson.notebook.name
        assert all('alt=""' not in tag for tag in html), lesson.notebook.name


# --- labs -----------------------------------------------------------------------------------


def test_a_lab_of_a_page_has_the_controls_of_the_notebook_s(tmp_path, monkeypatch):
    monkeypatch.setitem(labs.LABS, "convolution_bench", labs.PageLab())
    bench = widgets.convolution_bench()
    told, answer = labs.described("convolution_bench", bench)
    assert {name: one["value"] for name, one in told["controls"].items()} == bench.settings
    stride = {"kind": "slider", "label": "stride", "value": 1, "min": 1, "max": 4, "step": 1}
    assert told["controls"]["stride"] == stride
    assert ["maximum, 2 x 2", "max"] in told["controls"]["pooling"]["options"]
    drawn = bench.draw(bench.settings)
    assert told["first"]["words"] == drawn.words
    for panel, (title, picture) in zip(told["first"]["panels"], drawn.panels.items(), strict=True):
        assert panel["title"] == title
        (tmp_path / "panel.png").write_bytes(answer[Path(panel["file"]).name])
        stored = images.load_image(tmp_path / "panel.png")
        assert np.abs(stored - as_image(picture)).max() <= 0.5 / 255 + 1e-6


def test_a_stored_answer_stands_in_the_page_itself(tmp_path):
    place = LIVE.format(name="bench")
    (tmp_path / "lesson.html").write_text(f"<main>{place}</main>", encoding="utf-8")
    panels = [{"title": "photograph", "file": "first/bench-0.png", "width": 96}]
    first = {"panels": panels, "words": "size < 3", "columns": "thumbnails"}
    told = [{"name": "bench", "heading": "Bench", "first": first}, {"size": 3}]
    show_first_answers(tmp_path, told, "zh")
    page = (tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert 'data-lab="bench"><p class="heading">Bench</p>' in page
    assert 'src="../labs/first/bench-0.png" alt="照片" style="width: 96px"' in page
    assert "size &lt; 3" in page
    show_first_answers(tmp_path, told, "en")
    assert (tmp_path / "lesson.html").read_text(encoding="utf-8") == page


@pytest.mark.parametrize("length", [0, 10, 1_000_000])
def test_what_is_packed_comes_out_again(tmp_path, length):
    data = np.random.default_rng(0).integers(0, 256, length, "uint8").tobytes()
    count = pack("noise", data, tmp_path)
    assert count == (3 if length > 10 else 1)
    packed = b""
    for number in range(count):
        script = (tmp_path / f"noise-{number}.js").read_text()
        call = re.fullmatch(r'course\.deliver\("noise",(\d+),"([\w+/=]*)"\);\n', script)
        assert int(call[1]) == number
        packed += base64.b64decode(call[2])
    assert gzip.decompress(packed) == data


# --- checking pages -------------------------------------------------------------------------


def write_site(folder: Path, body: str) -> Path:
    (folder / "sub").mkdir()
    (folder / "index.html").write_text(f"<html><body>{body}</body></html>")
    (folder / "sub" / "index.html").write_text('<h1 id="top">x</h1>')
    (folder / "cat.jpg").write_bytes(b"x")
    return folder


GOOD = """<a href="sub/index.html#top">a</a> <a href="sub/">b</a> <a href="#here">c</a>
<p id="here"><img src="cat.jpg" alt="A cat"></p> <a href="https://example.org/">outside</a>"""


def test_a_good_page_has_no_faults(tmp_path):
    assert check_pages(write_site(tmp_path, GOOD)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "gone.html leads nowhere"),
        ('<a href="sub/index.html#gone">x</a>', "#gone leads nowhere"),
        ('<a href="#gone">x</a>', "#gone leads nowhere"),
        ('<img src="gone.jpg" alt="A cat">', "gone.jpg leads nowhere"),
        ('<img src="cat.jpg">', "no alternative text"),
        ('<img src="cat.jpg" alt=" ">', "no alternative text"),
        ('<source srcset="cat.jpg, gone.jpg 2x">', "gone.jpg leads nowhere"),
        ('<source srcset="https://example.org/x.webp">', "another host"),
        ('<script src="https://example.org/x.js"></script>', "another host"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "another host"),
        ('<img src="http://example.org/x.png" alt="A cat">', "another host"),
    ],
)
def test_each_fault_of_a_page_is_found(tmp_path, body, fault):
    [line] = check_pages(write_site(tmp_path, body))
    assert line.startswith("index.html: ")
    assert fault in line


# --- building -------------------------------------------------------------------------------


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(FileError, match="other files"):
            build_site(tmp_path, overwrite=overwrite)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_without_a_checkout_it_says_so(tmp_path):
    with pytest.raises(BuildError, match="Use a checkout"):
        build_site(tmp_path / "out", root=tmp_path)


def test_without_npm_it_says_what_npm_is_for(tmp_path, monkeypatch):
    site = tmp_path / "docs" / "site"
    site.mkdir(parents=True)
    for name in ("conf.py", "package.json"):
        shutil.copy(DOCS / "site" / name, site)
    monkeypatch.setattr(building, "NEEDED", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"npm is not installed.*MathJax"):
        build_site(tmp_path / "out", root=tmp_path)
    assert not (tmp_path / "out").exists()


def test_links_to_files_that_are_no_pages_lead_to_the_repository(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "glossary.md").touch()
    text = "[a](glossary.md) [b](../data/manifest.toml) [c](../gone.md) [d](https://x.org) "
    text += "[e](../workshop/galleries/sheet.py)"
    changed = with_links_out(text, DOCS / "formulas.md", ROOT, tmp_path)
    assert "[a](glossary.md)" in changed
    assert re.search(r"\[b\]\(https://\S+/blob/main/data/manifest.toml\)", changed)
    assert "[c](../gone.md) [d](https://x.org)" in changed
    assert changed.endswith("/blob/main/workshop/galleries/sheet.py)")


# --- what the guides say --------------------------------------------------------------------


@pytest.mark.parametrize("page", ["formulas", "glossary", "teachers-guide", "course-map"])
def test_every_name_in_a_guide_is_a_part_of_the_library(page):
    for name in NAME.findall(words_of(page)):
        pkgutil.resolve_name(name)


def entries_of(page: str) -> dict[str, str]:
    parts = re.split(r"^### (.+)$", words_of(page), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_formula_has_its_function():
    entries = entries_of("formulas")
    assert len(entries) >= 30
    for title, text in entries.items():
        assert text.count("$$") >= 2, f"{title} has no formula"
        assert NAME.search(text), f"{title} names no function"
        assert re.search(r"\(lessons? \d+", title) or "(lesson" in title, title


def test_every_lesson_with_a_formula_is_on_the_page_of_formulas():
    told = {int(number) for number in re.findall(r"\(lesson (\d+)\)", words_of("formulas"))}
    with_formulas = {
        lesson.number for lesson in lessons(ROOT) if lesson.source.read_text().count("$$") >= 2
    }
    assert with_formulas - told == set()


def test_the_glossary_names_lessons_that_there_are():
    named = {int(number) for number in re.findall(r"[Ll]essons? (\d+)", words_of("glossary"))}
    assert named <= set(range(16))
    assert all(text.strip() for text in entries_of("glossary").values())


def test_the_map_agrees_with_the_lessons():
    rows = re.findall(r"^\| (\d\d) \| (.+?) \| (\d*) ?\|", words_of("course-map"), re.MULTILINE)
    told = {int(number): (title, minutes) for number, title, minutes in rows}
    assert sorted(told) == list(range(16))
    for lesson in lessons(ROOT):
        minutes = re.match(r"(\d+) minutes", lesson.time)
        link = f"[{lesson.title}](../notebooks/{lesson.notebook.name})"
        assert told[lesson.number] == (link, minutes[1]), f"docs/course-map.md, lesson {lesson}"


# --- the gallery, the animations, and spelling ----------------------------------------------


def test_the_gallery_is_what_its_command_writes():
    assert words_of("gallery") == gallery.page(), (
        "run python -m workshop.galleries.gallery --only x"
    )
    files = {path.stem: path.stat().st_size for path in (DOCS / "gallery").glob("*.jpg")}
    assert set(files) == set(gallery.every_item())
    assert max(files.values()) <= 40_000


def test_every_line_of_the_gallery_is_python_on_the_names_of_its_beginning():
    known = {"photograph", "style_image", "FeatureTransfer", "PixelTransfer", "optimize_image"}
    known |= {"cat", "cup", "astronaut", "adain", "wct"}
    for item in gallery.every_item().values():
        code = compile(item.line, item.name, "eval")
        assert set(code.co_names) <= known, item.line


def test_every_animation_has_its_scene():
    assert {one.name for one in ANIMATIONS} == set(animations.SCENES)
    assert {path.stem for path in animations.FOLDER.glob("*.webp")} == set(animations.SCENES)
    assert sum(len(one.content) for one in ANIMATIONS) <= 800_000


@pytest.mark.parametrize("animation", ANIMATIONS, ids=lambda one: one.name)
def test_an_animation_moves_is_small_and_goes_round(animation):
    assert len(animation.content) <= 150_000
    image = Image.open(io.BytesIO(animation.content))
    assert image.info["loop"] == 0
    assert 300 <= image.width <= 480
    frames, milliseconds = [], 0
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB"), dtype=float))
        milliseconds += image.info["duration"]
    assert 8 <= len(frames) <= 13
    assert 2000 <= milliseconds <= 4000
    changes = [np.abs(a - b).mean() for a, b in itertools.pairwise(frames)]
    assert min(changes) > 0.2
    assert len(animation.alt) > 80
    assert animation.caption.startswith("The lab in motion: ")


def test_spelling():
    pytest.importorskip("codespell_lib", reason="codespell is in the group site")
    answer = subprocess.run(
        [sys.executable, "-m", "codespell_lib", *SPELLED], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_both_first_pages_lead_to_the_one_file_for_paper():
    """It lies beside the English pages; the Chinese ones are a folder below."""
    for page, link in (("site/index.md", "lessons.pdf"), ("zh/index.md", "../lessons.pdf")):
        assert f'<a href="{link}">' in (ROOT / "docs" / page).read_text(encoding="utf-8")
