"""How long an answer has been owed: who waits for the ledger cannot know whether what is shown is still so, and must not say it."""

from __future__ import annotations

from asyncio import get_running_loop
from typing import Self


class Owed:
    """Questions may be asked inside questions: each answer counts."""

    def __init__(self) -> None:
        self._questions = 0
        self._since_s = 0.0

    def asked(self) -> Self:
        """An answer is owed inside a block that begins with this."""
        return self

    def __enter__(self) -> None:
        self._questions += 1
        self._since_s = get_running_loop().time()

    def __exit__(self, *_: object) -> None:
        self._questions -= 1
        self._since_s = get_running_loop().time()

    @property
    def for_s(self) -> float:
        """Seconds since the last answer; 0 while none is owed."""
        return get_running_loop().time() - self._since_s if self._questions else 0.0
