"""A bare front for venues on the same uvicorn: it parses, validates and acknowledges, and stores in one of several ways, or not at all.

  front STORE: nothing | file:PATH | an SQLAlchemy URL (sqlite:///… or postgresql+asyncpg://…)

What waits is stored together (group commit), and acknowledged once it is durable. Says "port N". It judges nothing, ranks nobody and hashes
nothing. SQLAlchemy's insertmany stores what ours stores: the same columns under the same constraints.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import uvicorn
from sqlalchemy import create_engine, event, insert
from sqlalchemy.ext.asyncio import create_async_engine

from contest_server.ledger.schema import ledger
from tests.bench.peers.doors import BACKLOG, door

COMMIT_MAX = 2_000
UNHASHED = bytes(32)
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Event(msgspec.Struct, gc=False):
    """One event of a venue."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    kind: Literal["start", "clear", "attempt", "evidence", "violation", "withdraw", "note"]
    at: Annotated[str, msgspec.Meta(min_length=10, max_length=40)]
    contestant: Name | None = None
    stage: Name | None = None
    attempt: Name | None = None
    data: dict[str, Any] = {}


class Events(msgspec.Struct, tag="events"):
    events: list[Event]


class Hello(msgspec.Struct, tag="hello"):
    source: str


read = msgspec.json.Decoder(Events | Hello)
write = msgspec.json.Encoder()
Message = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Fact: TypeAlias = tuple[str, int, bytes]
"""Source, its number, and the text."""
Store: TypeAlias = Callable[[Sequence[Fact]], Awaitable[None]]
"""Returns once these are durable."""


class Front:
    """One task stores what waits; each venue's socket is answered after that."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._inbox: asyncio.Queue[tuple[list[Fact], asyncio.Future[None]]] = asyncio.Queue(4_096)
        self._position = 0

    async def application(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        last = 0
        while (message := await receive())["type"] == "websocket.receive":
            said = read.decode(message.get("text") or message["bytes"])
            if isinstance(said, Hello):
                continue
            last = self._valid(said.events, last)
            if self._store is not None:
                await self._stored([(scope["path"], each.seq, write.encode((scope["path"], each))) for each in said.events])
            self._position += len(said.events)
            await send({"type": "websocket.send", "text": f'{{"type":"ack","seq":{last},"position":{self._position}}}'})

    def _valid(self, events: Sequence[Event], last: int) -> int:
        for each in events:
            assert each.seq == last + 1, "a gap"
            last = each.seq
            datetime.fromisoformat(each.at)
        return last

    async def _stored(self, facts: list[Fact]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._inbox.put((facts, done))
        await done

    async def write(self) -> None:
        """Take all that waits, store it, and answer."""
        assert self._store is not None
        while True:
            taken = [await self._inbox.get()]
            while not self._inbox.empty() and sum(len(facts) for facts, _ in taken) < COMMIT_MAX:
                taken.append(self._inbox.get_nowait())
            await self._store([fact for facts, _ in taken for fact in facts])
            for _, done in taken:
                done.set_result(None)


def file_store(path: Path) -> Store:
    """Append and fdatasync, in a thread."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def append(facts: Sequence[Fact]) -> None:
        os.write(opened, b"\n".join(body for _, _, body in facts) + b"\n")
        os.fdatasync(opened)

    return lambda facts: asyncio.to_thread(append, facts)


def rows_of(facts: Sequence[Fact], after: int) -> list[dict[str, Any]]:
    """As rows of the ledger, with the positions that follow."""
    return [
        {"contest": "bench", "position": position, "source": source, "seq": seq, "body": body.decode(), "hash": UNHASHED}
        for position, (source, seq, body) in enumerate(facts, after + 1)
    ]


def sqlite_store(url: str) -> Store:
    """SQLAlchemy's insertmany, WAL and FULL as ours, in a thread."""
    engine = create_engine(url, connect_args={"check_same_thread": False})
    stored = 0

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    ledger.create(engine)

    def append(facts: Sequence[Fact]) -> None:
        nonlocal stored
        with engine.begin() as connection:
            connection.execute(insert(ledger), rows_of(facts, stored))
        stored += len(facts)

    return lambda facts: asyncio.to_thread(append, facts)


async def postgres_store(url: str) -> Store:
    """SQLAlchemy's insertmany over asyncpg."""
    engine = create_async_engine(url)
    stored = 0
    async with engine.begin() as connection:
        await connection.run_sync(ledger.create)

    async def append(facts: Sequence[Fact]) -> None:
        nonlocal stored
        async with engine.begin() as connection:
            await connection.execute(insert(ledger), rows_of(facts, stored))
        stored += len(facts)

    return append


async def store_of(word: str) -> Store | None:
    if word == "nothing":
        return None
    if word.startswith("file:"):
        return file_store(Path(word.removeprefix("file:")))
    return sqlite_store(word) if word.startswith("sqlite") else await postgres_store(word)


async def main() -> None:
    front = Front(await store_of(sys.argv[1]))
    listening = door()
    config = uvicorn.Config(
        front.application, lifespan="off", interface="asgi3", log_level="error", ws_per_message_deflate=False, backlog=BACKLOG
    )
    print(f"port {listening.getsockname()[1]}", flush=True)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(uvicorn.Server(config).serve(sockets=[listening]))
        if sys.argv[1] != "nothing":
            tasks.create_task(front.write())


if __name__ == "__main__":
    asyncio.run(main())
