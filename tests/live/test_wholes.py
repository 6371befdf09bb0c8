"""The whole board as a text: what was there in one moment, written while others go on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from contest_server.core.audience import AUDIENCES, first_clears_for
from contest_server.core.contest import Contest
from contest_server.core.facts import Entry, Fact, Frozen
from contest_server.core.rows import as_document
from contest_server.live import turns
from contest_server.live.board import Board
from contest_server.live.views import parse_view
from contest_server.live.wholes import whole_text
from tests.contests import CUP, JUDGES, START_US, adopted, event


def entered(board: Board, *facts: Fact) -> None:
    for fact in facts:
        board.contest.advance(Entry(board.contest.position + 1, START_US, "test", fact))
    board.take(board.contest.settle())


def hall() -> Board:
    """A board with two who cleared a stage at once, a guest, and others who did nothing."""
    board = Board(Contest(CUP, JUDGES), "e1", 3, 100)
    entered(board, adopted(), event(1, contestant="A1", at_s=5), event(2, contestant="B1", at_s=5), event(3, contestant="G1", at_s=9))
    return board


def composed(board: Board, audience: Any, view: str) -> bytes:
    """The same answer, put together as a document at once."""
    shown, frame = board.whole(audience, parse_view(view), START_US)
    document = {
        "type": "frame",
        "epoch": board.epoch,
        "from": 0,
        "to": frame.to,
        "total": frame.total,
        "state": json.loads(frame.state),
        "rows": [{"rank": shown.ranking.rank_of(who), **as_document(row)} for who, row in frame.rows.items()],
        "gone": [],
        "digest": board.digest(audience),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("view", ["all", "top:2", "venue:yueqing", "contestants:A1,G1,Z9"])
async def test_the_text_is_the_document_of_the_frame_with_ranks_byte_by_byte(view: str) -> None:
    board = hall()
    entered(board, Frozen(20), event(4, contestant="A2", at_s=3_000))
    for audience in AUDIENCES:
        assert await whole_text(board, audience, parse_view(view), START_US) == composed(board, audience, view)


async def test_others_have_turns_while_it_is_written_and_what_they_enter_is_in_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(turns, "REST_S", 0.0)
    board = hall()
    expected, first = composed(board, "public", "all"), first_clears_for(board.contest, "public")
    writing, had = asyncio.create_task(whole_text(board, "public", parse_view("all"), START_US)), 0
    while not writing.done():
        await asyncio.sleep(0)
        had += 1
        entered(board, event(3 + had, contestant="A2", stage="wiring", attempt=str(had), at_s=1, data={"mohm": "2"}))
        board.look()
    assert had > 2 * len(board.contest.rows), "one after each row, and one after each row of the digest"
    assert await writing == expected
    assert composed(board, "public", "all") != expected, "the board went on"
    assert first_clears_for(board.contest, "public") != first
