"""A tiny contest as an event feed, told in either style."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from contest_server.core.facts import Json
from contest_server.replay.feed import recording_of_feed
from contest_server.replay.recording import RecordedEvent, Recording

START = "2024-04-18T12:00:00.000+02:00"
START_US = 1_713_434_400_000_000

CONTEST: Json = {"id": "c", "name": "Small", "start_time": START, "duration": "1:00:00.000", "penalty_time": 20}
TYPES: list[Json] = [
    {"id": "AC", "penalty": False, "solved": True},
    {"id": "WA", "penalty": True, "solved": False},
    {"id": "CE", "penalty": False, "solved": False},
]

Line = tuple[str, Any]


def world() -> list[Line]:
    """Two teams, two problems, nothing handed in yet. A line is (type, object)."""
    return [
        ("contest", CONTEST),
        *(("judgement-types", each) for each in TYPES),
        ("problems", {"id": "b", "label": "B", "name": "Second", "ordinal": 1}),
        ("problems", {"id": "a", "label": "A", "name": "First", "ordinal": 0}),
        ("teams", {"id": "t1", "name": "One", "group_ids": []}),
        ("teams", {"id": "t2", "name": "Two", "group_ids": []}),
    ]


def submission(identity: str, at: str, team: str = "t1", problem: str = "a", **more: Any) -> Line:
    return "submissions", {"id": identity, "team_id": team, "problem_id": problem, "contest_time": at, **more}


def judgement(identity: str, of: str, verdict: str | None, begun: str, ended: str | None = None, **more: Any) -> Line:
    """Under way while `verdict` is None."""
    value = {"id": identity, "submission_id": of, "start_contest_time": begun, "judgement_type_id": verdict, "end_contest_time": ended}
    return "judgements", {key: item for key, item in {**value, **more}.items() if item is not None}


def today(lines: Sequence[Line]) -> list[bytes]:
    """As notifications with a token. Data None is a deletion of the object whose id stands in the type, after a slash."""
    told = []
    for number, (kind, data) in enumerate(lines):
        kind, _, identity = kind.partition("/")
        line: Json = {"type": kind, "data": data, "token": f"t{number}"}
        if identity or isinstance(data, dict):
            line["id"] = identity or data.get("id")
        told.append(msgspec.json.encode(line))
    return told


def of_old(lines: Sequence[Line]) -> list[bytes]:
    """As events with an operation. What was there is updated, what was not is created."""
    known: set[tuple[str, str]] = set()
    told = []
    for number, (kind, data) in enumerate(lines):
        kind, _, gone = kind.partition("/")
        identity = gone or str(data.get("id"))
        op = "delete" if gone else "update" if (kind, identity) in known else "create"
        known.add((kind, identity))
        plural = {"contest": "contests"}.get(kind, kind)
        told.append(
            msgspec.json.encode({"type": plural, "id": f"e-{number}", "op": op, "data": data if data is not None else {"id": gone}})
        )
    return told


def read(lines: Sequence[Line]) -> Recording:
    return recording_of_feed("small", today(lines))


def events(recording: Recording) -> list[RecordedEvent]:
    """All events, of all venues, in order of time."""
    return sorted((event for told in recording.events.values() for event in told), key=lambda event: event.at_us)


def story(recording: Recording) -> list[tuple[str, int, str]]:
    """Attempt, contest time in ms, outcome: what the recording says happened."""
    return [(str(event.attempt), (event.at_us - START_US) // 1000, event.data["outcome"]) for event in events(recording)]
