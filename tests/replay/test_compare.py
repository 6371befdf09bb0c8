"""Comparing says who differs in what, and never that nothing does when something does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contest_server.core.facts import ContestantId, StageId
from contest_server.replay.compare import compare
from contest_server.replay.official import scoreboard_rows, table_rows
from contest_server.replay.recording import ExpectedRow, UnreadableRecording
from contest_server.replay.tables import rows_of_csv

STAGES = [StageId("a"), StageId("b")]
BOARD: list[dict[str, Any]] = [
    {
        "id": "x", "rank": 1, "points": "1", "cleared": 1, "time_ms": 1_320_000,
        "stages": {
            "a": {"state": "cleared", "tries": 2, "ms": 120_500, "first": True},
            "b": {"state": "pending", "tries": 1, "pending": 1},
        },
    },
    {"id": "y", "rank": 2, "points": "0", "cleared": 0, "time_ms": 0, "stages": {"b": {"state": "working"}}},
    {"id": "z", "rank": 2, "points": "0", "cleared": 0, "time_ms": 0, "stages": {}},
]  # fmt: skip
SCOREBOARD: dict[str, Any] = {
    "rows": [
        {
            "rank": 1, "team_id": "x", "score": {"num_solved": 1, "total_time": "0:22:00.000"},
            "problems": [
                {"problem_id": "a", "num_judged": 2, "num_pending": 0, "solved": True, "time": "0:02:00.000", "first_to_solve": True},
                {"problem_id": "b", "num_judged": 1, "num_pending": 1, "solved": False},
            ],
        },
        {"rank": 2, "team_id": "y", "score": {"num_solved": 0, "total_time": "0:00:00.000"}, "problems": []},
        {"rank": 2, "team_id": "z", "score": {"num_solved": 0, "total_time": "0:00:00.000"}, "problems": []},
    ]
}  # fmt: skip


def _table(text: str) -> list[ExpectedRow]:
    return table_rows(rows_of_csv(text, "result.csv"), "result.csv")


def _cell(board: list[dict[str, Any]], stage: str) -> dict[str, Any]:
    cell: dict[str, Any] = board[0]["stages"][stage]
    return cell


def test_equal_boards_are_equal() -> None:
    comparison = compare(BOARD, scoreboard_rows(SCOREBOARD, "s"), STAGES)
    assert str(comparison) == "compared 3, equal 3"
    assert comparison.same


CHANGES: list[tuple[str, Callable[[list[dict[str, Any]]], object], str]] = [
    ("rank", lambda board: board[0].update(rank=2), "x: rank: expected 1, got 2"),
    ("no rank", lambda board: board[0].update(rank=None), "x: rank: expected 1, got none"),
    ("cleared", lambda board: board[0].update(cleared=2), "x: stages cleared: expected 1, got 2"),
    ("time", lambda board: board[0].update(time_ms=1_260_000), "x: time: expected 0:22:00, got 0:21:00"),
    ("state", lambda board: _cell(board, "b").update(state="cleared", ms=1), "x: stage b: cleared: expected no, got yes"),
    ("tries", lambda board: _cell(board, "a").update(tries=3), "x: stage a: tries: expected 2, got 3"),
    ("pending", lambda board: _cell(board, "b").update(pending=2), "x: stage b: pending: expected 1, got 2"),
    ("stage time", lambda board: _cell(board, "a").update(ms=180_000), "x: stage a: time: expected 0:02:00, got 0:03:00"),
    ("first", lambda board: _cell(board, "a").pop("first"), "x: stage a: first to clear: expected yes, got no"),
    ("missing cell", lambda board: board[0]["stages"].pop("b"), "x: stage b: tries: expected 1, got 0"),
    ("extra cell", lambda board: board[1]["stages"].update(a={"state": "tried", "tries": 1}), "y: stage a: tries: expected 0, got 1"),
    ("missing row", lambda board: board.pop(0), "x: row: expected there, got not on the board"),
    ("extra row", lambda board: board.append({**board[2], "id": "w"}), "w: row: expected not in the published result, got on the board"),
]


@pytest.mark.parametrize(("change", "line"), [item[1:] for item in CHANGES], ids=[item[0] for item in CHANGES])
def test_every_difference_is_found_and_said(change: Callable[[list[dict[str, Any]]], object], line: str) -> None:
    board = copy.deepcopy(BOARD)
    change(board)
    comparison = compare(board, scoreboard_rows(SCOREBOARD, "s"), STAGES)
    assert line in [str(difference) for difference in comparison.differences]
    assert not comparison.same
    assert comparison.equal < comparison.compared or line.startswith("w:")


def test_attempts_after_a_clear_are_not_pending_on_a_published_board() -> None:
    board = copy.deepcopy(BOARD)
    _cell(board, "a")["pending"] = 3
    assert compare(board, scoreboard_rows(SCOREBOARD, "s"), STAGES).same


def test_times_that_are_printed_exactly_are_compared_exactly() -> None:
    board = copy.deepcopy(SCOREBOARD)
    board["rows"][0]["score"]["total_time"] = "0:22:00.500"
    lines = [str(difference) for difference in compare(BOARD, scoreboard_rows(board, "s"), STAGES).differences]
    assert "x: time: expected 0:22:00.500, got 0:22:00" in lines


def test_only_what_is_printed_is_compared() -> None:
    assert compare(BOARD, _table("rank,contestant\n1,x\n2,y\n2,z\n"), STAGES).same


def test_points_are_compared_as_numbers() -> None:
    assert compare(BOARD, _table("rank,contestant,points\n1,x,1.0\n2,y,0\n2,z,0.00\n"), STAGES).same
    assert not compare(BOARD, _table("rank,contestant,points\n1,x,1.5\n2,y,0\n2,z,0\n"), STAGES).same


def test_the_last_clear_and_the_furthest_stage_are_compared() -> None:
    good = "rank,contestant,last_ms,furthest,furthest_ms\n1,x,120500,1,120500\n2,y,0,0,0\n2,z,0,0,0\n"
    assert compare(BOARD, _table(good), STAGES).same
    lines = [str(each) for each in compare(BOARD, _table(good.replace("x,120500,1,120500", "x,120501,2,9")), STAGES).differences]
    assert lines == [
        "x: last clear: expected 0:02:00.501, got 0:02:00.500",
        "x: furthest stage: expected 2, got 1",
        "x: time at the furthest stage: expected 0:00:00.009, got 0:02:00.500",
    ]


def test_an_order_leaves_open_whether_rows_that_look_alike_share_a_rank() -> None:
    official = _table("order,contestant,solved\n1,x,1\n2,y,0\n3,z,0\n")
    for rank_of_z, same in ((2, True), (3, True), (1, False), (4, False)):
        board = copy.deepcopy(BOARD)
        board[2]["rank"] = rank_of_z
        assert compare(board, official, STAGES).same is same


def test_a_printed_last_clear_decides_who_shares_a_rank() -> None:
    official = _table("order,contestant,solved,last_accept_ms\n1,x,1,120500\n2,y,0,0\n3,z,0,0\n")
    board = copy.deepcopy(BOARD)
    board[2]["rank"] = 3
    assert compare(BOARD, official, STAGES).same
    assert not compare(board, official, STAGES).same


@pytest.mark.parametrize("board", [{"rows": [{"team_id": "x"}]}, {"rows": [{"team_id": "x", "rank": "first", "score": {}}]}, {"rows": [7]}])
def test_a_scoreboard_that_is_none_is_named(board: dict[str, Any]) -> None:
    with pytest.raises(UnreadableRecording, match=r"somewhere\.json"):
        scoreboard_rows(board, "somewhere.json")


def test_a_row_of_a_table_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UnreadableRecording, match=r"result\.csv: row 2"):
        _table("rank,contestant\n1,x\nsecond,y\n")


def test_contestants_of_a_result_are_ids_like_those_of_the_recording() -> None:
    assert compare([{**BOARD[0], "id": "x"}], _table("rank,team\n1,x\n"), STAGES).same
    assert isinstance(_table("rank,team\n1,a b\n")[0].contestant, str)
    assert _table("rank,team\n1,a b\n")[0].contestant != ContestantId("a b")
