"""A recording in our own words: a definition (TOML or JSON) beside venue events (NDJSON) or a CSV of attempts.

With these two files anybody can replay a contest with any rules. Refuses what is no event; events of unknown contestants are sent on.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from contest_server.core.attempts import DECISIVE
from contest_server.core.facts import AttemptId, ContestantId, Json, StageId, VenueId
from contest_server.core.faults import DefinitionError
from contest_server.intake.contestants_file import read_contestants
from contest_server.replay.attempts_table import UNSTATED, attempts_of_table
from contest_server.replay.outcomes import outcome_of_word
from contest_server.replay.recording import RecordedEvent, Recording, UnreadableRecording, events_of
from contest_server.replay.tables import read_bytes
from contest_server.replay.times import UNNAMED_START_US, duration_ms, instant_us, text_of_instant


def read_document(path: Path) -> Json:
    """The definition as a document. Raises UnreadableRecording where it is neither TOML nor JSON, or no definition."""
    text = read_bytes(path)
    try:
        document = msgspec.json.decode(text) if path.suffix.lower() == ".json" else tomllib.loads(text.decode(), parse_float=Decimal)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableRecording(f"{path}: {error}") from None
    if not is_document(document):
        raise UnreadableRecording(f"{path}: is no definition of a contest; expected [contest] and [[stages]]")
    return _with_people(document, path)


def _with_people(document: Json, path: Path) -> Json:
    """The document with the contestants of the file that it names, which lies beside it."""
    contest = dict(document["contest"])
    named = contest.pop("contestants_file", None)
    if named is None:
        return dict(document)
    if not isinstance(named, str) or Path(named).name != named:
        raise UnreadableRecording(f"{path}: contest.contestants_file: expected the name of a file beside it")
    try:
        people = read_contestants(path.parent / named)
    except DefinitionError as error:
        raise UnreadableRecording(str(error)) from None
    return {**document, "contest": contest, "contestants": [*document.get("contestants", []), *people]}


def is_document(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("contest"), dict) and isinstance(value.get("stages"), list)


def is_venue_event(value: object) -> bool:
    """Whether a line of JSON looks like an event of a venue."""
    return isinstance(value, dict) and "kind" in value and bool({"at", "at_us", "at_ms"} & set(value))


def recording_of_own_format(name: str, definition_path: Path, events_paths: Iterable[Path]) -> Recording:
    """Venues and contestants that the definition leaves open are those of the events.

    Raises:
        UnreadableRecording: naming file and line.
    """
    document = read_document(definition_path)
    contest = document["contest"]
    if contest.get("starts") is None:
        contest = document["contest"] = {**contest, "starts": text_of_instant(UNNAMED_START_US)}
    start_us = instant_us(contest["starts"])
    left_out: Counter[str] = Counter()
    told = [event for path in events_paths for event in _events(path, start_us, left_out)]
    document = _completed(document, told)
    freeze = contest.get("freeze_minutes")
    return Recording(name, document, _at_home(document, told, left_out), freeze_minutes=int(freeze) if freeze else None, left_out=+left_out)


def _completed(document: Json, told: Sequence[RecordedEvent]) -> Json:
    """The document with the venues and contestants of the events, where it names none itself."""
    venues = sorted({event.venue for event in told if event.venue != UNSTATED}) or [VenueId("main")]
    seen = {event.contestant: event.venue for event in told if event.contestant is not None}
    named = document.get("venues") or [{"id": venue} for venue in venues]
    fallback = named[0]["id"]
    people = [{"id": key, "name": key, "venue": fallback if venue == UNSTATED else venue} for key, venue in sorted(seen.items())]
    return {**document, "venues": named, "contestants": document.get("contestants") or people}


def _at_home(document: Json, told: Iterable[RecordedEvent], left_out: Counter[str]) -> dict[VenueId, list[RecordedEvent]]:
    """Each event at the venue it names, else at its contestant's, else at the first one; each venue's events in order of time."""
    venues = [VenueId(str(venue["id"])) for venue in document["venues"]]
    home = {ContestantId(str(row["id"])): VenueId(str(row.get("venue") or venues[0])) for row in document["contestants"] if "id" in row}
    events: dict[VenueId, list[RecordedEvent]] = {venue: [] for venue in venues}
    for event in told:
        venue = event.venue if event.venue != UNSTATED else home.get(event.contestant or ContestantId(""), venues[0])
        if venue in events:
            events[venue].append(replace(event, venue=venue))
        else:
            left_out[f"events of {str(venue)[:40]!r}, which the definition does not name"] += 1
    for each in events.values():
        each.sort(key=lambda event: event.at_us)
    return events


def _events(path: Path, start_us: int, left_out: Counter[str]) -> Iterable[RecordedEvent]:
    if path.suffix.lower() == ".csv":
        attempts, named = attempts_of_table(path, start_us, left_out)
        for attempt in attempts:
            yield from events_of(attempt, named[attempt.contestant])
        return
    for number, line in enumerate(read_bytes(path).splitlines(), start=1):
        if line.strip():
            yield _event(f"{path}: line {number}", number, line, start_us, left_out)


def _event(where: str, number: int, line: bytes, start_us: int, left_out: Counter[str]) -> RecordedEvent:
    try:
        value: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableRecording(f"{where}: is not JSON ({error})") from None
    if not is_venue_event(value):
        raise UnreadableRecording(f"{where}: is no event; expected an object with `kind` and `at`")
    try:
        at_us = _at_us(value, start_us)
    except (UnreadableRecording, TypeError, ValueError) as error:
        raise UnreadableRecording(f"{where}: {error}") from None
    contestant, stage, attempt = (value.get(key) for key in ("contestant", "stage", "attempt"))
    if attempt is None and value["kind"] in DECISIVE:
        attempt = f"line-{number:06d}"
    data = dict(value.get("data") or {})
    if value["kind"] == "attempt":
        data["outcome"] = outcome_of_word(data.get("outcome", value.get("outcome")), left_out)
    stated = value.get("venue")
    return RecordedEvent(
        venue=UNSTATED if stated is None else VenueId(str(stated)),
        kind=str(value["kind"]),
        at_us=at_us,
        contestant=None if contestant is None else ContestantId(str(contestant)),
        stage=None if stage is None else StageId(str(stage)),
        attempt=None if attempt is None else AttemptId(str(attempt)),
        data=data,
    )


def _at_us(value: Mapping[str, Any], start_us: int) -> int:
    """`at` is an instant, or hours:minutes:seconds of contest time; `at_ms` is contest time, `at_us` UTC."""
    if "at_us" in value:
        return int(value["at_us"])
    if "at_ms" in value:
        return start_us + int(value["at_ms"]) * 1000
    at = value["at"]
    return start_us + duration_ms(at) * 1000 if isinstance(at, str) and "T" not in at and "-" not in at[1:] else instant_us(at)
