"""What a story consists of: events that devices tell, cuts of the network, what officials do, and what there is to see. Only data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contest_server.core.facts import Status
from contest_server.core.times import text_of_us


@dataclass(frozen=True, slots=True)
class Device:
    """One source of a venue. Its clock is `ahead_ms` ahead of the true time."""

    venue: str
    name: str
    ahead_ms: int = 0

    @property
    def source(self) -> str:
        return f"{self.venue}/{self.name}"


@dataclass(frozen=True, slots=True)
class Told:
    """One event. It happened at `at_ms` of contest time, true time; somebody typed it in at `said_ms`."""

    device: Device
    at_ms: int
    said_ms: int
    kind: str
    contestant: str
    stage: str | None = None
    attempt: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def wire(self, start_us: int) -> dict[str, Any]:
        """As the device tells it, by its own clock."""
        at_us = start_us + (self.at_ms + self.device.ahead_ms) * 1_000
        named = {"contestant": self.contestant, "stage": self.stage, "attempt": self.attempt}
        event: dict[str, Any] = {"kind": self.kind, **{key: value for key, value in named.items() if value is not None}}
        return {**event, "at": text_of_us(at_us), **({"data": dict(self.data)} if self.data else {})}


@dataclass(frozen=True, slots=True)
class Cut:
    """A venue without network, in contest time."""

    venue: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Act:
    """What an official enters."""

    at_ms: int
    contestant: str
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to look at, in both languages."""

    at_ms: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that happens in one round, known beforehand. Events of a device are in the order in which it tells them."""

    seed: int
    devices: Sequence[Device]
    events: Mapping[Device, Sequence[Told]]
    cuts: Sequence[Cut]
    acts: Sequence[Act]
    scenes: Sequence[Scene]
    duration_ms: int

    @property
    def last_ms(self) -> int:
        """When the last event is told."""
        return max((told.said_ms for each in self.events.values() for told in each), default=0)

    @property
    def told(self) -> int:
        return sum(len(each) for each in self.events.values())
