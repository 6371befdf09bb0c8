"""The order of contestants: keys out of the tie chain, competition ranking, an order kept by bisection. Never sorts everything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any, Protocol

from contest_server.core.blocks import Blocks
from contest_server.core.definition import RankBy
from contest_server.core.facts import ContestantId, StageId, Status
from contest_server.core.judging import CellResult, Total
from contest_server.core.packing import AS_THEY_ARE, DoesNotFit, Packing, packing_for
from contest_server.core.packing import Key as Key
from contest_server.core.tally import Tally

MARK_SCALE = Decimal(1_000_000)
"""Points enter a key as whole millionths of a mark."""

STATUS_ORDER: dict[Status, int] = {"ok": 0, "guest": 0, "overtime": 1, "dnf": 2, "dsq": 3, "dns": 4, "withdrawn": 2}
"""Where a status sorts (D6). Guests stand where their points put them, without a rank number."""

FITS_MAX = 8
"""So often the layout of keys is widened at once for one that does not fit, before placings enough have gone by to pay for more."""

NOT_COMPETING: tuple[Status, ...] = ("guest", "dsq")
"""Who takes no part in first clears, awards and the totals of venues."""

UNIT_MS = {"ms": 1, "second": 1_000, "minute": 60_000}
COUNTBACKS = ("countback", "countback_last")
"""D3. Results one after the other: the best stage, the second best, …; or the last stage, the one before it, …"""
MEASURES = (*COUNTBACKS, "points", "cleared", "time_ms", "last_ms", "furthest", "furthest_ms", "work_ms", "penalty_ms")


def measure_names(total: Any) -> set[str]:
    """What a tie chain may name: the measures every contest has, and those the total's judge adds (`measures`)."""
    return {*MEASURES, *getattr(total, "measures", ())}


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a tie chain, ready to reckon with. A countback compares `width` results, one after the other."""

    by: str
    sign: int
    unit_ms: int
    width: int = 1

    @classmethod
    def of(cls, link: RankBy, stages: int = 1) -> Link:
        return cls(link.by, -1 if link.descending else 1, UNIT_MS[link.unit], stages if link.by in COUNTBACKS else 1)


class Measured(Protocol):
    """What measures are taken of: a contestant's cells, and what they add up to."""

    @property
    def cells(self) -> Mapping[StageId, CellResult]: ...
    @property
    def tally(self) -> Tally: ...


def scaled(marks: Decimal) -> int:
    """Marks as whole millionths, rounded half up."""
    return int((marks * MARK_SCALE).to_integral_value(ROUND_HALF_UP))


def measure(name: str, total: Total, record: Measured) -> int:
    """The value of a measure as an integer: marks in millionths, times in milliseconds, counts as they are."""
    if name in total.measures:
        return total.measures[name]
    if name == "points":
        return scaled(total.points)
    if name == "time_ms":
        return total.time_ms
    if (known := _OF_TALLY.get(name)) is not None:
        return known(record.tally)
    cells = record.cells
    kind, _, which = name.partition(":")
    if which:
        return scaled(
            sum((cell.points for cell in cells.values() if which == (cell.stage.id if kind == "stage" else cell.stage.group)), Decimal(0))
        )
    return _OVER_CLEARED[name]([cell for cell in cells.values() if cell.state == "cleared"])


_OF_TALLY: dict[str, Callable[[Tally], int]] = {
    "cleared": attrgetter("cleared"),
    "last_ms": attrgetter("last_ms"),
    "penalty_ms": attrgetter("penalties_ms"),
}
"""Measures that are kept by difference."""
_OVER_CLEARED: dict[str, Callable[[Sequence[CellResult]], int]] = {
    "furthest": lambda cells: max((cell.stage.index + 1 for cell in cells), default=0),
    "furthest_ms": lambda cells: max(((cell.stage.index, cell.clear_ms or 0) for cell in cells), default=(0, 0))[1],
    "work_ms": lambda cells: sum(cell.elapsed_ms or 0 for cell in cells),
}
"""Measures over the cleared stages of a contestant."""


def key_of(status: Status, links: Sequence[Link], total: Total, record: Measured) -> Key:
    """What orders a contestant: ascending, element by element. Equal keys share a rank."""
    key = [STATUS_ORDER[status]]
    for link in links:
        if link.by in COUNTBACKS:
            key += [link.sign * marks for marks in countback(link, record.cells)]
        else:
            key.append(link.sign * (measure(link.by, total, record) // link.unit_ms))
    return tuple(key)


def countback(link: Link, cells: Mapping[Any, CellResult]) -> list[int]:
    """The marks of the stages in millionths: best first, or last stage first; 0 for each that brought none."""
    marks = [0] * link.width
    for cell in cells.values():
        marks[cell.stage.index] = scaled(cell.points)
    return sorted(marks, reverse=True) if link.by == "countback" else marks[::-1]


class Ranking:
    """Contestants in order of their key (then of their id, which never changes a rank)."""

    __slots__ = ("_fits_left", "_guests", "_order", "_pack", "_places", "_since", "_unpack", "_unranked")

    def __init__(self) -> None:
        self._places: dict[ContestantId, Any] = {}
        """Of each the packed key; the key itself while there is one that does not pack."""
        self._order: Blocks[ContestantId] = Blocks()
        self._unranked: set[ContestantId] = set()
        self._guests: Blocks[ContestantId] = Blocks()
        """Those without a rank number, at their places again."""
        self._pack: Callable[[Key], Any] = AS_THEY_ARE.pack
        self._unpack: Callable[[Any], Key] = AS_THEY_ARE.unpack
        self._since: int | None = 0
        """Placings since keys are kept as they are; None while they are packed."""
        self._fits_left = FITS_MAX

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[ContestantId]:
        return iter(self._order)

    def place(self, contestant: ContestantId, key: Key, ranked: bool = True) -> int | None:
        """Put the contestant where the key belongs. `ranked` False: a guest, who takes no number away from anybody. Returns the rank."""
        try:
            place = self._pack(key)
        except DoesNotFit:
            place = self._make_fit(key)
        before = self._places.get(contestant)
        if self._since is not None or self._unranked or not ranked or before is None or before == place:
            return self._place_with_care(contestant, key, place, ranked)
        self._places[contestant] = place
        return self._order.move(before, place, contestant) + 1

    def _place_with_care(self, contestant: ContestantId, key: Key, place: Any, ranked: bool) -> int | None:
        """The same for newcomers and guests, and while there are guests, or keys that do not pack."""
        before = self._places.get(contestant)
        if before is not None:
            if before == place and (contestant not in self._unranked) == ranked:
                return self.rank_of(contestant)
            self._order.drop(before, contestant)
            if contestant in self._unranked:
                self._unranked.remove(contestant)
                self._guests.drop(before, contestant)
        if self._since is not None:
            place = self._perhaps_pack_all(contestant, key)
        self._places[contestant] = place
        rank = self._order.put(place, contestant) + 1
        if ranked and not self._unranked:
            return rank
        return self._place_among_guests(contestant, place, rank, ranked)

    def remove(self, contestant: ContestantId) -> None:
        place = self._places.pop(contestant, None)
        if place is None:
            return
        self._order.drop(place, contestant)
        if contestant in self._unranked:
            self._unranked.remove(contestant)
            self._guests.drop(place, contestant)

    def rank_of(self, contestant: ContestantId) -> int | None:
        """1 for the best; equal keys share; the next rank is skipped (1 2 2 4). None for a guest."""
        if contestant in self._unranked:
            return None
        place = self._places[contestant]
        return self._order.before(place) + 1 - (self._guests.before(place) if self._unranked else 0)

    def top(self, count: int) -> list[ContestantId]:
        return self._order.first(count)

    def between(self, begin: int, end: int) -> list[ContestantId]:
        """Those at these positions of the order, from 0, `end` excluded."""
        return self._order.between(begin, end)

    def _place_among_guests(self, contestant: ContestantId, place: Any, rank: int, ranked: bool) -> int | None:
        if ranked:
            return rank - self._guests.before(place)
        self._unranked.add(contestant)
        self._guests.put(place, contestant)
        return None

    def _make_fit(self, key: Key) -> Any:
        """All in a layout into which this key goes, too; if there is none, or this happens all the time, the keys as they are."""
        keys = [self._unpack(place) for place in self._places.values()]
        packing = packing_for([*keys, key]) if self._fits_left else None
        if packing is None:
            self._since = 0
            packing = AS_THEY_ARE
        self._fits_left -= 1
        self._keep([packing.pack(each) for each in keys], packing)
        return packing.pack(key)

    def _perhaps_pack_all(self, contestant: ContestantId, key: Key) -> Any:
        """Pack the keys, this one too, if they pack by now: tried so rarely that each placing bears the same small share."""
        assert self._since is not None
        self._since += 1
        self._places.pop(contestant, None)
        if self._since < len(self._places):
            return key
        self._since = 0
        keys = list(self._places.values())
        if (packing := packing_for([*keys, key])) is None:
            return key
        self._keep([packing.pack(each) for each in keys], packing)
        self._since, self._fits_left = None, FITS_MAX
        return packing.pack(key)

    def _keep(self, places: list[Any], packing: Packing) -> None:
        """All at the places of another layout, in the same order."""
        self._pack, self._unpack = packing.pack, packing.unpack
        self._places = dict(zip(self._places, places, strict=True))
        self._order.repack(self._places, packing.block)
        self._guests.repack(self._places, packing.block)


def competition_ranks(keys: Sequence[Key]) -> list[int]:
    """Ranks of keys that are in order already: 98 95 95 90 → 1 2 2 4 (D2)."""
    ranks: list[int] = []
    for index, key in enumerate(keys):
        ranks.append(ranks[-1] if index and keys[index - 1] == key else index + 1)
    return ranks
