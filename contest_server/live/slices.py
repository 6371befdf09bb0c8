"""A broadcast in slices, between which everybody else on the loop goes on.

So an acknowledgement waits for a slice and never for a broadcast; and a broadcast, on a loop that is busy all the time, is slowed down and
never stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

SLICE_S = 0.001
"""How long a slice may be while nobody waits for an answer,"""
SHORT_SLICE_S = 0.000_1
"""and while somebody does."""
SHARE = 1 / 3
"""However little that is: this share of what everybody else took since the last slice may be taken as well."""


class Slices:
    """The slices of one who writes much. `is_owed` says whether somebody waits for an answer; `now_s` is any clock that never goes back."""

    def __init__(self, is_owed: Callable[[], bool], now_s: Callable[[], float] = time.monotonic) -> None:
        self._is_owed, self._now_s = is_owed, now_s
        self._until_s = 0.0
        self.is_short = False
        """Somebody waited for an answer when this slice began."""

    def begin(self) -> None:
        """A slice begins, after a pause of one's own."""
        self._begin(0.0)

    @property
    def is_over(self) -> bool:
        """The slice is used up. To be asked between small pieces of work."""
        return self._now_s() >= self._until_s

    async def give_way(self) -> None:
        """Let everybody go on who can; then the next slice begins."""
        since_s = self._now_s()
        await asyncio.sleep(0)
        self._begin(self._now_s() - since_s)

    def _begin(self, others_s: float) -> None:
        self.is_short = self._is_owed()
        self._until_s = self._now_s() + max(SHORT_SLICE_S if self.is_short else SLICE_S, SHARE * others_s)
