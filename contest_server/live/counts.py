"""What happened, as plain numbers: counted where it happens for the price of an addition, read when somebody asks.

Counts belong to a contest, not to its desk: a desk that is opened anew goes on counting. Nothing here is ever a fact of the contest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from contest_server.core.facts import Entry, Event
from contest_server.core.ids import ContestId, VenueId

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Where the classes of a spread end, in seconds; the last class has no end."""


@dataclass(slots=True)
class Spread:
    """How long something took: how often it fell into each class, and the sum of all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    sum_s: float = 0.0

    def take(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(slots=True)
class ContestCounts:
    """Of one contest, since this server runs. What other servers stored is theirs to count; `heard_us` alone knows of everybody's."""

    entries: int = 0
    events: int = 0
    commits: Spread = field(default_factory=Spread)
    acknowledged: Spread = field(default_factory=Spread)
    """From hearing a message of events to having acknowledged it."""
    refused: Counter[str] = field(default_factory=Counter)
    """Events and messages of venues that were not taken, by the code they were told."""
    desks_opened: int = 0
    desks_ended: int = 0
    heard_us: dict[VenueId, int] = field(default_factory=dict)
    """When the last event of each venue was received, whichever server received it."""

    def stored(self, entries: Sequence[Entry], seconds: float) -> None:
        """One commit, durable now."""
        self.commits.take(seconds)
        self.entries += len(entries)
        self.events += sum(type(entry.fact) is Event for entry in entries)

    def folded(self, entries: Sequence[Entry]) -> None:
        """What the fold takes in, others' entries too."""
        heard = self.heard_us
        for entry in entries:
            fact = entry.fact
            if type(fact) is Event:
                heard[fact.venue] = entry.received_us


@dataclass(slots=True)
class Counts:
    """Of all contests of this server."""

    by_contest: dict[ContestId, ContestCounts] = field(default_factory=dict)

    def of(self, contest: ContestId) -> ContestCounts:
        """Grows with the contests that have a desk here, and no others."""
        counts = self.by_contest.get(contest)
        if counts is None:
            counts = self.by_contest[contest] = ContestCounts()
        return counts
