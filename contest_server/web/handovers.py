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
from contest_server.core.saying import Said
from contest_server.web.callers import Person, author_of, venue_of
from contest_server.web.entering import Name, Statement, enter, enter_for
from contest_server.web.errors import NotAllowed
from contest_server.web.house import House, house_of
from contest_server.web.rights import caller_of, needs
from contest_server.wire.limits import SEQ_MAX

router = APIRouter(prefix="/api/contests/{contest}", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]
Source = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Count = Annotated[int, Field(strict=True, ge=0, le=SEQ_MAX)]


class HandoverOrder(Statement):
    """The number of the last event of each device, by its source ("yueqing/desk-1")."""

    venue: Name
    counts: dict[Source, Count] = Field(max_length=1_000)


@router.post("/handovers", dependencies=[needs("venue.hand_over")])
async def enter_handover(request: Request, contest: str, order: HandoverOrder, house: HouseNeeded) -> dict[str, Any]:
    """Hand over: say what was sent, and hear what of it is missing here. For this venue's token, and for officials."""
    venue = VenueId(order.venue)
    counts = {SourceId(source): count for source, count in order.counts.items()}
    said = HandedOver(ActId(order.id), 0, OfficialId(f"venue:{venue}"), venue, counts)
    caller = caller_of(request)
    desk = await house.desks.desk(ContestId(contest))
    if isinstance(caller, Person):
        own = msgspec.structs.replace(said, official=caller.id)
        filed = await enter(house, desk, caller, own, lambda now, _, act: hand_over(now, act))
    else:
        if venue_of(caller) != venue:
            raise NotAllowed(Said("this is for the venue itself, and for officials"))
        filed = await enter_for(house, desk, author_of(caller), said, hand_over)
    return {"position": filed.position, "missing": missing_events(desk.contest).get(venue, 0)}
