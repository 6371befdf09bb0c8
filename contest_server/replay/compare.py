"""Our board against the published one, row by row. Says who differs in what; never rounds a difference away.

A published time that was cut to whole minutes is compared in whole minutes. What the publication does not print is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from contest_server.core.facts import ContestantId, StageId
from contest_server.replay.recording import ExpectedRow, ExpectedStage

BoardRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the boards differ, in the words of the boards."""

    contestant: ContestantId
    what: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.contestant}: {self.what}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many published rows were compared, how many were equal in everything, and every difference."""

    compared: int
    equal: int
    differences: Sequence[Difference]

    @property
    def same(self) -> bool:
        return not self.differences

    def __str__(self) -> str:
        return f"compared {self.compared}, equal {self.equal}"


def compare(board: Iterable[BoardRow], official: Sequence[ExpectedRow], stages: Sequence[StageId]) -> Comparison:
    """Every published row with ours. A row that only one side has is a difference too. `stages` is their order in the definition."""
    ours = {ContestantId(row["id"]): row for row in board}
    differences: list[Difference] = []
    equal = 0
    for expected in official:
        row = ours.pop(expected.contestant, None)
        found = [Difference(expected.contestant, "row", "there", "not on the board")] if row is None else [*_row(expected, row, stages)]
        equal += not found
        differences += found
    differences += [Difference(contestant, "row", "not in the published result", "on the board") for contestant in ours]
    return Comparison(len(official), equal, differences)


def _row(expected: ExpectedRow, row: BoardRow, stages: Sequence[StageId]) -> Iterator[Difference]:
    def differs(what: str, wanted: object, got: object) -> Difference:
        return Difference(expected.contestant, what, str(wanted), str(got))

    rank = row.get("rank")
    if expected.rank_from is not None and expected.rank_to is not None and not (rank and expected.rank_from <= rank <= expected.rank_to):
        wanted = expected.rank_from if expected.rank_from == expected.rank_to else f"{expected.rank_from} to {expected.rank_to}"
        yield differs("rank", wanted, "none" if rank is None else rank)
    if expected.cleared is not None and expected.cleared != row["cleared"]:
        yield differs("stages cleared", expected.cleared, row["cleared"])
    if expected.points is not None and not _same_number(expected.points, row["points"]):
        yield differs("points", expected.points, row["points"])
    if not _same_time(expected.time_ms, row["time_ms"], expected.time_unit_ms):
        yield differs("time", clock_text(expected.time_ms), clock_text(row["time_ms"]))
    cells = row.get("stages") or {}
    cleared = {stage: cell.get("ms") or 0 for stage, cell in cells.items() if cell["state"] == "cleared"}
    last_ms = max(cleared.values(), default=0)
    if not _same_time(expected.last_ms, last_ms, expected.last_unit_ms):
        yield differs("last clear", clock_text(expected.last_ms), clock_text(last_ms))
    yield from _furthest(expected, cleared, stages)
    if expected.stages is not None:
        for stage in dict.fromkeys([*expected.stages, *cells]):
            yield from _stage(expected.contestant, stage, expected.stages.get(stage), cells.get(stage))


def _furthest(expected: ExpectedRow, cleared: Mapping[str, int], stages: Sequence[StageId]) -> Iterator[Difference]:
    index, ms = max(((stages.index(StageId(stage)) + 1, ms) for stage, ms in cleared.items()), default=(0, 0))
    if expected.furthest is not None and expected.furthest != index:
        yield Difference(expected.contestant, "furthest stage", str(expected.furthest), str(index))
    if not _same_time(expected.furthest_ms, ms, 1):
        yield Difference(expected.contestant, "time at the furthest stage", clock_text(expected.furthest_ms), clock_text(ms))


def _stage(contestant: ContestantId, stage: str, expected: ExpectedStage | None, cell: Mapping[str, Any] | None) -> Iterator[Difference]:
    """A cell that was never tried may be absent on either side. Attempts after a clear are nobody's tries, and not pending either."""
    wanted = expected if expected is not None else ExpectedStage(cleared=False, tries=0, pending=0)
    got: Mapping[str, Any] = cell if cell is not None else {"state": "open"}
    cleared = got["state"] == "cleared"

    def differs(what: str, this: object, that: object) -> Difference:
        return Difference(contestant, f"stage {stage}: {what}", str(this), str(that))

    if wanted.cleared != cleared:
        yield differs("cleared", _yes(wanted.cleared), _yes(cleared))
    if wanted.tries is not None and wanted.tries != got.get("tries", 0):
        yield differs("tries", wanted.tries, got.get("tries", 0))
    if wanted.pending is not None and not cleared and wanted.pending != got.get("pending", 0):
        yield differs("pending", wanted.pending, got.get("pending", 0))
    if cleared and not _same_time(wanted.clear_ms, got.get("ms", 0), wanted.unit_ms):
        yield differs("time", clock_text(wanted.clear_ms), clock_text(got.get("ms", 0)))
    if wanted.first is not None and wanted.first != bool(got.get("first", False)):
        yield differs("first to clear", _yes(wanted.first), _yes(bool(got.get("first", False))))


def _same_time(expected_ms: int | None, got_ms: int, unit_ms: int) -> bool:
    return expected_ms is None or expected_ms == got_ms // unit_ms * unit_ms


def _same_number(expected: str, got: object) -> bool:
    try:
        return Decimal(expected) == Decimal(str(got))
    except InvalidOperation:
        return expected == str(got)


def clock_text(milliseconds: int | None) -> str:
    """1:05:09, or 1:05:09.250 where there are milliseconds."""
    if milliseconds is None:
        return "–"
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest:03d}" if rest else text


def _yes(value: bool) -> str:
    return "yes" if value else "no"
