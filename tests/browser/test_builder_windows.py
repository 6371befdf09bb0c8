"""The draft under the mouse and in two windows: what is dragged stands where it was dropped, and no window's change is lost unasked."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.conftest import Screens
from tests.browser.hall import Hall
from tests.browser.screen import Screen
from tests.browser.test_builder import DESK, LOOKS, Builder, _check
from tests.browser.wording import Lang, say

DEAF = """() => {
    for (const name of ["storage", "focus", "visibilitychange"])
        addEventListener(name, (event) => { if (window.isDeaf) event.stopImmediatePropagation(); }, true);
}"""
"""A window that the browser has put to sleep hears of nothing; set before its page listens."""


@pytest.fixture
def builder(hall: Hall, screens: Screens) -> Builder:
    return Builder(screens(hall.url, viewport=DESK, reduced_motion="reduce"), hall).enter().begin()


def beside(first: Builder) -> Builder:
    """A second window of the same browser, by the same person, on the same draft."""
    page = first.page.context.new_page()
    page.add_init_script(f"({DEAF})()")
    second = Builder(Screen(page, first.hall.url), first.hall, first.lang)
    second.come()
    expect(page.locator("main[data-work=contest]")).to_be_visible()
    return second


def deaf(builder: Builder, is_deaf: bool) -> None:
    builder.page.evaluate("(is) => { window.isDeaf = is; }", is_deaf)


def dialog(builder: Builder) -> Locator:
    return builder.page.locator("[data-conflict]")


def part(builder: Builder, name: str, side: str) -> Locator:
    return builder.page.locator(f"[data-part={name}] input[value={side}]")


def names(builder: Builder) -> list[str]:
    return [each.inner_text().splitlines()[0] for each in builder.page.locator("[data-stage] .name").all()]


@pytest.mark.parametrize(("start", "to", "order"), [(0, 2, [1, 2, 0]), (2, 0, [2, 0, 1]), (1, 2, [0, 2, 1])])
def test_a_stage_that_is_dragged_stands_where_it_was_dropped_and_undo_puts_it_back(
    builder: Builder, start: int, to: int, order: list[int]
) -> None:
    page = builder.go("stages").page
    before = names(builder)
    page.locator(f"[data-stage='{start}']").drag_to(page.locator(f"[data-stage='{to}']"))
    expect(page.locator(f"[data-stage='{to}'] .name")).to_contain_text(before[start])
    assert names(builder) == [before[each] for each in order]
    expect(page.locator(f"[data-stage='{to}'] [data-do=stage]")).to_have_attribute("aria-current", "true")
    page.reload()
    expect(page.locator(f"[data-stage='{to}'] .name")).to_contain_text(before[start])
    builder.go("stages").page.locator(f"[data-stage='{start}']").drag_to(page.locator(f"[data-stage='{start}']"))
    assert names(builder) == [before[each] for each in order], "dropped where it was, it stays"
    page.locator(f"[data-stage='{to}']").drag_to(page.locator(f"[data-stage='{start}']"))
    builder.do("undo").click()
    expect(page.locator(f"[data-stage='{to}'] .name")).to_contain_text(before[start])


def test_what_is_dragged_elsewhere_or_from_outside_moves_nothing(builder: Builder) -> None:
    page = builder.go("stages").page
    before = names(builder)
    page.locator("[data-stage='0']").drag_to(page.locator("h1"))
    page.locator("h1").drag_to(page.locator("[data-stage='2']"))
    assert names(builder) == before
    expect(page.locator("[data-stage].over")).to_have_count(0)


def test_another_window_follows_says_so_and_undo_takes_its_changes_back_at_once(builder: Builder) -> None:
    other = beside(builder)
    builder.go("stages").page.locator("[data-stage='0']").drag_to(builder.page.locator("[data-stage='2']"))
    builder.go("contest").at("contest.minutes").press_sequentially("5")
    typed = builder.at("contest.minutes").input_value()
    expect(other.at("contest.minutes")).to_have_value(typed)
    expect(other.page.locator("[data-following]")).to_have_text(say("builderFollowing", "en"))
    other.do("undo").click()
    expect(other.page.locator("[data-following]")).to_have_count(0)
    expect(builder.at("contest.minutes")).not_to_have_value(typed)
    assert names(builder.go("stages")) == names(other.go("stages"))
    other.screen.check()


def test_two_windows_that_did_not_hear_of_each_other_are_put_together_part_by_part(builder: Builder) -> None:
    other = beside(builder)
    deaf(other, True)
    builder.at("contest.minutes").fill("77")
    other.go("venues").name("venues[0].name", "平阳", "Pingyang")
    expect(dialog(other)).to_have_attribute("data-conflict", "same")
    expect(dialog(builder)).to_have_count(0)
    expect(part(other, "contest", "theirs")).to_be_checked()
    expect(part(other, "venues", "mine")).to_be_checked()
    expect(dialog(other)).to_contain_text("77")
    other.page.keyboard.press("Escape")
    expect(dialog(other)).to_be_visible()
    deaf(other, False)
    other.page.locator("[data-choose=parts]").click()
    for each in (builder, other):
        expect(dialog(each)).to_have_count(0)
        expect(each.go("contest").at("contest.minutes")).to_have_value("77")
        expect(each.go("venues").at("venues[0].name").nth(0)).to_have_value("平阳")
    other.screen.check()


def test_three_windows_in_three_processes_end_with_all_that_was_typed_in_any(builder: Builder) -> None:
    second, third = beside(builder), beside(builder)
    browser = builder.page.context.browser
    assert browser is not None
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    assert len([each for each in processes if each["type"] == "renderer"]) >= 3
    for each in (second, third):
        deaf(each, True)
    builder.at("contest.minutes").fill("77")
    second.go("venues").name("venues[0].name", "平阳", "Pingyang")
    before = names(third.go("stages"))
    third.page.locator("[data-mover='stages/0'] button").nth(1).click()
    for each in (second, third):
        expect(dialog(each)).to_be_visible()
        deaf(each, False)
    second.page.locator("[data-choose=parts]").click()
    expect(dialog(second)).to_have_count(0)
    expect(dialog(third)).to_contain_text("平阳")  # what is asked is about what is kept now
    third.page.locator("[data-choose=parts]").click()
    for each in (builder, second, third):
        expect(dialog(each)).to_have_count(0)
        expect(each.go("contest").at("contest.minutes")).to_have_value("77")
        expect(each.go("venues").at("venues[0].name").nth(0)).to_have_value("平阳")
        assert names(each.go("stages")) == [before[1], before[0], *before[2:]]
    second.screen.check()
    third.screen.check()


def test_a_choice_is_left_by_no_key(builder: Builder) -> None:
    other = beside(builder)
    deaf(other, True)
    builder.at("contest.minutes").fill("77")
    other.go("venues").name("venues[0].name", "平阳", "Pingyang")
    expect(dialog(other)).to_be_visible()
    for focus in ("[data-choose=mine]", "h1"):
        other.page.evaluate("(where) => document.querySelector(where).focus()", focus)
        for _ in range(5):
            other.page.keyboard.press("Escape")
    other.page.mouse.click(2, 2)
    for _ in range(5):
        other.page.keyboard.press("Escape")
        expect(other.page.locator("dialog:modal [data-conflict]")).to_be_visible()
    other.page.locator("[data-choose=mine]").click()
    expect(dialog(builder)).to_have_count(0)
    expect(builder.go("venues").at("venues[0].name").nth(0)).to_have_value("平阳")
    other.screen.check()


@pytest.mark.parametrize("side", ["mine", "theirs"])
def test_a_draft_begun_in_another_window_takes_nobodys_place_unasked(builder: Builder, side: str) -> None:
    other = beside(builder)
    builder.name("contest.name", "甲杯", "First cup")
    other.do("begin").click()
    other.page.locator("dialog [data-example=judged-work]").click()
    expect(dialog(builder)).to_have_attribute("data-conflict", "other")
    expect(dialog(builder).locator("[data-side=mine]")).to_contain_text("First cup")
    builder.screen.may_hold_back = True
    builder.page.reload()
    expect(dialog(builder).locator("[data-side=mine]")).to_contain_text("First cup")
    builder.page.locator(f"[data-choose={side}]").click()
    expect(dialog(builder)).to_have_count(0)
    stays = "First cup" if side == "mine" else other.at("contest.name").nth(1).input_value()
    for each in (builder, other):
        expect(each.at("contest.name").nth(1)).to_have_value(stays)
    builder.do("undo").click()
    expect(builder.at("contest.name").nth(1)).not_to_have_value(stays)
    expect(other.at("contest.name").nth(1)).to_have_value(builder.at("contest.name").nth(1).input_value())
    other.screen.check()


@pytest.mark.parametrize(("lang", "size", "theme"), LOOKS)
def test_the_choice_between_two_windows_fits_every_screen(hall: Hall, screens: Screens, lang: Lang, size: ViewportSize, theme: str) -> None:
    builder = Builder(screens(hall.url, viewport=size, reduced_motion="reduce"), hall, lang).enter().begin("judged-work")
    other = beside(builder)
    deaf(other, True)
    builder.go("stages").page.locator("[data-mover='stages/0'] button").nth(1).click()
    builder.go("contest").at("contest.minutes").fill("77")
    other.go("contest").at("contest.minutes").fill("66")
    expect(dialog(other)).to_be_visible()
    other.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    other.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    _check(other, "conflict")
