"""Recheck samples over HTTP: drawn by the chief referee with a recorded seed, rechecked member by member by officials."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints

from contest_server.core.actors import Actor
from contest_server.core.acts import Rechecked, Sampled
from contest_server.core.contest import Contest
from contest_server.core.ids import ActId, ContestantId, ContestId
from contest_server.core.proceedings import recheck, sample
from contest_server.core.sampling import Sample, samples_of
from contest_server.web.entering import Name, Reasoned, Statement, enter
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs, official_of

router = APIRouter(prefix="/api/contests/{contest}/samples", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]
SEED_BYTES = 8


class SampleOrder(Statement):
    """The seed may be what was drawn in the hall, from a hat; left out, the server draws one."""

    seed: Annotated[str, StringConstraints(pattern=r"^[\w .:\-]{1,100}$")] | None = None


class RecheckOrder(Reasoned):
    """What a recheck found. Where the result was not right, the reason says what was wrong."""

    contestant: Name
    right: bool


@router.get("", dependencies=[needs("cases.read")])
async def samples(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """All samples with what was found, oldest first. For officials."""
    desk = await house.desks.desk(ContestId(contest))
    return {"samples": [_document(each) for each in samples_of(desk.contest)]}


@router.post("", dependencies=[needs("sample.draw")])
async def draw_sample(request: Request, contest: str, order: SampleOrder, house: HouseNeeded) -> dict[str, Any]:
    """Draw who is rechecked: the first places and a part of all others. For the chief referee."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = Sampled(ActId(order.id), 0, person.id, order.seed or secrets.token_hex(SEED_BYTES), 0, 0, ())

    def decide(now: Contest, actor: Actor, act: Sampled) -> Sampled | None:
        return sample(now, actor, act if order.seed is not None else _with_the_known_seed(now, act))

    filed = await enter(house, desk, person, said, decide)
    return {"position": filed.position, "sample": _one(desk.contest, ActId(order.id))}


@router.post("/{name}/rechecks", dependencies=[needs("sample.recheck")])
async def enter_recheck(request: Request, contest: str, name: str, order: RecheckOrder, house: HouseNeeded) -> dict[str, Any]:
    """Say what the recheck of a member found. For officials."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = Rechecked(ActId(order.id), 0, person.id, ActId(name), ContestantId(order.contestant), order.right, order.reason)
    filed = await enter(house, desk, person, said, recheck)
    return {"position": filed.position, "sample": _one(desk.contest, ActId(name))}


def _with_the_known_seed(contest: Contest, act: Sampled) -> Sampled:
    """Sent again, a sample without a seed is the one that was drawn then."""
    filed = contest.office.acts.get(act.id)
    if filed is None or not isinstance(filed.act, Sampled):
        return act
    return msgspec.structs.replace(act, seed=filed.act.seed)


def _document(sample: Sample) -> dict[str, Any]:
    drawn = sample.drawn
    return {
        "id": drawn.id,
        "seed": drawn.seed,
        "top": drawn.top,
        "percent": drawn.percent,
        "members": [_member(sample, each) for each in dict.fromkeys((*drawn.members, *sorted(sample.found)))],
        "errors_percent": sample.errors_percent,
        "all_needed": sample.all_needed,
        "position": sample.position,
    }


def _member(sample: Sample, contestant: ContestantId) -> dict[str, Any]:
    found = sample.found.get(contestant)
    if found is None:
        return {"contestant": contestant, "right": None, "official": None}
    return {"contestant": contestant, "right": found.right, "official": found.official}


def _one(contest: Contest, name: ActId) -> dict[str, Any] | None:
    """The sample as it stands; None where it was undone since."""
    return next((_document(each) for each in samples_of(contest) if each.drawn.id == name), None)
