"""How long an answer has been owed: who waits for the ledger cannot know whether what is shown is still so, and must not say it."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Iterator
from contextlib import contextmanager


class Owed:
    """Questions may be asked inside questions: each answer counts."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    @contextmanager
    def asked(self) -> Iterator[None]:
        """An answer is owed inside this block."""
        was_owed = self._since_s is not None
        self._since_s = get_running_loop().time()
        try:
            yield
        finally:
            self._since_s = get_running_loop().time() if was_owed else None

    @property
    def for_s(self) -> float:
        """Seconds since the last answer; 0 while none is owed."""
        return 0.0 if self._since_s is None else get_running_loop().time() - self._since_s
