"""Whoever asks the servers gets the first answer that counts, from any of them, and never waits for ever."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from contest_server.rehearsal.office import Office, Unanswered
from tests.clockwork import run

Answer = Callable[[httpx.Request], httpx.Response]


def _office(*answers: Answer) -> Office:
    return Office(
        [httpx.AsyncClient(base_url=f"http://s{n}", transport=httpx.MockTransport(each)) for n, each in enumerate(answers)], "secret"
    )


def _dead(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def _good(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"who": request.headers.get("authorization", "nobody")})


def test_another_server_is_asked_where_one_is_gone_or_drains() -> None:
    async def work() -> None:
        assert (await _office(_dead, lambda _: httpx.Response(503), _good).get("/x"))["who"] == "Bearer secret"

    run(work())


def test_who_is_told_to_slow_down_comes_back_later_to_the_same_server() -> None:
    asked: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={}) if len(asked) == 3 else httpx.Response(429, headers={"retry-after": "2"})

    async def work() -> None:
        await _office(busy, _dead).get("/x")
        assert asked == ["http://s0/x"] * 3

    run(work())


def test_where_nobody_answers_it_says_what_was_asked() -> None:
    async def work() -> None:
        with pytest.raises(Unanswered, match="GET /x: ConnectError: refused"):
            await _office(_dead, _dead).get("/x")
        assert await _office(_dead, _good).of_each("/x") == [None, {"who": "Bearer secret"}]

    run(work())


def test_an_error_is_an_answer_but_no_document() -> None:
    async def work() -> None:
        office = _office(lambda _: httpx.Response(409, json={"code": "final"}))
        assert (await office.ask("POST", "/x", {})).status_code == 409
        with pytest.raises(Unanswered, match="409"):
            await office.post("/x", {})

    run(work())


def test_other_keys_than_the_administrators_are_sent_where_they_are_given() -> None:
    async def work() -> None:
        office = _office(_good)
        assert (await office.get("/x", key="venue"))["who"] == "Bearer venue"
        assert (await office.get("/x", key=""))["who"] == "nobody"

    run(work())
