"""The spectators' page in a browser: the board on a phone, my people, details, stages, the freeze; a thousand rows; a page that slept."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear, outcome, told
from tests.browser.hall import Contest, Hall
from tests.browser.looks import outside
from tests.browser.screen import Screen
from tests.browser.test_freeze import canaries_at, frozen_evening, tell_the_canary
from tests.browser.test_keys_and_ears import faults
from tests.browser.test_referee_looks import SCROLLING, SMALL
from tests.browser.wording import FROZEN, LANGS, Lang, say

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
RANKS = """[...document.querySelectorAll("[data-part=board] li")]
    .sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((line) => [line.dataset.contestant, line.querySelector(".rank").textContent])"""
SEEN = """(how) => {
    Object.defineProperty(document, "visibilityState", {value: how, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""What a browser does when a page goes behind another, or comes back."""
LOOKS: list[tuple[int, str, Lang]] = [(360, "arena", "zh"), (360, "daylight", "en"), (1920, "arena", "en"), (3840, "contrast", "zh")]
ROWS_MAX = 40
A_MINUTE_MS = 61_000
PARTS = "bar => [...bar.children].map((part) => [part.classList[1], Math.round((100 * part.offsetWidth) / bar.offsetWidth)])"
COLOURS_OF_A_CELL = """(bar) => ["working", "tried"].every((look) => {
    const cell = document.body.appendChild(Object.assign(document.createElement("i"), {className: `cell ${look}`}));
    const part = getComputedStyle(bar.querySelector(`.${look}`));
    const seen = `${part.backgroundColor} ${part.boxShadow}`, {color} = getComputedStyle(cell);
    cell.remove();
    return seen.includes(color);
})"""


def at(screen: Screen, contest: Contest, lang: str = "zh", more: str = "") -> Screen:
    screen.open(f"/live?contest={contest.id}&lang={lang}{more}")
    expect(screen.page.locator("[data-part=board] li").first).to_be_visible()
    return screen


def on_board(page: Page, contestant: str) -> Any:
    return page.locator(f'[data-part=board] li[data-contestant="{contestant}"]')


def mine(page: Page) -> Any:
    return page.locator("[data-part=mine] li")


def test_the_ranking_moves_and_whom_i_follow_stays_on_top_and_after_a_reload(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    screen = at(screens(hall.url, **PHONE), contest)
    page = screen.page
    screen.until(f"{RANKS}.slice(0, 2)", [["A1", "1"], ["B2", "2"]])
    on_board(page, "B2").get_by_role("button", name=say("liveFollow", "zh", name="朱振华")).click()
    expect(mine(page)).to_have_count(1)
    contest.tell(clear("B2", "final", 900))
    screen.until(f"{RANKS}.slice(0, 2)", [["B2", "1"], ["A1", "2"]])
    expect(mine(page).locator(".rank")).to_have_text("1")
    expect(mine(page).locator(".move")).to_contain_text(say("up", "zh", n=1))
    expect(page.locator(".toast")).to_contain_text("朱振华")
    page.reload()
    expect(mine(page)).to_have_attribute("data-contestant", "B2")


@pytest.mark.parametrize("lang", LANGS)
def test_a_contestant_opens_by_key_with_stages_and_reasons_and_back_closes(hall: Hall, screens: Screens, lang: Lang) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = at(screens(hall.url, **PHONE), contest, lang)
    page = screen.page
    on_board(page, "A1").locator(".who").focus()
    page.keyboard.press("Enter")
    sheet, query = page.get_by_role("dialog"), f"contest={contest.id}&contestant=A1&stage=quiz&lang={lang}"
    expect(sheet.get_by_role("heading")).to_have_text("陈建国" if lang == "zh" else "Chen Jianguo")
    expect(sheet.locator('[data-stage="quiz"]')).to_contain_text(say("firstState", lang))
    expect(sheet.locator('[data-stage="quiz"]')).to_contain_text("10:00")
    expect(sheet.locator('[data-stage="quiz"] a')).to_have_attribute("href", f"./why?{query}")
    page.go_back()
    expect(sheet).to_have_count(0)
    expect(on_board(page, "A1").locator(".who")).to_be_focused()


def test_a_venue_is_ranked_by_itself_and_people_are_found_by_their_employer(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    screen = at(screens(hall.url, **PHONE), contest, "en")
    screen.page.locator('[data-venue="yueqing"]').click()
    screen.until(RANKS, [["B2", "1"], ["B1", "2"], ["G1", "–"]])
    screen.page.get_by_role("searchbox").fill("永嘉供电")
    screen.until(RANKS, [["A1", "1"]])


def test_stages_tell_how_they_go_by_venue(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    begun, failed = told("start", "A2", "quiz", 300), outcome("rejected", "A3", "quiz", 400)
    contest.tell(begun, failed, clear("A1", "quiz", 600), clear("B2", "quiz", 700))
    screen = at(screens(hall.url, **PHONE), contest, "en")
    screen.page.get_by_role("button", name=say("liveStages", "en"), exact=True).click()
    quiz = screen.page.locator('.stage[data-stage="quiz"]')
    expect(quiz).to_contain_text("Chen Jianguo")
    expect(quiz.locator(".share")).to_have_text("40%")
    expect(quiz.locator(".of")).to_have_text(["1/3", "1/2"])
    label = say("liveStageBar", "en", n=5, cleared=2, pending=0, working=1, tried=1)
    bar = quiz.get_by_role("img", name=label, exact=True)
    expect(bar).to_be_visible()
    assert bar.evaluate(PARTS) == [["cleared", 40], ["working", 20], ["tried", 20]]
    assert bar.evaluate(COLOURS_OF_A_CELL), "working and tried as on the big screen"


def test_nothing_from_behind_the_freeze_reaches_a_spectator(hall: Hall, screens: Screens) -> None:
    contest = frozen_evening(hall)
    tell_the_canary(contest)
    screen = at(screens(hall.url), contest)  # wide: the stages stand beside the board
    expect(screen.text(FROZEN["zh"])).to_be_visible()
    expect(on_board(screen.page, "B2").locator('[data-stage="quiz"]')).to_have_attribute("data-look", "pending")
    expect(screen.page.locator('.stage[data-stage="quiz"]')).to_be_visible()
    on_board(screen.page, "B2").locator(".who").click()
    expect(screen.page.get_by_role("dialog").locator('[data-stage="quiz"]')).to_have_attribute("data-look", "pending")
    assert canaries_at(screen) == set()


def test_of_a_thousand_only_the_first_are_asked_for_and_only_what_is_seen_is_drawn(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=evening.crowd(1_000), stages=evening.course(12))
    contest.tell(*[clear(f"C{n:04}", "s1", 600 + n) for n in range(1, 121)])
    screen = at(screens(hall.url, **PHONE), contest, "en")
    page = screen.page
    assert all("view=top%3A50" in url for url in screen.sockets), screen.sockets
    page.get_by_role("searchbox").fill("C0777")
    screen.until(RANKS, [["C0777", "121"]])
    on_board(page, "C0777").locator("[aria-pressed]").click()
    page.get_by_role("searchbox").fill("")
    expect(mine(page).locator(".rank")).to_have_text("121")
    page.get_by_role("button", name=say("liveShowAll", "en", n=1_000)).click()
    expect(page.locator(".count")).to_have_text(say("liveAllOf", "en", total=1_000))
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator('[data-part=board] li[aria-posinset="1000"]')).to_be_visible()
    assert page.locator("[data-part=board] li").count() <= ROWS_MAX


def test_a_page_that_slept_comes_back_by_its_cursor(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url, **PHONE)
    screen.page.clock.install()
    at(screen, contest)
    screen.page.evaluate(SEEN, "hidden")
    screen.page.clock.fast_forward(A_MINUTE_MS)
    expect(screen.page.locator(".trouble")).to_have_text(say("liveAsleep", "zh"))
    contest.tell(clear("A3", "quiz", 600))
    before = len(screen.sockets)
    screen.page.evaluate(SEEN, "visible")
    screen.until(f"{RANKS}[0]", ["A3", "1"])
    assert len(screen.sockets) == before + 1
    assert "after=" in screen.sockets[-1]


@pytest.mark.parametrize(("width", "theme", "lang"), LOOKS)
def test_nothing_runs_out_is_too_small_or_grave(hall: Hall, screens: Screens, width: int, theme: str, lang: Lang) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    screen = screens(hall.url, viewport={"width": width, "height": 740 if width < 500 else width * 9 // 16})
    at(screen, contest, lang, f"&theme={theme}")
    screen.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    on_board(screen.page, "A1").locator("[aria-pressed]").click()
    expect(mine(screen.page)).to_have_count(1)
    for show in (None, _stages, _sheet):
        if show is not None:
            show(screen.page, lang)
        screen.rest()
        assert screen.page.evaluate(outside(*SCROLLING, ".venues")) == [], "the venues scroll by themselves"
        assert screen.page.evaluate(SMALL) == []
        assert faults(screen) == []


def _stages(page: Page, lang: Lang) -> None:
    button = page.get_by_role("button", name=say("liveStages", lang), exact=True)
    if button.count():
        button.click()
    expect(page.locator(".stage").first).to_be_visible()


def _sheet(page: Page, _: Lang) -> None:
    page.locator(".stage dd button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
