"""Before there is anything to show: the page waits, says what to do, and goes on by itself."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.hall import Hall, begun
from tests.browser.wording import LANGS, say

LOOKS_AGAIN_MS = 4_500


def test_without_a_contest_the_page_says_how_to_adopt_one_and_shows_it_when_it_comes(own_hall: Hall, screens: Screens) -> None:
    screen = screens(own_hall.url)
    screen.page.clock.install()
    screen.open("/?lang=both")
    for lang in LANGS:
        expect(screen.text(say("noContest", lang))).to_be_visible()
        expect(screen.text(say("howToAdopt", lang))).to_be_visible()
    expect(screen.text("contest-server adopt contest.toml")).to_be_visible()
    expect(screen.text("contest-server demo")).to_be_visible()
    own_hall.contest()
    screen.page.clock.fast_forward(LOOKS_AGAIN_MS)
    expect(screen.plate("A1")).to_be_visible()
    assert len([url for url in screen.requests if url.endswith("/?lang=both")]) == 1, "nobody had to load the page again"


def test_the_only_contest_is_on_the_screen_at_once_in_its_own_languages(own_hall: Hall, screens: Screens) -> None:
    own_hall.contest(languages=["en"])
    screen = screens(own_hall.url).open("/")
    expect(screen.page.locator("li[data-contestant]")).to_have_count(len(evening.PEOPLE))
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Two Cities Cup")
    expect(screen.link).to_contain_text(say("connected", "en"))


def test_of_several_contests_one_is_chosen(own_hall: Hall, screens: Screens) -> None:
    for name in ("spring", "autumn"):
        own_hall.adopt(evening.document(name, begun(90), name={"zh": name, "en": name.title()}))
    screen = screens(own_hall.url).open("/?lang=en")
    expect(screen.text(say("chooseContest", "en"))).to_be_visible()
    screen.page.get_by_role("link", name="Autumn").click()
    expect(screen.page.get_by_role("heading", level=1)).to_have_text("Autumn")
    expect(screen.plate("A1")).to_be_visible()


def test_a_contest_that_does_not_exist_is_named_and_all_others_are_one_click_away(hall: Hall, screens: Screens) -> None:
    screen = screens(hall.url)
    screen.may_be_refused = "/api/contests/nobody"
    screen.open("/screen?contest=nobody&lang=both")
    for lang in LANGS:
        expect(screen.page.get_by_role("alert")).to_contain_text(say("noSuchContest", lang, id="nobody"))
    expect(screen.page.get_by_role("link", name=say("allContests", "zh"))).to_have_attribute("href", "./")


def test_before_the_start_the_line_up_waits_for_it(hall: Hall, screens: Screens) -> None:
    screen = screens(hall.url).watch(hall.contest(minutes_ago=-30).id)
    expect(screen.mood).to_have_attribute("data-mood", "before")
    for lang in LANGS:
        expect(screen.text(say("lineup", lang))).to_be_visible()
        expect(screen.page.get_by_role("timer")).to_contain_text(say("untilStart", lang))
