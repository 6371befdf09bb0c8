"""Officials and only they get in, with the role that the definition gives them now, and no page of another site acts for them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from fastapi import WebSocket
from starlette.requests import HTTPConnection, Request

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.denials import Denied
from contest_server.core.facts import ContestantId, ContestId, OfficialId
from contest_server.core.times import text_of_us
from contest_server.ledger.officials import SESSION_US
from contest_server.ledger.urls import open_stores
from contest_server.live.adopting import adopt
from contest_server.live.settings import Settings
from contest_server.web.access import COOKIE, allow, check_fresh, person_of, person_with
from contest_server.web.app import create_app
from contest_server.web.browsers import COOKIE as BROWSER
from contest_server.web.callers import Person, author_of
from contest_server.web.errors import ApiError, NotLoggedIn
from contest_server.web.house import CODES_MAX_AN_ADDRESS, House
from contest_server.web.tries import WINDOW_US, WRONG_MAX
from tests.contests import CUP, JUDGES, START_US, Json, document
from tests.web.places import Place, equip, password_of, served

HERE = f"/api/contests/{CUP}"
FRESH_US = 15 * 60 * 1_000_000


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.us = START_US

    def __call__(self) -> int:
        return self.us


async def log_in(place: Place, official: str = "R1", password: str | None = None, **headers: str) -> httpx.Response:
    body = {"official": official, "password": password_of(official) if password is None else password}
    return await place.http.post(f"{place.url}{HERE}/login", json=body, headers=headers)


async def with_cookie(place: Place, secret: str, method: str = "GET", path: str = "/me", **headers: str) -> httpx.Response:
    return await place.http.request(method, f"{place.url}{HERE}{path}", headers={"Cookie": f"{COOKIE}={secret}", **headers})


async def test_who_gives_the_password_is_in_and_told_who_they_are() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        answer = await log_in(place)
        assert answer.status_code == 200, answer.text
        about = answer.json()
        token = about.pop("token")
        assert about == {
            "official": {"id": "R1", "role": "referee", "venue": None, "name": {"zh": "Wei Lan", "en": "Wei Lan"}},
            "fresh_until": text_of_us(START_US + FRESH_US),
            "expires": text_of_us(START_US + SESSION_US),
        }
        assert await place.get(f"{HERE}/me", token) == about
        assert (await with_cookie(place, token)).json() == about


async def test_the_cookie_can_be_read_by_no_script_and_sent_by_no_other_site() -> None:
    async with served() as place:
        cookie, _ = (await log_in(place)).headers.get_list("set-cookie")
        assert cookie.startswith(f"{COOKIE}=os_")
        assert {part.strip().lower() for part in cookie.split(";")[1:]} == {"httponly", "samesite=strict", "path=/"}


async def test_the_cookie_of_a_page_that_came_encrypted_never_travels_in_the_clear() -> None:
    """A proxy on the same computer says how the page came."""
    async with served() as place:
        cookie, browser = (await log_in(place, **{"X-Forwarded-Proto": "https"})).headers.get_list("set-cookie")
        for each in (cookie, browser):
            assert "secure" in {part.strip().lower() for part in each.split(";")}


WRONG: list[Mapping[str, Any]] = [
    {"official": "R1", "password": "password of R2"},
    {"official": "R9", "password": "password of R1"},
    {"official": "staff", "password": "password of R1"},
    {"official": "r1", "password": "password of R1"},
]


@pytest.mark.parametrize("body", WRONG)
async def test_a_wrong_password_and_no_such_official_are_answered_alike(body: Json) -> None:
    async with served() as place:
        answer = await place.post(f"{HERE}/login", body)
        assert (answer.status_code, answer.json()) == (
            401,
            {"code": "bad_login", "detail": "this is not the password of an official of this contest"},
        )
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [{}, {"official": "R1"}, {"official": "R1", "password": ""}, {"official": "R1", "password": "x" * 201}, "{", []]
)
async def test_a_login_that_cannot_be_read_is_no_try(body: Any) -> None:
    async with served() as place:
        for _ in range(WRONG_MAX + 1):
            answer = await place.post(f"{HERE}/login", body)
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
        assert (await log_in(place)).status_code == 200


async def test_after_ten_wrong_tries_not_even_the_right_password_is_taken_for_a_while() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        for _ in range(WRONG_MAX):
            assert (await log_in(place, password="guess")).status_code == 401
        refused = await log_in(place)
        assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "too_many_tries", "300")
        assert (await log_in(place, "R2")).status_code == 429, "nor from the same address as somebody else"
        assert (await place.get(f"{HERE}/me", "R1"))["official"]["id"] == "R1", "who is logged in stays so"
        clock.us += WINDOW_US
        assert (await log_in(place)).status_code == 200


async def test_strangers_lock_nobody_out_of_a_browser_in_which_they_have_logged_in() -> None:
    async with served() as place:

        def browser() -> dict[str, str]:
            """With what was kept since the last login, and nothing else: no session."""
            kept = place.http.cookies.get(BROWSER)
            place.http.cookies.clear()
            return {} if kept is None else {"Cookie": f"{BROWSER}={kept}"}

        assert (await log_in(place)).status_code == 200
        own = browser()
        for _ in range(WRONG_MAX):
            assert (await log_in(place, password="guess")).status_code == 401, "somebody at the same address"
        assert (await log_in(place)).status_code == 429, "whom nobody knows"
        for forged in ("guessed", "", "x" * 10_000):
            assert (await log_in(place, Cookie=f"{BROWSER}={forged}")).status_code == 429
        assert (await log_in(place, "R2", **own)).status_code == 429, "nor is anybody else let in for it"
        assert (await log_in(place, **own)).status_code == 200
        again = browser()
        assert (await log_in(place, **own)).status_code == 429, "the secret of a browser is another one after each login"
        for _ in range(WRONG_MAX):
            assert (await log_in(place, password="guess", **again)).status_code == 401
        assert (await log_in(place, **again)).status_code == 429, "and it guesses no better than anybody"


async def test_who_logs_in_between_guesses_at_a_desk_that_several_share_guesses_no_more() -> None:
    """A password of one's own forgives one's own tries, and makes no other browser of it."""
    async with served() as place:
        for official in ("R1", "R2"):
            assert (await log_in(place, official)).status_code == 200
        answers = []
        for _ in range(2 * WRONG_MAX):
            answers.append((await log_in(place, "R2", password="guess")).status_code)
            assert (await log_in(place, "R1")).status_code == 200
        assert answers == [401] * WRONG_MAX + [429] * WRONG_MAX


async def test_many_tries_at_once_are_no_way_around() -> None:
    async with served() as place:
        answers = await asyncio.gather(*(log_in(place, password=f"guess {nth}") for nth in range(3 * WRONG_MAX)))
        assert [answer.status_code for answer in answers].count(401) == WRONG_MAX


async def test_a_household_of_ipv6_is_one_address_for_passwords_and_for_codes_of_screens() -> None:
    """Whoever has one such address has millions; a reverse proxy says from which of them they come."""

    def from_(nth: int, net: str = "1") -> dict[str, str]:
        return {"X-Forwarded-For": f"2001:db8:0:{net}::{nth:x}"}

    async with served() as place:
        login, codes = f"{place.url}{HERE}/login", f"{place.url}/api/displays/pairings"
        for nth in range(WRONG_MAX):
            wrong = await place.http.post(login, json={"official": f"X{nth}", "password": "guess"}, headers=from_(nth))
            assert wrong.status_code == 401
        right = {"official": "R1", "password": password_of("R1")}
        assert (await place.http.post(login, json=right, headers=from_(99))).status_code == 429
        assert (await place.http.post(login, json=right, headers=from_(99, "2"))).status_code == 200, "the neighbours may"
        asked = [(await place.http.post(codes, headers=from_(nth))).status_code for nth in range(CODES_MAX_AN_ADDRESS + 1)]
        assert asked == [201] * CODES_MAX_AN_ADDRESS + [429]


async def test_a_right_password_forgives_the_wrong_ones() -> None:
    async with served() as place:
        for password in [*["guess"] * (WRONG_MAX - 1), None, *["guess"] * (WRONG_MAX - 1), None]:
            assert (await log_in(place, password=password)).status_code == (401 if password else 200)


async def test_a_session_is_fresh_until_its_time_and_again_after_the_password() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        clock.us = START_US + FRESH_US
        fresh = f"{HERE}/login/fresh"
        wrong = await place.post(fresh, {"password": "guess"}, "R1")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_login")
        answer = await place.post(fresh, {"password": password_of("R1")}, "R1")
        assert answer.json()["fresh_until"] == text_of_us(clock.us + FRESH_US)
        assert answer.json() == await place.get(f"{HERE}/me", "R1")
        assert "token" not in answer.json()


async def test_the_password_of_a_stolen_session_cannot_be_guessed_either() -> None:
    async with served() as place:
        answers = [await place.post(f"{HERE}/login/fresh", {"password": "guess"}, "R1") for _ in range(WRONG_MAX + 1)]
        assert [answer.status_code for answer in answers] == [401] * WRONG_MAX + [429]
        assert (await log_in(place)).status_code == 200, "its official may still log in elsewhere"


async def test_a_session_ends_by_itself_after_its_time() -> None:
    clock = Clock()
    async with served(clock=clock) as place:
        clock.us += SESSION_US
        answer = await place.http.get(f"{place.url}{HERE}/me", headers=place.bearer("R1"))
        assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")


async def test_logging_out_ends_the_session_and_takes_the_cookie_back() -> None:
    async with served() as place:
        answer = await with_cookie(place, place.secrets["R1"], "POST", "/logout")
        assert (answer.status_code, answer.json()) == (200, {})
        assert "max-age=0" in answer.headers["set-cookie"].lower()
        assert (await with_cookie(place, place.secrets["R1"])).status_code == 401
        assert (await place.post(f"{HERE}/logout", {})).json() == {}, "and again is harmless"
        assert (await place.get(f"{HERE}/me", "R2"))["official"]["id"] == "R2"


ORIGINS = [
    (None, 200),
    ("http://{host}", 200),
    ("https://{host}", 200),
    ("http://evil.example", 401),
    ("http://{host}.evil.example", 401),
    ("http://{host}:81", 401),
    ("http://[", 401),
    ("null", 401),
    ("", 401),
]


@pytest.mark.parametrize(("origin", "status"), ORIGINS)
async def test_a_page_of_another_site_is_not_logged_in_by_the_cookie_that_came_with_it(origin: str | None, status: int) -> None:
    async with served() as place:
        host = place.url.removeprefix("http://")
        headers = {} if origin is None else {"Origin": origin.format(host=host)}
        assert (await with_cookie(place, place.secrets["R1"], **headers)).status_code == status
        assert (await with_cookie(place, place.secrets["C1"], "POST", "/thaw", **headers)).status_code == status
        await with_cookie(place, place.secrets["R1"], "POST", "/logout", **headers)
        assert (await with_cookie(place, place.secrets["R1"])).status_code == (401 if status == 200 else 200)


async def test_a_bearer_token_that_is_no_session_is_not_helped_by_the_cookie_beside_it() -> None:
    async with served() as place:
        headers = {**place.bearer("yongjia"), "Cookie": f"{COOKIE}={place.secrets['R1']}"}
        assert (await place.http.get(f"{place.url}{HERE}/me", headers=headers)).status_code == 401


async def test_officials_are_named_to_each_other_and_to_the_page_where_they_log_in() -> None:
    async with served() as place:
        named = (await place.get(f"{HERE}/officials", "R3"))["officials"]
        assert [(each["id"], each["role"], each["venue"]) for each in named] == [
            ("R1", "referee", None), ("R2", "referee", None), ("R3", "referee", None), ("C1", "chief", None),
        ]  # fmt: skip
        assert [each["name"] and each["name"]["zh"] for each in named] == ["Wei Lan", "鲁平", None, "Tang Yu"]
        public = (await place.get(f"{HERE}/officials/public"))["officials"]
        assert public == [{"id": each["id"], "name": each["name"]} for each in named]


async def test_the_roster_of_contestants_names_no_official() -> None:
    async with served() as place:
        roster = await place.get(f"{HERE}/roster")
        assert [each["id"] for each in roster["contestants"]] == ["A1", "A2", "B1", "B2", "G1"]
        assert "Wei Lan" not in str(roster)


async def test_an_official_whom_the_definition_no_longer_has_is_out_and_the_role_is_the_one_it_gives_now() -> None:
    async with served() as place:
        assert (await place.get(f"{HERE}/me", "R2"))["official"]["role"] == "referee"
        officials = [{"id": "R2", "role": "chief", "venue": "yueqing"}, {"id": "R3"}]
        changed = compile_rulebook(read_definition(document(2, officials=officials)), JUDGES)
        await adopt(place.stores, changed, "test", START_US)
        await _until_version(place, 2)
        for who in ("R1", "C1"):
            answer = await place.http.get(f"{place.url}{HERE}/me", headers=place.bearer(who))
            assert (answer.status_code, answer.json()["code"]) == (401, "not_logged_in")
            assert (await log_in(place, who)).status_code == 401
        promoted = (await place.get(f"{HERE}/me", "R2"))["official"]
        assert (promoted["role"], promoted["venue"]) == ("chief", "yueqing")
        assert len(await place.stores.officials.open_sessions(START_US)) == 4, "who was turned away got no session"


async def _until_version(place: Place, version: int) -> None:
    while (await place.get(HERE))["definition"] < version:  # noqa: ASYNC110 - a definition rings no bell
        await asyncio.sleep(0)


CHIEFS: list[tuple[str, Json]] = [
    ("clock", {"action": "start"}),
    ("freeze", {"minutes": 5}),
    ("thaw", {}),
    ("standings", {"contestant": "A1", "status": "dns", "reason": "not there"}),
]


@pytest.mark.parametrize(("path", "body"), CHIEFS)
async def test_the_chief_orders_as_staff_does_under_the_own_name_and_a_referee_does_not(path: str, body: Json) -> None:
    async with served() as place:
        answer = await place.post(f"{HERE}/{path}", body, "R1")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        as_page = {"Cookie": f"{COOKIE}={place.secrets['R1']}"}
        answer = await place.http.post(f"{place.url}{HERE}/{path}", json=body, headers=as_page)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        answer = await place.post(f"{HERE}/{path}", body, "C1")
        assert answer.status_code == 200, answer.text
        [entry] = await place.stores.ledger.read(CUP, answer.json()["position"] - 1)
        assert entry.author == "official:C1"


ROUTES: list[tuple[str, str, Any, int]] = [
    ("GET", "/me", None, 401),
    ("GET", "/officials", None, 401),
    ("POST", "/login/fresh", {"password": "password of R1"}, 401),
    ("GET", "/officials/public", None, 200),
    ("POST", "/logout", None, 200),
]
"""With what is answered to somebody who is no official."""


@pytest.mark.parametrize(("method", "path", "body", "to_others"), ROUTES)
async def test_who_may_do_what(method: str, path: str, body: Any, to_others: int) -> None:
    async with served() as place:
        for who in (None, "yongjia", "staff", "admin", "other staff", "cs_wrong", "os_wrong", "C1", "R1"):
            answer = await place.http.request(method, f"{place.url}{HERE}{path}", json=body, headers=place.bearer(who))
            if who == "C1" and path == "/login/fresh":
                assert answer.json()["code"] == "bad_login"
            else:
                assert answer.status_code == (200 if who in ("R1", "C1") else to_others), f"{who}: {answer.text}"


async def test_a_session_is_good_for_its_own_contest_only() -> None:
    async with served() as place:
        other = document(contest={"id": "league"})
        await adopt(place.stores, compile_rulebook(read_definition(other), JUDGES), "test", START_US)
        for path in ("me", "officials"):
            answer = await place.http.get(f"{place.url}/api/contests/league/{path}", headers=place.bearer("C1"))
            assert answer.status_code == 401
        answer = await place.post("/api/contests/league/thaw", {}, "C1")
        assert answer.status_code == 403
        nowhere = await place.post("/api/contests/nowhere/login", {"official": "C1", "password": password_of("C1")})
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown_contest")


async def test_logging_out_closes_the_sockets_of_the_session_and_of_no_other() -> None:
    async with served() as place, place.display("C1", audience="staff") as chief, place.display("staff", audience="staff") as staff:
        await chief.frame()
        await staff.frame()
        assert (await place.post(f"{HERE}/logout", {}, "C1")).status_code == 200
        assert await chief.until_closed() == (4501, "not_allowed")
        await place.post(f"{HERE}/thaw", {}, "staff")
        await staff.reach(2)


async def test_a_new_password_closes_the_sockets_of_its_official() -> None:
    async with served() as place, place.display("C1", audience="staff") as chief:
        await chief.frame()
        await place.stores.officials.set_password(CUP, OfficialId("C1"), "quite another one", START_US)
        assert await chief.until_closed() == (4501, "not_allowed")


# ---- what other routes ask of access.py ------------------------------------------------------------------------------------------


class Asking:
    """Requests and sockets as routes meet them, in a house without a port."""

    def __init__(self, house: House, secrets: Mapping[str, str], clock: Clock) -> None:
        self.house, self.secrets, self.clock = house, secrets, clock

    def connection(self, who: str | None, kind: str = "http") -> HTTPConnection:
        headers = [] if who is None else [(b"authorization", f"Bearer {self.secrets[who]}".encode())]
        scope = {"type": kind, "headers": headers}
        return Request(scope) if kind == "http" else WebSocket(scope, _nothing, _nothing)

    async def official(self, who: str | None, action: str = "official.self") -> Person:
        caller = await allow(self.connection(who).headers, self.house, action, CUP)
        assert isinstance(caller, Person)
        return caller


async def _nothing(*_: Any) -> Any:
    raise AssertionError("nothing is read or written")


@pytest.fixture
async def asking() -> Any:
    clock, stores = Clock(), open_stores("memory:")
    secrets = await equip(stores, at_us=clock())
    app = create_app(stores, JUDGES, Settings(), clock)
    async with app.router.lifespan_context(app):
        yield Asking(app.state.house, secrets, clock)


async def test_a_person_is_what_the_definition_says_with_the_contestants_of_the_own_employer(asking: Asking) -> None:
    for kind in ("http", "websocket"):
        person = await person_of(asking.connection("R1", kind), asking.house, CUP)
        assert person is not None
        assert (person.id, person.role, person.venue, person.recused) == ("R1", "referee", None, {ContestantId("B2")})
        assert (person.is_fresh, author_of(person)) == (True, "official:R1")
        assert person == await person_with(asking.secrets["R1"], asking.house, CUP)
    assert await person_with(asking.secrets["R1"], asking.house, ContestId("league")) is None
    assert await person_with(asking.secrets["staff"], asking.house, CUP) is None


async def test_what_is_for_the_chief_or_needs_the_password_again_says_so(asking: Asking) -> None:
    chief = await asking.official("C1", "rules.change")
    assert chief.role == "chief"
    check_fresh(chief)
    with pytest.raises(Denied, match="chief"):
        await asking.official("R1", "rules.change")
    for nobody in (None, "staff", "yongjia"):
        with pytest.raises(NotLoggedIn):
            await asking.official(nobody)
    asking.clock.us += FRESH_US
    with pytest.raises(ApiError, match="give your password again") as refused:
        check_fresh(await asking.official("R1"))
    assert (refused.value.status, refused.value.code) == (403, "not_fresh")


async def test_how_long_a_session_is_fresh_stands_in_the_definition() -> None:
    clock = Clock()
    async with served(document_=document(referees={"fresh_login_minutes": 1}), clock=clock) as place:
        assert (await place.get(f"{HERE}/me", "R1"))["fresh_until"] == text_of_us(START_US + 60_000_000)
