"""Appeals over HTTP: filed by an official for a contestant, moved on by the chief referee. A late one is taken, and says so."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from contest_server.core.acts import Appealed, AppealMoved, AppealState
from contest_server.core.appealing import appeal, move_appeal
from contest_server.core.appeals import Appeal, appeals_of
from contest_server.core.contest import Contest
from contest_server.core.ids import ActId, AttemptId, ContestantId, ContestId, OfficialId, StageId
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.web.callers import Person, author_of, contestant_of
from contest_server.web.entering import ActName, Name, Reasoned, Statement, enter, enter_for
from contest_server.web.errors import NotAllowed
from contest_server.web.house import House, house_of
from contest_server.web.rights import caller_of, needs, official_of

router = APIRouter(prefix="/api/contests/{contest}/appeals", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]
Evidence = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class AppealOrder(Statement):
    """An appeal: for whom, about what (a stage, an attempt, a ruling), why, and what proves it."""

    contestant: Name
    stage: Name | None = None
    attempt: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    ruling: ActName | None = None
    text: str = Field(min_length=3, max_length=4_000)
    evidence: list[Evidence] = Field(default=[], max_length=50)


class MoveOrder(Reasoned):
    """Where the appeal goes, who decided (`panel`), and which rulings carry the decision out."""

    to: AppealState
    panel: list[Name] = Field(default=[], max_length=20)
    rulings: list[ActName] = Field(default=[], max_length=100)


@router.get("", dependencies=[needs("appeals.read")])
async def appeals(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """All appeals with what was decided on them, oldest first. For officials; contestants see their own."""
    desk, contestant = await house.desks.desk(ContestId(contest)), contestant_of(caller_of(request))
    shown = [each for each in appeals_of(desk.contest) if contestant in (None, each.filed.contestant)]
    return {"appeals": [appeal_document(each) for each in shown]}


@router.post("", dependencies=[needs("appeal.file")])
async def file(request: Request, contest: str, order: AppealOrder, house: HouseNeeded) -> dict[str, Any]:
    """File an appeal. For officials, and for contestants about their own result."""
    caller = caller_of(request)
    contestant = contestant_of(caller)
    if contestant is not None and contestant != order.contestant:
        raise NotAllowed(Said("you may appeal for yourself only"))
    desk = await house.desks.desk(ContestId(contest))
    said = Appealed(
        id=ActId(order.id),
        at_us=0,
        official=caller.id if isinstance(caller, Person) else OfficialId(f"contestant:{contestant}"),
        contestant=ContestantId(order.contestant),
        text=order.text,
        stage=None if order.stage is None else StageId(order.stage),
        attempt=None if order.attempt is None else AttemptId(order.attempt),
        ruling=None if order.ruling is None else ActId(order.ruling),
        evidence=tuple(order.evidence),
    )
    if isinstance(caller, Person):
        filed = await enter(house, desk, caller, said, lambda now, _, act: appeal(now, act))
    else:
        filed = await enter_for(house, desk, author_of(caller), said, appeal)
    return {"position": filed.position, "appeal": _one(desk.contest, ActId(order.id))}


@router.post("/{name}/moves", dependencies=[needs("appeal.move")])
async def move(request: Request, contest: str, name: str, order: MoveOrder, house: HouseNeeded) -> dict[str, Any]:
    """Let an appeal go on: admitted, under review, decided, to a second level, final. For the chief referee."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = AppealMoved(
        id=ActId(order.id),
        at_us=0,
        official=person.id,
        appeal=ActId(name),
        to=order.to,
        reason=order.reason,
        panel=tuple(map(OfficialId, order.panel)),
        rulings=tuple(map(ActId, order.rulings)),
    )
    moved = await enter(house, desk, person, said, move_appeal)
    return {"position": moved.position, "appeal": _one(desk.contest, ActId(name))}


def appeal_document(appeal: Appeal) -> dict[str, Any]:
    """An appeal as JSON."""
    filed = appeal.filed
    return {
        "id": filed.id,
        "contestant": filed.contestant,
        "stage": filed.stage,
        "attempt": filed.attempt,
        "ruling": filed.ruling,
        "text": filed.text,
        "evidence": filed.evidence,
        "state": appeal.state,
        "official": filed.official,
        "at": text_of_us(filed.at_us),
        "deadline": None if appeal.deadline_us is None else text_of_us(appeal.deadline_us),
        "moves": [_move(each) for each in appeal.moves],
        "rulings": appeal.rulings,
        "next": appeal.next,
        "position": appeal.position,
    }


def _move(move: AppealMoved) -> dict[str, Any]:
    at = text_of_us(move.at_us)
    return {"to": move.to, "official": move.official, "panel": move.panel, "reason": move.reason, "rulings": move.rulings, "at": at}


def _one(contest: Contest, name: ActId) -> dict[str, Any] | None:
    """The appeal as it stands; None where it was undone since."""
    return next((appeal_document(each) for each in appeals_of(contest) if each.filed.id == name), None)
