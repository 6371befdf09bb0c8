"""Displays that are seated where their request is read: they are told and counted as on the long way, and what is unusual goes there."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import State
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from contest_server.live.settings import Settings
from contest_server.web import hub
from contest_server.web.board_requests import ADDRESS_MAX_BYTES, board_request_of
from contest_server.web.crowd_door import CrowdDoor, Visit
from tests.contests import CUP, START_US
from tests.web.places import PATIENCE_S, Place, clear, served
from tests.web.raw import CLOSE, PING, connected, frame, socket_at
from tests.web.test_hub import first_close_code

BOARD = f"/api/contests/{CUP}/board"
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
FROM_A_HALL = "X-Forwarded-For: 10.0.0.1\r\n"
BEHIND_A_PROXY: dict[str, Any] = {"trusted_proxies": "127.0.0.1"}
Visits = list[Visit | None]


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> Visits:
    """Whoever asked for a socket at the door, in turn; None for who was sent the long way."""
    asked, visit = Visits(), CrowdDoor.visit

    def noted(self: CrowdDoor, *given: Any) -> Visit | None:
        asked.append(visit(self, *given))
        return asked[-1]

    monkeypatch.setattr(CrowdDoor, "visit", noted)
    return asked


@pytest.mark.parametrize("extra", ["", DEFLATE, "Sec-WebSocket-Protocol: contest.v1\r\n", "Origin: http://elsewhere\r\nCookie: a=b\r\n"])
@pytest.mark.parametrize("query", ["", "?view=top:2", "?view=venue:yongjia&after={epoch}:2", "?after={epoch}:1&audience=public&lang=zh"])
async def test_both_ways_say_the_same_to_the_byte(monkeypatch: pytest.MonkeyPatch, visits: Visits, query: str, extra: str) -> None:
    async with served(clock=lambda: START_US) as place:
        async with place.venue() as venue:
            await venue.send(clear(1))
        path = BOARD + query.format(epoch=(await place.board())["epoch"])
        short = await said(place, path, extra)
        assert visits[-1] is not None, "it went the long way"
        monkeypatch.setattr(CrowdDoor, "visit", lambda *_: None)
        assert await said(place, path, extra) == short


async def said(place: Place, path: str, extra: str) -> tuple[bytes, int, bytes]:
    """The answer to the handshake but for its date, and the first message."""
    async with connected(place) as raw, asyncio.timeout(PATIENCE_S):
        await raw.say(
            f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extra}\r\n".encode()
        )
        answer = await raw.reader.readuntil(b"\r\n\r\n")
        return re.sub(rb"\r\ndate: [^\r]*", b"\r\ndate:", answer), *await raw.frame()


async def test_no_task_waits_for_a_display() -> None:
    """But where it brings a token, which may be revoked."""
    async with served() as place, socket_at(place, BOARD) as one, socket_at(place, BOARD, "staff") as with_a_token:
        await one.frame()
        await with_a_token.frame()
        assert sum("run_asgi" in repr(each.get_coro()) for each in asyncio.all_tasks()) == 1


LONG_WAYS: dict[str, tuple[str, str | None, str]] = {
    "a token": ("", "staff", ""),
    "another audience": ("?audience=staff", None, ""),
    "no audience": ("?audience=", None, ""),
    "no view": ("?view=top:0", None, ""),
    "a position that is not there yet": ("?after={epoch}:99", None, ""),
    "a second header of one name": ("", None, "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n"),
    "a long address": ("?view=contestants:" + "A1," * ADDRESS_MAX_BYTES, None, ""),
    "long headers": ("", None, f"X: {'x' * 4_200}\r\nY: {'y' * 4_200}\r\n"),
    "other subprotocols": ("", None, "Sec-WebSocket-Protocol: contest.v1, contest.v2\r\n"),
}


@pytest.mark.parametrize(("query", "who", "extra"), LONG_WAYS.values(), ids=LONG_WAYS)
async def test_whatever_is_unusual_goes_the_long_way(visits: Visits, query: str, who: str | None, extra: str) -> None:
    async with served() as place:
        path = BOARD + query.format(epoch=(await place.board())["epoch"])
        async with socket_at(place, path, who, extra) as raw:
            await raw.frame()
        assert [each for each in visits if each is not None] == []


async def test_who_has_to_be_refused_is_refused_by_name_on_the_long_way(visits: Visits) -> None:
    async with served(display_sockets_max=2, address_sockets_max=1, display_views_max=1, **BEHIND_A_PROXY) as place:
        async with socket_at(place, BOARD, None, FROM_A_HALL) as first:
            await first.frame()
            for path, extra, code in (
                (BOARD, FROM_A_HALL, 4003),
                (f"{BOARD}?view=top:1", "", 4003),
                (f"/api/contests/none{BOARD[-6:]}", "", 4004),
            ):
                async with socket_at(place, path, None, extra) as other:
                    assert await first_close_code(other) == code
            async with socket_at(place, BOARD) as second, socket_at(place, BOARD) as third:
                await second.frame()
                assert await first_close_code(third) == 4003
        assert [each is not None for each in visits] == [True, False, False, False, True, False]


LEAVING = {
    "goodbye": (frame((1000).to_bytes(2), CLOSE), 1000),
    "nonsense": (frame(b"{"), 4504),
    "a fault of the protocol": (frame(b"", 0x3), 1002),
    "a flood": (frame(b"", PING) * 1_000, 1008),
    "without a word": (b"", None),
}


@pytest.mark.parametrize(("last", "code"), LEAVING.values(), ids=LEAVING)
async def test_who_has_left_is_counted_no_more_however_it_left(visits: Visits, last: bytes, code: int | None) -> None:
    async with served(bad_messages_max=1, **BEHIND_A_PROXY) as place:
        async with socket_at(place, BOARD, None, FROM_A_HALL) as raw:
            await raw.frame()
            [visit] = visits
            assert visit is not None
            assert (visit.house.sockets.by_kind["display"], visit.log.watchers, dict(visit.limits._open)) == (1, 1, {"10.0.0.1": 1})
            if code is not None:
                await raw.say(last)
                assert await first_close_code(raw) == code
        async with asyncio.timeout(PATIENCE_S):
            while visit.house.sockets.by_kind["display"]:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        assert (visit.log.watchers, dict(visit.limits._open), dict(visit.house.onlookers._sessions[visit.desk.contest.id])) == (0, {}, {})
        assert (visit.house.stands._open, visit.desk.board._shares._of) == ({}, {})


HOSTS = st.sampled_from(
    ["127.0.0.1", "10.0.0.1", "192.0.2.7", "::1", "2001:db8::1", "unknown", "", " ", "[2001:db8::1]:80", "192.0.2.7:80"]
)


@given(HOSTS, st.none() | st.lists(HOSTS, min_size=1, max_size=3).map(", ".join))
def test_for_whom_a_proxy_asks_is_what_uvicorn_tells_the_application(host: str, forwarded: str | None) -> None:
    trusted = "127.0.0.1,10.0.0.0/8"
    headers = {} if forwarded is None else {b"x-forwarded-for": forwarded.encode()}
    told: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        told.append(scope["client"][0])

    scope: Any = {"type": "websocket", "client": (host, 1), "headers": list(headers.items())}
    asyncio.run(cast(Any, ProxyHeadersMiddleware(app, trusted)(scope, cast(Any, None), cast(Any, None))))
    assert [CrowdDoor(State(), Settings(trusted_proxies=trusted)).client(host, headers)] == told


@pytest.mark.parametrize("takes", [0, 1, 3, 5, 10])
def test_an_answer_that_does_not_go_at_once_goes_before_the_first_frame(takes: int) -> None:
    """However little the kernel takes: nothing twice, nothing left out, nothing out of order."""
    written: list[bytes] = []

    def straight(data: bytes) -> int:
        if not takes:
            raise BlockingIOError
        written.append(data[:takes])
        return min(takes, len(data))

    socket = hub.DisplaySocket.__new__(hub.DisplaySocket)
    socket._answer, socket._straight = b"101", straight
    socket.transport = cast(Any, SimpleNamespace(write=written.append))
    gone = socket._put_first(b"frame")
    assert b"".join(written) + b"frame"[gone:] == b"101frame"
    assert (socket._answer, socket.put) == (b"", straight)


def test_a_board_request_is_the_public_board_plainly_written() -> None:
    assert board_request_of(f"{BOARD}?view=top:1&view=top:2".encode()) == board_request_of(f"{BOARD}?view=top%3A2".encode()) != None  # noqa: E711
    for address in (f"{BOARD}/", f"{BOARD}%2F", f"http://x{BOARD}", "/", "", f"{BOARD}x", f"{BOARD}?audience=public&audience=staff"):
        assert board_request_of(address.encode()) is None, address
