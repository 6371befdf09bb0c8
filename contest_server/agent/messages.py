"""The messages of contest.v1 as the venue sees them. What it does not know it ignores; what it knows must have the right shape."""

from __future__ import annotations

from typing import NewType

import msgspec
from msgspec import Struct

SUBPROTOCOL = "contest.v1"
MESSAGE_BYTES_LEAST = 4_096

Wire = NewType("Wire", bytes)
"""One event as it travels: a JSON object that begins with its number."""


class Limits(Struct, frozen=True):
    """What the server takes: events in a message, bytes in a message, events a second."""

    batch: int = 500
    message_bytes: int = 262_144
    rate_per_s: int = 2_000

    def __post_init__(self) -> None:
        if min(self.batch, self.rate_per_s) < 1 or self.message_bytes < MESSAGE_BYTES_LEAST:
            raise ValueError(f"limits that no event fits into: {self}")


class Welcome(Struct, frozen=True, tag="welcome"):
    after: int
    epoch: str
    contest: str | None = None
    venue: str | None = None
    limits: Limits = Limits()


class Ack(Struct, frozen=True, tag="ack"):
    """Everything up to `seq` is durable, or was refused by name."""

    seq: int
    position: int | None = None


class Refused(Struct, frozen=True, tag="refused"):
    """With a number: it is used up, except for code `gap`, which names the number expected. Without one: the whole message was at fault."""

    code: str
    seq: int | None = None
    detail: str = ""
    expected: int | None = None


class Time(Struct, frozen=True, tag="time"):
    t: int


class ClockTold(Struct, frozen=True, tag="clock"):
    """This device's clock minus the server's, as the server has measured it, within ± `error_us`."""

    offset_us: int
    error_us: int | None = None


class Bye(Struct, frozen=True, tag="bye"):
    code: str
    retry: bool = True


FromServer = Welcome | Ack | Refused | Time | ClockTold | Bye


class Unintelligible(ValueError):
    """The server said something that breaks the contract. Its fault; connecting again may help."""


class _Envelope(Struct, frozen=True):
    type: str


_KINDS: dict[str, msgspec.json.Decoder[FromServer]] = {
    tag: msgspec.json.Decoder(kind)
    for tag, kind in (("welcome", Welcome), ("ack", Ack), ("refused", Refused), ("time", Time), ("clock", ClockTold), ("bye", Bye))
}
_envelope = msgspec.json.Decoder(_Envelope)


def read_message(text: str | bytes) -> FromServer | None:
    """The message, or None for a type that a later version may know. Raises Unintelligible."""
    try:
        kind = _KINDS.get(_envelope.decode(text).type)
        return None if kind is None else kind.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fault:
        raise Unintelligible(f"{fault} in {text[:120]!r}") from fault


def hello(source: str) -> str:
    return msgspec.json.encode({"type": "hello", "source": source}).decode()


def time_answer(t: int, at_us: int, waiting: int | None = None) -> str:
    """`waiting`: how many events are not acknowledged yet, where that is known."""
    more = "" if waiting is None else f',"waiting":{waiting}'
    return f'{{"type":"time","t":{t},"at":{at_us}{more}}}'


_HEAD, _TAIL = b'{"type":"events","events":[', b"]}"
ENVELOPE_BYTES = len(_HEAD) + len(_TAIL)


def wire(seq: int, body: bytes) -> Wire:
    """`body` is a JSON object without a number, beginning with its brace."""
    comma = b"" if body == b"{}" else b","
    return Wire(b'{"seq":%d' % seq + comma + body[1:])


def events_message(events: list[Wire]) -> str:
    """One message; its size in bytes is ENVELOPE_BYTES + the events + a comma between two."""
    return (_HEAD + b",".join(events) + _TAIL).decode()
