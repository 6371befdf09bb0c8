"""Before there is anything to show: the page waits, says what to do, and goes on by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.hall import Hall, begun
from tests.browser.wording import LANGS, Lang, say

LOOKS_AGAIN_MS = 4_500


@pytest.mark.parametrize("lang", LANGS)
def test_without_a_contest_the_page_says_how_to_adopt_one(own_hall: Hall, screens: Screens, lang: Lang) -> None:
    screen = screens(own_hall.url).open(f"/?lang={lang}")
    expect(screen.text(say("noContest", lang))).to_be_visible()
    expect(screen.text(say("howToAdopt", lang))).to_be_visible()
    expect(screen.text("contest-server adopt contest.toml")).to_be_visible()
    expect(screen.text("contest-server demo")).to_be_visible()


def test_the_first_contest_that_is_adopted_appears_by_itself(own_hall: Hall, screens: Screens) -> None:
    screen = screens(own_hall.url)
    screen.page.clock.install()
    screen.open("/?lang=zh")
    expect(screen.text(say("noContest", "zh"))).to_be_visible()
    own_hall.contest()
    screen.page.clock.fast_forward(LOOKS_AGAIN_MS)
    expect(screen.plate("A1")).to_be_visible()
    assert len([url for url in screen.requests if url.endswith("/?lang=zh")]) == 1, "nobody had to load the page again"


def test_the_only_contest_is_on_the_screen_at_once(own_hall: Hall, screens: Screens) -> None:
    own_hall.contest()
    screen = screens(own_hall.url).open("/")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("两城电工赛Two Cities Cup")
    expect(screen.link).to_contain_text(say("connected", "zh"))
    assert len(screen.rows()) == len(evening.PEOPLE)


def test_of_several_contests_one_is_chosen(own_hall: Hall, screens: Screens) -> None:
    for name in ("spring", "autumn"):
        own_hall.adopt(evening.document(name, begun(90), name={"zh": name, "en": name.title()}))
    screen = screens(own_hall.url).open("/?lang=en")
    expect(screen.text(say("chooseContest", "en"))).to_be_visible()
    screen.page.get_by_role("link", name="Autumn").click()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Autumn")
    expect(screen.plate("A1")).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_a_contest_that_does_not_exist_is_named_and_all_others_are_one_click_away(hall: Hall, screens: Screens, lang: Lang) -> None:
    screen = screens(hall.url)
    screen.may_be_refused = "/api/contests/nobody"
    screen.open(f"/screen?contest=nobody&lang={lang}")
    expect(screen.page.get_by_role("alert")).to_have_text(say("noSuchContest", lang, id="nobody"))
    expect(screen.page.get_by_role("link", name=say("allContests", lang))).to_have_attribute("href", "./")


@pytest.mark.parametrize("lang", LANGS)
def test_before_the_start_the_line_up_waits_for_it(hall: Hall, screens: Screens, lang: Lang) -> None:
    screen = screens(hall.url).open(f"/screen?contest={hall.contest(minutes_ago=-30).id}&lang={lang}")
    expect(screen.mood).to_have_attribute("data-mood", "before")
    expect(screen.text(say("lineup", lang))).to_be_visible()
    expect(screen.page.get_by_role("timer")).to_contain_text(say("untilStart", lang))
