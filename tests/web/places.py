"""A real server on a free port, and clients that hold every message they get against the document that describes it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestId, OfficialId, VenueId
from contest_server.ledger.tokens import Role
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import adopt
from contest_server.live.now import now_us
from contest_server.live.settings import Settings
from contest_server.web.asyncapi import document as asyncapi
from contest_server.web.serving import serving
from tests.contests import CUP, JUDGES, START_US, Json, document
from tests.live.screens import Screen

PATIENCE_S = 60.0
"""How long a test waits for something that has to happen. Never a condition of passing."""
EVENTS = f"/api/contests/{CUP}/venues/{{venue}}/events"
REVIEWS = f"/api/contests/{CUP}/reviews"
BY_TYPE = {
    "welcome": "Welcome", "ack": "Ack", "refused": "Refusal", "time": "Time", "clock": "ClockNotice", "bye": "Bye", "frame": "FrameMessage",
    "beat": "Beat",
}  # fmt: skip
REVIEWS_BY_TYPE = {"welcome": "ReviewWelcome", "queue": "QueueMessage", "beat": "ReviewBeat", "bye": "Bye"}
"""On the officials' socket."""


@dataclass
class Place:
    """A served contest, with the secrets of those who may do something there."""

    url: str
    stores: Stores
    http: httpx.AsyncClient
    secrets: dict[str, str]

    def bearer(self, who: str | None) -> dict[str, str]:
        return {} if who is None else {"Authorization": f"Bearer {self.secrets.get(who, who)}"}

    async def get(self, path: str, who: str | None = None, **params: str) -> Json:
        answer = await self.http.get(f"{self.url}{path}", headers=self.bearer(who), params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    async def post(self, path: str, body: Any, who: str | None = None, **params: str) -> httpx.Response:
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        headers = {**self.bearer(who), "Content-Type": "application/json"}
        return await self.http.post(f"{self.url}{path}", content=content, headers=headers, params=params)

    async def order(self, path: str, **body: Any) -> httpx.Response:
        """What staff asks for."""
        return await self.http.post(f"{self.url}/api/contests/{CUP}/{path}", json=body, headers=self.bearer("staff"))

    async def board(self, who: str | None = None, **params: str) -> Json:
        return await self.get(f"/api/contests/{CUP}/board", who, **params)

    async def open(self) -> None:
        """Open the contest's desk, so that displays are let in at the door (`web/crowd_door.py`)."""
        await self.http.get(f"{self.url}/api/contests/{CUP}/board", params={"view": "top:1"})

    def socket(self, path: str, who: str | None = None) -> connect:
        return dialled(self.url, path, self.bearer(who), subprotocols=[Subprotocol("contest.v1")])

    @asynccontextmanager
    async def venue(self, venue: str = "yongjia", source: str = "desk", who: str | None = None) -> AsyncIterator[Client]:
        """A venue that has said hello and was welcomed."""
        async with self.socket(EVENTS.format(venue=venue), who or venue) as socket:
            client = Client(socket)
            await client.say({"type": "hello", "source": source})
            client.welcome = await client.hear("welcome")
            yield client

    @asynccontextmanager
    async def reviews(self, who: str) -> AsyncIterator[Referee]:
        """An official's queue, who was welcomed."""
        async with self.socket(REVIEWS, who) as socket:
            referee = Referee(socket)
            referee.welcome = await referee.hear("welcome")
            yield referee

    @asynccontextmanager
    async def display(self, who: str | None = None, **query: str) -> AsyncIterator[Display]:
        path = f"/api/contests/{CUP}/board?" + "&".join(f"{name}={value}" for name, value in query.items())
        await self.open()
        async with self.socket(path, who) as socket:
            yield Display(socket)


def dialled(url: str, path: str, headers: Mapping[str, str] | None = None, **how: Any) -> connect:
    """A socket at this path of a server, which takes its time on a busy machine: for a handshake, and to answer a ping."""
    patient = {"open_timeout": PATIENCE_S, "ping_interval": None, "max_size": None}
    return connect(f"ws{url.removeprefix('http')}{path}", additional_headers=headers, **(patient | how))


class Client:
    """A socket whose every incoming message is valid by the AsyncAPI document."""

    by_type: Mapping[str, str] = BY_TYPE

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: Json = {}
        self.answers_clock = False

    async def say(self, message: Any) -> None:
        await self.socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    async def next(self) -> Json:
        async with asyncio.timeout(PATIENCE_S):
            return valid(await self.socket.recv(), self.by_type)

    async def hear(self, *types: str) -> Json:
        """The next message of one of these types. Clock exchanges in between are left alone."""
        while True:
            message = await self.next()
            if message["type"] in types:
                return message
            assert message["type"] in ("time", "clock", "beat", "frame", "queue"), message

    async def send(self, *events: Json) -> Json:
        """Send a batch; the acknowledgement."""
        await self.say({"type": "events", "events": events})
        return await self.hear("ack")

    async def until_closed(self) -> tuple[int, str | None]:
        """The close code, and the code of the bye before it."""
        said: str | None = None
        with suppress(ConnectionClosed):
            while True:
                message = await self.next()
                said = message["code"] if message["type"] == "bye" else said
        assert self.socket.close_code is not None, "closed without a close code"
        return self.socket.close_code, said


class Referee(Client):
    """An official's page at the end of a socket: it has the last queue that it was sent."""

    by_type = REVIEWS_BY_TYPE

    async def until(self, true: Callable[[Json], bool]) -> Json:
        """The first queue of which this is true."""
        while True:
            queue = await self.hear("queue")
            if true(queue):
                return queue

    async def look(self, contestant: str | None = "A1", stage: str | None = "quiz") -> None:
        await self.say({"type": "look", "contestant": contestant, "stage": stage})


class Display(Client):
    """A screen at the end of a socket."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self.screen = Screen()

    async def frame(self) -> Json:
        return self.screen.merge(json.dumps(await self.hear("frame")))

    async def reach(self, position: int) -> None:
        """Merge frames until the board is at this position."""
        while self.screen.position is None or self.screen.position < position:
            await self.frame()


def note(seq: int, **more: Any) -> Json:
    return {"seq": seq, "kind": "note", "at": "2026-11-22T01:00:01Z", **more}


def clear(seq: int, contestant: str = "A1", stage: str = "quiz", attempt: str = "1", at: str = "01:00:05Z", **more: Any) -> Json:
    return {"seq": seq, "kind": "clear", "contestant": contestant, "stage": stage, "attempt": attempt, "at": f"2026-11-22T{at}", **more}


def batch(*events: Json) -> Json:
    return {"type": "events", "events": events}


@lru_cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": asyncapi()["components"]})


def valid(text: str | bytes, by_type: Mapping[str, str] = BY_TYPE) -> Json:
    """The message, which the document describes."""
    message: Json = json.loads(text)
    _validator(by_type[message["type"]]).validate(message)
    return message


async def equip(stores: Stores, document_: Json | None = None, at_us: int | None = None) -> dict[str, str]:
    """Adopt the contest and let everybody in: venues and staff with tokens, officials (by their ids) with sessions that begin now."""
    await adopt(stores, compile_rulebook(read_definition(document_ or document()), JUDGES), "test", START_US)
    wanted: Sequence[tuple[str, Role, str | None, str | None]] = (
        ("yongjia", "venue", CUP, "yongjia"), ("yueqing", "venue", CUP, "yueqing"), ("elsewhere", "venue", "other", "yongjia"),
        ("staff", "staff", CUP, None), ("other staff", "staff", "other", None), ("admin", "admin", None, None),
    )  # fmt: skip
    secrets = {}
    for name, role, contest, venue in wanted:
        scope = (ContestId(contest) if contest else None, VenueId(venue) if venue else None)
        secrets[name] = (await stores.tokens.issue(role, START_US, *scope)).secret
    return secrets | await log_in(stores, document_ or document(), now_us() if at_us is None else at_us)


async def log_in(stores: Stores, document_: Json, at_us: int) -> dict[str, str]:
    """Give every official a password and a session, whose secret may be sent as a bearer token."""
    secrets: dict[str, str] = {}
    contest = ContestId(document_["contest"]["id"])
    for each in document_.get("officials", []):
        official = OfficialId(each["id"])
        await stores.officials.set_password(contest, official, password_of(official), at_us)
        begun = await stores.officials.log_in(contest, official, password_of(official), at_us)
        assert begun is not None
        secrets[official] = begun.secret
    return secrets


def password_of(official: str) -> str:
    return f"password of {official}"


@asynccontextmanager
async def served(
    stores: Stores | None = None,
    document_: Json | None = None,
    secrets: dict[str, str] | None = None,
    clock: Callable[[], int] = now_us,
    **settings: Any,
) -> AsyncIterator[Place]:
    """The small contest on a free port; in memory, unless stores are given; in real time, unless a clock is."""
    own = stores or open_stores("memory:")
    secrets = secrets or await equip(own, document_, clock())
    limits = Settings(**{"port": 0, "paint_interval_ms": 5, "follow_interval_ms": 20, **settings})
    try:
        async with serving(own, JUDGES, limits, clock) as url, httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
            yield Place(url, own, http, secrets)
    finally:
        if stores is None:
            await own.close()
