"""The labs that run networks in pages, in a real Chromium, from a server and from disk."""

import numpy as np
import pytest

from course_lib import collection
from tests.browser.jupyter_in_chromium import chromium
from tests.browser.lab_pages import (
    GRAY_LEVELS,
    LabVisitor,
    gray_levels,
    served,
    skip_without_web_tools,
    write_lab_pages,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    skip_without_web_tools()
    from workshop.site.labs import LABS

    names = [name for name, lab in LABS.items() if lab.networks]
    return write_lab_pages(tmp_path_factory.mktemp("labs"), names, with_networks=True)


@pytest.fixture(scope="module", params=["http", "file"])
def address(request, folder):
    if request.param == "file":
        yield folder.as_uri()
    else:
        with served(folder) as found:
            yield found


@pytest.fixture(scope="module")
def transfer(folder):
    from course_lib.transfer import FeatureTransfer

    return FeatureTransfer()


# --- style lab ------------------------------------------------------------------------------


def style(name):
    return collection.style_image(name, size=256)


def test_style_lab_by_keyboard_and_mouse(watched, address, transfer):
    visitor = LabVisitor(watched, address, "style_lab")
    assert visitor.words() == "chelsea in the manner of mosaic, strength 1.00: 170 x 256 pixels."
    visitor.drawn(lambda: visitor.press("strength", "ArrowLeft", 6))
    assert "strength 0.70" in visitor.words()
    shown = visitor.panels()
    content = shown["photograph"]
    assert np.abs(content - collection.photograph("chelsea", size=256)).mean() < 0.02
    wanted = transfer(content, style("mosaic"), strength=0.7)
    assert gray_levels(shown["stylized"], wanted) <= GRAY_LEVELS
    assert visitor.page.url.endswith("#style_lab:strength=0.7")

    visitor.drawn(lambda: visitor.choose("strokes", "large"))
    wanted = transfer(content, style("mosaic"), strength=0.7, stroke="large")
    large = visitor.panels()["stylized"]
    assert gray_levels(large, wanted) <= GRAY_LEVELS
    assert gray_levels(large, shown["stylized"]) > 20

    visitor.drawn(lambda: visitor.click("Reset"))
    slider = visitor.lab.get_by_label("strength", exact=True).bounding_box()
    middle = slider["x"] + slider["width"] / 2, slider["y"] + slider["height"] / 2
    words = visitor.drawn(lambda: visitor.page.mouse.click(*middle))
    assert "strength 0.50" in words
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("style_lab-phone")


def test_style_lab_mixes_and_keeps_colors(watched, address, transfer):
    state = "second=woodcut&mix=0.25&colors=luminance&relu2_1=0.5"
    visitor = LabVisitor(watched, address, "style_lab", state=state)
    visitor.page.wait_for_function("() => window.course.labs.get('style_lab').sheet")
    shown = visitor.panels()
    settings = {"weights": [0.75, 0.25], "tap_strength": {"relu2_1": 0.5}}
    styles = [style("mosaic"), style("woodcut")]
    wanted = transfer(shown["photograph"], styles, keep_colors="luminance", **settings)
    assert gray_levels(shown["stylized"], wanted) <= GRAY_LEVELS
    visitor.drawn(lambda: visitor.choose("colors", "content's, by palette"))
    # This style's image comes from a JPEG file, and so do its statistics.
    seen = [visitor.panels()[name] for name in ("mosaic", "woodcut")]
    wanted = transfer(shown["photograph"], seen, keep_colors="covariance", **settings)
    assert gray_levels(visitor.panels()["stylized"], wanted) <= GRAY_LEVELS
    assert (watched.outside, watched.errors) == ([], [])


def test_style_lab_with_masks_and_a_brush(watched, address, transfer):
    from course_lib.widgets.masks import shape_mask

    visitor = LabVisitor(watched, address, "style_lab", state="shape=ellipse&second=woodcut")
    visitor.page.wait_for_function("() => window.course.labs.get('style_lab').sheet")
    shown = visitor.panels()
    content = shown["photograph"]
    mask = shape_mask(content.shape[:2], "ellipse")
    assert gray_levels(shown["where"][..., 0], mask) < 0.1
    styles = [style("mosaic"), style("woodcut")]
    wanted = transfer(content, styles, masks=[mask, 1 - mask])
    assert gray_levels(shown["stylized"], wanted) <= GRAY_LEVELS

    visitor.choose("second style", "none")
    visitor.click("place")
    visitor.drawn(lambda: visitor.choose("where", "painted by hand"))
    assert "Nothing is painted yet" in visitor.words()
    visitor.drawn(lambda: paint_across(visitor))
    shown = visitor.panels()
    painted = shown["where"][..., 0]
    assert 0.02 < painted.mean() < 0.5
    wanted = transfer(content, style("mosaic"), masks=[painted])
    assert gray_levels(shown["stylized"], wanted) <= GRAY_LEVELS
    assert gray_levels(shown["stylized"][painted == 0], content[painted == 0]) < 0.1
    visitor.keep_screenshot("style_lab-brush")
    assert (watched.outside, watched.errors) == ([], [])


def paint_across(visitor):
    """One stroke of the brush, by mouse."""
    visitor.page.locator("canvas.brush").scroll_into_view_if_needed()
    box = visitor.page.locator("canvas.brush").bounding_box()
    mouse = visitor.page.mouse
    mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    mouse.up()
