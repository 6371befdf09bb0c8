"""Keys out of the tie chain: what orders contestants, as tuples of integers. Whatever can be found once a rulebook is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Protocol

from contest_server.core.definition import RankBy
from contest_server.core.facts import StageId, Status
from contest_server.core.judging import CellResult, Total
from contest_server.core.packing import Key as Key
from contest_server.core.tally import Tally

MARK_SCALE = Decimal(1_000_000)
"""Points enter a key as whole millionths of a mark."""
_half_up = Context(rounding=ROUND_HALF_UP).to_integral_value

STATUS_ORDER: dict[Status, int] = {"ok": 0, "guest": 0, "overtime": 1, "missed": 2, "dnf": 2, "withdrawn": 2, "dsq": 3, "dns": 4}
"""Where a status sorts (D6). Guests stand where their points put them; of those without a rank number: `core/ranking.py`."""

UNIT_MS = {"ms": 1, "second": 1_000, "minute": 60_000}
COUNTBACKS = ("countback", "countback_last")
"""D3. Results one after the other: the best stage, the second best, …; or the last stage, the one before it, …"""


class Measured(Protocol):
    """What measures are taken of: a contestant's cells, and what they add up to."""

    @property
    def cells(self) -> Mapping[StageId, CellResult]: ...
    @property
    def tally(self) -> Tally: ...


Measure = Callable[[Total, Measured], int]
"""Takes a measure as an integer: marks in millionths, times in milliseconds, counts as they are."""


def scaled(marks: Decimal) -> int:
    """Marks as whole millionths, rounded half up."""
    return int(_half_up(marks * MARK_SCALE))


def _cleared(record: Measured) -> list[CellResult]:
    return [cell for cell in record.cells.values() if cell.state == "cleared"]


_OF_ALL: dict[str, Measure] = {
    "points": lambda total, _: scaled(total.points),
    "time_ms": lambda total, _: total.time_ms,
    "cleared": lambda _, record: record.tally.cleared,
    "last_ms": lambda _, record: record.tally.last_ms,
    "penalty_ms": lambda _, record: record.tally.penalties_ms,
    "furthest": lambda _, record: max((cell.stage.index + 1 for cell in _cleared(record)), default=0),
    "furthest_ms": lambda _, record: max(((cell.stage.index, cell.clear_ms or 0) for cell in _cleared(record)), default=(0, 0))[1],
    "work_ms": lambda _, record: sum(cell.elapsed_ms or 0 for cell in _cleared(record)),
}
"""Measures that every contest has."""
MEASURES = (*COUNTBACKS, *_OF_ALL)


def measure_names(total: Any) -> set[str]:
    """What a tie chain may name: the measures every contest has, and those the total's judge adds (`measures`)."""
    return {*MEASURES, *getattr(total, "measures", ())}


def _measure_called(name: str) -> Measure:
    """How this measure is taken, where the total does not give it itself."""
    if (known := _OF_ALL.get(name)) is not None:
        return known
    kind, colon, which = name.partition(":")
    if not colon:
        return lambda total, _: total.measures[name]
    called = _stage_called if kind.startswith("stage") else _group_called
    if kind.endswith("_ms"):
        return lambda _, record: sum(_took_ms(cell) for cell in record.cells.values() if called(cell) == which)
    return lambda _, record: _scaled_sum(cell for cell in record.cells.values() if called(cell) == which)


def _stage_called(cell: CellResult) -> str:
    return cell.stage.id


def _group_called(cell: CellResult) -> str | None:
    return cell.stage.group


def _took_ms(cell: CellResult) -> int:
    """How long the work took that counts at a stage, passed or not, with its penalty: from its start, or from that of the contest where
    none was seen. 0 where nothing is decided.
    """
    if cell.clear_ms is None:
        return 0
    return max(0, (cell.clear_ms if cell.elapsed_ms is None else cell.elapsed_ms) + cell.penalty_ms)


def _scaled_sum(cells: Iterable[CellResult]) -> int:
    return scaled(sum((cell.points for cell in cells), Decimal(0)))


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a tie chain, ready to reckon with. A countback compares `width` results, one after the other."""

    by: str
    sign: int
    unit_ms: int
    width: int = 1
    measure: Measure = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "measure", _measure_called(self.by))

    @classmethod
    def of(cls, link: RankBy, stages: int = 1) -> Link:
        return cls(link.by, -1 if link.descending else 1, UNIT_MS[link.unit], stages if link.by in COUNTBACKS else 1)


USUAL = (Link("points", -1, UNIT_MS["ms"]), Link("time_ms", 1, UNIT_MS["ms"]))
"""Points, then time: the tie chain of most contests."""
Keys = Callable[[Status, Total, Measured], Key]
"""What orders a contestant: ascending, element by element. Equal keys share a rank."""


def keys_by(links: Sequence[Link]) -> Keys:
    """The keys of this tie chain. Those of the usual one are made by a short way."""
    if tuple(links) == USUAL:
        return _usual_key
    return lambda status, total, record: key_of(status, links, total, record)


def _usual_key(status: Status, total: Total, record: Measured) -> Key:
    if total.measures:
        return key_of(status, USUAL, total, record)
    return STATUS_ORDER[status], -scaled(total.points), total.time_ms


def key_of(status: Status, links: Sequence[Link], total: Total, record: Measured) -> Key:
    """The key of any tie chain."""
    key = [STATUS_ORDER[status]]
    own = total.measures
    for link in links:
        if link.by in COUNTBACKS:
            key += [link.sign * marks for marks in countback(link, record.cells)]
        else:
            value = own[link.by] if link.by in own else link.measure(total, record)
            key.append(link.sign * (value // link.unit_ms))
    return tuple(key)


def countback(link: Link, cells: Mapping[Any, CellResult]) -> list[int]:
    """The marks of the stages in millionths: best first, or last stage first; 0 for each that brought none."""
    marks = [0] * link.width
    for cell in cells.values():
        marks[cell.stage.index] = scaled(cell.points)
    return sorted(marks, reverse=True) if link.by == "countback" else marks[::-1]
