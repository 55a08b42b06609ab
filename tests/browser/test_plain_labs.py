"""The labs that need no network, in a real Chromium: from a server and from disk.

What a page makes is compared with what the library makes of the same images.
"""

import numpy as np
import pytest

from course_lib import byhand, collection
from tests.browser.jupyter_in_chromium import chromium
from tests.browser.lab_pages import (
    GRAY_LEVELS,
    LISTEN,
    MOVE_ALL,
    LabVisitor,
    gray_levels,
    in_english,
    served,
    write_lab_pages,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium here: apt-get install chromium"),
]
LABS = ["convolution_bench", "pixel_lab", "compare_lab"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_lab_pages(tmp_path_factory.mktemp("labs"), LABS, with_networks=False)


@pytest.fixture(scope="module", params=["http", "file"])
def address(request, folder):
    """Where the pages are, on a server and on disk: for what a visitor does with a lab."""
    if request.param == "file":
        yield folder.as_uri()
    else:
        with served(folder) as found:
            yield found


@pytest.fixture(scope="module")
def on_disk(folder):
    """For what a lab computes, which is the same wherever its page lies."""
    return folder.as_uri()


def drawn_by(visitor, name):
    visitor.page.wait_for_function(
        "name => window.course.labs.get(name).sheet && !window.course.labs.get(name).running",
        arg=name,
    )
    return visitor.panels()


# --- convolution bench ----------------------------------------------------------------------


def bench_result(panels):
    """The gray of the last panel, at one number a pixel of the result."""
    title, shown = list(panels.items())[-1]
    rows, columns = (int(side) for side in title.partition(": ")[2].split(" × "))
    places = [np.arange(side) * 200 // side + 200 // side // 2 for side in (rows, columns)]
    return shown[places[0]][:, places[1], 0]


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("", {}),
        ("padding=reflect&stride=2", {"padding": "reflect", "stride": 2}),
        ("padding=zeros&stride=3&pooling=max", {"padding": "zeros", "stride": 3, "pooling": "max"}),
        ("kernel=all edges&pooling=average", {"kernel": "all edges", "pooling": "average"}),
        ("image=coffee&kernel=blur", {"image": "coffee", "kernel": "blur"}),
    ],
)
def test_the_bench_gives_what_the_library_gives(watched, on_disk, state, change):
    from course_lib.widgets import convolution_bench

    bench = convolution_bench()
    visitor = LabVisitor(watched, on_disk, "convolution_bench", state=state)
    if not state:
        visitor.drawn(lambda: visitor.choose("padding", "zeros"))
        visitor.drawn(lambda: visitor.choose("padding", "valid"))
    panels = drawn_by(visitor, "convolution_bench")
    # The photograph in the page comes from a JPEG file: what follows is compared from there on.
    bench.change(**change)
    sheet = bench.draw(bench.settings)
    assert list(panels) == list(sheet.panels)
    for title, wanted in sheet.panels.items():
        assert panels[title].shape[:2] == wanted.shape
        assert np.abs(panels[title][..., 0] - wanted).mean() < 0.01, title
    image = byhand.luminance(visitor.picture(FROM_PAGE, bench.settings["image"]))
    settings = bench.settings
    maps = byhand.convolve(
        image,
        np.array(bench.kernel(settings)),
        stride=settings["stride"],
        padding=settings["padding"],
    )
    pool = {"average": byhand.average_pool, "max": lambda maps: byhand.max_pool(maps)[0]}
    maps = pool.get(settings["pooling"], lambda maps: maps)(maps)
    from course_lib.widgets.convolution import as_gray

    assert gray_levels(list(panels.values())[-1][..., 0], as_gray(maps)) <= GRAY_LEVELS
    assert f"goes from {maps.min():.2f} to {maps.max():.2f};" in visitor.words()


FROM_PAGE = "async (name) => course.pixels.fitted(await course.pixels.ofCollection(name), 100, 100)"


def test_the_bench_by_keyboard_and_its_address(watched, address):
    visitor = LabVisitor(watched, address, "convolution_bench")
    assert visitor.words().startswith("image 100 × 100 → convolved 98 × 98.")
    cell = visitor.lab.get_by_label("kernel, row 2, column 2", exact=True)
    visitor.drawn(lambda: visitor.choose("kernel", "blur"))
    assert cell.input_value() == "0.11"
    visitor.drawn(lambda: (cell.fill("2"), cell.press("Enter")))
    chosen = visitor.lab.get_by_label("kernel", exact=True)
    assert chosen.locator("option:checked").inner_text() == "your own"
    there = visitor.page.url
    assert "kernel=your+own" in there and "kernel_11=2" in there
    visitor.drawn(lambda: visitor.click("Reset"))
    assert chosen.locator("option:checked").inner_text() == "vertical edges"
    assert cell.input_value() == "0"
    visitor.page.goto("about:blank")
    visitor.page.goto(there)
    drawn_by(visitor, "convolution_bench")
    assert cell.input_value() == "2"
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("convolution_bench-phone")


# --- pixel lab ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "space"),
    [
        *(("mean_std", "ruderman"), ("covariance", "rgb"), ("covariance", "lab")),
        *(("histogram", "rgb"), ("histogram", "ruderman"), ("distribution", "rgb")),
    ],
)
def test_the_pixel_lab_gives_what_the_library_gives(watched, on_disk, method, space):
    from course_lib.transfer import PixelTransfer

    smooth = space != "lab"
    state = f"method={method}&space={space}&style=woodcut&guided_filter={str(smooth).lower()}"
    visitor = LabVisitor(watched, on_disk, "pixel_lab", state=f"{state}&strength=0.95")
    panels = drawn_by(visitor, "pixel_lab")
    content, style = panels["content"], panels["style"]
    transfer = PixelTransfer(method, color_space=space, tap=None, guided_filter=smooth)
    wanted = transfer(content, style, strength=0.95)
    assert np.abs(wanted - content).max() > 0.2
    assert gray_levels(panels["result"], wanted) <= GRAY_LEVELS


def test_the_pixel_lab_by_keyboard_and_mouse(watched, address):
    visitor = LabVisitor(watched, address, "pixel_lab")
    first = visitor.words()
    visitor.drawn(lambda: visitor.choose("method", "mean_std"))
    shown = visitor.panels()
    own = collection.photograph("chelsea")
    assert shown["content"].shape == (200, 200, 3)
    assert abs(shown["content"].mean() - own[:, 75:-76].mean()) < 0.02
    words = visitor.drawn(lambda: visitor.choose("method", "histogram"))
    assert words[:60] == first[:60]
    half = visitor.drawn(lambda: visitor.press("strength", "ArrowLeft", 10))
    assert "strength=0.5" in visitor.page.url
    assert half != words
    options = visitor.lab.get_by_label("method", exact=True).locator("option").all_inner_texts()
    assert options == ["mean_std", "covariance", "histogram", "distribution"]
    with visitor.page.expect_download() as download:
        visitor.click("Save image")
    assert download.value.suggested_filename == "pixel_lab.png"
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("pixel_lab-phone")


# --- compare lab ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"divider": 0.3, "pair": "stylized"},
        {"view": "side by side", "zoom": 3, "x": 0.2, "y": 0.85},
        {"view": "difference", "zoom": 2},
    ],
)
def test_the_compare_lab_gives_what_the_library_gives(watched, on_disk, compare, change):
    state = "&".join(f"{name}={value}" for name, value in change.items())
    visitor = LabVisitor(watched, on_disk, "compare_lab", state=state)
    if not change:
        visitor.drawn(lambda: visitor.press("divider", "ArrowLeft"))
        visitor.drawn(lambda: visitor.press("divider", "ArrowRight"))
    panels = drawn_by(visitor, "compare_lab")
    sheet = compare.draw(compare.settings | change)
    assert list(panels) == list(sheet.panels)
    for title, wanted in sheet.panels.items():
        # In the difference the rounding of both images shows, fourfold.
        least = 4 * GRAY_LEVELS if "difference" in title else GRAY_LEVELS
        assert gray_levels(panels[title], wanted) <= least, title
    assert visitor.words() == sheet.words


@pytest.fixture(scope="module")
def compare(folder):
    from course_lib.widgets import compare_lab

    return compare_lab()


def test_the_divider_is_dragged(watched, address):
    visitor = LabVisitor(watched, address, "compare_lab")
    box = visitor.lab.locator(".figures > figure > *").first.bounding_box()
    across, down = box["x"] + 0.25 * box["width"], box["y"] + box["height"] / 2

    def drag():
        visitor.page.mouse.move(box["x"] + box["width"] / 2, down)
        visitor.page.mouse.down()
        visitor.page.mouse.move(across, down, steps=5)
        visitor.page.mouse.up()

    visitor.drawn(drag)
    assert float(visitor.lab.get_by_label("divider", exact=True).input_value()) == pytest.approx(
        0.25, abs=0.02
    )
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot("compare_lab-phone")


# --- in Chinese -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", LABS)
def test_a_lab_in_a_chinese_page_says_nothing_in_english(watched, on_disk, name):
    watched.page.add_init_script(LISTEN)
    visitor = LabVisitor(watched, on_disk, name, page=f"zh-{name}.html")
    visitor.drawn(lambda: visitor.click("复位"))
    visitor.page.evaluate(MOVE_ALL, name)
    visitor.click("复制链接")
    with visitor.page.expect_download():
        visitor.click("保存图像")
    assert visitor.words() == f"已保存为 {name}.png。"
    assert in_english(visitor) == set()
    visitor.check_all_is_well()
    visitor.check_it_fits_a_telephone()
    visitor.keep_screenshot(f"{name}-zh-phone")


def test_the_bench_is_used_in_chinese(watched, on_disk):
    visitor = LabVisitor(watched, on_disk, "convolution_bench", page="zh-convolution_bench.html")
    assert visitor.words().startswith("图像 100 × 100 → 卷积后 98 × 98。")
    words = visitor.drawn(lambda: visitor.press("步幅", "ArrowRight"))
    assert words.startswith("图像 100 × 100 → 卷积后 49 × 49。")
    assert "stride=2" in visitor.page.url


def test_what_goes_wrong_is_said_in_chinese(watched, on_disk):
    watched.page.add_init_script(LISTEN)
    watched.page.route("**/data/lab-pixel_lab-0.js", lambda route: route.abort())
    visitor = LabVisitor(watched, on_disk, "pixel_lab", page="zh-pixel_lab.html")
    visitor.lab.get_by_role("alert").filter(has_text="无法载入").wait_for()
    assert in_english(visitor) == set()


def test_words_of_english_are_noticed(watched, on_disk):
    watched.page.add_init_script(LISTEN)
    visitor = LabVisitor(watched, on_disk, "pixel_lab")
    assert {"Reset", "All controls as they were at first"} <= in_english(visitor)
