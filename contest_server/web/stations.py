"""Which desk works at which station of a venue. A lease warns, it forbids nothing: two desks at one station are told of each other.

Leases are notes beside the ledger, so that every server knows them; one that is not renewed is over after LEASE_US.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contest_server.core.ids import ContestId
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}/venues/{venue}/stations", tags=["venues"])

LEASE_US = 30_000_000
STATIONS_MAX = 200
"""Stations of one venue that are held at the same time."""

HouseNeeded = Annotated[House, Depends(house_of)]
Station = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.:\-]+$", description="what the venue calls it: S1, 工位3")]


class LeaseOrder(BaseModel):
    """`desk` is the source that the desk sends events as, `holder` whoever works there. `take`: although another desk holds it.
    `leave`: give it up.
    """

    model_config = ConfigDict(extra="forbid")

    desk: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.\-]+$")]
    holder: Annotated[str, StringConstraints(max_length=64)] = ""
    take: bool = Field(default=False, strict=True)
    leave: bool = Field(default=False, strict=True)


class Lease(Struct, frozen=True):
    """As the note holds it."""

    venue: str
    station: str
    desk: str
    holder: str
    since_us: int
    until_us: int


@router.get("", dependencies=[needs("events.send")])
async def stations(contest: str, venue: str, house: HouseNeeded) -> dict[str, Any]:
    """Every station of this venue that a desk holds. For the venue itself."""
    return {"stations": [_document(each) for each in await _held(house, contest, venue)], "now": text_of_us(house.now_us())}


@router.post("/{station}/lease", dependencies=[needs("events.send")])
async def hold(contest: str, venue: str, station: Station, order: LeaseOrder, house: HouseNeeded) -> dict[str, Any]:
    """Hold this station for LEASE_US, or hear who holds it. Say it every 10 s while somebody works there."""
    held = await _held(house, contest, venue)
    now = next((each for each in held if each.station == station), None)
    is_others = now is not None and now.desk != order.desk
    if order.leave:
        if now is not None and not is_others:
            await house.stores.notes.drop(ContestId(contest), "station", _key(venue, station))
        return {"mine": False, "lease": _document(now) if now is not None and is_others else None}
    if now is not None and is_others and not order.take:
        return {"mine": False, "lease": _document(now)}
    if now is None and len(held) >= STATIONS_MAX:
        raise ApiError(
            409,
            "too_many_stations",
            Said("{count} stations of this venue are held, at most {most}; leave one", count=len(held), most=STATIONS_MAX),
        )
    lease = await _put(house, contest, venue, station, order, now)
    return {"mine": True, "lease": _document(lease)}


async def _put(house: House, contest: str, venue: str, station: str, order: LeaseOrder, before: Lease | None) -> Lease:
    now_us = house.now_us()
    since_us = before.since_us if before is not None and before.desk == order.desk else now_us
    lease = Lease(venue, station, order.desk, order.holder.strip(), since_us, now_us + LEASE_US)
    text = msgspec.json.encode(lease).decode()
    await house.stores.notes.put(ContestId(contest), "station", _key(venue, station), text, lease.until_us, now_us)
    return lease


async def _held(house: House, contest: str, venue: str) -> list[Lease]:
    await house.desks.desk(ContestId(contest))  # an unknown contest holds nothing
    notes = await house.stores.notes.all(ContestId(contest), "station", house.now_us())
    leases = [msgspec.json.decode(document, type=Lease) for document in notes.values()]
    return sorted((each for each in leases if each.venue == venue), key=lambda each: each.station)


def _key(venue: str, station: str) -> str:
    return f"{venue}/{station}"


def _document(lease: Lease) -> dict[str, Any]:
    return {
        "station": lease.station,
        "desk": lease.desk,
        "holder": lease.holder,
        "since": text_of_us(lease.since_us),
        "until": text_of_us(lease.until_us),
    }
