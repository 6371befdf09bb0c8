"""Marks that referees give alone: by keyboard, never by default, and nobody sees another's before all are in."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.browser.hall import Hall
from tests.browser.office import Desk, Referee, office
from tests.browser.wording import say

TASK = "A1/insulation/A1-insulation-1/workmanship"


def mark(referee: Referee, key: str) -> None:
    """Choose by key and send by key."""
    task = referee.page.locator(f'[data-mark="{TASK}"]')
    task.locator("[data-first]").focus()
    referee.page.keyboard.press(key)
    referee.page.keyboard.press("Control+Enter")
    expect(task).to_have_attribute("data-task", "in")


def test_a_panel_marks_alone_by_keyboard_and_sees_nothing_until_all_are_in(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "panel")
    chief = Desk(contest, "C1")
    for official, key in (("R1", "2"), ("R2", "3")):
        referee = Referee(screens(hall.url), contest).log_in(official)
        referee.page.keyboard.press("m")
        mark(referee, key)
        referee.page.keyboard.press("q")
        referee.open("A1", "insulation")
        part = referee.page.locator("[data-part=marks]")
        expect(part).to_contain_text(say("marksMine", "en", value=key))
        expect(part).to_contain_text(say("marksHidden", "en"))
        expect(part).not_to_contain_text("R1:")
    assert chief.get("/scores/A1/insulation")["points"] == "8", "nothing counts before all are in"
    third = Referee(screens(hall.url), contest).log_in("R3")
    third.page.keyboard.press("m")
    mark(third, "1")
    expect(third.page.locator(f'[data-mark="{TASK}"]')).to_contain_text(say("markComplete", "en"))
    third.page.keyboard.press("q")
    third.open("A1", "insulation")
    expect(third.page.locator("[data-part=timeline] tbody")).to_contain_text("Workmanship")
    expect(third.page.locator("[data-part=timeline] tbody")).not_to_contain_text("mark-")
    expect(third.page.locator("[data-part=marks]")).to_contain_text("R1: 2, R2: 3, R3: 1")
    assert chief.get("/scores/A1/insulation")["points"] == "10.6667"


def test_what_nobody_chose_is_not_judged_and_is_not_sent(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "unchosen")).log_in("R1").watch_posts()
    referee.page.keyboard.press("m")
    task = referee.page.locator(f'[data-mark="{TASK}"]')
    expect(task.locator("[aria-pressed=true]")).to_have_text(say("markNotJudged", "en") + " -")
    expect(task.locator("[data-send]")).to_have_attribute("aria-disabled", "true")
    task.locator("[data-first]").focus()
    referee.page.keyboard.press("Control+Enter")
    referee.page.keyboard.press("1")
    referee.page.keyboard.press("-")
    referee.page.keyboard.press("Control+Enter")
    referee.screen.rest()
    assert referee.posts == []


def test_a_chosen_mark_survives_a_reload_and_is_not_sent_by_it(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "chosen")
    referee = Referee(screens(hall.url), contest).log_in("R1").watch_posts()
    referee.page.keyboard.press("m")
    task = referee.page.locator(f'[data-mark="{TASK}"]')
    task.get_by_role("button", name="2").click()
    referee.page.reload()
    expect(referee.page.locator("[data-case]").first).to_be_visible()
    referee.page.keyboard.press("m")
    expect(task.locator("[aria-pressed=true]")).to_have_text("2 2")
    assert referee.posts == []
