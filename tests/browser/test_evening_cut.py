"""Ten screens, a control room and a venue's desk whose network is cut for a minute: afterwards all of them are where the server is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser import desk as desks
from tests.browser import evening
from tests.browser.cabled import Network, network
from tests.browser.conftest import Screens
from tests.browser.desk import VENUE, Desk, stored
from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall, begun
from tests.browser.office import OFFICIALS, PASSWORDS
from tests.browser.screen import Screen, row_shown
from tests.browser.test_control import ControlRoom
from tests.browser.wording import say

SMALL: ViewportSize = {"width": 960, "height": 540}
SCENES: dict[str, dict[str, Any]] = {
    "ranking": {},
    "lanes": {},
    "duel": {},
    "head_to_head": {"left": "A017", "right": "B030"},
    "spotlight": {"contestant": "A018"},
    "ticker": {},
    "countdown": {},
    "notice": {"zh": "集合", "en": "Gather"},
    "ceremony": {},
    "auto": {},
}
"""What each of the ten is told to show; a screen is called as its scene."""
Walls = dict[str, Screen]
LATE_OR_GONE = re.compile("wait|dark")
A_MINUTE_MS = 60_000
TEN_MINUTES_MS = 600_000
RETRIES_WITHIN_MS = 10_000
STAGES = [stage["id"] for stage in desks.STAGES]


@pytest.fixture
def cable(hall: Hall) -> Iterator[Network]:
    with network(hall) as laid:
        yield laid


@pytest.fixture
def office_cable(hall: Hall) -> Iterator[Network]:
    with network(hall) as laid:
        yield laid


def opened(hall: Hall, name: str) -> Contest:
    """A contest with a chief referee, whose stages want readings."""
    document = evening.document(name, begun(30), people=desks.PEOPLE, stages=desks.STAGES)
    contest = hall.adopt(document | {"officials": OFFICIALS[:1]})
    hall.give_passwords(contest.id, {"C1": PASSWORDS["C1"]})
    return contest


def wall_of(contest: Contest, opened: Sequence[Screen]) -> Walls:
    """Screens in the hall: each let in under the name of its scene, and told to show it."""
    for screen in opened:
        screen.may_be_cut_off = True
        screen.page.clock.install()
        screen.open("/screen?lang=zh")
    for scene, screen in zip(SCENES, opened, strict=True):
        code = screen.page.locator("[data-code]").get_attribute("data-code")
        staff_posts(contest, f"/displays/pairings/{code}", name=scene)
    for scene, screen in zip(SCENES, opened, strict=True):
        expect(screen.page.locator("[data-scene=ranking]")).to_be_visible()
        me = screen.page.evaluate("JSON.parse(localStorage.getItem('contest/display'))")
        found = contest.http.get(f"{contest.path}/displays/me", headers={"Authorization": f"Bearer {me['token']}"}).json()["id"]
        program = {"scene": scene} | SCENES[scene]
        staff_posts(contest, f"/screens/{found}/orders", id=f"at-{scene}", order={"verb": "assign", "program": program})
    walls = dict(zip(SCENES, opened, strict=True))
    for scene in SCENES:
        expect(shown(walls[scene], scene)).to_be_visible()
    return walls


def staff_posts(contest: Contest, path: str, **body: Any) -> None:
    headers = {"Authorization": f"Bearer {contest.keys['staff']}"}
    answer = contest.http.post(f"{contest.path}{path}", headers=headers, json=body)
    assert answer.status_code == 200, answer.text


def shown(screen: Screen, scene: str) -> Locator:
    return screen.page.locator("[data-directed=auto]" if scene == "auto" else f"[data-scene={scene}]")


def is_where_the_server_is(screen: Screen, contest: Contest) -> None:
    board = contest.board()
    screen.until("seen.cursor()", f"{board['epoch']}:{board['to']}")


def shows_the_board(screen: Screen, contest: Contest) -> None:
    """Row by row, stage by stage."""
    rows = sorted((row_shown(row, STAGES) for row in contest.board()["rows"]), key=lambda row: row["id"])
    keep = "({id, rank, figure, second, cells}) => ({id, rank, figure, second, cells})"
    screen.until(f"seen.rows().map({keep}).sort((a, b) => a.id < b.id ? -1 : 1)", rows)


def test_ten_screens_a_control_room_and_a_desk_are_where_the_server_is_after_a_minute_without_a_network(
    hall: Hall, cable: Network, office_cable: Network, screens: Screens
) -> None:
    contest = opened(hall, "minute-without")
    contest.tell(clear("B030", "wiring", 300))
    walls = wall_of(contest, [screens(cable.url, viewport=SMALL) for _ in SCENES])
    room_screen, desk_screen = screens(office_cable.url), screens(cable.url, viewport={"width": 1180, "height": 820})
    room_screen.may_be_cut_off = desk_screen.may_be_cut_off = True
    room = ControlRoom(room_screen, contest).inside()
    desk = Desk(desk_screen, contest).enter()
    desk.choose("A017", "wiring").do("start").click()
    desk.acknowledged(1)
    for scene in SCENES:
        expect(room.card(scene).locator("h3")).to_have_attribute("data-lamp", "good")

    cable.cut()
    desk.linked("waiting")
    desk.do("clear").click()
    desk.choose("A018", "power_up").do("clear").click()
    desk.unsynced(2)
    for scene in SCENES:  # the control room sees who is away
        expect(room.card(scene).locator("h3")).to_have_attribute("data-lamp", LATE_OR_GONE)
    expect(room.panel("venues").locator(f'[data-venue="{VENUE}"] .name')).to_have_attribute("data-lamp", "bad")
    contest.tell(clear("B030", "power_up", 900))  # the other venue goes on
    office_cable.cut()
    expect(room.page.locator("header .link")).to_have_attribute("data-live", "false")
    for wall in walls.values():
        wall.page.clock.fast_forward(A_MINUTE_MS)
        expect(wall.page.locator(".screen.stale")).to_be_visible()

    office_cable.mend()
    cable.mend()
    for wall in walls.values():
        wall.page.clock.fast_forward(RETRIES_WITHIN_MS)
    desk.linked("live")
    desk.unsynced(0)
    facts = stored(contest)
    assert [(each["seq"], each["kind"], each["contestant"]) for each in facts] == [
        (1, "start", "A017"),
        (2, "clear", "A017"),
        (3, "clear", "A018"),
    ], "each once, in order, without a gap"
    for scene, wall in walls.items():
        is_where_the_server_is(wall, contest)
        expect(wall.page.locator(".screen.stale")).to_have_count(0)
        expect(shown(wall, scene)).to_be_visible()
    shows_the_board(walls["ranking"], contest)
    totals = [venue["points"] for venue in contest.board()["state"]["venues"].values()]
    expect(walls["duel"].page.locator("[data-venue] .total")).to_have_text(totals)
    expect(room.page.locator("header .link")).to_have_attribute("data-live", "true")
    for scene in SCENES:
        expect(room.card(scene).locator("h3")).to_have_attribute("data-lamp", "good")


def test_a_display_that_missed_ten_minutes_equals_its_twin(hall: Hall, cable: Network, screens: Screens) -> None:
    contest = opened(hall, "twins")
    contest.tell(clear("A017", "wiring", 100), clear("B030", "wiring", 110))
    away, twin = screens(cable.url), screens(hall.url)
    away.may_be_cut_off = True
    away.page.clock.install()
    for screen in (away, twin):
        screen.watch(contest.id, "zh")
        is_where_the_server_is(screen, contest)
    cable.cut()
    expect(away.link).not_to_contain_text(say("connected", "zh"))
    for at, who in enumerate(("A018", "A019", "B030", "A017", "A020")):
        contest.tell(clear(who, "power_up", 400 + 60 * at))
        is_where_the_server_is(twin, contest)
    away.page.clock.fast_forward(TEN_MINUTES_MS)
    expect(away.page.locator(".screen.stale")).to_be_visible()
    cable.mend()
    away.page.clock.fast_forward(RETRIES_WITHIN_MS)
    is_where_the_server_is(away, contest)
    for part in (".firsts", ".spot .name", ".duel .total", ".ticker ol"):
        parts = [[text.split() for text in screen.page.locator(part).all_inner_texts()] for screen in (away, twin)]
        if part != ".ticker ol":
            assert parts[0] == parts[1], part
    for screen in (away, twin):
        shows_the_board(screen, contest)
    firsts = "[...document.querySelectorAll('.ticker li.first')].map((each) => each.dataset.stageCalled).sort()"
    for screen in (away, twin):
        assert screen.page.evaluate(firsts) == ["power_up", "wiring"], "what was missed is in the feed, once"
