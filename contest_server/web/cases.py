"""Cases over HTTP: everything about one contestant's work at one stage, for the officials who decide on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from contest_server.core.facts import ContestantId, ContestId, StageId
from contest_server.web.case_documents import case_of
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs, reader_of

router = APIRouter(prefix="/api/contests/{contest}/cases", tags=["reviews"])


@router.get("/{contestant}/{stage}", dependencies=[needs("cases.read")])
async def case(request: Request, contest: str, contestant: str, stage: str, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """The explanation, the questions, the timeline, all judgements, rulings and marks. `basis` goes back with a ruling. For officials."""
    person = reader_of(request)
    desk = await house.desks.desk(ContestId(contest))
    return await case_of(desk, person, ContestantId(contestant), StageId(stage), house.now_us())
