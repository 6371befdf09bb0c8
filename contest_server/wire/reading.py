"""From the text of a venue's message to events. One bad event is refused by its number; the rest of its message goes on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from contest_server.core.attempts import OUTCOMES
from contest_server.core.json_words import reread
from contest_server.core.saying import Coded, Said, Text
from contest_server.core.times import us_of
from contest_server.wire.event_faults import where_first
from contest_server.wire.limits import (
    DATA_MAX_DEPTH,
    DATA_MAX_VALUES,
    DETAIL_MAX_CHARS,
    INTEGER_MAX_DIGITS,
    NUMBER_MAX,
    SEQ_MAX,
    TIME_MAX_US,
)
from contest_server.wire.messages import FromVenue, Refusal, VenueEvent, VenueEvents

_fast = msgspec.json.Decoder(FromVenue)

REQUIRED: dict[str, tuple[str, ...]] = {
    "start": ("contestant",),
    "clear": ("contestant", "stage", "attempt"),
    "attempt": ("contestant", "stage", "attempt"),
    "evidence": ("contestant", "stage"),
    "violation": ("contestant",),
    "withdraw": ("contestant",),
    "note": (),
}


class BadMessage(ValueError):
    """The message as a whole cannot be read. `code` is a stable word, `detail` what is sent, `said` the same in every language."""

    def __init__(self, code: str, said: Text) -> None:
        super().__init__(said)
        self.code, self.said, self.detail = code, said, str(said)


class BadEvent(ValueError):
    """One event cannot be taken; the sentence names the field and what was expected. In English it is stored and sent."""


def read_message(text: str | bytes) -> FromVenue | list[VenueEvent | Refusal]:
    """A venue's message; events that cannot be read stand in the list as refusals.

    Raises:
        BadMessage: it is no JSON, no object, or of an unknown type.
    """
    raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if (b"\\u" in raw or b"\xed" in raw) and _MAYBE_SURROGATE.search(raw):
        return _slowly(text)
    try:
        message = _fast.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return _slowly(text)
    return list(message.events) if isinstance(message, VenueEvents) else message


_MAYBE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
AT = Coded("field", "at")
NOT_A_TIME = Said("{field}: not a time; expected ISO 8601 such as 2026-11-22T09:03:12.418Z", field=AT)
_WRONG_LENGTH = "at: expected str of length "
"""No time is so short, or so long; how many characters it has helps nobody."""
HALF_A_PAIR = Said("holds half of a surrogate pair, which is no character")


def _is_text(value: Any) -> bool:
    """Whether all its texts are made of characters. No store and no socket could pass on half of a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def event_time_us(event: VenueEvent) -> int:
    """The event's time in µs, checked together with what its kind requires.

    Raises:
        BadEvent: with the field and what was expected.
    """
    kind, data = event.kind, event.data
    if event.contestant is None or event.stage is None or event.attempt is None:
        for name in REQUIRED[kind]:
            if getattr(event, name) is None:
                raise _missing(name, kind)
    if kind == "attempt" and data.get("outcome") not in OUTCOMES:
        raise BadEvent(Said("{field}: expected one of {choices}", field=Coded("field", "data.outcome"), choices=OUTCOMES))
    if kind == "violation" and not isinstance(data.get("code"), str):
        raise BadEvent(Said("{field}: missing; every 'violation' names its code", field=Coded("field", "data.code")))
    if data:
        _check_data(data)
    return _us_of_text(event.at)


def _us_of_text(text: str) -> int:
    """Whole microseconds. In the usual form, down to the millisecond in UTC, one second is read once for all events in it."""
    milliseconds = text[20:23]
    if len(text) == USUAL_CHARS and text[19] == "." and text[23] == "Z" and milliseconds.isdecimal() and text.isascii():
        second_us = _us_of_second(text[:19])
        if second_us is not None:
            return second_us + int(milliseconds) * 1_000
    leap = _A_LEAP_SECOND.fullmatch(text)
    try:
        moment = datetime.fromisoformat(text if leap is None else f"{leap[1]}59{leap[2]}")
    except ValueError:
        raise BadEvent(NOT_A_TIME) from None
    if moment.tzinfo is None:
        raise BadEvent(Said("{field}: has no zone; expected for example 2026-11-22T09:03:12.418Z or …+08:00", field=AT))
    at_us = us_of(moment) + (0 if leap is None else 1_000_000)
    if not 0 <= at_us <= TIME_MAX_US:
        raise BadEvent(Said("{field}: out of range; expected a time from 1970 to 2255", field=AT))
    return at_us


def _missing(name: str, kind: str) -> BadEvent:
    return BadEvent(Said("{field}: missing; every '{kind}' names its {field}", field=Coded("field", name), kind=Coded("kind", kind)))


_A_LEAP_SECOND = re.compile(r"(.{10}T\d\d:\d\d:)60(.*)", re.ASCII)
"""Read as the first second of the next minute."""
USUAL_CHARS = len("2026-11-22T09:03:12.418Z")
SECONDS_KEPT = 256
_A_SECOND = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d", re.ASCII)


@lru_cache(SECONDS_KEPT)
def _us_of_second(text: str) -> int | None:
    """When a second such as 2026-11-22T09:03:12 begins; None where it needs a closer look, or all of it does not lie between the bounds."""
    try:
        at_us = us_of(datetime.fromisoformat(f"{text}Z")) if _A_SECOND.fullmatch(text) else -1
    except ValueError:
        return None
    return at_us if 0 <= at_us < TIME_MAX_US - 1_000_000 else None


def _slowly(text: str | bytes) -> FromVenue | list[VenueEvent | Refusal]:
    """The way of messages that do not fit at once: event by event, so that one bad one does not cost the others."""
    document = _json(text)
    if not isinstance(document, dict):
        raise BadMessage("bad_message", Said("expected a JSON object with a type"))
    if document.get("type") != "events":
        if not _is_text(document):
            raise BadMessage("bad_json", HALF_A_PAIR)
        try:
            message: FromVenue = msgspec.convert(document, FromVenue)
        except msgspec.ValidationError as error:
            raise BadMessage("bad_message", reread(str(error)[:DETAIL_MAX_CHARS])) from None
        return message
    events = document.get("events")
    if not isinstance(events, list):
        raise BadMessage("bad_message", Said("events: expected an array"))
    return [_event(item) for item in events]


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError:
        raise BadMessage("bad_json", Said("nested too deeply")) from None
    except ValueError as error:
        raise BadMessage("bad_json", reread(str(error)[:DETAIL_MAX_CHARS])) from None


def _integer(digits: str) -> int | float:
    """An integer of any length is JSON. One that is far too long becomes infinite, which is refused where it stands."""
    return int(digits) if len(digits) <= INTEGER_MAX_DIGITS else math.inf


def _event(item: Any) -> VenueEvent | Refusal:
    seq = item.get("seq") if isinstance(item, dict) else None
    number = seq if isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq <= SEQ_MAX else None
    if not _is_text(item):
        return Refusal(number, "bad_event", str(HALF_A_PAIR))
    try:
        return msgspec.convert(item, VenueEvent)
    except (msgspec.ValidationError, RecursionError) as error:
        detail = where_first(str(error))
        return Refusal(number, "bad_event", str(NOT_A_TIME) if detail.startswith(_WRONG_LENGTH) else detail)


def _check_data(data: dict[str, Any]) -> None:
    if len(data) <= DATA_MAX_VALUES and set(map(type, data.values())) == {str}:
        return  # as nearly all are
    for values, (path, value) in enumerate(_walk("data", data, 0)):
        if values >= DATA_MAX_VALUES:
            raise BadEvent(Said("data: more than {most} values", most=DATA_MAX_VALUES))
        if isinstance(value, float) and not math.isfinite(value):
            raise BadEvent(Said("{path}: not a finite number", path=path))
        if isinstance(value, (int, float)) and abs(value) > NUMBER_MAX:
            raise BadEvent(Said("{path}: larger than 2^53; send measured numbers as strings", path=path))


def _walk(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > DATA_MAX_DEPTH:
        raise BadEvent(Said("data: nested deeper than {levels}", levels=DATA_MAX_DEPTH))
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(f"{path}.{key[:40]}", item, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(f"{path}[{index}]", item, depth + 1)
    else:
        yield path, value
