"""What a crowd of displays saw: every message once, and who got which when; held against what the fold has.

Refuses whatever was not delivered: a display that shows something else, or a frame that does not follow.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.rows import NotDelivered

DEFLATED = 0x40
SEEN = struct.Struct("<IIQ")


@dataclass(frozen=True, slots=True)
class Track:
    """What one display got, in order: numbers into `Sight.messages`, and when (ns, CLOCK_MONOTONIC)."""

    messages: tuple[int, ...]
    at_ns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a crowd saw. Messages are as text, inflated where they came deflated; `lengths` is what each took on the wire."""

    messages: Sequence[str]
    lengths: Sequence[int]
    tracks: Sequence[Track]


def read_sight(data: bytes) -> Sight:
    """What `crowd.c` dumps."""
    (many,), at = struct.unpack_from("<I", data), 4
    messages, lengths = [], []
    for _ in range(many):
        length, first_byte = struct.unpack_from("<II", data, at)
        at += 8
        payload = data[at : at + length]
        at += length
        messages.append(inflated(payload) if first_byte & DEFLATED else payload.decode())
        lengths.append(length + (2 if length < 126 else 4 if length < 65_536 else 10))
    (displays,), at = struct.unpack_from("<I", data, at), at + 4
    tracks = []
    for _ in range(displays):
        (seen,) = struct.unpack_from("<I", data, at)
        at += 4
        rows = list(SEEN.iter_unpack(data[at : at + seen * SEEN.size]))
        at += seen * SEEN.size
        tracks.append(Track(tuple(row[0] for row in rows), tuple(row[2] for row in rows)))
    return Sight(messages, lengths, tracks)


def inflated(payload: bytes) -> str:
    """A message of permessage-deflate without context: what zlib says of it."""
    return zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff").decode()


Board = Mapping[str, Any]


def check_boards(sight: Sight, board: Board) -> int:
    """Each display's merged frames are this board, which is what `GET …/board` of the same view says. Returns how many frames came.

    Raises NotDelivered, with the first display that shows something else.
    """
    documents = [json.loads(text) for text in sight.messages]
    wanted = {row["id"]: {name: value for name, value in row.items() if name != "rank"} for row in board["rows"]}
    shown: dict[tuple[int, ...], bool] = {}
    for number, track in enumerate(sight.tracks):
        if track.messages not in shown:
            to, rows = _merged(documents[each] for each in track.messages)
            shown[track.messages] = (to, rows) == (board["to"], wanted)
            if not shown[track.messages]:
                raise NotDelivered(f"display {number} shows {len(rows)} rows at {to}, the fold has {len(wanted)} at {board['to']}")
    is_frame = [document["type"] == "frame" for document in documents]
    return sum(is_frame[each] for track in sight.tracks for each in track.messages)


def _merged(messages: Iterable[Mapping[str, Any]]) -> tuple[int, dict[str, Any]]:
    """Frames overwrite, as docs/protocol.md says. Raises NotDelivered for a frame that does not follow."""
    to = 0
    rows: dict[str, Any] = {}
    for message in messages:
        if message["type"] != "frame":
            continue
        if message["from"] == 0:
            rows = {}
        elif message["from"] > to:
            raise NotDelivered(f"a frame from {message['from']} for a display that is at {to}")
        rows.update({row["id"]: row for row in message["rows"]})
        for gone in message["gone"]:
            rows.pop(gone, None)
        to = message["to"]
    return to, rows


def delays_ms(sight: Sight, sent_ns: Mapping[int, int]) -> list[float]:
    """From when the event of each position was sent until each display had the first frame that reaches it."""
    documents = [json.loads(text) for text in sight.messages]
    spans = [(each["from"], each["to"]) if each["type"] == "frame" else (0, 0) for each in documents]
    delays = []
    for track in sight.tracks:
        for which, at_ns in zip(track.messages, track.at_ns, strict=True):
            after, to = spans[which]
            delays += [(at_ns - sent_ns[position]) / 1e6 for position in range(after + 1, to + 1) if after and position in sent_ns]
    return delays


def at_share(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    if not values:
        raise NotDelivered("nothing came that could be timed")
    order = sorted(values)
    return order[min(len(order) - 1, int(share * len(order)))]


def during(sight: Sight, began_ns: int, ended_ns: int) -> Sight:
    """What was seen between two moments."""
    tracks = []
    for track in sight.tracks:
        inside = [(which, at) for which, at in zip(track.messages, track.at_ns, strict=True) if began_ns <= at <= ended_ns]
        tracks.append(Track(tuple(which for which, _ in inside), tuple(at for _, at in inside)))
    return Sight(sight.messages, sight.lengths, tracks)


def part_of(sight: Sight, first: int, after_last: int) -> Sight:
    tracks = [Track(track.messages[first:after_last], track.at_ns[first:after_last]) for track in sight.tracks]
    return Sight(sight.messages, sight.lengths, tracks)


def last_after_first_ms(sight: Sight) -> float:
    """p99 over all displays and frames of: how long after the first display did this one have the same frame?"""
    first: dict[int, int] = {}
    for track in sight.tracks:
        for which, at_ns in zip(track.messages, track.at_ns, strict=True):
            first[which] = min(first.get(which, at_ns), at_ns)
    late = [(at_ns - first[which]) / 1e6 for track in sight.tracks for which, at_ns in zip(track.messages, track.at_ns, strict=True)]
    return at_share(late, 0.99)
