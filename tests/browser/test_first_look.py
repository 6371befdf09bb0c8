"""What the first look at a page showed to be wrong: a black page, a page that never looked again, names cut off, fields in code."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser import evening, scenery
from tests.browser.conftest import Screens
from tests.browser.desk import contest_of
from tests.browser.evening import clear, course, crowd, document
from tests.browser.hall import Hall, begun
from tests.browser.test_account import admin_of, log_in
from tests.browser.test_scenes import show
from tests.browser.wording import LANGS, Lang, say

PAGES = ("/", "/screen", "/live", "/why", "/referee", "/chief", "/control", "/desk", "/builder", "/account")
OPENING = ".opening"
CUT_NAMES = """[...document.querySelectorAll("li[data-contestant] .name")].flatMap((name) => {
    const range = document.createRange();
    range.selectNodeContents(name.querySelector(".main"));
    const over = range.getBoundingClientRect().right - name.getBoundingClientRect().right;
    return over > 1 ? [`${name.textContent}: ${over}`] : [];
})"""
CUT_VENUES = """[...document.querySelectorAll("li[data-contestant] .facts")].flatMap((facts) => {
    const box = facts.getBoundingClientRect();
    return [...facts.querySelectorAll(".venue")].map((venue) => venue.getBoundingClientRect())
        .filter((venue) => venue.top < box.bottom - 2 && venue.right > box.right + 1).map((venue) => venue.right - box.right);
})"""
"""How far a venue is cut beside a name, where any of it is seen."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_a_word_until_its_script_runs_and_no_more_afterwards(own_hall: Hall, screens: Screens, path: str) -> None:
    waiting, running = screens(own_hall.url, reduced_motion="reduce"), screens(own_hall.url)
    waiting.may_be_cut_off = True
    running.may_be_refused = ("/api/me", "/api/login", "/builder/examples", "/api/contests")

    def never(route: Route) -> None:
        route.abort()

    waiting.page.route(re.compile(r"\.js$"), never)
    waiting.open(path)
    expect(waiting.page.locator(OPENING)).to_be_visible()
    expect(waiting.page.locator(OPENING)).to_contain_text("reload the page")
    running.open(path)
    expect(running.page.locator("#app > *").first).to_be_attached()
    expect(running.page.locator(OPENING)).to_be_hidden()


@pytest.mark.parametrize("path", ["/why", "/referee", "/chief", "/control", "/desk", "/live"])
def test_a_page_that_found_no_contest_finds_it_by_itself_later(own_hall: Hall, screens: Screens, path: str) -> None:
    screen = screens(own_hall.url)
    screen.may_be_refused = ("/me", "/control-room", "/screens")
    screen.open(f"{path}?lang=en")
    expect(screen.text(say("deskNoContests" if path == "/desk" else "noContestYet", "en"))).to_be_visible()
    own_hall.contest()
    expect(screen.page.get_by_text("Two Cities Cup").locator("visible=true").first).to_be_visible()


@pytest.mark.parametrize("lang", LANGS)
def test_a_score_is_explained_in_the_names_of_its_readings(hall: Hall, screens: Screens, lang: Lang) -> None:
    contest = contest_of(hall, f"named-{lang}")
    contest.tell(clear("A017", "insulation", 600, insulation_mohm="2.4", earth_ohm="0.05", record_complete=True))
    screen = screens(hall.url).open(f"/why?contest={contest.id}&contestant=A017&stage=insulation&lang={lang}")
    content = screen.page.locator("#content")
    expect(content).to_contain_text({"zh": "绝缘电阻 = 2.4", "en": "Insulation resistance = 2.4"}[lang])
    expect(content).to_contain_text({"zh": "测试记录完整 = 是", "en": "Test record complete = yes"}[lang])
    expect(content).to_contain_text({"zh": "永嘉 desk", "en": "Yongjia desk"}[lang])
    expect(content).not_to_contain_text("record_complete = true")
    expect(content).not_to_contain_text("yongjia/desk")


def test_on_paper_a_score_is_dark_on_white_with_nothing_to_press(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(hall.url, color_scheme="dark").open(f"/why?contest={contest.id}&contestant=A1&stage=quiz&lang=zh")
    expect(screen.page.locator("#content button").first).to_be_visible()
    screen.page.emulate_media(media="print")
    expect(screen.page.locator(":is(button, a.button):not(.said):visible")).to_have_count(0)
    expect(screen.page.locator("#content [data-entry]").first).to_be_visible()
    expect(screen.page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(screen.page.locator("#content h1")).to_have_css("color", "rgb(0, 0, 0)")


def test_on_paper_every_stage_keeps_its_points_and_everybody_their_name(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(hall.url)
    for address, said in (
        (f"/why?contest={contest.id}&contestant=A1", "[data-stage=quiz]"),
        (f"/why?contest={contest.id}", "#content li a"),
    ):
        screen.open(f"{address}&lang=en")
        screen.page.emulate_media(media="print")
        expect(screen.page.locator(said).first).to_be_visible()
        screen.page.emulate_media(media="screen")


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_among_many_stages_a_name_stands_whole_before_anything_else(hall: Hall, screens: Screens, lang: str) -> None:
    contest = hall.contest(people=crowd(120), stages=course(12))
    screen = screens(hall.url, reduced_motion="reduce").watch(contest.id, lang)
    screen.rest()
    assert screen.page.evaluate(CUT_NAMES) == []
    assert screen.page.evaluate(CUT_VENUES) == []


def test_on_a_phone_a_name_stands_whole_beside_its_number(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=crowd(12), stages=course(12))
    screen = screens(hall.url, viewport={"width": 360, "height": 740}).open(f"/live?contest={contest.id}&lang=en")
    expect(screen.page.locator("[data-part=board] li").first).to_be_visible()
    screen.rest()
    cut = """[...document.querySelectorAll("[data-part=board] .name b")].filter((name) => name.scrollWidth > name.clientWidth).length"""
    assert screen.page.evaluate(cut) == 0


def test_a_lane_says_who_did_not_come_and_what_its_figure_is(hall: Hall, screens: Screens) -> None:
    contest = scenery.played(hall, 12)
    contest.order("standings", contestant="A002", status="dns", reason="did not come")
    screen = screens(hall.url, reduced_motion="reduce")
    show(screen, contest, "lanes", "zh")
    expect(screen.page.locator('[data-lane="A002"]')).to_contain_text(say("statusDns", "zh"))
    expect(screen.page.locator(".lanes .head").first).to_contain_text(say("rank", "zh"))


def test_before_anything_happened_nobody_is_the_champion_the_best_or_a_time(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(minutes_ago=-30)
    screen = screens(hall.url, reduced_motion="reduce")
    show(screen, contest, "ceremony", "en")
    expect(screen.text(say("ceremonyNone", "en"))).to_be_visible()
    expect(screen.page.locator("[data-place]")).to_have_count(0)
    show(screen, contest, "duel", "en")
    expect(screen.page.locator(".rivals, [data-venue]").first).to_be_visible()
    expect(screen.page.locator(".best")).to_have_count(0)
    expect(screen.page.locator(".chart .tick")).to_have_count(0)


def test_a_frozen_contest_that_goes_on_has_not_revealed_everything(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    contest.order("freeze", minutes=20)
    screen = screens(hall.url, reduced_motion="reduce")
    show(screen, contest, "reveal", "en")
    expect(screen.text(say("revealWaits", "en"))).to_be_visible()
    expect(screen.text(say("revealDone", "en"))).to_have_count(0)


def test_each_place_of_a_podium_says_its_medal(hall: Hall, screens: Screens) -> None:
    contest = scenery.played(hall, 12)
    screen = screens(hall.url, reduced_motion="reduce")
    screen.open(f"/screen?contest={contest.id}&scene=ceremony&step=3&lang=both")
    for word in ("medal1", "medal2", "medal3"):
        expect(screen.page.locator(".metal").get_by_text(say(word, "zh"), exact=True)).to_be_visible()
    room = "(figure) => figure.closest('.block').getBoundingClientRect().bottom - figure.getBoundingClientRect().bottom"
    assert all(figure.evaluate(room) >= 4 for figure in screen.page.locator(".block .figure").all())


def test_a_podium_gives_the_medals_of_the_results_table(hall: Hall, screens: Screens) -> None:
    """45, 42.5, 25, 20 and 10 points, with a margin of 2.5: two golds, one silver, and two places without a medal."""
    ties = {"medals": [1, 2], "medal_delta": 2.5}
    contest = hall.adopt(document("medals", begun(90), scenery.people(12), scenery.STAGES) | {"ties": ties})
    cleared = (("A001", "plc"), ("A001", "fault"), ("B001", "plc"), ("B001", "final"), ("A002", "plc"), ("B002", "fault"), ("A003", "quiz"))
    contest.tell(*(clear(who, stage, 600 + at) for at, (who, stage) in enumerate(cleared)))
    results = contest.http.get(f"{contest.path}/results", headers={"Authorization": f"Bearer {contest.keys['staff']}"}).json()
    told = {row["rank"]: row["medal"] for row in results["rows"]}
    screen = screens(hall.url, reduced_motion="reduce")
    screen.open(f"/screen?contest={contest.id}&scene=ceremony&places=6&step=6&lang=en")
    expect(screen.page.locator("[data-place='1'] .metal")).to_have_text(say("medal1", "en"))
    places = screen.page.locator("[data-place]").all()
    shown = {int(each.get_attribute("data-place") or 0): each.locator(".metal").all_inner_texts() for each in places}
    words = {"gold": [say("medal1", "en")], "silver": [say("medal2", "en")], None: []}
    assert shown == {rank: words[told[rank]] for rank in shown}
    assert [told[rank] for rank in sorted(shown)] == ["gold", "gold", "silver", None, None]


def test_a_role_is_granted_for_a_contest_by_its_name(own_hall: Hall, screens: Screens) -> None:
    admin_of(own_hall)
    own_hall.adopt(document("cup-7", begun(90), evening.PEOPLE))
    screen = screens(own_hall.url)
    screen.may_be_refused = ("/api/me", "/api/login")
    screen.open("/account?lang=en")
    log_in(screen)
    item = screen.page.locator("li[data-account='boss']")
    item.get_by_text(say("accountChange", "en"), exact=True).click()
    item.get_by_label(say("accountRole", "en")).select_option("director")
    item.get_by_label(say("contest", "en")).select_option(label="Two Cities Cup")
    item.get_by_role("button", name=say("accountGrant", "en")).click()
    expect(item).to_contain_text(f"{say('role_director', 'en')}: Two Cities Cup")
    expect(item).not_to_contain_text("cup-7")


@pytest.mark.parametrize("path", ["/screen?{}", "/overlay?{}&part=ranking", "/live?{}", "/referee?{}"])
def test_no_id_flashes_up_before_the_names_have_come(hall: Hall, screens: Screens, path: str) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    screen, held = screens(hall.url), list[Route]()
    screen.page.route("**/roster", lambda route: held.append(route))
    with screen.page.expect_request("**/roster"):
        screen.open(path.format(f"contest={contest.id}&lang=zh"))
    if not path.startswith(("/live", "/referee")):  # these show nobody before they know everybody
        expect(screen.page.locator(".name").first).to_be_attached()
    screen.rest()
    shown = screen.page.locator("body").inner_text()
    assert held
    assert not re.search(r"\b[AB][1-3]\b", shown), shown
    for route in held:
        route.continue_()
    if not path.startswith("/referee"):
        expect(screen.page.get_by_text("陈建国").first).to_be_visible()


def test_where_names_cannot_be_had_ids_stand_for_themselves(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(hall.url)
    screen.may_be_cut_off = True
    screen.page.route("**/roster", lambda route: route.abort())
    screen.open(f"/screen?contest={contest.id}&lang=zh")
    expect(screen.plate("A1").locator(".name")).to_have_text("A1")
