"""A socket that is over says so in one way, whoever noticed it first."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import WebSocket, WebSocketDisconnect
from starlette.types import Message

from contest_server.web.closing import say, say_bye
from contest_server.wire.messages import RESTARTING


def socket(fault: Exception) -> WebSocket:
    """An accepted socket whose server has begun to close it by itself, at a missed ping or at its own end."""

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        if message["type"] != "websocket.accept":
            raise fault

    scope: dict[str, Any] = {"type": "websocket", "headers": [], "path": "/"}
    return WebSocket(scope, receive, send)


@pytest.mark.parametrize(
    "fault", [RuntimeError("Unexpected ASGI message 'websocket.send', after sending 'websocket.close'."), OSError("gone")]
)
async def test_sending_on_a_socket_that_is_over_is_a_disconnect(fault: Exception) -> None:
    over = socket(fault)
    await over.accept()
    with pytest.raises(WebSocketDisconnect):
        await say(over, "a frame")
    await say_bye(over, RESTARTING)
