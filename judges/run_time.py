"""The time of a whole run, out of the times of its cleared stages. Shared by the rules that make totals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from contest_server.core.judging import ZERO, CellResult, ContestantRecord
from judges.exact import plain

TimeOf = Literal["last", "sum"]


class Addends:
    """The marks of cells as they are added up, e.g. "wiring 5 + quiz 2.5": put into words only when somebody reads them."""

    __slots__ = ("_cells",)

    def __init__(self, record: ContestantRecord) -> None:
        self._cells = record.cells

    def __str__(self) -> str:
        cells = sorted((cell for cell in self._cells.values() if cell.state != "held" and cell.points), key=lambda cell: cell.stage.index)
        return " + ".join(f"{cell.stage.id} {plain(cell.points)}" for cell in cells)


def cleared_cells(record: ContestantRecord) -> list[CellResult]:
    """The cells that are cleared, in the order of the stages."""
    return sorted((cell for cell in record.cells.values() if cell.state == "cleared"), key=lambda cell: cell.stage.index)


def points_of(cells: Sequence[CellResult]) -> Decimal:
    """The plain sum. A held cell brings nothing until a referee rules."""
    return sum([cell.points for cell in cells if cell.state != "held"], ZERO)


def run_time_ms(cells: Sequence[CellResult], time: TimeOf, unit_ms: int = 1, floor_each: bool = False) -> int:
    """All penalties, and the clear times together ("sum") or the latest of them ("last").

    Floored to the unit at each clear time, before the penalties, or once in the end.
    """
    each_ms = unit_ms if floor_each else 1
    clears_ms = [_clear_ms(cell) for cell in cells]
    if each_ms != 1:
        clears_ms = [clear_ms // each_ms * each_ms for clear_ms in clears_ms]
    penalties_ms = sum([cell.penalty_ms for cell in cells])
    total_ms = penalties_ms + (sum(clears_ms) if time == "sum" else max(clears_ms, default=0))
    return total_ms if floor_each else total_ms // unit_ms * unit_ms


def _clear_ms(cell: CellResult) -> int:
    assert cell.clear_ms is not None, f"stage {cell.stage.id} is cleared, but at no time"
    return cell.clear_ms
