"""Handovers over HTTP: a venue states how many events each of its devices sent. Refuses to speak for another venue."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from contest_server.core.acts import HandedOver
from contest_server.core.finalising import missing_events
from contest_server.core.ids import ActId, ContestId, OfficialId, SourceId, VenueId
from contest_server.core.proceedings import hand_over
from contest_server.web.access import author_of, require_official, require_venue, token_of
from contest_server.web.entering import Name, Statement, enter, enter_for
from contest_server.web.house import House, house_of
from contest_server.web.openapi import TOKEN
from contest_server.wire.limits import SEQ_MAX

router = APIRouter(prefix="/api/contests/{contest}", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]
Source = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Count = Annotated[int, Field(strict=True, ge=0, le=SEQ_MAX)]


class HandoverOrder(Statement):
    """The number of the last event of each device, by its source ("yueqing/desk-1")."""

    venue: Name
    counts: dict[Source, Count] = Field(max_length=1_000)


@router.post("/handovers", openapi_extra=TOKEN)
async def enter_handover(request: Request, contest: str, order: HandoverOrder, house: HouseNeeded) -> dict[str, Any]:
    """Hand over: say what was sent, and hear what of it is missing here. For this venue's token, and for officials."""
    venue = VenueId(order.venue)
    counts = {SourceId(source): count for source, count in order.counts.items()}
    said = HandedOver(ActId(order.id), 0, OfficialId(f"venue:{venue}"), venue, counts)
    if await token_of(request.headers, house) is not None:
        token = await require_venue(request.headers, house, ContestId(contest), venue)
        desk = await house.desks.desk(ContestId(contest))
        filed = await enter_for(house, desk, author_of(token), said, hand_over)
    else:
        person = await require_official(request, house, ContestId(contest))
        desk = await house.desks.desk(ContestId(contest))
        own = msgspec.structs.replace(said, official=person.id)
        filed = await enter(house, desk, person, own, lambda now, _, act: hand_over(now, act))
    return {"position": filed.position, "missing": missing_events(desk.contest).get(venue, 0)}
