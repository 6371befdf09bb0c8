"""The freeze, as the hall sees it: the exact phrase, later attempts as pending, and not a trace of how they went."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Screens
from tests.browser.evening import clear, outcome
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen
from tests.browser.wording import FROZEN, LANGS, Lang, say

MINUTES = 20
CANARIES = ("7.75", "4021337", "1:07:01", "kanarienvogel")
"""What B2's clear after the freeze brings into the world: a sum of points, a time, its text, and evidence. Nothing else has any of them."""


def frozen_evening(hall: Hall) -> Contest:
    """B2 has one stage of two; A1 leads; then the board freezes."""
    contest = hall.contest(minutes_ago=100)
    contest.tell(clear("A1", "quiz", 600), clear("B2", "wiring", 700))
    contest.order("freeze", minutes=MINUTES)
    return contest


def tell_the_canary(contest: Contest) -> None:
    contest.tell(clear("B2", "quiz", 4_021.337, remark="kanarienvogel"), outcome("rejected", "A1", "final", 4_100))


def everything_that_reached(screen: Screen) -> Iterator[str]:
    """All that the page was told, and all that it shows or keeps in its document."""
    yield screen.page.content()
    yield screen.page.title()
    yield from screen.heard
    yield from (answer.text() for answer in screen.answers if "/api/" in answer.url)


def canaries_at(screen: Screen) -> set[str]:
    return {canary for text in everything_that_reached(screen) for canary in CANARIES if canary in text}


def standing_on(screen: Screen) -> list[tuple[str, ...]]:
    """Rank, contestant and figures of each plate. Whoever shares a rank stands by name, once names have come: that order says nothing."""
    return sorted((row["rank"], row["id"], row["figure"], row["second"]) for row in screen.rows())


def test_a_frozen_board_says_the_exact_phrase(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(minutes_ago=100)
    screen = screens(hall.url).watch(contest.id)
    expect(screen.mood).to_have_attribute("data-mood", "running")
    for lang in LANGS:
        expect(screen.text(FROZEN[lang])).to_have_count(0)
    contest.order("freeze", minutes=MINUTES)
    expect(screen.mood).to_have_attribute("data-mood", "frozen")
    for lang in LANGS:
        expect(screen.text(FROZEN[lang])).to_be_visible()
        expect(screen.text(say("rankingFrozen", lang))).to_be_visible()


def test_what_comes_after_the_freeze_is_pending_and_nothing_else_of_it_leaks(hall: Hall, screens: Screens) -> None:
    contest = frozen_evening(hall)
    watching = screens(hall.url).watch(contest.id)
    expect(watching.cell("B2", "wiring")).to_have_attribute("data-look", "first")
    before = standing_on(watching)

    tell_the_canary(contest)
    coming = screens(hall.url).watch(contest.id)
    for screen in (watching, coming):
        expect(screen.cell("B2", "quiz")).to_have_attribute("data-look", "pending")
        expect(screen.cell("A1", "final")).to_have_attribute("data-look", "pending")
        expect(screen.cell("B2", "wiring")).to_have_attribute("data-look", "first")
        assert standing_on(screen) == before
        assert screen.callouts() == []
        assert canaries_at(screen) == set()

    contest.order("thaw")
    expect(watching.cell("B2", "quiz")).to_have_attribute("data-look", "cleared")
    assert canaries_at(watching) == set(CANARIES) - {"kanarienvogel"}, "seen now, so they would have been seen before"


def test_a_first_clear_under_the_freeze_is_called_out_after_it_and_then_once(hall: Hall, screens: Screens) -> None:
    contest = frozen_evening(hall)
    screen = screens(hall.url).watch(contest.id)
    contest.tell(clear("B1", "final", 4_000))
    expect(screen.cell("B1", "final")).to_have_attribute("data-look", "pending")
    expect(screen.page.locator(".firsts")).to_contain_text(say("unclaimed", "zh"))
    assert screen.callouts() == []
    contest.order("thaw")
    screen.until("seen.callouts", [["first", "B1", "final"]])


@pytest.mark.parametrize("lang", LANGS)
def test_thawed_and_final_the_board_says_so(hall: Hall, screens: Screens, lang: Lang) -> None:
    contest = frozen_evening(hall)
    tell_the_canary(contest)
    screen = screens(hall.url).watch(contest.id, lang)
    expect(screen.text(FROZEN[lang])).to_be_visible()
    contest.order("clock", action="end")
    contest.order("thaw")
    expect(screen.text(FROZEN[lang])).to_have_count(0)
    expect(screen.text(say("endedBanner", lang))).to_be_visible()
    expect(screen.plate("B2")).to_have_attribute("aria-posinset", "1")
    contest.order("finalise")
    expect(screen.text(say("finalBanner", lang))).to_be_visible()
    expect(screen.mood).to_have_attribute("data-mood", "final")
    expect(screen.text(say("rankingFinal", lang))).to_be_visible()
    expect(screen.text(say("champion", lang))).to_be_visible()
    again = screens(hall.url).watch(contest.id, lang)
    expect(again.page.locator('.ticker [data-call][data-contestant-called="B2"]').first).to_be_visible()
    expect(again.text(say("feedEmpty", lang))).to_have_count(0)  # nobody waits for a clear any more


def test_a_pause_is_said_while_it_lasts(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url).watch(contest.id)
    contest.order("clock", action="pause")
    for lang in LANGS:
        expect(screen.text(say("pausedBanner", lang))).to_be_visible()
    contest.order("clock", action="resume")
    expect(screen.mood).to_have_attribute("data-mood", "running")
    expect(screen.text(say("pausedBanner", "zh"))).to_have_count(0)
