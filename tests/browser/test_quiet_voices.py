"""A voice that reads the page out says what is new, and falls silent: no number that runs on is read, also while the line is cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import desk, scenery
from tests.browser.cabled import Network, network
from tests.browser.conftest import Screens
from tests.browser.desk import Desk
from tests.browser.evening import clear
from tests.browser.hall import Hall
from tests.browser.screen import Screen
from tests.browser.test_scenes import show

VOICE = """() => {
    const live = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
    const spoken = (node) => {
        if (node.nodeType === Node.TEXT_NODE) return node.textContent;
        if (node.nodeType !== Node.ELEMENT_NODE || node.ariaHidden === "true" || getComputedStyle(node).display === "none") return "";
        return [...node.childNodes].map(spoken).join("");
    };
    window.heard = [];
    const before = new Map();
    const listen = () => {
        for (const region of document.querySelectorAll(live)) {
            if (region.getAttribute("aria-live") === "off" || region.closest("[aria-hidden=true]")) continue;
            const text = spoken(region).replace(/\\\\s+/g, " ").trim();
            if (before.has(region) && before.get(region) !== text && text !== "") heard.push(text);
            before.set(region, text);
        }
    };
    listen();
    new MutationObserver(listen).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
}"""
"""Notes in `heard` what a screen reader would read out of the page's live regions from now on."""
SECONDS = 7
"""Fewer than it takes a page to miss its server."""


@pytest.fixture
def cable(hall: Hall) -> Iterator[Network]:
    """A line to the server that can be cut."""
    with network(hall) as laid:
        yield laid


def pass_seconds(screen: Screen, seconds: int = SECONDS) -> None:
    """One after the other, so that everything that counts them does."""
    for _ in range(seconds):
        screen.page.clock.run_for(1_000)


@pytest.mark.parametrize("scene", ["ranking", "lanes", "duel", "head_to_head"])
def test_frames_that_come_are_not_read_out(hall: Hall, screens: Screens, scene: str) -> None:
    people = scenery.people(30)
    contest = hall.contest(people=people, stages=scenery.STAGES)
    contest.tell(*(clear(each["id"], "plc", 600 + at) for at, each in enumerate(people)))
    screen = screens(hall.url)
    screen.page.clock.install()
    show(screen, contest, scene)
    screen.page.evaluate(VOICE)
    for at, each in enumerate(people[-6:]):
        contest.tell(clear(each["id"], "quiz", 1_000 + at))
    board = contest.board()
    screen.until("seen.cursor()", f"{board['epoch']}:{board['to']}")
    for at in range(3):
        pass_seconds(screen)
        contest.tell(clear(people[at]["id"], "quiz", 2_000 + at))
        board = contest.board()
        screen.until("seen.cursor()", f"{board['epoch']}:{board['to']}")
    heard = screen.page.evaluate("heard")
    assert len(heard) <= len(screen.callouts()) + 1, heard


@pytest.mark.parametrize("path", ["/screen", "/live"])
def test_a_cut_is_read_out_once(cable: Network, hall: Hall, screens: Screens, path: str) -> None:
    contest = hall.contest()
    screen = screens(cable.url)
    screen.may_be_cut_off = True
    screen.page.clock.install()
    screen.open(f"{path}?contest={contest.id}&lang=en")
    expect(screen.page.locator("li[data-contestant]").first).to_be_visible()
    screen.page.evaluate(VOICE)
    cable.cut()
    pass_seconds(screen, 40)
    heard = screen.page.evaluate("heard")
    assert heard, "somebody has to be told"
    assert not [text for text in heard if any(letter.isdigit() for letter in text)], heard
    assert len(heard) <= 4, heard


def test_the_seconds_until_an_entry_leaves_are_not_read_out(hall: Hall, screens: Screens) -> None:
    screen = screens(hall.url)
    at = Desk(screen, desk.contest_of(hall, "quiet-desk")).enter()
    at.choose("A018", "wiring")
    screen.page.evaluate(VOICE)
    at.do("start").click()
    expect(screen.page.locator(".latest p")).to_be_visible()
    at.unsynced(0)
    assert len([text for text in screen.page.evaluate("heard") if "Li Junjie" in text]) <= 2, screen.page.evaluate("heard")
