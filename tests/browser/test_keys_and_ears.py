"""The screen without a mouse and without eyes: keys turn and hold the pages, and everything has a role, a name and enough contrast."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear, outcome
from tests.browser.hall import Hall
from tests.browser.screen import Screen
from tests.browser.wording import say

PAGE_TURNS_MS = 9_600
"""A little more than a page stays, and less than it takes a page to miss its server."""
THEMES = ("arena", "contrast", "daylight")
GRAVE = ("serious", "critical")
UNTIED = """() => [...document.querySelectorAll("[aria-invalid=true]")].filter((field) => {
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
    return !ids.some((id) => document.getElementById(id)?.textContent.trim());
}).map((field) => field.outerHTML)"""
"""Fields with a fault that is not said where the field is."""


def long_ranking(hall: Hall, screens: Screens, lang: str) -> tuple[Screen, Callable[[], list[str]]]:
    """A ranking of several pages, and what its plates are at the moment."""
    screen = screens(hall.url)
    screen.page.clock.install()
    screen.watch(hall.contest(people=evening.crowd(60)).id, lang)
    screen.rest()
    return screen, lambda: [row["id"] for row in screen.rows()]


def test_space_holds_the_pages_and_lets_them_go(hall: Hall, screens: Screens) -> None:
    screen, ids = long_ranking(hall, screens, "zh")
    button = screen.page.locator("button[aria-pressed]")
    expect(button).to_have_attribute("aria-pressed", "false")
    first = ids()
    screen.page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(screen.page.get_by_role("button", name=say("pageHeld", "zh"))).to_be_visible()
    screen.page.clock.fast_forward(PAGE_TURNS_MS)
    expect(screen.link).to_contain_text(say("connected", "zh"))
    assert ids() == first
    screen.page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-pressed", "false")
    screen.page.clock.fast_forward(PAGE_TURNS_MS)
    expect(screen.plate(first[-1])).to_have_count(0)
    assert ids()[:3] == first[:3], "the top stays"


def test_the_button_can_be_reached_and_pressed_by_key(hall: Hall, screens: Screens) -> None:
    screen, _ = long_ranking(hall, screens, "en")
    button = screen.page.locator("button[aria-pressed]")
    screen.page.keyboard.press("Tab")
    expect(button).to_be_focused()
    for key, held in (("Enter", "true"), ("Space", "false"), ("Space", "true")):
        screen.page.keyboard.press(key)
        expect(button).to_have_attribute("aria-pressed", held)
    expect(screen.page.get_by_role("button", name=say("pageHeld", "en"))).to_be_focused()


def test_arrows_turn_the_pages_and_home_goes_to_the_first(hall: Hall, screens: Screens) -> None:
    screen, ids = long_ranking(hall, screens, "zh")
    screen.page.keyboard.press("Space")
    first = ids()
    screen.page.keyboard.press("ArrowRight")
    expect(screen.plate(first[-1])).to_have_count(0)
    second = ids()
    screen.page.keyboard.press("ArrowLeft")
    expect(screen.plate(first[-1])).to_be_visible()
    assert ids() == first
    screen.page.keyboard.press("ArrowLeft")
    expect(screen.plate("C0060")).to_be_visible()
    screen.page.keyboard.press("Home")
    expect(screen.plate(first[-1])).to_be_visible()
    assert ids() == first
    assert second != first


def _running(hall: Hall) -> str:
    contest = hall.contest(people=[*evening.PEOPLE, *evening.crowd(40)])
    contest.tell(clear("A1", "quiz", 600), outcome("rejected", "B1", "quiz", 700), outcome("pending", "B2", "final", 800))
    return f"/screen?contest={contest.id}"


def _frozen(hall: Hall) -> str:
    contest = hall.contest(minutes_ago=100)
    contest.tell(clear("A1", "quiz", 600))
    contest.order("freeze", minutes=20)
    contest.tell(clear("B2", "quiz", 5_000))
    return f"/screen?contest={contest.id}"


def _final(hall: Hall) -> str:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    contest.order("clock", action="end")
    contest.order("finalise")
    return f"/screen?contest={contest.id}"


def _lobby(hall: Hall) -> str:
    return "/screen?contest=nobody"


@pytest.mark.parametrize("state", [_running, _frozen, _final, _lobby])
def test_nothing_grave_is_wrong_for_those_who_listen_or_see_less(hall: Hall, screens: Screens, state: Callable[[Hall], str]) -> None:
    screen = screens(hall.url, reduced_motion="reduce")
    screen.may_be_refused = "/api/contests/nobody"
    screen.open(f"{state(hall)}&lang=both")
    expect(screen.plate("A1").or_(screen.page.get_by_role("alert").filter(has_text="nobody"))).to_be_visible()
    screen.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for theme in THEMES:
        screen.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        screen.rest()
        assert faults(screen) == [], theme


def faults(screen: Screen) -> list[str]:
    """What axe finds serious or critical, and faults that a voice does not say with their field."""
    assert screen.page.evaluate(UNTIED) == []
    found: dict[str, Any] = screen.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
