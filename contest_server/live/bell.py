"""When a desk reads what others wrote: at once, but no sooner than it could be shown. What comes until then is read together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

REST_SHARE = 0.9
"""Of the time between two pictures; the rest of it is for reading and judging ahead of the next one."""
REST_MAX_S = 0.045
"""However rarely a board is painted: it is not the only way to look at a contest."""


class Bell:
    """Rings once for all who asked for it while it rested. `interval_s` is the shortest time between two pictures."""

    def __init__(self, ring: Callable[[], None], interval_s: float) -> None:
        self._ring = ring
        self._rest_s = min(REST_MAX_S, REST_SHARE * interval_s)
        self._rests_until_s = 0.0
        self._due: asyncio.TimerHandle | None = None

    def rest(self) -> None:
        """A picture is painted now: for a while nothing newer can be shown."""
        self._rests_until_s = asyncio.get_running_loop().time() + self._rest_s

    @property
    def rests_for_s(self) -> float:
        """How long (s) it still rests: when in this time somebody asks makes no difference."""
        return max(0.0, self._rests_until_s - asyncio.get_running_loop().time())

    def ask(self) -> None:
        """Ring, now or when the rest is over."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._rests_until_s:
            self._ring()
        elif self._due is None:
            self._due = loop.call_at(self._rests_until_s, self._ring_late)

    def close(self) -> None:
        """Do not ring any more for who asked so far."""
        if self._due is not None:
            self._due.cancel()

    def _ring_late(self) -> None:
        self._due = None
        self._ring()
