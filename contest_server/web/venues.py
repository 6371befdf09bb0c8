"""Venues: events by socket, or by POST for those without one. Decides nothing: reads, submits, answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, WebSocket, WebSocketDisconnect
from msgspec import to_builtins
from msgspec.json import schema_components

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, SourceId, VenueId
from contest_server.core.saying import Said
from contest_server.live.desk import Desk
from contest_server.web.access import require_venue
from contest_server.web.closing import Closing, close_when, say
from contest_server.web.conversing import accepted, closing_with_reason, received, until_one_ends
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of, house_of_socket
from contest_server.web.lines import Line, Speaker
from contest_server.web.links import VenueLink
from contest_server.web.listening import listening_socket
from contest_server.web.rights import needs
from contest_server.web.roll import Devices
from contest_server.web.speaking import Spoken
from contest_server.wire.clock import VenueClock
from contest_server.wire.limits import Limits
from contest_server.wire.messages import (
    BAD_HELLO,
    HELLO_TIMEOUT,
    NOT_ALLOWED,
    REPLACED,
    RESTARTING,
    TOO_MANY,
    ClockNotice,
    Refusal,
    Time,
    VenueEvent,
    VenueHello,
    VenueTime,
    Welcome,
)
from contest_server.wire.reading import BadMessage, read_message
from contest_server.wire.venue import Batch, VenueSession, encode, source_of

router = APIRouter(prefix="/api/contests/{contest}/venues", tags=["venues"])

FIRST_EXCHANGES = 4
FIRST_EXCHANGE_EVERY_S = 0.25
EXCHANGES_OPEN_MAX = 4


def limits_of(house: House) -> Limits:
    settings = house.settings
    return Limits(settings.batch_max_events, settings.message_max_bytes, settings.venue_rate_per_s)


@router.websocket("/{venue}/events", dependencies=[needs("events.send")])
async def venue_socket(socket: WebSocket, contest: str, venue: str) -> None:
    """A venue's stream of events (see docs/protocol.md)."""
    house = house_of_socket(socket)
    house.venue_sockets += 1
    try:
        async with accepted(socket):
            if house.venue_sockets > house.settings.venue_sockets_max:
                raise Closing(TOO_MANY)
            await _serve(socket, house, ContestId(contest), VenueId(venue))
    finally:
        house.venue_sockets -= 1


async def _serve(socket: WebSocket, house: House, contest: ContestId, venue: VenueId) -> None:
    hello = await _hello(socket, house) if _is_page(socket.headers) else None
    with closing_with_reason():
        token = await require_venue(_credentials(socket.headers, hello), house, contest, venue)
        desk = await house.desks.desk(contest)
    source = await _source(hello or await _hello(socket, house), desk, venue)
    with house.revocations.watching(token) as revoked:
        async with _linked(house, contest, source, revoked) as link:
            session = VenueSession(venue, source, desk.contest.sources, limits_of(house), lambda: link.clock.offset)
            await say(socket, encode(Welcome(contest, venue, desk.epoch, session.last_seq, session.limits)))
            await _stream(socket, house, desk, session, link)


def _is_page(headers: Mapping[str, str]) -> bool:
    """Whether a page in a browser asks, which cannot send a header of its own: it may bring its token in the hello."""
    return "authorization" not in headers and "origin" in headers


def _credentials(headers: Mapping[str, str], hello: VenueHello | None) -> Mapping[str, str]:
    """What lets this venue in: the token of the hello, else what came with the request."""
    return {"authorization": f"Bearer {hello.token}"} if hello is not None and hello.token else headers


async def _source(hello: VenueHello, desk: Desk, venue: VenueId) -> SourceId:
    """Who speaks, once this server knows all that any server acknowledged to them."""
    with closing_with_reason():
        await desk.catch_up()
    return source_of(venue, hello.source)


async def _hello(socket: WebSocket, house: House) -> VenueHello:
    """The first message, which has to come in time."""
    try:
        async with asyncio.timeout(house.settings.hello_timeout_s):
            message = read_message(await received(socket))
    except TimeoutError:
        raise Closing(HELLO_TIMEOUT) from None
    except BadMessage as error:
        await say(socket, encode(Refusal(None, error.code, error.detail)))
        raise Closing(BAD_HELLO) from None
    if not isinstance(message, VenueHello):
        raise Closing(BAD_HELLO)
    return message


@asynccontextmanager
async def _linked(house: House, contest: ContestId, source: SourceId, revoked: asyncio.Event) -> AsyncIterator[VenueLink]:
    """The link of this source; whoever held it before is replaced."""
    link = VenueLink(VenueClock(house.settings.clock_samples), house.now_us(), revoked)
    before = house.links.get((contest, source))
    if before is not None:
        before.replaced.set()
    house.links[contest, source] = link
    try:
        yield link
    finally:
        if house.links.get((contest, source)) is link:
            del house.links[contest, source]


async def _stream(socket: WebSocket, house: House, desk: Desk, session: VenueSession, link: VenueLink) -> None:
    """Listen, ask the time and watch for the end, until one of them ends."""
    asked: list[int] = []
    outlet: Speaker = listening_socket(socket) or Spoken(socket)
    take_time = partial(_take_time, house, desk, session, link, asked)
    line = Line(desk, session, link, outlet, take_time, house.now_us, house.settings.bad_messages_max)
    await until_one_ends(
        _listen(outlet, line),
        _ask_time(socket, house, asked),
        close_when(link.replaced, REPLACED),
        close_when(link.revoked, NOT_ALLOWED),
        close_when(desk.closed, RESTARTING),
    )


async def _listen(outlet: Speaker, line: Line) -> None:
    """Raises Closing, WebSocketDisconnect."""
    close = await outlet.converse(line)
    raise WebSocketDisconnect(1006) if close is None else Closing(close)


def _count(desk: Desk, batch: Batch, since_s: float) -> None:
    desk.counts.acknowledged.take(perf_counter() - since_s)
    for refusal in batch.refusals:
        desk.counts.refused[refusal.code] += 1


def _take_time(
    house: House, desk: Desk, session: VenueSession, link: VenueLink, asked: list[int], message: VenueTime, heard_us: int
) -> str | None:
    """The answer to a clock exchange, and what to tell the venue of it; None where nothing was asked."""
    house.outboxes.tell(desk.contest, session.source, message.waiting or 0, heard_us)
    if message.t not in asked:
        return None
    asked.remove(message.t)
    offset = link.clock.exchange(message.t, message.at, heard_us)
    return encode(ClockNotice(offset.offset_us, offset.error_us))


async def _ask_time(socket: WebSocket, house: House, asked: list[int]) -> None:
    """Exchange clocks: quickly at first, then now and then. Who does not answer is simply not measured."""
    for count in range(1 << 62):
        t_us = house.now_us()
        asked.append(t_us)
        del asked[:-EXCHANGES_OPEN_MAX]
        await say(socket, encode(Time(t_us)))
        await asyncio.sleep(FIRST_EXCHANGE_EVERY_S if count < FIRST_EXCHANGES else house.settings.clock_exchange_s)


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
