"""Venues to durable, judged, ranked events: CPU per event beside a socket that parses and answers, and stores nothing."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, VenueId
from contest_server.ledger.urls import open_stores
from contest_server.live.adopting import adopt
from contest_server.live.judges_loading import load_judges
from contest_server.live.settings import Settings
from contest_server.web.serving import serving
from contest_server.wire.reading import read_message

VENUES, CONTESTANTS, STAGES, BATCH = 20, 400, 20, 100
CONTEST = ContestId("bench")


def document() -> dict[str, object]:
    return {
        "format": 1,
        "contest": {"id": CONTEST, "name": "bench", "starts": "2026-11-22T09:00:00Z"},
        "clock": {"correct": False},
        "venues": [{"id": f"v{n}"} for n in range(VENUES)],
        "contestants": [{"id": f"c{n}", "venue": f"v{n % VENUES}"} for n in range(CONTESTANTS)],
        "stages": [{"id": f"s{n}"} for n in range(STAGES)],
    }


def messages() -> list[list[str]]:
    """For each venue its messages: every contestant clears every stage."""
    events: list[list[str]] = [[] for _ in range(VENUES)]
    for stage in range(STAGES):
        for contestant in range(CONTESTANTS):
            mine = events[contestant % VENUES]
            event = {
                "seq": len(mine) + 1,
                "kind": "clear",
                "contestant": f"c{contestant}",
                "stage": f"s{stage}",
                "attempt": f"a{contestant}-{stage}",
                "at": f"2026-11-22T09:{stage:02}:{contestant % 60:02}.{contestant:03}Z",
            }
            mine.append(json.dumps(event))
    return [[_message(own[at : at + BATCH]) for at in range(0, len(own), BATCH)] for own in events]


def _message(events: Sequence[str]) -> str:
    return '{"type":"events","events":[' + ",".join(events) + "]}"


async def _stream(url: str, headers: dict[str, str], batches: Sequence[str], last: int) -> None:
    async with connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
        await socket.send('{"type":"hello","source":"bench"}')
        for batch in batches:
            await socket.send(batch)
        while True:
            message = json.loads(await socket.recv())
            assert message["type"] != "refused", message
            if message["type"] == "ack" and message["seq"] == last:
                return


async def ours_us() -> float:
    """CPU per event in µs, of server and clients together, ours."""
    batches = messages()
    with tempfile.TemporaryDirectory() as folder:
        stores, judges = open_stores(f"sqlite:///{Path(folder) / 'bench.db'}"), load_judges()
        await adopt(stores, compile_rulebook(read_definition(document()), judges), "bench", 1)
        tokens = [(await stores.tokens.issue("venue", 1, CONTEST, VenueId(f"v{n}"))).secret for n in range(VENUES)]
        settings = Settings(db="memory:", host="127.0.0.1", port=0, venue_rate_per_s=10**9)
        async with serving(stores, judges, settings) as url:
            base = url.replace("http", "ws") + f"/api/contests/{CONTEST}/venues"
            started = time.process_time()
            await asyncio.gather(
                *(
                    _stream(f"{base}/v{n}/events", {"Authorization": f"Bearer {tokens[n]}"}, own, STAGES * CONTESTANTS // VENUES)
                    for n, own in enumerate(batches)
                )
            )
            used = time.process_time() - started
        head = await stores.ledger.head(CONTEST)
        assert head.position == 1 + STAGES * CONTESTANTS, f"{head.position} entries in the ledger"
        await stores.close()
    return used / (STAGES * CONTESTANTS) * 1e6


async def bare_us() -> float:
    """The same clients against a socket that parses, counts and acknowledges."""

    async def answer(socket: ServerConnection) -> None:
        count = 0
        try:
            await socket.recv()
            async for text in socket:
                message = read_message(text)
                assert isinstance(message, list)
                count += len(message)
                await socket.send(f'{{"type":"ack","seq":{count},"position":{count}}}')
        except websockets.ConnectionClosed:
            return

    batches = messages()
    async with serve(answer, "127.0.0.1", 0, max_size=None, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        started = time.process_time()
        await asyncio.gather(*(_stream(f"ws://127.0.0.1:{port}/", {}, own, STAGES * CONTESTANTS // VENUES) for own in batches))
        used = time.process_time() - started
    return used / (STAGES * CONTESTANTS) * 1e6
