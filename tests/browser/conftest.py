"""The browser of these tests. Without one they fail, unless CONTEST_SKIP_BROWSER=1 says that they are to be left out."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.browser import chromium

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
