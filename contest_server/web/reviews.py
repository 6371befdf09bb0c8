"""The review queue for officials, live over a socket or once over HTTP. The socket decides nothing: decisions are rulings, over HTTP."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Response, WebSocket

from contest_server.core.ids import ContestantId, ContestId, StageId
from contest_server.core.roles import may
from contest_server.core.times import text_of_us
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.live.queues import LOOK_EVERY_S
from contest_server.web.access import person_of, person_with
from contest_server.web.callers import Person, official_in
from contest_server.web.closing import Closing, close_when, say
from contest_server.web.conversing import closing_with_reason, first_message, received, until_one_ends, woken
from contest_server.web.house import House, house_of, house_of_socket
from contest_server.web.patience import wait_for
from contest_server.web.rights import needs
from contest_server.wire.messages import (
    BAD_HELLO,
    BAD_MESSAGES,
    NOT_ALLOWED,
    RESTARTING,
)
from contest_server.wire.pace import Pace
from contest_server.wire.reading import BadMessage
from contest_server.wire.reviews import (
    MESSAGES_PER_S,
    Leave,
    Look,
    ReviewBeat,
    ReviewHello,
    ReviewSession,
    ReviewWelcome,
    encode,
    read,
)

router = APIRouter(prefix="/api/contests/{contest}", tags=["reviews"])

HouseNeeded = Annotated[House, Depends(house_of)]


@router.get("/cases", dependencies=[needs("cases.read")])
async def cases(contest: str, house: HouseNeeded) -> Response:
    """The queue as it is now, as the socket tells it. For officials."""
    desk = await house.desks.desk(ContestId(contest))
    await wait_for(desk.queue)
    if desk.closed.is_set():
        raise DeskClosed(contest)
    return Response(desk.queue.text, media_type="application/json")


@router.websocket("/reviews", dependencies=[needs("queue.follow")])
async def reviews_socket(socket: WebSocket, contest: str) -> None:
    """An official's queue (see docs/protocol.md)."""
    house = house_of_socket(socket)
    await house.sockets.serve("review", socket, partial(_serve, socket, house, ContestId(contest)))


async def _serve(socket: WebSocket, house: House, contest: ContestId) -> None:
    with closing_with_reason():
        person = await _person(socket, house, contest)
        desk = await house.desks.desk(contest)
    with house.sockets.letting_in("review"), house.revocations.watching(person) as revoked:
        await say(socket, encode(ReviewWelcome({"id": person.id, "role": person.role}, contest, desk.epoch)))
        try:
            with desk.queue.watching():
                await _stream(socket, house, desk, person, revoked)
        finally:
            if revoked.is_set():
                desk.queue.leases.leave(person.id)


async def _person(socket: WebSocket, house: House, contest: ContestId) -> Person:
    """Who is there: by header or cookie, or else by the first message. Raises Closing."""
    person = await person_of(socket, house, contest)
    if person is not None and may(person.role, "queue.follow"):
        return person
    hello = await first_message(socket, read, house.settings.hello_timeout_s)
    if not isinstance(hello, ReviewHello):
        raise Closing(BAD_HELLO)
    person = await person_with(hello.token, house, contest) if hello.token else None
    if person is None or not may(person.role, "queue.follow"):
        raise Closing(NOT_ALLOWED)
    return person


async def _stream(socket: WebSocket, house: House, desk: Desk, person: Person, revoked: asyncio.Event) -> None:
    """Read and write, until one of them ends, or the session does."""
    session = ReviewSession(house.settings.bad_messages_max)
    await until_one_ends(
        _read(socket, house, desk, person, session),
        _write(socket, house, desk, person, session),
        close_when(revoked, NOT_ALLOWED),
    )


async def _read(socket: WebSocket, house: House, desk: Desk, person: Person, session: ReviewSession) -> None:
    pace = Pace(MESSAGES_PER_S, house.now_us())
    while True:
        try:
            said = session.receive(await received(socket))
        except BadMessage:
            raise Closing(BAD_MESSAGES) from None
        match said:
            case Look(contestant=contestant, stage=stage):
                at = ContestantId(contestant) if contestant else None, StageId(stage) if stage else None
                desk.queue.leases.look(person.id, at, house.now_us())
            case Leave():
                desk.queue.leases.leave(person.id)
            case ReviewHello() | None:
                pass  # who is there is known
        await asyncio.sleep(pace.delay_s(1, house.now_us()))


async def _write(socket: WebSocket, house: House, desk: Desk, person: Person, session: ReviewSession) -> None:
    """Send the queue whenever it says something else, at most twice a second, and a beat when it did not for a while."""
    queue, beat_s, now_s = desk.queue, house.settings.beat_interval_ms / 1000, asyncio.get_running_loop().time
    beat_at_s = now_s() + beat_s
    while not desk.closed.is_set():
        looked = queue.looked
        if queue.revision != session.sent:
            session.sent = queue.revision
            await say(socket, queue.text)
            beat_at_s = now_s() + beat_s
            await asyncio.sleep(LOOK_EVERY_S)
        elif not await woken(looked, beat_at_s):
            await say(socket, encode(ReviewBeat(desk.contest.position, text_of_us(house.now_us()))))
            beat_at_s = now_s() + beat_s
        _check_still_official(desk, person)
    raise Closing(RESTARTING)


def _check_still_official(desk: Desk, person: Person) -> None:
    definition = desk.contest.definition
    if definition is None or official_in(definition, person.id) is None:
        raise Closing(NOT_ALLOWED)
