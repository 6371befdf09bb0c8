"""Venues without a socket: events by POST, where a source stands; and for staff, which sources there are. Decides nothing."""

from __future__ import annotations

from time import perf_counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from msgspec import to_builtins
from msgspec.json import schema_components

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, SourceId, VenueId
from contest_server.core.saying import Said
from contest_server.live.desk import Desk
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs
from contest_server.web.roll import Devices
from contest_server.web.venues import limits_of
from contest_server.wire.messages import VenueEvent
from contest_server.wire.reading import BadMessage
from contest_server.wire.venue import Batch, VenueSession, source_of

router = APIRouter(prefix="/api/contests/{contest}/venues", tags=["venues"])

Source = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[\w.\-]+$", description="the name of the sending device")]
_, _EVENT = schema_components([VenueEvent], ref_template="#/{name}")
_BATCH = {
    "type": "object",
    "required": ["type", "events"],
    "properties": {"type": {"const": "events"}, "events": {"type": "array", "items": _EVENT["VenueEvent"]}},
}
POST_DOCS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _BATCH, "example": {"type": "events", "events": []}}},
    }
}


@router.post(
    "/{venue}/events",
    dependencies=[needs("events.send")],
    openapi_extra=POST_DOCS,
    responses={207: {"description": "some events were refused"}, 409: {"description": "a gap: nothing after it was taken"}},
)
async def post_events(
    request: Request, response: Response, contest: str, venue: str, source: Source, house: Annotated[House, Depends(house_of)]
) -> dict[str, Any]:
    """The way without a socket: the same batch, answered once it is durable. `after` is where to go on."""
    desk = await house.desks.desk(ContestId(contest))
    session = VenueSession(VenueId(venue), source_of(venue, source), desk.contest.sources, limits_of(house))
    try:
        body = await _body(request, session.limits.message_bytes)
        batch = session.receive(body, house.now_us())
        if isinstance(batch, Batch) and _has_gap(batch):
            await desk.catch_up()  # another server may have taken what is missing
            session = VenueSession(VenueId(venue), source_of(venue, source), desk.contest.sources, limits_of(house))
            batch = session.receive(body, house.now_us())
    except BadMessage as error:
        raise ApiError(413 if error.code == "too_large" else 400, error.code, error.said) from None
    if not isinstance(batch, Batch):
        raise ApiError(400, "bad_message", Said("expected a message of type events"))
    since_s = perf_counter()
    position = await desk.submit(batch.drafts) if batch.drafts else desk.contest.position
    _count(desk, batch, since_s)
    if batch.refusals:
        response.status_code = 409 if _has_gap(batch) else 207
    return {"seq": batch.seq, "position": position, "after": session.last_seq, "refused": to_builtins(list(batch.refusals))}


def _count(desk: Desk, batch: Batch, since_s: float) -> None:
    desk.counts.acknowledged.take(perf_counter() - since_s)
    for refusal in batch.refusals:
        desk.counts.refused[refusal.code] += 1


def _has_gap(batch: Batch) -> bool:
    return any(refusal.code == "gap" for refusal in batch.refusals)


async def _body(request: Request, max_bytes: int) -> bytes:
    """The body, read no further than its limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise ApiError(413, "too_large", Said("more than {most} bytes in one message", most=max_bytes))
    return bytes(body)


@router.get("/{venue}/events", dependencies=[needs("events.send")])
async def source_state(contest: str, venue: str, source: Source, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """Where a source stands: the number of its last durable event, and what was refused."""
    desk = await house.desks.desk(ContestId(contest))
    await desk.catch_up()
    state = desk.contest.sources.get(source_of(venue, source))
    refused = [{"seq": seq, "code": code, "detail": detail} for seq, (code, detail) in sorted(state.refused.items())] if state else []
    return {"after": state.last_seq if state else 0, "refused": refused, "epoch": desk.epoch}


@router.get("", dependencies=[needs("overview.read")])
async def venue_links(contest: str, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """Every source of every venue: connected or not, to whatever server, last number, clock offset. For staff."""
    now = (await house.desks.desk(ContestId(contest))).contest
    devices = await house.roll.devices(ContestId(contest))
    return {"sources": [_source_document(now, source, devices) for source in devices.sources(now)]}


def _source_document(contest: Contest, source: SourceId, devices: Devices) -> dict[str, Any]:
    state, linked = contest.sources.get(source), devices.linked.get(source)
    return {
        "source": source,
        "connected": linked is not None,
        "after": 0 if state is None else state.last_seq,
        "refused": 0 if state is None else len(state.refused),
        "unsynced": devices.unsynced(contest, source),
        "offset_us": None if linked is None else linked.offset_us,
        "error_us": None if linked is None else linked.error_us,
    }
