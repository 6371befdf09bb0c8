"""The hall's server on a real WebSocket, and the command as a process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tests.agent.hall import BINDING, Json, Server

TOKEN = "a-venue's-secret"
PATH = "/api/contests/cup/venues/yueqing/events"
COMMAND = (sys.executable, "-c", "import typer; from contest_server.commands.venue import venue; typer.run(venue)")

Moment = Callable[[str], None]
"""Told what is about to happen: hello, before, after (it is taken), answered."""


class _Desk:
    def __init__(self, server: Server, at: Moment, close_code: int | None) -> None:
        self._server, self._at, self._close_code = server, at, close_code

    async def attend(self, socket: ServerConnection) -> None:
        try:
            async for text in socket:
                for answer in self._answers(json.loads(text), str(text)):
                    await socket.send(json.dumps(answer))
                self._at("answered")
                if self._close_code is not None:
                    await socket.close(self._close_code, "as asked")
        except ConnectionClosed:
            return

    def _answers(self, message: Json, text: str) -> list[Json]:
        if message["type"] == "hello":
            self._at("hello")
            return [self._server.welcome(), {"type": "time", "t": 5}]
        if message["type"] != "events":
            return []
        self._at("before")
        taken = self._server.take(text)
        self._at("after")
        return taken


def _guard(socket: ServerConnection, request: Request) -> Response | None:
    if request.path != PATH:
        return socket.respond(HTTPStatus.NOT_FOUND, "no such venue")
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return socket.respond(HTTPStatus.UNAUTHORIZED, "no such token")
    return None


@asynccontextmanager
async def listening(server: Server, at: Moment = lambda _moment: None, close_code: int | None = None) -> AsyncIterator[str]:
    """The address of a server of this venue alone."""
    attend = _Desk(server, at, close_code).attend
    async with serve(attend, "127.0.0.1", 0, process_request=_guard, subprotocols=[Subprotocol("contest.v1")]) as listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


def arguments(url: str, outbox: Path) -> tuple[str, ...]:
    place = ("--contest", BINDING.contest, "--venue", BINDING.venue, "--source", BINDING.source)
    return ("--server", url, *place, "--outbox", str(outbox))


async def started(*options: str, token: str = TOKEN) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    env = {**os.environ, "CONTEST_TOKEN": token}
    return await asyncio.create_subprocess_exec(*COMMAND, *options, stdin=pipe, stdout=pipe, stderr=pipe, env=env)


async def outcome(process: asyncio.subprocess.Process, typed: bytes = b"") -> tuple[int | None, str, str]:
    """Exit status and what it wrote."""
    out, errors = await process.communicate(typed)
    return process.returncode, out.decode(), errors.decode()
