"""The officials' pages from a phone to 4K, light and dark: nothing runs out, nothing is too small to press, nothing grave is wrong."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import Screens
from tests.browser.hall import Contest, Hall
from tests.browser.looks import outside
from tests.browser.office import Desk, Referee, office
from tests.browser.test_keys_and_ears import faults
from tests.browser.wording import LANGS, Lang

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 740},
    "tablet": {"width": 768, "height": 1024},
    "desk": {"width": 1366, "height": 768},
    "4K": {"width": 3840, "height": 2160},
}
THEMES_OF: dict[Lang, tuple[str, ...]] = {"zh": ("arena", "contrast"), "en": ("daylight",)}
SCROLLING = (".table", ".unseen", "pre", "svg", "option", "[role=option]")
OUTSIDE = outside(*SCROLLING)
"""Text beyond an edge. Tables scroll by themselves, lines of the queue end in dots, and what is only read aloud stands nowhere."""
SMALL = """() => [...document.querySelectorAll("button, a.button, select, textarea, summary, nav a, input:not([type=checkbox])")]
    .filter((element) => element.getClientRects().length > 0 && !element.closest(".unseen"))
    .filter((element) => element.getBoundingClientRect().height < 43.5)
    .map((element) => element.outerHTML.slice(0, 160))"""
"""What is pressed, and is less than 44 px high."""

STACKED = """() => [...document.querySelectorAll(".table :is(th, td)")]
    .filter((cell) => cell.getClientRects().length > 0 && /\\p{Script=Han}{3}/u.test(cell.textContent))
    .filter((cell) => cell.clientWidth < 4 * parseFloat(getComputedStyle(cell).fontSize))
    .map((cell) => cell.textContent.trim())"""
"""Cells of a table in which Chinese stands letter below letter."""

Place = Callable[[Referee], None]


def test_in_a_narrow_queue_what_is_long_gives_way_and_the_rank_stays(hall: Hall, screens: Screens) -> None:
    referee = Referee(screens(hall.url, viewport=SIZES["phone"]), office(hall, "narrow-queue")).log_in("R1")
    line = referee.case("A1", "insulation")
    line.wait_for()
    last = line.locator(".facts span").last
    edges = [each.evaluate("(each) => each.getBoundingClientRect().right") for each in (last, line)]
    assert edges[0] <= edges[1], edges


def _login(referee: Referee) -> None:
    referee.screen.open(f"/referee?contest={referee.contest.id}&lang={referee.lang}")
    expect(referee.page.locator("input[type=password]")).to_be_visible()


def _case(referee: Referee) -> None:
    referee.log_in("R1").open("A1", "insulation")


def _form(referee: Referee) -> None:
    _case(referee)
    referee.fill("o", "照片显示 0.98 / the photo shows 0.98", marks="1")
    expect(referee.page.locator("[data-preview=here]")).to_be_visible()


def _waiting(referee: Referee) -> None:
    referee.log_in("R2").page.keyboard.press("w")
    expect(referee.page.locator("[data-waiting] [data-row]").first).to_be_visible()


def _marks(referee: Referee) -> None:
    referee.log_in("R1").page.keyboard.press("m")
    expect(referee.page.locator("[data-task]").first).to_be_visible()


def _help(referee: Referee) -> None:
    referee.log_in("R1").page.keyboard.press("?")
    expect(referee.page.get_by_role("dialog")).to_be_visible()


def _score(referee: Referee) -> None:
    referee.screen.open(f"/why?contest={referee.contest.id}&contestant=A1&stage=insulation&lang={referee.lang}")
    referee.page.locator("[data-event] [data-entry]").first.click()
    expect(referee.page.locator("[data-hash]").first).to_be_visible()


def _part(part: str) -> Place:
    def place(referee: Referee) -> None:
        referee.log_in("C1", "chief", f"#{part}")
        expect(referee.page.locator("#content h2").first).to_be_visible()

    place.__name__ = f"_{part}"
    return place


PARTS = ("overview", "overrides", "recheck", "appeals", "publication", "rejudge", "holds", "signoffs", "blind", "control")
PLACES: list[Place] = [_login, _case, _form, _waiting, _marks, _help, _score, *map(_part, PARTS)]


@pytest.fixture(scope="module")
def busy(hall: Hall) -> Contest:
    """A contest in which everything has happened once."""
    contest = office(hall, "busy")
    Desk(contest, "R1").rule("waits", "A1", "insulation", verb="override", marks="1")
    Desk(contest, "R2").rule("holds", "B1", "insulation", verb="override", marks="7")
    chief = Desk(contest, "C1")
    chief.post("/samples", id="sample-1", seed="from the hat")
    chief.post("/appeals", id="appeal-1", contestant="A1", stage="insulation", text="The meter was not zeroed.", evidence=["photo 3"])
    chief.post("/signoffs", id="sign-1", contestant="A1", role="referee")
    chief.post("/publish", id="publish-1")
    Desk(contest, "R2").rule("later", "B1", "insulation", verb="penalise", marks="0.5")
    return contest


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__.strip("_"))
@pytest.mark.parametrize("lang", LANGS)
def test_nothing_runs_out_nothing_is_too_small_and_nothing_grave_is_wrong(
    hall: Hall, busy: Contest, screens: Screens, lang: Lang, place: Place
) -> None:
    referee = Referee(screens(hall.url, reduced_motion="reduce"), busy, lang)
    place(referee)
    referee.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for size, viewport in SIZES.items():
        referee.page.set_viewport_size(viewport)
        referee.screen.rest()
        assert referee.page.evaluate(OUTSIDE) == [], size
        assert referee.page.evaluate(SMALL) == [], size
        assert referee.page.evaluate(STACKED) == [], size
    for size in ("phone", "desk"):
        referee.page.set_viewport_size(SIZES[size])
        for theme in THEMES_OF[lang]:
            referee.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            referee.screen.rest()
            assert faults(referee.screen) == [], f"{size} {theme}"


def test_a_page_of_officials_brings_no_script_of_its_own_and_nothing_from_elsewhere(hall: Hall) -> None:
    for path in ("/referee", "/chief", "/why"):
        answer = hall.http.get(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "unsafe-inline" not in answer.headers["content-security-policy"].split("style-src")[0]
