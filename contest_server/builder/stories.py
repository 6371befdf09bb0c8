"""What happens in a small contest, as a page tells it: who did what when. Checked; everything that is not told is as usual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contest_server.core.acts import Marked
from contest_server.core.facts import AttemptId, ContestantId, Draft, Event, Fact, OfficialId, SourceId, StageId, VenueId
from contest_server.core.ids import ActId
from contest_server.core.times import EPOCH, us_of

EVENTS_MAX = 2_000
CONTESTANTS_MAX = 100
STAGES_MAX = 30
DATA_MAX_FIELDS = 200
LONGEST_MS = 7 * 24 * 3_600_000
START_US = us_of(EPOCH) + 1_767_229_200_000_000
"""2026-01-01 09:00 in Beijing: no rule looks at the date."""
STARTS = "2026-01-01T01:00:00Z"
VENUE, STAGE, CONTESTANT, ATTEMPT, DEVICE = "hall", "stage", "A1", "1", "desk"

Id = Annotated[str, StringConstraints(pattern=r"^[\w.:\-]{1,64}$")]
Ms = Annotated[int, Field(ge=-LONGEST_MS, le=LONGEST_MS)]


class Happening(BaseModel):
    """An event of a story. Without a verdict a `clear` clears; "rejected", "free" and "pending" are attempts with that outcome."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["start", "clear", "rejected", "free", "pending", "evidence", "violation", "withdraw"]
    at_ms: Ms
    contestant: Id = CONTESTANT
    stage: Id | None = None
    attempt: Id | None = None
    data: dict[str, Any] = Field(default={}, max_length=DATA_MAX_FIELDS)
    device: Id = DEVICE
    late_ms: Ms = 100
    """How long after it happened it arrived."""
    offset_ms: Ms | None = None
    error_ms: Annotated[int, Field(ge=0, le=LONGEST_MS)] | None = None


class GivenMark(BaseModel):
    """A mark that an official gives alone."""

    model_config = ConfigDict(extra="forbid")

    official: Id
    aspect: Id
    value: Annotated[str, StringConstraints(max_length=40)]
    contestant: Id = CONTESTANT
    stage: Id | None = None
    at_ms: Ms = 0


class Story(BaseModel):
    """A small contest. The tables are those of a definition; `at` is the stage that the rule stands in and the result is told of."""

    model_config = ConfigDict(extra="forbid")

    events: list[Happening] = Field(default=[], max_length=EVENTS_MAX)
    marks: list[GivenMark] = Field(default=[], max_length=EVENTS_MAX)
    contestants: list[Id | dict[str, Any]] = Field(default=[], max_length=CONTESTANTS_MAX)
    venues: list[dict[str, Any]] = Field(default=[], max_length=20)
    officials: list[dict[str, Any]] = Field(default=[], max_length=50)
    stages: list[dict[str, Any]] = Field(default=[], max_length=STAGES_MAX)
    rules: list[dict[str, Any]] = Field(default=[], max_length=50)
    ranking: list[dict[str, Any]] = Field(default=[], max_length=12)
    criteria: list[dict[str, Any]] = Field(default=[], max_length=200)
    total: dict[str, Any] | None = None
    ties: dict[str, Any] | None = None
    clock: dict[str, Any] | None = None
    at: Id | None = None


def people_of(story: Story) -> list[dict[str, Any]]:
    """Who is told of, and whoever an event or a mark names besides."""
    home = {"venue": story.venues[0].get("id", VENUE)} if len(story.venues) > 1 else {}
    listed = [{**home, **(each if isinstance(each, dict) else {"id": each})} for each in story.contestants]
    named = {str(each.get("id")) for each in listed}
    acting = [*(each.contestant for each in story.events), *(each.contestant for each in story.marks)]
    return [*listed, *({"id": each, **home} for each in dict.fromkeys(acting) if each not in named)] or [{"id": CONTESTANT}]


def facts_of(story: Story, stage: str, venue_of: Mapping[str, str]) -> Iterator[Draft]:
    """The events in the order in which they arrive, then the marks. `stage` is meant where none is named."""
    drafts = list(_events(story.events, stage, venue_of))
    yield from sorted(drafts, key=lambda each: each.received_us)
    for number, mark in enumerate(story.marks, start=1):
        yield _draft(START_US + mark.at_ms * 1_000, _mark(mark, number, stage))


def _events(told: Sequence[Happening], stage: str, venue_of: Mapping[str, str]) -> Iterator[Draft]:
    seqs: dict[str, int] = {}
    for each in told:
        venue = venue_of.get(each.contestant, VENUE)
        source = SourceId(f"{venue}/{each.device}")
        seqs[source] = seqs.get(source, 0) + 1
        event = _event(each, source, seqs[source], venue, stage)
        yield _draft(START_US + (each.at_ms + each.late_ms) * 1_000, event)


def _event(told: Happening, source: SourceId, seq: int, venue: str, stage: str) -> Event:
    is_attempt = told.kind in ("rejected", "free", "pending")
    decides = is_attempt or told.kind == "clear"
    attempt = told.attempt or (ATTEMPT if decides else None)
    return Event(
        source=source,
        seq=seq,
        venue=VenueId(venue),
        kind="attempt" if is_attempt else told.kind,  # type: ignore[arg-type]  # the union of both is narrower than mypy sees
        at_us=START_US + (told.at_ms + (told.offset_ms or 0)) * 1_000,
        contestant=ContestantId(told.contestant),
        stage=StageId(told.stage or stage) if told.kind != "withdraw" else None,
        attempt=None if attempt is None else AttemptId(attempt),
        data={**told.data, **({"outcome": told.kind} if is_attempt else {})},
        offset_us=None if told.offset_ms is None else told.offset_ms * 1_000,
        error_us=None if told.error_ms is None else told.error_ms * 1_000,
    )


def _mark(mark: GivenMark, number: int, stage: str) -> Marked:
    return Marked(
        id=ActId(f"mark-{number}"),
        at_us=START_US + mark.at_ms * 1_000,
        official=OfficialId(mark.official),
        stage=StageId(mark.stage or stage),
        aspect=mark.aspect,
        value=mark.value,
        contestant=ContestantId(mark.contestant),
    )


def _draft(received_us: int, fact: Fact) -> Draft:
    return Draft(received_us, "builder", fact)
