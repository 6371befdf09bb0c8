"""Work in short pieces that leads to something: whoever holds up nobody does it at once."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def at_once(work: Generator[object, None, T]) -> T:
    """All of it, and what it leads to."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: T = done.value
            return found
