"""The fold alone, in a process of its own: what each server that follows has to do with an entry's bytes, and nothing else of a server.

It takes in as many events as a line of its input says, judges and ranks them, and answers with its position and the CPU (ns) that this took
so far; for `show` it answers with its board. The events are made beforehand: whatever is made in between would have the collector of cycles
at work at other moments than in a server.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contest_server.core.contest import Contest
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import AttemptId, ContestantId, Entry, Event, SourceId, StageId, VenueId
from contest_server.core.times import us_of
from contest_server.ledger.chain import Stored
from contest_server.ledger.codec import Body, encode
from contest_server.ledger.sealed import opened
from contest_server.live.adopting import fact_of
from contest_server.live.board import Board
from contest_server.live.judges_loading import load_judges
from contest_server.web.serving import spare_collecting
from tests.bench.load.venues import at_ms, clear
from tests.bench.machine import dies_with_us
from tests.bench.product import CONTEST, document
from tests.bench.rows import NotDelivered

CONTESTANTS, STAGES = 1_500, 20
STARTS_US = 1
Shown = list[list[str]]
"""Ids and points, in the order of the board."""


def definition() -> dict[str, Any]:
    return document(1, CONTESTANTS, STAGES)


def text_of(seq: int) -> str:
    """The event of this number as a venue writes it: contestants in turn, stage after stage, so that each is a clear of its own."""
    return clear(seq, f"c{seq % CONTESTANTS}", f"s{seq // CONTESTANTS % STAGES}", at=at_ms(1_000 + seq))


def stored_of(seq: int) -> Stored:
    """The same event as it lies in the ledger, without its hash."""
    said = json.loads(text_of(seq))
    who, stage, attempt = ContestantId(said["contestant"]), StageId(said["stage"]), AttemptId(said["attempt"])
    at_us = us_of(datetime.fromisoformat(said["at"]))
    event = Event(SourceId("v0/bench"), seq, VenueId("v0"), "clear", at_us, who, stage, attempt, {})
    return Stored(1 + seq, encode(Body(at_us, "venue:v0", event)), b"")


@dataclass(slots=True)
class Folding:
    """The process, from outside. A context."""

    _process: subprocess.Popen[str] = field(init=False)
    _asked: int = 1
    """The position that it shall come to."""
    _come: int = 0
    _spent_ns: int = 0

    def __enter__(self) -> Folding:
        command = [sys.executable, "-m", "tests.bench.load.following"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, preexec_fn=dies_with_us)
        self.spent_us()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def take(self, count: int) -> None:
        """Let it take in so many events more, while we go on."""
        self._asked += count
        self._write(str(count))

    def spent_us(self) -> float:
        """CPU of the fold, once it has taken in all."""
        while self._come < self._asked:
            self._come, self._spent_ns = map(int, self._read().split())
        return self._spent_ns / 1_000

    def shown(self) -> Shown:
        self.spent_us()
        self._write("show")
        board: Shown = json.loads(self._read())
        return board

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotDelivered("the fold alone ended")
        return line


def shown_of(board: dict[str, Any]) -> Shown:
    """What a server shows, to be compared."""
    return [[row["id"], row["points"]] for row in board["rows"]]


class Fold:
    """As a desk does it (`live/recorder.py`): decode, file, judge and rank, and what both audiences see of it."""

    def __init__(self) -> None:
        self.contest = Contest(CONTEST, load_judges())
        self._board = Board(self.contest, "", 2, 1)
        self.contest.advance(Entry(1, STARTS_US, "bench", fact_of(read_definition(definition()))))
        self._board.take(self.contest.settle())
        self.spent_ns = 0

    def take(self, stored: Sequence[Stored]) -> None:
        began_ns = time.process_time_ns()
        for entry in opened(stored):
            self.contest.advance(entry)
        self._board.take(self.contest.settle())
        self.spent_ns += time.process_time_ns() - began_ns

    def shown(self) -> Shown:
        rows = sorted((each.row for each in self.contest.rows.values()), key=lambda row: (row.key, row.id))
        return [[row.id, row.points] for row in rows]


def main() -> None:
    fold = Fold()
    events = [stored_of(seq) for seq in range(1, CONTESTANTS * STAGES + 1)]
    spare_collecting()
    print(1, 0, flush=True)
    for line in sys.stdin:
        if line == "show\n":
            print(json.dumps(fold.shown()), flush=True)
        else:
            after = fold.contest.position - 1
            assert after + int(line) <= len(events), "no more clears than contestants and stages"
            fold.take(events[after : after + int(line)])
            print(fold.contest.position, fold.spent_ns, flush=True)


if __name__ == "__main__":
    main()
