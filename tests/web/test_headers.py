"""Every answer says what its page may do, who may embed it, and whether it may be kept. A cookie is worth nothing to a foreign page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from websockets.asyncio.client import connect

from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.web.access import COOKIE
from contest_server.web.app import create_app
from contest_server.web.pages import STATIC
from tests.contests import CUP, JUDGES, START_US
from tests.web.places import REVIEWS, Client, Place, Referee, dialled, served
from tests.web.stating import head

HERE = f"/api/contests/{CUP}"
ANSWERS = {
    "a page": "/screen",
    "an asset": "/mark.svg",
    "the API": HERE,
    "an error": f"{HERE}/marks",
    "no such page": "/nothing/here",
    "a bad request": f"{HERE}/entries/x",
    "the document": "/openapi.json",
}
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "connect-src": ["'self'"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
}


@pytest.mark.parametrize("path", ANSWERS.values(), ids=ANSWERS)
async def test_every_answer_has_the_headers(path: str) -> None:
    async with served() as place:
        headers = (await place.http.get(place.url + path)).headers
        policy = {name: values for name, *values in (part.split() for part in headers["content-security-policy"].split("; "))}
        assert POLICY.items() <= policy.items()
        assert not [values for values in policy.values() if re.search(r"unsafe|\*|^(https?|wss?):$", " ".join(values))]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers, "a hall without certificates goes on by http"
        assert "server" not in headers


async def test_the_desk_alone_may_use_the_camera() -> None:
    async with served() as place:
        policy = (await place.http.get(f"{place.url}/desk")).headers["permissions-policy"]
        assert "camera=(self)" in policy
        assert "microphone=()" in policy


async def test_what_was_refused_before_any_route_has_the_headers_too() -> None:
    async with served(clock=lambda: START_US, address_requests_per_s=1, trusted_proxies="") as place:
        statuses = [(await place.http.get(place.url + HERE)).status_code for _ in range(30)]
        assert 429 in statuses
        answers = [await place.http.get(place.url + HERE) for _ in range(2)]
        assert {"content-security-policy", "x-content-type-options"} <= set(answers[0].headers)
        packed = await place.http.post(f"{place.url}{HERE}/login", content=b"", headers={"Content-Encoding": "gzip"})
        assert "content-security-policy" in packed.headers


async def test_a_page_that_came_by_https_is_to_come_by_https_again() -> None:
    async with served() as place:
        headers = {"X-Forwarded-Proto": "https"}
        assert (await place.http.get(f"{place.url}/screen", headers=headers)).headers["strict-transport-security"].startswith("max-age=")
    async with served(trusted_proxies="") as place:
        assert "strict-transport-security" not in (await place.http.get(f"{place.url}/screen", headers=headers)).headers


async def test_what_holds_more_than_the_public_sees_is_kept_nowhere() -> None:
    async with served() as place:
        public = await place.http.get(place.url + f"{HERE}/board")
        assert public.headers["cache-control"] == "no-cache"
        for path, who in (
            (f"{HERE}/board?audience=staff", "staff"),
            (f"{HERE}/flags", "R1"),
            (f"{HERE}/marks", "yongjia"),
            (f"{HERE}/me", "R2"),
        ):
            answer = await place.http.get(place.url + path, headers=place.bearer(who))
            assert answer.headers["cache-control"] == "no-store", path
        by_cookie = await place.http.get(place.url + f"{HERE}/me", headers={"Cookie": f"{COOKIE}={place.secrets['R1']}"})
        assert (by_cookie.status_code, by_cookie.headers["cache-control"]) == (200, "no-store")
        login = await place.post(f"{HERE}/login", {"official": "R1", "password": "password of R1"})
        assert (login.status_code, login.headers["cache-control"]) == (200, "no-store")


@pytest.mark.skipif(not STATIC.is_dir(), reason="the pages are not built")
async def test_assets_are_kept_and_pages_are_asked_for_again() -> None:
    async with served() as place:
        page = await place.http.get(f"{place.url}/screen")
        assert page.headers["cache-control"] == "no-cache"
        asset = re.search(r'src="\./(assets/[^"]+)"', page.text)
        assert asset is not None
        assert "immutable" in (await place.http.get(f"{place.url}/{asset[1]}")).headers["cache-control"]
        assert (await place.http.get(f"{place.url}/assets/nothing.js")).headers["cache-control"] == "no-cache"


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Origin": "https://evil.example"},
    "a sandboxed page": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "a sibling, as the browser says": {"Sec-Fetch-Site": "same-site"},
    "another site, as the browser says": {"Sec-Fetch-Site": "cross-site"},
}


def changing() -> list[tuple[str, str]]:
    """Every route that may change something."""
    app = create_app(open_stores("memory:"), JUDGES, Settings())
    rooms = [getattr(route, "original_router", None) for route in app.routes]
    routes = [route for room in rooms if room is not None for route in room.routes if isinstance(route, APIRoute)]
    return sorted((method, route.path) for route in routes for method in (route.methods or set()) - {"GET", "HEAD"})


def test_there_are_routes_to_try() -> None:
    assert len(changing()) > 20


async def test_no_route_changes_anything_for_the_cookie_that_a_foreign_page_sent_along() -> None:
    places: dict[str, Any] = {"contest": CUP, "venue": "yongjia", "contestant": "A1", "stage": "quiz"}
    async with served() as place:
        before = await head(place)
        cookie = {"Cookie": f"{COOKIE}={place.secrets['C1']}"}
        for method, path in changing():
            address = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: places.get(found[1], "1"), path)
            asked: dict[str, Any] = {"method": method, "url": place.url + address, "params": {"source": "d"}, "json": {"id": "x1"}}
            nobody = await place.http.request(**asked)
            for headers in FOREIGN.values():
                foreign = await place.http.request(**asked, headers={**cookie, **headers})
                assert foreign.status_code == nobody.status_code, f"{method} {path}: {foreign.status_code} {foreign.text}"
                assert "set-cookie" not in foreign.headers
        assert await head(place) == before
        assert (await place.http.get(f"{place.url}{HERE}/me", headers=cookie)).status_code == 200, "and the session goes on"


async def test_the_same_cookie_from_our_own_page_does_change_something() -> None:
    async with served() as place:
        before = await head(place)
        own = {"Cookie": f"{COOKIE}={place.secrets['C1']}", "Origin": place.url, "Sec-Fetch-Site": "same-origin"}
        answer = await place.http.post(f"{place.url}{HERE}/freeze", headers=own, json={})
        assert answer.status_code == 200, answer.text
        assert await head(place) > before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_a_form_of_another_site_logs_nobody_in(kind: str) -> None:
    """A browser sends such a body anywhere without asking; of JSON it asks first, and is not answered."""
    async with served() as place:
        body = b'{"official":"R1","password":"password of R1"}'
        headers = {"Origin": "https://evil.example", **({"Content-Type": kind} if kind else {})}
        answer = await place.http.post(f"{place.url}{HERE}/login", headers=headers, content=body)
        assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)
        asked = {**headers, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        preflight = await place.http.options(f"{place.url}{HERE}/login", headers=asked)
        assert not [name for name in preflight.headers if name.startswith("access-control")]


def socket_as(place: Place, path: str, headers: dict[str, str]) -> connect:
    return dialled(place.url, path, headers)


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_a_socket_that_a_foreign_page_opened_is_nobodys(headers: dict[str, str]) -> None:
    async with served(hello_timeout_s=0.2) as place:
        cookie = {"Cookie": f"{COOKIE}={place.secrets['C1']}"}
        async with socket_as(place, REVIEWS, cookie | headers) as reviews:
            assert await Referee(reviews).until_closed() == (4001, "hello_timeout")
        async with socket_as(place, f"{HERE}/board?audience=staff", cookie | headers) as staff:
            assert await Client(staff).until_closed() == (4501, "not_allowed")
        async with socket_as(place, f"{HERE}/board", cookie | headers) as public:
            assert (await Client(public).next())["type"] == "frame", "the public board is for everybody"
        own = {"Origin": place.url, "Sec-Fetch-Site": "same-origin"}
        async with socket_as(place, f"{HERE}/board?audience=staff", cookie | own) as staff:
            assert (await Client(staff).next())["type"] == "frame"
