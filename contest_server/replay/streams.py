"""What each device sends, and when: planned before anything is sent. No clock, no sockets."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import msgspec

from contest_server.core.facts import VenueId
from contest_server.replay.recording import RecordedEvent
from contest_server.replay.times import text_of_instant

SOURCE = "replay"
DEVICES_MAX = 3
SLICE_EVENTS = 500
"""At full speed all venues wait for each other after so many events, so that no venue is hours ahead of another."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One device of a venue. Event number n of it may be sent from `due_us[n - 1]` on, which never runs backwards."""

    venue: VenueId
    source: str
    events: Sequence[RecordedEvent]
    due_us: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "due_us", list(accumulate((event.at_us for event in self.events), max)))

    def due_until(self, released_us: int) -> int:
        """How many events are due at that time."""
        return bisect_right(self.due_us, released_us)

    def wire(self, seq: int) -> bytes:
        """Event number `seq` (from 1) as it travels."""
        event = self.events[seq - 1]
        fields = {"seq": seq, "kind": event.kind, "at": text_of_instant(event.at_us)}
        fields |= {name: value for name in ("contestant", "stage", "attempt") if (value := getattr(event, name)) is not None}
        return msgspec.json.encode({**fields, "data": event.data} if event.data else fields)


def streams_of(events: Mapping[VenueId, Sequence[RecordedEvent]]) -> list[Stream]:
    """One device for each venue, in the recorded order."""
    return [Stream(venue, SOURCE, told) for venue, told in events.items()]


def shuffled(events: Mapping[VenueId, Sequence[RecordedEvent]], seed: int) -> list[Stream]:
    """Up to DEVICES_MAX devices for each venue, each with attempts in any order. The events of one attempt keep theirs."""
    chance = random.Random(seed)  # noqa: S311 - a rehearsal that can be repeated, not a secret
    streams = []
    for venue, told in events.items():
        devices: list[list[RecordedEvent]] = [[] for _ in range(chance.randint(1, DEVICES_MAX))]
        for attempt in _attempts(told):
            chance.choice(devices).extend(attempt)
        streams += [Stream(venue, f"{SOURCE}-{seed}-{n}", _mixed(device, chance)) for n, device in enumerate(devices, start=1)]
    return streams


def _attempts(told: Sequence[RecordedEvent]) -> list[list[RecordedEvent]]:
    """The events, together where they are of the same attempt."""
    by_attempt: dict[object, list[RecordedEvent]] = {}
    for index, event in enumerate(told):
        by_attempt.setdefault(index if event.attempt is None else event.attempt, []).append(event)
    return list(by_attempt.values())


def _mixed(told: Sequence[RecordedEvent], chance: random.Random) -> list[RecordedEvent]:
    """A random order of all events in which each attempt's own events still follow each other."""
    attempts = _attempts(told)
    turns = [index for index, attempt in enumerate(attempts) for _ in attempt]
    chance.shuffle(turns)
    rest = [iter(attempt) for attempt in attempts]
    return [next(rest[turn]) for turn in turns]


def slices(streams: Sequence[Stream], also_us: Sequence[int] = ()) -> list[int]:
    """The times up to which events are released one after the other at full speed; `also_us` are among them."""
    due_us = sorted(us for stream in streams for us in stream.due_us)
    ends = due_us[SLICE_EVENTS - 1 :: SLICE_EVENTS] + due_us[-1:]
    return sorted({*ends, *also_us})
