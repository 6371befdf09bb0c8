"""A socket that is over says so in one way, whoever noticed it first."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import WebSocket, WebSocketDisconnect
from starlette.types import Message

from contest_server.core.ids import ContestId
from contest_server.ledger.lane import LedgerBusy
from contest_server.live.board import TooManyViews
from contest_server.live.desks import UnknownContest
from contest_server.live.inbox import DeskClosed
from contest_server.live.views import BadView
from contest_server.web.closing import Closing, say, say_bye
from contest_server.web.conversing import accepted, closing_with_reason
from contest_server.web.errors import NotAllowed, NotLoggedIn
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


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotAllowed("of another venue"), "not_allowed"),
        (NotLoggedIn("no token"), "not_allowed"),
        (UnknownContest(ContestId("none")), "unknown_contest"),
        (BadView("top:x"), "bad_view"),
        (TooManyViews(), "too_many_sockets"),
        (DeskClosed(ContestId("fair")), "restarting"),
        (LedgerBusy(), "restarting"),
    ],
)
def test_whoever_cannot_be_served_is_told_why(fault: Exception, code: str) -> None:
    with pytest.raises(Closing) as closing, closing_with_reason():
        raise fault
    assert closing.value.close.code == code


async def test_who_leaves_by_themself_is_no_fault_and_who_is_sent_away_hears_why() -> None:
    heard: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        heard.append(message)

    for end in (WebSocketDisconnect(1001), Closing(RESTARTING)):
        async with accepted(WebSocket({"type": "websocket", "headers": [], "path": "/"}, receive, send)):
            raise end
    assert [message["type"] for message in heard] == ["websocket.accept"] * 2 + ["websocket.send", "websocket.close"]
    assert heard[-1]["code"] == RESTARTING.status
