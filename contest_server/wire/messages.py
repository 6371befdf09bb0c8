"""The messages of the sockets, version 1 (`contest.v1`), named by direction. JSON text, told apart by `type`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from contest_server.core.facts import EventKind
from contest_server.core.rows import Row
from contest_server.wire.limits import SEQ_MAX, TIME_MAX_US, Limits

SUBPROTOCOL = "contest.v1"

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Seq = Annotated[int, Meta(ge=1, le=SEQ_MAX)]
Microseconds = Annotated[int, Meta(ge=-TIME_MAX_US, le=TIME_MAX_US)]


class VenueEvent(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One event as a venue sends it. `at` is ISO 8601 with a zone, by the device's clock."""

    seq: Seq
    kind: EventKind
    at: Annotated[str, Meta(min_length=10, max_length=40)]
    contestant: Name | None = None
    stage: Name | None = None
    attempt: Name | None = None
    data: dict[str, Any] = {}


class VenueHello(Struct, frozen=True, tag="hello"):
    """The first message of a venue: which of its devices speaks. `token`: from a page, which cannot send a header."""

    source: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\w.\-]+\Z")]
    token: Annotated[str, Meta(max_length=200)] | None = None


class VenueEvents(Struct, frozen=True, tag="events"):
    events: list[VenueEvent]


class VenueTime(Struct, frozen=True, tag="time"):
    """The answer to a clock exchange: the server's time back, with the device's own, both in microseconds since 1970.

    `waiting`, where the device knows it: how many events it holds that are not acknowledged yet.
    """

    t: Microseconds
    at: Microseconds
    waiting: Annotated[int, Meta(ge=0, le=SEQ_MAX)] | None = None


class Welcome(Struct, frozen=True, tag="welcome"):
    """`after` is the number of the last event of this source that is durable (or refused): send what comes after it."""

    contest: str
    venue: str
    epoch: str
    after: int
    limits: Limits


class Ack(Struct, frozen=True, tag="ack"):
    """Everything up to `seq` is durable, or was refused."""

    seq: int
    position: int


class Refusal(Struct, frozen=True, tag="refused", omit_defaults=True):
    """One event was not taken, and its number is used up; without `seq`: the message could not be read at all, no number is used up.

    With code `gap` no number is used up either: send from `expected` on.
    """

    seq: int | None
    code: str
    detail: str
    expected: int | None = None


class Time(Struct, frozen=True, tag="time"):
    """A clock exchange: answer at once with `{"type":"time","t":<this t>,"at":<your clock in µs>}`."""

    t: int


class ClockNotice(Struct, frozen=True, tag="clock"):
    """What the server makes of the device's clock: device minus server, certain within ± `error_us`."""

    offset_us: int
    error_us: int


class Bye(Struct, frozen=True, tag="bye"):
    """The last message before the server closes. `retry`: whether connecting again can help."""

    code: str
    retry: bool


class Painted(Struct, frozen=True, tag="painted"):
    """A display has painted everything up to this position."""

    to: int


class FrameMessage(Struct, frozen=True, tag="frame"):
    """What changed on a board after position `from`; with `from` 0, the whole of it. Rows overwrite by id, ids in `gone` leave."""

    epoch: str
    from_: int = field(name="from")
    to: int
    total: int
    state: dict[str, Any]
    rows: list[Row]
    gone: list[str]


class Beat(Struct, frozen=True, tag="beat"):
    """Nothing new; the display is not stale."""

    to: int
    now: str


FromVenue = VenueHello | VenueEvents | VenueTime
ToVenue = Welcome | Ack | Refusal | Time | ClockNotice | Bye
FromDisplay = Painted
ToDisplay = FrameMessage | Beat | Bye


class Close(Struct, frozen=True):
    """A close code with its word. 4000 to 4499: connect again; 4500 to 4999: do not."""

    status: int
    code: str

    @property
    def retry(self) -> bool:
        return self.status < 4500


HELLO_TIMEOUT = Close(4001, "hello_timeout")
RESTARTING = Close(4002, "restarting")
TOO_MANY = Close(4003, "too_many_sockets")
NOT_ALLOWED = Close(4501, "not_allowed")
REPLACED = Close(4502, "replaced")
UNKNOWN_CONTEST = Close(4004, "unknown_contest")
TOO_FAST = Close(4005, "too_many_requests")
BAD_MESSAGES = Close(4504, "bad_messages")
BAD_VIEW = Close(4505, "bad_view")
BAD_HELLO = Close(4506, "bad_hello")
CLOSES = (
    HELLO_TIMEOUT,
    RESTARTING,
    TOO_MANY,
    NOT_ALLOWED,
    REPLACED,
    UNKNOWN_CONTEST,
    TOO_FAST,
    BAD_MESSAGES,
    BAD_VIEW,
    BAD_HELLO,
)
