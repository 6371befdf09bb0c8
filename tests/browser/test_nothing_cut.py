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
from tests.browser.test_scenes import LEAST, SCENES, SMALL, show

MAY_END_IN_DOTS = ".from, .facts, .employer, .ticker, .unseen, .link, svg"
"""Beside the name only; and the feed, which runs off on purpose."""
CUT = """(mayEndInDots) => {
    const range = document.createRange();
    const pen = document.createElement("canvas").getContext("2d");
    const ink = (node, style) => {
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const text = pen.measureText(node.textContent.trim());
        return [text.fontBoundingBoxAscent - text.actualBoundingBoxAscent, text.fontBoundingBoxDescent - text.actualBoundingBoxDescent];
    };
    const cuts = (element) => {
        const {overflowX, overflowY, clipPath} = getComputedStyle(element);
        const isShaped = clipPath !== "none";
        return [isShaped || overflowX !== "visible", isShaped || overflowY !== "visible"];
    };
    const found = [];
    for (const element of document.querySelectorAll("#app *")) {
        if (element.closest(mayEndInDots) || !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        for (const node of element.childNodes) {
            if (node.nodeType !== Node.TEXT_NODE || !node.textContent.trim()) continue;
            range.selectNodeContents(node);
            const text = range.getBoundingClientRect();
            const [above, below] = ink(node, getComputedStyle(element));
            for (let box = element; box && box.id !== "app"; box = box.parentElement) {
                const [isWide, isHigh] = cuts(box);
                const {left, right, top, bottom, width, height} = box.getBoundingClientRect();
                const beside = isWide ? Math.max(left - text.left, text.right - right) : 0;
                const over = Math.max(beside, isHigh ? Math.max(top - text.top - above, text.bottom - bottom - below) : 0);
                const isSeen = text.right > left && text.left < right && text.bottom > top && text.top < bottom;
                if (width > 0 && height > 0 && !isSeen) break;
                if (width > 0 && height > 0 && over > 2) {
                    const how = `cut ${over > beside ? "in height" : "beside"} by ${Math.round(over)} px of ${box.className}`;
                    found.push(`${node.textContent.trim()} (${element.className}) is ${how}`);
                    break;
                }
            }
        }
    }
    return found;
}"""
"""Text beyond a box that hides what is beyond it. A line is higher than its letters, so it is their own ink that is measured."""
HEADING = """() => {
    const heading = document.querySelector(".ranking .head").getBoundingClientRect();
    const foot = (each) => each.getBoundingClientRect().bottom - parseFloat(getComputedStyle(each).paddingBottom);
    const words = [...document.querySelectorAll(".ranking .head *")].map(foot);
    const first = Math.min(...[...document.querySelectorAll("li[data-contestant]")].map((each) => each.getBoundingClientRect().top));
    return Math.round(first - Math.max(heading.bottom, ...words));
}"""
"""How many pixels lie between the lowest letter of the heading and the first row."""
LANES_HEADING = """() => {
    const foot = (each) => each.getBoundingClientRect().bottom - parseFloat(getComputedStyle(each).paddingBottom);
    const words = [...document.querySelectorAll(".lanes .head *")].map(foot);
    const first = Math.min(...[...document.querySelectorAll("li[data-lane]")].map((each) => each.getBoundingClientRect().top));
    return Math.round(first - Math.max(...words));
}"""
"""The same of the lanes."""
NAMES = """() => [...document.querySelectorAll("li[data-contestant]")].map((plate) =>
    plate.querySelector(".name .main").getBoundingClientRect().top - plate.getBoundingClientRect().top)"""
"""How far below the edge of its plate each name begins, in pixels."""
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


def eight_venues(hall: Hall) -> Contest:
    """Eight venues, some with long names, and so many contestants that rows are low."""
    more = (("龙港经济技术开发区", "Longgang Development Zone"), ("平阳", "Pingyang"), ("泰顺", "Taishun"))
    venues = [*VENUES, *({"id": en[:3].lower(), "name": {"zh": zh, "en": en}} for zh, en in more)]
    people = [each | {"venue": venues[index % len(venues)]["id"]} for index, each in enumerate(scenery.people(80))]
    contest = hall.contest(people=people, stages=scenery.STAGES, venues=venues)
    contest.tell(*scenery.story(people, scenery.STAGES, 4_800))
    return contest


def great_sums(hall: Hall) -> Contest:
    """Totals of six figures, thirty stages, and clears after more than an hour."""
    return scenery.played(hall, 64, [stage | {"points": str(120 + 10 * at)} for at, stage in enumerate(evening.course(30))], 5_000)


@pytest.fixture(scope="module")
def contests(hall: Hall) -> dict[str, Contest]:
    return {"two": scenery.played(hall), "five": many_venues(hall), "eight": eight_venues(hall), "great": great_sums(hall)}


CASES = [
    *((scene, "two") for scene in SCENES),
    *((scene, venues) for venues in ("five", "eight") for scene in ("ranking", "duel")),
    *((scene, "great") for scene in ("ranking", "duel", "head_to_head", "spotlight", "lanes")),
]


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
            if size["width"] > size["height"]:
                assert screen.page.evaluate(SMALL, size["height"] * LEAST) == [], (lang, name)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_in_low_rows_stand_on_one_line_whether_or_not_a_venue_fits(
    hall: Hall, contests: dict[str, Contest], screens: Screens, lang: str
) -> None:
    screen = screens(hall.url, reduced_motion="reduce").watch(contests["eight"].id, lang)
    screen.rest()
    heights = screen.page.evaluate(NAMES)
    assert max(heights) - min(heights) < 1, heights


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
