"""Heads, bodies and sockets without end come to one: each bound is met by a peer that breaks it, while others are served."""

from __future__ import annotations

import asyncio
import json
import socket
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from contest_server.live.settings import Settings
from contest_server.web import serving
from contest_server.web.bodies import STRANGERS_MAX_BYTES, VALUES_MAX
from contest_server.web.guarded import FRAGMENTS_MAX, MESSAGES_PER_S, OTHER_MESSAGE_MAX_BYTES, PINGS_PER_S
from contest_server.web.quiet import HEAD_MAX_BYTES, HEADERS_MAX
from tests.contests import CUP, Json, document
from tests.web.places import EVENTS, PATIENCE_S, REVIEWS, Place, batch, note, served
from tests.web.raw import CLOSE, CONT, FIN, PING, RSV1, SMALL_BYTES, TEXT, connected, frame, socket_at

BOARD = f"/api/contests/{CUP}/board"
DESK = EVENTS.format(venue="yongjia")
POST = f"POST {DESK}?source=raw HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"


async def others_are_served(place: Place) -> None:
    async with place.venue(source="other") as venue:
        assert (await venue.send(note(venue.welcome["after"] + 1)))["type"] == "ack"


HEADS = {
    "one long header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (2 * HEAD_MAX_BYTES),
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: y\r\n" % number for number in range(HEADERS_MAX + 1)),
    "one long address": b"GET /" + b"y" * (2 * HEAD_MAX_BYTES) + b" HTTP/1.1\r\n",
    "whole, but too long": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * (HEAD_MAX_BYTES + 1) + b"\r\n\r\n",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
async def test_a_head_that_is_too_long_is_refused_by_name(head: bytes) -> None:
    async with served() as place, connected(place) as raw:
        await raw.say(head)
        status, _ = await raw.head()
        assert status == 431
        assert json.loads(await raw.to_the_end())["code"] == "too_large"
        await others_are_served(place)


async def test_a_header_that_trickles_is_dropped_in_time_also_in_a_later_request() -> None:
    async with served(hello_timeout_s=0.3) as place, connected(place) as raw:
        await raw.say(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        status, headers = await raw.head()
        assert status == 200
        await raw.reader.readexactly(int(headers["content-length"]))
        await raw.say(b"\r\n")  # uvicorn's own wait for the next request is over now
        assert await raw.to_the_end() == b""
        await others_are_served(place)


async def test_a_body_that_trickles_is_refused_in_time() -> None:
    async with served(body_timeout_s=0.3) as place, connected(place) as raw:
        secret = place.secrets["yongjia"]
        await raw.say(f"{POST}Authorization: Bearer {secret}\r\nContent-Length: 1000\r\n\r\n{{".encode())
        status, _ = await raw.head()
        assert status == 408
        assert json.loads(await raw.to_the_end())["code"] == "too_slow"
        await others_are_served(place)


async def test_a_body_that_trickles_after_its_answer_is_dropped_too() -> None:
    async with served(body_timeout_s=0.3) as place, connected(place) as raw:
        await raw.say(b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert (await raw.head())[0] == 200
        assert await raw.to_the_end() == b'{"status":"live"}'


async def test_a_body_that_is_cut_off_is_no_error_of_the_server(capsys: pytest.CaptureFixture[str]) -> None:
    async with served() as place:
        async with connected(place) as raw:
            secret = place.secrets["yongjia"]
            await raw.say(f"{POST}Authorization: Bearer {secret}\r\nContent-Length: 1000\r\n\r\n{{".encode())
        await others_are_served(place)
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err


async def test_a_body_is_read_no_further_than_its_limit_whatever_it_says_of_its_length() -> None:
    async with served(body_max_bytes=100_000) as place:
        body = json.dumps({"official": "R1", "password": "x" * 100_000}).encode()
        answer = await place.post(f"/api/contests/{CUP}/login", body)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        headers = {"Content-Type": "application/json"}
        chunked = await place.http.post(f"{place.url}/api/contests/{CUP}/login", content=in_chunks(body), headers=headers)
        assert (chunked.status_code, chunked.json()["code"]) == (413, "too_large")


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), 10_000):
        yield body[begin : begin + 10_000]


async def test_events_may_be_longer_than_a_head_and_than_other_bodies() -> None:
    async with served(body_max_bytes=10_000) as place:
        events = batch(*(note(seq, data={"text": "x" * 200}) for seq in range(1, 200)))
        assert len(json.dumps(events)) > HEAD_MAX_BYTES
        assert (await place.post(DESK, events, "yongjia", source="desk")).status_code == 200


LONG = (
    (f"/api/contests/{CUP}/rejudgings", "C1", "R1"), ("/api/contests", "admin", "staff"), (DESK, "yongjia", "yueqing"),
    ("/api/builder/contestants", "staff", "yongjia"),
)  # fmt: skip
"""Where a long body belongs; who may send one, and who may do other things."""


@pytest.mark.parametrize(("path", "who", "other"), LONG)
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_long_body_is_read_from_nobody_who_may_not_send_it(path: str, who: str, other: str, *, is_chunked: bool) -> None:
    """To look through one takes seconds, in which nobody else is served."""
    body = b"{" + b" " * 20_000
    async with served(body_max_bytes=10_000) as place:

        async def answered(headers: dict[str, str]) -> int:
            content = in_chunks(body) if is_chunked else body
            headers = {**headers, "Content-Type": "application/json"}
            return (await place.http.post(f"{place.url}{path}?source=desk", content=content, headers=headers)).status_code

        assert await answered({}) in (413, 401)
        assert await answered({"Authorization": "Bearer guessed"}) in (413, 401, 403)
        assert await answered(place.bearer(other)) in (413, 401, 403)
        assert await answered(place.bearer(who)) == 400


STRANGERS = ("/api/login", f"/api/contests/{CUP}/login", "/api/displays/pairings/poll")


@pytest.mark.parametrize("path", STRANGERS)
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_stranger_sends_no_more_than_a_name_and_a_password(path: str, *, is_chunked: bool) -> None:
    """Every key that is unknown is a fault of its own, and each of them costs the server more than its sender."""
    async with served() as place:

        async def answered(body: bytes, who: str | None) -> int:
            headers = {**place.bearer(who), "Content-Type": "application/json"}
            return (
                await place.http.post(f"{place.url}{path}", content=in_chunks(body) if is_chunked else body, headers=headers)
            ).status_code

        long = json.dumps({"password": "x" * STRANGERS_MAX_BYTES}).encode()
        assert [await answered(long, who) for who in (None, "guessed", "yongjia", "R1")] == [413, 413, 400, 400]
        assert await answered(json.dumps({"password": "x" * (STRANGERS_MAX_BYTES - 100)}).encode(), None) == 400


async def test_whoever_is_not_logged_in_any_more_is_told_that_and_not_that_their_draft_is_too_long() -> None:
    """The page shows its door then, and keeps the draft."""
    async with served() as place:
        draft = json.dumps({"draft": {}, "more": "x" * 3 * STRANGERS_MAX_BYTES}).encode()
        for headers in ({}, {"Cookie": "contest_session=over"}, {"Authorization": "Bearer over"}):
            refused = await place.http.post(f"{place.url}/api/builder/check", content=draft, headers=headers)
            assert refused.status_code in (401, 403), (headers, refused.text)


async def test_a_body_with_very_many_values_is_refused_before_each_of_them_is_looked_at_but_for_long_ones() -> None:
    async with served() as place:
        body = {"action": "start", **{f"k{number}": 1 for number in range(VALUES_MAX + 1)}}
        refused = await place.post(f"/api/contests/{CUP}/clock", body, "staff")
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        body.popitem()
        assert (await place.post(f"/api/contests/{CUP}/clock", body, "staff")).status_code == 400
        table = [["id", "name"], *([f"P{number}", "x"] for number in range(VALUES_MAX))]
        assert (await place.post("/api/builder/contestants", {"table": table}, "staff")).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
async def test_a_packed_body_is_refused_and_never_unpacked(coding: str) -> None:
    async with served() as place:
        bomb = zlib.compress(bytes(50_000_000), wbits=31)
        headers = {**place.bearer("yongjia"), "Content-Type": "application/json", "Content-Encoding": coding}
        answer = await place.http.post(f"{place.url}{DESK}?source=desk", content=bomb, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")


SOCKETS = {"display": (BOARD, None), "officials": (REVIEWS, "R2"), "venue": (DESK, "yongjia")}


def bomb_of(size_bytes: int) -> bytes:
    packer = zlib.compressobj(wbits=-12)
    return (packer.compress(b" " * size_bytes) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize("name", SOCKETS)
async def test_a_packed_message_is_unpacked_no_further_than_its_limit(name: str) -> None:
    path, who = SOCKETS[name]
    size_bytes = 100_000_000
    bomb = bomb_of(size_bytes)
    assert len(bomb) < size_bytes / 900
    async with served() as place, socket_at(place, path, who, DEFLATE) as raw:
        await raw.say(frame(bomb, TEXT, FIN | RSV1))
        assert await raw.close_code() == 1009
        await others_are_served(place)


async def test_a_packed_message_within_the_limit_is_read() -> None:
    """That is, packing is on, and the bombs above did meet what unpacks."""
    async with served(bad_messages_max=1) as place, socket_at(place, BOARD, None, DEFLATE) as raw:
        await raw.say(frame(bomb_of(OTHER_MESSAGE_MAX_BYTES - 1), TEXT, FIN | RSV1))
        assert await raw.close_code() == 4504, "read, and of no use"


@pytest.mark.parametrize("name", ["display", "officials"])
async def test_who_has_little_to_say_may_not_say_much(name: str) -> None:
    path, who = SOCKETS[name]
    async with served() as place, socket_at(place, path, who) as raw:
        await raw.say(frame(b" " * (OTHER_MESSAGE_MAX_BYTES + 1)))
        assert await raw.close_code() == 1009


@pytest.mark.parametrize("payload", [b"", b" "])
@pytest.mark.parametrize("name", SOCKETS)
async def test_a_message_in_endless_fragments_ends_its_socket(name: str, payload: bytes) -> None:
    path, who = SOCKETS[name]
    async with served() as place, socket_at(place, path, who) as raw:
        await raw.say(frame(b"{", TEXT, 0) + frame(payload, CONT, 0) * (FRAGMENTS_MAX + 1))
        assert await raw.close_code() == 1008
        await others_are_served(place)


@pytest.mark.parametrize("name", SOCKETS)
async def test_a_text_that_is_none_ends_its_socket_and_fills_no_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """A traceback for each would be some kilobytes for a few bytes of anybody."""
    path, who = SOCKETS[name]
    async with served() as place, socket_at(place, path, who) as raw:
        await raw.say(frame(b"\xff", TEXT, 0) + frame(b"\xfe", CONT))
        assert await raw.close_code() == 1007
        await others_are_served(place)
    assert not [each for each in caplog.records if each.exc_info]


async def test_a_hello_that_comes_in_fragments_without_end_is_over_in_time() -> None:
    async with served(hello_timeout_s=0.3) as place, socket_at(place, DESK, "yongjia") as raw:
        await raw.say(frame(b'{"type":', TEXT, 0) + frame(b'"hello"', CONT, 0))
        assert await raw.close_code() == 4001


async def test_a_flood_of_pings_ends_its_socket() -> None:
    """Of so few bytes that all are read at once. Of more: test_lingering."""
    async with served() as place, socket_at(place, BOARD) as raw:
        await raw.say(frame(b"x" * 20, PING) * (20 * PINGS_PER_S))
        assert await raw.close_code() == 1008
        await others_are_served(place)


@pytest.mark.parametrize("name", ["display", "officials"])
async def test_a_flood_of_messages_from_who_has_little_to_say_ends_its_socket(name: str) -> None:
    path, who = SOCKETS[name]
    good = b'{"type":"painted","to":1}' if name == "display" else b'{"type":"leave"}'
    async with served() as place, socket_at(place, path, who) as raw:
        await raw.say(frame(good) * (20 * MESSAGES_PER_S))
        assert await raw.close_code() == 1008
        await others_are_served(place)


async def test_a_display_that_never_answers_pings_is_dropped() -> None:
    async with served(ping_interval_s=0.1, ping_timeout_s=0.1) as place, socket_at(place, BOARD) as raw:
        assert await raw.close_code() == 1011


@pytest.fixture
def small_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine keeps little of what a server writes, so that it soon waits for whoever has to read it."""
    listen = serving.listen

    def small(settings: Settings) -> socket.socket:
        listening = listen(settings)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BYTES)
        return listening

    monkeypatch.setattr(serving, "listen", small)


def crowded() -> Json:
    """A contest whose first frame is longer than what a transport keeps."""
    return document(contestants=[{"id": f"C{number}", "venue": "yongjia"} for number in range(2_000)])


async def until_let_in(place: Place) -> None:
    """Ask for a display's place again and again, until the one that had the only place has lost it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with place.display(view="top:1") as display:
                if (await display.next())["type"] != "bye":
                    return


@pytest.mark.usefixtures("small_buffers")
async def test_a_display_that_never_reads_is_cut_off() -> None:
    """Its transport can never hand over the last words, so that closing alone would wait for ever."""
    async with served(document_=crowded(), unread_timeout_s=0.3, display_sockets_max=1) as place, socket_at(place, BOARD, is_lazy=True):
        await until_let_in(place)


@pytest.mark.usefixtures("small_buffers")
async def test_a_display_that_stopped_to_read_and_to_answer_pings_is_cut_off() -> None:
    bounds: dict[str, Any] = {"ping_interval_s": 0.2, "ping_timeout_s": 0.2, "display_sockets_max": 1}
    async with served(document_=crowded(), **bounds) as place, socket_at(place, BOARD, is_lazy=True):
        await until_let_in(place)


@pytest.mark.usefixtures("small_buffers")
async def test_a_server_ends_in_order_while_somebody_who_left_has_not_read_everything() -> None:
    """They said goodbye behind a large frame, and were answered behind it: nobody is told of the end any more."""
    async with AsyncExitStack() as afterwards, served(document_=crowded(), unread_timeout_s=2.0, display_sockets_max=1) as place:
        raw = await afterwards.enter_async_context(socket_at(place, BOARD, is_lazy=True))
        await raw.say(frame(b"\x03\xe8", CLOSE))
        await until_let_in(place)


@pytest.mark.usefixtures("small_buffers")
async def test_who_asks_and_asks_and_never_reads_is_cut_off() -> None:
    asked = 500
    bounds: dict[str, Any] = {"unread_timeout_s": 0.3, "trusted_proxies": "", "address_connections_max": 2}
    async with served(**bounds) as place, connected(place, is_lazy=True) as raw, connected(place):
        await raw.say(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * asked)
        async with asyncio.timeout(PATIENCE_S):
            while not await _is_answered(place):
                pass
        assert (await raw.to_the_end()).count(b"HTTP/1.1 200") < asked


async def _is_answered(place: Place) -> bool:
    """Whether one more connection of this address is let in."""
    async with connected(place) as other:
        await other.say(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return await other.to_the_end() != b""
