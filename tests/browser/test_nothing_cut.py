"""No scene cuts off what it shows, and the ranking's heading never lies over its first row: measured from letter to letter."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import evening, scenery
from tests.browser.conftest import Screens
from tests.browser.evening import Json, clear
from tests.browser.hall import Contest, Hall, begun
from tests.browser.screen import Screen
from tests.browser.test_layout import SIZES
from tests.browser.test_scenes import SCENES, show

MAY_END_IN_DOTS = ".from, .facts, .employer, .ticker, .unseen, .link, svg"
"""Beside the name only; and the feed, which runs off on purpose."""
CUT = """(mayEndInDots) => {
    const range = document.createRange();
    const cuts = (element) => {
        const {overflowX, overflowY, clipPath} = getComputedStyle(element);
        return overflowX !== "visible" || overflowY !== "visible" || clipPath !== "none";
    };
    const found = [];
    for (const element of document.querySelectorAll("#app *")) {
        if (element.closest(mayEndInDots) || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        for (const node of element.childNodes) {
            if (node.nodeType !== Node.TEXT_NODE || !node.textContent.trim()) continue;
            range.selectNodeContents(node);
            const text = range.getBoundingClientRect();
            for (let box = element; box && box.id !== "app"; box = box.parentElement) {
                if (!cuts(box)) continue;
                const {left, right, top, bottom, width, height} = box.getBoundingClientRect();
                const letter = parseFloat(getComputedStyle(element).fontSize) * 0.3;
                const over = Math.max(left - text.left, text.right - right, top - text.top - letter, text.bottom - bottom - letter);
                const isSeen = text.right > left && text.left < right && text.bottom > top && text.top < bottom;
                if (width > 0 && height > 0 && !isSeen) break;
                if (width > 0 && height > 0 && over > 2) {
                    found.push(`${node.textContent.trim()} (${element.className}) is cut by ${Math.round(over)} px of ${box.className}`);
                    break;
                }
            }
        }
    }
    return found;
}"""
"""Text beyond a box that hides what is beyond it. A line is higher than its letters: three tenths of it above and below are air."""
HEADING = """() => {
    const heading = document.querySelector(".ranking .head").getBoundingClientRect();
    const words = [...document.querySelectorAll(".ranking .head *")].map((each) => each.getBoundingClientRect().bottom);
    const first = Math.min(...[...document.querySelectorAll("li[data-contestant]")].map((each) => each.getBoundingClientRect().top));
    return Math.round(first - Math.max(heading.bottom, ...words));
}"""
"""How many pixels lie between the lowest letter of the heading and the first row."""
LANES_HEADING = """() => {
    const words = [...document.querySelectorAll(".lanes .head *")].map((each) => each.getBoundingClientRect().bottom);
    const first = Math.min(...[...document.querySelectorAll("li[data-lane]")].map((each) => each.getBoundingClientRect().top));
    return Math.round(first - Math.max(...words));
}"""
"""The same of the lanes."""
PODIUM_ROOM = """() => {
    const heading = document.querySelector(".ceremony h2").getBoundingClientRect().bottom;
    const names = [...document.querySelectorAll(".people .name")].map((each) => each.getBoundingClientRect().top);
    return Math.round(Math.min(...names) - heading);
}"""
"""How many pixels lie between the heading of the ceremony and the highest name on its podium."""
MEDALS: Json = {"ranking": [{"by": "points"}], "ties": {"medals": [1, 2, 5]}}
VENUES = (
    *evening.VENUES,
    {"id": "ruian", "name": {"zh": "瑞安", "en": "Rui'an"}, "colour": "#22c55e"},
    {"id": "wencheng", "name": {"zh": "文成", "en": "Wencheng"}},
    {"id": "cangnan", "name": {"zh": "苍南", "en": "Cangnan"}},
)


def many_venues(hall: Hall) -> Contest:
    """The same contest at five venues."""
    people = [each | {"venue": VENUES[index % len(VENUES)]["id"]} for index, each in enumerate(scenery.people(35))]
    contest = hall.contest(people=people, stages=scenery.STAGES, venues=VENUES)
    contest.tell(*scenery.story(people, scenery.STAGES, 4_800))
    return contest


@pytest.fixture(scope="module")
def contests(hall: Hall) -> dict[str, Contest]:
    return {"two": scenery.played(hall), "five": many_venues(hall)}


CASES = [*((scene, "two") for scene in SCENES), ("ranking", "five"), ("duel", "five")]


@pytest.mark.parametrize(("scene", "venues"), CASES)
def test_nothing_that_a_scene_shows_is_cut_off(hall: Hall, contests: dict[str, Contest], screens: Screens, scene: str, venues: str) -> None:
    options: dict[str, Any] = {"reduced_motion": "reduce"}
    screen = screens(hall.url, **options)
    for lang in ("zh", "en"):
        show(screen, contests[venues], scene, lang)
        for name, size in SIZES.items():
            screen.page.set_viewport_size(size)
            screen.rest()
            assert screen.page.evaluate(CUT, MAY_END_IN_DOTS) == [], (lang, name)


@pytest.mark.parametrize("stages", [3, 6, 10, 11, 30])
def test_the_heading_of_the_ranking_stands_clear_of_the_first_row(hall: Hall, screens: Screens, stages: int) -> None:
    longest = {"zh": "绝缘与接地电阻综合测试", "en": "Insulation and earth resistance measurement"}
    course: list[dict[str, Any]] = [{"id": f"s{number}", "name": longest, "points": "5"} for number in range(stages)]
    contest = hall.contest(people=scenery.people(24), stages=course)
    screen: Screen = screens(hall.url, reduced_motion="reduce")
    for lang in ("zh", "en", "both"):
        screen.watch(contest.id, lang)
        for name, size in SIZES.items():
            screen.page.set_viewport_size(size)
            screen.rest()
            assert screen.page.evaluate(HEADING) >= 0, (lang, name)


def test_the_heading_of_the_lanes_stands_clear_of_the_first_lane(hall: Hall, screens: Screens) -> None:
    longest = {"zh": "绝缘与接地测试", "en": "Insulation & earth test"}
    course: list[dict[str, Any]] = [{"id": f"s{number}", "name": longest, "points": "5"} for number in range(6)]
    contest = hall.contest(people=scenery.people(35), stages=course)
    screen: Screen = screens(hall.url, reduced_motion="reduce")
    for lang in ("zh", "en"):
        show(screen, contest, "lanes", lang)
        for name, size in SIZES.items():
            screen.page.set_viewport_size(size)
            screen.rest()
            assert screen.page.evaluate(LANES_HEADING) >= 0, (lang, name)


def test_whoever_shares_a_medal_is_named_and_whoever_has_one_is_called(hall: Hall, screens: Screens) -> None:
    people = scenery.people(9)
    contest = hall.adopt(evening.document("shared-gold", begun(90), people=people, stages=scenery.STAGES) | MEDALS)
    golden, last = people[:7], people[7]
    contest.tell(*(clear(each["id"], "quiz", 600 + 10 * at) for at, each in enumerate([*golden, last])))
    contest.tell(*(clear(each["id"], "wiring", 900 + 10 * at) for at, each in enumerate(golden)))
    contest.order("clock", action="end")
    screen = show(screens(hall.url), contest, "ceremony", lang="zh", places=3, step=3)
    expect(screen.page.locator('[data-place="1"] .name')).to_have_count(len(golden))
    assert sorted(screen.page.locator('[data-place="1"] .name').all_inner_texts()) == sorted(each["name"]["zh"] for each in golden)
    expect(screen.page.locator('[data-place="8"]')).to_contain_text(last["name"]["zh"])
    expect(screen.page.locator('[data-place="8"]')).to_have_attribute("data-medal", "3")
    for width, height in ((1366, 768), (1920, 1080)):
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.rest()
        assert screen.page.evaluate(CUT, MAY_END_IN_DOTS) == [], width
        assert screen.page.evaluate(PODIUM_ROOM) >= 0, width
