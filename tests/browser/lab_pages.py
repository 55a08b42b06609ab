"""Pages with one lab each, a visitor who uses them, and what a lab says and shows.

Needs npm and the extra `export` where labs run the networks; where one is missing, or npm reaches
no registry, the tests are skipped and say so.
"""

import base64
import functools
import os
import re
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from course_lib import collection
from course_lib.errors import BuildError
from tests.helpers.checkout import ROOT

# What npm says where there is no way to its registry.
UNREACHED = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ECONNRESET")
# Every word that labs have shown or said so far, also what is there for a moment only.
LISTEN = """
window.said = new Set();
const listen = () => {
  for (const one of document.querySelectorAll(".live-lab, .live-lab *")) {
    for (const name of ["aria-label", "aria-valuetext", "title", "alt", "placeholder"])
      if (one.hasAttribute(name)) said.add(one.getAttribute(name));
    for (const node of one.childNodes) if (node.nodeType === Node.TEXT_NODE) said.add(node.data);
  }
};
const all = {subtree: true, childList: true, characterData: true, attributes: true};
new MutationObserver(listen).observe(document, all);
"""
# Every control to its ends, lists through what they offer.
MOVE_ALL = """async name => {
  const lab = window.course.labs.get(name);
  for (const { input } of Object.values(lab.controls)) {
    const { min, max, options, checked } = input;
    const values = options ? [...options].map((one) => one.value) : [min, max];
    // Of long lists, which are names, the first and the last.
    for (const value of values.length > 6 ? [values[0], values.at(-1)] : values) {
      if (input.type === "checkbox") input.checked = value === values[0] ? !checked : checked;
      else input.value = value;
      for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind));
      while (lab.running) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}"""
# What stays as it is in every language: files, units, and what is written in code.
KEPT = re.compile(r"relu\d_\d|[\w/ -]+\.(?:png|js|txt)|PSNR|SSIM|PNG|JPEG|\binf\b|dB|RGB")
WORD = re.compile(r"[A-Za-z]{2}")
# Rounding to 8 bits, and single-precision sums in another order.
GRAY_LEVELS = 2
PHONE = {"width": 390, "height": 844}
AXE = ROOT / "docs" / "site" / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => (await axe.run()).violations.map((found) =>
  found.help + ": " + found.nodes.map((node) => node.html.slice(0, 150)).join(" || "))"""
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="page.css">
<link rel="stylesheet" href="labs/labs.css"></head>
<body><main><h1>{name}</h1><div class="live-lab" id="{name}" data-lab="{name}"></div></main>
{scripts}</body></html>"""
SCRIPT = '<script defer src="{}"></script>'
# Images leave a page as text: Playwright takes lists apart number by number, which takes seconds.
PACKED = """
window.packed = (data) => {
  const bytes = new Uint8Array(Float32Array.from(data).buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};
window.packedPicture = ({ width, height, data }) => ({ width, height, data: packed(data) });
"""
PANELS = """name => {
  const lab = window.course.labs.get(name);
  return lab.sheet.panels.map(({title, picture}) => [title, packedPicture(picture)]);
}"""


class Quietly(SimpleHTTPRequestHandler):
    """A file server that does not tell what it serves."""

    def log_message(self, *arguments):
        pass


def skip_without_web_tools() -> None:
    """Skip where the networks cannot be made for pages."""
    for package in ("onnx", "tf2onnx"):
        pytest.importorskip(package, reason=f"{package} is not installed: course_lib[export]")
    from course_lib.backend import quiet_framework_import
    from course_lib.export import check_web_tools

    quiet_framework_import()
    try:
        check_web_tools()
    except BuildError as error:
        if UNREACHED.search(str(error)) or "npm is not installed" in str(error):
            pytest.skip(str(error))
        raise


def write_lab_pages(folder: Path, names: list[str], *, with_networks: bool) -> Path:
    """Pages NAME.html and, in Chinese, zh-NAME.html for each of these labs."""
    from workshop.site.labs import write_labs
    from workshop.site.page_words import PAGE_WORDS, write_page_words

    told = write_labs(folder / "labs", names, with_networks=with_networks)
    write_page_words(folder / PAGE_WORDS, told)
    css = (ROOT / "docs" / "web" / "page.css").read_text(encoding="utf-8")
    (folder / "page.css").write_text(css, encoding="utf-8")
    base = SCRIPT.format("labs/base.js")
    for name in names:
        english = PAGE.format(name=name, language="en", scripts=base)
        scripts = SCRIPT.format(PAGE_WORDS) + base
        chinese = PAGE.format(name=name, language="zh-CN", scripts=scripts)
        (folder / f"{name}.html").write_text(english, encoding="utf-8")
        (folder / f"zh-{name}.html").write_text(chinese, encoding="utf-8")
    return folder


def in_english(visitor: "LabVisitor") -> set[str]:
    """What a lab has shown or said so far that holds a word of English.

    Its page must have been opened with `LISTEN`. Names of the course's images are no English, nor
    are values of arguments, which readers see in code.
    """
    names = {name for kind in collection.names().values() for name in kind}
    names |= {name.replace("_", " ") for name in names}
    values = {"mean_std", "covariance", "histogram", "distribution", "lab", "ruderman", "rgb"}
    known = re.compile(
        "|".join(rf"\b{re.escape(one)}\b" for one in sorted(names | values)), re.ASCII
    )
    said = visitor.page.evaluate("[...window.said]")
    return {one for one in said if WORD.search(known.sub("", KEPT.sub("", one)))}


@contextmanager
def served(folder: Path):
    """The address of a file server for a folder."""
    handler = functools.partial(Quietly, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class LabVisitor:
    """Someone who uses a lab in a page.

    Args:
        watched: a `Watched` page.
        address: of the folder, without a slash at its end.
        name: of the lab.
        page: the file, if it is not named as the lab.
        state: settings in the address, as ``strength=0.5``.
    """

    def __init__(self, watched, address: str, name: str, *, page: str = "", state: str = ""):
        self.watched, self.page, self.name = watched, watched.page, name
        self.page.add_init_script(PACKED)
        self.page.goto(
            f"{address}/{page or name + '.html'}" + (f"#{name}:{state}" if state else "")
        )
        self.lab = self.page.locator(f"#{name}")
        self.lab.locator(".figures img, .figures canvas").first.wait_for()

    def drawn(self, act) -> str:
        """Do something, and wait until the lab has drawn for it; the words below the image."""
        self.page.evaluate("name => { window.course.labs.get(name).sheet = null; }", self.name)
        act()
        self.page.wait_for_function(
            """name => { const lab = window.course.labs.get(name);
              return (lab.sheet && !lab.running) || lab.alert.textContent; }""",
            arg=self.name,
        )
        assert self.lab.locator(".problem").text_content() == ""
        return self.words()

    def words(self) -> str:
        """The line below the image."""
        return self.lab.locator("p.words").text_content()

    def problem(self) -> str:
        """Wait for an error; what it says."""
        return self.lab.get_by_role("alert").text_content()

    def press(self, label: str, key: str, times: int = 1) -> None:
        """Move a control by keyboard."""
        self.lab.get_by_label(label, exact=True).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        chooser = self.lab.get_by_role("combobox", name=label, exact=True)
        chooser.select_option(label=option)

    def click(self, button: str) -> None:
        """Press a button by mouse."""
        self.lab.get_by_role("button", name=button, exact=True).click()

    def panels(self) -> dict[str, np.ndarray]:
        """Title -> the pictures that the lab has drawn, as it had them before rounding."""
        return {title: unpacked(one) for title, one in self.page.evaluate(PANELS, self.name)}

    def picture(self, program: str, *arguments) -> np.ndarray:
        """The picture that a program in the page ends with, (height, width, channels)."""
        packed = f"async (given) => packedPicture(await ({program})(...given))"
        return unpacked(self.page.evaluate(packed, arguments))

    def check_all_is_well(self) -> None:
        """Nothing asked for elsewhere, no error, and everybody can use it, in light and dark."""
        assert (self.watched.outside, self.watched.errors) == ([], [])
        if AXE.is_file():
            # As text, because a page may forbid scripts from elsewhere on this machine.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                assert self.page.evaluate(VIOLATIONS) == [], scheme
            self.page.emulate_media(color_scheme="light")

    def check_it_fits_a_telephone(self) -> None:
        """Nothing may stick out at the side."""
        self.page.set_viewport_size(PHONE)
        width = self.page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= PHONE["width"]

    def keep_screenshot(self, name: str) -> None:
        """Keep an image of it where the environment asks for one."""
        folder = os.environ.get("COURSE_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def unpacked(picture: dict) -> np.ndarray:
    """What `packedPicture` packed, (height, width, channels)."""
    numbers = np.frombuffer(base64.b64decode(picture["data"]), "<f4")
    return numbers.reshape(picture["height"], picture["width"], -1)


def gray_levels(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference of two images, in levels of 255."""
    return float(255 * np.abs(one - other).max())
