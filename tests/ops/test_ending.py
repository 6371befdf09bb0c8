"""How a server ends: what it accepted is stored and acknowledged, or neither, and everybody is told to come back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from contest_server.core.facts import Event
from contest_server.ledger.urls import open_stores
from tests.contests import CUP
from tests.ops.filling import filled
from tests.ops.waiting import until_ready
from tests.web.places import EVENTS, PATIENCE_S, Client, Display, dialled, note

ROOT = Path(__file__).parents[2]
VENUES = ("yongjia", "yueqing")
SOURCES = 6


@dataclass
class Server:
    process: asyncio.subprocess.Process
    url: str
    said: str
    """Up to where it listens."""

    def ask_to_end(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def until_ended(self) -> tuple[int | None, str]:
        async with asyncio.timeout(PATIENCE_S):
            _, said = await self.process.communicate()
        return self.process.returncode, said.decode()


@asynccontextmanager
async def server(db: str, program: tuple[str, ...] = ("-m", "contest_server"), **settings: str) -> AsyncIterator[Server]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONTEST_")}
    command = (sys.executable, *program, "serve", "--db", db, "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment | settings, stderr=PIPE, stdout=PIPE, stdin=PIPE)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while b"http://" not in (line := await process.stderr.readline()):
                assert line, "the server ended before it listened"
        yield Server(process, "http://" + line.decode().partition("http://")[2].partition("/")[0], line.decode())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@dataclass
class Source:
    """A device that sends without pause, and keeps in mind what was acknowledged."""

    venue: str
    name: str
    secret: str
    acknowledged: int = 0
    ended: tuple[int, str | None] = (0, None)

    async def speak(self, url: str, heard: asyncio.Semaphore) -> None:
        async with dialled(url, EVENTS.format(venue=self.venue), {"Authorization": f"Bearer {self.secret}"}) as socket:
            client = Client(socket)
            await client.say({"type": "hello", "source": self.name})
            await client.hear("welcome")
            said = None
            with suppress(ConnectionClosed):
                for seq in range(1, 1_000_000, 3):
                    await client.say({"type": "events", "events": [note(seq), note(seq + 1), note(seq + 2)]})
                    message = await client.hear("ack", "bye")
                    if message["type"] == "bye":
                        said = message["code"]
                        break
                    self.acknowledged = message["seq"]
                    heard.release()
            if said is None:
                self.ended = await client.until_closed()
            else:
                await client.until_closed()
                self.ended = socket.close_code or 0, said


@pytest.mark.parametrize("acknowledgements", [1, 40])
async def test_a_server_that_is_asked_to_end_under_load_acknowledges_exactly_what_it_stored(acknowledgements: int, tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    secrets = await filled(db, 1)
    sources = [Source(VENUES[n % 2], f"desk-{n}", secrets[VENUES[n % 2]]) for n in range(SOURCES)]
    async with server(db) as running:
        heard = asyncio.Semaphore(0)
        async with dialled(running.url, f"/api/contests/{CUP}/board") as socket:
            display = Display(socket)
            await display.frame()
            async with asyncio.TaskGroup() as tasks:
                for source in sources:
                    tasks.create_task(source.speak(running.url, heard))
                for _ in range(acknowledgements):
                    await heard.acquire()
                running.ask_to_end()
            assert await display.until_closed() == (4002, "restarting")
        code, said = await running.until_ended()
    assert code == 0, said
    assert "server ended" in said
    assert [source.ended for source in sources] == [(4002, "restarting")] * SOURCES
    stores = open_stores(db)
    stored: dict[str, int] = {}
    for entry in await stores.ledger.read(CUP, 0):
        if isinstance(entry.fact, Event):
            stored[entry.fact.source] = entry.fact.seq
    await stores.close()
    assert stored == {f"{source.venue}/{source.name}": source.acknowledged for source in sources if source.acknowledged}


async def test_while_it_drains_a_server_is_not_ready_and_goes_on_serving(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    secrets = await filled(db, 1)
    async with server(db, CONTEST_DRAIN_S="600") as running, httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
        await until_ready(http, running.url)
        running.ask_to_end()
        answer = await until_ready(http, running.url, ready=False)
        assert [each["code"] for each in answer.json()["reasons"]] == ["draining"]
        assert (await http.get(f"{running.url}/health/live")).status_code == 200
        path = EVENTS.format(venue="yongjia")
        sent = await http.post(
            f"{running.url}{path}?source=desk",
            json={"type": "events", "events": [note(1)]},
            headers={"Authorization": f"Bearer {secrets['yongjia']}"},
        )
        assert sent.status_code == 200, "what still comes is taken"
        running.ask_to_end()
        code, said = await running.until_ended()
    assert code == 0, said


async def test_a_venue_that_reads_nothing_does_not_hold_up_the_end(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    secrets = await filled(db, 1)
    async with server(db, CONTEST_FINISH_WITHIN_S="0.5") as running:
        socket = await dialled(running.url, EVENTS.format(venue="yongjia"), {"Authorization": f"Bearer {secrets['yongjia']}"})
        await socket.send('{"type":"hello","source":"deaf"}')
        await socket.recv()
        socket.transport.pause_reading()
        running.ask_to_end()
        code, said = await running.until_ended()
        socket.transport.abort()
    assert code == 0, said


async def test_with_its_log_as_json_a_server_says_nothing_else(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'cup.db'}"
    secrets = await filled(db, 1)
    async with server(db, CONTEST_LOG="json", CONTEST_PROT="1") as running, httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
        await until_ready(http, running.url)
        running.ask_to_end()
        code, said = await running.until_ended()
    lines = [json.loads(line) for line in (running.said + said).splitlines()]
    assert code == 0
    assert [line["message"] for line in lines if "contest" not in line][-3:] == ["server started", "server ends", "server ended"]
    assert [(line["message"], line["position"]) for line in lines if line.get("contest") == CUP] == [("desk open", 2)]
    assert not [name for name, secret in secrets.items() if secret in said]


FALLS = """
import asyncio, sys
from contest_server.__main__ import main
from contest_server.live.pulse import Pulse

async def fall(self):
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    raise RuntimeError("a fault of ours")

Pulse.run = fall
main()
"""
"""A server with a fault beside its requests, once nothing more can come from its standard input."""


async def test_a_server_that_can_serve_nothing_any_more_ends_and_says_so_instead_of_answering_for_ever(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cup.db'}"
    await filled(url)
    async with server(url, ("-c", FALLS)) as here:
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
            await until_ready(http, here.url)
        assert here.process.stdin is not None
        here.process.stdin.close()
        code, said = await here.until_ended()
    assert code == 1, said
    assert "a fault of ours" in said
    assert "the server cannot go on; its log says why. Start it again" in said
