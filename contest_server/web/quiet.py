"""Connections that never finish asking are dropped: who opens a port and says nothing, or trickles, holds a descriptor for a while only.

Refuses heads that are too long (431) and bodies that take too long (408); what is read too slowly is cut off.
The hooks are uvicorn's own names; `tests/web/test_quiet.py` notices when a new version has others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from contest_server.core.saying import Said
from contest_server.live.settings import Settings
from contest_server.web.doors import Doors
from contest_server.web.languages import language_of, told

HEAD_MAX_BYTES = 32_768
"""The address, all headers, and the trailers after a body."""
HEADERS_MAX = 100
DRAINED_MAX_BYTES = 67_108_864
"""A body that was refused is read and thrown away up to here, so that whoever sends it hears why."""
CLOSE_WITHIN_S = 5.0
"""How long a connection that was closed may hand over nothing of its last words."""
READ_BYTES_PER_S = 1_024
"""Who reads no faster than that counts as one who does not read: no line is so thin."""


def raw_answer(status: bytes, code: str, detail: Said, scope: Mapping[str, Any] | None) -> bytes:
    """An error where no application is there to answer: in the one shape of all errors, in the language that was asked for so far."""
    body = msgspec.json.encode({"code": code, "detail": told(detail, "en" if scope is None else language_of(scope))})
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (status, len(body))
    return head + body


def head_too_large(scope: Mapping[str, Any] | None) -> bytes:
    detail = Said("at most {count} headers and {most} bytes of them", count=HEADERS_MAX, most=HEAD_MAX_BYTES)
    return raw_answer(b"431 Request Header Fields Too Large", "too_large", detail, scope)


def body_too_slow(scope: Mapping[str, Any] | None) -> bytes:
    return raw_answer(b"408 Request Timeout", "too_slow", Said("the body took too long to arrive; send it once more"), scope)


class Timer:
    """At most one thing that happens later, unless it is put off or left."""

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    def begin(self, seconds: float, then: Callable[[], object]) -> None:
        self.end()
        self._handle = asyncio.get_running_loop().call_later(seconds, then)

    def end(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    @property
    def runs(self) -> bool:
        return self._handle is not None


class Unread:
    """Watches what was written to a connection and is not read. As long as the other side reads on, it is waited for: a line may be thin,
    and what goes over it large. Who reads nothing for a while, or hardly anything, is cut off.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s, self._full, self._closed = within_s, Timer(), Timer()

    def paused(self, transport: asyncio.Transport) -> None:
        self._watch(transport, self._full, self._within_s)

    def resumed(self) -> None:
        self._full.end()

    def closing(self, transport: asyncio.Transport) -> None:
        """A closed transport waits until all was read, for ever if need be."""
        if transport.is_closing() and not self._closed.runs:
            self._watch(transport, self._closed, min(self._within_s, CLOSE_WITHIN_S))

    def lost(self) -> None:
        self._full.end()
        self._closed.end()

    def _watch(self, transport: asyncio.Transport, timer: Timer, within_s: float) -> None:
        enough = transport.get_write_buffer_size() - READ_BYTES_PER_S * within_s

        def look() -> None:
            if transport.get_write_buffer_size() <= enough:
                self._watch(transport, timer, within_s)
            else:
                transport.abort()

        timer.begin(within_s, look)


class Impatient(HttpToolsProtocol):
    """A request has to arrive in time: its head within `hello_timeout_s`, its body within `body_timeout_s`."""

    settings: ClassVar[Settings]
    doors: ClassVar[Doors]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._late, self._unread = Timer(), Unread(self.settings.unread_timeout_s)
        self._trickled_bytes, self._head_bytes, self._headers, self._body_bytes, self._whole = 0, 0, 0, 0, 0
        self._address = ""
        self._is_in_head, self._is_over = True, False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if self.doors.enter(self._address):
            self._await_head()
        else:
            self._address = ""
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        self._unread.lost()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._leave()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        before = (self._is_in_head, self._whole)
        super().data_received(data)
        if self._is_over or not self._is_in_head or self.transport.is_closing():
            return
        if before == (True, self._whole):
            self._trickled_bytes += len(data)  # of a header that is not whole the parser tells nothing
        if self._is_head_too_large:
            self.send_400_response("")
        elif self._is_idle and self.timeout_keep_alive_task is None and not self._late.runs:
            self._await_head()  # some bytes of the next request have ended uvicorn's own wait for it

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._trickled_bytes = self._head_bytes = self._body_bytes = self._headers = 0

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        self._check_head()
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers += 1
        self._head_bytes += len(name) + len(value)
        self._check_head()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._late.begin(self.settings.body_timeout_s, self._too_late)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)
        if self._body_bytes > DRAINED_MAX_BYTES and self.cycle.response_complete:
            self.transport.abort()

    def on_message_complete(self) -> None:
        self._is_in_head = True
        self._whole += 1
        self._late.end()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._is_head_too_large:
            self.transport.write(head_too_large(self.scope))
            self.transport.close()
        else:
            super().send_400_response(msg)
        self._unread.closing(self.transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread.paused(self.transport)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread.resumed()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._unread.closing(self.transport)

    @property
    def _is_head_too_large(self) -> bool:
        return self._headers > HEADERS_MAX or max(self._head_bytes, self._trickled_bytes) > HEAD_MAX_BYTES

    @property
    def _is_idle(self) -> bool:
        """No request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _await_head(self) -> None:
        self._late.begin(self.settings.hello_timeout_s, self._too_late)

    def _check_head(self) -> None:
        if self._headers > HEADERS_MAX or self._head_bytes > HEAD_MAX_BYTES:
            raise ValueError("the head is too long")  # the parser stops, and says that the request is bad

    def _too_late(self) -> None:
        self._late.end()
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_started and not self.transport.is_closing():
            self.transport.write(body_too_slow(self.scope))
        self.transport.close()
        self._unread.closing(self.transport)

    def _leave(self) -> None:
        self._is_over = True
        self._late.end()
        if self._address:
            self.doors.leave(self._address)
            self._address = ""
