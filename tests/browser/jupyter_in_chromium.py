"""A JupyterLab of the tests' own, and a Chromium that looks at it.

JupyterLab listens on 127.0.0.1 with folders of its own for settings, data and notebooks, so that
nothing of the user's is read or written. Chromium is the system's; Playwright drives it. Every
request that would leave the machine is refused and remembered.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Otherwise cells out of sight are taken off the page, with the lab that is in them.
    "notebook-extension/tracker": {"windowingMode": "none"},
}
HERE = {"127.0.0.1", "localhost"}
PATIENCE = 120


def chromium() -> str | None:
    """Where the system's Chromium is, if there is one."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@contextmanager
def jupyter_lab(folder: Path) -> Iterator[tuple[str, str]]:
    """A running JupyterLab whose notebooks lie in a folder; gives its address and its token."""
    notebooks = folder / "notebooks"
    token, port = secrets.token_hex(16), _free_port()
    for name, values in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={notebooks}",
        "--LabApp.expose_app_in_browser=True",
    ]
    with open(folder / "jupyter.log", "wb") as log:
        server = subprocess.Popen(command, env=_environment(folder), stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, folder / "jupyter.log")
            yield f"http://127.0.0.1:{port}", token
        finally:
            server.terminate()
            server.wait(60)


def _environment(folder: Path) -> dict[str, str]:
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return dict(os.environ, **{name: str(folder / part) for name, part in own.items()})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


class Watched:
    """A page whose requests and errors are remembered.

    Args:
        browser: Playwright's browser.
        density: how many pixels of a screenshot a pixel of the page takes.

    Attributes:
        page: Playwright's page.
        outside: addresses beyond this machine that were asked for.
        errors: what went to the console as an error, and exceptions that nobody caught.
    """

    def __init__(self, browser, density: float = 1):
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.context = browser.new_context(
            viewport={"width": 1366, "height": 900}, device_scale_factor=density
        )
        self.context.route("**/*", self._let_pass)
        self.page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _let_pass(self, route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("data", "blob", "file") or address.hostname in HERE:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _listen(self, message) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def run_notebook(self, address: str, token: str, name: str) -> None:
        """Open a notebook and run all of its cells, once its kernel answers."""
        # A workspace of its own, or JupyterLab opens the notebooks of the tests before as well.
        workspace = name.removesuffix(".ipynb")
        self.page.goto(f"{address}/lab/workspaces/{workspace}/tree/{name}?token={token}")
        self.page.wait_for_function(KERNEL_IS_THERE)
        self.page.evaluate(RUN_ALL)

    def close(self) -> None:
        """Leave the page without a question about unsaved work."""
        self.page.evaluate(SHUT_DOWN)
        self.context.close()


# The menu's Run All races with a kernel that is still starting; this does not.
KERNEL_IS_THERE = """
() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return Boolean(panel?.sessionContext?.session?.kernel) && panel.content.widgets.length > 0;
}
"""
RUN_ALL = """
async () => {
  const context = window.jupyterapp.shell.currentWidget.sessionContext;
  await context.ready;
  await context.session.kernel.info;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
}
"""
SHUT_DOWN = """
async () => {
  await window.jupyterapp?.shell?.currentWidget?.sessionContext?.shutdown();
}
"""
