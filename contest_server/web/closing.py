"""Ending a socket with a word: a bye that says why and whether to come back, then the close code that says the same."""

from __future__ import annotations

import asyncio

from fastapi import WebSocket, WebSocketDisconnect
from starlette.types import Message

from contest_server.wire.messages import Bye, Close
from contest_server.wire.venue import encode


class Closing(Exception):
    """This socket ends, for this reason."""

    def __init__(self, close: Close) -> None:
        super().__init__(close.code)
        self.close = close


async def say(socket: WebSocket, text: str) -> None:
    """Send it. Raises WebSocketDisconnect where the socket is over: the other side left, or this one has begun to close it."""
    try:
        await socket.send_text(text)
    except RuntimeError as error:
        raise WebSocketDisconnect(1006, str(error)) from error


async def close_when(event: asyncio.Event, close: Close) -> None:
    """End the socket for this reason once the event is set. Raises Closing."""
    await event.wait()
    raise Closing(close)


def last_words(close: Close) -> tuple[Message, Message]:
    """The bye, and the close code that says the same, as an application sends them."""
    bye: Message = {"type": "websocket.send", "text": encode(Bye(close.code, close.retry))}
    return bye, {"type": "websocket.close", "code": close.status, "reason": close.code}


async def say_bye(socket: WebSocket, close: Close) -> None:
    """Say why, and close. A socket that is gone already is no error."""
    try:
        await say(socket, encode(Bye(close.code, close.retry)))
        await socket.close(close.status, close.code)
    except (WebSocketDisconnect, RuntimeError):
        return
