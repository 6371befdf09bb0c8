"""What is measured while a rehearsal runs: how long acknowledgements and displays take, how things stood at each moment. Only numbers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

SAMPLES_MAX = 4_000


def percentile(values: Iterable[float], share: float) -> float | None:
    """The smallest value that at least this share of all does not exceed; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 1_000) // 1_000) - 1)] if ordered else None


@dataclass(slots=True)
class Deliveries:
    """What became of one device's events, by their numbers. Times are real seconds since the beginning."""

    sent_s: dict[int, float] = field(default_factory=dict)
    acknowledged_s: dict[int, float] = field(default_factory=dict)
    position: dict[int, int] = field(default_factory=dict)
    acknowledged_to: int = 0

    def sent(self, seqs: Iterable[int], now_s: float) -> None:
        """The last time counts: what is sent again after a cut begins anew."""
        for seq in seqs:
            if seq not in self.acknowledged_s:
                self.sent_s[seq] = now_s

    def acknowledged(self, to: int, position: int | None, now_s: float) -> None:
        for seq in range(self.acknowledged_to + 1, to + 1):
            self.acknowledged_s[seq] = now_s
            if position is not None:
                self.position[seq] = position
        self.acknowledged_to = max(self.acknowledged_to, to)

    def latencies_s(self) -> list[float]:
        """From sending to the acknowledgement, of each event."""
        return [at_s - self.sent_s[seq] for seq, at_s in self.acknowledged_s.items() if seq in self.sent_s]

    def landings(self) -> list[tuple[float, int]]:
        """When each event was sent, and the position from which on a board shows it."""
        return [(self.sent_s[seq], position) for seq, position in self.position.items() if seq in self.sent_s]


@dataclass(slots=True)
class Arrivals:
    """When a display had the board of each position it got. Positions and times only grow."""

    positions: list[int] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)

    def add(self, position: int, now_s: float) -> None:
        if not self.positions or position > self.positions[-1]:
            self.positions.append(position)
            self.at_s.append(now_s)

    def when(self, position: int) -> float | None:
        """When this display showed this position, or a later one, first."""
        index = bisect_left(self.positions, position)
        return self.at_s[index] if index < len(self.at_s) else None


@dataclass(frozen=True, slots=True)
class Sample:
    """How things stood: unsynced events and whether connected by device, silence (s) and position by display, the referees' queue."""

    at_s: float
    unsynced: Mapping[str, int]
    cut_off: frozenset[str]
    silence_s: Mapping[str, float]
    queue: int | None


@dataclass(slots=True)
class Film:
    """Samples in order. Where there are too many, every other one is dropped."""

    samples: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        self.samples.append(sample)
        if len(self.samples) > SAMPLES_MAX:
            del self.samples[1:-1:2]

    def between(self, from_s: float, to_s: float) -> Sequence[Sample]:
        """Those of a time, and the next one after it, so that a short moment is seen, too."""
        begin = bisect_left(self.samples, from_s, key=attrgetter("at_s"))
        return self.samples[begin : bisect_right(self.samples, to_s, key=attrgetter("at_s")) + 1]

    def most_unsynced(self, devices: Iterable[str], from_s: float = 0.0, to_s: float = float("inf")) -> int:
        """The largest sum over these devices at one moment."""
        wanted = set(devices)
        sums = (sum(count for device, count in sample.unsynced.items() if device in wanted) for sample in self.between(from_s, to_s))
        return max(sums, default=0)

    def cut_off_s(self, devices: Iterable[str]) -> float:
        """For how long at least one of these devices had no connection."""
        wanted, total_s = set(devices), 0.0
        for before, after in zip(self.samples, self.samples[1:], strict=False):
            total_s += after.at_s - before.at_s if wanted & before.cut_off else 0.0
        return total_s

    def longest_silence_s(self, display: str, from_s: float = 0.0, to_s: float = float("inf")) -> float:
        return max((sample.silence_s.get(display, 0.0) for sample in self.between(from_s, to_s)), default=0.0)
