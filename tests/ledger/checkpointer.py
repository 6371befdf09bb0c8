"""Stores checkpoints without end, with a line for each part, until it is killed. Run by test_checkpoints.py in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from contest_server.ledger.checkpoints import Checkpoints
from contest_server.ledger.lane import Lane
from contest_server.ledger.tables import SqliteTables
from tests.ledger.drafts import CONTEST


def parts_at(position: int) -> list[bytes]:
    return [f"{position}-{number}".encode() * 20_000 for number in range(3)]


async def told(position: int) -> AsyncIterator[bytes]:
    for part in parts_at(position):
        print(position, flush=True)
        yield part


async def main(path: Path) -> None:
    store, position = Checkpoints(SqliteTables(Lane(path))), 0
    while True:
        position += 1
        await store.put(CONTEST, position, "aa", "code", told(position))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
