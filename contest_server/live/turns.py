"""Long work on the event loop, in short turns: whoever acknowledges events, or paints boards, never waits for all of it."""

from __future__ import annotations

import asyncio
from time import perf_counter

TURN_S = 0.004
REST_S = 0.002


class Turns:
    """Asked after each piece of work: lets others go on once a turn's time is used up."""

    def __init__(self) -> None:
        self._since_s = perf_counter()

    async def next(self) -> None:
        """Pieces much longer than TURN_S are the caller's fault."""
        if perf_counter() - self._since_s >= TURN_S:
            await asyncio.sleep(REST_S)
            self._since_s = perf_counter()
