"""Publication over HTTP, and corrections: what changed afterwards is told as a correction; to the public not while the board is frozen."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request

from contest_server.core.acts import Published
from contest_server.core.contest import Contest
from contest_server.core.corrections import Notice, notices_of, publications
from contest_server.core.ids import ActId, ContestId
from contest_server.core.judged_before import is_as_published
from contest_server.core.proceedings import publish
from contest_server.core.remembered import PublishedBoard
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.web.access import person_of, require_audience
from contest_server.web.entering import Statement, enter
from contest_server.web.errors import ApiError, NotAllowed
from contest_server.web.house import House, house_of
from contest_server.web.reckoned import once_a_position
from contest_server.web.rights import needs, official_of

router = APIRouter(prefix="/api/contests/{contest}", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]

NOTICES_MAX = 2_000
"""The latest are told, and how many more there are."""


@router.post("/publish", dependencies=[needs("result.publish")])
async def publish_result(request: Request, contest: str, order: Statement, house: HouseNeeded) -> dict[str, Any]:
    """Publish the result as it stands at this position. For the chief referee."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    filed = await enter(house, desk, person, Published(ActId(order.id), 0, person.id), publish)
    board = next(each for each in desk.contest.published if each.act.id == order.id)
    return {"position": filed.position, "published": _published(board)}


@router.get("/corrections", dependencies=[needs("scores.read", more="inside.read")])
async def corrections(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """What was published last, and every published result that is another now, with the reason. For officials while the board is frozen."""
    desk = await house.desks.desk(ContestId(contest))
    if desk.contest.frozen is not None:
        await _check_insider(request, house, ContestId(contest))
    return _corrections(desk.contest)


async def _check_insider(request: Request, house: House, contest: ContestId) -> None:
    """Officials and staff. Raises ApiError."""
    if await person_of(request, house, contest) is not None:
        return
    try:
        await require_audience(request.headers, house, contest, "staff")
    except NotAllowed:
        raise ApiError(403, "frozen", Said("the board is frozen; corrections are shown again after the thaw")) from None


@once_a_position
def _corrections(contest: Contest) -> dict[str, Any]:
    boards = publications(contest)
    notices = [_notice(each, contest) for each in notices_of(contest)]
    notices.sort(key=lambda each: (each["position"], each["contestant"]))
    return {
        "published": _published(boards[-1]) if boards else None,
        "notices": notices[-NOTICES_MAX:],
        "more": max(0, len(notices) - NOTICES_MAX),
    }


def _published(board: PublishedBoard) -> dict[str, Any]:
    at = text_of_us(board.act.at_us)
    otherwise = not is_as_published(board)
    return {"position": board.position, "at": at, "official": board.act.official, "digest": board.digest, "judged_otherwise": otherwise}


def _notice(notice: Notice, contest: Contest) -> dict[str, Any]:
    """A correction as JSON. Where several entries brought it about, the last one is named."""
    cause = notice.because[-1] if notice.because else None
    return {
        "position": contest.position if cause is None else cause.position,
        "at": None if cause is None else text_of_us(cause.at_us),
        "contestant": notice.contestant,
        "before": msgspec.to_builtins(notice.before),
        "after": msgspec.to_builtins(notice.after),
        "because": None if cause is None else {"ruling": cause.ruling, "reason": cause.reason or cause.what},
    }
