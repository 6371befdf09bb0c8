"""The referees' socket without the socket: the queue as it is, and who looks at what. No decision is ever made over it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from contest_server.wire.messages import Bye
from contest_server.wire.patience import Patience, read_as

Name = Annotated[str, Meta(min_length=1, max_length=64)]


class ReviewHello(Struct, frozen=True, tag="hello"):
    """The first message: the secret of the session, where neither a cookie nor a header says who is there. Later on it says nothing."""

    token: Annotated[str, Meta(max_length=200)] | None = None


class Look(Struct, frozen=True, tag="look"):
    """The official looks at this; it is said again every ten seconds, and forgotten after thirty."""

    contestant: Name | None = None
    stage: Name | None = None


class Leave(Struct, frozen=True, tag="leave"):
    """The official looks at nothing any more."""


class ReviewWelcome(Struct, frozen=True, tag="welcome"):
    """Who was let in."""

    official: dict[str, str]
    contest: str
    epoch: str


class CaseRow(Struct, frozen=True):
    """A case of the queue. `blocks` says what waits for it; `count` is how many questions it holds. A device's case names its `source`."""

    key: str
    contestant: str | None
    stage: str | None
    attempt: str | None
    severity: str
    codes: list[str]
    flags: int
    keys: list[str]
    blocks: list[str]
    weight: int
    since: str
    venue: str | None
    rank: int | None
    state: str | None
    points: str
    maximum: str
    source: str | None
    count: int


class Lease(Struct, frozen=True):
    """An official and what they look at."""

    official: str
    contestant: str | None
    stage: str | None


class QueueMessage(Struct, frozen=True, tag="queue"):
    """The whole queue after a change: the cases that block the most first (at most 500 of `total`), and what waits for a second person."""

    revision: int
    position: int
    total: int
    cases: list[CaseRow]
    leases: list[Lease]
    waiting: list[dict[str, Any]]
    counts: dict[str, int]


class ReviewBeat(Struct, frozen=True, tag="beat"):
    """Nothing new; the server is there and has folded everything up to this position."""

    position: int
    now: str


FromOfficial = ReviewHello | Look | Leave
ToOfficial = ReviewWelcome | QueueMessage | ReviewBeat | Bye

MESSAGES_PER_S = 20
"""Beyond it an official's socket is read more slowly."""

_decoder: msgspec.json.Decoder[FromOfficial] = msgspec.json.Decoder(FromOfficial)


def encode(message: ToOfficial) -> str:
    return msgspec.json.encode(message).decode()


def read(text: str | bytes) -> FromOfficial:
    """A message of an official's page. Raises BadMessage."""
    return read_as(_decoder, text)


class ReviewSession(Patience[FromOfficial]):
    """Where one official's page is: which revision of the queue it was sent, and how much of what it said could not be read."""

    def __init__(self, bad_max: int) -> None:
        super().__init__(_decoder, bad_max)
        self.sent = 0
