"""An event loop whose clock jumps to the next timer: no timer waits in real time, and waiting for nothing at all is an error.

While a thread is at work for the loop the clock stands, so that no test depends on how soon a busy machine comes to that thread.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

END_S = 100_000.0
"""A day and more of virtual time: whoever still waits then waits for ever."""
ASIDE_MOST_S = 60.0
"""So long, in real time, the clock stands for a thread."""
START_US = 1_795_309_200_000_000
"""Where the wall clock of a test begins: 2026-11-22T01:00:00Z."""


class _Jump(selectors.SelectSelector):
    """Instead of waiting for a timer, goes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.aside = 0
        """How many threads are at work for the loop. Each wakes it once it is done."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        waits_for_thread = self.aside > 0 and (timeout is None or timeout > 0)
        ready = super().select(ASIDE_MOST_S if waits_for_thread else 0)
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

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        work = super().run_in_executor(executor, func, *args)
        self._jump.aside += 1
        work.add_done_callback(self._is_back)
        return work

    def _is_back(self, _: asyncio.Future[Any]) -> None:
        self._jump.aside -= 1


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, in no time."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


def now_us() -> int:
    """The wall clock, as far as this loop has come."""
    return START_US + round(asyncio.get_running_loop().time() * 1_000_000)
