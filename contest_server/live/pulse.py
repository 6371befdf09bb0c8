"""How late the event loop is. Everything on a server waits for it, so what holds it up holds up every venue and every screen."""

from __future__ import annotations

import asyncio
from collections import deque

BEAT_EVERY_S = 0.25
BEATS_KEPT = 120


class Pulse:
    """The lateness of the last beats; half a minute of them."""

    def __init__(self) -> None:
        self._late_s: deque[float] = deque(maxlen=BEATS_KEPT)

    async def run(self) -> None:
        """Beat until cancelled."""
        now_s = asyncio.get_running_loop().time
        while True:
            due_s = now_s() + BEAT_EVERY_S
            await asyncio.sleep(BEAT_EVERY_S)
            self._late_s.append(max(0.0, now_s() - due_s))

    @property
    def worst_s(self) -> float:
        return max(self._late_s, default=0.0)
