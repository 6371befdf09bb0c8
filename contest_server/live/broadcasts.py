"""The same bytes on their way to many displays, each taking what its socket takes at once. Nobody is waited for, and nobody refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from contest_server.live.slices import Slices

ROW_DISPLAYS, SHORT_ROW_DISPLAYS = 64, 8
"""So many are written to before it is asked whether it is somebody else's turn: few, while somebody waits for an answer."""

Put = Callable[[bytes], int]
"""Write what goes at once; returns how much that was. Raises OSError (nothing went)."""
Short = Sequence[tuple[int, int]]
"""Who did not take all: places, each with how many bytes went there."""


class Broadcast(Protocol):
    """One of them. Begun when it is made; a display's place is the one it was given."""

    @property
    def goes_by_itself(self) -> bool:
        """It is written whether `over` is awaited or not."""

    async def over(self) -> None:
        """Wait until everybody was written to."""

    def stop(self) -> Short:
        """Nothing more is written from now on. Who did not take all of what was written to them."""

    def take_back(self, place: int) -> int | None:
        """Nothing is written there from now on. How many bytes went; None: none did, or were to."""


class Sliced:
    """A broadcast by the loop itself, in slices between which everybody else goes on."""

    goes_by_itself = False

    def __init__(self, puts: Sequence[Put | None], data: bytes, slices: Slices) -> None:
        """`puts`: one a place; nothing is written where there is None."""
        self._puts, self._data, self._slices = list(puts), data, slices
        self._begun = 0
        """Places that were come to."""
        self._short: dict[int, int] = {}

    async def over(self) -> None:
        while self._begun < len(self._puts):
            if self._slices.is_over:
                await self._slices.give_way()
            self._write_row(min(len(self._puts), self._begun + (SHORT_ROW_DISPLAYS if self._slices.is_short else ROW_DISPLAYS)))

    def stop(self) -> Short:
        self._puts[self._begun :] = [None] * (len(self._puts) - self._begun)
        return list(self._short.items())

    def take_back(self, place: int) -> int | None:
        if self._puts[place] is None:
            return None
        if place < self._begun:
            return self._short.get(place, len(self._data))
        self._puts[place] = None
        return None

    def _write_row(self, end: int) -> None:
        for place in range(self._begun, end):
            self._begun = place + 1
            put = self._puts[place]
            if put is not None and (went := tried(put, self._data)) != len(self._data):
                self._short[place] = went


def tried(put: Put, data: bytes) -> int:
    """How many bytes went."""
    try:
        return put(data)
    except OSError:  # it is full, or gone: its transport finds out which
        return 0
