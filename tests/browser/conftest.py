"""The browser of these tests. Without one they fail, unless CONTEST_SKIP_BROWSER=1 says that they are to be left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser.hall import Hall
from tests.browser.screen import Screen

chromium.borrow_node()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """This hook sees the items of the whole run, so it marks only those of this folder."""
    if os.environ.get("CONTEST_SKIP_BROWSER") != "1":
        return
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.skip(reason="CONTEST_SKIP_BROWSER=1"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """What pytest-playwright starts the browser with."""
    try:
        executable = chromium.provide()
    except chromium.NoBrowser as error:
        pytest.fail(str(error), pytrace=False)
    return {**browser_type_launch_args, "executable_path": str(executable), "args": chromium.flags(is_root=os.geteuid() == 0)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The big screen: 1080p, in Chinese."""
    return {**browser_context_args, "viewport": {"width": 1920, "height": 1080}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session")
def hall() -> Iterator[Hall]:
    """The server that most tests share, each with a contest of its own."""
    yield from _served()


@pytest.fixture
def own_hall() -> Iterator[Hall]:
    """A server without any contest, for those that have to be alone with it."""
    yield from _served()


def _served() -> Iterator[Hall]:
    hall = Hall()
    try:
        yield hall
    finally:
        hall.end()


Screens = Callable[..., Screen]


@pytest.fixture
def screens(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Screens]:
    """Opens pages at an origin, each in a context of its own (`different` from the big screen), and checks all of them in the end."""
    opened: list[Screen] = []

    def at(origin: str, **different: Any) -> Screen:
        context = browser.new_context(**(browser_context_args | different))
        opened.append(Screen(context.new_page(), origin))
        return opened[-1]

    try:
        yield at
        for screen in opened:
            screen.check()
    finally:
        for screen in opened:
            screen.page.context.close()
