"""Why the contest should not be started yet: a venue without a connected device, a clock outside the policy or never measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from contest_server.core.definition import ClockPolicy
from contest_server.core.ids import SourceId, VenueId

ClockState = Literal["good", "off", "unmeasured"]
Code = Literal["no_device", "clock_off", "clock_unmeasured"]


@dataclass(frozen=True, slots=True)
class Linked:
    """A device that is connected: its clock minus the server's, within ± the error (µs); None where that was never measured."""

    source: SourceId
    venue: VenueId
    offset_us: int | None = None
    error_us: int | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """One reason not to start yet."""

    code: Code
    venue: VenueId
    source: SourceId | None = None
    offset_us: int | None = None


def clock_state(device: Linked, policy: ClockPolicy) -> ClockState:
    """Off: surely outside the policy, even after the measuring error is taken off; as for events."""
    if device.offset_us is None:
        return "unmeasured"
    return "off" if abs(device.offset_us) - (device.error_us or 0) > policy.max_offset_ms * 1000 else "good"


def reasons_against_starting(venues: Sequence[VenueId], devices: Iterable[Linked], policy: ClockPolicy) -> list[Against]:
    """Everything that keeps the clock of a contest from being started at all venues at once; empty means it may be."""
    by_venue: dict[VenueId, list[Linked]] = {each: [] for each in venues}
    for device in sorted(devices, key=lambda each: each.source):
        by_venue.setdefault(device.venue, []).append(device)
    return [reason for venue in venues for reason in _at_venue(venue, by_venue[venue], policy)]


def _at_venue(venue: VenueId, devices: Sequence[Linked], policy: ClockPolicy) -> Iterator[Against]:
    if not devices:
        yield Against("no_device", venue)
    for device in devices:
        match clock_state(device, policy):
            case "off":
                yield Against("clock_off", venue, device.source, device.offset_us)
            case "unmeasured":
                yield Against("clock_unmeasured", venue, device.source)
