"""What an upgrade of the program changed: whose results programs before this one judged otherwise. It decides nothing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from contest_server.core.facts import ContestId
from contest_server.core.judged_before import Difference, Line, Moved
from contest_server.core.times import text_of_us
from contest_server.live.desk import Desk
from contest_server.live.upgrades import unsettled
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["control"])

WHO_MAX = 20
"""So many are named where it is told in short."""


@router.get("/upgrades", dependencies=[needs("inside.read")])
async def upgrades(contest: str, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """Each time that another program judged entries of this contest otherwise than the one before, with both results of whoever moved.

    The latest first, at most 20; of each at most 200 contestants are named. `open`: nothing was published since, as this program judges it.
    """
    desk = await house.desks.desk(ContestId(contest))
    open_ = unsettled(desk.contest, desk.differences)
    found = [_document(each) | {"open": each in open_} for each in reversed(desk.differences)]
    return {"program": desk.program, "position": desk.contest.position, "differences": found}


def otherwise(desk: Desk) -> dict[str, Any] | None:
    """The weightiest difference that no publication has settled, in short; None where there is none."""
    found = unsettled(desk.contest, desk.differences)
    return _short(max(reversed(found), key=lambda each: each.is_grave)) if found else None


def _short(found: Difference) -> dict[str, Any]:
    return {
        "before": found.before,
        "after": found.after,
        "position": found.position,
        "at": text_of_us(found.at_us),
        "contestants": found.count,
        "ranks": found.ranks,
        "final": found.final,
        "published_at": found.published_at or None,
        "published": found.published,
        "grave": found.is_grave,
        "who": [each.contestant for each in (found.published_moved or found.moved)[:WHO_MAX]],
    }


def _document(found: Difference) -> dict[str, Any]:
    moved, published_moved = ([_moved(each) for each in some] for some in (found.moved, found.published_moved))
    return _short(found) | {"moved": moved, "published_moved": published_moved}


def _moved(each: Moved) -> dict[str, Any]:
    return {"contestant": each.contestant, "before": _line(each.before), "after": _line(each.after)}


def _line(line: Line | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {"rank": line.rank, "points": line.points, "time_ms": line.time_ms, "cleared": line.cleared, "status": line.status}
