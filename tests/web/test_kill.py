"""Kill -9 at any moment: what was acknowledged is there, nothing is there twice, and the board is the fold of all events."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from contest_server.core.facts import Event
from contest_server.core.times import text_of_us
from contest_server.ledger.urls import open_stores
from tests.contests import CUP, Json, adopted, fold, tried
from tests.web.places import EVENTS, PATIENCE_S, Client, batch, dialled, equip

ROOT = Path(__file__).parents[2]
KILLS = 3
EVENTS_EACH = 240


@dataclass
class Server:
    process: asyncio.subprocess.Process
    url: str


@asynccontextmanager
async def server(db: str) -> AsyncIterator[Server]:
    """`contest-server serve` as a process of its own, which does not survive this block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTEST_")}
    command = (sys.executable, "-m", "contest_server", "serve", "--db", db, "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while b"http://" not in (line := await process.stderr.readline()):
                assert line, "the server ended before it listened"
        yield Server(process, "http://" + line.decode().partition("http://")[2].partition("/")[0])
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


@dataclass
class Venue:
    """Sends its stream in small batches and keeps in mind what was acknowledged, as a venue with an outbox does."""

    name: str
    secret: str
    stream: list[Event]
    dice: Random
    acknowledged: int = 0

    async def speak(self, url: str, acknowledged: asyncio.Semaphore) -> None:
        with suppress(ConnectionClosed, InvalidHandshake, OSError):
            async with dialled(url, EVENTS.format(venue=self.name), {"Authorization": f"Bearer {self.secret}"}) as socket:
                client = Client(socket)
                await client.say({"type": "hello", "source": "desk"})
                after: int = (await client.hear("welcome"))["after"]
                assert after >= self.acknowledged, "what was acknowledged is known"
                self.acknowledged = after
                while self.acknowledged < len(self.stream):
                    start = max(0, self.acknowledged - self.dice.randint(0, 2))
                    end = min(len(self.stream), self.acknowledged + self.dice.randint(1, 4))
                    await client.say(batch(*map(sent, self.stream[start:end])))
                    self.acknowledged = (await client.hear("ack"))["seq"]
                    acknowledged.release()


def sent(event: Event) -> Json:
    return {
        "seq": event.seq, "kind": event.kind, "contestant": event.contestant, "stage": event.stage, "attempt": event.attempt,
        "at": text_of_us(event.at_us), "data": event.data,
    }  # fmt: skip


def stream(venue: str, people: tuple[str, ...], dice: Random) -> list[Event]:
    outcomes = ("accepted", "rejected", "pending", "free")
    return [
        tried(
            seq,
            dice.choice(outcomes),
            contestant=dice.choice(people),
            stage=dice.choice(("wiring", "quiz", "final")),
            attempt=str(dice.randint(1, 20)),
            at_s=seq // 2,
            data={"mohm": dice.choice(("2.4", "0.4"))},
            source=f"{venue}/desk",
        )
        for seq in range(1, EVENTS_EACH + 1)
    ]


@pytest.mark.parametrize("seed", [1])
async def test_kill_9_at_any_moment_loses_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    dice, db = Random(seed), f"sqlite:///{tmp_path / 'cup.db'}"
    stores = open_stores(db)
    secrets = await equip(stores)
    await stores.close()
    people = {"yongjia": ("A1", "A2"), "yueqing": ("B1", "B2")}
    venues = [Venue(name, secrets[name], stream(name, own, dice), dice) for name, own in people.items()]
    board: Json = {}
    for kill in range(KILLS + 1):
        async with server(db) as running, asyncio.timeout(PATIENCE_S * 2):
            heard = asyncio.Semaphore(0)
            async with asyncio.TaskGroup() as tasks:
                for venue in venues:
                    tasks.create_task(venue.speak(running.url, heard))
                if kill < KILLS:
                    for _ in range(dice.randint(5, 30)):
                        await heard.acquire()
                    running.process.kill()
            if kill == KILLS:
                async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
                    board = (await http.get(f"{running.url}/api/contests/{CUP}/board")).json()
    events = [event for venue in venues for event in venue.stream]
    assert [venue.acknowledged for venue in venues] == [EVENTS_EACH] * 2
    assert board["digest"] == fold([adopted(), *events]).digest()
    stores = open_stores(db)
    stored = [entry.fact for entry in await stores.ledger.read(CUP, 0) if isinstance(entry.fact, Event)]
    await stores.close()
    assert sorted((fact.source, fact.seq) for fact in stored) == sorted((event.source, event.seq) for event in events)
