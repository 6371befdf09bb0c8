"""Work that many ask for at the same time, done once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from functools import partial
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SharedWork(Generic[K, T]):
    """One piece of work for each key at a time. Nobody's request is part of it: who goes away ends it for nobody else."""

    def __init__(self) -> None:
        self._under_way: dict[K, asyncio.Task[T]] = {}

    def is_under_way(self, key: K) -> bool:
        """Whether it is being done now."""
        return key in self._under_way

    async def of(self, key: K, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the work gives; that which is under way, where there is one. Raises what the work raises."""
        return await asyncio.shield(self.begin(key, work))

    def begin(self, key: K, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """The same beside who asks, who need not wait."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(work(), context=Context())
            task.add_done_callback(partial(self._over, key))
        return task

    def _over(self, key: K, task: asyncio.Task[T]) -> None:
        """Whoever waits hears what was wrong; that nobody does is no fault."""
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()
