"""The contest at any moment of its past, as the public saw it: for replays. The gate of that moment holds, and the gate of now."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from contest_server.core.facts import ContestId
from contest_server.core.history import History, Past, TooLong
from contest_server.core.ranking import Ranking, has_rank
from contest_server.core.rows import as_document
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us, us_of
from contest_server.live.desk import Desk
from contest_server.live.totals import Totals
from contest_server.web.errors import ApiError, sentence_of
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["board"])

HouseNeeded = Annotated[House, Depends(house_of)]

MOMENTS_MAX = 5_000


async def _history(house: House, contest: str) -> tuple[Desk, History]:
    desk = await house.desks.desk(ContestId(contest))
    try:
        return desk, await house.archive.of(desk, house.stores.ledger)
    except TooLong as error:
        raise ApiError(503, "too_long", Said("{error}; export the ledger and replay it elsewhere", error=sentence_of(error))) from None


@router.get("/history", dependencies=[needs("board.read")])
async def history_at(
    contest: str,
    house: HouseNeeded,
    at: Annotated[str, Query(max_length=40, description="a position, or a time as ISO 8601 with a zone")],
    after: Annotated[int | None, Query(ge=0, description="a position: only rows that differ from then on are answered")] = None,
) -> dict[str, Any]:
    """The public board as it was then: the same frame as of the board, with ranks. While the board is frozen, nothing beyond the freeze."""
    desk, history = await _history(house, contest)
    position, at_us = _where(history, at)
    past = history.past(position, after)
    if past is None:
        raise ApiError(404, "no_board_yet", Said("there was no board at {at!r}; it begins with the first definition", at=at))
    return {"epoch": desk.board.epoch, **_frame(past, at_us, after)}


@router.get("/timeline", dependencies=[needs("board.read")])
async def timeline(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Where a replay can go: clears, first clears and changes of the lead as the public saw them, with position and time."""
    _, history = await _history(house, contest)
    chosen = history.moments
    if len(chosen) > MOMENTS_MAX:  # the rare ones are worth more
        rare = [each for each in chosen if each.kind != "clear"][:MOMENTS_MAX]
        step = -(-len(chosen) // max(1, MOMENTS_MAX - len(rare)))
        chosen = sorted([*rare, *[each for each in chosen if each.kind == "clear"][::step]], key=lambda each: each.position)
    return {
        "position": history.position,
        "from": text_of_us(history.time_of(1)),
        "to": text_of_us(history.time_of(history.position)),
        "total": len(history.moments),
        "moments": [
            {
                "position": each.position,
                "at": text_of_us(each.at_us),
                "kind": each.kind,
                "contestant": each.contestant,
                "stage": each.stage,
                "before": each.before,
            }
            for each in chosen
        ],
    }


def _where(history: History, at: str) -> tuple[int, int]:
    """The position that is meant, and the time (µs). Raises ApiError."""
    if at.isascii() and at.isdigit() and len(at) <= 15:
        position = min(int(at), history.position)
        return position, history.time_of(position)
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
        if moment.tzinfo is not None:
            return history.position_at(us_of(moment)), us_of(moment)
    except (ValueError, OverflowError):
        pass
    raise ApiError(400, "bad_request", Said("at: expected a position, or a time such as 2026-11-22T09:03:12Z"))


def _frame(past: Past, at_us: int, after: int | None) -> dict[str, Any]:
    ranking, totals = Ranking(), Totals()
    for contestant, row in past.rows.items():
        ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
        totals.add(row)
    shown = [each for each in ranking if after is None or each in past.changed]
    return {
        "type": "frame",
        "from": after or 0,
        "to": past.position,
        "total": len(past.rows),
        "state": _state(past, at_us, totals.document(ranking, past.rows)),
        "rows": [{"rank": ranking.rank_of(each), **as_document(past.rows[each])} for each in shown],
        "gone": sorted(past.gone),
    }


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
        "first": {stage: {"contestants": who, "ms": ms} for stage, (who, ms) in sorted(past.first.items())},
    }
