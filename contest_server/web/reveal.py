"""The reveal, step by step and by hand. Each step is an entry with its author, and can be taken back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, ContestId, Draft
from contest_server.core.ranking import Ranking, has_rank
from contest_server.core.rows import as_document
from contest_server.core.unveiling import CannotReveal, next_step, public_ranking, unveil, veil
from contest_server.web.callers import author_of
from contest_server.web.entering import Statement
from contest_server.web.errors import ApiError
from contest_server.web.house import House, house_of
from contest_server.web.reckoned import once_a_position
from contest_server.web.rights import caller_of, needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["screens"])

HouseNeeded = Annotated[House, Depends(house_of)]


class RevealOrder(Statement):
    """`step` 1 reveals the next contestant from the bottom up, -1 takes the last one back. `next` is who the caller believes comes next."""

    step: Literal[1, -1]
    next: str | None = Field(default=None, max_length=64)


@router.post("/reveal", dependencies=[needs("board.freeze")])
async def reveal(request: Request, contest: str, order: RevealOrder, house: HouseNeeded) -> dict[str, Any]:
    """Reveal the next contestant of a frozen board to the public, or take the last step back. Only once the contest is over."""
    author = author_of(caller_of(request))
    desk = await house.desks.desk(ContestId(contest))

    def decide(now: Contest) -> list[Draft]:
        now_us = house.now_us()
        try:
            facts = unveil(now, order.id, now_us, order.next) if order.step == 1 else veil(now, order.id, now_us)
        except CannotReveal as refused:
            raise ApiError(409, refused.code, refused.detail) from None
        return [Draft(now_us, author, fact) for fact in facts]

    position = await desk.decide(decide)
    return {"position": position, **reveal_document(desk.contest)}


@router.get("/reveal", dependencies=[needs("board.read_all")])
async def reveal_state(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """Who comes next, as the public sees them and as they are: what the next step will show. Not for the public."""
    desk = await house.desks.desk(ContestId(contest))
    return {"position": desk.contest.position, **reveal_document(desk.contest)}


@once_a_position
def reveal_document(contest: Contest) -> dict[str, Any]:
    """How far the reveal is, and the next step. `rank_after` is the place on the public board once it was made."""
    frozen = contest.frozen
    if frozen is None:
        return {"frozen": False, "revealed": 0, "left": 0, "last": None, "next": None}
    ranking = public_ranking(contest)
    step, total = next_step(contest, ranking), len(ranking)
    last = next(reversed(contest.unveiled), None)
    state = {"frozen": True, "revealed": len(contest.unveiled), "left": max(0, total - len(contest.unveiled)), "last": last}
    if step is None:
        return {**state, "next": None}
    hidden, true = frozen.rows.get(step.contestant), contest.rows.get(step.contestant)
    return {
        **state,
        "next": {
            "contestant": step.contestant,
            "rank": step.rank,
            "rank_after": _rank_after(contest, ranking, step.contestant),
            "pending": step.pending,
            "passed": len(step.passed),
            "before": None if hidden is None else as_document(hidden),
            "after": None if true is None else as_document(true),
        },
    }


def _rank_after(contest: Contest, ranking: Ranking, contestant: ContestantId) -> int | None:
    """The place in the public ranking if this contestant were shown as they are; afterwards they are."""
    row = contest.rows.get(contestant)
    if row is None:
        return None
    ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
    return ranking.rank_of(contestant)
