"""The clock of the demo: real time, that can be held at a moment and run faster after it. Server and devices of the demo all live by it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]

SLEEP_MIN_S = 0.001


def wall_us() -> int:
    return time.time_ns() // 1_000


class DemoClock:
    """UTC in microseconds. It never goes back: a round that ran fast leaves it ahead of real time, and the next one goes on from there."""

    def __init__(self, begins_us: int | None = None, monotonic: Callable[[], float] = time.monotonic, sleep: Sleep = asyncio.sleep) -> None:
        self._monotonic, self._sleep = monotonic, sleep
        self._base_us = wall_us() if begins_us is None else begins_us
        self._base_s = monotonic()
        self._speed = 1.0
        self._held_us: int | None = None
        self._released = asyncio.Event()
        self._released.set()

    def now_us(self) -> int:
        running_us = self._base_us + int((self._monotonic() - self._base_s) * self._speed * 1_000_000)
        return running_us if self._held_us is None else min(running_us, self._held_us)

    def hold_at(self, at_us: int) -> None:
        """Run no further than this moment, until `release`."""
        self._held_us = at_us
        self._released.clear()

    def release(self, speed: float) -> None:
        """Go on from now, so many times as fast as real time."""
        now_us = self.now_us()
        self._base_us, self._base_s, self._speed, self._held_us = now_us, self._monotonic(), speed, None
        self._released.set()

    async def until(self, at_us: int) -> None:
        """Returns at this moment, or at once if it is over."""
        while (left_us := at_us - self.now_us()) > 0:
            if self._held_us is not None and at_us > self._held_us:
                await self._released.wait()
                continue
            await self._sleep(max(SLEEP_MIN_S, left_us / 1_000_000 / self._speed))
