"""A flag that is raised or not. Whoever is to know is told each time that it is raised, at once: no task waits for it."""

from __future__ import annotations

from collections.abc import Callable


class Flag:
    """Lowered to begin with; nobody is told."""

    def __init__(self) -> None:
        self._is_set = False
        self.tell: Callable[[], None] = nobody

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        self.tell()

    def clear(self) -> None:
        self._is_set = False


def nobody() -> None:
    """Is told, and does nothing."""
