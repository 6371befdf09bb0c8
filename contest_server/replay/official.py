"""The published result beside a recording: a Contest API scoreboard (JSON) or a table (CSV), as rows to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from contest_server.core.facts import ContestantId, StageId
from contest_server.replay.documents import id_of
from contest_server.replay.recording import MINUTE_MS, ExpectedRow, ExpectedStage, UnreadableRecording
from contest_server.replay.tables import Row, cell, columns_of, header_of, read_csv, read_json
from contest_server.replay.times import duration_ms, whole_ms

COLUMNS = (
    "contestant", "rank", "order", "cleared", "points", "total_ms", "total_s", "total_min", "total_time",
    "last_ms", "last_s", "last_min", "furthest", "furthest_ms",
)  # fmt: skip
UNITS = (("ms", 1), ("s", 1000), ("min", MINUTE_MS))


def is_scoreboard(value: object) -> bool:
    """Whether a JSON document looks like a Contest API scoreboard."""
    return isinstance(value, dict) and isinstance(value.get("rows"), list) and all("team_id" in row for row in value["rows"][:1])


def is_result_table(path: Path) -> bool:
    """Whether a CSV file has a contestant and a rank or an order, and no outcome of single attempts."""
    columns = columns_of(header_of(path), (*COLUMNS, "outcome", "stage"))
    return "contestant" in columns and ("rank" in columns or "order" in columns) and not {"outcome", "stage"} & set(columns)


def read_official(path: Path) -> list[ExpectedRow]:
    """Raises UnreadableRecording where the file is neither."""
    if path.suffix.lower() == ".json":
        board = read_json(path)
        if not is_scoreboard(board):
            raise UnreadableRecording(f"{path}: is no scoreboard; expected an object with `rows`, each with a `team_id`")
        return scoreboard_rows(board, str(path))
    if not is_result_table(path):
        raise UnreadableRecording(f"{path}: is no result; expected a CSV header with a contestant and a rank or an order")
    return table_rows(read_csv(path), str(path))


def scoreboard_rows(board: Mapping[str, Any], where: str) -> list[ExpectedRow]:
    """The rows of a Contest API scoreboard, with every cell of it."""
    try:
        unit_ms = _unit_of(_times(board["rows"]))
        says_first = any("first_to_solve" in each for row in board["rows"] for each in row.get("problems", ()))
        return [_scoreboard_row(row, unit_ms, says_first) for row in board["rows"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableRecording(f"{where}: a row is not as a scoreboard has it ({type(error).__name__}: {error})") from None


def _scoreboard_row(row: Mapping[str, Any], unit_ms: int, says_first: bool) -> ExpectedRow:
    score, rank = row["score"], int(row["rank"])
    total = score.get("total_time")
    points = score.get("score")
    return ExpectedRow(
        contestant=ContestantId(id_of(row["team_id"])),
        rank_from=rank,
        rank_to=rank,
        cleared=None if score.get("num_solved") is None else int(score["num_solved"]),
        points=None if points is None else str(points),
        time_ms=None if total is None else duration_ms(total),
        time_unit_ms=unit_ms,
        stages={StageId(id_of(each["problem_id"])): _scoreboard_stage(each, unit_ms, says_first) for each in row.get("problems", ())},
    )


def _scoreboard_stage(each: Mapping[str, Any], unit_ms: int, says_first: bool) -> ExpectedStage:
    cleared = bool(each.get("solved", float(each.get("score", 0)) > 0))
    time = each.get("time")
    return ExpectedStage(
        cleared=cleared,
        tries=int(each["num_judged"]),
        pending=int(each["num_pending"]),
        clear_ms=None if time is None or not cleared else duration_ms(time),
        unit_ms=unit_ms,
        first=bool(each.get("first_to_solve", False)) if says_first else None,
    )


def _times(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    totals = [row["score"].get("total_time") for row in rows]
    cells = [each.get("time") for row in rows for each in row.get("problems", ())]
    return [duration_ms(time) for time in (*totals, *cells) if time is not None]


def _unit_of(times_ms: Sequence[int]) -> int:
    """What the printed times were cut to: minutes where every one is whole, as most of these boards reckon."""
    return MINUTE_MS if all(time % MINUTE_MS == 0 for time in times_ms) else 1


def table_rows(rows: Sequence[Row], where: str) -> list[ExpectedRow]:
    """The rows of a CSV table. Where it prints an order and no rank, rows that are printed alike share the first one's rank.

    Raises:
        UnreadableRecording: naming the row that cannot be read.
    """
    if not rows:
        raise UnreadableRecording(f"{where}: has no rows")
    columns = columns_of(rows[0], COLUMNS)
    read = []
    for number, row in enumerate(rows, start=1):
        try:
            read.append(_table_row(row, columns))
        except (UnreadableRecording, ValueError) as error:
            raise UnreadableRecording(f"{where}: row {number}: {error}") from None
    return read if "rank" in columns else _ranks_of_order(rows, columns, read)


def _table_row(row: Row, columns: Mapping[str, str]) -> ExpectedRow:
    time_ms, time_unit_ms = _time(row, columns, "total")
    last_ms, last_unit_ms = _time(row, columns, "last")
    rank = _integer(cell(row, columns, "rank"))
    return ExpectedRow(
        contestant=ContestantId(id_of(cell(row, columns, "contestant"))),
        rank_from=rank,
        rank_to=rank,
        cleared=_integer(cell(row, columns, "cleared")),
        points=cell(row, columns, "points") or None,
        time_ms=time_ms,
        time_unit_ms=time_unit_ms,
        last_ms=last_ms,
        last_unit_ms=last_unit_ms,
        furthest=_integer(cell(row, columns, "furthest")),
        furthest_ms=_integer(cell(row, columns, "furthest_ms")),
    )


def _time(row: Row, columns: Mapping[str, str], which: str) -> tuple[int | None, int]:
    for unit, unit_ms in UNITS:
        text = cell(row, columns, f"{which}_{unit}")
        if text:
            return whole_ms(text, unit_ms), unit_ms
    return (whole_ms(cell(row, columns, "total_time"), MINUTE_MS), 1) if which == "total" else (None, 1)


def _integer(text: str) -> int | None:
    return int(text) if text else None


def _ranks_of_order(rows: Sequence[Row], columns: Mapping[str, str], read: Sequence[ExpectedRow]) -> list[ExpectedRow]:
    """Ranks out of a printed order. The last clear ends a tie chain: without its column the order may know more than is printed."""
    places = [int(cell(row, columns, "order")) for row in rows]
    first_of: dict[tuple[object, ...], int] = {}
    ranked = []
    exact = any(key in columns for key in ("last_ms", "last_s", "last_min"))
    for place, row in sorted(zip(places, read, strict=True), key=lambda item: item[0]):
        printed = (row.cleared, row.points, row.time_ms, row.last_ms, row.furthest, row.furthest_ms)
        best = first_of.setdefault(printed, place)
        ranked.append(replace(row, rank_from=best, rank_to=best if exact else place))
    return ranked
