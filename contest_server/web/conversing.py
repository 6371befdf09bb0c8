"""What every socket does: wait for the first message, do several things until one ends, sleep until there is news or a beat is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TypeVar

from fastapi import WebSocket, WebSocketDisconnect

from contest_server.web.closing import Closing
from contest_server.wire.messages import BAD_HELLO, HELLO_TIMEOUT
from contest_server.wire.reading import BadMessage

T = TypeVar("T")


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
