"""Where the synchronous work on disk is done: in one thread of its own, or, where nothing else waits, on the spot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")


class Calls(Protocol):
    async def __call__(self, job: Callable[[], T], /) -> T:
        """Do the job after all earlier ones. A caller that is cancelled leaves its job to be done."""
        ...


async def on_the_spot(job: Callable[[], T], /) -> T:
    """For rehearsals and tests: the disk holds up everything else in the process."""
    return job()


class OneThread:
    """First come, first served."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")

    async def __call__(self, job: Callable[[], T], /) -> T:
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._pool, job))

    def close(self) -> None:
        """Returns when the last job is done."""
        self._pool.shutdown(wait=True)
