"""The referees' socket without the socket: the queue as it is, and who looks at what. No decision is ever made over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from contest_server.wire.messages import Bye
from contest_server.wire.reading import BadMessage

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

MESSAGE_MAX_BYTES = 4_096
MESSAGES_PER_S = 20
"""Beyond it an official's socket is read more slowly."""

_decoder: msgspec.json.Decoder[FromOfficial] = msgspec.json.Decoder(FromOfficial)


def encode(message: ToOfficial) -> str:
    return msgspec.json.encode(message).decode()


def read(text: str | bytes) -> FromOfficial:
    """A message of an official's page. Raises BadMessage."""
    if len(text) > MESSAGE_MAX_BYTES:
        raise BadMessage("too_large", f"{len(text)} characters; at most {MESSAGE_MAX_BYTES} bytes in one message")
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMessage("bad_message", str(error)[:200]) from None


@dataclass(slots=True)
class ReviewSession:
    """Where one official's page is: which revision of the queue it was sent, and how much of what it said could not be read."""

    bad_max: int
    sent: int = 0
    bad: int = 0

    def receive(self, text: str | bytes) -> FromOfficial | None:
        """What it says; None where that cannot be read. Raises BadMessage once it was so `bad_max` times in a row."""
        try:
            message = read(text)
        except BadMessage:
            self.bad += 1
            if self.bad >= self.bad_max:
                raise
            return None
        self.bad = 0
        return message
