"""What a view keeps for displays that come back: names of who changed, and of the rows only those of now."""

from __future__ import annotations

import sys
from random import Random

from hypothesis import given

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow
from contest_server.live.board import Board
from contest_server.live.frames import Frame
from contest_server.live.views import parse_view
from tests.contests import CUP, JUDGES, START_US, adopted, entries, event
from tests.strategies import DICE

VIEWS = ("all", "top:1", "top:2", "venue:yongjia", "contestants:A1,B2")


def merged(frames: list[Frame], state: bytes) -> Frame:
    """The law itself: one frame after the other, each overwriting."""
    rows: dict[ContestantId, BoardRow] = {}
    gone: set[ContestantId] = set()
    for frame in frames:
        rows.update(frame.rows)
        gone -= frame.rows.keys()
        for contestant in frame.gone:
            rows.pop(contestant, None)
        gone |= frame.gone
    return Frame(frames[0].after, frames[-1].to, rows, frozenset(gone), state, frames[-1].total)


@given(DICE)
def test_who_comes_back_is_sent_what_the_missed_frames_say_together_to_the_letter(dice: Random) -> None:
    contest = Contest(CUP, JUDGES)
    board = Board(contest, "e1", 100, 100)
    facts = [event(seq, dice.choice(["clear", "attempt"]), dice.choice(["A1", "A2", "B1", "B2"]), dice.choice(["quiz", "wiring"]),
                   str(seq), seq, {"outcome": "rejected", "mohm": "2.4"}) for seq in range(1, 13)]  # fmt: skip
    first, *others = entries([adopted(), *facts])
    contest.advance(first)
    board.take(contest.settle())
    logs = [board.watch("public", parse_view(each), START_US) for each in VIEWS]
    frames: list[list[Frame]] = [[] for _ in VIEWS]
    for entry in others:
        contest.advance(entry)
        board.take(contest.settle())
        if dice.random() < 0.3:
            continue
        before = [log.position for log in logs]
        board.paint(START_US + entry.position)
        for log, at, kept in zip(logs, before, frames, strict=True):
            made = board.next_frame("public", log, at, None)
            assert made is not None
            kept.append(made)
    for log, kept in zip(logs, frames, strict=True):
        for index, start in enumerate(kept):
            again = board.next_frame("public", log, start.after, None)
            assert again is not None
            assert again.text("e1") == merged(kept[index:], kept[-1].state).text("e1")


def test_of_a_row_that_was_overwritten_nothing_is_kept_once_another_frame_is_painted() -> None:
    contest = Contest(CUP, JUDGES)
    board = Board(contest, "e1", 100, 100)
    ledger = entries([adopted(), event(1, stage="quiz"), event(2, stage="wiring", data={"mohm": "2.4"}), event(3, contestant="B1")])
    board.watch("public", parse_view("all"), START_US)
    rows = []
    for entry in ledger:
        contest.advance(entry)
        board.take(contest.settle())
        board.paint(START_US + entry.position)
        rows.append(contest.rows.get(ContestantId("A1")))
    old, new = rows[1], rows[2]
    assert old is not new
    del rows
    own = object()
    assert sys.getrefcount(old) == sys.getrefcount(own), "its text, and the marks of all stages, are held for a frame nobody asks for"
