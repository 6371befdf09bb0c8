"""The time of a rehearsal: moments of the play in real seconds. It stands until `begin`."""

from __future__ import annotations

import asyncio
import time


def wall_us() -> int:
    """UTC in microseconds, by this computer's clock."""
    return time.time_ns() // 1_000


class Pace:
    """`speed` seconds of the play pass in one real second."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._began_s: float | None = None
        self._begun = asyncio.Event()

    def begin(self) -> None:
        self._began_s = asyncio.get_running_loop().time()
        self._begun.set()

    def now_s(self) -> float:
        """Real seconds since the beginning; 0 before."""
        return 0.0 if self._began_s is None else asyncio.get_running_loop().time() - self._began_s

    def now_ms(self) -> int:
        """The moment of the play."""
        return int(self.now_s() * self.speed * 1_000)

    async def until_s(self, at_s: float) -> None:
        """Returns when so many real seconds have passed, or at once if they have."""
        await self._begun.wait()
        while (left_s := at_s - self.now_s()) > 0:  # noqa: ASYNC110 - a sleep may end a little early
            await asyncio.sleep(left_s)

    async def until_ms(self, at_ms: int) -> None:
        """Returns at this moment of the play."""
        await self.until_s(at_ms / 1_000 / self.speed)
