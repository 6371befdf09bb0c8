"""Every figure walks back to its raw events in two clicks, for anybody; while the board is frozen, only as far as the freeze."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Hall
from tests.browser.office import Desk, Referee, office
from tests.browser.wording import LANGS, Lang, say


@pytest.mark.parametrize("lang", LANGS)
def test_a_stage_on_the_big_screen_is_two_clicks_from_its_entry_in_the_ledger(hall: Hall, screens: Screens, lang: Lang) -> None:
    contest = office(hall, f"walk-{lang}")
    screen = screens(hall.url).watch(contest.id, lang)
    screen.rest()
    screen.cell("A1", "insulation").click()  # the first click
    page = screen.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("陈建国" if lang == "zh" else "Chen Jianguo")
    expect(page.locator(".lines")).to_contain_text("绝缘电阻 = 1.02" if lang == "zh" else "Resistance = 1.02")
    expect(page.locator("#content")).to_contain_text(say("whyLinesSum", lang, sum="8"))
    event = page.locator("[data-event]").first
    event.locator("[data-entry]").click()  # the second
    entry = Desk(contest, "C1").get(f"/entries/{event.get_attribute('data-event')}")
    expect(event.locator("[data-hash]")).to_have_text(entry["hash"])
    expect(event.locator("pre")).to_contain_text('"mohm": "1.02"')


def test_the_points_of_the_contest_lead_to_the_stages_and_on_to_the_events(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "points")
    screen = screens(hall.url).watch(contest.id, "en")
    screen.rest()
    screen.plate("A1").locator(".figure a").click()
    page = screen.page
    expect(page.locator(".total")).to_contain_text(say("whyTotal", "en", points="8"))
    page.locator('[data-stage="insulation"]').click()
    expect(page.locator("[data-event]")).to_contain_text("Resistance = 1.02")


def test_the_big_screen_can_be_left_for_the_explanations_by_key(hall: Hall, screens: Screens) -> None:
    screen = screens(hall.url).watch(office(hall, "by-key").id, "en")
    screen.rest()
    screen.page.keyboard.press("Tab")
    expect(screen.page.get_by_role("link", name=say("explainAll", "en"))).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("heading", level=1)).to_have_text(say("whyChoose", "en"))
    screen.page.get_by_role("searchbox").fill("jun")
    screen.page.get_by_role("link", name="A2 Li Junjie").click()
    expect(screen.page.locator(".total")).to_be_visible()


def test_every_figure_of_a_preview_walks_back_too(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "figures")).log_in("R1").open("A1", "insulation")
    referee.fill("o", "7 by the photo", marks="7")
    referee.page.locator('.preview [data-row="A1"] a').click()
    expect(referee.page.locator('[data-stage="insulation"]')).to_be_visible()
    referee.page.locator('[data-stage="insulation"]').click()
    expect(referee.page.locator("[data-event]")).to_contain_text("Resistance = 1.02")


def test_a_used_input_names_its_event_and_opens_it(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "inputs")).log_in("R1").open("A1", "insulation")
    referee.page.locator("[data-part=why] [data-entry]").first.click()
    expect(referee.page.locator("[data-part=why] [data-hash]").first).to_be_visible()
    expect(referee.page.locator("[data-part=why] pre").first).to_contain_text("1.02")


def test_while_the_board_is_frozen_the_public_is_told_so(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "frozen")
    contest.order("freeze", minutes=20)
    screen = screens(hall.url)
    screen.may_be_refused = ("/scores/A1/insulation",)
    screen.open(f"/why?contest={contest.id}&contestant=A1&lang=en")
    expect(screen.page.get_by_text(say("whyFrozenNote", "en"))).to_be_visible()
    screen.page.locator('[data-stage="insulation"]').click()
    expect(screen.page.get_by_role("alert")).to_contain_text(say("error_frozen", "en"))


def test_a_correction_that_nobody_wrote_a_reason_for_is_told_in_words(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "later")
    Desk(contest, "C1").post("/publish", id="published")
    contest.tell(clear("A2", "quiz", 1_100))
    screen = screens(hall.url).open(f"/why?contest={contest.id}&contestant=A2&lang=zh")
    told = screen.page.locator("[data-correction]")
    expect(told).to_contain_text("过关事件 永嘉")
    expect(told).not_to_contain_text("clear")
    assert [each for each in screen.requests if "/corrections" in each and not each.endswith("?contestant=A2")] == []
    chief = Referee(screens(hall.url), contest, "zh").log_in("C1", "chief", "#publication").page
    expect(chief.locator("tbody").last).to_contain_text("过关事件 永嘉")


@pytest.mark.parametrize("lang", LANGS)
def test_whoever_stands_far_below_their_points_is_told_why(hall: Hall, screens: Screens, lang: Lang) -> None:
    rule = {"rule": "required_stages", "stages": ["quiz"], "finish": "final", "beyond": "missed"}
    stages = [each | {"rules": [rule]} if each["id"] == "final" else each for each in evening.STAGES]
    contest = hall.contest(stages=stages)
    contest.tell(clear("A1", "final", 600), clear("B1", "wiring", 700))
    screen = screens(hall.url).open(f"/why?contest={contest.id}&contestant=A1&lang={lang}")
    expect(screen.page.locator(".total [data-status=missed]")).to_have_text(say("statusMissed", lang))
    screen.open(f"/why?contest={contest.id}&contestant=B1&lang={lang}")
    expect(screen.page.locator(".total")).to_be_visible()
    expect(screen.page.locator("[data-status]")).to_have_count(0)
