"""The page that makes contests: by clicking and typing alone, with every fault at its place, by keys, and in both languages."""

from __future__ import annotations

import itertools
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.roles import Role, Scope
from contest_server.intake.toml_file import checked_text
from contest_server.live.now import now_us
from tests.browser.conftest import Screens
from tests.browser.hall import JUDGES, Hall
from tests.browser.screen import Screen
from tests.browser.test_keys_and_ears import faults
from tests.browser.test_referee_looks import OUTSIDE, SMALL
from tests.browser.wording import Lang, say

PASSWORD = "a good password"
RULES_MS = 60_000
STEPS = ("contest", "venues", "contestants", "stages", "order", "officials", "trial", "finish")
DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 360, "height": 740}
LOOKS: list[tuple[Lang, ViewportSize, str]] = [
    ("zh", DESK, "arena"),
    ("en", DESK, "daylight"),
    ("zh", PHONE, "daylight"),
    ("en", PHONE, "arena"),
]
LIST = "编号\t姓名\t赛区\t单位\nA1\t陈建国\t永嘉\t永嘉供电\nB1\t李梅\t乐清\t乐清供电\n"
FAULTY = "\n".join(
    (
        "id,name,venue,employer,status",
        "A1,Chen,yongjia,Grid,ok",
        "A1,Li,yongjia,Grid,ok",
        "A3,,yongjia,Grid,ok",
        ",Wu,yongjia,Grid,ok",
        "A5,Zhu,atlantis,Grid,ok",
        "A6,Pan,yongjia,Grid,asleep",
    )
)
PLANTED = {"3/0": "duplicate_id", "4/1": "no_name", "5/0": "no_id", "6/2": "unknown_venue", "7/4": "bad_status"}
MENDED = {"3/0": "A2", "4/1": "Ye", "5/0": "A4", "6/2": "Yongjia", "7/4": "guest"}
MARKED = """
contest = { id = "marked", name = "Marked", minutes = 60 }
venues = [{ id = "yongjia" }]
format = 1
[[stages]]
id = "work"
[[stages.aspects]]
id = "measured"
rule = "check"
field = "measured"
max = 40
abilities = ["measuring"]
criterion = "A"
[[stages.aspects]]
id = "wired"
rule = "check"
field = "wired"
max = 60
abilities = ["wiring"]
[total]
rule = "marking_tree"
"""
PRESSED = SMALL.replace(":not([type=checkbox])", ":not([type=checkbox], [type=radio])")
"""A radio button is pressed by its label."""
PASTE = """(field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""
_accounts = itertools.count(1)


class Builder:
    """A director at the page. Everybody who logs in here has an account of their own."""

    def __init__(self, screen: Screen, hall: Hall, lang: Lang = "en", role: Role = "admin") -> None:
        self.screen, self.page, self.hall, self.lang = screen, screen.page, hall, lang
        self.account = f"maker-{next(_accounts)}"
        accounts = hall._stores.accounts
        hall._do(accounts.add(self.account, "Tang Yu", now_us()))
        hall._do(accounts.set_password(self.account, PASSWORD, now_us()))
        hall._do(accounts.grant(self.account, role, Scope(), now_us()))
        screen.may_be_refused = ("/builder/examples", "/api/login", "/builder/try", "/builder/dry-run", "/api/contests")

    def come(self, more: str = "") -> Builder:
        self.screen.open(f"/builder?lang={self.lang}{more}")
        return self

    def enter(self) -> Builder:
        """Come in by the form, as anybody does."""
        self.come()
        self.do("login").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label(say("account", self.lang), exact=True).fill(self.account)
        dialog.get_by_label(say("password", self.lang), exact=True).fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(dialog).to_have_count(0)
        expect(self.page.locator("[data-door=out]")).to_have_count(0)  # what it says goes away, and everything below moves up
        return self

    def rules(self) -> Builder:
        """Wait for the gallery, whose examples the server reckons when it is asked."""
        expect(self.page.locator("main[data-rules=ready]")).to_be_visible(timeout=RULES_MS)
        return self

    def begin(self, example: str = "three-stages") -> Builder:
        """Take a whole contest to begin with."""
        self.page.locator(f"[data-example={example}]").click()
        expect(self.step("stages")).to_have_attribute("data-status", "ok")
        return self

    def open(self, toml: str) -> Builder:
        """Open a definition from a file."""
        field = self.page.locator("input[data-do=open-toml]").last
        field.set_input_files({"name": "contest.toml", "mimeType": "application/toml", "buffer": toml.encode()})
        expect(self.page.locator("main[data-work=contest]")).to_be_visible()
        expect(self.page.locator("[data-welcome], dialog")).to_have_count(0)
        return self

    def do(self, what: str) -> Locator:
        return self.page.locator(f"[data-do={what}]")

    def step(self, name: str) -> Locator:
        return self.page.locator(f"a[data-step={name}]")

    def go(self, name: str) -> Builder:
        self.step(name).click()
        expect(self.page.locator(f"main[data-work={name}]")).to_be_visible()
        return self

    def at(self, place: str) -> Locator:
        """The fields at a place of the draft: one, or one a language."""
        return self.page.locator(f'[data-at="{place}"]').locator("input, select, textarea")

    def name(self, place: str, zh: str, en: str) -> None:
        self.at(place).nth(0).fill(zh)
        self.at(place).nth(1).fill(en)

    def take_rule(self, rule: str, words: str) -> None:
        self.page.get_by_role("searchbox").fill(words)
        self.page.locator(f'button[data-take="{rule}"]').click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def hand_in(self, name: str, content: bytes) -> None:
        """Choose a file with a list of contestants."""
        self.page.set_input_files("input[data-do=choose]", {"name": name, "mimeType": "application/octet-stream", "buffer": content})

    def cell(self, place: str) -> Locator:
        return self.page.locator(f'[data-cell="{place}"]')


@pytest.fixture
def builder(hall: Hall, screens: Screens) -> Builder:
    return Builder(screens(hall.url, viewport=DESK, reduced_motion="reduce"), hall)


def test_a_contest_is_made_by_clicking_and_typing_alone_and_a_clear_stands_on_its_board(builder: Builder, tmp_path: Path) -> None:
    page, hall = builder.enter().rules().page, builder.hall
    builder.name("contest.name", "两城接线赛", f"Wiring cup {builder.account}")
    builder.at("contest.minutes").fill("90")
    builder.do("next").click()
    for place, (zh, en) in enumerate((("永嘉", "Yongjia"), ("乐清", "Yueqing"))):
        builder.do("add-venue").click()
        builder.name(f"venues[{place}].name", zh, en)
    builder.do("next").click()
    page.locator("[data-paste]").fill(LIST)
    builder.do("read-paste").click()
    builder.do("take").click()
    expect(page.locator("[data-people='2']")).to_be_visible()
    builder.do("next").click()
    _make_stages(builder)
    builder.do("next").click()
    page.get_by_label(say("buildAddLink", "en")).select_option("stage:insulation")
    expect(page.locator("[data-link='stage:insulation']")).to_be_visible()
    builder.go("trial").do("run").click()
    expect(page.locator("[data-trial-row]")).to_have_count(2)
    for step in STEPS[:5]:
        expect(builder.step(step)).to_have_attribute("data-status", "ok")
    toml = _downloaded(builder, tmp_path)
    book = checked_text(toml, JUDGES)
    assert [str(stage.value) for stage in book.definition.stages] == ["40", "60"]
    assert {each.id: each.venue for each in book.definition.contestants} == {"A1": "yongjia", "B1": "yueqing"}
    builder.do("adopt").click()
    builder.do("adopt").click()
    expect(page.locator("[data-adopting=adopted]")).to_be_visible()
    expect(builder.step("finish")).to_have_attribute("data-status", "ok")
    assert _cleared(hall, book.definition.contest.id) == ["A1", "1", "40"]


def _make_stages(builder: Builder) -> None:
    """Two stages: a reading that is tried out, and a plain one; together 100 points."""
    page = builder.page
    builder.do("add-stage").click()
    builder.name("stages[0].name", "绝缘测试", "Insulation")
    builder.do("add-aspect").click()
    builder.take_rule("threshold", "limit")
    builder.at("stages[0].aspects[0].max").fill("40")
    play = page.locator("[data-play=threshold]")
    for reading, marks in (("0.5", "0"), ("2.4", "40")):
        play.locator("[data-play-field=insulation_mohm]").fill(reading)
        expect(play.locator("[data-marks]")).to_have_attribute("data-marks", marks)
    builder.do("add-stage").click()
    builder.name("stages[1].name", "配盘接线", "Wiring")
    page.get_by_label(say("buildByPoints", "en")).check()
    builder.at("stages[1].points").fill("60")
    expect(page.locator("[data-sum='100']")).to_have_attribute("data-look", "right")


def _downloaded(builder: Builder, folder: Path) -> str:
    builder.go("finish")
    with builder.page.expect_download() as caught:
        builder.do("download").click()
    assert caught.value.suggested_filename.endswith(".toml")
    caught.value.save_as(folder / "contest.toml")
    text = (folder / "contest.toml").read_text(encoding="utf-8")
    assert text.strip() == builder.page.locator("[data-toml]").inner_text().strip()
    return text


def _cleared(hall: Hall, contest: str) -> list[str]:
    """What the board says of A1 after a venue said that A1 cleared the first stage."""
    key = hall._do(hall._stores.tokens.issue("venue", now_us(), ContestId(contest), VenueId("yongjia"))).secret
    event = {
        "seq": 1,
        "kind": "clear",
        "contestant": "A1",
        "stage": "insulation",
        "attempt": "A1-1",
        "at": "2026-11-22T09:03:12Z",
        "data": {"insulation_mohm": "2.4"},
    }
    sent = hall.http.post(
        f"/api/contests/{contest}/venues/yongjia/events?source=desk-1",
        headers={"Authorization": f"Bearer {key}"},
        json={"type": "events", "events": [event]},
    )
    assert sent.status_code == 200, sent.text
    row = hall.http.get(f"/api/contests/{contest}/board").json()["rows"][0]
    return [row["id"], str(row["rank"]), row["points"]]


def test_every_planted_fault_of_a_list_stands_at_its_cell_and_is_mended_there(builder: Builder) -> None:
    page = builder.enter().page
    builder.go("venues").do("add-venue").click()
    builder.name("venues[0].name", "永嘉", "Yongjia")
    builder.go("contestants")
    builder.hand_in("people.csv", FAULTY.encode())
    expect(page.locator("[data-cell-fault]")).to_have_count(len(PLANTED))
    for place, code in PLANTED.items():
        expect(builder.cell(place).locator("[data-cell-fault]")).to_have_attribute("data-cell-fault", code)
        expect(builder.cell(place).locator("input")).to_have_attribute("aria-invalid", "true")
    page.reload()
    expect(page.locator("[data-cell-fault]")).to_have_count(len(PLANTED))
    for left, (place, text) in enumerate(reversed(MENDED.items())):
        builder.cell(place).locator("input").fill(text)
        expect(page.locator("[data-cell-fault]")).to_have_count(len(PLANTED) - 1 - left)
    builder.do("take").click()
    expect(page.locator("[data-people='6']")).to_be_visible()
    expect(page.locator("[data-person=A6]")).to_be_visible()


def test_the_template_that_is_offered_is_read_and_a_file_that_is_none_is_named(builder: Builder) -> None:
    page = builder.enter().page
    builder.go("contestants")
    with page.expect_download() as caught:
        page.locator("[data-template=xlsx]").click()
    builder.hand_in("a.xlsx", caught.value.path().read_bytes())
    expect(page.locator("[data-cell='2/0'] input")).to_have_value("A001")
    builder.do("drop").click()
    builder.screen.may_be_refused = ("/builder/contestants",)
    builder.hand_in("a.xlsx", b"PK\x03\x04 no workbook at all")
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_list_without_headings_or_with_odd_ones_is_told_what_its_columns_are(builder: Builder) -> None:
    page = builder.enter().page
    builder.go("venues").do("add-venue").click()
    builder.name("venues[0].name", "永嘉", "Yongjia")
    builder.go("contestants")
    page.locator("[data-paste]").fill("A1\tChen\tYongjia\nA2\tLi\tYongjia\n")
    builder.do("read-paste").click()
    builder.do("headings").click()
    expect(builder.do("take")).to_have_text(say("builderSheetTake", "en", n=2))
    page.locator("[data-column='0']").select_option("")
    expect(builder.do("take")).to_be_disabled()
    page.locator("[data-column='0']").select_option("id")
    builder.do("take").click()
    expect(page.locator("[data-people='2']")).to_be_visible()


def test_a_fault_stands_at_its_field_counts_in_the_rail_and_leads_there(builder: Builder) -> None:
    page = builder.enter().begin().page
    builder.at("contest.minutes").fill("a long while")
    expect(builder.step("contest")).to_have_attribute("data-status", "faults")
    expect(builder.at("contest.minutes")).to_have_attribute("aria-invalid", "true")
    builder.go("finish")
    expect(page.locator("[data-toml]")).to_have_count(0)
    page.locator("[data-fault='contest.minutes']").click()
    expect(page.locator("main[data-work=contest]")).to_be_visible()
    expect(builder.at("contest.minutes")).to_be_focused()
    builder.at("contest.minutes").fill("90")
    expect(builder.step("contest")).to_have_attribute("data-status", "ok")


def test_what_is_folded_away_opens_where_it_is_wrong_and_stays_open_while_it_is_mended(builder: Builder) -> None:
    """A panel beside a rule that takes none: the way to it leads to its field, and mending it takes nothing away from under the hand."""
    panel, twice = (builder.at(f"stages[0].aspects[1].{key}") for key in ("panel", "double_entry"))
    marked = MARKED.replace("marking_tree", "sum").replace('field = "wired"', 'field = "wired"\npanel = 3\ndouble_entry = true')
    page = builder.enter().open(marked).page
    builder.go("finish")
    page.locator("[data-fault='stages[0].aspects[1].panel']").click()
    expect(panel).to_be_focused()
    expect(page.get_by_text("rule 'check' takes no marks of a panel").last).to_be_visible()
    panel.fill("")
    expect(builder.step("stages")).to_have_attribute("data-status", "ok")
    expect(panel).to_be_focused()
    expect(twice).to_be_checked()


def test_what_a_rule_finds_wrong_stands_there_in_the_language_of_the_page(builder: Builder) -> None:
    faulty = MARKED.replace('rule = "check"\nfield = "measured"', 'rule = "checklist"\nitems = [{ field = "a", marks = 4 }]')
    page = builder.enter().open(faulty).page
    builder.go("finish")
    expect(page.get_by_text("the items' marks add up to 4, but max is 40").first).to_be_visible()
    page.get_by_role("link", name=say("otherLanguage", "en"), exact=True).click()
    expect(page.get_by_text("各项分值之和为 4，而满分是 40").first).to_be_visible()


def test_who_leaves_and_comes_back_finds_everything_and_undo_takes_back_one_thing(builder: Builder) -> None:
    page = builder.enter().begin().page
    builder.go("venues")
    builder.name("venues[0].name", "永嘉", "Yongjia")
    builder.do("add-venue").click()
    page.reload()
    expect(page.locator("li[data-venue]")).to_have_count(3)
    expect(builder.at("venues[0].name").nth(1)).to_have_value("Yongjia")
    builder.go("stages")
    page.locator("[data-stage='0'] [data-do=stage]").click()
    page.locator("[data-mover='stages/0'] button").nth(1).click()
    expect(page.locator("[data-stage='1'] .name")).to_contain_text("Theory quiz")
    expect(page.locator("[data-mover='stages/1'] button").nth(1)).to_be_focused()
    builder.do("undo").click()
    expect(page.locator("[data-stage='0'] .name")).to_contain_text("Theory quiz")
    builder.do("redo").click()
    expect(page.locator("[data-stage='1'] .name")).to_contain_text("Theory quiz")


def test_a_downloaded_contest_opens_again_as_it_was(builder: Builder, tmp_path: Path) -> None:
    page = builder.enter().begin("judged-work").page
    toml = _downloaded(builder, tmp_path)
    builder.do("begin").click()
    builder.do("blank").click()
    expect(page.locator("[data-welcome]")).to_be_visible()
    builder.open(toml).go("finish")
    expect(page.locator("[data-toml]")).to_be_visible()
    assert page.locator("[data-toml]").inner_text().strip() == toml.strip()


def test_clocks_questions_and_criteria_have_fields_of_their_own_and_come_back(builder: Builder, tmp_path: Path) -> None:
    page = builder.enter().rules().page
    builder.open(MARKED)
    page.locator("[data-clocks] summary").click()
    builder.at("clock.max_offset_ms").fill("a little")
    builder.go("finish")
    page.locator("[data-fault='clock.max_offset_ms']").click()
    expect(builder.at("clock.max_offset_ms")).to_be_focused()
    builder.at("clock.max_offset_ms").fill("250")
    builder.at("clock.correct").uncheck()
    builder.go("stages").do("everywhere").click()
    page.locator("[data-asked=photo_finish] input").uncheck()
    page.locator("[data-asked=late] button").click()
    expect(builder.at("clock.late_after_s")).to_be_focused()
    builder.at("clock.late_after_s").fill("90")
    _set_criteria(builder)
    toml = _downloaded(builder, tmp_path)
    definition = checked_text(toml, JUDGES).definition
    assert definition.clock == ClockPolicy(max_offset_ms=250, correct=False, late_after_s=90)
    assert definition.doubts_defaults.off == ["photo_finish"]
    assert [(each.id, each.marks) for each in definition.criteria] == [("A", 40), ("B", 60)]
    builder.do("begin").click()
    builder.open(toml)
    expect(page.locator("[data-clocks]")).to_have_attribute("open", "")
    builder.go("finish")
    assert page.locator("[data-toml]").inner_text().strip() == toml.strip()


def _set_criteria(builder: Builder) -> None:
    """Two criteria, each with the marks of its aspects; one that was not chosen yet is chosen by its name."""
    page = builder.page
    builder.go("order")
    for place, marks in enumerate(("40", "60")):
        builder.do("add-criterion").click()
        builder.at(f"criteria[{place}].marks").fill(marks)
    builder.name("criteria[1].name", "接线", "Wiring")
    expect(page.locator("[data-criterion='0'] [data-worth]")).to_have_attribute("data-worth", "40")
    expect(page.locator("[data-criterion='1'] [data-worth]")).to_have_attribute("data-worth", "0")
    builder.go("stages")
    page.locator("[data-stage='0'] [data-do=stage]").click()
    page.locator("[data-aspect='1'] [data-do=toggle]").click()
    page.locator("[data-aspect='1'] details").last.locator("summary").click()
    builder.at("stages[0].aspects[1].criterion").select_option(label="B Wiring")
    for step in ("contest", "stages", "order"):
        expect(builder.step(step)).to_have_attribute("data-status", "ok")


def test_without_a_login_it_is_filled_in_and_says_what_is_missing_and_a_stranger_is_told(hall: Hall, screens: Screens) -> None:
    builder = Builder(screens(hall.url, viewport=DESK), hall, role="auditor").come()
    page = builder.page
    expect(page.get_by_role("heading", name=say("builderOutTitle", "en"))).to_be_visible()
    expect(page.locator("[data-door=out]")).to_have_text(say("builderDoorOut", "en"))
    builder.do("come-in").click()
    expect(page.get_by_role("dialog").get_by_label(say("account", "en"), exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    builder.name("contest.name", "杯", "Cup")
    expect(page.locator("[data-door=out]")).to_have_text(say("builderDoorOut", "en"))
    expect(builder.at("contest.id")).to_have_value("cup")
    builder.enter()
    expect(builder.page.locator("[data-door=refused]")).to_have_text(say("builderDoorRefused", "en"))
    expect(builder.at("contest.id")).to_have_value("cup")


def test_keys_alone_lead_through_all_steps(builder: Builder) -> None:
    page = builder.enter().begin().page
    for before, after in itertools.pairwise(STEPS):
        expect(page.locator(f"main[data-work={before}]")).to_be_visible()
        _tab_to(builder, "[data-do=next]")
        page.keyboard.press("Enter")
        expect(page.locator(f"main[data-work={after}]")).to_be_focused()
        if after == "venues":
            _tab_to(builder, "[data-do=add-venue]")
            page.keyboard.press("Enter")
            page.keyboard.type("平阳")
            page.keyboard.press("Tab")
            page.keyboard.type("Pingyang")
            expect(builder.at("venues[2].id")).to_have_value("pingyang")
            page.keyboard.press("Shift+Tab")
    page.locator("a[data-step=contest]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main[data-work=contest]")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("main[data-work=contest]")).to_be_visible()


def _tab_to(builder: Builder, selector: str, most: int = 150) -> None:
    for _ in range(most):
        builder.page.keyboard.press("Tab")
        if builder.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no key leads to {selector}")


@pytest.mark.parametrize(("lang", "size", "theme"), LOOKS)
def test_nothing_runs_out_is_too_small_or_grave_in_any_step(
    hall: Hall, screens: Screens, lang: Lang, size: ViewportSize, theme: str
) -> None:
    builder = Builder(screens(hall.url, viewport=size, reduced_motion="reduce"), hall, lang).enter().rules()
    page = builder.page
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    _check(builder, "welcome")
    builder.begin("judged-work")
    for step in STEPS:
        builder.go(step)
        if step == "contest":
            page.locator("[data-clocks] summary").click()
        if step == "stages":
            page.locator("[data-do=toggle]").first.click()
            expect(page.locator("[data-play] [data-marks]")).to_be_visible()
        if step == "trial":
            builder.do("run").click()
            expect(page.locator("[data-trial]")).to_be_visible()
        _check(builder, step)
        if step == "stages":
            builder.do("add-aspect").click()
            expect(page.locator("[data-rule]").first).to_be_visible()
            _check(builder, "gallery")
            page.keyboard.press("Escape")
            builder.do("everywhere").click()
            expect(page.locator("[data-asked]").first).to_be_visible()
            _check(builder, "questions")
    builder.go("order").do("change-total").click()
    builder.take_rule("marking_tree", "marking_tree")
    expect(page.locator("[data-criterion]")).to_have_count(2)
    _check(builder, "criteria")


def _check(builder: Builder, where: str) -> None:
    builder.screen.rest()
    assert builder.page.evaluate(OUTSIDE) == [], where
    assert builder.page.evaluate(PRESSED) == [], where
    assert faults(builder.screen) == [], where


def test_a_list_that_is_pasted_into_its_field_is_read_at_once(builder: Builder) -> None:
    builder.enter().begin().go("contestants")
    field = builder.page.locator("[data-paste]")
    field.focus()
    field.evaluate(PASTE, LIST)
    expect(builder.do("take")).to_be_visible()
