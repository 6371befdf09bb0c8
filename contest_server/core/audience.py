"""The gate: what an audience may see. Sockets, API and exports all ask here. The frozen board is the fold at the freeze plus "pending".

A contestant who was unveiled is seen as they are; nobody else is seen any better for it.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId
from contest_server.core.rows import BoardRow, FirstClears, with_pending

Audience = Literal["public", "staff"]
AUDIENCES: tuple[Audience, ...] = ("public", "staff")
NOBODY: tuple[tuple[ContestantId, ...], int] = ((), 0)
REVEALED_TOLD_MAX = 500
"""So many of those who were revealed last are named in the state of a frozen board."""


def row_for(contest: Contest, contestant: ContestantId, audience: Audience) -> BoardRow | None:
    """The contestant's row as this audience may see it; None where the audience knows no such contestant."""
    if audience == "staff" or contest.frozen is None or _is_unveiled(contest, contestant):
        return contest.rows.get(contestant)
    frozen, sheet = contest.frozen.rows.get(contestant), contest.sheets.get(contestant)
    if frozen is None or sheet is None:
        return frozen
    position = contest.frozen.position
    touched = [stage for stage, entries in sheet.entries.items() if entries[-1].position > position]
    later = {stage: count for stage in touched if (count := sheet.handed_in_after(stage, position))}
    if not later:
        return frozen
    stages = dict(frozen.row.stages)
    for stage, count in later.items():
        stages[stage] = with_pending(stages.get(stage), count)
    ordered = {stage: stages[stage] for stage in contest.fields if stage in stages} | stages
    return BoardRow(msgspec.structs.replace(frozen.row, stages=ordered), frozen.venue, frozen.points)


def placed_for_public(contest: Contest, contestant: ContestantId) -> BoardRow | None:
    """The row by which the public sees them at their place: what is pending, of which nobody's place depends, may not be on it."""
    if contest.frozen is None or _is_unveiled(contest, contestant):
        return contest.rows.get(contestant)
    return contest.frozen.rows.get(contestant)


def _is_unveiled(contest: Contest, contestant: ContestantId) -> bool:
    """Whether they are seen as they are, although the board is frozen."""
    return contestant in contest.unveiled and contestant in contest.rows


def first_clears_for(contest: Contest, audience: Audience) -> FirstClears:
    """First clears as this audience may see them."""
    if audience == "staff" or contest.frozen is None:
        return contest.first_clears()
    if not contest.unveiled:
        return contest.frozen.first
    return _first_as_unveiled(contest, contest.frozen.first, contest.first_clears())


def _first_as_unveiled(contest: Contest, frozen: FirstClears, true: FirstClears) -> FirstClears:
    """What the rows tell that the public sees, and nothing else: who is unveiled was the first, or was not; everybody else is as at the
    freeze, unless somebody who is unveiled was the first at another time.
    """
    found: FirstClears = {}
    for stage in {**frozen, **true}:
        (then, then_ms), (now, now_ms) = frozen.get(stage, NOBODY), true.get(stage, NOBODY)
        surely = [each for each in now if _is_unveiled(contest, each)]
        still = [] if surely and then_ms != now_ms else [each for each in then if not _is_unveiled(contest, each)]
        if surely or still:
            found[stage] = tuple(sorted({*surely, *still})), now_ms if surely else then_ms
    return found


def phrase(minutes: int) -> dict[str, str]:
    """What a frozen board says, word for word."""
    return {
        "en": (
            f"The scoreboard was frozen with {minutes} minutes remaining - "
            f"submissions in the last {minutes} minutes of the contest are still shown as pending."
        ),
        "zh": f"距比赛结束 {minutes} 分钟时已封榜，最后 {minutes} 分钟内的提交仍显示为待定。",
    }


def frozen_notice(contest: Contest) -> dict[str, Any] | None:
    """The freeze as every audience sees it."""
    if contest.frozen is None:
        return None
    return {
        "position": contest.frozen.position,
        "minutes": contest.frozen.minutes,
        "phrase": phrase(contest.frozen.minutes),
        "revealed": {"count": len(contest.unveiled), "last": list(contest.unveiled)[-REVEALED_TOLD_MAX:]},
    }
