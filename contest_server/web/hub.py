"""Sockets of displays, written to past the application: the same bytes for all, straight to the descriptor while nothing is kept for it.

uvicorn's own transport writes everything else, in the same order: what did not go at once, pings, goodbyes, and all of TLS. The hooks are
uvicorn's own names; `tests/web/test_hub_contract.py` notices when a new version has others.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, cast

from fastapi import WebSocket, WebSocketDisconnect
from starlette.types import ASGIApp
from uvicorn.protocols.utils import is_ssl
from websockets.http11 import Request
from websockets.protocol import Protocol, State

from contest_server.live.pouring import NO_DESCRIPTOR
from contest_server.live.seats import Seat
from contest_server.live.settings import Settings
from contest_server.web.doors import Doors
from contest_server.web.lingering import Porch
from contest_server.web.listening import Listening
from contest_server.wire.framing import DEFLATED, is_utf8, short_frame_end, short_text
from contest_server.wire.handshake import SHARED_DEFLATE, Handshake, is_shared
from contest_server.wire.messages import BAD_MESSAGES

EXTENSION: Final = "contest.display"
"""Under this name a display's socket is found in the scope; another server than uvicorn has none."""
KEPT_BY_DEFAULT_BYTES: Final = 65_536
"""From where on uvicorn waits for who does not read."""


class InTurn:
    """A transport. Frames go past it: whatever else is written waits until none is half way."""

    __slots__ = ("_inner", "_make_way")

    def __init__(self, inner: asyncio.Transport, make_way: Callable[[], None]) -> None:
        self._inner, self._make_way = inner, make_way

    def write(self, data: bytes) -> None:
        self._make_way()
        self._inner.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class DisplaySocket(Listening):
    """One socket. Until it takes a seat, and after it has left, it is like any other."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._seat: Seat | None = None
        self._is_aligned = True
        """Whatever was received since the handshake ended with a whole frame, so that short ones can be read without the parser."""
        self.deflated = False
        self.descriptor = NO_DESCRIPTOR
        self.put: Callable[[bytes], int] = nowhere
        self._straight = self.put
        self._answer = b""
        """To the handshake, where it has not left yet."""

    # ---- without an application ---------------------------------------------------------------------------------------------------

    def shaken(self, handshake: Handshake) -> None:
        """Both sides have agreed, although the answer leaves with the first frame only: as after `handle_connect` and an accept."""
        self.conn.extensions, self.conn.state = handshake.extensions, State.OPEN
        self.conn.parser = Protocol.parse(self.conn)  # which begins after the request
        next(self.conn.parser)
        self.handshake_initiated = self.handshake_complete = True
        self._answer = handshake.answer
        self.start_keepalive()

    def leave_to(self, app: ASGIApp) -> None:
        """Let this application end the socket, as one that had served it from the beginning."""
        self.app, self.scope = app, cast(Any, {"type": "websocket"})
        task = self.loop.create_task(self.run_asgi())
        task.add_done_callback(self.on_task_complete)
        self.tasks.add(task)

    def hang_up(self) -> None:
        """The display has left by itself, or was sent away past the application."""
        if not self._lingers:
            self.transport.close()
            self._unread.closing(self.transport)

    # ---- the seat ----------------------------------------------------------------------------------------------------------------

    @contextmanager
    def prepared(self) -> Iterator[DisplaySocket]:
        """Ready to be written to directly, inside this block."""
        transport = self._inner = self.transport
        if self.disconnected:
            raise WebSocketDisconnect(1006)
        if is_ssl(transport):
            transport.set_write_buffer_limits(high=1, low=0)  # with 0 it would count as full while nothing is kept
            self._straight = self._put_in_turn
        else:
            transport.set_write_buffer_limits(high=0)
            self.descriptor = transport.get_extra_info("socket").fileno()
            self._straight = partial(os.write, self.descriptor)
            self.transport = cast(asyncio.Transport, InTurn(transport, self._make_way))
        self.put = self._put_first if self._answer else self._straight
        self.deflated = any(is_shared(each) for each in self.conn.extensions)
        try:
            yield self
        finally:
            self._leave()
            self.transport, self.put, self._straight = transport, nowhere, nowhere
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
        if self._answer and self._seat is not None:
            self.put(b"")  # there was no frame to go with it
        seat.put = self.put

    @property
    def is_clear(self) -> bool:
        return self.writable.is_set()

    def keep(self, data: bytes) -> None:
        self._inner.write(data)
        if self.writable.is_set() and self._seat is not None:
            # all of it went at once, because the display had read on meanwhile: the transport neither pauses nor resumes
            asyncio.get_running_loop().call_soon(self._seat.cleared)

    def _put_first(self, data: bytes) -> int:
        """The answer to the handshake and the first frame, in one."""
        answer, self._answer, self.put = self._answer, b"", self._straight
        try:
            written = self.put(answer + data)
        except OSError:  # its transport finds out why
            written = 0
        if written < len(answer):
            self.transport.write(answer[written:])
            return 0
        return written - len(answer)

    def _put_in_turn(self, data: bytes) -> int:
        """By the transport, which keeps what does not go."""
        self.transport.write(data)
        return len(data)

    def _make_way(self) -> None:
        if self._seat is not None:
            self._seat.make_way()

    def _leave(self) -> None:
        """Nothing is written directly from now on: the descriptor may soon be another's."""
        super()._leave()
        self.descriptor = NO_DESCRIPTOR
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
        if self._is_venue or not self._is_aligned or not self.handshake_complete:
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
                self._say(text)
                begin = after
            end = after
        if begin < end:
            super().data_received(data[begin:])

    def _short_text(self, data: bytes, begin: int, end: int) -> bytes | None:
        """What a seated display says, where it is simple; None for what the parser has to read."""
        if self._seat is None or (data[begin] == DEFLATED and not self.deflated):
            return None
        return short_text(data, begin, end)

    def _say(self, text: bytes) -> None:
        """A short message, in ASCII. What comes after the last frame, or too often, is treated as any other."""
        if self._seat is not None and not self._messages.is_over(self.loop.time()):
            self._seat.heard(text, BAD_MESSAGES)
            return
        self.frames, self.curr_msg_data_type = [text], "text"
        self.send_receive_event_to_app()

    def pass_on(self) -> None:
        said = b"".join(self.frames)
        if self.curr_msg_data_type == "text" and not is_utf8(said):
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

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing of it is left that refers to itself: the collector of cycles comes seldom, and takes long where thousands have left."""
        super().connection_lost(exc)
        self.conn.parser.close()  # which holds the connection that holds it

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application has ended: nobody looks for the socket in its scope any more."""
        super().on_task_complete(task)
        cast(dict[str, Any], self.scope).pop("extensions", None)


def nowhere(data: bytes) -> int:  # noqa: ARG001 - as whatever takes bytes
    """Where a socket puts what nobody is there for."""
    return 0


def display_socket(socket: WebSocket) -> DisplaySocket | None:
    """The socket of a display, where it can be written to directly."""
    found: dict[str, DisplaySocket] = socket.scope.get("extensions", {}).get(EXTENSION, {})
    return found.get("socket")


def sockets_within(settings: Settings, doors: Doors) -> type[DisplaySocket]:
    """The protocol class for uvicorn."""
    return type("SocketHere", (DisplaySocket,), {"settings": settings, "porch": Porch(doors)})
