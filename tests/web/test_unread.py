"""A thin line is no fault of who reads: they are waited for as long as they read on. Who reads no more, or hardly, is cut off in time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from contest_server.live.settings import Settings
from contest_server.web.guarded import Guarded
from contest_server.web.quiet import CLOSE_WITHIN_S, READ_BYTES_PER_S, Unread
from tests.clockwork import run

WITHIN_S = 30.0
FRAME_BYTES = 2_000_000
"""A whole board of a thousand contestants, not deflated."""
THIN_BYTES_PER_S = 8_000
"""64 kbit/s."""


class Thin:
    """A transport with so much to hand over, to somebody who reads so fast until they stop (s)."""

    def __init__(self, kept_bytes: float, bytes_per_s: float, stops_s: float = float("inf")) -> None:
        self.kept_bytes, self._bytes_per_s, self._stops_s = kept_bytes, bytes_per_s, stops_s
        self.ended_s: float | None = None
        self.ended = asyncio.Event()
        self.closes = False
        self.written = b""

    def get_write_buffer_size(self) -> int:
        read_s = min(asyncio.get_running_loop().time(), self._stops_s)
        return max(0, round(self.kept_bytes - read_s * self._bytes_per_s))

    def is_closing(self) -> bool:
        return self.closes or self.ended_s is not None

    def abort(self) -> None:
        self.ended_s = asyncio.get_running_loop().time()
        self.ended.set()

    close = abort

    def write(self, data: bytes) -> None:
        self.written += data


def cut_off_s(thin: Thin, *, is_closed: bool = False) -> float | None:
    """When it was cut off; None where it has handed over everything."""

    async def watch() -> float | None:
        unread = Unread(WITHIN_S)
        thin.closes = is_closed
        if is_closed:
            unread.closing(cast(Any, thin))
        else:
            unread.paused(cast(Any, thin))
        with suppress(TimeoutError):
            async with asyncio.timeout(thin.kept_bytes / THIN_BYTES_PER_S):
                await thin.ended.wait()
        unread.lost()
        return thin.ended_s

    return run(watch())


@pytest.mark.parametrize("is_closed", [False, True])
def test_who_reads_slowly_gets_everything(is_closed: bool) -> None:
    assert cut_off_s(Thin(FRAME_BYTES, THIN_BYTES_PER_S), is_closed=is_closed) is None


def test_who_stops_to_read_is_cut_off_in_time() -> None:
    assert cut_off_s(Thin(FRAME_BYTES, 0)) == WITHIN_S
    stopped = cut_off_s(Thin(FRAME_BYTES, THIN_BYTES_PER_S, stops_s=45))
    assert stopped is not None
    assert stopped <= 45 + 2 * WITHIN_S
    assert cut_off_s(Thin(FRAME_BYTES, 0), is_closed=True) == CLOSE_WITHIN_S


def test_who_hardly_reads_is_cut_off_too() -> None:
    assert cut_off_s(Thin(FRAME_BYTES, READ_BYTES_PER_S / 2)) == WITHIN_S


def pinged(thin: Thin, interval_s: float = 20.0) -> Thin:
    """A socket whose other side is asked now whether it is there, behind all that is kept for it, and never answers."""

    async def ask() -> None:
        asking(thin, interval_s)
        await thin.ended.wait()

    run(ask())
    return thin


def asking(thin: Thin, interval_s: float) -> Guarded:
    """A socket that has just sent a ping."""
    socket = Guarded.__new__(Guarded)
    socket.loop, socket.transport = asyncio.get_running_loop(), cast(Any, thin)
    socket.settings = Settings(ping_timeout_s=interval_s)  # type: ignore[misc] # of the class, in the server
    socket.ping_timeout, socket.close_sent, socket.logger = interval_s, False, cast(Any, SimpleNamespace(level=99))
    socket.writable, socket._unread = asyncio.Event(), Unread(1_000)
    socket.conn = cast(Any, SimpleNamespace(send_ping=lambda _: None, fail=lambda *_: None, data_to_send=lambda: [b"ping"]))
    socket.send_keepalive_ping()
    return socket


def test_a_ping_behind_a_large_frame_may_be_answered_when_that_has_been_read() -> None:
    """Else a display on a thin line would be sent away before it has its first frame, and again when it comes back."""
    thin = pinged(Thin(FRAME_BYTES, THIN_BYTES_PER_S))
    assert thin.ended_s is not None
    assert FRAME_BYTES / THIN_BYTES_PER_S + 20 <= thin.ended_s <= FRAME_BYTES / THIN_BYTES_PER_S + 2 * 20


def test_a_ping_behind_frames_that_follow_each_other_is_waited_for_as_long_as_they_are_taken() -> None:
    """The next frame fills what is kept again before the ping has come through: that something was taken counts, not how much is left."""

    async def ask() -> float:
        thin, loop = Thin(FRAME_BYTES, 0), asyncio.get_running_loop()
        socket = asking(thin, 20.0)
        for _ in range(5):
            await asyncio.sleep(15)
            socket.resume_writing()
        await thin.ended.wait()
        return loop.time()

    assert run(ask()) == 5 * 15 + 20


def test_a_ping_to_who_does_not_read_is_not_waited_for_any_longer() -> None:
    assert pinged(Thin(FRAME_BYTES, 0)).ended_s == 20.0
    assert pinged(Thin(0, 0)).ended_s == 20.0
