"""Sending somebody away who still talks: what they say is read and thrown away for a moment, so that the last word arrives.

A connection that is closed while something lies unread is reset, and a reset may take the last word with it. Refuses to wait for long, for
much, and for many at once: those are closed at once, as they always were.
"""

from __future__ import annotations

import asyncio

from contest_server.web.doors import Doors

LINGER_WITHIN_S = 2.0
LINGER_MAX_BYTES = 16_777_216
"""As much as one more message of a venue."""
LINGERING_MAX = 1_000
"""Of all addresses together: reverse proxies are not counted by address."""


class Porch:
    """Those who were sent away and still talk. They count among the open connections of their address."""

    def __init__(self, doors: Doors) -> None:
        self._doors, self._count = doors, 0

    def enter(self, host: str) -> bool:
        """Whether one from here may stay for a moment; they are counted until `leave` if so."""
        if self._count >= LINGERING_MAX or not self._doors.stay(host):
            return False
        self._count += 1
        return True

    def leave(self, host: str) -> None:
        self._count -= 1
        self._doors.leave(host)


class Lingering(asyncio.Protocol):
    """In the place of the protocol that `served` a connection, and that is still told what becomes of it."""

    def __init__(self, served: asyncio.Protocol, transport: asyncio.Transport, porch: Porch, host: str) -> None:
        self._served, self._transport, self._porch, self._host = served, transport, porch, host
        self._left_bytes = LINGER_MAX_BYTES

    def begin(self) -> asyncio.TimerHandle:
        """Say no more, and read on. Returns what ends it in time."""
        self._transport.set_protocol(self)
        if self._transport.can_write_eof():
            self._transport.write_eof()
        if not self._transport.is_reading():
            self._transport.resume_reading()
        return asyncio.get_running_loop().call_later(LINGER_WITHIN_S, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        self._left_bytes -= len(data)
        if self._left_bytes < 0:
            self._transport.abort()

    def pause_writing(self) -> None:
        self._served.pause_writing()

    def resume_writing(self) -> None:
        self._served.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._porch.leave(self._host)
        self._served.connection_lost(exc)
