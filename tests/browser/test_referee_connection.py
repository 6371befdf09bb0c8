"""A connection that goes: the page says so loudly, keeps what is decided, and sends nothing by itself when it comes back."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Hall
from tests.browser.office import Desk, Referee, office
from tests.browser.wording import say

RECONNECTS_WITHIN_MS = 12_000


def test_what_is_decided_without_a_connection_is_kept_and_sent_by_a_press_once_it_is_back(own_hall: Hall, screens: Screens) -> None:
    contest = office(own_hall, "cut")
    referee = Referee(screens(own_hall.url), contest).log_in("R1").open("A1", "insulation").watch_posts()
    referee.screen.may_be_cut_off = True
    referee.fill("c", "the photo shows 1.02")
    own_hall.shut()
    bar = referee.page.locator(".lost")
    expect(bar).to_contain_text(say("linkLost", "en"))
    expect(bar).to_contain_text(re.compile(r"since \d\d:\d\d:\d\d"))
    expect(referee.page.locator("[data-aloud=urgent]")).to_have_text(say("saidLost", "en"))
    expect(referee.page.locator("[data-field=reason]")).to_have_value("the photo shows 1.02")
    expect(referee.button).to_contain_text(say("decideKept", "en"))
    referee.decide()
    expect(referee.letters).to_have_attribute("data-letter", "kept")
    assert referee.posts == [], "nothing was even tried"

    own_hall.open()
    expect(bar).to_have_count(0, timeout=RECONNECTS_WITHIN_MS)
    expect(referee.letters).to_have_attribute("data-letter", "kept")
    assert Desk(contest, "C1").rulings() == [], "it does not send itself"
    referee.letters.get_by_role("button", name=say("sendAgain", "en")).click()
    expect(referee.letters).to_have_count(0)
    on_record = Desk(contest, "C1").rulings()
    assert [each["reason"] for each in on_record] == ["the photo shows 1.02"]
    expect(referee.acknowledged).to_contain_text(str(on_record[0]["position"]))


def test_what_was_sent_and_not_answered_is_sent_again_under_the_same_id_and_counts_once(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "unanswered")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    referee.screen.may_be_refused = ("/me", "/rulings")

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    referee.page.route("**/rulings", swallow)
    referee.fill("c", "the photo shows 1.02").decide()
    expect(referee.letters).to_have_attribute("data-letter", "unanswered")
    assert len(Desk(contest, "C1").rulings()) == 1, "it had arrived"
    referee.page.unroute("**/rulings")
    referee.letters.get_by_role("button", name=say("sendAgain", "en")).click()
    expect(referee.letters).to_have_count(0)
    on_record = Desk(contest, "C1").rulings()
    assert len(on_record) == 1
    expect(referee.acknowledged).to_contain_text(str(on_record[0]["position"]))


def test_what_is_not_sent_survives_a_reload_and_can_be_taken_up_again_or_thrown_away(own_hall: Hall, screens: Screens) -> None:
    contest = office(own_hall, "kept")
    referee = Referee(screens(own_hall.url), contest).log_in("R1").open("A1", "insulation").watch_posts()
    referee.screen.may_be_cut_off = True
    own_hall.shut()
    expect(referee.page.locator(".lost")).to_be_visible()
    referee.fill("o", "0.98 on the photo", marks="6").decide()
    own_hall.open()
    referee.screen.may_hold_back = True  # it asks before it is left
    referee.page.reload()
    expect(referee.letters).to_have_attribute("data-letter", "kept")
    referee.letters.get_by_role("button", name=say("editAgain", "en")).click()
    expect(referee.page.locator("[data-field=reason]")).to_have_value("0.98 on the photo")
    expect(referee.page.locator("[data-field=marks]")).to_have_value("6")
    expect(referee.letters).to_have_count(0)
    assert referee.posts == []
    assert Desk(contest, "C1").rulings() == []


def test_throwing_away_asks_once_more(own_hall: Hall, screens: Screens) -> None:
    contest = office(own_hall, "thrown")
    referee = Referee(screens(own_hall.url), contest).log_in("R1").open("A1", "insulation").watch_posts()
    referee.screen.may_be_cut_off = True
    own_hall.shut()
    expect(referee.page.locator(".lost")).to_be_visible()
    referee.fill("c", "the photo shows 1.02").decide()
    referee.letters.get_by_role("button", name=say("discard", "en")).click()
    expect(referee.letters).to_have_count(1)
    referee.letters.get_by_role("button", name=say("discardSure", "en")).click()
    expect(referee.letters).to_have_count(0)
    own_hall.open()
    assert referee.posts == []


def test_a_password_that_is_wanted_again_sends_nothing_by_itself(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "stale")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation").watch_posts()
    refusals = [0]

    def stale(route: Route) -> None:
        refusals[0] += 1
        route.fulfill(status=403, json={"code": "not_fresh", "detail": "give your password again"})

    referee.page.route("**/rulings", stale, times=1)
    referee.fill("o", "7 by the photo", marks="7").decide()
    dialog = referee.page.get_by_role("dialog")
    expect(dialog).to_contain_text(say("freshWhy", "en"))
    dialog.locator("input").fill("not my password")
    referee.page.keyboard.press("Enter")
    expect(dialog).to_contain_text(say("error_bad_login", "en"))
    dialog.locator("input").fill("referee-secret-1")
    referee.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(referee.button).to_be_focused()
    assert (refusals, len(referee.posts)) == ([1], 1), "only what was pressed before"
    assert Desk(contest, "C1").rulings() == []
    referee.page.keyboard.press("Enter")
    expect(referee.form).to_have_count(0)
    assert [each["reason"] for each in Desk(contest, "C1").rulings()] == ["7 by the photo"]


def test_questions_that_are_still_being_asked_are_told_as_such_and_asked_for_again(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "still")
    Desk(contest, "C1").post("/signoffs", id="signed", contestant="A2", role="chief")
    contest.tell(clear("A2", "quiz", 1_100))
    referee = Referee(screens(hall.url), contest).log_in("R1")
    referee.screen.may_be_refused = ("/flags",)

    def unfinished(route: Route) -> None:
        route.fulfill(status=503, json={"code": "still_asking", "detail": "the judges are still being asked"})

    referee.page.route("**/flags", unfinished, times=1)
    referee.page.locator('[data-case^="A2 signature"]').click()
    expect(referee.page.get_by_role("alert")).to_contain_text(say("error_still_asking", "en"))
    assert referee.page.get_by_text(say("noQuestions", "en")).count() == 0
    expect(referee.page.locator("[data-question=edit_after_signature]")).to_be_visible()
    expect(referee.page.get_by_role("alert")).to_have_count(0)


def test_a_session_that_is_over_asks_for_a_login_and_keeps_the_form(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "over")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    referee.screen.may_be_refused = ("/me", "/preview", "/rulings", "/login", "/cases/A1/insulation")
    referee.fill("c", "half a sen")
    hall.give_passwords(contest.id, {"R1": "another-secret-1"})
    dialog = referee.page.get_by_role("dialog")
    expect(dialog).to_contain_text(say("sessionOver", "en"))
    dialog.locator("input[type=password]").fill("another-secret-1")
    referee.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(referee.page.locator("[data-field=reason]")).to_have_value("half a sen")
