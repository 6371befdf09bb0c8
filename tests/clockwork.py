"""An event loop whose clock jumps to the next timer: nothing waits in real time, and waiting for nothing at all is an error."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

END_S = 100_000.0
"""A day and more of virtual time: whoever still waits then waits for ever."""
START_US = 1_795_309_200_000_000
"""Where the wall clock of a test begins: 2026-11-22T01:00:00Z."""


class _Jump(selectors.SelectSelector):
    """Instead of waiting for a timer, goes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "nothing will ever happen"
            self.now_s += max(0.0, timeout)
            assert self.now_s < END_S, "it goes on for ever"
        return ready


class Loop(asyncio.SelectorEventLoop):
    """Time here is how long has been waited for, not how long it took."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, in no time."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


def now_us() -> int:
    """The wall clock, as far as this loop has come."""
    return START_US + round(asyncio.get_running_loop().time() * 1_000_000)
