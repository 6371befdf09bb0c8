"""A fact as canonical JSON and back. Refuses whatever would not come back as it went in."""

from __future__ import annotations

from itertools import product
from sys import intern
from types import NoneType
from typing import get_args

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr as share
from msgspec.structs import replace

from contest_server.core.facts import Draft, Event, EventKind, Fact, Refused
from contest_server.core.saying import Said
from contest_server.ledger.limits import BODY_MAX_BYTES, LimitExceeded, check_name, check_number

Number = tuple[str, int]
"""A source and its own number for a fact: what makes storing it twice harmless."""


class NotAFact(ValueError):
    """This cannot be written as a fact, or what was read is not one. Trying again does not help."""


class Body(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What is hashed of an entry. Its position is hashed beside it."""

    received_us: int
    author: str
    fact: Fact


class Written(Struct, frozen=True, gc=False):
    """A draft in the form in which it is stored; `fact` is what any reader will get from `body`."""

    body: bytes
    draft: Draft
    fact: Fact
    number: Number | None


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Body)
_decode_json = msgspec.json.Decoder().decode
_KINDS = frozenset(get_args(EventKind))
_ID, _MEASURED = (str, NoneType), (int, NoneType)
_TYPES = frozenset(product([str], [int], [str], [str], [int], _ID, _ID, _ID, [dict], _MEASURED, _MEASURED))
"""All that the fields of an event, in their order, may be."""


def encode(body: Body) -> bytes:
    """Canonical: keys sorted, no spaces, UTF-8; defaults of a fact are left out."""
    return _encoder.encode(body)


def decode(body: bytes) -> Body:
    """Raises NotAFact. Does not ask for the canonical form, see `is_canonical`."""
    try:
        read = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotAFact(Said("not a fact this version knows: {fault}", fault=str(error))) from error
    return _sharing(read)


def decode_lines(lines: bytes) -> list[Body]:
    """Bodies, one a line: faster than each by itself. Takes two on a line, and one on two, as well. Raises NotAFact; where is not said."""
    try:
        return list(map(_sharing, _decoder.decode_lines(lines)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise NotAFact(Said("not only facts this version knows: {fault}", fault=str(error))) from error


def _sharing(read: Body) -> Body:
    share(read, "author", intern(read.author))
    if type(read.fact) is Event:
        _share_words(read.fact)
    return read


def _share_words(event: Event) -> None:
    """Let an event that was just read, and that nobody else has seen, hold its ids in common with all others: the fold keeps each event,
    and few ids are told over and over.
    """
    share(event, "source", intern(event.source))
    share(event, "venue", intern(event.venue))
    if event.contestant is not None:
        share(event, "contestant", intern(event.contestant))
    if event.stage is not None:
        share(event, "stage", intern(event.stage))
    if (outcome := event.data.get("outcome")) is not None and type(outcome) is str:
        event.data["outcome"] = intern(outcome)


def is_canonical(body: bytes, read: Body) -> bool:
    """Whether `body`, read as `read`, is written in the one way in which this program writes it."""
    return _encoder.encode(read) == body


def write(draft: Draft) -> Written:
    """Encode a draft and hold it against what a reader will see, so that nothing is stored that reads differently (NaN, tuples, …).

    Raises:
        NotAFact: its fields have other types than they claim, or its number contradicts the fact.
        LimitExceeded: it is too large, or a name or number in it is.
    """
    check_name("author", draft.author)
    check_number("received_us", draft.received_us)
    body = _encode(draft)
    if len(body) > BODY_MAX_BYTES:
        raise LimitExceeded(Said("a fact of {size} bytes, at most {most}", size=len(body), most=BODY_MAX_BYTES))
    return Written(body, draft, _as_it_claims(draft.fact) or _read_back(body, draft.fact), number_of(draft))


def _read_back(body: bytes, stated: Fact) -> Fact:
    read = decode(body)
    if read.fact != stated:
        raise NotAFact(Said("data: holds something that is not JSON (NaN, an infinity, a tuple, bytes, …)"))
    return read.fact


def _as_it_claims(fact: Fact) -> Event | None:
    """What will be read, where that is known without reading: an event whose fields have the types they claim. None says nothing."""
    if type(fact) is not Event or _types_of(fact) not in _TYPES or fact.kind not in _KINDS:
        return None
    if not fact.data:
        return fact
    data = _decode_json(_encoder.encode(fact.data))
    return replace(fact, data=data) if data == fact.data else None


def _types_of(event: Event) -> tuple[type, ...]:
    return (
        type(event.source),
        type(event.seq),
        type(event.venue),
        type(event.kind),
        type(event.at_us),
        type(event.contestant),
        type(event.stage),
        type(event.attempt),
        type(event.data),
        type(event.offset_us),
        type(event.error_us),
    )


def _encode(draft: Draft) -> bytes:
    try:
        return _encoder.encode(Body(draft.received_us, draft.author, draft.fact))
    except (TypeError, ValueError, RecursionError) as error:
        raise NotAFact(Said("cannot be written as JSON: {fault}", fault=str(error))) from error


def number_of(draft: Draft) -> Number | None:
    """The number that makes this draft idempotent. An Event or Refused carries its own; another fact may be given one by its draft."""
    number = number_in(draft.fact)
    source, seq = draft.source, draft.seq
    if source is not None and seq is not None:
        if number is None:
            number = source, seq
        elif number != (source, seq):
            raise NotAFact(Said("the draft is numbered {draft!r}, its fact {fact!r}", draft=(source, seq), fact=number))
    elif source is not None or seq is not None:
        raise NotAFact(Said("a draft has a source and a seq, or neither"))
    if number is not None:
        check_name("source", number[0])
        check_number("seq", number[1], lowest=1)
    return number


def number_in(fact: Fact) -> Number | None:
    """The number that this fact uses up, as it stands in the fact itself."""
    return (fact.source, fact.seq) if isinstance(fact, (Event, Refused)) else None
