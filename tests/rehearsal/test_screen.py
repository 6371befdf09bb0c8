"""A rehearsed display shows what it was sent, notices what does not follow, and is compared row by row."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.rehearsal.line import Line, Server
from contest_server.rehearsal.screen import BrokenFrames, Painted, RehearsedScreen, shown
from contest_server.rehearsal.seen import _shows


def frame(after: int, to: int, *rows: str, gone: tuple[str, ...] = (), points: str = "1") -> dict[str, Any]:
    shown_rows = [{"id": row, "points": points} for row in rows]
    return {"type": "frame", "epoch": "e", "from": after, "to": to, "rows": shown_rows, "gone": list(gone), "state": {}, "total": len(rows)}


def test_frames_are_merged_by_overwriting_and_a_whole_one_replaces() -> None:
    painted = Painted()
    painted.merge(frame(0, 3, "A", "B"))
    painted.merge(frame(3, 5, "B", "C", gone=("A",), points="2"))
    assert painted.rows == {"B": {"id": "B", "points": "2"}, "C": {"id": "C", "points": "2"}}
    painted.merge(frame(0, 4, "D"))
    assert (list(painted.rows), painted.position, painted.wholes) == (["D"], 4, 2)


def test_a_frame_that_does_not_follow_is_noticed() -> None:
    painted = Painted()
    painted.merge(frame(0, 3, "A"))
    with pytest.raises(BrokenFrames, match="from 4, but 3"):
        painted.merge(frame(4, 5, "A"))


def test_it_shows_the_board_only_where_every_row_and_the_position_are_the_same() -> None:
    screen = RehearsedScreen("display-1", "all", Line([Server.at("http://x")]), "c", lambda: 0.0)
    screen.painted.merge(frame(0, 3, "A"))
    board = {"to": 3, "rows": [{"id": "A", "points": "1", "rank": 1}]}
    assert _shows(screen, board)
    assert not _shows(screen, None)
    assert not _shows(screen, {**board, "to": 4})
    assert not _shows(screen, {**board, "rows": [{"id": "A", "points": "2", "rank": 1}]})
    assert not _shows(screen, {**board, "rows": []})


def test_ranks_are_no_part_of_a_row() -> None:
    assert shown({"A": {"id": "A", "rank": 1}}) == {"A": {"id": "A"}}


def test_a_display_comes_back_with_its_cursor() -> None:
    line = Line([Server.at("http://x")])
    line.url = "http://127.0.0.1:9"
    screen = RehearsedScreen("display-1", "top:10", line, "c d", lambda: 0.0)
    assert screen._address() == "ws://127.0.0.1:9/api/contests/c%20d/board?view=top%3A10"
    screen.painted.merge(frame(0, 3, "A"))
    assert screen._address().endswith("&after=e%3A3")
