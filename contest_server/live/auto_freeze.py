"""When the board freezes by itself: as the definition says, also where no server ran then; until the thaw the public sees no end."""

from __future__ import annotations

from contest_server.core.contest import Contest
from contest_server.core.facts import Draft, Frozen, SourceId

AUTO_FREEZE = SourceId("auto-freeze")
"""No venue's source is called so: those have a stroke in their name."""


def freeze_due(contest: Contest, now_us: int) -> Draft | None:
    """What to enter if that moment has come (µs since 1970). Its number makes it happen once, however many servers there are."""
    definition, clock = contest.definition, contest.clock
    if definition is None or not definition.contest.freeze_minutes or clock.duration_ms is None:
        return None
    if contest.frozen or contest.final or clock.phase(now_us) == "before":
        return None
    minutes = definition.contest.freeze_minutes
    due_ms, thawed_us = clock.duration_ms - minutes * 60_000, contest.thawed_us
    if thawed_us is not None and clock.elapsed_ms(thawed_us) >= due_ms:
        return None  # who thaws after that moment means it
    if clock.elapsed_ms(now_us) < due_ms:
        return None
    return Draft(now_us, "clock", Frozen(minutes), AUTO_FREEZE, 1)
