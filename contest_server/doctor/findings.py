"""One finding: what was looked at, how it is, and what to do where it is not good."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from contest_server.core.rereading import Templates
from contest_server.core.saying import Said, Text

Level = Literal["good", "warning", "bad"]
_LOOKED_AT = Templates(
    each.template
    for each in (
        Said("version"),
        Said("pages"),
        Said("displays"),
        Said("judges"),
        Said("clock"),
        Said("open files"),
        Said("port"),
        Said("settings"),
        Said("database"),
        Said("disk"),
        Said("tables"),
        Said("contest {contest}"),
        Said("tokens"),
        Said("accounts"),
    )
)
MARKS: dict[Level, str] = {"good": "✓", "warning": "!", "bad": "✗"}


class Finding(Struct, frozen=True):
    """`about` is a stable word for programs, `detail` a sentence for people."""

    level: Level
    about: str
    detail: Text

    @property
    def sentence(self) -> Said:
        """One line of the report."""
        return Said("{mark} {about}: {detail}", mark=MARKS[self.level], about=_LOOKED_AT.read(self.about), detail=self.detail)

    def __str__(self) -> str:
        return str(self.sentence)

    def document(self) -> dict[str, str]:
        """For programs; in English, as ever."""
        return {"level": self.level, "about": self.about, "detail": str(self.detail)}


def good(about: str, detail: Text) -> Finding:
    return Finding("good", about, detail)


def warning(about: str, detail: Text) -> Finding:
    """It works, and somebody should look at it."""
    return Finding("warning", about, detail)


def bad(about: str, detail: Text) -> Finding:
    """It does not work, or soon will not."""
    return Finding("bad", about, detail)
