"""What is answered without the library, the library would have answered, to the byte; and what it refuses is left to it."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from contest_server.wire.handshake import SHARED_DEFLATE, Handshake, shake

KEY = base64.b64encode(bytes(range(16)))
USUAL = {
    b"host": b"x",
    b"connection": b"Upgrade",
    b"upgrade": b"websocket",
    b"sec-websocket-version": b"13",
    b"sec-websocket-key": KEY,
}
MORE = [(b"date", b"Sun, 22 Nov 2026 09:00:00 GMT"), (b"X-More", b"\xe9")]
CHANGES = {
    b"connection": (b"upgrade", b"keep-alive, Upgrade", b"close", b"upgrade, @", b"keep-alive"),
    b"upgrade": (b"WebSocket", b"h2c", b"websocket, h2c"),
    b"sec-websocket-version": (b"8", b"", b"13, 13", b" 13"),
    b"sec-websocket-protocol": (b"contest.v1", b"contest.v2", b"contest.v1, contest.v2", b"@", b""),
    b"sec-websocket-extensions": (
        b"permessage-deflate",
        b"permessage-deflate; client_max_window_bits",
        b"permessage-deflate; server_max_window_bits=9",
        b"permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits=10",
        b"permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        b"x-webkit-deflate-frame",
        b"permessage-deflate; nonsense",
        b"permessage-deflate; ; ",
        b"",
        b"\xe9",
    ),
    b"sec-websocket-key": (base64.b64encode(bytes(15)), base64.b64encode(bytes(17)), b"", b"\xe9", KEY + b"=", KEY[:-1], b"~" * 24),
    b"content-length": (b"0", b"5"),
    b"transfer-encoding": (b"chunked",),
    b"origin": (b"https://elsewhere.example",),
    b"cookie": (b"contest_session=x",),
}


@st.composite
def requests(draw: st.DrawFn) -> dict[bytes, bytes]:
    """A usual one, with some headers changed, added or left away."""
    headers = dict(USUAL)
    for name in draw(st.sets(st.sampled_from(sorted(CHANGES)), max_size=3)):
        headers[name] = draw(st.sampled_from(CHANGES[name]))
    for name in draw(st.sets(st.sampled_from(sorted(USUAL)), max_size=1)) if draw(st.integers(0, 4)) == 0 else ():
        del headers[name]
    return headers


def by_the_library(headers: dict[bytes, bytes]) -> tuple[int, bytes, list[Any]]:
    """Its answer, with what uvicorn adds to it for an application that accepts our subprotocol."""
    conn = ServerProtocol(extensions=[SHARED_DEFLATE])
    asked = Request("/board", Headers([(name.decode(), value.decode("latin-1")) for name, value in headers.items()]))
    response = conn.accept(asked)
    offered = headers.get(b"sec-websocket-protocol", b"").decode("latin-1").split(",")
    if "Date" in response.headers:
        del response.headers["Date"]
    added = [(name.decode().lower(), value.decode("latin-1")) for name, value in MORE]
    response.headers.update([*added, *([("Sec-WebSocket-Protocol", "contest.v1")] if "contest.v1" in offered else [])])
    return response.status_code, response.serialize(), conn.extensions


def described(extensions: list[Any]) -> list[str]:
    return [f"{each!r} {each.compress_settings}" for each in extensions]


@given(requests())
def test_the_answer_is_the_library_s_or_left_to_it(headers: dict[bytes, bytes]) -> None:
    ours = shake(headers, MORE)
    if ours is not None:
        status, answer, extensions = by_the_library(headers)
        assert (status, answer, described(extensions)) == (101, ours.answer, described(ours.extensions))


def test_what_browsers_and_proxies_send_is_answered() -> None:
    """Otherwise the law above would hold for nothing."""
    for changes in (
        {},
        {b"connection": b"keep-alive, Upgrade", b"sec-websocket-extensions": b"permessage-deflate"},
        {b"connection": b"upgrade", b"sec-websocket-extensions": b"permessage-deflate; client_max_window_bits", b"origin": b"http://x"},
        {b"sec-websocket-protocol": b"contest.v1", b"cookie": b"a=b"},
    ):
        assert isinstance(shake({**USUAL, **changes}, MORE), Handshake), changes


@given(requests())
def test_every_socket_has_extensions_of_its_own(headers: dict[bytes, bytes]) -> None:
    one, other = shake(headers), shake(headers)
    if one is not None and other is not None:
        assert not {id(each) for each in one.extensions} & {id(each) for each in other.extensions}
