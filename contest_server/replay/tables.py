"""CSV and JSON files as rows, columns recognised by many names. Refuses a table without the columns it is about, naming them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from contest_server.replay.recording import UnreadableRecording

FILE_MAX_BYTES = 512 * 1024 * 1024

Row = dict[str, str]

ALIASES: dict[str, tuple[str, ...]] = {
    "contestant": ("contestant", "contestant_id", "team_id", "team", "id", "user", "participant"),
    "stage": ("stage", "stage_id", "problem_id", "problem", "task", "problem_index"),
    "outcome": ("outcome", "verdict", "result", "status", "judgement"),
    "attempt": ("attempt", "attempt_id", "run_id", "submission_id", "submission"),
    "venue": ("venue", "venue_id", "site", "location"),
    "at": ("at", "time", "timestamp", "datetime"),
    "time_ms": ("time_ms", "contest_ms", "ms", "at_ms", "contest_time_ms"),
    "time_s": ("time_s", "contest_s", "seconds", "at_s"),
    "contest_time": ("contest_time", "elapsed"),
    "rank": ("rank", "place", "position"),
    "order": ("order", "doc_order"),
    "cleared": ("cleared", "solved", "num_solved", "stages_cleared"),
    "points": ("points", "score", "total_points", "marks"),
    "total_ms": ("time_ms", "total_ms", "penalty_ms", "total_time_ms"),
    "total_s": ("penalty_s", "time_s", "total_s", "total_seconds"),
    "total_min": ("penalty_min", "time_min", "total_min", "penalty"),
    "total_time": ("total_time", "time"),
    "last_ms": ("last_accept_ms", "last_ms", "last_clear_ms"),
    "last_s": ("last_accept_s", "last_s"),
    "last_min": ("last_accept_min", "last_min"),
    "furthest": ("furthest", "furthest_stage"),
    "furthest_ms": ("furthest_ms",),
}  # fmt: skip


def read_bytes(path: Path) -> bytes:
    """The whole file, without a byte order mark. Raises UnreadableRecording."""
    try:
        if path.stat().st_size > FILE_MAX_BYTES:
            raise UnreadableRecording(f"{path}: larger than {FILE_MAX_BYTES} bytes")
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise UnreadableRecording(f"{path}: {error.strerror or error}") from None


def read_json(path: Path) -> Any:
    """Raises UnreadableRecording."""
    try:
        return msgspec.json.decode(read_bytes(path))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableRecording(f"{path}: is not JSON ({error})") from None


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file with a header line, keys in small letters. Raises UnreadableRecording."""
    try:
        text = read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise UnreadableRecording(f"{path}: is not UTF-8 (byte {error.start})") from None
    return rows_of_csv(text, str(path))


def rows_of_csv(text: str, where: str) -> list[Row]:
    """Each row by its header. Raises UnreadableRecording naming the line of a row that does not fit."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise UnreadableRecording(f"{where}: line {reader.line_num} has {len(cells)} cells, the header has {len(header)}")
            rows.append(dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    except csv.Error as error:
        raise UnreadableRecording(f"{where}: line {reader.line_num}: {error}") from None
    return rows


def columns_of(header: Iterable[str], wanted: Sequence[str]) -> dict[str, str]:
    """Which column holds what: for each of `wanted` the first of its names that the header has. Absent ones are left out."""
    there = set(header)
    found: dict[str, str] = {}
    for key in wanted:
        name = next((name for name in ALIASES[key] if name in there), None)
        if name is not None:
            found[key] = name
    return found


def header_of(path: Path) -> list[str]:
    """The column names of a CSV file; empty where it is none."""
    with path.open("rb") as file:
        first = file.readline(65_536).removeprefix(b"\xef\xbb\xbf")
    try:
        return [name.strip().lower() for name in next(csv.reader([first.decode()]), [])]
    except (UnicodeDecodeError, csv.Error):
        return []


def cell(row: Mapping[str, str], columns: Mapping[str, str], key: str) -> str:
    """The text of a column, empty where the table has no such column."""
    return row[columns[key]] if key in columns else ""
