"""The public Contest API's event feed, line by line: what became of which object. Takes the old `op` style and today's alike.

Old: `{"type":"teams","id":"pc2-9","op":"create","data":{…}}`. Today: `{"type":"teams","id":"7","data":{…},"token":"x"}`, where `data` may
be a list (the whole collection) or null (deleted). `contest` and `state` have no id. A line that is neither is counted, never guessed at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

LINE_MAX_BYTES = 16 * 1024 * 1024
SINGLE = {"contest": "contest", "contests": "contest", "state": "state"}
THE_ONE = "·"
"""The id of an object that a contest has one of."""


@dataclass(frozen=True, slots=True)
class Put:
    """The object is now as `value` says. Sent again: the same, or newer."""

    collection: str
    id: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gone:
    """The object is deleted."""

    collection: str
    id: str


@dataclass(frozen=True, slots=True)
class Only:
    """The whole collection has been given: objects that are not in `ids` are gone."""

    collection: str
    ids: frozenset[str]


Change = Put | Gone | Only


def is_notification(value: object) -> bool:
    """Whether a line of JSON looks like a line of an event feed (and not, say, like a venue's event)."""
    return isinstance(value, dict) and isinstance(value.get("type"), str) and "data" in value and "kind" not in value


def changes(lines: Iterable[bytes], left_out: Counter[str]) -> Iterator[Change]:
    """What each line of a feed changed. Blank lines are keep-alives; what is no notification is counted in `left_out`."""
    for line in lines:
        text = line.strip().lstrip(b"\xef\xbb\xbf")
        if not text:
            continue
        value = _decoded(text)
        if is_notification(value):
            yield from _changes_of(value, left_out)
        else:
            left_out["lines that are no notification"] += 1


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text) if len(text) <= LINE_MAX_BYTES else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _changes_of(line: Mapping[str, Any], left_out: Counter[str]) -> Iterator[Change]:
    collection, data, op = str(line["type"]), line["data"], line.get("op")
    if collection in SINGLE:
        if isinstance(data, dict) and op != "delete":
            yield Put(SINGLE[collection], THE_ONE, data)
    elif isinstance(data, list):
        whole = [item for item in data if isinstance(item, dict) and item.get("id") is not None]
        left_out["objects without an id"] += len(data) - len(whole)
        yield from (Put(collection, str(item["id"]), item) for item in whole)
        yield Only(collection, frozenset(str(item["id"]) for item in whole))
    else:
        yield from _change_of_one(collection, line, left_out)


def _change_of_one(collection: str, line: Mapping[str, Any], left_out: Counter[str]) -> Iterator[Change]:
    data, old_style = line["data"], "op" in line
    deleted = data is None or line.get("op") == "delete"
    inner = data.get("id") if isinstance(data, dict) else None
    identity = inner if inner is not None or (old_style and not deleted) else line.get("id")
    if identity is None:
        if collection != "map-info":
            left_out["objects without an id"] += 1
    elif deleted:
        yield Gone(collection, str(identity))
    elif isinstance(data, dict):
        yield Put(collection, str(identity), data)
    else:
        left_out["lines that are no notification"] += 1
