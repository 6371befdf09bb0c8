"""Publication over HTTP, and corrections: what changed afterwards is told as a correction; to the public not while the board is frozen."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from contest_server.core.acts import Published
from contest_server.core.appeals import deadline_us
from contest_server.core.contest import Contest
from contest_server.core.corrections import Notice, Withdrawal, noticing, publications, withdrawals
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
from contest_server.web.reckoned import ReckonedInTurns
from contest_server.web.rights import needs, official_of

router = APIRouter(prefix="/api/contests/{contest}", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]

NOTICES_MAX = 2_000
"""The latest are told, and how many more there are."""


@router.post("/publish", dependencies=[needs("result.publish")])
async def publish_result(request: Request, contest: str, order: Statement, house: HouseNeeded) -> dict[str, Any]:
    """Publish the result as it stands at this position. For the chief referee, who withdraws it by a ruling: `undo` of the `id`."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    filed = await enter(house, desk, person, Published(ActId(order.id), 0, person.id), publish)
    board = next(each for each in desk.contest.published if each.act.id == order.id)
    return {"position": filed.position, "published": _published(board)}


@router.get("/corrections", response_model=dict[str, Any], dependencies=[needs("scores.read", more="inside.read")])
async def corrections(
    request: Request,
    contest: str,
    house: HouseNeeded,
    contestant: Annotated[str | None, Query(description="what was corrected about this one alone")] = None,
) -> Response:
    """What was published last, what was withdrawn, until when appeals are in time, and every published result that is another now, with the
    reason. For officials while the board is frozen.
    """
    desk = await house.desks.desk(ContestId(contest))
    await _only_insiders_while_frozen(request, house, desk.contest)
    told = await _told.of(desk.contest)
    await _only_insiders_while_frozen(request, house, desk.contest)  # since then nothing was looked at: a freeze may come at any time
    document = told.everything if contestant is None else _document(told.about, told.of.get(contestant, ()))
    return Response(document, media_type="application/json")


async def _only_insiders_while_frozen(request: Request, house: House, contest: Contest) -> None:
    if contest.frozen is not None:
        await _check_insider(request, house, contest.id)


async def _check_insider(request: Request, house: House, contest: ContestId) -> None:
    """Officials and staff. Raises ApiError."""
    if await person_of(request, house, contest) is not None:
        return
    try:
        await require_audience(request.headers, house, contest, "staff")
    except NotAllowed:
        raise ApiError(403, "frozen", Said("the board is frozen; corrections are shown again after the thaw")) from None


@dataclass(frozen=True, slots=True)
class _Told:
    """What was published last and what was withdrawn, and until when appeals are in time (`about`); the whole document, as JSON; and every
    notice in order, as JSON, by contestant.
    """

    about: Mapping[str, Any]
    everything: bytes
    of: Mapping[str, Sequence[msgspec.Raw]]


def _telling(contest: Contest) -> Generator[None, None, _Told]:
    about, position = _about(contest), contest.position
    notices: list[tuple[int, str, msgspec.Raw]] = []
    found = yield from noticing(contest)
    found.reverse()
    while found:  # and let go of one after the other: all at once it would take some milliseconds
        told = _notice(found.pop(), position)
        notices.append((told["position"], told["contestant"], msgspec.Raw(msgspec.json.encode(told))))
        yield
    notices.sort(key=itemgetter(0, 1))
    of = dict[str, list[msgspec.Raw]]()
    for _, contestant, notice in notices:
        of.setdefault(contestant, []).append(notice)
        yield
    return _Told(about, _document(about, [notice for _, _, notice in notices]), of)


_told = ReckonedInTurns(_telling)


def _about(contest: Contest) -> Mapping[str, Any]:
    """All but the notices."""
    boards, until_us = publications(contest), deadline_us(contest)
    return {
        "published": _published(boards[-1]) if boards else None,
        "withdrawn": [_withdrawn(each) for each in withdrawals(contest)],
        "appeals_until": None if until_us is None else text_of_us(until_us),
    }


def _document(about: Mapping[str, Any], notices: Sequence[msgspec.Raw]) -> bytes:
    """As JSON, with the latest of these notices."""
    return msgspec.json.encode({**about, "notices": notices[-NOTICES_MAX:], "more": max(0, len(notices) - NOTICES_MAX)})


def _published(board: PublishedBoard) -> dict[str, Any]:
    at = text_of_us(board.act.at_us)
    otherwise = not is_as_published(board)
    about = {"id": board.act.id, "position": board.position, "at": at, "official": board.act.official}
    return {**about, "digest": board.digest, "judged_otherwise": otherwise}


def _withdrawn(each: Withdrawal) -> dict[str, Any]:
    """A publication that was taken back: which one, and by whom, when and why."""
    by = {"ruling": each.by.id, "at": text_of_us(each.by.at_us), "official": each.by.official, "reason": each.by.reason}
    return {"id": each.board.act.id, "position": each.board.position, "at": text_of_us(each.board.act.at_us), "by": by}


def _notice(notice: Notice, position: int) -> dict[str, Any]:
    """A correction as JSON, found at this position. Where several entries brought it about, the last one is named: `what` was entered, and
    as the `reason` what somebody wrote to it.
    """
    cause = notice.because[-1] if notice.because else None
    return {
        "position": position if cause is None else cause.position,
        "at": None if cause is None else text_of_us(cause.at_us),
        "contestant": notice.contestant,
        "before": msgspec.to_builtins(notice.before),
        "after": msgspec.to_builtins(notice.after),
        "because": None if cause is None else {"ruling": cause.ruling, "what": cause.what, "reason": cause.reason},
    }
