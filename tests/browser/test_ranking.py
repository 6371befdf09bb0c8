"""The ranking on the screen is the board's: order, ranks, figures and every stage, after every event."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear, outcome, told
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen, row_shown
from tests.browser.wording import LANGS, say

STAGES = [stage["id"] for stage in evening.STAGES]


def same_as_the_board(screen: Screen, contest: Contest) -> None:
    """Wait until the plates show the board as it is for people with curl, in its order; who shares a key may stand in any."""
    board = contest.board()
    shown = [row_shown(row, STAGES) for row in board["rows"]]
    by_id = sorted(shown, key=lambda row: row["id"])
    keep = "({id, rank, figure, second, cells}) => ({id, rank, figure, second, cells})"
    screen.until(f"seen.rows().map({keep}).sort((a, b) => a.id < b.id ? -1 : 1)", by_id)
    keys = {row["id"]: row["key"] for row in board["rows"]}
    places = [keys[row["id"]] for row in screen.rows()]
    assert places == sorted(places)


def test_rows_stand_in_the_order_of_the_ranking_and_ties_share_a_rank(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(
        clear("B2", "final", 600), clear("A1", "quiz", 700), clear("B1", "quiz", 700), clear("A3", "wiring", 800), clear("G1", "quiz", 900)
    )
    screen = screens(hall.url).watch(contest.id)
    same_as_the_board(screen, contest)
    by_name = [["B2", "1"], ["B1", "2"], ["A1", "2"], ["G1", "–"], ["A3", "4"], ["A2", "5"]]  # in a tie, 安 is read before 陈
    screen.until("seen.rows().map(({id, rank}) => [id, rank])", by_name)
    expect(screen.page.get_by_role("listitem", name=f"{say('rank', 'zh')} 4，潘若彤，{say('points', 'zh')} 3.25")).to_be_visible()


def test_an_event_moves_its_row_and_changes_its_cell(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    contest.tell(clear("A1", "quiz", 600))
    screen = screens(hall.url).watch(contest.id)
    expect(screen.plate("A1")).to_have_attribute("aria-posinset", "1")
    expect(screen.cell("B2", "final")).to_have_attribute("data-look", "untouched")
    story = [
        ("working", told("start", "B2", "final", 700)),
        ("pending", outcome("pending", "B2", "final", 800)),
        ("tried", outcome("rejected", "B2", "final", 900)),
        ("first", clear("B2", "final", 1_000, attempt="2")),
    ]
    for look, each in story:
        contest.tell(each)
        expect(screen.cell("B2", "final")).to_have_attribute("data-look", look)
        same_as_the_board(screen, contest)
    expect(screen.plate("B2")).to_have_attribute("aria-posinset", "1")
    expect(screen.plate("A1")).to_have_attribute("aria-posinset", "2")


def test_a_status_is_said_in_words(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url).watch(contest.id, "en")
    expect(screen.plate("G1")).to_contain_text(say("statusGuest", "en"))
    contest.order("standings", contestant="A3", status="dsq", reason="worked on a live circuit")
    expect(screen.plate("A3")).to_contain_text(say("statusDsq", "en"))


def test_the_venues_and_the_leader_stand_as_on_the_board(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url).watch(contest.id)
    expect(screen.page.locator(".duel .total")).to_have_text(["0", "0"])
    for lang in LANGS:
        expect(screen.text(say("nobodyYet", lang))).to_be_visible()
    contest.tell(clear("A1", "quiz", 600), clear("A2", "wiring", 610), clear("B2", "quiz", 620))
    assert [venue["points"] for venue in contest.board()["state"]["venues"].values()] == ["7.75", "4.5"]
    expect(screen.page.locator(".duel .total")).to_have_text(["7.75", "4.5"])
    for lang in LANGS:
        expect(screen.text(say("leadsBy", lang, n="3.25"))).to_be_visible()
    expect(screen.page.locator(".spot .name")).to_have_text("陈建国Chen Jianguo")
    contest.tell(clear("B2", "final", 900))
    expect(screen.page.locator(".spot .name")).to_have_text("朱振华Zhu Zhenhua")
    expect(screen.page.locator(".spot")).to_contain_text(say("aheadBy", "zh", n="20"))


def test_a_view_shows_its_own_rows_only(hall: Hall, screens: Screens) -> None:
    contest = hall.contest()
    screen = screens(hall.url).watch(contest.id, more="&view=venue:yueqing")
    screen.until("seen.rows().map(({id}) => id).sort()", ["B1", "B2", "G1"])
