"""Who may do what: the table of the README, walked. Every route and every socket of the application, asked by everybody who could ask."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Mount
from websockets.exceptions import ConnectionClosed

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, OfficialId, VenueId
from contest_server.core.roles import ACTIONS, PERSONAL, ROLES, Role, Scope, may, role_of
from contest_server.ledger.tokens import Role as Word
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import adopt
from contest_server.live.now import now_us
from contest_server.live.settings import Settings
from contest_server.web import access
from contest_server.web.app import create_app
from contest_server.web.openapi import routes_of
from contest_server.web.rights import needed_by
from tests.contests import CUP, JUDGES, START_US, Json, document
from tests.web.places import Client, Place, equip, served

README = Path(__file__).parents[2] / "README.md"
REFUSED = {(401, "not_logged_in"), (403, "not_allowed"), (403, "not_chief")}
IN_THE_BODY = {("another venue's token", "venue.hand_over")}
"""What is asked for stands in the body: see test_handovers."""
OTHER = ContestId("other")
OFFICIALS: list[Json] = [{"id": "R1"}, {"id": "R2"}, {"id": "C1", "role": "chief"}, {"id": "C2", "role": "chief"}]
DOCUMENT = document(officials=OFFICIALS)
DOWNGRADED = document(2, officials=[*OFFICIALS[:3], {"id": "C2", "role": "referee"}])
PARTS = {
    "contest": CUP, "venue": "yongjia", "contestant": "A1", "stage": "quiz", "position": "1", "name": "nothing", "layer": "1",
    "screen": "nothing", "token": "0" * 16, "account": "nobody", "grant_id": "nothing", "code": "000000", "official": "nobody",
    "station": "S1",
}  # fmt: skip
"""What stands for each part of a path. Nothing that could be changed or ended by it is there."""


@dataclass
class Asker:
    """Somebody who may ask: with this secret, in this role here. `is_person`: known by name here, so that a login is no use.

    `elsewhere`: the role in another contest, which is enough for what touches none.
    """

    secret: str | None
    role: Role | None = None
    is_person: bool = False
    has_account: bool = False
    elsewhere: Role | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.secret is None else {"Authorization": f"Bearer {self.secret}"}


@dataclass
class World:
    app: FastAPI
    stores: Stores
    askers: dict[str, Asker] = field(default_factory=dict)


# ---- everybody who could ask -----------------------------------------------------------------------------------------------------

TOKENS: list[tuple[Word, str | None]] = [
    ("admin", None), ("director", CUP), ("staff", CUP), ("venue", CUP), ("display", CUP), ("auditor", CUP),
    ("director", OTHER), ("venue", OTHER), ("display", OTHER), ("auditor", OTHER),
]  # fmt: skip
GRANTS: dict[str, tuple[Role, Scope]] = {
    "admin": ("admin", Scope()),
    "director": ("director", Scope(CUP)),
    "director of all": ("director", Scope()),
    "chief": ("chief", Scope(CUP, official="C1")),
    "referee": ("referee", Scope(CUP, official="R2")),
    "venue": ("venue", Scope(CUP, venue="yongjia")),
    "auditor": ("auditor", Scope(CUP)),
    "auditor of all": ("auditor", Scope()),
    "contestant": ("contestant", Scope(CUP, contestant="A1")),
    "other director": ("director", Scope(OTHER)),
    "other chief": ("chief", Scope(OTHER, official="C1")),
    "other venue": ("venue", Scope(OTHER, venue="yongjia")),
    "other auditor": ("auditor", Scope(OTHER)),
    "other contestant": ("contestant", Scope(OTHER, contestant="A1")),
    "an official who is none": ("chief", Scope(CUP, official="C9")),
}
PASSWORD = "a good password"


async def everybody(stores: Stores) -> dict[str, Asker]:
    """Everybody but those who lose something after they have logged in."""
    askers = {"nobody": Asker(None), "a wrong token": Asker("cs_wrong"), "a wrong session": Asker("as_wrong")}
    askers |= await _officials(stores)
    for word, contest in TOKENS:
        scope = (ContestId(contest) if contest else None, VenueId("yongjia") if word == "venue" else None)
        issued = await stores.tokens.issue(word, now_us(), *scope)
        name, role_ = f"{'other ' if contest == OTHER else ''}token {word}", role_of(word)
        askers[name] = Asker(issued.secret, elsewhere=role_) if contest == OTHER else Asker(issued.secret, role_)
    elsewhere = await stores.tokens.issue("venue", now_us(), CUP, VenueId("yueqing"))
    askers["another venue's token"] = Asker(elsewhere.secret)
    for name, (role, scope_) in GRANTS.items():
        here = role if scope_.contest in (None, CUP) and scope_.official != "C9" else None
        anywhere = role if scope_.official is None else None
        askers[f"account {name}"] = Asker(await _account(stores, name, role, scope_), here, True, True, anywhere)
    askers["account without a role"] = Asker(await _account(stores, "without"), None, is_person=True, has_account=True)
    return askers


async def _account(stores: Stores, name: str, role: Role | None = None, scope: Scope | None = None) -> str:
    account = name.replace(" ", "-")
    await stores.accounts.add(account, name, START_US)
    await stores.accounts.set_password(account, PASSWORD, START_US)
    if role is not None and scope is not None:
        await stores.accounts.grant(account, role, scope, START_US)
    begun = await stores.accounts.log_in(account, PASSWORD, now_us())
    assert begun is not None
    return begun.secret


async def _officials(stores: Stores) -> dict[str, Asker]:
    found = {}
    for name, contest, role in (("R1", CUP, "referee"), ("C1", CUP, "chief"), ("C1", OTHER, None)):
        await stores.officials.set_password(contest, OfficialId(name), PASSWORD, START_US)
        begun = await stores.officials.log_in(contest, OfficialId(name), PASSWORD, now_us())
        assert begun is not None
        key = f"{'other ' if contest == OTHER else ''}official {name}"
        found[key] = Asker(begun.secret, None if role is None else role_of(role), is_person=contest == CUP)
    return found


async def those_who_lost_something(stores: Stores) -> dict[str, Asker]:
    """Tokens that were revoked, ended or rotated, sessions that are over, accounts that were disabled or have less to say by now."""
    askers = {}
    for word, contest in TOKENS[:6]:
        scope = (ContestId(contest) if contest else None, VenueId("yongjia") if word == "venue" else None)
        issued = await stores.tokens.issue(word, now_us(), *scope)
        await stores.tokens.revoke(issued.token.id, now_us())
        askers[f"revoked {word}"] = Asker(issued.secret)
    ended = await stores.tokens.issue("admin", START_US, expires_us=START_US + 1)
    rotated = await stores.tokens.issue("director", now_us(), CUP)
    follower = await stores.tokens.rotate(rotated.token.id, now_us(), 0)
    assert follower is not None
    askers |= {
        "expired admin": Asker(ended.secret),
        "rotated director": Asker(rotated.secret),
        "its follower": Asker(follower.secret, "director"),
    }
    for name, (role, scope_) in list(GRANTS.items())[:9]:
        secret = await _account(stores, f"was {name}", role, scope_)
        account = f"was-{name.replace(' ', '-')}"
        found = await stores.accounts.account(account)
        assert found is not None
        await stores.accounts.take(account, found.grants[0].id)
        askers[f"was {name}"] = Asker(secret, None, is_person=True, has_account=True)
        disabled = await _account(stores, f"disabled {name}", role, scope_)
        await stores.accounts.disable(f"disabled-{name.replace(' ', '-')}", now_us())
        askers[f"disabled {name}"] = Asker(disabled)
    await stores.officials.set_password(CUP, OfficialId("C2"), PASSWORD, START_US)
    begun = await stores.officials.log_in(CUP, OfficialId("C2"), PASSWORD, now_us())
    assert begun is not None
    await adopt(stores, compile_rulebook(read_definition(DOWNGRADED), JUDGES), "test", START_US)
    return askers | {"C2, chief no longer": Asker(begun.secret, "referee", is_person=True)}


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    stores = open_stores("memory:")
    await adopt(stores, compile_rulebook(read_definition(DOCUMENT), JUDGES), "test", START_US)
    app = create_app(stores, JUDGES, Settings(), now_us)
    async with app.router.lifespan_context(app):
        askers = await everybody(stores)
        await app.state.house.desks.desk(CUP)
        askers |= await those_who_lost_something(stores)
        await _until_version(app, 2)
        yield World(app, stores, askers)


async def _until_version(app: FastAPI, version: int) -> None:
    while (await app.state.house.desks.desk(CUP)).contest.version < version:  # noqa: ASYNC110 - a definition rings no bell
        await asyncio.sleep(0.01)


# ---- the table -------------------------------------------------------------------------------------------------------------------


def table() -> str:
    """The table of the README, as the code has it."""
    lines = [f"| | everybody | {' | '.join(ROLES)} |", "| --- " * (len(ROLES) + 2) + "|"]
    for rule in ACTIONS.values():
        shown = ["✓" if rule.is_public else "⁴" if rule.for_accounts else ""]
        shown += ["✓" if not rule.for_accounts and role in rule.roles else "" for role in ROLES]
        lines.append(f"| {rule.what} | {' | '.join(shown)} |")
    return "\n".join(re.sub(" +", " ", line) for line in lines)


def read_table() -> dict[str, set[str]]:
    """Who may do what, as the README says it: by action, "everybody" and the roles."""
    lines = [line for line in README.read_text("utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    start = next(n for n, row in enumerate(rows) if row[1:3] == ["everybody", "admin"])
    columns = rows[start][1:]
    by_what = {
        row[0]: {column for column, cell in zip(columns, row[1:], strict=True) if cell}
        for row in rows[start + 2 :]
        if len(row) == len(rows[start])
    }
    return {action: by_what[rule.what] for action, rule in ACTIONS.items()}


def test_the_readme_shows_the_table_that_holds() -> None:
    assert table() in README.read_text("utf-8"), f"put this into the README:\n{table()}"


def test_every_role_has_something_to_do_and_nobody_does_what_stands_nowhere() -> None:
    assert all(any(may(role, action) and not rule.is_public for action, rule in ACTIONS.items()) for role in ROLES)
    assert not may("admin", "nothing.of.the.kind")
    assert [action for action in ACTIONS if may(None, action)] == [action for action, rule in ACTIONS.items() if rule.is_public]


async def test_every_route_and_every_socket_names_its_action() -> None:
    async with world() as there:
        silent = [(path, route) for path, _, route in routes_of(there.app) if needed_by(route) is None]
        assert [type(route) for _, route in silent] == [Mount], "what is mounted are the pages' own files"
        used = {needed_by(route).action for _, _, route in routes_of(there.app) if needed_by(route)}  # type: ignore[union-attr]
        used |= {needed_by(route).more for _, _, route in routes_of(there.app) if needed_by(route)}  # type: ignore[union-attr]
        assert used - {None} == set(ACTIONS), "and no action is without one"


async def test_a_route_that_names_none_is_closed_to_everybody() -> None:
    async with world() as there:
        reached: list[str] = []

        @there.app.get("/api/forgotten")
        async def forgotten() -> None:
            reached.append("reached")

        @there.app.websocket("/api/forgotten/socket")
        async def forgotten_socket() -> None:
            reached.append("reached")

        there.app.router.routes.insert(0, there.app.router.routes.pop())
        there.app.router.routes.insert(0, there.app.router.routes.pop())
        async with client(there) as http:
            for asker in (there.askers["nobody"], there.askers["token admin"], there.askers["account admin"]):
                answer = await http.get("/api/forgotten", headers=asker.headers)
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
        said: list[Json] = []
        scope = {"type": "websocket", "path": "/api/forgotten/socket", "headers": [], "query_string": b"", "subprotocols": []}
        with suppress(Exception):
            await there.app({**scope, "client": ("127.0.0.1", 1)}, _connects, _said_to(said))
        assert [each["type"] for each in said] != ["websocket.accept"]
        assert reached == []


async def _connects() -> Json:
    return {"type": "websocket.connect"}


def _said_to(said: list[Json]) -> Any:
    async def send(message: Any) -> None:
        said.append(message)

    return send


# ---- the walk --------------------------------------------------------------------------------------------------------------------


def client(there: World) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=there.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://here", timeout=30)


def http_routes(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Method, path and action of every route; those that log out come last."""
    found = []
    for path, methods, route in routes_of(app):
        needs = needed_by(route)
        if isinstance(route, APIRoute) and needs is not None:
            found += [(method.upper(), path, needs.action) for method in methods]
    yield from sorted(found, key=lambda each: each[1].endswith("/logout"))


def path_of(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda part: PARTS[part[1]], path)


def expected(asker: Asker, action: str, table_: Mapping[str, set[str]]) -> int:
    """200: let in. 401: log in first. 403: not you."""
    granted = table_[action]
    if "everybody" in granted and not ACTIONS[action].for_accounts:
        return 200
    if ACTIONS[action].for_accounts:
        return 200 if asker.has_account else 401
    if asker.role in granted or (ACTIONS[action].in_any_scope and asker.elsewhere in granted):
        return 200
    is_personal = granted <= PERSONAL
    if is_personal and not asker.is_person:
        return 401
    return 401 if asker.secret is None else 403


async def head(stores: Stores) -> int:
    return (await stores.ledger.head(CUP)).position


async def faults_of(there: World, http: httpx.AsyncClient, askers: Mapping[str, Asker]) -> list[str]:
    """Every answer to these askers that is not what the README says."""
    table_, faults = read_table(), []
    for who, asker in askers.items():
        for method, path, action in http_routes(there.app):
            if (who, action) in IN_THE_BODY:
                continue
            wanted, before = expected(asker, action, table_), await head(there.stores)
            body = b"[]" if method in ("POST", "PUT", "DELETE") else None
            headers = {**asker.headers, **({"Content-Type": "application/json"} if body else {})}
            answer = await http.request(method, path_of(path), content=body, headers=headers)
            if is_refusal(answer) != (wanted != 200) or (wanted != 200 and answer.status_code != wanted):
                faults.append(f"{who}: {method} {path} ({action}): {answer.status_code}, not {wanted}")
            if wanted != 200 and await head(there.stores) != before:
                faults.append(f"{who}: {method} {path}: something was entered")
            assert answer.status_code in (502, 503) or answer.status_code < 500, f"{who}: {method} {path}: {answer.text}"
    return faults


def is_refusal(answer: httpx.Response) -> bool:
    """Whether this one may not; not whether it makes no sense, or not now."""
    if answer.status_code not in (401, 403) or answer.request.url.path == "/metrics":
        return False
    return (answer.status_code, answer.json()["code"]) in REFUSED


async def test_every_route_lets_in_whom_the_table_names_and_nobody_else() -> None:
    async with world() as there, client(there) as http:
        faults = await faults_of(there, http, there.askers)
        assert not faults, "\n".join(faults)


async def test_nothing_is_lost_or_won_by_those_who_are_refused() -> None:
    """Whatever strangers ask, accounts, tokens, sessions and the ledger are what they were."""
    async with world() as there, client(there) as http:
        table_ = read_table()

        async def everything() -> tuple[Any, ...]:
            stores = there.stores
            return await stores.accounts.all(), await stores.tokens.all(), await stores.accounts.open_sessions(now_us()), await head(stores)

        before = await everything()
        strangers = {who: asker for who, asker in there.askers.items() if asker.role is None}
        for who, asker in strangers.items():
            for method, path, action in http_routes(there.app):
                if expected(asker, action, table_) != 200 and (who, action) not in IN_THE_BODY:
                    answer = await http.request(method, path_of(path), json={}, headers=asker.headers)
                    assert answer.status_code in (401, 403), f"{who}: {method} {path}: {answer.text}"
                    assert set(answer.json()) == {"code", "detail"}
        assert await everything() == before


# ---- sockets ---------------------------------------------------------------------------------------------------------------------


async def socket_lets_in(place: Place, path: str, asker: Asker, hello: Json | None) -> bool:
    """Whether a socket says anything but goodbye."""
    address = re.sub(r"\{(\w+)\}", lambda part: PARTS[part[1]], path)
    async with place.socket(address, asker.secret) as socket:
        heard = Client(socket)
        if hello is not None:
            with suppress(ConnectionClosed):
                await heard.say(hello)
        message = await _first(heard)
        if message.get("type") != "bye":
            return True
        assert message == {"type": "bye", "code": "not_allowed", "retry": False}
        assert (await heard.until_closed())[0] == 4501
        return False


async def _first(heard: Client) -> Json:
    return json.loads(await heard.socket.recv())  # type: ignore[no-any-return]


SOCKETS: dict[str, list[tuple[str, str, Json | None]]] = {
    "/api/contests/{contest}/board": [("board.read", "?audience=public", None), ("board.read_all", "?audience=staff", None)],
    "/api/contests/{contest}/venues/{venue}/events": [("events.send", "", {"type": "hello", "source": "desk"})],
    "/api/contests/{contest}/screens/me": [("display.self", "", {"type": "hello", "token": None})],
    "/api/contests/{contest}/reviews": [("queue.follow", "", {"type": "hello", "token": None})],
}
"""How each socket may be asked for what, with what is said first."""


async def test_every_socket_lets_in_whom_the_table_names_and_nobody_else() -> None:
    stores = open_stores("memory:")
    secrets = await equip(stores, DOCUMENT)
    async with served(stores, DOCUMENT, secrets) as place:
        askers = await everybody(stores)
        await place.get(f"/api/contests/{CUP}")
        askers |= await those_who_lost_something(stores)
        while (await place.get(f"/api/contests/{CUP}"))["definition"] < 2:
            pass
        app = create_app(stores, JUDGES, Settings(), now_us)
        sockets = {path for path, _, route in routes_of(app) if isinstance(route, APIWebSocketRoute)}
        assert sockets == set(SOCKETS), "every socket is asked"
        table_, faults = read_table(), []
        for who, asker in askers.items():
            for path, ways in SOCKETS.items():
                for action, query, hello in ways:
                    wanted = expected(asker, action, table_) == 200
                    if await socket_lets_in(place, path + query, asker, hello) != wanted:
                        faults.append(f"{who}: {path}{query}: {'refused' if wanted else 'let in'}")
        assert not faults, "\n".join(faults)
    await stores.close()


# ---- the walk notices ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "who"), [("referee", "official R1"), ("display", "token display"), ("venue", "account venue")])
async def test_a_right_that_the_table_does_not_name_is_noticed(role: Role, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = replace(ACTIONS["board.freeze"], roles=ACTIONS["board.freeze"].roles | {role})
    monkeypatch.setattr(access, "ACTIONS", {**ACTIONS, "board.freeze": rule})
    async with world() as there, client(there) as http:
        faults = await faults_of(there, http, {who: there.askers[who]})
    assert len([each for each in faults if "thaw" in each]) == 2, "let in, and something was entered"
