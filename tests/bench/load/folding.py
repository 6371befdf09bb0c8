"""A fold in a process of its own, for what it holds: CONTESTANTS STAGES TRIES, each stage tried so often and cleared at last.

Entries come as a ledger gives them, decoded one by one. Says one line of JSON: bytes before and after, attempts, clears.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator

from contest_server.core.contest import Contest
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import AttemptId, ContestantId, Entry, Event, SourceId, StageId, VenueId
from contest_server.ledger.codec import Body, decode, encode
from contest_server.live.adopting import fact_of
from contest_server.live.judges_loading import load_judges
from tests.bench.machine import memory_bytes
from tests.bench.product import CONTEST, document

START_US = 1_795_338_000_000_000
"""The start of the contest in `product.document`, in µs."""


def entries(contestants: int, stages: int, tries: int) -> Iterator[Entry]:
    position = 1
    for stage in range(stages):
        for number in range(tries):
            for contestant in range(contestants):
                position += 1
                outcome = "accepted" if number == tries - 1 else "rejected"
                fact = Event(
                    SourceId("v0/bench"),
                    position - 1,
                    VenueId("v0"),
                    "attempt",
                    START_US + position * 1_000,
                    ContestantId(f"c{contestant}"),
                    StageId(f"s{stage}"),
                    AttemptId(f"{stage}-{number}"),
                    {"outcome": outcome},
                )
                body = decode(encode(Body(START_US + position * 1_000, "v0", fact)))
                yield Entry(position, body.received_us, body.author, body.fact)


def main() -> None:
    contestants, stages, tries = map(int, sys.argv[1:])
    contest = Contest(CONTEST, load_judges())
    contest.advance(Entry(1, START_US, "bench", fact_of(read_definition(document(1, contestants, stages)))))
    contest.settle()
    gc.collect()
    before = memory_bytes([os.getpid()])
    for entry in entries(contestants, stages, tries):
        contest.advance(entry)
    contest.settle()
    gc.collect()
    after = memory_bytes([os.getpid()])
    clears = sum(row.row.cleared for row in contest.rows.values())
    print(json.dumps({"before": before, "after": after, "attempts": contestants * stages * tries, "clears": clears}))


if __name__ == "__main__":
    main()
