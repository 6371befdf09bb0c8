"""What anybody may read about a contest: what it is, who takes part, and why a score is what it is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Annotated, Any, cast
from weakref import WeakKeyDictionary

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from contest_server.core.contest import Contest
from contest_server.core.definition import Definition, Text, Ties
from contest_server.core.explanation import Explanation, explain
from contest_server.core.facts import ContestantId, ContestId, StageId
from contest_server.core.flags import Flag
from contest_server.core.rows import plain_decimal
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.ledger.people import Roster
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.live.shared_work import SharedWork
from contest_server.live.turns import Turns
from contest_server.web.access import require_reader
from contest_server.web.case_documents import flag_document
from contest_server.web.errors import ApiError, NotAllowed
from contest_server.web.house import House, house_of
from contest_server.web.languages import document_of
from contest_server.web.patience import STILL_ASKING, WAITS_S, ask_again
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests", tags=["contests"])

HouseNeeded = Annotated[House, Depends(house_of)]

Asked = tuple[int, Sequence[Flag]]
"""Every question of a contest, and the position as of which they were found."""
_asking = SharedWork[Desk, Asked]()
"""It is work after a start and in large contests that move, and soon done elsewhere."""
_asked: WeakKeyDictionary[Desk, Asked] = WeakKeyDictionary()
"""What was found last."""


@router.get("", dependencies=[needs("contest.read")])
async def list_contests(house: HouseNeeded) -> dict[str, Any]:
    """Every contest that has a definition."""
    found = []
    for name in await house.desks.names():
        try:
            contest = (await house.desks.desk(name)).contest
        except DeskClosed:
            continue  # the log says what is wrong with it; the others are shown
        if contest.definition is not None:
            phase = contest.clock.phase(house.now_us())
            found.append({"id": name, "name": _text(contest.definition.contest.name), "phase": phase})
    return {"contests": found}


@router.get("/{contest}", dependencies=[needs("contest.read")])
async def contest_info(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """What a display needs to know before its first frame."""
    desk, definition = await _adopted(house, contest)
    about, clock = definition.contest, desk.contest.clock
    return {
        "id": contest,
        "name": _text(about.name),
        "organiser": _text(about.organiser),
        "starts": None if clock.start_us is None else text_of_us(clock.start_us),
        "duration_ms": clock.duration_ms,
        "epoch": desk.board.epoch,
        "definition": desk.contest.version,
        "languages": about.languages,
        "venues": [{"id": venue.id, "name": _text(venue.name, venue.id), "colour": venue.colour} for venue in definition.venues],
        "stages": [
            {"id": stage.id, "name": _text(stage.name, stage.id), "points": plain_decimal(stage.value), "group": stage.group}
            for stage in definition.stages
        ],
        "ranking": [{"by": link.by, "order": "desc" if link.descending else "asc", "unit": link.unit} for link in definition.ranking],
        "medals": _medals(definition.ties or Ties()),
    }


@router.get("/{contest}/roster", response_model=dict[str, Any], dependencies=[needs("contest.read")])
async def roster(contest: str, house: HouseNeeded) -> Response:
    """Who takes part, with the names that the ledger does not hold. It is written once for all who ask, and as it is: the framework would
    look at each value of it for a second where thousands take part.
    """
    desk, definition = await _adopted(house, contest)
    people = await house.rosters.of(ContestId(contest))
    version = max(people.version, desk.board.roster_version)
    known = _written.get(desk)
    if known is None or known.version != version or known.definition is not definition or known.people is not people:
        known = _written[desk] = Written(version, definition, people, _roster(version, definition, people))
    return Response(known.text, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Written:
    """A roster as text, and of what it was made."""

    version: int
    definition: Definition
    people: Roster
    text: bytes


_written: WeakKeyDictionary[Desk, Written] = WeakKeyDictionary()


def _roster(version: int, definition: Definition, people: Roster) -> bytes:
    documents = {person.contestant: person.document for person in people.people}
    home = definition.venues[0].id
    contestants = [
        {
            "id": each.id,
            "name": _text(None, each.id),
            "venue": each.venue or home,
            "status": each.status,
            **documents.get(ContestantId(each.id), {}),
        }
        for each in definition.contestants
    ]
    return msgspec.json.encode({"version": version, "contestants": contestants})


@router.get("/{contest}/scores/{contestant}/{stage}", dependencies=[needs("scores.read", more="inside.read")])
async def score(request: Request, contest: str, contestant: str, stage: str, house: HouseNeeded) -> dict[str, Any]:
    """Why this score is what it is: rules with their versions, inputs used and ignored, the arithmetic, and the raw events.

    While the board is frozen, staff and officials alone may ask.
    """
    desk, definition = await _adopted(house, contest)
    await _only_staff_while_frozen(request, house, desk.contest)
    explanation = await explained(desk, ContestantId(contestant), StageId(stage))
    await _only_staff_while_frozen(request, house, desk.contest)  # since then nothing was looked at: a freeze may come at any time
    if explanation is None:
        raise ApiError(404, "no_attempt", Said("{contestant!r} has no events at stage {stage!r}", contestant=contestant, stage=stage))
    aspects = next((each.aspects for each in definition.stages if each.id == stage), [])
    names = {each.id: _text(each.name, each.id) for each in aspects}
    return cast(dict[str, Any], document_of(explanation)) | {"aspects": names}


async def explained(desk: Desk, contestant: ContestantId, stage: StageId) -> Explanation | None:
    """The explanation of a score as it is now; None where there is none. What judges ask about everybody at the stage is found aside."""
    if stage not in desk.contest.fields:
        return None
    asked = await desk.queue.about_stage(stage)
    return explain(desk.contest, contestant, stage, asked)


@router.get("/{contest}/flags", dependencies=[needs("inside.read")])
async def flags(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Every question for the referees, answered ones too. For staff and officials."""
    desk, _ = await _adopted(house, contest)
    position, questions = await asked_lately(desk)
    answers = desk.contest.office.rulings.answers()
    turns, found = Turns(), list[dict[str, Any]]()
    for flag in questions:
        found.append(flag_document(flag, answers))
        await turns.next()
    return {"position": position, "flags": found}


async def asked_lately(desk: Desk) -> Asked:
    """Every question as it is now; where that takes longer than somebody would wait, as it was found last. Raises ApiError where nothing
    was found yet.
    """
    since = desk.contest.position
    with suppress(TimeoutError):
        async with asyncio.timeout(WAITS_S):
            while (found := await _asking.of(desk, partial(_ask, desk)))[0] < since:
                pass  # what was under way had been begun before
            return found
    known = [each for each in (_asked.get(desk), desk.queue.asked_last) if each is not None]
    if not known:
        raise ask_again("still_asking", STILL_ASKING)
    return max(known, key=itemgetter(0))


async def _ask(desk: Desk) -> Asked:
    position = desk.contest.position
    found = _asked[desk] = position, await desk.queue.questions()
    return found


async def _adopted(house: House, contest: str) -> tuple[Desk, Definition]:
    desk = await house.desks.desk(ContestId(contest))
    if desk.contest.definition is None:
        raise ApiError(404, "no_definition", Said("contest {contest!r} has no definition yet; adopt one", contest=contest))
    return desk, desk.contest.definition


async def _only_staff_while_frozen(request: Request, house: House, contest: Contest) -> None:
    if contest.frozen is None:
        return
    try:
        await require_reader(request, house, contest.id)
    except NotAllowed:
        raise ApiError(403, "frozen", Said("the board is frozen; scores are shown again after the thaw")) from None


def _medals(ties: Ties) -> dict[str, Any]:
    """How many golds, silvers and bronzes there are, and within how many points of the first of a medal one shares it."""
    return {"counts": ties.medals, "delta": plain_decimal(ties.medal_delta)}


def _text(text: Text | None, instead: str | None = None) -> dict[str, str] | None:
    if text is not None:
        return {"zh": text.zh, "en": text.en}
    return None if instead is None else {"zh": instead, "en": instead}
