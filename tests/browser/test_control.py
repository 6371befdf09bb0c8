"""The control room: one director, one page. What is taken there is on the screens; what the page says is what is on record."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Screens
from tests.browser.evening import Json, clear
from tests.browser.hall import Contest, Hall
from tests.browser.office import PASSWORDS, Referee, document
from tests.browser.screen import Screen
from tests.browser.test_keys_and_ears import faults
from tests.browser.test_referee_looks import OUTSIDE, SIZES, SMALL, THEMES_OF
from tests.browser.wording import LANGS, Lang, say

REFUSED = ("/control-room", "/screens", "/login", "/me", "/reveal")


class ControlRoom:
    """A director at the page."""

    def __init__(self, screen: Screen, contest: Contest, lang: Lang = "en") -> None:
        self.screen, self.page, self.contest, self.lang = screen, screen.page, contest, lang
        screen.may_be_refused = REFUSED

    def log_in(self, official: str = "C1") -> ControlRoom:
        """As the chief referee, by the form."""
        self.screen.open(f"/control?contest={self.contest.id}&lang={self.lang}")
        self.page.get_by_role("button", name=say("controlAsOfficial", self.lang), exact=True).click()
        self.page.locator("form select").select_option(official)
        self.page.locator("form input[type=password]").fill(PASSWORDS[official])
        self.page.keyboard.press("Enter")
        return self

    def inside(self) -> ControlRoom:
        self.log_in()
        expect(self.panel("mixer")).to_be_visible()
        return self

    def panel(self, name: str) -> Locator:
        return self.page.locator(f"[data-panel={name}]")

    def prepare(self, scene: str, **options: str) -> ControlRoom:
        """Put a scene on preview."""
        self.page.locator(f"button[data-scene={scene}]").click()
        for option, value in options.items():
            field = self.page.locator(f"[data-option={option}]")
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def take(self) -> ControlRoom:
        self.panel("mixer").locator("[data-do=take]").click()
        return self

    def card(self, name: str) -> Locator:
        return self.page.locator(f'[data-name="{name}"]')

    def twice(self, do: str) -> ControlRoom:
        """A button that asks once more."""
        button = self.page.locator(f"[data-do={do}]").first
        button.click()
        expect(button).to_contain_text("?")
        button.click()
        return self


def direction(contest: Contest) -> Json:
    answer = contest.http.get(f"{contest.path}/direction")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def on_air(page: Page, contest: Contest, scene: str) -> Json:
    """What everybody is shown, once it is this scene."""
    expect(page.locator(f"button[data-scene={scene}].air")).to_be_visible()
    shown: Json = direction(contest)["program"]
    assert shown["scene"] == scene
    return shown


def opened(hall: Hall, name: str, minutes_ago: float = 90, **referees: Any) -> Contest:
    contest = hall.adopt(document(name, minutes_ago, **referees))
    hall.give_passwords(contest.id, PASSWORDS)
    return contest


@pytest.fixture
def director(hall: Hall, screens: Screens, request: pytest.FixtureRequest) -> ControlRoom:
    """The chief referee in the control room of a contest of this test's own."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:40]
    return ControlRoom(screens(hall.url), opened(hall, name)).inside()


def test_nothing_is_on_air_before_it_is_taken_and_the_last_order_can_be_undone(director: ControlRoom) -> None:
    director.prepare("duel", left="yongjia", right="yueqing")
    assert direction(director.contest)["program"] == {"scene": "ranking"}
    director.take()
    assert on_air(director.page, director.contest, "duel") == {"scene": "duel", "left": "yongjia", "right": "yueqing"}
    expect(director.panel("log").locator("[data-given=assign]")).to_have_count(1)
    director.panel("mixer").locator("[data-do=undo]").click()
    on_air(director.page, director.contest, "ranking")


def test_what_a_scene_needs_is_said_where_its_picture_would_be(director: ControlRoom) -> None:
    director.prepare("head_to_head", left="A1")
    take = director.panel("mixer").locator("[data-do=take]")
    expect(take).to_have_attribute("aria-disabled", "true")
    expect(director.panel("mixer").get_by_role("status")).to_contain_text(say("controlSceneMissing_head_to_head", "en"))
    director.prepare("head_to_head", right="B1").take()
    assert on_air(director.page, director.contest, "head_to_head")["right"] == "B1"


def test_a_screen_is_paired_by_its_digits_takes_its_scene_and_says_so(hall: Hall, screens: Screens, director: ControlRoom) -> None:
    display = screens(hall.url)
    display.open("/screen")
    code = display.page.locator("[data-code]")
    expect(code).to_be_visible()
    digits = code.get_attribute("data-code") or ""
    pairing = director.panel("screens").locator("form")
    pairing.get_by_label(say("pairCode", "en")).fill(digits)
    pairing.get_by_label(say("pairName", "en")).fill("hall 2")
    director.page.locator("[data-do=pair]").click()
    card = director.card("hall 2")
    expect(card.locator("h3")).to_have_attribute("data-lamp", "good")
    card.locator("[data-do=aim]").click()
    director.prepare("lanes").take()
    expect(card).to_contain_text(say("control_scene_lanes", "en"))
    expect(card).to_contain_text("1920×1080")
    expect(card.locator("h3")).to_have_attribute("data-lamp", "good")
    assert direction(director.contest)["program"] == {"scene": "ranking"}, "the others follow what they followed"
    card.locator("[data-do=hide]").click()
    expect(card.locator("[data-do=show]")).to_be_visible()
    card.locator("[data-do=follow]").click()
    expect(card.locator("[data-do=follow]")).to_have_count(0)


def test_a_sequence_runs_until_somebody_intervenes(director: ControlRoom) -> None:
    for scene in ("lanes", "ticker"):
        director.prepare(scene).page.locator("[data-do=add-step]").click()
    expect(director.page.locator("[data-step]")).to_have_count(2)
    director.page.locator("[data-do=run]").click()
    expect(director.page.locator("[data-running]")).to_have_attribute("data-running", "2")
    assert direction(director.contest)["sequence"]["steps"][1]["program"] == {"scene": "ticker"}
    director.prepare("auto").take()
    expect(director.page.locator("[data-running]")).to_have_count(0)
    assert direction(director.contest)["sequence"] is None


def test_words_go_over_every_screen_and_are_taken_back(director: ControlRoom) -> None:
    panel = director.panel("message")
    panel.get_by_label(say("controlWords_zh", "en")).fill("请就座")
    panel.get_by_label(say("controlWords_en", "en")).fill("Please be seated")
    panel.locator("[data-do=message]").click()
    expect(director.panel("log").locator("[data-given=message]")).to_contain_text("Please be seated")
    assert direction(director.contest)["message"]["zh"] == "请就座"
    panel.locator("[data-do=message-back]").click()
    expect(director.panel("log").locator("[data-given=message]")).to_have_count(2)
    assert direction(director.contest)["message"] is None


def test_the_clock_is_grey_while_a_venue_is_not_there_and_says_which(hall: Hall, screens: Screens) -> None:
    contest = opened(hall, "grey", minutes_ago=-60)
    director = ControlRoom(screens(hall.url), contest).inside()
    expect(director.page.locator("[data-do=start]")).to_have_attribute("aria-disabled", "true")
    reasons = director.panel("clock").locator("[data-against=no_device]")
    expect(reasons).to_have_count(2)
    expect(reasons.first).to_contain_text("Yongjia")
    director.page.locator("[data-do=start]").click(force=True)
    director.twice("start-anyway")
    expect(director.page.locator("header")).to_have_attribute("data-phase", "running")
    director.twice("pause")
    expect(director.page.locator("header")).to_have_attribute("data-phase", "paused")


def test_the_reveal_goes_step_by_step_with_a_look_at_the_next(hall: Hall, screens: Screens) -> None:
    contest = opened(hall, "reveal-steps")
    contest.tell(clear("A1", "quiz", 60), clear("B1", "wiring", 90), clear("A2", "wiring", 120))
    director = ControlRoom(screens(hall.url), contest).inside()
    director.twice("freeze")
    expect(director.panel("freeze")).to_contain_text(say("controlRevealNotYet", "en"))
    contest.tell(clear("A2", "quiz", 3_600))
    director.twice("end")
    step = director.page.locator("[data-next]")
    seen: list[str] = []
    while step.count() or not seen:
        expect(step).to_be_visible()
        who = step.get_attribute("data-next") or ""
        hidden = {row["id"]: row for row in contest.board()["rows"]}
        assert who not in hidden or who not in contest.board()["state"]["frozen"]["revealed"]["last"]
        director.page.locator("[data-do=reveal]").click()
        expect(director.page.locator(f'[data-next="{who}"]')).to_have_count(0)
        seen.append(who)
    assert seen == ["A2", "B1", "A1"]
    expect(director.panel("freeze")).to_contain_text(say("controlRevealDone", "en"))
    director.page.locator("[data-do=reveal-back]").click()
    expect(step).to_have_attribute("data-next", "A1")
    director.twice("thaw")
    expect(director.page.locator("[data-freeze]")).to_have_attribute("data-freeze", "open")
    assert contest.board()["state"]["frozen"] is None


@pytest.fixture
def dressed(tmp_path: Path) -> Iterator[Hall]:
    """A server whose themes are in this folder."""
    hall = Hall(str(tmp_path))
    try:
        yield hall
    finally:
        hall.end()


@pytest.mark.parametrize("lang", LANGS)
def test_a_director_reads_why_the_theme_is_not_worn_until_it_is_mended(dressed: Hall, screens: Screens, tmp_path: Path, lang: Lang) -> None:
    contest = opened(dressed, "faulty")
    (tmp_path / contest.id).mkdir()
    file = tmp_path / contest.id / "theme.toml"
    file.write_text("[colours]\naccent = 'red'\n", encoding="utf-8")
    room = ControlRoom(screens(dressed.url), contest, lang).inside()
    told = {"zh": "colours.accent：应为颜色，例如 #1a2b3c", "en": "colours.accent: expected a colour such as #1a2b3c"}[lang]
    expect(room.panel("theme").locator("li")).to_have_text(told)
    file.write_text("[colours]\naccent = '#ffb000'\n", encoding="utf-8")
    room.page.reload()
    expect(room.panel("screens")).to_be_visible()
    expect(room.panel("theme")).to_have_count(0)


def test_a_referee_directs_nothing(hall: Hall, screens: Screens) -> None:
    contest = opened(hall, "no-director")
    page = screens(hall.url)
    page.may_be_refused = REFUSED
    page.open(f"/referee?contest={contest.id}&lang=en")
    page.page.locator("select").select_option("R1")
    page.page.locator("input[type=password]").fill(PASSWORDS["R1"])
    page.page.keyboard.press("Enter")
    expect(page.page.locator("header .link")).to_have_attribute("data-link", "live")
    page.open(f"/control?contest={contest.id}&lang=en")
    expect(page.page.get_by_role("alert")).to_have_text(say("controlRefused", "en"))
    expect(page.page.get_by_role("alert")).not_to_have_css("border-left-width", "0px")
    expect(page.page.get_by_role("alert")).not_to_have_css("padding-left", "0px")
    expect(page.page.locator("[data-panel]")).to_have_count(0)


def test_who_looks_at_what_is_said_by_names(hall: Hall, screens: Screens, director: ControlRoom) -> None:
    director.contest.tell(clear("A1", "insulation", 600, mohm="1.02"))
    Referee(screens(hall.url), director.contest).log_in("R1").open("A1", "insulation")
    expect(director.panel("online")).to_contain_text("A1 Chen Jianguo · Insulation test")


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_runs_out_nothing_is_too_small_and_nothing_grave_is_wrong(hall: Hall, screens: Screens, lang: Lang) -> None:
    contest = opened(hall, f"room-looks-{lang}")
    contest.tell(clear("A1", "quiz", 60), clear("B1", "wiring", 90))
    room = ControlRoom(screens(hall.url, reduced_motion="reduce"), contest, lang).inside()
    room.prepare("notice", zh="中场休息", en="Break").take()
    expect(room.page.locator("button[data-scene=notice].air")).to_be_visible()
    room.page.locator("[data-do=add-step]").click()
    room.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for size, viewport in SIZES.items():
        room.page.set_viewport_size(viewport)
        room.screen.rest()
        assert room.page.evaluate(OUTSIDE) == [], size
        assert room.page.evaluate(SMALL) == [], size
    for size in ("phone", "desk"):
        room.page.set_viewport_size(SIZES[size])
        for theme in THEMES_OF[lang]:
            room.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
            room.screen.rest()
            assert faults(room.screen) == [], f"{size} {theme}"
