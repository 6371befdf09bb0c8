"""A server that goes away: the page says so, looks it, and comes back by its cursor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import LIMIT_S, Hall, Program, begun, contest_of
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


@pytest.mark.parametrize("lang", LANGS)
def test_killed_it_looks_stale_and_says_reconnecting_and_started_again_it_resumes(program: Program, screens: Screens, lang: Lang) -> None:
    document = evening.document("cup", begun(90))
    keys = program.adopt(document)
    program.start()
    with httpx.Client(base_url=program.url, trust_env=False, timeout=LIMIT_S) as http:
        contest = contest_of(document, http, keys)
        contest.tell(clear("A1", "quiz", 600))
        screen = screens(program.url)
        screen.may_be_cut_off = True
        screen.page.clock.install()
        screen.open(f"/screen?contest=cup&lang={lang}")
        expect(screen.link).to_contain_text(say("connected", lang))
        expect(screen.cell("A1", "quiz")).to_have_attribute("data-look", "first")
        before = contest.board()
        screen.until("seen.cursor()", f"{before['epoch']}:{before['to']}")

        program.kill()
        expect(screen.link).to_have_text(re.compile(_pattern(say("reconnecting", lang))))
        screen.page.clock.fast_forward(STALE_MS)
        expect(screen.page.get_by_role("alert")).to_have_text(re.compile(_pattern(say("stale", lang))))
        expect(screen.page.locator("main")).to_have_css("filter", re.compile("grayscale"))
        expect(screen.cell("A1", "quiz")).to_be_visible()

        heard, sockets = len(screen.heard), len(screen.sockets)
        program.start()
        screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
        expect(screen.link).to_contain_text(say("connected", lang))
        expect(screen.page.get_by_role("alert")).to_have_text("")
        expect(screen.page.locator("main")).to_have_css("filter", "none")
        contest.tell(clear("B2", "final", 700))
        same_as_the_board(screen, contest)

    asked = {parse_qs(urlsplit(url).query).get("after", [""])[0] for url in screen.sockets[sockets:]}
    assert asked == {f"{before['epoch']}:{before['to']}"}
    since = [json.loads(text) for text in screen.heard[heard:]]
    assert {message["from"] for message in since if message["type"] == "frame"} == {before["to"]}, "nothing is sent that was painted"


def test_what_happened_while_it_was_away_is_there_when_it_is_back(own_hall: Hall, screens: Screens) -> None:
    contest = own_hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(own_hall.url)
    screen.may_be_cut_off = True
    screen.page.clock.install()
    screen.open(f"/screen?contest={contest.id}&lang=zh")
    expect(screen.cell("A1", "quiz")).to_have_attribute("data-look", "first")
    own_hall.shut()
    expect(screen.link).not_to_contain_text(say("connected", "zh"))
    screen.page.context.set_offline(True)
    own_hall.open()
    contest.tell(clear("B2", "final", 700), clear("A1", "wiring", 800))
    screen.page.context.set_offline(False)
    screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
    same_as_the_board(screen, contest)


def test_a_server_that_will_not_have_it_back_is_named_and_left_alone(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url)
    screen.page.clock.install()
    screen.open(f"/screen?contest={contest.id}&view=whatever&lang=en")
    expect(screen.link).to_contain_text(say("closedByServer", "en", code=4505))
    screen.page.clock.fast_forward(RETRIES_WITHIN_MS)
    expect(screen.link).to_contain_text(say("closedByServer", "en", code=4505))
    assert len(screen.sockets) == 1


def _pattern(text: str) -> str:
    """The text, with anything where something is filled in."""
    return ".+".join(re.escape(part) for part in re.split(r"\{\w+\}", text))
