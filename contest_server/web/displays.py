"""Displays: the board by socket, frame by frame, or whole for people with curl. The gate decides what an audience sees."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import Response

from contest_server.core.audience import AUDIENCES, Audience
from contest_server.core.facts import ContestId
from contest_server.core.times import text_of_us
from contest_server.live.board import ViewLog
from contest_server.live.desk import Desk
from contest_server.live.seats import Seat
from contest_server.live.views import BadView, View, parse_view
from contest_server.live.wholes import whole_text
from contest_server.web.access import require_audience
from contest_server.web.closing import Closing, close_when, say
from contest_server.web.conversing import closing_with_reason, received, until_one_ends, woken
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of, house_of_socket
from contest_server.web.hub import DisplaySocket, display_socket
from contest_server.web.limits import Limits
from contest_server.web.rights import needs
from contest_server.wire.display import DisplaySession, parse_cursor, position_in
from contest_server.wire.messages import (
    BAD_MESSAGES,
    BAD_VIEW,
    NOT_ALLOWED,
    RESTARTING,
    Beat,
    Close,
)
from contest_server.wire.reading import BadMessage
from contest_server.wire.venue import encode

router = APIRouter(prefix="/api/contests/{contest}/board", tags=["board"])


@router.websocket("", dependencies=[needs("board.read", more="board.read_all")])
async def board_socket(socket: WebSocket, contest: str, audience: str = "public", view: str = "all", after: str = "") -> None:
    """A display's board (see docs/protocol.md). Most displays do not come so far: `crowd_door.py`."""
    house = house_of_socket(socket)
    await house.sockets.serve("display", socket, partial(_serve, socket, house, ContestId(contest), audience, view, after))


async def _serve(socket: WebSocket, house: House, contest: ContestId, audience: str, view: str, after: str) -> None:
    if audience not in AUDIENCES:
        raise Closing(BAD_VIEW)
    with closing_with_reason():
        token = await require_audience(socket.headers, house, contest, audience)
        house.sockets.check_room("display")
        desk = await house.desks.desk(contest)
        cursor = parse_cursor(after, desk.board.epoch)
        await desk.reach(position_in(after, desk.epoch))
        address = _address(socket, audience)
        log = look(house, desk, audience, parse_view(view), address)
    session = DisplaySession(cursor, house.settings.credit_max_frames)
    try:
        with house.sockets.letting_in("display"), house.revocations.watching(token) as revoked:
            direct = display_socket(socket)
            if direct is not None:
                await _sit(direct, house, desk, audience, log, session, None if token is None else revoked)
            else:
                with house.onlookers.present(contest, session):
                    await _stream(socket, house, desk, audience, log, session, revoked)
    finally:
        desk.board.unwatch(audience, log, address)


def _address(socket: WebSocket, audience: Audience) -> str | None:
    """Whose share of views this is; None for the staff, who are known, and for whoever is not limited."""
    limits: Limits = socket.app.state.limits
    return limits.address_of(socket.client.host) if audience == "public" and socket.client else None


def look(house: House, desk: Desk, audience: Audience, view: View, address: str | None) -> ViewLog:
    """The log of this view, kept until `unwatch`, with all that is folded. Raises TooManyViews."""
    log = desk.board.watch(audience, view, house.now_us(), address)
    if log.position < desk.contest.position:
        desk.board.paint(house.now_us())  # what is folded and not painted yet may have been seen elsewhere
    return log


async def _sit(
    direct: DisplaySocket,
    house: House,
    desk: Desk,
    audience: Audience,
    log: ViewLog,
    session: DisplaySession,
    revoked: asyncio.Event | None,
) -> None:
    """Leave it to the stand, until the display leaves or is sent away. Raises WebSocketDisconnect, Closing."""
    with (
        direct.prepared(),
        house.stands.seated(desk, audience, log, direct, session) as seat,
        house.onlookers.present(desk.contest.id, seat),
    ):
        direct.take(seat)
        close = await seat.over if revoked is None else await _over_or_revoked(seat, revoked)
    if close is None:
        raise WebSocketDisconnect(1006)
    raise Closing(close)


async def _over_or_revoked(seat: Seat, revoked: asyncio.Event) -> Close | None:
    async def send_away() -> None:
        await revoked.wait()
        seat.end(NOT_ALLOWED)

    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(send_away())
        close = await seat.over
        waiting.cancel()
    return close


async def _stream(
    socket: WebSocket, house: House, desk: Desk, audience: Audience, log: ViewLog, session: DisplaySession, revoked: asyncio.Event
) -> None:
    """The same over a socket that only the application can write to: of another server than uvicorn."""
    credited = asyncio.Event()
    await until_one_ends(
        _read(socket, house, session, credited),
        _write(socket, house, desk, audience, log, session, credited),
        close_when(revoked, NOT_ALLOWED),
    )


async def _read(socket: WebSocket, house: House, session: DisplaySession, credited: asyncio.Event) -> None:
    bad = 0
    while True:
        text = await received(socket)
        try:
            session.receive(text)
            bad = 0
            credited.set()
        except BadMessage:
            bad += 1
            if bad >= house.settings.bad_messages_max:
                raise Closing(BAD_MESSAGES) from None


async def _write(
    socket: WebSocket, house: House, desk: Desk, audience: Audience, log: ViewLog, session: DisplaySession, credited: asyncio.Event
) -> None:
    """Send what comes after the cursor whenever the socket and the credit allow, and a beat when there is nothing.

    While the ledger owes an answer for longer, nobody knows whether there is nothing: no beat, and the display says that it is stale.
    """
    beat_s, now_s = house.settings.beat_interval_ms / 1000, asyncio.get_running_loop().time
    beat_at_s = 0.0  # at once, where there is nothing to send at first
    while not desk.closed.is_set():
        painted = desk.board.painted
        frame = desk.board.next_frame(audience, log, session.cursor, session.revision) if session.has_credit else None
        if frame is not None:
            session.sent(frame.to, log.revision)
            await say(socket, frame.text(desk.board.epoch))
            beat_at_s = now_s() + beat_s
            continue
        credited.clear()
        if not await woken(painted if session.has_credit else credited, beat_at_s):
            beat_at_s = now_s() + beat_s
            if desk.owed.for_s > beat_s:
                continue
            await say(socket, encode(Beat(session.cursor or 0, text_of_us(house.now_us()))))
    raise Closing(RESTARTING)


@router.get("", response_model=dict[str, Any], dependencies=[needs("board.read", more="board.read_all")])
async def whole_board(
    request: Request,
    contest: str,
    house: Annotated[House, Depends(house_of)],
    audience: Annotated[Audience, Query(description="public, or staff with a token")] = "public",
    view: Annotated[str, Query(description="all, top:N, venue:ID or contestants:ID,ID")] = "all",
) -> Response:
    """The whole frame of a view, with ranks and the digest of the whole board."""
    await require_audience(request.headers, house, ContestId(contest), audience)
    desk = await house.desks.desk(ContestId(contest))
    try:
        seen = parse_view(view)
    except BadView as error:
        raise ApiError(400, "bad_view", sentence_of(error)) from None
    return Response(await whole_text(desk.board, audience, seen, house.now_us()), media_type="application/json")
