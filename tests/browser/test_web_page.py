"""The page that paints a visitor's photograph, in a real Chromium, from a server and from disk.

COURSE_SCREENSHOTS=FOLDER keeps images of the page in that folder.
"""

import io
from pathlib import Path

import numpy as np
import pytest

from course_lib import collection, export, images
from course_lib.errors import FileError
from tests.browser.jupyter_in_chromium import chromium
from tests.browser.lab_pages import (
    GRAY_LEVELS,
    LabVisitor,
    gray_levels,
    served,
    skip_without_web_tools,
)

# Smaller than the page's size, so that nothing need shrink it.
SIZE = (120, 160)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def page_folder(tmp_path_factory):
    skip_without_web_tools()
    folder = tmp_path_factory.mktemp("web") / "page"
    return export.build_web_page(folder, home="../index.html")


@pytest.fixture(scope="module", params=["http", "file"])
def address(request, page_folder):
    if request.param == "file":
        yield page_folder.as_uri()
    else:
        with served(page_folder) as found:
            yield found


@pytest.fixture(scope="module")
def transfer(page_folder):
    from course_lib.transfer import FeatureTransfer

    return FeatureTransfer()


def visit(watched, address) -> LabVisitor:
    return LabVisitor(watched, address, "stylize", page="index.html")


def photograph_file(name="cup.png"):
    """An image of 8 bits, as an array and as a file to hand in."""
    content = images.to_bytes(collection.photograph("coffee", size=SIZE), format="png")
    return images.load_image(content), {"name": name, "mimeType": "image/png", "buffer": content}


def shown(visitor) -> np.ndarray:
    [panel] = visitor.panels().values()
    return panel


def hand_in(visitor, file, label="your photograph"):
    visitor.lab.get_by_label(label, exact=True).set_input_files(file)


def ready(visitor):
    """Wait for the networks, which load when the lab is in view."""
    visitor.lab.get_by_label("your photograph", exact=True).wait_for()


def test_a_photograph_becomes_what_the_library_makes_of_it(watched, address, transfer):
    visitor = visit(watched, address)
    assert "Drop a photograph" in visitor.words()
    visitor.keep_screenshot("stylize-first")
    ready(visitor)
    content, file = photograph_file()
    words = visitor.drawn(lambda: hand_in(visitor, file))
    assert words.startswith("stained glass at 100 %: painted in ")
    style = collection.style_image("stained_glass", size=export.WEB_STYLE_SIZE)
    full = shown(visitor)
    assert full.shape == content.shape
    assert np.abs(full - content).mean() > 0.02
    assert gray_levels(full, transfer(content, style)) <= GRAY_LEVELS

    visitor.drawn(lambda: visitor.press("strength", "ArrowLeft"))
    visitor.drawn(lambda: visitor.press("strength", "ArrowLeft", 9))
    half = shown(visitor)
    assert gray_levels(half, transfer(content, style, strength=0.5)) <= GRAY_LEVELS
    assert np.abs(half - full).mean() > 0.005

    with visitor.page.expect_download() as saved:
        visitor.click("Save image")
    assert saved.value.suggested_filename == "cup-stained-glass.png"
    downloaded = images.load_image(io.BytesIO(Path(saved.value.path()).read_bytes()))
    assert gray_levels(downloaded, half) < 1

    visitor.click("Show photograph")
    assert visitor.lab.get_by_role("img", name="The photograph", exact=True).is_visible()
    visitor.check_all_is_well()


def test_large_images_are_painted_from_coarse_to_fine(watched, address, transfer):
    visitor = visit(watched, address)
    ready(visitor)
    visitor.choose("longer side", "384 pixels")
    visitor.drawn(lambda: visitor.lab.get_by_role("radio", name="woodcut").check())
    painted = shown(visitor)
    content = visitor.picture("() => course.labs.get('stylize').shown")
    assert max(painted.shape) == 384
    original = collection.photograph("chelsea", size=384)
    # The page has it from a JPEG file.
    assert np.abs(content - original).mean() < 0.02
    style = collection.style_image("woodcut", size=export.WEB_STYLE_SIZE)
    assert gray_levels(painted, transfer(content, style)) <= GRAY_LEVELS
    assert gray_levels(painted, transfer(content, style, stroke="fine")) > 20


def test_dropped_pasted_own_style_and_errors(watched, address, transfer):
    visitor = visit(watched, address)
    ready(visitor)
    content, file = photograph_file()
    assert "cup" not in visitor.lab.inner_text()
    visitor.drawn(lambda: give(visitor, "drop", file))
    assert visitor.lab.get_by_role("img", name="cup.png in the style stained glass").count()
    other = file | {"name": "again.png"}
    visitor.drawn(lambda: give(visitor, "paste", other))
    assert visitor.lab.get_by_role("img", name="again.png in the style stained glass").count()

    buffer = images.to_bytes(collection.style_image("woodcut", size=(96, 128)), format="png")
    own = {"name": "own.png", "mimeType": "image/png", "buffer": buffer}
    visitor.drawn(lambda: hand_in(visitor, own, "a style image of your own"))
    before = shown(visitor)
    assert gray_levels(before, transfer(content, images.load_image(buffer))) <= GRAY_LEVELS

    small = images.to_bytes(content[:8], format="png")
    for name, buffer, words in (
        ("letter.txt", b"Dear reader,", "letter.txt: this browser cannot read it as an image"),
        ("thin.png", small, "160 × 8 pixels are too few"),
    ):
        hand_in(visitor, {"name": name, "mimeType": "image/png", "buffer": buffer})
        visitor.lab.get_by_role("alert").filter(has_text=words).wait_for()
    np.testing.assert_array_equal(shown(visitor), before)
    assert (watched.outside, watched.errors) == ([], [])


def test_a_photograph_by_the_camera(watched, address):
    visitor = visit(watched, address)
    ready(visitor)
    assert not visitor.lab.locator("video").is_visible()
    visitor.click("Camera")
    visitor.lab.get_by_label("What the camera sees").wait_for()
    shoot = visitor.lab.get_by_role("button", name="Take the photograph", exact=True)
    visitor.page.wait_for_function("() => document.querySelector('#stylize video').videoWidth")
    visitor.drawn(lambda: shoot.press("Enter"))
    assert shown(visitor).shape == (288, 384, 3)
    title = "photograph in the style stained glass at 100 %"
    assert visitor.lab.get_by_role("img", name=title, exact=True).is_visible()
    assert visitor.page.evaluate("() => document.querySelector('#stylize video').srcObject") is None
    visitor.click("Camera")
    visitor.click("Close")
    assert not visitor.lab.locator("video").is_visible()
    refuse = "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()); }"
    visitor.page.evaluate(refuse)
    visitor.click("Camera")
    visitor.lab.get_by_role("alert").filter(has_text="The camera cannot be used here").wait_for()
    visitor.check_all_is_well()


def give(visitor, kind, file) -> None:
    """Drop or paste a file as a browser does."""
    visitor.page.evaluate(
        """([kind, name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
          const details = {bubbles: true, cancelable: true};
          const event = kind === "drop"
            ? new DragEvent("drop", {...details, dataTransfer: transfer})
            : new ClipboardEvent("paste", {...details, clipboardData: transfer});
          document.querySelector("#stylize .figures").dispatchEvent(event);
        }""",
        [kind, file["name"], list(file["buffer"])],
    )


def test_the_page_forbids_itself_to_send_anything(watched, address):
    visitor = visit(watched, address)
    # To this machine, which the tests would let pass.
    sent = "() => fetch('http://127.0.0.1:9/').then(() => 'sent', (problem) => problem.name)"
    refused = []
    visitor.page.on("console", lambda message: refused.append(message.text))
    assert visitor.page.evaluate(sent) == "TypeError"
    assert any("Content Security Policy" in words for words in refused)


def test_on_a_telephone_nothing_sticks_out(watched, address):
    visitor = visit(watched, address)
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("stylize-phone")


def test_the_page_is_small_complete_and_not_replaced_by_chance(page_folder):
    assert sum(file.stat().st_size for file in page_folder.rglob("*")) < 9_000_000
    tiles = list((page_folder / "labs" / "first").glob("stylize-*.jpg"))
    assert len(tiles) == len(collection.names()["styles"])
    index = (page_folder / "index.html").read_text(encoding="utf-8")
    assert "../index.html" in index
    assert "<!-- " not in index.replace("<!-- The page forbids", "")
    assert not (page_folder / "package.json").exists()
    with pytest.raises(FileError, match="is there already"):
        export.build_web_page(page_folder)
