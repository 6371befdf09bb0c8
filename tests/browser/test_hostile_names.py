"""A name is text on every page, whoever made it up: it runs nothing, opens nothing, and turns and pushes nothing about."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screens
from tests.browser.evening import STAGES, Json, clear, document
from tests.browser.hall import Contest, Hall, begun
from tests.browser.office import INSULATION, OFFICIALS, PASSWORDS, Referee
from tests.browser.screen import Screen

TAG = "<img src=x onerror=seen.ran=1>"
NAMES = {
    "A1": TAG,
    "A2": "=cmd|' /C calc'!A0",
    "A3": "\u202egnp.exe",
    "B1": "陈\u200b\u200d\u2060\ufeff建国",
    "B2": "长" * 400,
    "B3": "W" * 400,
    "B4": "</script><script>seen.ran=1</script>",
    "B5": "{@html seen.ran=1}${seen.ran=1}",
}
IN_ORDER = """() => [...document.querySelectorAll("li[data-contestant] .figure")].every((figure) => {
    const text = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT).nextNode();
    if (!text || text.length < 2) return true;
    const left = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
    };
    return left(0) < left(text.length - 1);
})"""


@pytest.fixture(scope="module")
def contest(hall: Hall) -> Contest:
    people: list[Json] = [
        {"id": key, "venue": "yongjia" if key < "B" else "yueqing", "name": {"zh": name, "en": name}, "employer": name[:100]}
        for key, name in NAMES.items()
    ]
    officials = [{**each, "name": {"zh": TAG, "en": TAG}, "recused": []} for each in OFFICIALS]
    stages = [{**INSULATION, "name": {"zh": TAG, "en": TAG}}, *STAGES]
    told = document("hostile-names", begun(90), people=people, stages=stages, name={"zh": TAG, "en": TAG}, organiser=TAG)
    opened = hall.adopt(told | {"officials": officials})
    hall.give_passwords(opened.id, PASSWORDS)
    opened.tell(*(clear(key, "insulation", 600 + number, mohm="1.02", note=name) for number, (key, name) in enumerate(NAMES.items())))
    return opened


def nothing_came_of_it(page: Page) -> None:
    """No script ran, and no element was made of a name."""
    assert page.evaluate("seen.ran === undefined")
    assert page.evaluate("""[...document.querySelectorAll("img, iframe, object, embed, #app script, svg[onload]")].length""") == 0


def test_the_big_screen(hall: Hall, screens: Screens, contest: Contest) -> None:
    screen = screens(hall.url).watch(contest.id)
    for key, name in NAMES.items():
        expect(screen.plate(key).locator(".name .main")).to_have_text(name)
    screen.rest()
    assert screen.page.evaluate(IN_ORDER), "a name that turns its line round leaves the figures beside it alone"
    wide = screen.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert wide, "a long name is cut off, not the screen"
    nothing_came_of_it(screen.page)


@pytest.mark.parametrize("key", ["A1", "B4"])
def test_why_a_score_is_what_it_is(hall: Hall, screens: Screens, contest: Contest, key: str) -> None:
    screen = screens(hall.url).watch(contest.id, "en")
    screen.rest()
    screen.cell(key, "insulation").click()
    expect(screen.page.get_by_role("heading", level=1)).to_contain_text(NAMES[key])
    expect(screen.page.locator("[data-event]").first).to_contain_text("1.02")
    nothing_came_of_it(screen.page)


@pytest.mark.parametrize(("official", "page"), [("R1", "referee"), ("C1", "chief")])
def test_the_pages_of_officials(hall: Hall, screens: Screens, contest: Contest, official: str, page: str) -> None:
    referee = Referee(screens(hall.url), contest).log_in(official, page)
    if page == "referee":
        referee.open("A1", "insulation")
        expect(referee.page.locator("[data-case-title]")).to_contain_text(TAG)
    expect(referee.page.locator("header")).to_contain_text(TAG)
    nothing_came_of_it(referee.page)


def test_the_lobby(hall: Hall, screens: Screens, contest: Contest) -> None:
    screen: Screen = screens(hall.url).open("/?lang=en")
    expect(screen.page.get_by_text(TAG).first).to_be_visible()
    nothing_came_of_it(screen.page)
