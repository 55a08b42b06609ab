"""The page that stylizes in the browser, in a real Chromium.

Needs Chromium, npm (which fetches onnxruntime-web once) and the extra `export`; where one of them
is missing, or npm reaches no registry, these tests are skipped and say so.
COURSE_SCREENSHOTS=FOLDER keeps images of the page in that folder.
"""

import functools
import io
import os
import re
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from course_lib import collection, export, images
from course_lib.errors import BuildError
from tests.browser.jupyter_in_chromium import chromium

# What npm says where there is no way to its registry.
UNREACHED = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ECONNRESET")
# Rounding to 8 bits, and single-precision sums in another order.
GRAY_LEVELS = 2
# Smaller than the page's size, so that the browser need not shrink it.
SIZE = (120, 160)
PHONE = {"width": 390, "height": 844}
PIXELS = """canvas => {
  const found = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return {width: found.width, height: found.height, data: Array.from(found.data)};
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium"),
    pytest.mark.skipif(shutil.which("npm") is None, reason="no npm here: apt-get install npm"),
]


class Quietly(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory):
    for package in ("onnx", "tf2onnx"):
        pytest.importorskip(package, reason=f"{package} is not installed: course_lib[export]")
    try:
        export.node_packages(export.WEB_SOURCES)
    except BuildError as error:
        if UNREACHED.search(str(error)):
            pytest.skip(f"npm cannot reach its registry: {error}")
        raise
    from course_lib.backend import quiet_framework_import

    quiet_framework_import()
    folder = tmp_path_factory.mktemp("web") / "page"
    return export.build_web_page(folder, home="../index.html")


@pytest.fixture(scope="module")
def address(page_folder):
    handler = functools.partial(Quietly, directory=page_folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def transfer(page_folder):
    from course_lib.transfer import FeatureTransfer

    return FeatureTransfer()


class Visitor:
    """Someone who uses the page."""

    def __init__(self, watched, address):
        self.page = watched.page
        self.page.goto(address)
        self.is_painted("100 %")

    def is_painted(self, words):
        self.page.get_by_role("status").filter(has_text=words).filter(has_text="painted").wait_for()

    def image(self):
        """What the canvas shows, (height, width, 3) in [0, 1]."""
        found = self.page.locator("canvas").evaluate(PIXELS)
        pixels = np.array(found["data"], "uint8").reshape(found["height"], found["width"], 4)
        assert (pixels[..., 3] == 255).all()
        return pixels[..., :3] / np.float32(255)

    def press(self, role, name, key, times=1):
        self.page.get_by_role(role, name=name, exact=True).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def keep_screenshot(self, name):
        folder = os.environ.get("COURSE_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def own_photograph():
    """An image of 8 bits, as an array and as a file to hand in."""
    image = images.load_image(
        images.to_bytes(collection.photograph("coffee", size=SIZE), format="png")
    )
    file = {
        "name": "cup.png",
        "mimeType": "image/png",
        "buffer": images.to_bytes(image, format="png"),
    }
    return image, file


def gray_levels(one, other):
    return 255 * np.abs(one - other).max()


def test_a_visitor_s_image_becomes_what_the_library_makes_of_it(watched, address, transfer):
    visitor = Visitor(watched, address)
    visitor.keep_screenshot("web-page")
    content, file = own_photograph()
    visitor.page.get_by_label("Your picture").set_input_files(file)
    visitor.page.get_by_role("radio", name="stained glass").check()
    visitor.page.get_by_role("img", name="cup.png in the style stained glass").wait_for()
    visitor.is_painted("stained glass at 100 %")
    style = transfer.style_code(collection.style_image("stained_glass", size=export.WEB_STYLE_SIZE))
    full = visitor.image()
    assert full.shape == content.shape
    assert np.abs(full - content).mean() > 0.02
    assert gray_levels(full, transfer(content, style)) <= GRAY_LEVELS

    visitor.press("slider", "Strength", "ArrowLeft", 10)
    visitor.is_painted("stained glass at 50 %")
    half = visitor.image()
    assert gray_levels(half, transfer(content, style, strength=0.5)) <= GRAY_LEVELS
    assert np.abs(half - full).mean() > 0.005

    with visitor.page.expect_download() as saved:
        visitor.page.get_by_role("button", name="Download result").click()
    assert saved.value.suggested_filename == "cup-stained-glass.png"
    downloaded = images.load_image(io.BytesIO(Path(saved.value.path()).read_bytes()))
    np.testing.assert_array_equal(downloaded, half)

    visitor.press("button", "Show photograph", "Space")
    assert gray_levels(visitor.image(), content) < 0.5
    assert (watched.outside, watched.errors) == ([], [])


def test_keyboard_own_style_and_errors(watched, address, transfer):
    visitor = Visitor(watched, address)
    content, file = own_photograph()
    visitor.page.get_by_label("Your picture").set_input_files(file)
    first = visitor.page.get_by_role("radio").first
    first.focus()
    visitor.page.keyboard.press("ArrowRight")
    names = [one["name"] for one in styles_on_the_page(visitor)]
    visitor.is_painted(f"{names[1]} at 100 %")

    style = images.load_image(
        images.to_bytes(collection.style_image("woodcut", size=(96, 128)), format="png")
    )
    paint = {
        "name": "own.png",
        "mimeType": "image/png",
        "buffer": images.to_bytes(style, format="png"),
    }
    visitor.page.get_by_label("Or a style image of your own").set_input_files(paint)
    visitor.is_painted("own.png at 100 %")
    before = visitor.image()
    assert gray_levels(before, transfer(content, style)) <= GRAY_LEVELS

    for name, buffer, words in (
        ("letter.txt", b"Dear reader,", "letter.txt: this browser cannot read it as an image"),
        ("thin.png", images.to_bytes(content[:8], format="png"), "160 × 8 pixels are too few"),
    ):
        wrong = {"name": name, "mimeType": "image/png", "buffer": buffer}
        visitor.page.get_by_label("Your picture").set_input_files(wrong)
        visitor.page.get_by_role("alert").filter(has_text=words).wait_for()
    visitor.keep_screenshot("web-page-error")
    np.testing.assert_array_equal(visitor.image(), before)
    assert (watched.outside, watched.errors) == ([], [])


def styles_on_the_page(visitor):
    return visitor.page.evaluate("async () => (await (await fetch('styles.json')).json()).styles")


def test_on_a_telephone_nothing_sticks_out_and_the_dark_is_respected(watched, address):
    watched.page.set_viewport_size(PHONE)
    visitor = Visitor(watched, address)
    width = visitor.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    visitor.keep_screenshot("web-page-phone")
    brightness = []
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        color = visitor.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        brightness.append(sum(map(int, re.findall(r"\d+", color)[:3])))
    visitor.keep_screenshot("web-page-phone-dark")
    assert brightness[1] < 150 < 600 < brightness[0]


def test_the_page_is_small_complete_and_not_replaced_by_chance(page_folder):
    networks = sum(file.stat().st_size for file in page_folder.glob("*.onnx"))
    assert networks < 3_000_000
    assert len(list(page_folder.glob("style-*.jpg"))) == len(collection.names()["styles"])
    assert "../index.html" in (page_folder / "index.html").read_text(encoding="utf-8")
    assert not (page_folder / "package.json").exists()
    with pytest.raises(export.BuildError, match="is there already"):
        export.build_web_page(page_folder)
