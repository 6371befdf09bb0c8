"""A thousand contestants and thirty stages. What is drawn stays bounded, and what is shown in the end is the board."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import evening
from tests.browser.conftest import Screens
from tests.browser.evening import clear
from tests.browser.hall import Contest, Hall
from tests.browser.screen import Screen, row_shown

PEOPLE, STAGES, EVENTS = 1_000, 30, 300
PLATES_MAX = 40
ELEMENTS_MAX = 4_000
PINNED = 3


def page_is_the_boards(screen: Screen, contest: Contest, page: int) -> None:
    """Wait until this page of the ranking (0 is the first, -1 the last) is what the board says, row by row."""
    stages = [stage["id"] for stage in evening.course(STAGES)]
    board = [_without_notes(row_shown(row, stages)) for row in contest.board()["rows"]]
    size = len(screen.rows()) - PINNED
    start = PINNED + page * size if page >= 0 else len(board) - size
    wanted = board[:PINNED] + board[start : start + size]
    screen.until("seen.rows().map(({id, rank, figure, second, cells}) => ({id, rank, figure, second, cells}))", wanted)


def _without_notes(row: dict[str, object]) -> dict[str, object]:
    """With so many stages, a cell has room for its look only."""
    assert isinstance(row["cells"], dict)
    return row | {"cells": {stage: [look, ""] for stage, (look, _) in row["cells"].items()}}


def test_a_burst_over_a_thousand_rows_ends_in_the_board(hall: Hall, screens: Screens) -> None:
    contest = hall.contest(people=evening.crowd(PEOPLE), stages=evening.course(STAGES))
    screen = screens(hall.url).watch(contest.id)
    screen.page.keyboard.press("Space")  # the pages stay as they are turned here

    people = [person["id"] for person in evening.crowd(PEOPLE)]
    burst = [clear(people[n * 7 % PEOPLE], f"s{n * 11 % STAGES + 1}", 600 + n) for n in range(EVENTS)]
    for begin in range(0, EVENTS, EVENTS // 10):
        contest.tell(*burst[begin : begin + EVENTS // 10])
    board = contest.board()
    assert sum(row["cleared"] for row in board["rows"]) == EVENTS
    screen.until("seen.cursor()", f"{board['epoch']}:{board['to']}")
    expect(screen.page.locator(".duel .total")).to_have_text([venue["points"] for venue in board["state"]["venues"].values()])

    page_is_the_boards(screen, contest, 0)
    screen.page.keyboard.press("ArrowRight")
    page_is_the_boards(screen, contest, 1)
    screen.page.keyboard.press("Home")
    screen.page.keyboard.press("ArrowLeft")
    page_is_the_boards(screen, contest, -1)

    assert screen.page.evaluate("seen.mostPlates") <= PLATES_MAX
    assert screen.page.evaluate("seen.mostElements") <= ELEMENTS_MAX
