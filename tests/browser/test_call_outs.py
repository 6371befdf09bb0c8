"""A first clear is called out once: when it happens, and never because a page looked again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Hall
from tests.browser.wording import LANGS, say

NEXT_MS = 5_500
"""After this long the next call-out has its turn."""
RETRIES_WITHIN_MS = 10_000


def test_a_first_clear_is_called_out_in_words_and_aloud(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url).watch(contest.id)
    contest.tell(clear("A1", "quiz", 600))
    callout = screen.page.locator('[data-callout="first"]')
    expect(callout).to_be_visible()
    for words in (*(say("firstClear", lang) for lang in LANGS), "陈建国", "Chen Jianguo", "理论抢答", "Quiz"):
        expect(callout).to_contain_text(words)
    expect(screen.page.get_by_role("status").filter(has_text=f"{say('firstClear', 'zh')}：陈建国，理论抢答")).to_have_count(1)


def test_neither_loading_again_nor_joining_again_calls_it_out_again(own_hall: Hall, screens: Screens) -> None:
    contest = own_hall.contest()
    screen = screens(own_hall.url)
    screen.may_be_cut_off = True
    screen.page.clock.install()
    screen.watch(contest.id)

    contest.tell(clear("A1", "quiz", 600))
    screen.until("seen.callouts", [["first", "A1", "quiz"]])
    screen.page.clock.fast_forward(NEXT_MS)
    screen.until("seen.callouts", [["first", "A1", "quiz"], ["lead", "A1", None]])

    screen.page.reload()
    expect(screen.cell("A1", "quiz")).to_have_attribute("data-look", "first")
    contest.tell(clear("B1", "quiz", 700))  # a clear, but not the first one: no call-out
    expect(screen.cell("B1", "quiz")).to_have_attribute("data-look", "cleared")
    screen.page.clock.fast_forward(NEXT_MS)
    contest.tell(clear("A1", "wiring", 800))
    screen.until("seen.callouts", [["first", "A1", "wiring"]])

    own_hall.shut()
    expect(screen.link).not_to_contain_text(say("connected", "zh"))
    own_hall.open()
    screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
    expect(screen.link).to_contain_text(say("connected", "zh"))
    contest.tell(clear("B1", "wiring", 900))
    expect(screen.cell("B1", "wiring")).to_have_attribute("data-look", "cleared")
    contest.tell(clear("A1", "final", 1_000))
    screen.until("seen.callouts", [["first", "A1", "wiring"], ["first", "A1", "final"]])


def test_a_page_that_comes_later_calls_nothing_out(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600), clear("B1", "wiring", 700))
    screen = screens(hall.url).watch(contest.id)
    expect(screen.cell("A1", "quiz")).to_have_attribute("data-look", "first")
    expect(screen.page.locator(".firsts")).to_contain_text("陈建国")
    contest.tell(clear("A1", "final", 800))
    screen.until("seen.callouts", [["first", "A1", "final"]])
