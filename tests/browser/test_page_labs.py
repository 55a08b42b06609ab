"""The labs that run networks in pages, in a real Chromium, from a server and from disk."""

import re

import numpy as np
import pytest

from course_lib import collection
from tests.browser.jupyter_in_chromium import chromium
from tests.browser.lab_pages import (
    GRAY_LEVELS,
    LISTEN,
    MOVE_ALL,
    LabVisitor,
    gray_levels,
    in_english,
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


@pytest.fixture(scope="module")
def address(folder):
    with served(folder) as found:
        yield found


def test_every_lab_draws_in_a_page_that_was_opened_as_a_file(watched, folder):
    from workshop.site.labs import LABS

    for name in [name for name, lab in LABS.items() if lab.networks]:
        visitor = LabVisitor(watched, folder.as_uri(), name)
        words = visitor.drawn(lambda one=visitor: one.click("Reset"))
        assert words and visitor.panels(), name
    assert (watched.outside, watched.errors) == ([], [])


@pytest.fixture(scope="module")
def transfer(folder):
    from course_lib.transfer import FeatureTransfer

    return FeatureTransfer()


# --- style lab ------------------------------------------------------------------------------


def style(name):
    return collection.style_image(name, size=256)


def test_style_lab_by_keyboard_and_mouse(watched, address, transfer):
    visitor = LabVisitor(watched, address, "style_lab")
    assert visitor.words() == "chelsea in the style mosaic"
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

    visitor.click("mix")
    visitor.drawn(lambda: visitor.choose("second style", "woodcut"))
    both = visitor.panels()
    assert gray_levels(both["where"][..., 0], painted) == 0
    wanted = transfer(content, styles, masks=[painted, 1 - painted])
    assert gray_levels(both["stylized"], wanted) <= GRAY_LEVELS
    assert gray_levels(both["stylized"][painted == 1], shown["stylized"][painted == 1]) < 0.1
    assert gray_levels(both["stylized"][painted == 0], content[painted == 0]) > 20
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


# --- painting live --------------------------------------------------------------------------


def square_of(visitor, name):
    """A picture of the collection as the lab in the page paints with it."""
    return visitor.picture(
        "(lab, name) => course.labs.get(lab).definition.square(name)", visitor.name, name
    )


def test_painting_live_starts_pauses_steps_and_stops(watched, address):
    from course_lib.transfer import ImageOptimizer

    visitor = LabVisitor(watched, address, "painting_live", state="count=20")
    page, button = visitor.page, visitor.lab.get_by_role
    page.wait_for_function("() => window.course.labs.get('painting_live').sheet")
    content = visitor.panels()["not started yet"]
    original = collection.photograph("chelsea", size=512)
    assert content.shape == (128, 128, 3) and original.shape[0] < original.shape[1]

    visitor.drawn(lambda: visitor.press("keep content", "ArrowLeft"))
    visitor.click("One step")
    visitor.lab.get_by_text("step 1 of 20").wait_for()
    style = square_of(visitor, "stained_glass")
    optimizer = ImageOptimizer(
        *(content, style),
        **{"steps": 20, "every": 1, "scales": 1, "start": "content", "content_weight": 0.3},
    )
    for _ in range(2):
        losses = optimizer.advance()
    # The first step is the gradient's sign: where that is nearly 0, rounding may turn it.
    off = 255 * np.abs(visitor.panels()["step 1 of 20"] - optimizer.image)
    assert np.mean(off > GRAY_LEVELS) < 0.001
    assert float(visitor.words().split()[3].rstrip(",")) == pytest.approx(losses["total"], rel=0.01)

    visitor.click("Go on")
    # Any later step: each is shown for a seventh of a second, and the driver looks twice a second.
    visitor.lab.get_by_text(re.compile(r"step ([2-9]|1\d) of 20")).wait_for()
    assert visitor.lab.get_by_label("content", exact=True).is_disabled()
    button("button", name="Pause", exact=True).press("Enter")
    button("button", name="Go on", exact=True).wait_for()
    page.wait_for_timeout(1500)
    paused = visitor.words()
    page.wait_for_timeout(500)
    assert visitor.words() == paused
    button("button", name="Go on", exact=True).press("Enter")
    visitor.lab.get_by_text("step 20 of 20").wait_for()
    button("button", name="Start", exact=True).wait_for()
    assert visitor.words().startswith("Step 20: total ")
    last = float(visitor.words().split()[3].rstrip(","))
    assert last < 0.7 * losses["total"]
    visitor.keep_screenshot("painting_live")

    for label in ("keep content", "take style", "be smooth"):
        visitor.press(label, "Home")
    visitor.click("One step")
    problem = visitor.lab.get_by_role("alert").filter(has_text="All weights are 0")
    problem.wait_for()
    visitor.click("Reset")
    visitor.lab.get_by_text("not started yet").wait_for()
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()


CHOSEN = "() => course.labs.get('painting_live').settings.style"
NOISE = """async () => {
  const lab = course.labs.get("painting_live");
  const style = await lab.definition.square(lab.settings.style);
  return course.descent.noise(course.floats(lab.noise), style);
}"""


def test_painting_live_begins_with_the_library_s_noise(watched, address):
    from course_lib.transfer.descent import noise

    visitor = LabVisitor(watched, address, "painting_live", state="start=noise&count=20")
    visitor.page.wait_for_function("() => window.course.labs.get('painting_live').sheet")
    visitor.click("Start")
    visitor.lab.get_by_text(re.compile(r"step \d+ of 20")).wait_for()
    visitor.lab.get_by_role("button", name="Start", exact=True).wait_for()
    style = square_of(visitor, visitor.page.evaluate(CHOSEN))
    start = visitor.picture(NOISE)
    wanted = noise((128, 128), 0, color=style.mean(axis=(0, 1)))
    assert gray_levels(start, wanted) < 0.1
    assert (watched.outside, watched.errors) == ([], [])


# --- feature browser and Gram explorer --------------------------------------------------------


def picture_of(visitor, name):
    """A picture of the collection as the lab in the page has it, (height, width, 3)."""
    return visitor.picture(
        "async (lab, name) => (await course.maps.seen(course.labs.get(lab), name)).picture",
        *(visitor.name, name),
    )


def test_feature_browser_shows_what_the_notebook_s_shows(watched, address):
    from course_lib.widgets import feature_browser

    visitor = LabVisitor(watched, address, "feature_browser")
    words = visitor.drawn(lambda: visitor.press("tap", "ArrowRight"))
    assert words.startswith("relu3_1, channel 38 of 96: 72 x 72 places, each sees 24 x 24 pixels")
    visitor.drawn(lambda: visitor.press("channel", "End"))
    assert "channel 95" in visitor.words()
    bench = feature_browser()
    bench.source.own["page"] = picture_of(visitor, "chelsea")
    over, patches = visitor.panels().values()
    assert gray_levels(over, bench.overlay("page", "relu3_1", 95, 0.6)) <= GRAY_LEVELS
    assert gray_levels(patches, bench.patches("relu3_1", 95)) <= GRAY_LEVELS
    visitor.drawn(lambda: visitor.choose("image", "coffee"))
    other, again = visitor.panels().values()
    assert gray_levels(other, over) > 20
    assert gray_levels(again, patches) == 0
    visitor.drawn(lambda: visitor.press("tap", "Home"))
    assert "relu1_1, channel 23 of 24" in visitor.words()
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("feature_browser")


def test_gram_explorer_shows_what_the_notebook_s_shows(watched, address):
    from course_lib.widgets import gram_explorer

    visitor = LabVisitor(watched, address, "gram_explorer", state="style=woodcut")
    visitor.page.wait_for_function("() => window.course.labs.get('gram_explorer').sheet")
    visitor.drawn(lambda: visitor.press("channel i", "ArrowRight"))
    bench = gram_explorer()
    bench.source.own["page"] = picture_of(visitor, "woodcut")
    wanted = bench.draw({"style": "page", "tap": "relu2_1", "i": 10, "j": 30})
    shown = visitor.panels()
    assert list(shown) == list(wanted.panels)
    assert visitor.words() == wanted.words
    for title, image in shown.items():
        expected = (
            np.broadcast_to(wanted.panels[title][..., None], image.shape)
            if (np.ndim(wanted.panels[title]) == 2)
            else wanted.panels[title]
        )
        # A color of the table may be the next one.
        assert gray_levels(image, expected) <= (4 if "matrix" in title else GRAY_LEVELS), title
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()


def texture_of(visitor):
    """The texture that is being made, as far as it is: the step, and the picture."""
    optimizer = "course.labs.get('gram_explorer').optimizer"
    picture = visitor.picture(f"() => {optimizer}.picture")
    return visitor.page.evaluate(f"() => {optimizer}.step"), picture


def test_a_texture_grows_until_it_is_stopped(watched, address):
    from course_lib.transfer.descent import noise

    visitor = LabVisitor(watched, address, "gram_explorer")
    visitor.click("Make a texture")
    shown = visitor.lab.get_by_text(re.compile(r"texture, \d+ of 120 steps"))
    shown.wait_for()
    visitor.page.wait_for_function(
        "() => window.course.labs.get('gram_explorer').optimizer.step >= 40"
    )
    visitor.lab.get_by_role("button", name="Stop", exact=True).press("Enter")
    visitor.lab.get_by_role("button", name="Make a texture", disabled=False).wait_for()
    visitor.page.wait_for_timeout(1000)
    stopped, late = texture_of(visitor)
    visitor.page.wait_for_timeout(500)
    assert 40 <= texture_of(visitor)[0] == stopped < 120
    assert shown.count() == 1
    style = picture_of(visitor, "mosaic")
    # The contrast of the style, of whose mean color it was faint noise at the start.
    start = noise(late.shape[:2], 0, color=style.mean((0, 1)))
    assert late.std() > 1.2 * start.std()
    assert late.std() > 0.7 * style.std()
    assert abs(late.mean() - style.mean()) < 0.1
    visitor.keep_screenshot("gram_explorer")
    assert (watched.outside, watched.errors) == ([], [])


# --- bottleneck lab ---------------------------------------------------------------------------


def check_sheet(visitor, wanted):
    """The lab in the page shows and says what the notebook's does."""
    shown = visitor.panels()
    assert list(shown) == list(wanted.panels)
    assert visitor.words() == wanted.words
    for title, image in shown.items():
        larger = 4 if "× 4" in title else 1
        assert gray_levels(image, wanted.panels[title]) <= larger * GRAY_LEVELS, title


def test_bottleneck_lab_shows_what_the_notebook_s_shows(watched, address):
    from course_lib.widgets import bottleneck_lab

    visitor = LabVisitor(watched, address, "bottleneck_lab", state="divisor=8&rounding=0.25")
    visitor.page.wait_for_function("() => window.course.labs.get('bottleneck_lab').sheet")
    bench = bottleneck_lab()
    pictures = {f"page's {name}": picture_of(visitor, name) for name in ("chelsea", "coffee")}
    bench.first.own |= pictures
    bench.second.own |= pictures
    asked = bench.settings | dict(zip(("first", "second"), pictures, strict=True))

    def check(**settings):
        check_sheet(visitor, bench.draw(asked | settings))

    check(divisor=8, rounding=0.25)
    visitor.drawn(lambda: visitor.press("depth", "Home"))
    check(tap="relu1_1", divisor=8, rounding=0.25)
    visitor.drawn(lambda: visitor.press("depth", "ArrowRight"))
    visitor.drawn(lambda: visitor.press("numbers kept", "Home"))
    visitor.drawn(lambda: visitor.press("rounding", "End"))
    check(tap="relu2_1", rounding=4)
    visitor.drawn(lambda: visitor.press("blend", "ArrowRight", 8))
    blend = float(visitor.lab.get_by_label("blend", exact=True).input_value())
    assert 0 < blend < 1
    check(tap="relu2_1", rounding=4, blend=blend)
    assert visitor.page.url.endswith(f"#bottleneck_lab:tap=relu2_1&rounding=4&blend={blend:g}")
    visitor.drawn(lambda: visitor.click("Reset"))
    check()
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("bottleneck_lab-phone")


# --- ablation lab -----------------------------------------------------------------------------


def small_picture_of(visitor, name, side):
    """A picture of the collection with that longer side, as the page makes it."""
    whole = "await course.pixels.ofCollection(name)"
    return visitor.picture(
        f"async (name, side) => course.pixels.withSide({whole}, side)", name, side
    )


def test_ablation_lab_shows_what_the_notebook_s_shows(watched, address, monkeypatch):
    from course_lib.widgets import ablation_lab

    visitor = LabVisitor(watched, address, "ablation_lab", state="normalize=false")
    visitor.page.wait_for_function("() => window.course.labs.get('ablation_lab').sheet")
    # The images as the page has them, from JPEG files.
    style = small_picture_of(visitor, "impressionist", 192)
    monkeypatch.setattr(collection, "style_image", lambda name, *, size: style)
    content = small_picture_of(visitor, "chelsea", 192)
    monkeypatch.setattr(collection, "photograph", lambda name, *, size: content)
    bench = ablation_lab()
    check_sheet(visitor, bench.draw(bench.settings | {"normalize": False}))
    visitor.drawn(lambda: visitor.click("Reset"))
    usual = visitor.panels()
    check_sheet(visitor, bench.draw(bench.settings))
    visitor.drawn(lambda: visitor.press("untrained", "ArrowRight", 3))
    check_sheet(visitor, bench.draw(bench.settings | {"untrained": 0.3}))
    visitor.drawn(lambda: visitor.press("numbers kept", "Home"))
    check_sheet(visitor, bench.draw(bench.settings | {"untrained": 0.3, "numbers": 1}))
    visitor.drawn(lambda: visitor.click("Reset"))
    visitor.drawn(lambda: visitor.press("tap", "Home"))
    check_sheet(visitor, bench.draw(bench.settings | {"tap": "relu1_1"}))
    assert gray_levels(*(list(one.values())[1] for one in (visitor.panels(), usual))) > 20
    visitor.drawn(lambda: visitor.choose("style", "woodcut"))
    assert "woodcut" in visitor.page.url
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("ablation_lab-phone")


# --- in Chinese -------------------------------------------------------------------------------


def in_chinese(watched, address, name) -> LabVisitor:
    """A lab in a Chinese page, once every control has been moved."""
    watched.page.add_init_script(LISTEN)
    visitor = LabVisitor(watched, address, name, page=f"zh-{name}.html")
    visitor.drawn(lambda: visitor.click("复位"))
    visitor.page.evaluate(MOVE_ALL, name)
    visitor.drawn(lambda: visitor.click("复位"))
    return visitor


@pytest.mark.parametrize("name", ["style_lab", "feature_browser", "bottleneck_lab", "ablation_lab"])
def test_a_lab_in_a_chinese_page_says_nothing_in_english(watched, address, name):
    visitor = in_chinese(watched, address, name)
    if name == "style_lab":
        visitor.click("文件")
        broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no image"}
        visitor.lab.get_by_label("你的照片", exact=True).set_input_files(broken)
        visitor.lab.get_by_role("alert").filter(has_text="浏览器无法").wait_for()
    assert in_english(visitor) == set()
    visitor.keep_screenshot(f"{name}-zh")


def test_painting_live_in_chinese(watched, address):
    visitor = in_chinese(watched, address, "painting_live")
    visitor.click("走一步")
    visitor.lab.get_by_text("第 1 步，共").wait_for()
    visitor.click("继续")
    visitor.lab.get_by_text(re.compile(r"第 ([2-9]|\d\d+) 步，共")).wait_for()
    visitor.click("停止")
    assert "总损失" in visitor.words()
    assert in_english(visitor) == set()
    visitor.keep_screenshot("painting_live-zh")


def test_a_texture_in_chinese(watched, address):
    visitor = in_chinese(watched, address, "gram_explorer")
    visitor.click("生成纹理")
    visitor.lab.get_by_text(re.compile(r"纹理，第 \d+ 步")).wait_for()
    visitor.click("停止")
    assert in_english(visitor) == set()
    visitor.keep_screenshot("gram_explorer-zh")
