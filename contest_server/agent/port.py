"""What the agent needs of a connection, so that a test can stand in for the network. It says how a connection ended, never just None."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from contest_server.core.saying import Text


class Parted(Exception):
    """The connection is over, or never came to be. `retry` False: only a person can help. `replaced`: another connection speaks instead."""

    def __init__(self, reason: Text, *, retry: bool = True, too_big: bool = False, replaced: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.retry, self.too_big, self.replaced = reason, retry, too_big, replaced


class Port(Protocol):
    """Messages in order, each whole or not at all. Both methods raise Parted."""

    async def send(self, text: str, /) -> None: ...

    async def receive(self) -> str | bytes: ...


Connect = Callable[[], AbstractAsyncContextManager[Port]]
"""Entering raises Parted, leaving closes."""
