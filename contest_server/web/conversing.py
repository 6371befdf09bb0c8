"""What every socket does: come in, end with a word, say something first, do several things until one ends, sleep until there is news."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

from fastapi import WebSocket, WebSocketDisconnect

from contest_server.ledger.port import LedgerFault
from contest_server.live.board import TooManyViews
from contest_server.live.desks import UnknownContest
from contest_server.live.inbox import DeskClosed
from contest_server.live.views import BadView
from contest_server.web.closing import Closing, say_bye
from contest_server.web.errors import NotAllowed
from contest_server.wire.messages import (
    BAD_HELLO,
    BAD_VIEW,
    HELLO_TIMEOUT,
    NOT_ALLOWED,
    RESTARTING,
    SUBPROTOCOL,
    TOO_MANY,
    UNKNOWN_CONTEST,
    Close,
)
from contest_server.wire.reading import BadMessage

T = TypeVar("T")

REASONS: Mapping[type[Exception], Close] = {
    NotAllowed: NOT_ALLOWED,
    UnknownContest: UNKNOWN_CONTEST,
    BadView: BAD_VIEW,
    TooManyViews: TOO_MANY,
    DeskClosed: RESTARTING,
    LedgerFault: RESTARTING,
}
"""Why whoever comes cannot be served, and with which word their socket ends."""


@asynccontextmanager
async def accepted(socket: WebSocket) -> AsyncIterator[None]:
    """Let a socket in, and close it with a word where Closing is raised. Whoever leaves by themself comes back: that is no fault."""
    await socket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in socket.scope.get("subprotocols", []) else None)
    try:
        yield
    except Closing as closing:
        await say_bye(socket, closing.close)
    except WebSocketDisconnect:
        return


@contextmanager
def closing_with_reason() -> Iterator[None]:
    """Raises Closing in the place of what says why somebody cannot be served."""
    try:
        yield
    except tuple(REASONS) as error:
        raise Closing(next(close for kind, close in REASONS.items() if isinstance(error, kind))) from None


async def received(socket: WebSocket) -> str | bytes:
    """The next message, whatever its kind. Raises WebSocketDisconnect."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000), message.get("reason"))
    text: str | bytes | None = message.get("text")
    return text if text is not None else message["bytes"]


async def first_message(socket: WebSocket, read: Callable[[str | bytes], T], within_s: float) -> T:
    """What it says first. Raises Closing: nothing in time, or nothing that can be read."""
    try:
        async with asyncio.timeout(within_s):
            return read(await received(socket))
    except TimeoutError:
        raise Closing(HELLO_TIMEOUT) from None
    except BadMessage:
        raise Closing(BAD_HELLO) from None


async def until_one_ends(*work: Coroutine[None, None, None]) -> None:
    """Do all of it at once, and stop all of it when the socket ends. Raises Closing or WebSocketDisconnect, as the first that ended did."""
    ended: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            for each in work:
                tasks.create_task(each)
    except* (Closing, WebSocketDisconnect) as group:
        ended = group.exceptions[0]
    if ended is not None:
        raise ended


async def woken(event: asyncio.Event, by_s: float) -> bool:
    """Wait for it until this time of the loop; False when that has come first."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(by_s):
            await event.wait()
            return True
    return False
