"""Two officials at once: who looks is seen, a decision on something that changed is refused and the change shown, two decide together."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.browser.hall import Hall
from tests.browser.office import Desk, Referee, office
from tests.browser.wording import say


def test_the_second_of_two_who_decide_at_once_is_shown_what_changed_and_decides_again(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "race")
    first = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    second = Referee(screens(hall.url), contest, "zh").log_in("R2").open("A1", "insulation")
    second.screen.may_be_refused = ("/me", "/rulings", "/cases/A1/insulation")
    second.page.route("**/cases/**", lambda route: route.abort())  # so that it does not notice by itself
    first.fill("c", "the photo shows 1.02")
    second.fill("o", "照片显示 0.98", marks="7")
    expect(second.page.locator("[data-preview=here]")).to_be_visible()  # by then whatever was asked before is answered
    first.decide()
    expect(first.form).to_have_count(0)
    second.decide()
    changed = second.page.locator("[data-changed]")
    expect(changed).to_have_attribute("data-changed", "refused")
    expect(changed).to_contain_text(say("changedRefused", "zh"))
    ruling = changed.locator("[data-change=changedRuling]")
    expect(ruling).to_contain_text("the photo shows 1.02")
    expect(ruling).to_contain_text("R1")
    expect(second.page.locator("[data-field=reason]")).to_have_value("照片显示 0.98")
    expect(second.page.locator("[data-why]")).to_have_attribute("data-why", "whyChanged")
    assert [each["official"] for each in Desk(contest, "C1").rulings()] == ["R1"]

    changed.get_by_role("button").click()
    expect(changed).to_have_count(0)
    second.decide()
    expect(second.form).to_have_count(0)
    assert [each["official"] for each in Desk(contest, "C1").rulings()] == ["R1", "R2"]


def test_a_change_is_noticed_before_anything_is_sent_and_the_form_is_kept(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "notice")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation").watch_posts()
    referee.fill("o", "half a sen", marks="7")
    Desk(contest, "R2").rule("by-r2", "A1", "insulation", verb="confirm")
    changed = referee.page.locator("[data-changed]")
    expect(changed).to_have_attribute("data-changed", "noticed")
    expect(referee.page.locator("[data-aloud=urgent]")).to_have_text(say("saidChanged", "en"))
    expect(referee.page.locator("[data-field=reason]")).to_have_value("half a sen")
    assert referee.posts == []


def test_without_a_form_the_case_is_simply_the_newer_one(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "fresh")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    Desk(contest, "R2").rule("by-r2", "A1", "insulation", verb="override", marks="7")
    expect(referee.page.locator('[data-ruling="by-r2"]')).to_be_visible()
    expect(referee.page.locator("[data-changed]")).to_have_count(0)


def test_who_looks_at_a_case_is_seen_by_the_others_until_they_leave(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "leases")
    first = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    second = Referee(screens(hall.url), contest).log_in("R2")
    expect(second.case("A1", "insulation").locator("[data-looking]")).to_have_attribute("data-looking", "R1")
    second.open("A1", "insulation")
    expect(second.page.locator("[data-lookers]")).to_contain_text("R1")
    expect(first.page.locator("[data-lookers]")).to_contain_text("R2")
    first.page.keyboard.press("Escape")
    expect(second.page.locator("[data-lookers]")).to_have_count(0)


def test_a_ruling_that_moves_much_waits_for_a_second_person_and_not_for_its_author(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "second")
    author = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    author.fill("o", "no reading at all on the photo", marks="1", code="evidence_reviewed")
    preview = author.page.locator(".preview")
    expect(preview).to_contain_text(say("needs_points", "en", moved="7", limit="5"))
    row = preview.locator('[data-row="A1"]')
    expect(row).to_contain_text("8")
    author.decide()
    expect(author.page.locator('[data-ruling][data-state="waiting"]')).to_be_visible()
    author.page.keyboard.press("w")
    own = author.page.locator("[data-waiting]")
    expect(own).to_contain_text(say("waitingOwn", "en"))
    expect(own.locator("[data-approve]")).to_have_count(0)

    other = Referee(screens(hall.url), contest).log_in("R2")
    other.page.keyboard.press("w")
    waiting = other.page.locator("[data-waiting]")
    expect(waiting.locator('[data-row="A1"]')).to_be_visible()
    expect(waiting.locator("[data-reject]")).to_have_attribute("aria-disabled", "true")
    waiting.locator("[data-approve]").click()
    expect(waiting).to_have_count(0)
    ruling = Desk(contest, "C1").rulings()[0]
    assert (ruling["state"], ruling["second"]["official"]) == ("in_force", "R2")
    board = {row["id"]: row["points"] for row in contest.board()["rows"]}
    assert board["A1"] == "1"


def test_a_rejection_says_why(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "rejected")
    Desk(contest, "R1").rule("too-much", "A1", "insulation", verb="override", marks="1")
    other = Referee(screens(hall.url), contest).log_in("R2")
    other.page.keyboard.press("w")
    waiting = other.page.locator("[data-waiting]")
    waiting.locator("textarea").fill("the photo is of another panel")
    waiting.locator("[data-reject]").click()
    expect(waiting).to_have_count(0)
    assert Desk(contest, "C1").rulings()[0]["state"] == "rejected"


def test_who_is_recused_is_told_so_and_has_no_form(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "recused")).log_in("R3").open("A2", "insulation")
    expect(referee.page.locator("[data-recused]")).to_contain_text(say("recusedHere", "en"))
    referee.page.keyboard.press("o")
    expect(referee.form).to_have_count(0)
    expect(referee.page.locator("[data-deed]")).to_have_count(0)


def test_ones_own_ruling_is_undone_from_the_case(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "undone")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation")
    referee.fill("c", "the photo shows 1.02").decide()
    confirmed = referee.page.locator('[data-ruling][data-state="in_force"]')
    confirmed.locator("[data-undo]").click()
    expect(referee.form).to_have_attribute("data-form", "undo")
    referee.page.locator("[data-field=code]").select_option("entry_error")
    referee.page.locator("[data-field=reason]").fill("it was the wrong photo")
    referee.decide()
    expect(referee.page.locator('[data-ruling][data-state="undone"]')).to_be_visible()
    expect(referee.case("A1", "insulation")).to_contain_text(re.compile(re.escape(say("code_edge_of_tolerance", "en"))))
