"""The first stop of the Tab key leads past what stands on every page: the focus is in the content then, and the address is what it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk, test_control
from tests.browser.conftest import Screens
from tests.browser.desk import Desk
from tests.browser.hall import Hall
from tests.browser.office import Referee, office
from tests.browser.screen import Screen
from tests.browser.test_control import ControlRoom
from tests.browser.wording import say

REFUSED = ("/api/me", "/api/login", "/builder/examples", "/api/contests", "/me", "/rulings", "/login", *test_control.REFUSED)


def _opened(path: str) -> Callable[[Hall, Screen], Page]:
    def open_(hall: Hall, screen: Screen) -> Page:
        contest = hall.contest()
        return screen.open(f"{path}?contest={contest.id}&lang=en").page

    return open_


def _desk(hall: Hall, screen: Screen) -> Page:
    return Desk(screen, desk.contest_of(hall, "skipped-desk")).enter().page


def _control(hall: Hall, screen: Screen) -> Page:
    return ControlRoom(screen, test_control.opened(hall, "skipped-control")).inside().page


def _official(page: str, official: str) -> Callable[[Hall, Screen], Page]:
    def open_(hall: Hall, screen: Screen) -> Page:
        return Referee(screen, office(hall, f"skipped-{page}")).log_in(official, page).page

    return open_


PAGES: dict[str, Callable[[Hall, Screen], Page]] = {
    "live": _opened("/live"),
    "why": _opened("/why"),
    "account": _opened("/account"),
    "builder": _opened("/builder"),
    "desk": _desk,
    "control": _control,
    "referee": _official("referee", "R1"),
    "chief": _official("chief", "C1"),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_first_tab_leads_past_what_stands_on_every_page(hall: Hall, screens: Screens, name: str) -> None:
    screen = screens(hall.url)
    screen.may_be_refused = REFUSED
    page = PAGES[name](hall, screen)
    link = page.get_by_role("link", name=say("skipToContent", "en"))
    expect(link).to_be_attached()
    expect(page.locator("#content")).to_be_attached()
    before = page.url
    page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    assert page.url == before
