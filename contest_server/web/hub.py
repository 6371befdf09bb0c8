"""Sockets of displays, written to past the application: the same bytes for all, straight to the descriptor while nothing is kept for it.

uvicorn's own transport writes everything else, in the same order: what did not go at once, pings, goodbyes, and all of TLS. The hooks are
uvicorn's own names; `tests/web/test_hub_contract.py` notices when a new version has others.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from fastapi import WebSocket, WebSocketDisconnect
from uvicorn.protocols.utils import is_ssl
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from contest_server.live.seats import Seat
from contest_server.live.settings import Settings
from contest_server.web.guarded import Guarded
from contest_server.wire.framing import DEFLATED, WINDOW_BITS, short_frame_end, short_text
from contest_server.wire.messages import BAD_MESSAGES

EXTENSION: Final = "contest.display"
"""Under this name a display's socket is found in the scope; another server than uvicorn has none."""
SEND_BUFFER_BYTES: Final = 65_536
"""What the kernel keeps for a display that does not read: without a bound, megabytes of frames that are old."""
KEPT_BY_DEFAULT_BYTES: Final = 65_536
"""From where on uvicorn waits for who does not read."""
SHARED_DEFLATE: Final = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=WINDOW_BITS,
    client_max_window_bits=WINDOW_BITS,
    compress_settings={"memLevel": 5},
)
"""Every message for itself: one that was deflated once is good for all, and a socket keeps no memory for it."""


class DisplaySocket(Guarded):
    """One socket. Until it takes a seat, and after it has left, it is like any other."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._seat: Seat | None = None
        self._is_aligned = True
        """Whatever was received since the handshake ended with a whole frame, so that short ones can be read without the parser."""
        self.deflated = False
        self.put: Callable[[bytes], int] = self._put_in_turn

    # ---- the seat ----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def prepared(self) -> Iterator[DisplaySocket]:
        """Ready to be written to directly, inside this block."""
        transport = self.transport
        if self.disconnected:
            raise WebSocketDisconnect(1006)
        transport.set_write_buffer_limits(high=0)
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.put = self._put_in_turn if is_ssl(transport) else partial(os.write, raw.fileno())
        self.deflated = any(_is_shared(each) for each in self.conn.extensions)
        try:
            yield self
        finally:
            self._leave()
            self._wait_as_before()

    def take(self, seat: Seat) -> None:
        """This socket is that seat's from now on. What the display has said already is heard first."""
        self._seat = seat
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] == "websocket.receive":
                seat.heard(event.get("text") or event.get("bytes") or b"", BAD_MESSAGES)
            else:
                self._leave()
        if self.disconnected or self.transport.is_closing():
            self._leave()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        seat.cleared()

    @property
    def is_clear(self) -> bool:
        return self.writable.is_set()

    def keep(self, data: bytes) -> None:
        self.transport.write(data)
        if self.writable.is_set() and self._seat is not None:
            # all of it went at once, because the display had read on meanwhile: the transport neither pauses nor resumes
            asyncio.get_running_loop().call_soon(self._seat.cleared)

    def _put_in_turn(self, data: bytes) -> int:
        """By the transport, which keeps what does not go."""
        self.transport.write(data)
        return len(data)

    def _leave(self) -> None:
        """Nothing is written directly from now on: the descriptor may soon be another's."""
        seat, self._seat = self._seat, None
        if seat is not None:
            seat.end(None)

    def _wait_as_before(self) -> None:
        """The goodbye waits only where much is kept, as on any other socket."""
        if not self.transport.is_closing():
            self.transport.set_write_buffer_limits()
            if not self.writable.is_set() and self.transport.get_write_buffer_size() < KEPT_BY_DEFAULT_BYTES:
                self.resume_writing()

    # ---- hooks of uvicorn --------------------------------------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        is_board = event.path.partition("?")[0].endswith("/board")
        if is_board and self.config.ws_per_message_deflate:
            self.conn.available_extensions = [SHARED_DEFLATE]
        super().handle_connect(event)
        if is_board and self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = {"socket": self}

    def data_received(self, data: bytes) -> None:
        if not self._is_aligned or not self.handshake_complete:
            self._is_aligned = not self.handshake_initiated
            super().data_received(data)
            return
        begin = end = 0  # from `begin` to `end` lies what the parser has to read
        while end < len(data):
            after = short_frame_end(data, end)
            if after is None:
                self._is_aligned, end = False, len(data)
                break
            text = self._short_text(data, end, after)
            if text is not None:
                if begin < end:
                    super().data_received(data[begin:end])
                self.frames, self.curr_msg_data_type = [text], "text"
                self.send_receive_event_to_app()
                begin = after
            end = after
        if begin < end:
            super().data_received(data[begin:])

    def _short_text(self, data: bytes, begin: int, end: int) -> bytes | None:
        """What a seated display says, where it is simple; None for what the parser has to read."""
        if self._seat is None or (data[begin] == DEFLATED and not self.deflated):
            return None
        return short_text(data, begin, end)

    def pass_on(self) -> None:
        said = b"".join(self.frames)
        if self.curr_msg_data_type == "text" and not _is_utf8(said):
            if self.conn.state is State.OPEN:  # where the other side has closed already, nobody is left to be told
                super().pass_on()
        elif self._seat is not None:
            self.frames = []
            self._seat.heard(said, BAD_MESSAGES)
        else:
            super().pass_on()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._seat is not None:
            self._seat.stuck()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._seat is not None:
            self._seat.cleared()

    def handle_close(self, event: Frame) -> None:
        self._leave()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        self._leave()
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        self._leave()
        super().keepalive_timeout()

    def eof_received(self) -> None:
        self._leave()
        super().eof_received()

    def shutdown(self) -> None:
        self._leave()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)


def _is_shared(extension: object) -> bool:
    """Whether frames that were deflated once for all can be read by who agreed to this."""
    return (
        isinstance(extension, PerMessageDeflate) and extension.local_no_context_takeover and extension.local_max_window_bits >= WINDOW_BITS
    )


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def display_socket(socket: WebSocket) -> DisplaySocket | None:
    """The socket of a display, where it can be written to directly."""
    found: dict[str, DisplaySocket] = socket.scope.get("extensions", {}).get(EXTENSION, {})
    return found.get("socket")


def sockets_within(settings: Settings) -> type[DisplaySocket]:
    """The protocol class for uvicorn."""
    return type("SocketHere", (DisplaySocket,), {"settings": settings})
