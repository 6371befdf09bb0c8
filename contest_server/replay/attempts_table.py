"""A plain CSV of attempts as a recording. One line is one attempt with how it ended; a further line with its id is a later verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from contest_server.core.facts import AttemptId, ContestantId, Json, StageId, VenueId
from contest_server.replay.documents import TimeRules, count_and_time_document, id_of, text_in_two
from contest_server.replay.outcomes import outcome_of_word
from contest_server.replay.recording import RecordedAttempt, Recording, UnreadableRecording, by_venue
from contest_server.replay.sites import MAIN
from contest_server.replay.tables import Row, cell, columns_of, header_of, read_csv
from contest_server.replay.times import UNNAMED_START_US, duration_ms, instant_us, whole_ms

COLUMNS = ("contestant", "stage", "outcome", "attempt", "venue", "time_ms", "time_s", "contest_time", "at")
UNSTATED = VenueId("")
"""The venue of an event that names none."""


def is_attempts_table(path: Path) -> bool:
    """Whether the header has a contestant, a stage, an outcome and a time."""
    columns = columns_of(header_of(path), COLUMNS)
    return {"contestant", "stage", "outcome"} <= set(columns) and bool({"time_ms", "time_s", "contest_time", "at"} & set(columns))


def recording_of_attempts(name: str, path: Path, also: Sequence[ContestantId] = ()) -> Recording:
    """Without a definition: contestants and stages are those of the lines (and `also`, who never tried), times begin on 2000-01-01.

    Raises:
        UnreadableRecording: naming the row that cannot be read.
    """
    left_out: Counter[str] = Counter()
    attempts, venue_of = attempts_of_table(path, UNNAMED_START_US, left_out)
    venue_of = {
        key: VenueId("main") if venue == UNSTATED else venue for key, venue in {**dict.fromkeys(also, UNSTATED), **venue_of}.items()
    }
    contestants: list[Json] = [{"id": key, "name": text_in_two(key), "venue": venue} for key, venue in sorted(venue_of.items())]
    stages: list[Json] = [{"id": key, "name": text_in_two(key)} for key in sorted({attempt.stage for attempt in attempts})]
    if not stages:
        raise UnreadableRecording(f"{path}: has no attempts")
    venues = {venue: MAIN if venue == "main" else text_in_two(venue) for venue in sorted(set(venue_of.values()))}
    return Recording(
        name=name,
        definition=count_and_time_document(name, name, UNNAMED_START_US, None, TimeRules(), venues, contestants, stages),
        events=by_venue(attempts, venue_of),
        left_out=+left_out,
    )


def attempts_of_table(path: Path, start_us: int, left_out: Counter[str]) -> tuple[list[RecordedAttempt], dict[ContestantId, VenueId]]:
    """The attempts of a table, in its order, and the venue it names for each contestant (UNSTATED where it names none)."""
    rows = read_csv(path)
    columns = columns_of(rows[0], COLUMNS) if rows else {}
    attempts: dict[AttemptId, RecordedAttempt] = {}
    venue_of: dict[ContestantId, VenueId] = {}
    for number, row in enumerate(rows, start=1):
        try:
            attempt = _attempt(number, row, columns, start_us, left_out)
        except (UnreadableRecording, ValueError) as error:
            raise UnreadableRecording(f"{path}: row {number}: {error}") from None
        stated = cell(row, columns, "venue")
        venue_of.setdefault(attempt.contestant, VenueId(id_of(stated)) if stated else UNSTATED)
        attempts[attempt.id] = _joined(attempts.get(attempt.id), attempt)
    return list(attempts.values()), venue_of


def _attempt(number: int, row: Row, columns: Mapping[str, str], start_us: int, left_out: Counter[str]) -> RecordedAttempt:
    at_us = _time_us(row, columns, start_us)
    contestant, stage = cell(row, columns, "contestant"), cell(row, columns, "stage")
    if not contestant or not stage:
        raise UnreadableRecording("no contestant or no stage")
    return RecordedAttempt(
        id=AttemptId(id_of(cell(row, columns, "attempt") or f"row-{number:06d}")),
        contestant=ContestantId(id_of(contestant)),
        stage=StageId(id_of(stage)),
        at_us=at_us,
        outcome=outcome_of_word(cell(row, columns, "outcome"), left_out),
    )


def _time_us(row: Row, columns: Mapping[str, str], start_us: int) -> int:
    for key, unit_ms in (("time_ms", 1), ("time_s", 1000)):
        milliseconds = whole_ms(cell(row, columns, key), unit_ms)
        if milliseconds is not None:
            return start_us + milliseconds * 1000
    text = cell(row, columns, "contest_time")
    if text:
        return start_us + duration_ms(text) * 1000
    text = cell(row, columns, "at")
    if not text:
        raise UnreadableRecording("no time")
    if text.lstrip("-").isdigit():
        return start_us + int(text) * 1_000_000
    return start_us + duration_ms(text) * 1000 if text[2:3] == ":" or text[1:2] == ":" else instant_us(text)


def _joined(before: RecordedAttempt | None, later: RecordedAttempt) -> RecordedAttempt:
    """A further line of an attempt adds its verdict; when and by whom it was handed in stays."""
    return later if before is None else replace(before, verdicts=[*before.verdicts, (later.at_us, later.outcome)])
