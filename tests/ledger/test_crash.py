"""What was acknowledged is there, however often and whenever the writers are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from contest_server.core.facts import Event
from contest_server.ledger.lane import Lane
from contest_server.ledger.sqlite import SqliteLedger
from contest_server.ledger.verify_file import verify_file
from tests.ledger.drafts import CONTEST

ROOT = Path(__file__).parents[2]
ROUNDS = 3
SOURCES = ("yongjia/desk-1", "yueqing/desk-1")


def acknowledged_until_killed(path: Path, chance: random.Random) -> list[tuple[int, str, int]]:
    """Two writers on one file; after some acknowledgements both are killed, wherever they are then."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    seen: list[str] = []
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.appender", str(path), source, str(chance.randrange(2**32))],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for source in SOURCES
    ]
    first = writers[chance.randrange(2)]
    assert first.stdout is not None
    seen += islice(first.stdout, chance.randint(1, 150))
    for writer in writers:
        writer.kill()
    for writer in writers:
        assert writer.stdout is not None
        seen += writer.stdout.readlines()
        writer.stdout.close()
        assert writer.wait() < 0, "it was killed, it did not end by itself"
    return [_acknowledgement(line) for line in seen if line.endswith("\n")]


def _acknowledgement(line: str) -> tuple[int, str, int]:
    position, source, seq = line.split()
    return int(position), source, int(seq)


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "contest.db"
    acknowledged: list[tuple[int, str, int]] = []
    for _ in range(ROUNDS):
        acknowledged += acknowledged_until_killed(path, chance)
        ledger = SqliteLedger(Lane(path))
        await ledger.open(CONTEST)
        stored = await ledger.read(CONTEST, 0)
        await ledger.close()
        assert [entry.position for entry in stored] == list(range(1, len(stored) + 1))
        there = {(entry.position, entry.fact.source, entry.fact.seq) for entry in stored if isinstance(entry.fact, Event)}
        assert set(acknowledged) <= there
        assert len(set(acknowledged)) == len(acknowledged), "nothing is acknowledged twice"
        assert verify_file(path, CONTEST).entries == len(stored)
