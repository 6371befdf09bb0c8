"""A real server and a browser, for whoever takes the pictures of the docs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.hall import Hall

Take = Callable[[Browser, Hall, Path], None]


def into_the_docs(take: Take, themes: str = "") -> None:
    """Take all pictures into the folder that the command names, usually `docs/pictures`."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    chromium.borrow_node()
    hall = Hall(themes)
    try:
        with sync_playwright() as playwright:
            flags = chromium.flags(is_root=os.geteuid() == 0)
            browser = playwright.chromium.launch(executable_path=str(chromium.provide()), args=flags)
            take(browser, hall, folder)
            browser.close()
    finally:
        hall.end()
