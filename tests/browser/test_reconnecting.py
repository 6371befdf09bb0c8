"""A server that goes away: the page says so, looks it, and comes back by its cursor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import LIMIT_S, Hall, Program, begun, contest_of
from tests.browser.screen import LIMIT_MS, Screen
from tests.browser.test_ranking import same_as_the_board
from tests.browser.wording import LANGS, Lang, say

STALE_MS = 11_000
RETRIES_WITHIN_MS = 10_000


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    try:
        yield program
    finally:
        program.kill()


def test_killed_it_looks_stale_and_says_reconnecting_and_started_again_it_resumes(program: Program, screens: Screens) -> None:
    document = evening.document("cup", begun(90))
    keys = program.adopt(document)
    program.start()
    with httpx.Client(base_url=program.url, trust_env=False, timeout=LIMIT_S) as http:
        contest = contest_of(document, http, keys)
        contest.tell(clear("A1", "quiz", 600))
        before = contest.board()
        cursor = f"{before['epoch']}:{before['to']}"
        screen_of = {lang: screens(program.url) for lang in LANGS}
        for lang, screen in screen_of.items():
            screen.may_be_cut_off = True
            screen.page.clock.install()
            screen.watch(contest.id, lang)
            expect(screen.link).to_contain_text(say("connected", lang))
            screen.until("seen.cursor()", cursor)

        program.kill()
        for lang, screen in screen_of.items():
            expect(screen.link).to_have_text(re.compile(_pattern(say("reconnecting", lang))))
            screen.page.clock.fast_forward(STALE_MS)
            expect(_stale(screen, lang)).to_be_visible()
            expect(screen.page.locator("main")).to_have_css("filter", re.compile("grayscale"))
            expect(screen.cell("A1", "quiz")).to_be_visible()

        heard = {lang: (len(screen.heard), len(screen.sockets)) for lang, screen in screen_of.items()}
        program.start()
        for lang, screen in screen_of.items():
            screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
            expect(screen.link).to_contain_text(say("connected", lang))
            expect(_stale(screen, lang)).to_have_count(0)
            expect(screen.page.locator("main")).to_have_css("filter", "none")
        contest.tell(clear("B2", "final", 700))
        for screen in screen_of.values():
            same_as_the_board(screen, contest)

    for lang, screen in screen_of.items():
        frames, sockets = heard[lang]
        assert {parse_qs(urlsplit(url).query).get("after", [""])[0] for url in screen.sockets[sockets:]} == {cursor}
        since = [json.loads(text) for text in screen.heard[frames:]]
        assert {each["from"] for each in since if each["type"] == "frame"} == {before["to"]}, "nothing is sent again that was painted"


def test_what_happened_while_it_was_away_is_there_when_it_is_back(own_hall: Hall, screens: Screens) -> None:
    contest = own_hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(own_hall.url)
    screen.may_be_cut_off = True
    screen.page.clock.install()
    screen.watch(contest.id)
    expect(screen.cell("A1", "quiz")).to_have_attribute("data-look", "first")
    own_hall.shut()
    expect(screen.link).not_to_contain_text(say("connected", "zh"))
    screen.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))  # so that it does not come back too early
    own_hall.open()
    contest.tell(clear("B2", "final", 700), clear("A1", "wiring", 800))
    screen.page.clock.resume()
    screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
    same_as_the_board(screen, contest)


def test_a_quiet_board_is_a_live_one(hall: Hall, screens: Screens) -> None:
    """Nothing happens, so nothing is sent but that nothing happens; otherwise the page would believe that its server is gone."""
    screen = screens(hall.url)
    with screen.page.expect_websocket() as socket:
        screen.open(f"/screen?contest={hall.contest().id}")
    for _ in range(2):
        with socket.value.expect_event("framereceived", lambda payload: '"beat"' in payload, timeout=LIMIT_MS):
            pass
    assert len(screen.sockets) == 1


def test_a_server_that_will_not_have_it_back_is_named_and_left_alone(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url)
    screen.page.clock.install()
    screen.open(f"/screen?contest={contest.id}&view=whatever&lang=en")
    expect(screen.link).to_contain_text(say("closedByServer", "en", code=4505))
    screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
    expect(screen.link).to_contain_text(say("closedByServer", "en", code=4505))
    assert len(screen.sockets) == 1


def _stale(screen: Screen, lang: Lang) -> Locator:
    """What the page says of data that is too old, if it says so."""
    return screen.page.get_by_role("alert").filter(has_text=re.compile(_pattern(say("stale", lang))))


def _pattern(text: str) -> str:
    """The text, with anything where something is filled in."""
    return ".+".join(re.escape(part) for part in re.split(r"\{\w+\}", text))
