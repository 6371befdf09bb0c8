"""Rulings over HTTP: tried out, entered, answered by a second person, reported. Every decision names what it was based on."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from contest_server.core.actors import Actor
from contest_server.core.acts import Override, Ruled, Seconded
from contest_server.core.contest import Contest
from contest_server.core.deciding import preview as try_out
from contest_server.core.deciding import rule, second
from contest_server.core.denials import Denied
from contest_server.core.ids import ActId, ContestantId, ContestId, StageId
from contest_server.core.rulings import Filed
from contest_server.core.supposing import Supposition
from contest_server.live.desk import Desk
from contest_server.web.callers import Person
from contest_server.web.case_documents import case_of
from contest_server.web.entering import Statement, actor_now, enter
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.orders import RulingOrder
from contest_server.web.rejudging import effect_document
from contest_server.web.rights import needs, official_of
from contest_server.wire.ruling_documents import ruling_document

router = APIRouter(prefix="/api/contests/{contest}/rulings", tags=["rulings"])

HouseNeeded = Annotated[House, Depends(house_of)]


class SecondOrder(Statement):
    """A second person's answer; a rejection says why."""

    approve: bool
    reason: str = Field(default="", max_length=1_000)


@router.post("/preview", dependencies=[needs("ruling.enter")])
async def preview(request: Request, contest: str, order: RulingOrder, house: HouseNeeded) -> dict[str, Any]:
    """What a ruling would change now, and whether a second person would be needed. Nothing is entered."""
    person = official_of(request)
    now = (await house.desks.desk(ContestId(contest))).contest
    said = order.ruling(person.id, now.office.moment(house.now_us()))

    async def ask(supposition: Supposition | None) -> dict[str, Any]:
        effect, needs = try_out(now, actor_now(now, person), said, supposition)
        return {"effect": effect_document(effect, now), "needs": needs}

    return await house.suppositions.answer(now, said, ask)


@router.post("", dependencies=[needs("ruling.enter")])
async def rule_on(request: Request, contest: str, order: RulingOrder, house: HouseNeeded) -> dict[str, Any]:
    """Enter a ruling. Refused with the case as it is now where that has changed since it was looked at."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = order.ruling(person.id, house.now_us())
    surveys = await desk.queue.surveys() if said.flags else ()

    async def ask(supposition: Supposition | None) -> Filed:
        def decide(now: Contest, actor: Actor, ruling: Ruled) -> Ruled | None:
            repeated = order.repeated(ruling, now.office.rulings.ruling(ruling.id))
            return rule(now, actor, repeated, order.basis, surveys, supposition)

        return await enter(house, desk, person, said, decide)

    try:
        filed = await house.suppositions.answer(desk.contest, said, ask)
    except Denied as denied:
        if denied.code != "changed" or said.contestant is None or said.stage is None:
            raise
        case = await _case_now(desk, person, said.contestant, said.stage, house.now_us())
        raise ApiError(409, "changed", denied.detail, case=case) from None
    return {"position": filed.position, "ruling": ruling_document(desk.contest, filed)}


@router.post("/{name}/second", dependencies=[needs("ruling.enter")])
async def answer(request: Request, contest: str, name: str, order: SecondOrder, house: HouseNeeded) -> dict[str, Any]:
    """Approve or reject a ruling that waits for a second person. Nobody answers their own."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = Seconded(ActId(order.id), 0, person.id, ActId(name), order.approve, order.reason.strip())
    filed = await enter(house, desk, person, said, second)
    return {"position": filed.position, "ruling": ruling_document(desk.contest, desk.contest.office.acts[ActId(name)])}


@router.get("", dependencies=[needs("cases.read")])
async def report(
    contest: str,
    house: HouseNeeded,
    official: Annotated[str | None, Query(max_length=64)] = None,
    verb: Annotated[str | None, Query(max_length=32)] = None,
    contestant: Annotated[str | None, Query(max_length=64)] = None,
) -> dict[str, Any]:
    """All rulings, newest first, and how often judgements were overridden, by whom and which rules'. For officials."""
    now = (await house.desks.desk(ContestId(contest))).contest
    documents = [ruling_document(now, filed) for filed in now.office.rulings.every()]
    wanted = {"official": official, "contestant": contestant}
    shown = [
        each
        for each in reversed(documents)
        if all(value is None or each[name] == value for name, value in wanted.items()) and verb in (None, each["action"]["verb"])
    ]
    return {"rulings": shown, "overrides": overrides(now), "position": now.position}


async def _case_now(desk: Desk, person: Person, contestant: ContestantId, stage: StageId, now_us: int) -> dict[str, Any] | None:
    """The case; None where there is no work to look at, as for an event that arrived after the end."""
    try:
        return await case_of(desk, person, contestant, stage, now_us)
    except ApiError:
        return None


def overrides(contest: Contest) -> dict[str, Any]:
    """How many judgements were overridden; the rate is of all judged work, with three decimals."""
    found = [each for each in contest.office.rulings.in_force() if isinstance(each.action, Override)]
    judged = sum(len(sheet.cells) for sheet in contest.sheets.values())
    rate = (Decimal(len(found)) / judged).quantize(Decimal("0.001")) if judged else Decimal("0.000")
    return {
        "by_official": dict(sorted(Counter(str(each.official) for each in found).items())),
        "by_rule": dict(sorted(Counter(_rule_of(contest, each) for each in found).items())),
        "count": len(found),
        "judgements": judged,
        "rate": str(rate),
    }


def _rule_of(contest: Contest, ruling: Ruled) -> str:
    """The rule whose answer was overridden: an aspect's, or what decides about the whole stage."""
    assert isinstance(ruling.action, Override), "counted as one"
    rules = contest.fields[ruling.stage].rules if ruling.stage in contest.fields else None
    if rules is None or ruling.action.aspect is None:
        return "outcome" if ruling.action.outcome is not None else "stage"
    return next((each.rule for each in rules.definition.aspects if each.id == ruling.action.aspect), "stage")
