"""The sockets' protocol, with bounds that uvicorn leaves open: sizes by path, fragments, pings, and peers that never read.

The hooks are uvicorn's own names; `tests/web/test_hub_contract.py` notices when a new version has others.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from contest_server.live.settings import Settings
from contest_server.web.lingering import Lingering, Porch
from contest_server.web.quiet import Unread
from contest_server.wire.framing import is_utf8

VENUE_MESSAGE_MAX_BYTES = 16_777_216
"""A venue's message up to here is read and refused by name (`too_large`); a longer one ends its socket with close code 1009."""
OTHER_MESSAGE_MAX_BYTES = 65_536
"""Displays and officials say little."""
FRAGMENTS_MAX = 1_024
"""Of one message. An empty one costs its sender six bytes, and the server more."""
PINGS_PER_S = 50
MESSAGES_PER_S = 500
"""Of displays and officials, who say what they painted and what they look at. Venues are read more slowly instead (`wire/pace.py`)."""
TOO_MANY_FRAMES = 1008
NO_TEXT = 1007
UNREADABLE = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
"""Where the library says nothing of why."""


class PerSecond:
    """Counts within a second, as cheaply as can be."""

    def __init__(self, most: int) -> None:
        self._most, self._count, self._since_s = most, 0, 0.0

    def is_over(self, now_s: float) -> bool:
        """One more: whether that is too many."""
        if now_s - self._since_s >= 1.0:
            self._count, self._since_s = 0, now_s
        self._count += 1
        return self._count > self._most


class Guarded(WebSocketsSansIOProtocol):
    """One socket. What breaks a bound ends it with a close code, and no other."""

    settings: ClassVar[Settings]
    porch: ClassVar[Porch]
    is_silent: ClassVar[bool] = True
    """The library's own debugging writes all headers into the log, tokens and cookies too."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn.debug = self.conn.debug and not self.is_silent
        self._unread = Unread(self.settings.unread_timeout_s)
        self._pings, self._messages = PerSecond(PINGS_PER_S), PerSecond(MESSAGES_PER_S)
        self._is_venue = self._lingers = False
        self._before_ping_bytes = 0
        """What was still to be handed over before the ping that is not answered, when that was looked at last."""

    def handle_connect(self, event: Request) -> None:
        is_venue = self._is_venue = event.path.partition("?")[0].endswith("/events")
        self.conn.max_message_size = max(VENUE_MESSAGE_MAX_BYTES, self.settings.message_max_bytes) if is_venue else OTHER_MESSAGE_MAX_BYTES
        super().handle_connect(event)
        self._unread.closing(self.transport)

    def answer_unasked(self) -> None:
        """After the head was handed over: where the library could read no request in it (a line of it is too long, or a body follows), let
        it say so, and close. uvicorn waits for a request, and so nobody would ever end this connection.
        """
        if not self.handshake_initiated:
            self.handshake_complete = self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()) or UNREADABLE)
            self.transport.close()
            self._unread.closing(self.transport)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= FRAGMENTS_MAX:
            self._end(f"more than {FRAGMENTS_MAX} fragments")
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        if not self._is_venue and self._messages.is_over(self.loop.time()):
            self.frames = []
            self._end(f"more than {MESSAGES_PER_S} messages in a second")
            return
        self.pass_on()

    def pass_on(self) -> None:
        """A whole message, within its bounds, goes to the application. One that is no text would leave a traceback in the log there."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.fail(NO_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        """Answer, where somebody reads: to whoever does not, one pong less is no loss, but a heap of them would be."""
        if self._pings.is_over(self.loop.time()):
            self._end(f"more than {PINGS_PER_S} pings in a second")
        elif self.writable.is_set() and not self._lingers:
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.paused(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread.resumed()
        if self.pong_timer is not None:  # all that was written was taken: the ping can be read from now on
            self._await_pong(0)

    def send_keepalive_ping(self) -> None:
        super().send_keepalive_ping()
        self._before_ping_bytes = self.transport.get_write_buffer_size()

    def keepalive_timeout(self) -> None:
        """Who reads on, over a thin line, has not come to the ping yet."""
        unread_bytes = self.transport.get_write_buffer_size()
        if unread_bytes < self._before_ping_bytes:
            self._await_pong(unread_bytes)
            return
        self._leave()
        super().keepalive_timeout()
        self._unread.closing(self.transport)

    def _await_pong(self, before_ping_bytes: int) -> None:
        """As long again from now on."""
        if self.pong_timer is not None:
            self.pong_timer.cancel()
        self._before_ping_bytes = before_ping_bytes
        self.pong_timer = self.loop.call_later(self.settings.ping_timeout_s, self.keepalive_timeout)

    def handle_close(self, event: Frame) -> None:
        self._leave()
        super().handle_close(event)
        self._unread.closing(self.transport)

    def handle_parser_exception(self) -> None:
        """As uvicorn does it, but for the end: who still talks would not hear the goodbye."""
        self._leave()
        close = self.conn.close_sent
        assert close is not None
        self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._send_away()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self._unread.closing(self.transport)

    def eof_received(self) -> None:
        self._leave()
        super().eof_received()

    def shutdown(self) -> None:
        """Who has said goodbye, and has not read ours yet, is told nothing more: the library would refuse it."""
        self._leave()
        self.close_sent = self.close_sent or self.conn.state in (State.CLOSING, State.CLOSED)
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        self._unread.lost()
        super().connection_lost(exc)

    def _leave(self) -> None:
        """This socket is over, or about to be: whoever writes to it past the application leaves it."""

    def _end(self, why: str) -> None:
        """Close as after a fault of the protocol. Who goes on like that after the goodbye is listened to no more."""
        if self.close_sent:
            self._send_away()
        else:
            self.conn.fail(TOO_MANY_FRAMES, why)
            self.handle_parser_exception()

    def _send_away(self) -> None:
        """The goodbye was said: close, once it had time to arrive."""
        if self._lingers or self.transport.is_closing():
            return
        if self.client is None or not self.porch.enter(self.client[0]):
            self.transport.close()
            self._unread.closing(self.transport)
            return
        self._lingers = True
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = Lingering(self, self.transport, self.porch, self.client[0]).begin()
