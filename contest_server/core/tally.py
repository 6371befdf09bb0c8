"""What a contestant's cells add up to, kept by difference. Refuses to round: where a sum is not exact, all is added up in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from functools import reduce
from typing import Any, Protocol

from msgspec import Struct

_EXACT = Context(traps=[Inexact])
"""Adds as any decimal is added here, and raises where digits would be lost: then the order of adding would show in the sum."""
_add, _subtract = _EXACT.add, _EXACT.subtract


class Cell(Protocol):
    """What a tally looks at."""

    @property
    def state(self) -> str: ...
    @property
    def marks(self) -> Decimal: ...
    @property
    def award(self) -> Decimal: ...
    @property
    def clear_ms(self) -> int | None: ...
    @property
    def penalty_ms(self) -> int: ...


class Tally(Struct, frozen=True, gc=False):
    """`points` of all cells but held ones; how many are `cleared`, their clear times together and the latest, and their penalties (ms).

    `exact`: no digit was lost in adding.
    """

    points: Decimal = Decimal(0)
    cleared: int = 0
    clears_ms: int = 0
    last_ms: int = 0
    penalties_ms: int = 0
    exact: bool = True


def tally_of(cells: Iterable[Cell]) -> Tally:
    """Added up in the order of the cells."""
    cleared, clears_ms, last_ms, penalties_ms = 0, 0, 0, 0
    counted = [cell for cell in cells if cell.state != "held"]
    points, exact = _sum_of([points_of(cell) for cell in counted])
    for cell in counted:
        if cell.state == "cleared":
            clear_ms = cell.clear_ms or 0
            cleared, clears_ms, penalties_ms = cleared + 1, clears_ms + clear_ms, penalties_ms + cell.penalty_ms
            last_ms = max(last_ms, clear_ms)
    return Tally(points, cleared, clears_ms, last_ms, penalties_ms, exact)


def _sum_of(marks: Sequence[Decimal]) -> tuple[Decimal, bool]:
    """Their sum, and whether it is exact."""
    try:
        return reduce(_add, marks, Decimal(0)), True
    except Inexact:
        return sum(marks, Decimal(0)), False


def moved(tally: Tally, before: Cell | None, after: Cell, cells: Mapping[Any, Cell]) -> Tally:
    """The tally of `cells`, one of which was `before` and is `after` now."""
    if not tally.exact or (before is not None and before.state == "cleared" and (before.clear_ms or 0) >= tally.last_ms):
        return tally_of(cells.values())  # digits were lost, or the latest may be any of the others now
    try:
        return _with(tally if before is None else _without(tally, before), after)
    except Inexact:
        return tally_of(cells.values())


def points_of(cell: Cell) -> Decimal:
    return cell.marks + cell.award if cell.award else cell.marks


def _with(tally: Tally, cell: Cell) -> Tally:
    """Raises Inexact."""
    if cell.state == "cleared":
        clear_ms, last_ms = cell.clear_ms or 0, tally.last_ms
        if clear_ms > last_ms:
            last_ms = clear_ms
        points, penalties_ms = _add(tally.points, points_of(cell)), tally.penalties_ms + cell.penalty_ms
        return Tally(points, tally.cleared + 1, tally.clears_ms + clear_ms, last_ms, penalties_ms)
    if cell.state == "held" or not (points := points_of(cell)):
        return tally
    return Tally(_add(tally.points, points), tally.cleared, tally.clears_ms, tally.last_ms, tally.penalties_ms)


def _without(tally: Tally, cell: Cell) -> Tally:
    """Where the cell is not the latest that was cleared. Raises Inexact."""
    if cell.state == "held" or not (cell.state == "cleared" or points_of(cell)):
        return tally
    points = _subtract(tally.points, points_of(cell))
    if cell.state != "cleared":
        return Tally(points, tally.cleared, tally.clears_ms, tally.last_ms, tally.penalties_ms)
    clear_ms = cell.clear_ms or 0
    return Tally(points, tally.cleared - 1, tally.clears_ms - clear_ms, tally.last_ms, tally.penalties_ms - cell.penalty_ms)
