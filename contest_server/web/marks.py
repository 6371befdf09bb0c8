"""Marks that referees give alone, over HTTP: what is still to be marked, and a mark. Nobody sees another's mark before all are in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints

from contest_server.core.actors import Actor
from contest_server.core.acts import Marked
from contest_server.core.contest import Contest
from contest_server.core.definition import AspectDef
from contest_server.core.denials import Denied
from contest_server.core.ids import ActId, AttemptId, ContestantId, ContestId, StageId
from contest_server.core.marking import mark
from contest_server.core.marks import Sheaf, sheaf_of
from contest_server.core.rows import plain_decimal
from contest_server.core.saying import Said
from contest_server.core.sheet import Sheet
from contest_server.live.turns import Turns
from contest_server.web.blind import codes_on_work
from contest_server.web.callers import Person
from contest_server.web.entering import Name, Statement, enter
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs, official_of, reader_of

router = APIRouter(prefix="/api/contests/{contest}/marks", tags=["rulings"])

TASKS_MAX = 2_000

HouseNeeded = Annotated[House, Depends(house_of)]


class MarkOrder(Statement):
    """A mark on an aspect of an attempt; for blind work the code on it, without contestant and attempt."""

    contestant: Name | None = None
    code: Name | None = None
    stage: Name
    attempt: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    aspect: Name
    value: str = Field(min_length=1, max_length=200)


@router.get("", dependencies=[needs("cases.read")])
async def tasks(request: Request, contest: str, house: HouseNeeded) -> dict[str, Any]:
    """What is there to mark, with one's own marks; of others' only how many are in. What waits for one's own mark comes first, and what is
    complete last; `more` are left out. For officials and auditors.
    """
    person = reader_of(request)
    now = (await house.desks.desk(ContestId(contest))).contest
    if now.office.codes.next_to_reveal:
        several = iter([list(_of_codes(now, person, await codes_on_work(house, now)))])
    else:
        several = _of_contestants(now, person)
    found, turns = list[dict[str, Any]](), Turns()
    for each in several:
        found += each
        await turns.next()
    found.sort(key=lambda task: (task["complete"], task["mine"] is not None))
    return {"tasks": found[:TASKS_MAX], "more": max(0, len(found) - TASKS_MAX)}


@router.post("", dependencies=[needs("mark.give")])
async def give(request: Request, contest: str, order: MarkOrder, house: HouseNeeded) -> dict[str, Any]:
    """Give a mark. It can be given anew until all are in; then only a ruling changes it."""
    person = official_of(request)
    desk = await house.desks.desk(ContestId(contest))
    said = Marked(
        id=ActId(order.id),
        at_us=0,
        official=person.id,
        stage=StageId(order.stage),
        aspect=order.aspect,
        value=order.value.strip(),
        contestant=None if order.contestant is None else ContestantId(order.contestant),
        attempt=None if order.attempt is None else AttemptId(order.attempt),
        code=order.code,
    )

    codes = await codes_on_work(house, desk.contest)

    def decide(now: Contest, actor: Actor, act: Marked) -> Marked | None:
        if codes and act.code is not None and act.code not in codes and act.id not in now.office.acts:
            raise Denied("bad_mark", Said("code: {code!r} is on nobody's work; read it again", code=act.code))
        return mark(now, actor, act)

    filed = await enter(house, desk, person, said, decide)
    return {"position": filed.position, "complete": _is_complete(desk.contest, said)}


def _is_complete(contest: Contest, marked: Marked) -> bool:
    """Whether all marks of this aspect are in; unknown, and so no, while its code is not revealed."""
    if marked.contestant is None or marked.attempt is None:
        return False
    aspect = next(each for each in contest.fields[marked.stage].rules.definition.aspects if each.id == marked.aspect)
    return sheaf_of(aspect, marked.attempt, contest.office.marks_of(marked.contestant, marked.stage)).complete


def _of_contestants(contest: Contest, person: Person | None) -> Iterator[list[dict[str, Any]]]:
    """The tasks of one contestant after the other, in the order of their ids. None of those whom this official does not mark."""
    for contestant in sorted(contest.sheets):
        if (person is None or contestant not in person.recused) and (sheet := contest.sheets.get(contestant)) is not None:
            yield list(_of_sheet(contest, sheet, person))


def _of_sheet(contest: Contest, sheet: Sheet, person: Person | None) -> Iterator[dict[str, Any]]:
    assert contest.bench is not None, "whoever has a sheet is in a definition"
    for stage in sheet.entries:
        for attempt, sheaf in sheet.sheaves(stage, contest.bench):
            if attempt.outcome is not None:
                yield {"contestant": sheet.contestant, "code": None, "attempt": attempt.id, **_task(stage, sheaf, person)}


def _of_codes(contest: Contest, person: Person | None, codes: list[str]) -> Iterator[dict[str, Any]]:
    """Whose work a code stands for is nobody's business yet: every code may be marked at every marked aspect."""
    for stage, field in contest.fields.items():
        given = contest.office.marks_at(stage)
        for aspect in field.rules.definition.aspects:
            if aspect.id not in field.rules.marked:
                continue
            for code in codes:
                marks = {each.official: each for each in given if each.code == code and each.aspect == aspect.id}
                yield {"contestant": None, "code": code, "attempt": None, **_task(stage, Sheaf(aspect, marks), person)}


def _task(stage: StageId, sheaf: Sheaf, person: Person | None) -> dict[str, Any]:
    mine = None if person is None else sheaf.marks.get(person.id)
    return {
        "stage": stage,
        "aspect": sheaf.aspect.id,
        "name": _name(sheaf.aspect),
        "kind": "double_entry" if sheaf.aspect.double_entry else "panel",
        "maximum": plain_decimal(sheaf.aspect.max),
        "in": len(sheaf.marks),
        "panel": sheaf.wanted,
        "mine": None if mine is None else mine.value,
        "complete": sheaf.complete,
    }


def _name(aspect: AspectDef) -> dict[str, str] | None:
    return None if aspect.name is None else {"zh": aspect.name.zh, "en": aspect.name.en}
