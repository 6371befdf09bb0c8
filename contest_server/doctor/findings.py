"""One finding: what was looked at, how it is, and what to do where it is not good."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Level = Literal["good", "warning", "bad"]
MARKS: dict[Level, str] = {"good": "✓", "warning": "!", "bad": "✗"}


class Finding(Struct, frozen=True):
    """`about` is a stable word for programs, `detail` a sentence for people."""

    level: Level
    about: str
    detail: str

    def __str__(self) -> str:
        return f"{MARKS[self.level]} {self.about}: {self.detail}"


def good(about: str, detail: str) -> Finding:
    return Finding("good", about, detail)


def warning(about: str, detail: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding("warning", about, detail)


def bad(about: str, detail: str) -> Finding:
    """It does not work, or soon will not."""
    return Finding("bad", about, detail)
