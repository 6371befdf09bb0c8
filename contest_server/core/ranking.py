"""The order of contestants by their keys: competition ranking, an order kept by bisection. Never sorts everything anew.

Each contestant stands at a place of their own (`core/places.py`): an integer that holds the key and, in its lowest bits, a number in the
order of the ids. Ranks count the places before the floor of a key, so that those with equal keys share one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain

from contest_server.core.blocks import Blocks
from contest_server.core.facts import ContestantId, Status
from contest_server.core.packing import DoesNotFit
from contest_server.core.packing import Key as Key
from contest_server.core.places import AsTheyAre, Layout, Place, numbered

FITS_MAX = 8
"""So often all places are laid out anew at once for a key or a contestant that has none, before placings enough have gone by to pay for
more."""

NOT_COMPETING: tuple[Status, ...] = ("guest", "dsq")
"""Who takes no part in first clears, awards and the totals of venues."""


WITHOUT_RANK: tuple[Status, ...] = ("guest", "dsq", "dns")
"""Who has no rank number, anywhere. Guests stand where their points put them, the others behind everybody who has one."""


def has_rank(status: Status) -> bool:
    """Whether a contestant of this status has a rank number, and takes it from those who come after."""
    return status not in WITHOUT_RANK


class Ranking:
    """Contestants in order of their key (then of their id, which never changes a rank)."""

    __slots__ = ("_first", "_fits_left", "_guests", "_layout", "_mask", "_order", "_pack", "_page", "_places", "_since", "_unranked")

    def __init__(self) -> None:
        self._places: dict[ContestantId, Place] = {}
        self._unranked: set[ContestantId] = set()
        self._since: int | None = 0
        """Placings since places are pairs of key and id; None while they are numbers."""
        self._fits_left = FITS_MAX
        self._first: Sequence[Place] = ()
        """What was at the top when that was last asked,"""
        self._page: list[ContestantId] = []
        """and who."""
        self._lay_out(AsTheyAre(), {})

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[ContestantId]:
        return chain.from_iterable(map(self._layout.names, self._order.blocks))

    def place(self, contestant: ContestantId, key: Key, ranked: bool = True) -> int | None:
        """Put the contestant where the key belongs. `ranked` False: one who has no number and takes none away. Returns the rank."""
        try:
            floor, before = self._pack(key), self._places[contestant]
        except DoesNotFit:  # or a newcomer
            return self._place_with_care(contestant, key, ranked)
        place, unranked = floor + (before & self._mask), self._unranked
        if not ranked or (unranked and contestant in unranked):
            return self._place_with_care(contestant, key, ranked)
        if before == place:
            return self.rank_of(contestant)
        self._places[contestant] = place
        rank = self._order.move(before, place, floor) + 1
        return rank - self._guests.before(floor) if unranked else rank

    def _place_with_care(self, contestant: ContestantId, key: Key, ranked: bool) -> int | None:
        """The same for whoever is new or has no rank, for a key that is out of bounds, and while places are as they are."""
        before = self._places.get(contestant)
        if before is None or self._layout.key(before) != key or (contestant not in self._unranked) != ranked:
            self.remove(contestant)
            self._places[contestant] = place = self._find_place(contestant, key)
            self._order.put(place)
            if not ranked:
                self._unranked.add(contestant)
                self._guests.put(place)
        return self.rank_of(contestant)

    def remove(self, contestant: ContestantId) -> None:
        place = self._places.pop(contestant, None)
        if place is None:
            return
        self._order.drop(place)
        if contestant in self._unranked:
            self._unranked.remove(contestant)
            self._guests.drop(place)

    def rank_of(self, contestant: ContestantId) -> int | None:
        """1 for the best; equal keys share; the next rank is skipped (1 2 2 4). None for who has none."""
        if contestant in self._unranked:
            return None
        floor = self._layout.floor(self._places[contestant])
        return self._order.before(floor) + 1 - (self._guests.before(floor) if self._unranked else 0)

    def top(self, count: int) -> list[ContestantId]:
        """The first ones. Who is at the same places as when it was last asked is not looked up again."""
        first = self._order.first(count)
        if first != self._first:
            self._first, self._page = first, self._layout.names(first)
        return self._page.copy()

    def between(self, begin: int, end: int) -> list[ContestantId]:
        """Those at these positions of the order, from 0, `end` excluded."""
        return self._layout.names(self._order.between(begin, end))

    def _find_place(self, contestant: ContestantId, key: Key) -> Place:
        """Where this key of a contestant who has no place belongs; in another layout if there is none in this one."""
        if self._since is None:
            with suppress(*DoesNotFit):
                return self._layout.place(key, contestant)
            self._fits_left -= 1
        else:
            self._since += 1
            if self._since < len(self._places):
                return self._layout.place(key, contestant)
            self._fits_left = FITS_MAX
        return self._place_all(contestant, key)

    def _place_all(self, contestant: ContestantId, key: Key) -> Place:
        """Lay out all places anew, so that this one is among them: as numbers, unless there is no layout or this happens all the time."""
        places = list(self._order)
        keys = dict(zip(self._layout.names(places), map(self._layout.key, places), strict=True))
        layout = numbered({**keys, contestant: key}) if self._fits_left >= 0 else None
        self._since = 0 if layout is None else None
        self._lay_out(layout or AsTheyAre(), keys)
        return self._layout.place(key, contestant)

    def _lay_out(self, layout: Layout, keys: Mapping[ContestantId, Key]) -> None:
        """The keys are those of everybody, in order."""
        self._layout, self._pack, self._mask = layout, layout.pack, layout.mask
        places = layout.places(keys)
        self._places = dict(zip(keys, places, strict=True))
        self._order = Blocks(layout.block, places)
        self._guests = Blocks(layout.block, [place for contestant, place in self._places.items() if contestant in self._unranked])
        self._first, self._page = (), []
