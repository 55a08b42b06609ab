"""The web course in a real browser: it asks nobody outside, and everybody can read it.

The site is built once. Needs the group `site`, Chromium, and npm (or its packages, fetched before).
COURSE_EVERY_PAGE=1 looks at every page instead of one of each kind, which takes minutes.
"""

import functools
import http.server
import os
import re
import shutil
import threading
from pathlib import Path

import pytest

from course_lib.errors import BuildError
from tests.browser.jupyter_in_chromium import Watched, chromium
from tests.helpers.checkout import ROOT
from workshop.lessons import Lesson, lessons
from workshop.site import build_site, building, check_pages, languages
from workshop.site.building import reference_pages
from workshop.site.printing import print_document

NODE = ROOT / "docs" / "site" / "node_modules"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="Chromium is not installed"),
    pytest.mark.skipif(
        shutil.which("npm") is None and not NODE.is_dir(),
        reason="npm is not installed; it fetches the program that draws formulas",
    ),
]
EVERY_PAGE = "COURSE_EVERY_PAGE" in os.environ
# One page of each kind; the test of all pages is asked for by name (see below).
PAGES = (
    "index.html",
    "notebooks/06-what-style-is.html",
    "docs/course-map.html",
    "docs/formulas.html",
    "reference/losses.html",
    "zh/index.html",
    "zh/notebooks/00-start-here.html",
    "zh/docs/glossary.html",
)
LEFT_OUT = re.compile(r": (\.\./)?zh/(notebooks/\S+|reference/\S+|py-modindex\.html) leads nowhere")
PHONE = {"width": 390, "height": 844}

# What a page does when it has nothing else to do comes before what is asked here.
FORMULAS = """async () => {
  await window.formulas;
  await new Promise((resolve) => requestIdleCallback(resolve));
  const count = (what) => document.querySelectorAll(what).length;
  return [count(".math"), count("mjx-container"), count("[data-mml-node='merror']")];
}"""
# Images wait until they are scrolled to; here they are all asked for at once.
BROKEN_IMAGES = """async () => {
  const broken = [];
  for (const image of document.images) {
    // The dialog that enlarges figures is empty until one is opened.
    if (!image.hasAttribute("src")) continue;
    image.loading = "eager";
    await image.decode().catch(() => broken.push(image.src));
  }
  return broken;
}"""
AXE = """async () => (await axe.run()).violations.map((found) =>
  `${found.id} (${found.impact}): ${found.help}: ` +
  found.nodes.slice(0, 3).map((node) => node.html.slice(0, 150)).join(" || "))"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not tell what it serves."""

    def log_message(self, *arguments):
        pass


def waiting() -> list[int]:
    """The lessons without a translation."""
    catalogs = ROOT / "lessons" / "zh"
    numbers = (lesson.number for lesson in lessons(ROOT))
    return [number for number in numbers if not (catalogs / f"{number:02}.md").is_file()]


def build_little_in_chinese(patch: pytest.MonkeyPatch) -> None:
    """In Chinese a few lessons, every guide and no reference: a quarter of the work."""
    chosen = {0, 1, 6, *waiting()[:1]}

    def few(root: Path) -> list[Lesson]:
        return [lesson for lesson in lessons(root) if lesson.number in chosen]

    def no_reference(package: Path) -> dict[str, str]:
        full = package.parent == ROOT
        return reference_pages(package) if full else {"index": "Reference\n=========\n"}

    def faults(pages: Path) -> list[str]:
        """All but that an English page leads to one in Chinese that is left out here."""
        return [fault for fault in check_pages(pages) if not LEFT_OUT.search(fault)]

    patch.setattr(building, "check_pages", faults)
    patch.setattr(languages, "lessons", few)
    patch.setattr(building, "lessons", lambda root: lessons(root) if root == ROOT else few(root))
    patch.setattr(building, "reference_pages", no_reference)
    patch.setitem(languages.SETTINGS, "suppress_warnings", "ref.obj")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    for needed in ("sphinx", "myst_nb", "furo", "jieba"):
        pytest.importorskip(needed, reason=f"{needed} is in the group site, and not installed")
    folder = tmp_path_factory.mktemp("web") / "site"
    try:
        with pytest.MonkeyPatch.context() as patch:
            if not EVERY_PAGE:
                build_little_in_chinese(patch)
            return build_site(folder, with_networks=False)
    except BuildError as error:
        if "npm could not fetch" in str(error):
            pytest.skip("npm could not fetch MathJax: there is no network")
        raise


@pytest.fixture(scope="module")
def address(site):
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def look_at(watched: Watched, address: str) -> None:
    """Open a page and ask everything that must hold on each."""
    page = watched.page
    page.goto(address, wait_until="load")
    formulas, drawn, faulty = page.evaluate(FORMULAS)
    assert (formulas, faulty) == (drawn, 0), f"{address}: formulas, drawn, faulty"
    assert page.evaluate(BROKEN_IMAGES) == []
    page.add_script_tag(path=str(NODE / "axe-core" / "axe.min.js"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate(AXE) == [], f"{address}, {scheme}"
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], f"{address} is {width} pixels wide on a telephone"
    assert watched.outside == []
    assert watched.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_each_kind(watched, address, name):
    look_at(watched, f"{address}/{name}")


def test_a_lab_is_its_still_images(watched, address):
    watched.page.goto(f"{address}/notebooks/06-what-style-is.html")
    cells = watched.page.locator("div.cell", has_text="lab.show(")
    assert cells.count() == 1
    assert cells.locator("img.lesson-picture").count() >= 1
    assert watched.page.locator("[class*=widget]").count() == 0


@pytest.mark.parametrize(
    "place",
    [
        "11-how-good-is-it-honestly.html#compare_lab",
        "01-pictures-as-tensors.html#convolution_bench:stride=2",
        "11-how-good-is-it-honestly.html#summary",
    ],
)
def test_a_link_leads_to_its_place_at_once(watched, address, place):
    page = watched.page
    target = re.split("[#:]", place)[1]
    top = f"() => document.getElementById('{target}').getBoundingClientRect().top"
    page.goto(f"{address}/notebooks/{place}")
    assert 0 <= page.evaluate(top) < 200
    # Formulas above it are drawn later, and cells laid out; what the reader sees stays.
    page.evaluate("() => window.formulas")
    page.wait_for_timeout(500)
    assert 0 <= page.evaluate(top) < 200
    assert page.evaluate("() => scrollY") > 5000


def test_a_lab_moves_until_it_is_stopped(watched, address):
    page = watched.page
    page.goto(f"{address}/notebooks/06-what-style-is.html")
    image = page.locator("picture.lesson-motion img")
    image.scroll_into_view_if_needed()

    def shown():
        return image.evaluate("async (one) => (await one.decode(), one.currentSrc)")

    assert shown().endswith("/texture_grown.webp")
    page.get_by_role("button", name="Pause the animation").click()
    assert shown().endswith("/texture_grown-still.webp")
    page.get_by_role("button", name="Play the animation").click()
    assert shown().endswith("/texture_grown.webp")
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    assert shown().endswith("/texture_grown-still.webp")
    page.get_by_role("button", name="Play the animation").click()
    assert shown().endswith("/texture_grown.webp")


def test_words_lead_to_lessons_and_names_into_the_reference(watched, address):
    page = watched.page
    page.goto(f"{address}/docs/formulas.html")
    page.get_by_role("link", name="course_lib.losses.gram_matrix").click()
    # A name leads to the module that it comes from.
    at = "course_lib.losses.descriptions.gram_matrix"
    assert page.url.endswith(f"reference/losses.html#{at}")
    page.locator(f"[id='{at}']").wait_for(state="visible")
    page.goto(f"{address}/docs/glossary.html")
    page.get_by_role("link", name="Lesson 14", exact=True).first.click()
    assert page.url.endswith("notebooks/14-sound.html")


def test_the_search_finds(watched, address):
    watched.page.goto(f"{address}/search.html?q=gram")
    found = watched.page.locator("#search-results li a")
    # Results come one after the other.
    found.filter(has_text="What style is").first.wait_for()
    assert watched.errors == []


@pytest.mark.parametrize("name", ["index", "notebooks/06-what-style-is", "search", "genindex"])
def test_each_page_leads_to_itself_in_the_other_language(watched, address, name):
    page = watched.page
    page.goto(f"{address}/{name}.html")
    assert page.locator("html").get_attribute("lang") == "en"
    alternates = "[...document.querySelectorAll('link[hreflang]')].map((one) => one.href)"
    both = [f"{address}/{name}.html", f"{address}/zh/{name}.html"]
    assert page.evaluate(alternates) == both
    page.get_by_role("link", name="中文", exact=True).click()
    assert page.url == both[1]
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert sorted(page.evaluate(alternates)) == sorted(both)
    page.get_by_role("link", name="English", exact=True).click()
    assert page.url == both[0]


def test_a_lesson_in_chinese_has_its_self_test_in_chinese(watched, address):
    page = watched.page
    keys = []
    for folder in ("", "/zh"):
        page.goto(f"{address}{folder}/notebooks/00-start-here.html")
        quizzes = page.locator(".self-test .quiz")
        keys.append(quizzes.evaluate_all("all => all.map((one) => one.dataset.key)"))
    assert keys[0] == keys[1], "what has been solved is solved in both languages"
    page.get_by_role("heading", name="选择题").wait_for()
    first = quizzes.first
    assert "木刻" in first.locator(".ask").inner_text()
    first.locator("input").first.check()
    first.get_by_role("button").first.click()
    assert first.locator(".verdict").inner_text().startswith("对。")
    page.get_by_role("link", name="课程地图", exact=True).last.click()
    page.wait_for_url("**/zh/docs/course-map.html#your-progress")
    page.locator("#your-progress").get_by_role("heading", name="你的进度").wait_for()


@pytest.mark.parametrize("words", ["张量", "图像", "风格", "风格图像", "格拉姆矩阵"])
def test_the_search_in_chinese_finds(watched, address, words):
    watched.page.goto(f"{address}/zh/search.html?q={words}")
    found = watched.page.locator("#search-results li a")
    found.first.wait_for()
    assert all("/zh/" in one for one in found.evaluate_all("all => all.map((one) => one.href)"))
    assert watched.errors == []


def test_the_search_in_chinese_finds_no_nonsense(watched, address):
    watched.page.goto(f"{address}/zh/search.html?q=龘靐齉")
    watched.page.locator(".search-summary").wait_for()
    watched.page.wait_for_function("!document.querySelector('#search-progress')?.innerText.trim()")
    assert watched.page.locator("#search-results li").count() == 0


def test_words_in_chinese_lead_to_lessons(watched, address):
    watched.page.goto(f"{address}/zh/notebooks/00-start-here.html")
    watched.page.locator("article").get_by_role("link", name="第 1 课", exact=True).first.click()
    assert watched.page.url.endswith("/zh/notebooks/01-pictures-as-tensors.html")


def test_labs_and_self_tests_of_chinese_pages_are_in_chinese(watched, address):
    page = watched.page
    page.goto(f"{address}/zh/notebooks/01-pictures-as-tensors.html")
    lab = page.get_by_role("group", name="卷积实验台")
    lab.scroll_into_view_if_needed()
    lab.get_by_label("步幅", exact=True).press("ArrowRight")
    lab.get_by_text("卷积后 49 × 49", exact=False).first.wait_for()
    test = page.locator(".self-test")
    test.get_by_role("button", name="检查").first.click()
    test.get_by_text("请先选一个答案。").wait_for()
    test.get_by_role("radio").first.check()
    test.get_by_role("button", name="检查").first.click()
    assert re.match("(不)?对。", test.locator(".verdict p").first.inner_text())
    assert page.get_by_role("heading", name="选择题").count() == 1
    page.goto(f"{address}/zh/docs/course-map.html#your-progress")
    page.get_by_text("做对", exact=False).first.wait_for()
    assert watched.errors == []


def test_a_lesson_that_waits_for_its_translation_says_so_once(watched, address):
    if not waiting():
        pytest.skip("every lesson is translated")
    [notebook] = ROOT.glob(f"notebooks/{waiting()[0]:02}-*.ipynb")
    watched.page.goto(f"{address}/zh/notebooks/{notebook.stem}.html")
    assert watched.page.locator("article").get_by_text("尚未译成中文").count() == 1


def test_a_page_on_paper_is_the_article_alone(watched, address):
    page = watched.page
    page.goto(f"{address}/notebooks/06-what-style-is.html")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    words = "[...document.querySelectorAll('article pre, article p')]"
    assert max(page.evaluate(f"{words}.map((part) => part.getBoundingClientRect().right)")) <= 794
    assert page.locator("article h1").is_visible()
    for part in (".sidebar-drawer", ".toc-drawer", ".mobile-header", ".skip-to-content"):
        assert not page.locator(part).first.is_visible(), part


def test_it_works_without_any_server(browser, site):
    page = browser.new_page()
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.goto((site / "docs" / "formulas.html").as_uri())
    formulas, drawn, faulty = page.evaluate(FORMULAS)
    assert formulas == drawn > 0
    assert faulty == 0
    page.locator("a", has_text="Lesson 6: What style is").first.click()
    assert page.evaluate(BROKEN_IMAGES) == []
    assert errors == []
    page.close()


def test_the_lessons_for_paper_have_their_formulas_drawn(watched, site):
    page = site / "notebooks" / "print.html"
    page.write_text(print_document(site, "Lessons"), encoding="utf-8")
    try:
        watched.page.goto(page.as_uri())
        formulas, drawn, faulty = watched.page.evaluate(FORMULAS)
    finally:
        page.unlink()
    assert formulas == drawn > 0
    assert faulty == 0
    assert (watched.outside, watched.errors) == ([], [])


@pytest.mark.slow
@pytest.mark.skipif(not EVERY_PAGE, reason="COURSE_EVERY_PAGE is not set")
def test_every_page(watched, address, site):
    for path in sorted(site.rglob("*.html")):
        watched.page.set_viewport_size({"width": 1366, "height": 900})
        look_at(watched, f"{address}/{path.relative_to(site).as_posix()}")
