"""The contest at any moment of its past, as the public saw it: for replays. The gate of that moment holds, and the gate of now.

Of a long contest whose past is not at hand yet, the answer is how far it has been read: soon enough for a page to say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from contest_server.core.facts import ContestId
from contest_server.core.history import History, Moment, Past, fewer_clears
from contest_server.core.ranking import Ranking, has_rank
from contest_server.core.rows import first_document
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us, us_of
from contest_server.live.archive import StillReading
from contest_server.live.desk import Desk
from contest_server.live.totals import Totals
from contest_server.live.turns import Turns
from contest_server.live.wholes import with_rank
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.patience import ask_again
from contest_server.web.rights import needs
from contest_server.wire.limits import TIME_MAX_US

router = APIRouter(prefix="/api/contests/{contest}", tags=["board"])

HouseNeeded = Annotated[House, Depends(house_of)]

MOMENTS_MAX = 5_000


async def _history(house: House, contest: str) -> tuple[Desk, History]:
    """Raises ApiError where it takes longer than somebody would wait."""
    desk = await house.desks.desk(ContestId(contest))
    try:
        return desk, await house.archive.of(desk, house.stores.ledger)
    except StillReading as reading:
        said = Said("the past is still being read: {told} of {of} entries; ask again", told=reading.told, of=reading.of)
        raise ask_again("still_reading", said, told=reading.told, of=reading.of) from None


@router.get("/history", response_model=dict[str, Any], dependencies=[needs("board.read")])
async def history_at(
    contest: str,
    house: HouseNeeded,
    at: Annotated[str, Query(max_length=40, description="a position, or a time as ISO 8601 with a zone")],
    after: Annotated[int, Query(ge=0, description="the `to` of an answer: only rows that differ from then on are answered")] = 0,
) -> Response:
    """The public board as it was then: the same frame as of the board, with ranks. While the board is frozen, nothing beyond the freeze.

    Of a long contest not every position is kept: `to` says which one it is, the last one before. Where `after` is none of them, everything
    is answered (`from` 0).
    """
    desk, history = await _history(house, contest)
    position, at_us = _where(history, at)
    past = history.past(position, after)
    if past is None:
        raise ApiError(404, "no_board_yet", Said("there was no board at {at!r}; it begins with the first definition", at=at))
    return Response(await _frame(past, at_us, desk.board.epoch), media_type="application/json")


@router.get("/timeline", response_model=dict[str, Any], dependencies=[needs("board.read")])
async def timeline(contest: str, house: HouseNeeded) -> Response:
    """Where a replay can go: clears, first clears and changes of the lead as the public saw them, with position and time."""
    _, history = await _history(house, contest)
    document = {
        "position": history.position,
        "from": text_of_us(history.time_of(1)),
        "to": text_of_us(history.time_of(history.position)),
        "total": history.noted,
        "moments": [_moment(each) for each in _chosen(history.moments)],
    }
    return Response(msgspec.json.encode(document), media_type="application/json")


def _chosen(moments: Sequence[Moment]) -> Sequence[Moment]:
    """The rare ones are worth more."""
    return moments if len(moments) <= MOMENTS_MAX else fewer_clears(moments, MOMENTS_MAX)


def _moment(each: Moment) -> dict[str, Any]:
    return {
        "position": each.position,
        "at": text_of_us(each.at_us),
        "kind": each.kind,
        "contestant": each.contestant,
        "stage": each.stage,
        "before": each.before,
    }


def _where(history: History, at: str) -> tuple[int, int]:
    """The position that is meant, and the time (µs). Raises ApiError."""
    if at.isascii() and at.isdigit() and len(at) <= 15:
        position = min(int(at), history.position)
        return position, history.time_of(position)
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
        if moment.tzinfo is not None and 0 <= us_of(moment) <= TIME_MAX_US:
            return history.position_at(us_of(moment)), us_of(moment)
    except (ValueError, OverflowError):
        pass
    raise ApiError(400, "bad_request", Said("at: expected a position, or a time such as 2026-11-22T09:03:12Z"))


async def _frame(past: Past, at_us: int, epoch: str) -> bytes:
    """The frame as JSON. It may be of some megabytes, and holds up nobody."""
    ranking, totals, turns, rows = Ranking(), Totals(), Turns(), list[bytes]()
    for contestant, row in past.rows.items():
        ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
        totals.add(row)
        await turns.next()
    for contestant in ranking:
        if contestant in past.changed:
            rows.append(with_rank(ranking.rank_of(contestant), msgspec.json.encode(past.rows[contestant].row)))
            await turns.next()
    document = {
        "epoch": epoch,
        "type": "frame",
        "from": past.after,
        "to": past.position,
        "total": len(past.rows),
        "state": _state(past, at_us, totals.document(ranking, past.rows)),
        "gone": sorted(past.gone),
    }
    return b"".join((msgspec.json.encode(document)[:-1], b',"rows":[', b",".join(rows), b"]}"))


def _state(past: Past, at_us: int, venues: dict[str, dict[str, Any]]) -> dict[str, Any]:
    clock = past.about.clock
    return {
        "now": text_of_us(at_us),
        "elapsed_ms": clock.elapsed_ms(at_us),
        "phase": clock.phase(at_us),
        "started": None if clock.start_us is None else text_of_us(clock.start_us),
        "duration_ms": clock.duration_ms,
        "frozen": past.about.frozen,
        "final": past.about.final,
        "definition": past.about.definition,
        "venues": venues,
        "first": {stage: first_document(*first) for stage, first in sorted(past.first.items())},
    }
