"""What a recording is once it is read, whatever it was written in: a definition, the venues' events, and the result that was published.

Nothing here guesses: what could not be taken from a recording is counted in `left_out`, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contest_server.core.facts import AttemptId, ContestantId, Json, Outcome, StageId, VenueId

MINUTE_MS = 60_000


class UnreadableRecording(Exception):
    """The file or folder cannot be replayed. The text says which file, which line, and what was expected there."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """One event as the venue stated it. `at_us` is UTC; a venue's events are released in the order they stand in."""

    venue: VenueId
    kind: str
    at_us: int
    contestant: ContestantId | None = None
    stage: StageId | None = None
    attempt: AttemptId | None = None
    data: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExpectedStage:
    """One cell of a published board. `tries` and `pending` end at the first accepted attempt; free attempts are no tries."""

    cleared: bool
    tries: int | None = None
    pending: int | None = None
    clear_ms: int | None = None
    unit_ms: int = MINUTE_MS
    first: bool | None = None


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """One row of a published result. None: the publication does not say.

    `rank_from` and `rank_to` are equal where a rank is printed or follows from the printed values. They differ where only an order
    is printed and rows look alike: then the order may come from something that was not printed.
    """

    contestant: ContestantId
    rank_from: int | None = None
    rank_to: int | None = None
    cleared: int | None = None
    points: str | None = None
    time_ms: int | None = None
    time_unit_ms: int = 1
    last_ms: int | None = None
    last_unit_ms: int = 1
    furthest: int | None = None
    furthest_ms: int | None = None
    stages: Mapping[StageId, ExpectedStage] | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole contest, ready to be streamed. `frozen`: the published board is the frozen one, with attempts that nobody has judged."""

    name: str
    definition: Json
    events: Mapping[VenueId, Sequence[RecordedEvent]]
    official: Sequence[ExpectedRow] | None = None
    frozen: bool = False
    freeze_minutes: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def total_events(self) -> int:
        return sum(len(events) for events in self.events.values())

    @property
    def stage_ids(self) -> list[StageId]:
        return [StageId(stage["id"]) for stage in self.definition["stages"]]


@dataclass(frozen=True, slots=True)
class RecordedAttempt:
    """An attempt before it is told as events. `outcome` was known at once; `verdicts` are later ones as (UTC µs, outcome), in order."""

    id: AttemptId
    contestant: ContestantId
    stage: StageId
    at_us: int
    outcome: Outcome = "pending"
    verdicts: Sequence[tuple[int, Outcome]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


def events_of(attempt: RecordedAttempt, venue: VenueId) -> list[RecordedEvent]:
    """The attempt when it was handed in, then one event for each verdict that changed something.

    A verdict is at least 1 µs later than what it settles (recorded judgings may end before they began): time alone orders the events.
    """

    def event(at_us: int, outcome: Outcome) -> RecordedEvent:
        data = {**attempt.data, "outcome": outcome}
        return RecordedEvent(venue, "attempt", at_us, attempt.contestant, attempt.stage, attempt.id, data)

    told = [event(attempt.at_us, attempt.outcome)]
    for at_us, outcome in attempt.verdicts:
        if told[-1].data["outcome"] != outcome:
            told.append(event(max(at_us, told[-1].at_us + 1), outcome))
    return told


def by_venue(attempts: Iterable[RecordedAttempt], venue_of: Mapping[ContestantId, VenueId]) -> dict[VenueId, list[RecordedEvent]]:
    """The events of each venue, in order of time. Every venue of `venue_of` is there, also one without an event."""
    told: dict[VenueId, list[RecordedEvent]] = {venue: [] for venue in sorted(set(venue_of.values()))}
    for attempt in attempts:
        venue = venue_of[attempt.contestant]
        told[venue] += events_of(attempt, venue)
    for events in told.values():
        events.sort(key=lambda event: event.at_us)
    return told
