"""From a phone to 4K, in every language: nothing runs out of the page, and nothing that counts is cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear, outcome
from tests.browser.hall import Contest, Hall
from tests.browser.looks import outside
from tests.browser.screen import Screen
from tests.browser.wording import FROZEN

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 740},
    "1080p": {"width": 1920, "height": 1080},
    "4K": {"width": 3840, "height": 2160},
}
LONG = {"zh": "阿卜杜热合曼·吐尔逊江·买买提艾力", "en": "Maximiliane Wolkenstein-Trostburg zu Rodenegg"}
OUTSIDE = outside(".ticker ol", ".unseen")
"""Text that stands beyond an edge. The feed runs off on purpose, and what is only read aloud stands nowhere."""
CUT = """() => [...document.querySelectorAll(".rank, .figure, .second, .total, .big, .points, .phrase, .phrase *, .banner .main, h2 .main")]
    .filter((element) => element.getClientRects().length > 0 && getComputedStyle(element).display !== "inline")
    .filter((element) => element.scrollWidth > element.clientWidth + 1)
    .map((element) => `${element.className}: ${element.textContent.trim()}`)"""
"""Figures and phrases of which an end is missing. A long name may end in dots."""
LACKS = """(part) => {
    const range = new Range();
    range.selectNodeContents(part);
    return range.getBoundingClientRect().width - part.getBoundingClientRect().width;
}"""
"""How many pixels a text lacks."""
MOTION = """window.longest_ms = 0;
for (const kind of ["animationend", "transitionend"])
    addEventListener(kind, ({ elapsedTime }) => { longest_ms = Math.max(longest_ms, Math.round(elapsedTime * 1_000)); }, true);"""


@pytest.fixture(scope="module")
def packed(hall: Hall) -> Contest:
    """A contest with everything in it that takes room."""
    people = [*evening.PEOPLE, {"id": "A9", "venue": "yongjia", "name": LONG, "employer": LONG, "number": "A-0009"}, *evening.crowd(40)]
    stages = [*evening.STAGES, {"id": "long", "name": {"zh": "绝缘与接地电阻综合测试", "en": "Insulation and earth resistance test"}}]
    contest = hall.contest(minutes_ago=100, people=people, stages=stages, organiser=LONG)
    contest.tell(clear("A9", "final", 600), clear("A9", "long", 700), clear("B2", "quiz", 800), outcome("rejected", "A1", "quiz", 900))
    contest.order("standings", contestant="A3", status="withdrawn", reason="unwell")
    contest.order("freeze", minutes=20)
    contest.tell(clear("B1", "final", 5_000))
    return contest


def fits(screen: Screen) -> None:
    screen.rest()
    assert screen.page.evaluate(OUTSIDE) == []
    assert screen.page.evaluate(CUT) == []


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_nothing_runs_out_of_the_page_however_it_is_turned(hall: Hall, packed: Contest, screens: Screens, lang: str) -> None:
    screen = screens(hall.url, viewport=SIZES["phone"]).watch(packed.id, lang)
    expect(screen.text(FROZEN["en" if lang == "en" else "zh"])).to_be_visible()
    for size in SIZES:
        screen.page.set_viewport_size(SIZES[size])
        expect(screen.page.locator(".ranking.narrow")).to_have_count(1 if size == "phone" else 0)
        expect(screen.plate("A9")).to_be_visible()
        fits(screen)


def test_the_lobby_fits(own_hall: Hall, screens: Screens) -> None:
    screen = screens(own_hall.url).open("/?lang=both")
    expect(screen.text("contest-server adopt contest.toml")).to_be_visible()
    for size in SIZES.values():
        screen.page.set_viewport_size(size)
        fits(screen)


@pytest.mark.parametrize("wish", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_asked_for_it(hall: Hall, screens: Screens, wish: str) -> None:
    contest = hall.contest()
    screen = screens(hall.url, reduced_motion=wish)
    screen.page.add_init_script(MOTION)
    screen.watch(contest.id)
    contest.tell(clear("B2", "final", 600))
    expect(screen.plate("B2")).to_have_attribute("aria-posinset", "1")
    expect(screen.page.locator("[data-callout]")).to_be_visible()
    screen.rest()
    screen.until("longest_ms > 1", wish == "no-preference")


def test_the_contest_is_named_in_full_while_the_name_of_its_organiser_gives_way(hall: Hall, screens: Screens) -> None:
    """A title that lacks a tenth of a pixel ends in dots and loses its last word."""
    name = {"zh": "永嘉 × 乐清 电工技能闯关赛 · 第 1 轮", "en": "Yongjia × Yueqing Electricians' Challenge · Round 1"}
    contest = hall.contest(name=name, organiser={"zh": "两城技能竞赛组委会(演示)", "en": "Two Cities Skills Committee (demo)"})
    screen = screens(hall.url).open(f"/screen?contest={contest.id}&lang=both")
    screen.rest()
    assert screen.page.locator("h1 .sub").evaluate(LACKS) <= 0
    assert screen.page.locator(".organiser").is_visible()
