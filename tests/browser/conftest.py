"""The browser of these tests, and a page in it that notes what it asks for and what goes wrong."""

import pytest

from tests.browser.jupyter_in_chromium import FLAGS, Watched, chromium

# A camera that sees a test picture, and is allowed to.
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium(), args=[*FLAGS, *CAMERA])
        yield running
        running.close()


@pytest.fixture
def watched(browser):
    page = Watched(browser)
    yield page
    page.close()
