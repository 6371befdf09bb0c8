"""One event to many displays: CPU per delivered frame beside `await send` one after another on bare sockets."""

from __future__ import annotations

import asyncio
import json
import time

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, VenueId
from contest_server.core.rulebook import compile_rulebook
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import adopt
from contest_server.live.judges_loading import load_judges
from contest_server.live.settings import Settings
from contest_server.web.serving import serving
from tests.bench.ingest import CONTEST, document

DISPLAYS, FRAMES = 200, 30


async def _until(socket: ClientConnection, position: int) -> str:
    """Read frames until this position has come; returns the last."""
    while True:
        text = str(await socket.recv())
        message = json.loads(text)
        if message["type"] == "frame" and message["to"] >= position:
            return text


async def ours_us() -> float:
    """CPU per delivered frame in µs, displays included."""
    stores, judges = open_stores("memory:"), load_judges()
    await adopt(stores, compile_rulebook(read_definition(document()), judges), "bench", 1)
    settings = Settings(db="memory:", host="127.0.0.1", port=0, paint_interval_ms=5)
    async with serving(stores, judges, settings) as url:
        base = url.replace("http", "ws") + f"/api/contests/{CONTEST}"
        displays = [await connect(f"{base}/board?view=top:50", compression=None, max_size=None) for _ in range(DISPLAYS)]
        await asyncio.gather(*(_until(each, 1) for each in displays))
        used = await _paint(stores, base, displays)
        for each in displays:
            await each.close()
    await stores.close()
    return used / (DISPLAYS * FRAMES) * 1e6


async def _paint(stores: Stores, base: str, displays: list[ClientConnection]) -> float:
    secret = (await stores.tokens.issue("venue", 1, ContestId(CONTEST), VenueId("v0"))).secret
    async with connect(f"{base}/venues/v0/events", additional_headers={"Authorization": f"Bearer {secret}"}) as venue:
        await venue.send('{"type":"hello","source":"bench"}')
        started = time.process_time()
        for number in range(1, FRAMES + 1):
            event = {"seq": number, "kind": "clear", "contestant": "c0", "stage": f"s{number % 20}", "attempt": f"a{number}"}
            await venue.send(json.dumps({"type": "events", "events": [{**event, "at": "2026-11-22T09:00:00Z"}]}))
            texts = await asyncio.gather(*(_until(each, 1 + number) for each in displays))
            assert len(set(texts)) == 1, "displays of one view were sent different frames"
        return time.process_time() - started


async def bare_us() -> float:
    """The same frame sent to each socket in turn."""
    text = json.dumps({"type": "frame", "to": 1, "rows": ["x" * 900]})
    sockets: list[ServerConnection] = []
    done = asyncio.Event()

    async def keep(socket: ServerConnection) -> None:
        sockets.append(socket)
        await done.wait()

    async with serve(keep, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        displays = [await connect(f"ws://127.0.0.1:{port}/", compression=None) for _ in range(DISPLAYS)]
        started = time.process_time()
        for _ in range(FRAMES):
            for accepted in sockets:
                await accepted.send(text)
            await asyncio.gather(*(_until(each, 1) for each in displays))
        used = time.process_time() - started
        for each in displays:
            await each.close()
        done.set()
    return used / (DISPLAYS * FRAMES) * 1e6
