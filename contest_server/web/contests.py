"""What anybody may read about a contest: what it is, who takes part, and why a score is what it is."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request

from contest_server.core.contest import Contest
from contest_server.core.definition import Definition, Text, Ties
from contest_server.core.explanation import explain
from contest_server.core.facts import ContestantId, ContestId, StageId
from contest_server.core.rows import plain_decimal
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.live.turns import Turns
from contest_server.web.access import require_reader
from contest_server.web.case_documents import flag_document
from contest_server.web.errors import ApiError, NotAllowed
from contest_server.web.house import House, house_of
from contest_server.web.languages import document_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests", tags=["contests"])

HouseNeeded = Annotated[House, Depends(house_of)]


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


@router.get("/{contest}/roster", dependencies=[needs("contest.read")])
async def roster(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Who takes part, with the names that the ledger does not hold."""
    desk, definition = await _adopted(house, contest)
    people = await house.stores.people.roster(ContestId(contest))
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
    return {"version": max(people.version, desk.board.roster_version), "contestants": contestants}


@router.get("/{contest}/scores/{contestant}/{stage}", dependencies=[needs("scores.read", more="inside.read")])
async def score(request: Request, contest: str, contestant: str, stage: str, house: HouseNeeded) -> dict[str, Any]:
    """Why this score is what it is: rules with their versions, inputs used and ignored, the arithmetic, and the raw events.

    While the board is frozen, staff and officials alone may ask.
    """
    desk, definition = await _adopted(house, contest)
    await _only_staff_while_frozen(request, house, desk.contest)
    explanation = explain(desk.contest, ContestantId(contestant), StageId(stage))
    if explanation is None:
        raise ApiError(404, "no_attempt", Said("{contestant!r} has no events at stage {stage!r}", contestant=contestant, stage=stage))
    aspects = next((each.aspects for each in definition.stages if each.id == stage), [])
    names = {each.id: _text(each.name, each.id) for each in aspects}
    return cast(dict[str, Any], document_of(explanation)) | {"aspects": names}


@router.get("/{contest}/flags", dependencies=[needs("inside.read")])
async def flags(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Every question for the referees, answered ones too. For staff and officials."""
    desk, _ = await _adopted(house, contest)
    questions = await desk.queue.questions()
    answers = desk.contest.office.rulings.answers()
    turns, found, position = Turns(), list[dict[str, Any]](), desk.contest.position
    for flag in questions:
        found.append(flag_document(flag, answers))
        await turns.next()
    return {"position": position, "flags": found}


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
