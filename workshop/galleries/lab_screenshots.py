"""Take an image of every lab in a real JupyterLab, for the README and the web course.

    python -m workshop.galleries.lab_screenshots

Needs Chromium (Debian: apt-get install chromium) and Playwright, which is in the group `test`.
What the images show is said in docs/images/labs/labs.toml.
"""

import io
import sys
import tempfile
from pathlib import Path

import nbformat
from PIL import Image, ImageChops

from tests.browser.jupyter_in_chromium import FLAGS, Watched, chromium, jupyter_lab
from workshop import CHECKOUT

FOLDER = CHECKOUT / "docs" / "images" / "labs"
LARGEST = 60 * 1024
# Half as many pixels again as on the page: letters stay sharp on dense screens.
DENSITY = 1.5
# What is done with each lab before its image is taken.
SCENES = {
    "convolution_bench": "lab.change(pooling='max')",
    "bottleneck_lab": "lab.change(divisor=8)",
    "feature_browser": "",
    "gram_explorer": "lab.make.click()\nlab.background.wait()",
    "pixel_lab": "",
    "style_lab": "lab.change(style='stained_glass', second='palette_knife', shape='left part')",
    "painting_live": "lab.change(count=60)\nlab.start()\nlab.background.wait()",
    "compare_lab": "lab.change(pair='stylized')",
}
QUIET = "from course_lib.backend import quiet_framework_import\n\n_ = quiet_framework_import()"


def write_notebook(path):
    """Write a notebook that shows every lab in its scene."""
    codes = [QUIET]
    for name, scene in SCENES.items():
        codes.append(f"from course_lib.widgets import {name}\n\nlab = {name}()\n{scene}\nlab")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def small_file(shot):
    """The bytes of a WebP file of that image, of the best quality that is small enough."""
    image = without_margin(Image.open(io.BytesIO(shot)).convert("RGB"))
    for quality in range(90, 20, -5):
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality, method=6)
        if file.tell() <= LARGEST:
            return file.getvalue()
    raise RuntimeError(f"{image.size} pixels do not fit into {LARGEST} bytes.")


def without_margin(image):
    """The image without the empty page at its right and below it."""
    # The last rows may hold the line with which JupyterLab ends a cell.
    width, height = image.size
    inner = image.crop((0, 0, width, height - 6))
    page = Image.new("RGB", inner.size, inner.getpixel((width - 1, 0)))
    right, lower = (ImageChops.difference(inner, page).getbbox() or inner.size * 2)[2:]
    return image.crop((0, 0, min(right + 6, width), min(lower + 6, height - 6)))


def main():
    """Write ``docs/images/labs/NAME.webp`` for every lab."""
    from playwright.sync_api import sync_playwright

    if chromium() is None:
        sys.exit("There is no Chromium on this machine: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        notebooks = Path(folder) / "notebooks"
        notebooks.mkdir()
        write_notebook(notebooks / "labs.ipynb")
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        with jupyter_lab(Path(folder)) as (address, token):
            watched = Watched(browser, density=DENSITY)
            watched.run_notebook(address, token, "labs.ipynb")
            for number, name in enumerate(SCENES):
                box = watched.page.locator(".course-lab").nth(number)
                box.locator("img").first.wait_for()
                box.scroll_into_view_if_needed()
                watched.page.wait_for_timeout(1000)
                path = FOLDER / f"{name}.webp"
                path.write_bytes(small_file(box.screenshot()))
                print(path.relative_to(CHECKOUT), f"{path.stat().st_size / 1024:.0f} KB")
            watched.close()


if __name__ == "__main__":
    main()
