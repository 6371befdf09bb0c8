"""Venues: events by socket. Decides nothing: reads, submits, answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from contest_server.core.facts import ContestId, SourceId, VenueId
from contest_server.live.desk import Desk
from contest_server.web.access import require_venue
from contest_server.web.closing import Closing, close_when, say
from contest_server.web.conversing import closing_with_reason, received, until_one_ends
from contest_server.web.house import House, house_of_socket
from contest_server.web.lines import Line, Speaker
from contest_server.web.links import VenueLink
from contest_server.web.listening import listening_socket
from contest_server.web.rights import needs
from contest_server.web.speaking import Spoken
from contest_server.wire.clock import VenueClock
from contest_server.wire.limits import Limits
from contest_server.wire.messages import (
    BAD_HELLO,
    HELLO_TIMEOUT,
    NOT_ALLOWED,
    REPLACED,
    RESTARTING,
    ClockNotice,
    Refusal,
    Time,
    VenueHello,
    VenueTime,
    Welcome,
)
from contest_server.wire.reading import BadMessage, read_message
from contest_server.wire.venue import VenueSession, encode, source_of

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
    await house.sockets.serve("venue", socket, partial(_serve, socket, house, ContestId(contest), VenueId(venue)))


async def _serve(socket: WebSocket, house: House, contest: ContestId, venue: VenueId) -> None:
    hello = await _hello(socket, house) if _is_page(socket.headers) else None
    with closing_with_reason():
        token = await require_venue(_credentials(socket.headers, hello), house, contest, venue)
        desk = await house.desks.desk(contest)
    with house.sockets.letting_in("venue"), house.revocations.watching(token) as revoked:
        source = await _source(hello or await _hello(socket, house), desk, venue)
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
    link = VenueLink(VenueClock(house.settings.clock_samples), revoked)
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
