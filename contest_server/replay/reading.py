"""Read a recorded contest from a folder or a file. What it is written in is told by its content, never by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from contest_server.core.facts import ContestantId, Json
from contest_server.replay.attempts_table import is_attempts_table, recording_of_attempts
from contest_server.replay.contest_folder import FILES, recording_of_folder
from contest_server.replay.documents import id_of
from contest_server.replay.feed import recording_of_feed
from contest_server.replay.notifications import is_notification
from contest_server.replay.official import is_result_table, is_scoreboard, read_official
from contest_server.replay.own_format import is_document, is_venue_event, read_document, recording_of_own_format
from contest_server.replay.recording import ExpectedRow, Recording, UnreadableRecording
from contest_server.replay.tables import read_bytes, read_json

FILES_MAX = 200
LOOKED_AT_LINES = 20
LINES = (".ndjson", ".jsonl", ".json", ".txt", ".log")


@dataclass(frozen=True, slots=True)
class Found:
    """What the files of a folder are."""

    feeds: Sequence[Path] = ()
    venue_events: Sequence[Path] = ()
    attempts: Sequence[Path] = ()
    definitions: Sequence[Path] = ()
    results: Sequence[Path] = ()


def read_recording(path: Path, official: Path | None = None, definition: Path | None = None) -> Recording:
    """The contest recorded at `path`, with the result beside it (or `official`), under its own rules (or those of `definition`).

    Raises:
        UnreadableRecording: naming the file, the place in it, and what was expected.
    """
    if not path.exists():
        raise UnreadableRecording(f"{path}: no such file or folder")
    found = _look(path)
    if definition is not None:
        found = replace(found, definitions=[definition])
    results = [official] if official is not None else list(found.results)
    if len(results) > 1:
        raise UnreadableRecording(f"{path}: more than one result ({', '.join(each.name for each in results)}); name one with --official")
    expected = read_official(results[0]) if results else None
    recording = _recording(path, found, expected)
    return replace(recording, official=None if expected is None else [_as_exact_as_reckoned(row, recording.definition) for row in expected])


def _as_exact_as_reckoned(row: ExpectedRow, document: Json) -> ExpectedRow:
    """A total that is reckoned in whole minutes equals the printed minutes; only one that is reckoned finer is cut before comparing."""
    total = document.get("total") or {}
    return replace(row, time_unit_ms=1) if total.get("unit") == "minute" else row


def _recording(path: Path, found: Found, expected: Sequence[ExpectedRow] | None) -> Recording:
    name = id_of(path.resolve().stem if path.is_file() else path.resolve().name)
    if found.definitions and (found.venue_events or found.attempts):
        return recording_of_own_format(name, found.definitions[0], [*found.venue_events, *found.attempts])
    if found.feeds:
        recording = recording_of_feed(name, read_bytes(found.feeds[0]).splitlines())
    elif path.is_dir() and all((path / file).is_file() for file in FILES):
        recording = recording_of_folder(name, path)
    elif found.attempts:
        recording = recording_of_attempts(name, found.attempts[0], [ContestantId(row.contestant) for row in expected or ()])
    else:
        raise UnreadableRecording(f"{path}: {_what_is_missing(found)}")
    return _under(recording, read_document(found.definitions[0])) if found.definitions else recording


def _under(recording: Recording, document: Json) -> Recording:
    """The same events under the rules of another definition, which keeps what it does not say from the recording."""
    kept = recording.definition
    merged = {**kept, **document, "contest": {**kept["contest"], **document["contest"]}}
    for key in ("venues", "contestants", "stages"):
        merged[key] = document.get(key) or kept[key]
    return replace(recording, definition=merged)


def _what_is_missing(found: Found) -> str:
    if found.venue_events:
        return "venue events without a definition beside them; add contest.toml"
    if found.definitions:
        return "a definition without events beside it; add events.ndjson or attempts.csv"
    return (
        "nothing that can be replayed; expected an event feed (NDJSON), run.json with team.json and config.json, a CSV of attempts, "
        "or contest.toml with events.ndjson or attempts.csv"
    )


def _look(path: Path) -> Found:
    files = [path] if path.is_file() else sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
    if len(files) > FILES_MAX:
        raise UnreadableRecording(f"{path}: more than {FILES_MAX} files; name the folder of one contest")
    kinds: dict[str, list[Path]] = {"feeds": [], "venue_events": [], "attempts": [], "definitions": [], "results": []}
    for file in files:
        kind = _kind(file)
        if kind is not None:
            kinds[kind].append(file)
    return Found(**kinds)


def _kind(file: Path) -> str | None:
    suffix = file.suffix.lower()
    if suffix == ".csv":
        return "attempts" if is_attempts_table(file) else "results" if is_result_table(file) else None
    if suffix == ".toml":
        return "definitions" if b"[contest]" in read_bytes(file) else None
    return _kind_of_json(file) if suffix in LINES and file.name not in FILES else None


def _kind_of_json(file: Path) -> str | None:
    for value in _first_lines(file):
        if is_venue_event(value):
            return "venue_events"
        if is_notification(value):
            return "feeds"
    if file.suffix.lower() != ".json":
        return None
    value = read_json(file)
    return "definitions" if is_document(value) else "results" if is_scoreboard(value) else None


def _first_lines(file: Path) -> list[Any]:
    """The values of the first lines that are JSON each by itself; a feed may begin with anything."""
    values = []
    for line in read_bytes(file).splitlines()[:LOOKED_AT_LINES]:
        try:
            values.append(msgspec.json.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return values
