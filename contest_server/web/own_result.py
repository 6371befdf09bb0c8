"""What a contestant sees of themself: the result as it was published, why, and the own appeals. Never more than the public could see."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from contest_server.core.appeals import appeals_of, deadline_us
from contest_server.core.contest import Contest
from contest_server.core.corrections import publications
from contest_server.core.facts import ContestantId, ContestId
from contest_server.core.rows import as_document
from contest_server.core.times import text_of_us
from contest_server.live.desk import Desk
from contest_server.live.turns import Turns
from contest_server.web.appeals import appeal_document
from contest_server.web.callers import contestant_of
from contest_server.web.contests import explained
from contest_server.web.house import House, house_of
from contest_server.web.languages import document_of
from contest_server.web.rights import caller_of, needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["contests"])


@router.get("/own", dependencies=[needs("own.read")])
async def own_result(request: Request, contest: str, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """The own line of the result that was published last, the reasons stage by stage, the own appeals, and until when one is in time. For
    contestants.

    While the board is frozen there are no reasons: they would tell what the board does not.
    """
    who = contestant_of(caller_of(request))
    assert who is not None, "contestants alone may"
    desk = await house.desks.desk(ContestId(contest))
    now, reasons = desk.contest, await _reasons(desk, who)
    until_us = deadline_us(now)
    return {
        "contestant": who,
        "position": now.position,
        "published": _published(now, who),
        "frozen": now.frozen is not None,
        "reasons": [] if now.frozen is not None else reasons,
        "appeals_until": None if until_us is None else text_of_us(until_us),
        "appeals": [appeal_document(each) for each in appeals_of(now) if each.filed.contestant == who],
    }


def _published(contest: Contest, who: ContestantId) -> dict[str, Any] | None:
    boards = publications(contest)
    if not boards or who not in boards[-1].rows:
        return None
    return {"position": boards[-1].position, "rank": boards[-1].ranks.get(who), **as_document(boards[-1].rows[who])}


async def _reasons(desk: Desk, who: ContestantId) -> list[dict[str, Any]]:
    """Why the score at each stage is what it is. Of many stages it is work: they are told in short turns. None from behind a freeze."""
    turns, found = Turns(), list[dict[str, Any]]()
    for stage in list(desk.contest.fields) if desk.contest.frozen is None else []:
        explanation = await explained(desk, who, stage)
        if desk.contest.frozen is not None:
            return []
        if explanation is not None:
            found.append(document_of(explanation))
        await turns.next()
    return found
