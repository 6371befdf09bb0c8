"""Appends without end and prints each acknowledgement, until it is killed. Run by test_crash.py in a process of its own."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from contest_server.ledger.lane import Lane
from contest_server.ledger.sqlite import SqliteLedger
from tests.ledger.drafts import CONTEST, event


async def main(path: Path, source: str, seed: int) -> None:
    chance = random.Random(seed)
    ledger = SqliteLedger(Lane(path, rows_between=50))  # so that it is killed while the log is written back, too
    await ledger.open(CONTEST)
    seq = 1 + max((entry.fact.seq for entry in await ledger.read(CONTEST, 0) if getattr(entry.fact, "source", "") == source), default=0)  # type: ignore[union-attr]
    while True:
        size = chance.randint(1, 40)
        batch = [event(number, source, data={"padding": "x" * chance.randint(0, 2_000)}) for number in range(seq, seq + size)]
        for entry in await ledger.append(CONTEST, batch):
            print(entry.position, source, seq, flush=True)
            seq += 1


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
