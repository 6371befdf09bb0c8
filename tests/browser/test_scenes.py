"""Every scene on a real page: it shows what the board has, fits from a phone to 4K, is read from ten metres, calls each thing out once."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.browser import evening, scenery
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.test_keys_and_ears import faults
from tests.browser.test_layout import OUTSIDE, SIZES
from tests.browser.wording import say

SCENES: dict[str, dict[str, Any]] = {
    "ranking": {},
    "lanes": {},
    "duel": {},
    "head_to_head": {"left": "A001", "right": "B002"},
    "spotlight": {"contestant": "A003"},
    "ticker": {},
    "countdown": {"to": "end"},
    "notice": {"zh": "请回到工位", "en": "Back to your stations, please"},
    "reveal": {},
    "ceremony": {"places": 3, "step": 3},
    "auto": {},
}
"""Each with what it is asked to show."""
LEAST = 0.022
"""The smallest text on a big screen, as a part of its height: what is read from ten metres."""
SMALL = """(least) => [...document.querySelectorAll("#app *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()))
    .filter((element) => !element.closest(".unseen, svg") && element.getClientRects().length > 0)
    .filter((element) => parseFloat(getComputedStyle(element).fontSize) < least && parseFloat(getComputedStyle(element).fontSize) > 0)
    .map((element) => `${getComputedStyle(element).fontSize} ${element.className}: ${element.textContent.trim()}`)"""
NEXT_MS = 6_000


@pytest.fixture(scope="module")
def played(hall: Hall) -> Contest:
    return scenery.played(hall)


def show(screen: Screen, contest: Contest, scene: str, lang: str = "both", **options: Any) -> Screen:
    """Open a scene by its address, and wait until it is there."""
    query = urlencode({"contest": contest.id, "scene": scene, "lang": lang, **(SCENES.get(scene, {}) | options)})
    screen.open(f"/screen?{query}")
    expect(screen.page.locator(".screen main")).to_be_visible()
    screen.rest()
    return screen


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_fits_from_a_phone_to_4k_and_is_read_from_ten_metres(hall: Hall, played: Contest, screens: Screens, scene: str) -> None:
    screen = screens(hall.url, viewport=SIZES["phone"])
    for lang in ("zh", "en", "both"):
        screen.page.set_viewport_size(SIZES["phone"])
        show(screen, played, scene, lang)
        for size in SIZES.values():
            screen.page.set_viewport_size(size)
            screen.rest()
            assert screen.page.evaluate(OUTSIDE) == [], (lang, size)
            if size["width"] > size["height"]:
                assert screen.page.evaluate(SMALL, size["height"] * LEAST) == [], (lang, size)
                assert screen.page.evaluate("document.documentElement.scrollHeight <= innerHeight"), (lang, size)


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_grave_is_wrong_with_a_scene_for_those_who_listen_or_see_less(
    hall: Hall, played: Contest, screens: Screens, scene: str
) -> None:
    screen = show(screens(hall.url, reduced_motion="reduce"), played, scene)
    screen.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for theme in ("arena", "contrast", "daylight"):
        screen.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        screen.rest()
        assert faults(screen) == [], theme


def texts(screen: Screen, selector: str) -> Sequence[str]:
    return screen.page.locator(selector).all_inner_texts()


def test_lanes_show_everybody_page_by_page_each_once(hall: Hall, screens: Screens) -> None:
    contest = scenery.played(hall, 60, evening.course(30), 3_000)
    screen = show(screens(hall.url), contest, "lanes")
    screen.page.keyboard.press(" ")  # pages are held
    seen: list[str] = []
    ids = "[...document.querySelectorAll('[data-lane]')].map((lane) => lane.dataset.lane)"
    while not set(now := screen.page.evaluate(ids)) <= set(seen):
        assert not set(now) & set(seen)
        assert screen.page.locator("[data-lane]").first.locator("[data-stage]").count() == 30
        seen += now
        screen.page.keyboard.press("ArrowRight")
        screen.rest()
    assert sorted(seen) == sorted(contest.venue_of)


def test_few_lanes_share_the_height_of_all(hall: Hall, screens: Screens) -> None:
    screen = show(screens(hall.url, reduced_motion="reduce"), scenery.played(hall, 8), "lanes")
    filled = """() => {
        const lanes = [...document.querySelectorAll("[data-lane]")].map((lane) => lane.getBoundingClientRect());
        const main = document.querySelector("main").getBoundingClientRect();
        return (Math.max(...lanes.map(({bottom}) => bottom)) - Math.min(...lanes.map(({top}) => top))) / main.height;
    }"""
    assert screen.page.evaluate(filled) > 0.8


@pytest.mark.parametrize("scene", ["duel", "head_to_head"])
def test_the_line_of_a_chart_is_seen_in_every_theme(hall: Hall, played: Contest, screens: Screens, scene: str) -> None:
    screen = show(screens(hall.url, reduced_motion="reduce"), played, scene)
    inks = "[getComputedStyle(document.querySelector('.chart path.line')).stroke, getComputedStyle(document.querySelector('.chart')).color]"
    for theme in ("arena", "contrast", "daylight"):
        screen.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        line, text = screen.page.evaluate(inks)
        assert line == text, theme


def test_whoever_is_in_front_by_time_alone_is_seen_to_be(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=scenery.people(4), stages=scenery.STAGES)
    contest.tell(clear("A001", "quiz", 600), clear("B001", "quiz", 723))
    screen = show(screens(hall.url), contest, "head_to_head", "en", left="B001", right="A001")
    expect(screen.page.locator(".middle b")).to_have_text("02:03")
    expect(screen.page.locator(".side.ahead")).to_have_attribute("data-side", "A001")
    expect(show(screen, contest, "ranking", "en").page.locator(".spot .ahead")).to_have_text(say("soonerBy", "en", n="02:03"))


def test_whoever_comes_late_reads_what_was_cleared_last(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=scenery.people(12), stages=scenery.STAGES)
    contest.tell(*(clear(who, stage, at) for at, (who, stage) in enumerate([("A001", "quiz"), ("B001", "quiz"), ("A001", "plc")], 600)))
    screen = show(screens(hall.url), contest, "ticker")
    calls = "[...document.querySelectorAll('[data-call]')].map((each) => `${each.dataset.call} ${each.dataset.contestantCalled}`)"
    screen.until(calls, ["first A001", "clear B001", "first A001"])
    assert screen.callouts() == [], "nothing of it is called out again"


def test_the_duel_shows_the_running_totals_and_who_leads(hall: Hall, played: Contest, screens: Screens) -> None:
    screen = show(screens(hall.url), played, "duel", "en")
    venues = played.board()["state"]["venues"]
    for venue, total in venues.items():
        expect(screen.page.locator(f'[data-venue="{venue}"] .total')).to_have_text(total["points"])
    ahead = max(venues, key=lambda venue: float(venues[venue]["points"]))
    expect(screen.page.locator(".side.leads")).to_have_attribute("data-venue", ahead)


def test_two_contestants_stand_side_by_side_as_they_were_named(hall: Hall, played: Contest, screens: Screens) -> None:
    screen = show(screens(hall.url), played, "head_to_head", left="B003", right="A002")
    assert [side.get_attribute("data-side") for side in screen.page.locator("[data-side]").all()] == ["B003", "A002"]
    points = {row["id"]: row["points"] for row in played.board()["rows"]}
    assert texts(screen, "[data-side] .total") == [points["B003"], points["A002"]]
    assert screen.page.locator(".chart path.line").count() == 1


def test_whoever_is_in_the_light_is_known_with_trade_and_employer(hall: Hall, played: Contest, screens: Screens) -> None:
    screen = show(screens(hall.url), played, "spotlight", "zh", contestant="B001")
    person = next(each for each in scenery.people(36) if each["id"] == "B001")
    for text in (person["name"]["zh"], person["employer"]["zh"], person["trade"]["zh"]):
        expect(screen.page.locator("[data-spotlight=B001]")).to_contain_text(text)


def test_each_call_stands_on_the_ticker_once_and_across_the_screen_once(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=scenery.people(12), stages=scenery.STAGES)
    screen = screens(hall.url)
    screen.page.clock.install()
    show(screen, contest, "ticker")
    for clears in ([clear("A001", "quiz", 600)], [clear("B001", "quiz", 700), clear("B001", "wiring", 800)]):
        contest.tell(*clears)
        board = contest.board()
        screen.until("seen.cursor()", f"{board['epoch']}:{board['to']}")
    calls = "[...document.querySelectorAll('[data-call]')].map((each) => `${each.dataset.call} ${each.dataset.contestantCalled}`).sort()"
    wanted = sorted(["first A001", "lead A001", "clear B001", "first B001", "lead B001"])
    for count in range(1, 5):
        screen.until(f"seen.callouts.length >= {count}", True)
        screen.page.clock.fast_forward(NEXT_MS)
    screen.until(calls, wanted)
    screen.until(
        "[...seen.callouts].map((each) => each.join(' ').trim()).sort()",
        sorted(["first A001 quiz", "lead A001", "first B001 wiring", "lead B001"]),
    )


def test_a_reveal_opens_one_row_cell_by_cell_and_then_it_climbs(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(minutes_ago=119.9, people=scenery.people(8), stages=scenery.STAGES)
    contest.tell(clear("A001", "quiz", 600), clear("A002", "quiz", 700), clear("B001", "quiz", 650))
    contest.order("freeze", minutes=20)
    contest.tell(clear("A002", "plc", 7_000), clear("A002", "wiring", 7_100))
    screen = show(screens(hall.url), contest, "reveal", "zh")
    expect(screen.plate("A002")).to_have_attribute("data-mark", "next")
    expect(screen.cell("A002", "plc")).to_have_attribute("data-look", "pending")
    assert '"points":"25"' not in "".join(screen.heard), "what is not revealed is not there"
    end_and_reveal(contest)
    expect(screen.plate("A002")).to_have_attribute("data-mark", "acting")
    expect(screen.cell("A002", "plc")).to_have_attribute("data-look", "first")
    expect(screen.plate("A002").locator(".rank")).to_have_text("1")


def end_and_reveal(contest: Contest) -> None:
    contest.order("clock", action="end")
    contest.order("reveal", id="step-1", step=1)


def test_the_podium_is_the_ranking(hall: Hall, played: Contest, screens: Screens) -> None:
    screen = show(screens(hall.url), played, "ceremony", step=0)
    assert screen.page.locator("[data-place]").count() == 0
    for shown in (["3"], ["2", "3"], ["2", "1", "3"]):
        screen.page.keyboard.press("ArrowRight")
        expect(screen.page.locator("[data-place]")).to_have_count(len(shown))
        assert [place.get_attribute("data-place") for place in screen.page.locator("[data-place]").all()] == shown
    first = played.board()["rows"][0]["id"]
    expect(screen.page.locator("[data-place='1']")).to_contain_text(
        next(each["name"]["zh"] for each in scenery.people(36) if each["id"] == first)
    )


def test_a_replay_at_sixty_times_the_speed_calls_out_what_was_and_ends_where_the_board_is(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=scenery.people(6), stages=scenery.STAGES)
    for at, (contestant, stage) in enumerate((("A001", "quiz"), ("B001", "wiring"), ("A001", "plc"))):
        contest.tell(clear(contestant, stage, 600 + at * 60))
    screen = screens(hall.url).open(f"/screen?contest={contest.id}&scene=replay&speed=1&lang=zh")
    expect(screen.page.locator("[data-replay]")).to_be_visible()
    expect(screen.page.locator("[data-replay=still]")).to_be_visible()
    rows = {row["id"]: row["points"] for row in contest.board()["rows"]}
    screen.until("seen.rows().map((row) => [row.id, row.figure]).sort()", sorted([each, rows[each]] for each in rows))
    expect(screen.page.locator(".link")).to_have_count(0)
    slider = screen.page.get_by_role("slider")
    slider.focus()
    screen.page.keyboard.press("Home")
    expect(screen.page.locator("[data-replay]")).to_be_visible()


def test_a_screen_that_was_told_what_to_show_shows_it_again_after_a_restart(hall: Hall, screens: Screens) -> None:
    contest = scenery.played(hall, 8)
    screen = screens(hall.url).open("/screen?lang=zh")
    code = screen.page.locator("[data-code]").get_attribute("data-code")
    staff = {"Authorization": f"Bearer {contest.keys['staff']}"}
    paired = hall.http.post(f"{contest.path}/displays/pairings/{code}", headers=staff, json={"name": "厅二 左"})
    assert paired.status_code == 200, paired.text
    expect(screen.page.locator("[data-scene=ranking]")).to_be_visible()
    me = screen.page.evaluate("JSON.parse(localStorage.getItem('contest/display'))")
    screen_id = hall.http.get(f"{contest.path}/displays/me", headers={"Authorization": f"Bearer {me['token']}"}).json()["id"]

    def order(number: int, **order: Any) -> None:
        answer = hall.http.post(f"{contest.path}/screens/{screen_id}/orders", headers=staff, json={"id": f"o{number}", "order": order})
        assert answer.status_code == 200, answer.text

    order(1, verb="assign", program={"scene": "lanes"})
    expect(screen.page.locator("[data-scene=lanes]")).to_be_visible()
    order(2, verb="identify")
    expect(screen.page.locator("[data-identify]")).to_contain_text("厅二 左")
    order(3, verb="message", zh="集合", en="Gather", seconds=60)
    expect(screen.page.locator("[data-message]")).to_contain_text("集合")
    order(4, verb="hide")
    expect(screen.page.locator("[data-hidden]")).to_be_visible()
    order(5, verb="show")
    expect(screen.page.locator("[data-hidden]")).to_have_count(0)
    screen.page.reload()
    expect(screen.page.locator("[data-scene=lanes]")).to_be_visible()
    order(6, verb="assign", program={"scene": "duel", "lang": "en"})
    expect(screen.page.locator("[data-scene=duel]")).to_be_visible()
    assert not [url for url in screen.requests + screen.sockets if me["token"] in url], "no secret stands in an address"
