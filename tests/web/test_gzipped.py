"""Long answers leave as gzip to whoever takes it, streams stay streams, and nothing that lets somebody in is ever packed."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send

from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.web.app import create_app
from contest_server.web.gzipped import IN_A_THREAD_BYTES, MIN_BYTES, Gzipped, may_be_packed
from tests.contests import CUP, JUDGES, Json, document
from tests.web.places import Place, served

HERE = f"/api/contests/{CUP}"
CROWD = document(contestants=[{"id": f"A{number:03}", "venue": "yongjia"} for number in range(300)])
PACKED = {"Accept-Encoding": "br, gzip"}
PLAIN = {"Accept-Encoding": "identity"}
LONG_ANSWERS = {
    "the board": f"{HERE}/board",
    "a moment of the past": f"{HERE}/history?at=1",
    "the result": f"{HERE}/results",
    "the result as CSV": f"{HERE}/results?format=csv",
    "the export": f"{HERE}/export",
    "the rules": "/api/builder/gallery",
    "the document": "/openapi.json",
}


async def raw(place: Place, path: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it came over the line."""
    async with place.http.stream("GET", place.url + path, headers={**place.bearer("admin"), **headers}) as answer:
        assert answer.status_code == 200, path
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("path", LONG_ANSWERS.values(), ids=LONG_ANSWERS)
async def test_a_long_answer_is_packed_for_who_takes_it_and_says_the_same(path: str) -> None:
    async with served(document_=CROWD, clock=lambda: 1_795_309_200_000_000) as place:
        (plain, whole), (packed, body) = await raw(place, path, PLAIN), await raw(place, path, PACKED)
        assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
        assert gzip.decompress(body) == whole
        assert len(body) < len(whole) / 2
        assert all("Accept-Encoding" in each.headers["vary"] for each in (plain, packed)), "a cache has to tell them apart"
        assert packed.headers.get("content-length", str(len(body))) == str(len(body))


async def test_short_answers_and_those_who_do_not_take_it_get_them_as_they_are() -> None:
    async with served(document_=CROWD) as place:
        assert "content-encoding" not in (await raw(place, HERE, PACKED))[0].headers
        assert "content-encoding" not in (await raw(place, f"{HERE}/board", {"Accept-Encoding": "gzip;q=0, br"}))[0].headers


# ---- what is packed, and what never -----------------------------------------------------------------------------------------------


LONG = json.dumps({"secret": "x" * 4 * MIN_BYTES}).encode()


async def answered(path: str, method: str = "GET", *, body: bytes = LONG, media_type: str = "application/json") -> dict[bytes, bytes]:
    """The headers with which an application leaves that answers this."""

    async def application(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media_type.encode())]})
        await send({"type": "http.response.body", "body": body})

    sent: list[Message] = []
    await Gzipped(application)(request(path, method), nothing, keeping(sent))
    return dict(sent[0]["headers"])


def request(path: str, method: str = "GET", type_: str = "http") -> Scope:
    return {"type": type_, "method": method, "path": path, "headers": [(b"accept-encoding", b"gzip")]}


async def nothing() -> Message:
    raise AssertionError("nothing is read here")


def keeping(sent: list[Message]) -> Send:
    async def send(message: Message) -> None:
        sent.append(message)

    return send


@pytest.mark.parametrize("path", [f"{HERE}/login", f"{HERE}/tokens", "/api/login", "/api/pairings", f"{HERE}/officials/R1/password"])
async def test_an_answer_with_a_secret_is_never_packed_however_long_it_is(path: str) -> None:
    assert b"content-encoding" not in await answered(path, "POST")


async def test_only_what_is_read_and_what_is_asked_about_drafts_may_be_packed() -> None:
    stores = open_stores("memory:")
    app = create_app(stores, JUDGES, Settings())
    rooms = [getattr(mounted, "original_router", None) for mounted in app.routes]
    routes = [each for room in rooms if room is not None for each in room.routes if isinstance(each, APIRoute)]
    changing = {(method, each.path) for each in routes for method in each.methods or () if method != "GET"}
    packed = {path for method, path in changing if may_be_packed(request(path, method))}
    assert packed <= {"/api/contests", "/api/contests/{contest}/rejudgings"} | {path for _, path in changing if "/builder/" in path}
    assert len(changing) > 40
    await stores.close()


async def test_a_draft_that_was_asked_about_is_answered_packed() -> None:
    assert (await answered("/api/builder/dry-run", "POST"))[b"content-encoding"] == b"gzip"


@pytest.mark.parametrize("media_type", ["image/png", "font/woff2", "text/html; charset=utf-8"])
async def test_what_is_packed_already_is_left_alone(media_type: str) -> None:
    assert b"content-encoding" not in await answered(f"{HERE}/theme/mark.png", media_type=media_type)


async def test_a_socket_is_handed_on_as_it_is() -> None:
    seen: list[Any] = []

    async def application(*those: Any) -> None:
        seen.extend(those)

    given = request(f"{HERE}/board", type_="websocket"), nothing, keeping([])
    await Gzipped(application)(*given)
    assert all(one is other for one, other in zip(seen, given, strict=True))


# ---- nobody waits for it ----------------------------------------------------------------------------------------------------------


async def test_each_part_of_a_stream_leaves_before_the_next_one_is_made() -> None:
    parts, unpacking, arrived = [bytes([65 + number]) * 10_000 for number in range(5)], zlib.decompressobj(31), list[bytes]()

    async def application(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/x-ndjson")]})
        for made, part in enumerate(parts):
            assert b"".join(arrived) == b"".join(parts[:made])
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            arrived.append(unpacking.decompress(message["body"]))

    await Gzipped(application)(request(f"{HERE}/export"), nothing, send)
    assert b"".join(arrived) == b"".join(parts)
    assert unpacking.eof


async def test_the_loop_goes_on_while_a_long_answer_is_packed() -> None:
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    rows: list[Json] = [{"id": f"A{number}", "points": str(number**3 % 1000)} for number in range(20_000)]
    body = json.dumps(rows).encode()
    assert len(body) > 10 * IN_A_THREAD_BYTES
    beside = asyncio.create_task(turning())
    assert (await answered(f"{HERE}/board", body=body))[b"content-encoding"] == b"gzip"
    beside.cancel()
    assert turns > 1
