"""Events of a story as short lines, as gallery files write them: "1:30 A1 clear u_v=234". Refuses what it does not know, with the line.

`<when> <who>[@device] <what> [stage:…] [try:…] [late:…] [off:…] [err:…] [field=value …]`. Times are minutes:seconds. `A01..A12` is
everybody from the first to the last, then `0:30+0:20` is 20 seconds more for each, and `8|7|9` takes turns. A value is JSON without blanks,
else text; a number is text, as instruments send it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from contest_server.builder.stories import DEVICE

_TIME = re.compile(r"(-?)(\d+):(\d\d(?:\.\d{1,3})?)")
_MANY = re.compile(r"([A-Za-z]+)(\d+)\.\.([A-Za-z]+)(\d+)")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
WORDS = {"stage": "stage", "try": "attempt", "device": "device"}
TIMES = {"late": "late_ms", "off": "offset_ms", "err": "error_ms"}
MANY_MAX = 200


class BadLine(ValueError):
    """This line tells no event. Says which, and why."""


def events_of(text: str) -> list[dict[str, Any]]:
    """The events that the lines tell, as documents of a story. Raises BadLine."""
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found += _events(line.split())
            except (ValueError, IndexError) as error:
                raise BadLine(f"line {number}, {line.strip()!r}: {error}") from None
    return found


def _events(parts: list[str]) -> Iterator[dict[str, Any]]:
    when, who, kind, *rest = parts
    names, device = who.partition("@")[0], who.partition("@")[2] or DEVICE
    begin, _, each = when.partition("+")
    for nth, name in enumerate(_names(names)):
        at_ms = _ms(begin) + (_ms(each) * nth if each else 0)
        event: dict[str, Any] = {"at_ms": at_ms, "contestant": name, "kind": kind, "device": device, "data": {}}
        for part in rest:
            _put(event, part, nth)
        yield event


def _names(text: str) -> list[str]:
    """ "A1", "A1,B2", or "A01..A12"."""
    many = _MANY.fullmatch(text)
    if many is None:
        return text.split(",")
    letters, first, _, last = many.groups()
    count = int(last) - int(first) + 1
    if not 0 < count <= MANY_MAX:
        raise ValueError(f"{text} names {count} contestants")
    return [f"{letters}{number:0{len(first)}}" for number in range(int(first), int(last) + 1)]


def _put(event: dict[str, Any], part: str, nth: int) -> None:
    key, sign, raw = part.partition("=")
    word, colon, said = part.partition(":")
    if not sign and colon and (word in WORDS or word in TIMES):
        value = _turn(said, nth)
        event[WORDS.get(word) or TIMES[word]] = value if word in WORDS else _ms(value)
    elif sign:
        event["data"][key] = _value(_turn(raw, nth))
    else:
        raise ValueError(f"{part!r} is neither field=value nor one of {', '.join([*WORDS, *TIMES])}")


def _turn(text: str, nth: int) -> str:
    turns = text.split("|")
    return turns[nth % len(turns)]


def _value(text: str) -> Any:
    if _NUMBER.fullmatch(text):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _ms(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time; write minutes:seconds")
    ms = int(match[2]) * 60_000 + int(Decimal(match[3]) * 1_000)
    return -ms if match[1] else ms
