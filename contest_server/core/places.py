"""Places: a key and whose it is, as one value that sorts as the two of them do. No two contestants are at one place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, MutableSequence
from typing import Any, NoReturn, Protocol

from contest_server.core.facts import ContestantId
from contest_server.core.packing import Key, Packing, packing_for

Place = Any


class Layout(Protocol):
    """What places are made of."""

    @property
    def pack(self) -> Callable[[Key], Any]:
        """Makes the floor of a key, to which the number of a contestant is to be added. Raises DoesNotFit."""

    @property
    def mask(self) -> int:
        """The bits of a place that are the number."""

    @property
    def block(self) -> Callable[[Iterable[Place]], MutableSequence[Place]]:
        """What holds many places."""

    def place(self, key: Key, contestant: ContestantId) -> Place:
        """Raises DoesNotFit."""

    def places(self, keys: Mapping[ContestantId, Key]) -> list[Place]:
        """Those of all of them, in the same order."""

    def floor(self, place: Place) -> Place:
        """What lies before all places of the same key and after those of lesser ones."""

    def key(self, place: Place) -> Key: ...

    def names(self, places: Iterable[Place]) -> list[ContestantId]: ...


class AsTheyAre:
    """Pairs of the key and the id, for keys that do not pack, and while contestants come."""

    mask = 0
    block = list

    def pack(self, key: Key) -> NoReturn:
        raise ValueError(key)

    def place(self, key: Key, contestant: ContestantId) -> Place:
        return key, contestant

    def places(self, keys: Mapping[ContestantId, Key]) -> list[Place]:
        return [(key, contestant) for contestant, key in keys.items()]

    def floor(self, place: Place) -> Place:
        return place[:1]

    def key(self, place: Place) -> Key:
        key: Key = place[0]
        return key

    def names(self, places: Iterable[Place]) -> list[ContestantId]:
        return [contestant for _, contestant in places]


class Numbered:
    """Integers: the packed key, and in the lowest bits the number of the contestant in the order of the ids."""

    def __init__(self, packing: Packing, contestants: Iterable[ContestantId]) -> None:
        self._ids = sorted(contestants)
        self._unpack = packing.unpack
        self.pack, self.mask, self.block = packing.pack, packing.numbers - 1, packing.block

    def place(self, key: Key, contestant: ContestantId) -> Place:
        number = bisect_left(self._ids, contestant)
        if self._ids[number : number + 1] != [contestant]:
            raise KeyError(contestant)
        return self.pack(key) + number

    def places(self, keys: Mapping[ContestantId, Key]) -> list[Place]:
        pack, numbers = self.pack, {contestant: number for number, contestant in enumerate(self._ids)}
        return [pack(key) + numbers[contestant] for contestant, key in keys.items()]

    def floor(self, place: Place) -> Place:
        return place - (place & self.mask)

    def key(self, place: Place) -> Key:
        return self._unpack(place)

    def names(self, places: Iterable[Place]) -> list[ContestantId]:
        ids, mask = self._ids, self.mask
        return [ids[place & mask] for place in places]


def numbered(keys: Mapping[ContestantId, Key]) -> Numbered | None:
    """A layout for all of these; None where there is none."""
    packing = packing_for(keys.values(), len(keys))
    return None if packing is None else Numbered(packing, keys)
