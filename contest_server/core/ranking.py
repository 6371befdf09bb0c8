"""The order of contestants by their keys: competition ranking, an order kept by bisection. Never sorts everything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from contest_server.core.blocks import Blocks
from contest_server.core.facts import ContestantId, Status
from contest_server.core.packing import AS_THEY_ARE, DoesNotFit, Packing, packing_for
from contest_server.core.packing import Key as Key

FITS_MAX = 8
"""So often the layout of keys is widened at once for one that does not fit, before placings enough have gone by to pay for more."""

NOT_COMPETING: tuple[Status, ...] = ("guest", "dsq")
"""Who takes no part in first clears, awards and the totals of venues."""


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
            place, before = self._pack(key), self._places[contestant]
        except DoesNotFit:  # or a newcomer
            return self._place_with_care(contestant, key, ranked)
        if before == place or not ranked or self._since is not None or contestant in self._unranked:
            return self._place_with_care(contestant, key, ranked)
        self._places[contestant] = place
        rank = self._order.move(before, place, contestant) + 1
        return rank - self._guests.before(place) if self._unranked else rank

    def _place_with_care(self, contestant: ContestantId, key: Key, ranked: bool) -> int | None:
        """The same for whoever stays, is new or a guest, and while there are keys that do not pack."""
        try:
            place = self._pack(key)
        except DoesNotFit:
            place = self._make_fit(key)
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
