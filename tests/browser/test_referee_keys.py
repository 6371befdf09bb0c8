"""The console without a mouse: from the login to a ruling on record. And what no key ever does: send what somebody is still typing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Hall
from tests.browser.office import PASSWORDS, Desk, Referee, document, office
from tests.browser.wording import LANGS, Lang, say

HALF = "the photo sho"
LETTERS = {
    "c": "confirm",
    "o": "override",
    "a": "annul",
    "i": "reinstate",
    "r": "rerun",
    "b": "return",
    "p": "penalise",
    "t": "giveback",
    "d": "disqualify",
    "e": "step",
    "z": "stop_clock",
    "g": "start_clock",
}


@pytest.mark.parametrize("lang", LANGS)
def test_from_the_login_to_a_ruling_on_record_by_keyboard_alone(hall: Hall, screens: Screens, lang: Lang) -> None:
    contest = office(hall, f"keys-{lang}")
    referee = Referee(screens(hall.url), contest, lang)
    page, press = referee.page, referee.page.keyboard.press
    referee.screen.open(f"/referee?contest={contest.id}&lang={lang}")
    expect(page.locator("select")).to_be_focused()
    page.keyboard.type("R1")
    press("Tab")
    page.keyboard.type(PASSWORDS["R1"])
    press("Enter")
    expect(page.locator("[data-case]").first).to_be_visible()

    press("/")
    page.keyboard.type("edge A1" if lang == "en" else "公差 A1")
    expect(page.locator("[data-case]")).to_have_count(1)
    press("Escape")
    press("j")
    press("Enter")
    expect(page.locator("[data-case-title]")).to_be_focused()
    press("]")
    expect(page.locator("[data-part=questions] h3")).to_be_focused()
    press("c")
    expect(page.locator("[data-field=code]")).to_be_focused()
    for _ in ("checked", "rule_misapplied", "evidence_reviewed"):
        press("ArrowDown")
    press("Tab")
    page.keyboard.type("1.02 MΩ")
    expect(page.locator("[data-preview=here]")).to_be_visible()
    press("Control+Enter")
    expect(referee.form).to_have_count(0)
    on_record = Desk(contest, "C1").rulings()
    assert [(each["action"]["verb"], each["code"], each["reason"]) for each in on_record] == [("confirm", "evidence_reviewed", "1.02 MΩ")]
    expect(referee.acknowledged).to_contain_text(str(on_record[0]["position"]))
    expect(referee.acknowledged).to_contain_text({"zh": "A1 陈建国 · 绝缘测试", "en": "A1 Chen Jianguo · Insulation test"}[lang])
    expect(page.locator("[data-aloud=calm]")).to_have_text(say("saidAcknowledged", lang, position=on_record[0]["position"]))
    expect(page.locator("[data-case-title]")).to_be_focused()


def test_every_letter_opens_its_form_and_escape_closes_it_and_what_was_typed_is_kept(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "letters")).log_in("R1").open("A1", "insulation").watch_posts()
    for key, deed in LETTERS.items():
        referee.page.keyboard.press(key)
        expect(referee.form).to_have_attribute("data-form", deed)
        referee.page.locator("[data-field=reason]").fill(deed)
        referee.page.keyboard.press("Escape")
        expect(referee.form).to_have_count(0)
        expect(referee.page.locator("[data-draft]")).to_be_visible()
    for key in "shxu":
        referee.page.keyboard.press(key)
        expect(referee.form).to_have_count(0)
    referee.page.keyboard.press("?")
    expect(referee.page.get_by_role("dialog")).to_contain_text(say("key_decide", "en"))
    referee.page.keyboard.press("Escape")
    expect(referee.page.get_by_role("dialog")).to_have_count(0)
    assert referee.posts == []


def test_enter_in_a_field_sends_nothing(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "enter")).log_in("R1").open("A1", "insulation").watch_posts()
    referee.fill("o", "the photo shows it", marks="7.5")
    expect(referee.page.locator("[data-preview=here]")).to_be_visible()
    for field in ("code", "reason", "attempt", "change", "aspect", "marks"):
        referee.page.locator(f"[data-field={field}]").focus()
        referee.page.keyboard.press("Enter")
    referee.page.keyboard.press("Escape")
    referee.page.keyboard.press("Escape")
    referee.screen.rest()
    assert referee.posts == []


def test_a_half_typed_form_survives_a_reload_and_a_moving_queue_and_is_never_sent(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "half")
    referee = Referee(screens(hall.url), contest).log_in("R1").open("A1", "insulation").watch_posts()
    referee.fill("o", HALF, marks="7")
    contest.tell(clear("B2", "insulation", 1_100, mohm="1.01"))
    expect(referee.case("B2", "insulation")).to_be_visible()
    expect(referee.page.locator("[data-field=reason]")).to_have_value(HALF)
    referee.page.reload()
    expect(referee.page.locator("[data-case]").first).to_be_visible()
    referee.open("A1", "insulation")
    expect(referee.page.locator("[data-draft]")).to_be_visible()
    referee.page.locator("[data-draft] button").first.click()
    expect(referee.page.locator("[data-field=reason]")).to_have_value(HALF)
    expect(referee.page.locator("[data-field=marks]")).to_have_value("7")
    assert referee.posts == []
    assert Desk(contest, "C1").rulings() == []


def test_a_reload_comes_back_to_the_case_and_back_to_the_queue(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url, viewport={"width": 390, "height": 844}), office(hall, "back")).log_in("R1")
    page = referee.page
    referee.open("A1", "insulation").fill("p", "the lid was open")
    page.reload()
    expect(page.locator("[data-case-title]")).to_contain_text("Chen Jianguo")
    page.locator("[data-draft] button").first.click()
    expect(page.locator("[data-field=reason]")).to_have_value("the lid was open")
    page.get_by_role("button", name=say("nextCase", "en")).click()
    expect(page.locator("[data-case-title]")).not_to_contain_text("Chen Jianguo")
    page.go_back()
    expect(referee.case("A1", "insulation")).to_be_visible()
    expect(page.locator("[data-case-title]")).to_have_count(0)
    page.go_forward()
    expect(page.locator("[data-case-title]")).to_be_visible()
    page.get_by_role("button", name=say("toQueue", "en")).click()
    expect(referee.case("A1", "insulation")).to_be_visible()
    assert "contestant=" not in page.url


def test_another_language_or_light_changes_the_words_and_keeps_the_form(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "tongues")).log_in("R1").open("A1", "insulation").watch_posts()
    referee.fill("o", HALF, marks="7")
    referee.page.get_by_role("link", name=say("otherLanguage", "en"), exact=True).click()
    expect(referee.form).to_contain_text(say("deed_override", "zh"))
    expect(referee.page.locator("[data-case-title]")).to_contain_text("陈建国")
    referee.page.get_by_role("button", name=say("theme", "zh")).click()
    expect(referee.page.locator("html")).to_have_attribute("data-theme", "arena")
    expect(referee.page.locator("[data-field=reason]")).to_have_value(HALF)
    assert referee.posts == []


def test_a_long_queue_draws_only_what_is_seen_and_keys_reach_its_end(hall: Hall, screens: Screens) -> None:
    people = [*evening.PEOPLE, *evening.crowd(114)]
    contest = hall.adopt(document("long") | {"contestants": people})
    hall.give_passwords(contest.id, PASSWORDS)
    contest.tell(*(clear(person["id"], "insulation", 600 + 3 * index, mohm="1.02") for index, person in enumerate(people)))
    referee = Referee(screens(hall.url), contest).log_in("R1")
    lines = referee.page.locator("[data-case]")
    expect(lines.first).to_be_visible()
    size = str(lines.first.get_attribute("aria-setsize"))
    assert int(size) >= len(people)
    assert lines.count() < 40
    referee.page.keyboard.press("End")
    referee.page.keyboard.press("Enter")
    last = referee.page.locator(f'[aria-posinset="{size}"]')
    expect(last).to_be_in_viewport()
    expect(referee.page.get_by_role("listbox")).to_have_attribute("aria-activedescendant", str(last.get_attribute("id")))
    expect(referee.page.locator("[data-case-title]")).to_be_focused()


def test_what_is_out_of_range_says_so_and_cannot_be_decided(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "range")).log_in("R1").open("A1", "insulation").watch_posts()
    referee.fill("o", "the photo shows it", marks="12.5")
    expect(referee.page.locator("[data-field=marks]")).to_have_attribute("aria-invalid", "true")
    expect(referee.form).to_contain_text(say("faultAbove", "en", most="12"))
    expect(referee.button).to_have_attribute("aria-disabled", "true")
    expect(referee.page.locator("[data-why]")).to_have_attribute("data-why", "whyIncomplete")
    referee.page.keyboard.press("Control+Enter")
    referee.button.click(force=True)
    assert referee.posts == []


@pytest.mark.parametrize("lang", LANGS)
def test_on_a_laptop_what_a_ruling_changes_stands_beside_its_button_and_one_ruling_is_the_one_to_undo(
    hall: Hall, screens: Screens, lang: Lang
) -> None:
    contest = office(hall, f"brief-{lang}")
    referee = Referee(screens(hall.url, viewport={"width": 1366, "height": 768}), contest, lang).log_in("R1")
    page = referee.page
    expect(page.locator("[data-room=marks] .chip")).to_have_text("3")
    referee.open("A1", "insulation").fill("o", "read again: 0.9", marks="0")
    brief = page.locator("[data-brief]")
    expect(brief).to_contain_text("8 → 0")
    expect(brief).to_be_in_viewport()
    expect(page.locator("[data-field=attempt]")).to_contain_text(say("deskAttempt", lang, n=1))
    referee.decide()
    expect(page.locator("[data-part=timeline] tbody")).to_contain_text(say("deed_override", lang))
    expect(page.locator("[data-part=timeline] tbody")).not_to_contain_text("ruling-")
    expect(page.locator("[data-case-title]")).to_be_focused()
    page.keyboard.press("u")
    done = Desk(contest, "C1").rulings()[0]["id"]
    expect(page.locator("[data-field=act]")).to_have_value(done)


def test_skipping_to_the_content_keeps_the_case_and_what_was_typed(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "skip")
    Desk(contest, "C1").post("/signoffs", id="signed", contestant="A2", role="chief")
    contest.tell(clear("A2", "quiz", 1_100))
    referee = Referee(screens(hall.url), contest).log_in("R1")
    page, press = referee.page, referee.page.keyboard.press
    page.locator('[data-case^="A2 signature"]').click()
    expect(page.locator("[data-case-title]")).to_be_visible()
    expect(page.locator("[data-question]")).to_be_visible()
    press("c")
    page.locator("[data-field=reason]").fill(HALF)
    entries = page.evaluate("history.length")
    page.locator("a[href='#content']").focus()
    press("Enter")
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("[data-field=reason]")).to_have_value(HALF)
    assert (page.evaluate("history.length"), "#" in page.url) == (entries, False)
    page.evaluate("location.hash = 'elsewhere'")
    referee.screen.rest()
    expect(page.locator("[data-field=reason]")).to_have_value(HALF)


def test_back_from_another_room_of_the_console_shows_the_queue(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "rooms")).log_in("R1").open("A1", "insulation")
    page = referee.page
    page.keyboard.press("m")
    expect(page.locator("[data-room=marks]")).to_have_attribute("aria-current", "page")
    page.go_back()
    expect(page.locator("[data-room=queue]")).to_have_attribute("aria-current", "page")
    expect(referee.case("A1", "insulation")).to_be_visible()
    expect(page.locator("[data-case-title]")).to_have_count(0)
    page.go_forward()
    expect(page.locator("[data-case-title]")).to_be_visible()


def test_what_is_long_is_read_from_its_beginning(hall: Hall, screens: Screens) -> None:
    """The browser puts the focus on what can be pressed first, which stands at the end of the help."""
    low = {"width": 1366, "height": 500}
    referee = Referee(screens(hall.url, viewport=low, reduced_motion="reduce"), office(hall, "long-help")).log_in("R1")
    referee.page.keyboard.press("?")
    dialog = referee.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("(dialog) => [dialog.scrollTop, dialog.scrollHeight > dialog.clientHeight]") == [0, True]
    expect(dialog.get_by_role("heading", name=say("keysTitle", "en"))).to_be_focused()
    referee.page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name=say("close", "en"))).to_be_focused()
