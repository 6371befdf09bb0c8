"""Connections that never become a request end by themselves; those that did are left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from contest_server.web import quiet
from tests.contests import CUP
from tests.web.places import PATIENCE_S, note, served
from tests.web.raw import connected

BEGINNINGS = (b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"\x16\x03\x01")
HERE = f"/api/contests/{CUP}"
MANY, HEAD_WITHIN_S = 50, 29.0


class Waits:
    """All that waits for a request's head. Its time is over when the test says so, however slow the machine is."""

    def __init__(self) -> None:
        self.late: dict[quiet.Timer, Callable[[], object]] = {}
        self.begun, self.many = 0, asyncio.Event()

    def __len__(self) -> int:
        return len(self.late)

    def begin(self, timer: quiet.Timer, then: Callable[[], object]) -> None:
        self.late[timer] = then
        self.begun += 1
        if len(self) >= MANY:
            self.many.set()

    def end(self) -> None:
        """Now the time of all of them is over."""
        for late in list(self.late.values()):
            late()

    def timer(self) -> quiet.Timer:
        return _Timer(self)


class _Timer(quiet.Timer):
    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def begin(self, seconds: float, then: Callable[[], object]) -> None:
        if seconds == HEAD_WITHIN_S:
            self._waits.begin(self, then)
        else:
            super().begin(seconds, then)

    def end(self) -> None:
        self._waits.late.pop(self, None)
        super().end()

    @property
    def runs(self) -> bool:
        return self in self._waits.late or super().runs


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    found = Waits()
    monkeypatch.setattr(quiet, "Timer", found.timer)
    return found


@pytest.mark.parametrize("beginning", BEGINNINGS)
async def test_a_connection_that_never_asks_is_dropped_and_others_are_served_meanwhile(beginning: bytes, waits: Waits) -> None:
    async with served(hello_timeout_s=HEAD_WITHIN_S) as place, place.venue() as venue:
        host, _, port = place.url.removeprefix("http://").partition(":")
        opened = [await asyncio.open_connection(host, int(port)) for _ in range(MANY)]
        async with asyncio.timeout(PATIENCE_S):
            await waits.many.wait()
        begun = waits.begun
        for _, writer in opened:
            writer.write(beginning)
        assert (await venue.send(note(1)))["seq"] == 1  # whoever wrote before it was read before it
        assert waits.begun == begun, "who trickles is given no more time"
        waits.end()
        async with asyncio.timeout(PATIENCE_S):
            for reader, writer in opened:
                await reader.read()
                writer.close()
        assert (await venue.send(note(2)))["seq"] == 2


async def test_a_request_may_take_longer_than_its_headers_and_a_connection_may_be_kept(waits: Waits) -> None:
    async with served(hello_timeout_s=HEAD_WITHIN_S, beat_interval_ms=100) as place, place.display() as display:
        for _ in range(2):
            await place.board()
            assert not len(waits), "nobody who asked is waited for"
            waits.end()
            await display.hear("beat")
        assert (await place.board())["total"] == 5


async def test_time_that_is_over_comes_by_itself() -> None:
    over, timer = asyncio.Event(), quiet.Timer()
    timer.begin(0.0, over.set)
    async with asyncio.timeout(PATIENCE_S):
        await over.wait()


@pytest.mark.parametrize("path", [f"{HERE}/board", f"{HERE}/venues/yongjia/events", f"{HERE}/board?x={'a' * 9_000}"])
@pytest.mark.parametrize("line", [f"X-Long: {'a' * 9_000}", "Content-Length: 5", "Transfer-Encoding: chunked"])
async def test_a_socket_that_is_asked_for_in_a_way_that_cannot_be_read_is_refused_and_does_not_stay(path: str, line: str) -> None:
    """Each head is short enough for a request, and no request of a socket to the library."""
    async with served() as place, connected(place) as raw:
        key = "AAAAAAAAAAAAAAAAAAAAAA=="
        await raw.say(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n{line}\r\n\r\n".encode()
        )
        answer = await raw.to_the_end()
        assert int(answer.split()[1]) in (400, 414, 431)
