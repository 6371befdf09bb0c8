"""What becomes of what is late, and of whose it is. Shared by the rules that limit times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from contest_server.core.judging import Doubt, JudgedStatus, Opinion, Said, Text

Action = Literal["overtime", "flag", "count"]
Beyond = Literal["none", "overtime", "dnf"]

STOPPAGE = Said("Check for a stoppage that gives time back; else annul the attempt, or leave it held.")
STANDS = Said("Check for a stoppage that gives time back, and remove that interval or reinstate the attempt; else the status stands.")
OTHER_CLOCK = Said("Decide by video or by the timekeepers' own watches.")
_DOUBTS: Mapping[Action, Doubt] = {"overtime": Doubt.BAD, "flag": Doubt.QUESTIONABLE, "count": Doubt.INFO}
_STATUSES: Mapping[Beyond, JudgedStatus | None] = {"none": None, "overtime": "overtime", "dnf": "dnf"}


def check_late(rule: str, action: Action, beyond: Beyond) -> None:
    """Raises ValueError where nothing would follow from being late."""
    if action == "count" and beyond == "none":
        raise ValueError(Said("{rule} lets all count and has no status beyond the limit; give another action, or beyond", rule=rule))


def late(detail: Text, limit_ms: int, time_ms: int, action: Action, beyond: Beyond) -> Opinion:
    """What is said of work beyond its limit."""
    suggestion = STOPPAGE if beyond == "none" else STANDS
    return Opinion(_DOUBTS[action], detail, "over_time", limit_ms, time_ms, suggestion=suggestion, status=_STATUSES[beyond])
