"""Whoever is refused is told why in their own language, also by what stands in front of the application and by the framework itself."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from tests.contests import CUP
from tests.web.places import Place, served
from tests.web.raw import connected

HAN = re.compile(r"[\u4e00-\u9fff]")
BUILDER = "/api/builder"
ZH = {"Accept-Language": "zh-CN,zh;q=0.9"}
LOGIN = "/api/login"
EVENTS = f"/api/contests/{CUP}/venues/yongjia/events?source=desk-1"
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
"""Two words with a blank between: no Chinese sentence has them."""
REFUSED: list[tuple[str, str, Any]] = [
    ("GET", "/api/nothing", None),
    ("DELETE", "/api/contests", None),
    ("POST", LOGIN, b"no JSON"),
    ("POST", LOGIN, {"account": "a"}),
    ("POST", LOGIN, {"account": "a", "password": "x" * 5_000}),
    ("POST", LOGIN, {"account": "a", "password": "b", "more": 1}),
    ("POST", LOGIN, []),
    ("POST", LOGIN, {"account": "a", "password": "wrong"}),
    ("POST", f"{BUILDER}/try", b"{"),
    ("POST", f"{BUILDER}/try", {"rule": "nobody_knows"}),
    ("POST", f"{BUILDER}/try", {"rule": "threshold", "tries": 0, "elapsed_s": -1, "options": 7}),
    ("POST", f"{BUILDER}/open", {"toml": "[contest"}),
    ("POST", f"{BUILDER}/contestants", {}),
    ("POST", f"{BUILDER}/contestants", {"text": "a\0b"}),
    ("POST", f"{BUILDER}/contestants", {"content": "UEsDBA=="}),
    ("POST", f"{BUILDER}/dry-run", {"draft": {}, "seed": -1}),
    ("POST", f"{BUILDER}/contestants", b"x" * 17_000_000),
    ("POST", f"/api/contests/{CUP}/clock", {"action": "start", "at": "yesterday"}),
    ("POST", f"/api/contests/{CUP}/screens/big/orders", {"verb": "dance"}),
    ("POST", f"/api/contests/{CUP}/screens/big/orders", {"id": "o-1", "order": {"verb": "dance"}}),
    ("GET", f"/api/contests/{CUP}/board?view=nobody", None),
    ("POST", "/api/contests", b'{"contest": "x" "venues": []}'),
    ("POST", "/api/contests", b"\xff"),
    ("POST", EVENTS, b"{"),
    ("POST", EVENTS, []),
    ("POST", EVENTS, {"type": "hello", "source": 5}),
    ("POST", EVENTS, {"type": "events", "events": {}}),
    ("POST", EVENTS, {"type": "events", "events": [{}] * 600}),
]


async def refusal(place: Place, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    sent: dict[str, Any] = {"content": body, "headers": {"content-type": "application/json"}} if isinstance(body, bytes) else {}
    if body is not None and not sent:
        sent = {"json": body}
    given = place.bearer({EVENTS: "yongjia", "/api/contests": "admin"}.get(path, "staff")) | headers | sent.pop("headers", {})
    return await place.http.request(method, f"{place.url}{path}", headers=given, **sent)


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
async def test_a_refusal_is_told_in_chinese_and_in_both(method: str, path: str, body: Any) -> None:
    async with served() as place:
        answer = await refusal(place, method, path, body, ZH)
        assert answer.status_code >= 400, answer.text
        detail = answer.json()["detail"]
        assert HAN.search(detail), detail
        assert not ENGLISH.search(detail), detail
        both = (await refusal(place, method, path, body, {"Accept-Language": "mul"})).json()["detail"]
        assert both["zh"] == detail
        assert not HAN.search(both["en"]), both


async def heard(place: Place, head: str) -> tuple[int, dict[str, Any]]:
    """Status and document of the answer to these bytes, after which nothing more comes from here."""
    async with connected(place) as raw:
        await raw.say(head.encode())
        status, _ = await raw.head()
        return status, json.loads(await raw.to_the_end())


@pytest.mark.parametrize(("language", "is_chinese"), [("zh", True), ("en", False)])
async def test_a_head_that_is_too_large_is_refused_in_the_language_it_asked_for(language: str, is_chinese: bool) -> None:
    async with served() as place:
        head = f"GET /health HTTP/1.1\r\nHost: x\r\nAccept-Language: {language}\r\nX-Long: {'x' * 40_000}\r\n\r\n"
        status, document = await heard(place, head)
    assert (status, document["code"]) == (431, "too_large")
    assert bool(HAN.search(document["detail"])) is is_chinese, document


async def test_a_body_that_never_comes_is_refused_in_both_languages_where_both_were_asked_for() -> None:
    async with served(body_timeout_s=0.1) as place:
        head = "POST /api/login HTTP/1.1\r\nHost: x\r\nAccept-Language: mul\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
        status, document = await heard(place, head)
    assert (status, document["code"], set(document["detail"])) == (408, "too_slow", {"en", "zh"})
