"""Plans to look at, and the ledger that a good server makes of one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from contest_server.core.definition import Definition
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import Clock, ContestantId, Entry, Event, SourceId, StageId, Standing, VenueId
from contest_server.core.rulebook import Judges
from contest_server.live.adopting import fact_of
from contest_server.live.judges_loading import load_judges
from contest_server.rehearsal.plan import NOISE, Plan, plan_of
from contest_server.rehearsal.proof import Question, planned
from contest_server.rehearsal.scenario import document_of, named
from contest_server.rehearsal.wishes import Wishes, faults_of

URL = "http://127.0.0.1:8000"
CONTEST = "rehearsal-7-now"
START_US = 1_795_309_200_000_000


@lru_cache(maxsize=1)
def judges() -> Judges:
    return load_judges()


@lru_cache(maxsize=16)
def plan(faults: str = "all", **wished: Any) -> Plan:
    wishes = {"minutes": 7, "speed": 60.0, "contestants": 24, **wished}
    return plan_of(Wishes((URL,), faults=faults_of(faults), **wishes), judges())


def definition(of: Plan) -> Definition:
    """As the server reads it."""
    return read_definition(document_of(named(of.definition, CONTEST, START_US)))


def question(of: Plan) -> Question:
    """Everything was acknowledged."""
    known = {device.source: len(events) for device, events in of.tale.events.items()}
    return Question(of, definition(of), START_US, known)


def measured(of: Plan) -> dict[tuple[str, int], Event]:
    """What a server notes that measures every clock exactly; who sends by POST is not measured."""
    return {
        (device.source, seq): Event(
            SourceId(device.source), seq, VenueId(device.venue), "note", 0, stage=StageId("any"),
            offset_us=of.ahead_ms(device, told.said_ms) * 1_000, error_us=500,
        )
        for device, events in of.tale.events.items() if device.name != NOISE
        for seq, told in enumerate(events, start=1)
    }  # fmt: skip


def ledger(of: Plan) -> list[Entry]:
    """The definition, then every event once, device after device, and what officials enter besides rulings."""
    return [Entry(position, *rest) for position, rest in enumerate(_bodies(of), start=1)]


def _bodies(of: Plan) -> Iterator[tuple[int, str, Any]]:
    yield START_US, "token:a", fact_of(definition(of))
    for device in of.tale.events:
        for draft in planned(of, device, START_US, measured(of)):
            yield draft.received_us, draft.author, draft.fact
    for action, at_ms in (("pause", of.pause.from_ms), ("resume", of.pause.to_ms)):
        yield START_US, "token:a", Clock(action, START_US + at_ms * 1_000)  # type: ignore[arg-type]
    for act in of.tale.acts:
        yield START_US, "token:a", Standing(ContestantId(act.contestant), act.status, act.reason)
