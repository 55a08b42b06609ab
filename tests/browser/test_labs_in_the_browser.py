"""Every lab in a real JupyterLab, moved by keyboard and mouse in a real Chromium.

Needs Chromium (Debian: apt-get install chromium) and Playwright, which is in the group `test`.
Where Chromium is missing these tests are skipped. COURSE_SCREENSHOTS=FOLDER keeps an image of each
lab in that folder.
"""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_lib import images
from tests.browser.jupyter_in_chromium import PATIENCE, chromium, jupyter_lab
from tests.helpers.checkout import ROOT

# Tried in its whole lesson, the others in a notebook of two cells, which is quicker; every lab has
# the same way onto the page.
LESSONS = {"convolution_bench": 1}
# Where a test makes the notebook itself, it need not wait for a large image.
SMALLER = {"painting_live": "size=128"}
MISSING = "no Chromium on this machine, so the labs are not tried in it: apt-get install chromium"
LAB = ".course-lab"
# Worked out in the page: Playwright takes a list of bytes apart number by number.
FINGERPRINT = """async image => {
  const bytes = await (await fetch(image.src)).arrayBuffer();
  return String(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}"""
NAMELESS = re.compile(r"- '?(slider|combobox|spinbutton|button|textbox|checkbox|img)\b(?! \")")
GO_TO_FIRST_CONTROL = """box => {
  const all = [...box.querySelectorAll('select, button, input, .noUi-handle')];
  window.controls = all.filter(one => one.offsetParent && !one.disabled);
  window.controls[0].focus();
  return window.controls.length;
}"""
FOCUSED_CONTROL = "() => window.controls.indexOf(document.activeElement)"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason=MISSING),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jupyter")
    (folder / "notebooks").mkdir()
    with jupyter_lab(folder) as (address, token):
        yield address, token, folder / "notebooks"


def notebook_with(lab: str, folder: Path) -> str:
    """A notebook with the lab: its lesson, or two cells that show it."""
    if lab in LESSONS:
        [lesson] = ROOT.glob(f"notebooks/{LESSONS[lab]:02d}-*.ipynb")
        cells = nbformat.read(lesson, as_version=4).cells
        assert any(f"{lab}(" in cell.source for cell in cells if cell.cell_type == "code")
        shutil.copy(lesson, folder)
        return lesson.name
    notebook = nbformat.v4.new_notebook()
    quiet = "from course_lib.backend import quiet_framework_import\n\nquiet_framework_import()"
    show = (
        f"from course_lib.widgets import {lab}\n\nlab = {lab}({SMALLER.get(lab, '')})\nlab.show()"
    )
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in (quiet, show)]
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / f"{lab}.ipynb")
    return f"{lab}.ipynb"


class LabOnPage:
    """A lab as the reader has it in front of them."""

    def __init__(self, watched, name):
        self.page, self.name = watched.page, name
        self.box = self.page.locator(LAB).last
        self.box.locator("img").first.wait_for()
        self.box.scroll_into_view_if_needed()

    def image(self) -> str:
        """A fingerprint of the image's bytes, as the browser got them."""
        return self.box.locator("img").first.evaluate(FINGERPRINT)

    def status(self) -> str:
        """The line below the image, which must hold no error."""
        assert self.box.get_by_role("alert").count() == 0, self.box.get_by_role(
            "alert"
        ).inner_text()
        return self.box.get_by_role("status").inner_text()

    def says(self, words: str) -> None:
        """Wait until the line below the image has these words."""
        self.box.get_by_role("status").filter(has_text=words).wait_for()
        self.status()

    def changes_image(self, act) -> None:
        """Do something, and wait until other bytes are shown."""
        before = self.image()
        act()
        for _ in range(10 * PATIENCE):
            if self.image() != before:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.name}: the image stays as it was; {self.status()}")

    def settles(self) -> str:
        """Wait until the image no longer changes."""
        before = ""
        while before != self.image():
            before = self.image()
            self.page.wait_for_timeout(1500)
        return before

    def handle(self, label: str):
        """The handle of the slider with that label."""
        slider = self.box.locator(".widget-slider", has=self.page.get_by_text(label, exact=True))
        return slider.locator(".noUi-handle")

    def press(self, label: str, key: str, times: int = 1) -> None:
        """Move a slider by keyboard."""
        self.handle(label).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, label: str, share: float, steps: int = 40) -> None:
        """Move a slider by mouse, through many places on the way."""
        place, track = (
            one.bounding_box()
            for one in (self.handle(label), self.handle(label).locator("xpath=../.."))
        )
        mouse = self.page.mouse
        mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        mouse.down()
        mouse.move(track["x"] + share * track["width"], track["y"] + 4, steps=steps)
        mouse.up()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        row = self.box.locator(".widget-dropdown", has=self.page.get_by_text(label, exact=True))
        row.locator("select").select_option(label=option)

    def step_in_list(self, label: str, key: str) -> None:
        """Choose from a list by keyboard."""
        row = self.box.locator(".widget-dropdown", has=self.page.get_by_text(label, exact=True))
        row.locator("select").focus()
        self.page.keyboard.press(key)
        # JupyterLab would go to the next cell with the same key.
        assert row.locator("select").evaluate("one => one === document.activeElement")

    def push(self, label: str, key: str = "Enter") -> None:
        """Press a button by keyboard."""
        self.box.get_by_role("button", name=label, exact=True).focus()
        self.page.keyboard.press(key)

    def check_names(self) -> None:
        """Every control and the image must have words for a screen reader."""
        lines = [line.strip() for line in self.box.aria_snapshot().splitlines()]
        assert [line for line in lines if NAMELESS.match(line)] == []

    def check_reach(self) -> None:
        """The Tab key must come to every control that can be used."""
        count = self.box.evaluate(GO_TO_FIRST_CONTROL)
        reached = set()
        # Between two sliders there is the number that can be typed.
        for _ in range(2 * count):
            reached.add(self.page.evaluate(FOCUSED_CONTROL))
            self.page.keyboard.press("Tab")
        assert reached >= set(range(count))

    def keep_screenshot(self, name: str = "") -> None:
        """Keep an image of it where the environment asks for one."""
        folder = os.environ.get("COURSE_SCREENSHOTS")
        if folder:
            self.settles()
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.box.screenshot(path=Path(folder) / f"{name or self.name}.png")


def click(lab, label):
    lab.box.get_by_role("button", name=label, exact=True).click()


def convolution(lab):
    lab.changes_image(lambda: lab.press("stride", "ArrowRight"))
    lab.says("49 × 49")
    lab.changes_image(lambda: lab.choose("kernel", "blur"))
    corner = lab.box.locator("input[type=number]").first
    lab.changes_image(lambda: (corner.fill("2"), corner.press("Enter")))
    lab.changes_image(lambda: lab.choose("pooling", "maximum, 2 x 2"))
    lab.says("pooled 24 × 24")
    lab.choose("kernel", "vertical edges")
    lab.drag("stride", 0.0)


def bottleneck(lab):
    assert lab.handle("depth").get_attribute("aria-valuetext") == "relu4_1"
    lab.changes_image(lambda: lab.press("depth", "ArrowLeft"))
    assert lab.handle("depth").get_attribute("aria-valuetext") == "relu3_1"
    lab.changes_image(lambda: lab.drag("blend", 0.5))
    lab.changes_image(lambda: lab.press("numbers kept", "ArrowRight", 3))
    lab.says("bits a pixel")


def features(lab):
    lab.changes_image(lambda: lab.press("channel", "ArrowRight"))
    lab.changes_image(lambda: lab.press("tap", "ArrowRight"))
    lab.changes_image(lambda: lab.drag("map over it", 0.9))
    lab.changes_image(lambda: lab.step_in_list("image", "ArrowDown"))
    lab.says("relu3_1")


def gram(lab):
    lab.changes_image(lambda: lab.press("channel i", "ArrowRight"))
    lab.changes_image(lambda: lab.drag("channel j", 0.7))
    lab.keep_screenshot()
    # Stopped at once: on a slow page the texture would be finished before a second look at it.
    lab.changes_image(lambda: (lab.push("Make a texture"), click(lab, "Stop")))
    lab.settles()
    lab.box.get_by_role("button", name="Make a texture", exact=True).click(trial=True)


def pixel(lab):
    lab.changes_image(lambda: lab.press("strength", "ArrowLeft", 5))
    lab.changes_image(lambda: lab.choose("method", "covariance"))
    lab.changes_image(lambda: lab.drag("strength", 1.0))
    lab.says("PSNR")


def style(lab):
    lab.changes_image(lambda: lab.press("strength", "ArrowLeft", 4))
    lab.says("strength 0.80")
    lab.changes_image(lambda: lab.drag("strength", 0.5, steps=60))
    lab.settles()
    # After a long way through many places, what is drawn is where the mouse was let go.
    assert "strength 0.50" in lab.status()
    lab.changes_image(lambda: lab.choose("style", "palette knife"))
    lab.push("place", "Space")
    page = lab.box.get_by_role("button", name="place", exact=True)
    assert page.get_attribute("aria-pressed") == "true"
    lab.changes_image(lambda: lab.choose("where", "ellipse"))
    lab.changes_image(lambda: lab.press("size", "ArrowRight"))
    lab.keep_screenshot("style_lab_place")
    if find_spec("ipycanvas"):
        lab.choose("where", "painted by hand")
        lab.box.get_by_text("Nothing is painted yet").wait_for()
        lab.changes_image(lambda: paint(lab))
        lab.check_names()
        lab.keep_screenshot("style_lab_brush")
    lab.choose("where", "everywhere")
    click(lab, "files")
    lab.changes_image(lambda: hand_in(lab, "your photograph", own_photograph()))
    lab.says("holiday.png")
    hand_in(lab, "your style image", {"name": "paint.png", "buffer": b"no picture at all"})
    lab.box.get_by_role("alert").wait_for()
    assert "ImageError: paint.png" in lab.box.get_by_role("alert").inner_text()
    lab.keep_screenshot("style_lab_files")
    lab.changes_image(lambda: lab.press("strength", "ArrowRight", 6))
    click(lab, "Save")
    lab.box.get_by_text("Saved stylized.png").wait_for()
    click(lab, "mix")
    lab.choose("content", "chelsea")


def paint(lab):
    """A stroke with the brush, from the upper left of the small image to its middle."""
    place = lab.box.locator("canvas").bounding_box()
    lab.page.mouse.move(place["x"] + 30, place["y"] + 30)
    lab.page.mouse.down()
    middle = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    lab.page.mouse.move(*middle, steps=20)
    lab.page.mouse.up()


def own_photograph() -> dict:
    """An image file as the browser's dialog gives it."""
    ramp = np.linspace(0, 1, 60 * 80 * 3).reshape(60, 80, 3)
    return {"name": "holiday.png", "buffer": images.to_bytes(ramp, format="png")}


def hand_in(lab, label, file):
    with lab.page.expect_file_chooser() as chooser:
        lab.box.get_by_role("button", name=label).click()
    chooser.value.set_files([{"mimeType": "image/png", **file}])


def painting(lab):
    lab.changes_image(lambda: lab.press("steps", "ArrowRight"))
    lab.changes_image(lambda: lab.push("Start", "Space"))
    lab.press("take style", "ArrowRight")
    lab.changes_image(lambda: None)
    click(lab, "Pause")
    lab.settles()
    assert "Step" in lab.status()
    lab.keep_screenshot("painting_live_paused")
    lab.changes_image(lambda: click(lab, "Go on"))
    click(lab, "Stop")
    lab.settles()
    lab.box.get_by_role("button", name="Start", exact=True).click(trial=True)


def compare(lab):
    lab.changes_image(lambda: lab.press("divider", "ArrowRight", 3))
    lab.changes_image(lambda: lab.drag("divider", 0.3))
    lab.changes_image(lambda: lab.choose("view", "difference"))
    lab.choose("view", "divider")
    lab.changes_image(lambda: lab.press("zoom", "ArrowRight", 2))
    lab.says("PSNR")


MOVES = {
    "convolution_bench": convolution,
    "bottleneck_lab": bottleneck,
    "feature_browser": features,
    "gram_explorer": gram,
    "pixel_lab": pixel,
    "style_lab": style,
    "painting_live": painting,
    "compare_lab": compare,
}


@pytest.mark.parametrize("name", MOVES)
def test_the_lab_answers_in_the_browser(name, server, watched):
    address, token, folder = server
    watched.run_notebook(address, token, notebook_with(name, folder))
    lab = LabOnPage(watched, name)
    lab.status()
    lab.check_names()
    lab.check_reach()
    MOVES[name](lab)
    lab.keep_screenshot()
    lab.status()
    assert watched.outside == []
    assert watched.errors == []


def test_without_chromium_the_tests_say_what_is_missing(tmp_path):
    """With nothing on PATH but Python, the file is skipped with a plain message."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", __file__]
    environment = dict(os.environ, PATH=str(tmp_path))
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert "apt-get install chromium" in answer.stdout
    assert " failed" not in answer.stdout
