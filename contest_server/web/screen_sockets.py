"""The socket of a screen: told what to show whenever that changes, by an order or by the time alone. It says what it shows."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import msgspec
from fastapi import APIRouter, WebSocket

from contest_server.core.facts import ContestId
from contest_server.core.times import text_of_us
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.tokens import Token
from contest_server.live.desk import Desk
from contest_server.web.access import known_by
from contest_server.web.closing import Closing, close_when, say
from contest_server.web.conversing import closing_with_reason, first_message, received, until_one_ends, woken
from contest_server.web.house import House, house_of_socket
from contest_server.web.rights import needs
from contest_server.wire.messages import (
    BAD_HELLO,
    BAD_MESSAGES,
    NOT_ALLOWED,
    RESTARTING,
    Beat,
)
from contest_server.wire.pace import Pace
from contest_server.wire.reading import BadMessage
from contest_server.wire.screens import MESSAGES_PER_S, ScreenHello, ScreenSession, ScreenShown, encode, program_message, read

router = APIRouter(prefix="/api/contests/{contest}/screens", tags=["screens"])

REPORT_LASTS_US = 15_000_000
"""How long what a screen said of itself counts. It says so every five seconds."""


class Report(msgspec.Struct, frozen=True):
    """What a screen said of itself, for all servers of the installation."""

    scene: str
    position: int
    width: int
    height: int
    at_us: int
    since_us: int
    """Since when it has been connected."""


@router.websocket("/me", dependencies=[needs("display.self")])
async def screen_socket(socket: WebSocket, contest: str) -> None:
    """A screen's program (see docs/protocol.md)."""
    house = house_of_socket(socket)
    await house.sockets.serve("display", socket, partial(_serve, socket, house, ContestId(contest)))


async def _serve(socket: WebSocket, house: House, contest: ContestId) -> None:
    with closing_with_reason():
        token = await _token(socket, house, contest)
        desk = await house.desks.desk(contest)
    with house.sockets.letting_in("display"), house.revocations.watching(token) as revoked:
        await _stream(socket, house, desk, token, revoked)


async def _token(socket: WebSocket, house: House, contest: ContestId) -> Token:
    """The screen's token: by header, or else by its first message. Raises Closing."""
    known = await known_by(socket.headers, house) if "authorization" in socket.headers else None
    if known is None:
        hello = await first_message(socket, read, house.settings.hello_timeout_s)
        if not isinstance(hello, ScreenHello):
            raise Closing(BAD_HELLO)
        known = await house.stores.tokens.look_up(hello.token, house.now_us()) if hello.token else None
    if not isinstance(known, Token) or known.role != "display" or known.contest != contest:
        raise Closing(NOT_ALLOWED)
    return known


async def _stream(socket: WebSocket, house: House, desk: Desk, token: Token, revoked: asyncio.Event) -> None:
    session = ScreenSession(house.settings.bad_messages_max)
    await until_one_ends(
        _read(socket, house, desk, token, session),
        _write(socket, house, desk, token, session),
        close_when(revoked, NOT_ALLOWED),
    )


async def _read(socket: WebSocket, house: House, desk: Desk, token: Token, session: ScreenSession) -> None:
    """Keep what the screen says of itself where every server finds it."""
    pace, since_us = Pace(MESSAGES_PER_S, house.now_us()), house.now_us()
    while True:
        try:
            said = session.receive(await received(socket))
        except BadMessage:
            raise Closing(BAD_MESSAGES) from None
        if isinstance(said, ScreenShown):
            await _keep(house, desk.contest.id, token, said, since_us)
        await asyncio.sleep(pace.delay_s(1, house.now_us()))


async def _keep(house: House, contest: ContestId, token: Token, shown: ScreenShown, since_us: int) -> None:
    now_us = house.now_us()
    report = Report(shown.scene, shown.position, shown.width, shown.height, now_us, since_us)
    with suppress(LimitExceeded, LedgerFault):  # it only tells; the next one is five seconds away
        document = msgspec.json.encode(report).decode()
        await house.stores.notes.put(contest, "screen", token.id, document, now_us + REPORT_LASTS_US, now_us)


async def _write(socket: WebSocket, house: House, desk: Desk, token: Token, session: ScreenSession) -> None:
    """Tell what to show at once, and whenever it is something else; a beat when there is nothing to tell."""
    beat_s, now_s = house.settings.beat_interval_ms / 1000, asyncio.get_running_loop().time
    beat_at_s = now_s() + beat_s
    while not desk.closed.is_set():
        painted, now_us = desk.board.painted, house.now_us()
        showing = desk.contest.staging.now(token.id, now_us)
        if session.is_new(showing):
            position = desk.contest.position
            await say(socket, encode(program_message(token.id, token.label, desk.contest.id, position, showing, now_us)))
            beat_at_s = now_s() + beat_s
            continue
        due_s = None if showing.until_us is None else max(0.001, (showing.until_us - now_us) / 1e6)
        await woken(painted, beat_at_s if due_s is None else min(beat_at_s, now_s() + due_s))
        if now_s() >= beat_at_s:
            await say(socket, encode(Beat(desk.contest.position, text_of_us(house.now_us()))))
            beat_at_s = now_s() + beat_s
    raise Closing(RESTARTING)
