"""Server and pages speak one language: on a Chinese page no sentence is English, and changing the language changes the server's as well."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Screens
from tests.browser.hall import Hall
from tests.browser.office import Referee, office
from tests.browser.wording import say

ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
"""Two words with a space between: no Chinese sentence has them, nor an id."""
NEAR_ZH = "读数 1.02 与限值 1 之差在仪器误差 ±0.05 以内"
NEAR_EN = "1.02 is within the instrument's ±0.05 of the limit 1"


def _english(part: Locator) -> list[str]:
    """English sentences on this part of the page."""
    return [line for line in part.inner_text().splitlines() if ENGLISH.search(line)]


def test_a_chinese_case_shows_no_english_sentence_and_changes_its_language_in_place(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url), office(hall, "tongues"), "zh").log_in("R1").open("A1", "insulation")
    questions, why = (referee.page.locator(f"[data-part={part}]") for part in ("questions", "why"))
    expect(questions).to_contain_text(NEAR_ZH)
    expect(why).to_contain_text("1.02 >= 1")
    expect(questions).to_contain_text("3 个分数中已有 0 个")
    assert _english(questions) == []
    assert _english(why) == []
    referee.page.get_by_role("link", name=say("otherLanguage", "zh"), exact=True).click()
    expect(questions).to_contain_text(NEAR_EN)
    assert _english(questions) != []


def test_a_refusal_tells_the_reader_in_their_language(hall: Hall, screens: Screens) -> None:
    contest = office(hall, "tongues-refused")
    screen = screens(hall.url)
    screen.may_be_refused = ("/login", "/me")
    screen.open(f"/referee?contest={contest.id}&lang=zh")
    screen.page.locator("select").select_option("R1")
    screen.page.locator("input[type=password]").fill("wrong")
    screen.page.keyboard.press("Enter")
    alert = screen.page.get_by_role("alert")
    expect(alert).to_contain_text(say("error_bad_login", "zh"))
    assert _english(alert) == []
