"""What a rehearsal came to, as data: what every venue, display and official would have seen. Judges nothing; see verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contest_server.rehearsal.faults import Fault
from contest_server.rehearsal.officials import Done
from contest_server.rehearsal.proof import Proof


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """One device. Clocks in ms: how far they were put wrong in the end, and what the server measured, with its error."""

    source: str
    told: int
    acknowledged: int
    once: int
    refused: int
    lives: int
    moves: int
    connections: int
    clock_injected_ms: float
    clock_found_ms: float | None
    clock_error_ms: float | None
    ended: str
    has_ended_well: bool
    sent_twice: int = 0
    swapped: int = 0


@dataclass(frozen=True, slots=True)
class VenueSeen:
    id: str
    devices: Sequence[DeviceSeen]
    most_unsynced: int
    cut_off_s: float

    @property
    def told(self) -> int:
        return sum(each.told for each in self.devices)

    @property
    def acknowledged(self) -> int:
        return sum(each.acknowledged for each in self.devices)

    @property
    def once(self) -> int:
        return sum(each.once for each in self.devices)


@dataclass(frozen=True, slots=True)
class DisplaySeen:
    """`is_hurt`: a fault was made for it, so its silence proves nothing. `equal`: its last frame is the board over HTTP."""

    name: str
    view: str
    frames: int
    wholes: int
    connections: int
    longest_silence_s: float
    equal: bool
    is_hurt: bool
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ServerSeen:
    """At the end: the position and the digest of its board; None where it did not answer."""

    url: str
    position: int | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A fault, with what was to be seen from its beginning until shortly after its end: the most unsynced events of each venue, the longest
    silence of each display, and the referees' queue in the end.
    """

    fault: Fault
    unsynced: Mapping[str, int]
    silence_s: Mapping[str, float]
    queue: int | None


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stood at one moment (real seconds since the start): unsynced by venue, the longest silence of any display, the queue."""

    at_s: float
    unsynced: Mapping[str, int]
    silence_s: float
    queue: int | None


@dataclass(frozen=True, slots=True)
class Latencies:
    """In milliseconds; None of nothing. From sending to the acknowledgement, and to a display that no fault was made for."""

    acknowledged: int = 0
    ack_p50: float | None = None
    ack_p99: float | None = None
    shown: int = 0
    show_p50: float | None = None
    show_p99: float | None = None


@dataclass(slots=True)
class Outcome:
    """`broken_off` says why a rehearsal did not come to its end; empty, if it did."""

    contest: str
    name: Mapping[str, str]
    seed: int
    speed: float
    minutes: int
    began: str
    lasted_s: float = 0.0
    broken_off: str = ""
    venues: Sequence[VenueSeen] = ()
    displays: Sequence[DisplaySeen] = ()
    servers: Sequence[ServerSeen] = ()
    latencies: Latencies = field(default_factory=Latencies)
    timeline: Sequence[Meanwhile] = ()
    curve: Sequence[Moment] = ()
    done: Sequence[Done] = ()
    flags: Mapping[str, int] = field(default_factory=dict)
    queue_most: int = 0
    queue_worst: Sequence[str] = ()
    rulings: int = 0
    is_final: bool = False
    not_final: str = ""
    noise_refused: int = 0
    noise_unexpected: Sequence[str] = ()
    proof: Proof | None = None
    own_clock_ms: float = 0.0
    told: Sequence[str] = ()
    """What agents said that a person should read."""
    keys_left: Sequence[str] = ()
