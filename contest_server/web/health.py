"""Whether this server lives, and whether it can take events. Refuses to be called ready by anything but an answer of the ledger.

Live: the process answers, so its event loop is not stuck. Restart what is not live. Ready: send people there. What is not ready says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from contest_server.core.ids import ContestId
from contest_server.live.desk import Desk
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs
from contest_server.web.upgrades import otherwise

router = APIRouter(prefix="/health", tags=["health"])

CONTESTS_TOLD_MAX = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Why this server is not ready. `code` is one of draining, opening, ledger_silent, ledger_fault, desk_opening, desk_closed."""

    code: str
    detail: str
    contest: str | None = None


@router.get("/live", dependencies=[needs("pages.read")])
async def live() -> dict[str, str]:
    """The process answers: its event loop is not stuck."""
    return {"status": "live"}


@router.get("/ready", dependencies=[needs("pages.read")], responses={503: {"description": "not ready: `reasons` says why"}})
async def ready(response: Response, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """The ledger can be written to within two seconds, and the desk of each contest that somebody asked for is up.

    A contest that cannot be opened on any server, because its rules are not installed say, is named as `unusable`: the others go on.
    `judged_otherwise`, where there is one, names those of which another program told another result, and nothing was published since.
    """
    reasons = await reasons_against(house)
    if not reasons:
        unusable = house.desks.unusable[:CONTESTS_TOLD_MAX]
        return {"status": "ready", "contests": len(house.desks.open), "unusable": unusable, **_judged_otherwise(house.desks.open)}
    response.status_code = 503
    detail = "; ".join(each.detail for each in reasons)
    return {"status": "not_ready", "code": "not_ready", "detail": detail, "reasons": [asdict(each) for each in reasons]}


async def reasons_against(house: House) -> list[Reason]:
    """Everything that speaks against sending anybody here; a server that ends says nothing else."""
    if house.is_draining:
        return [Reason("draining", "this server ends; others go on")]
    reasons = [Reason("opening", "contests are being opened")] if house.desks.is_opening else []
    trouble = await house.ledger_watch.trouble()
    if trouble is not None:
        reasons.append(Reason(trouble.code, trouble.detail))
    unusable = house.desks.unusable
    return [*reasons, *_of_desks({contest: desk for contest, desk in house.desks.open.items() if contest not in unusable})]


def _judged_otherwise(desks: Mapping[ContestId, Desk]) -> dict[str, Any]:
    """How many contestants an upgrade moved, in which contests; nothing at all where it moved nobody."""
    found = [(contest, otherwise(desk)) for contest, desk in desks.items() if desk.differences]
    names = ("before", "after", "contestants", "grave")
    told = [{"contest": contest, **{name: short[name] for name in names}} for contest, short in found if short is not None]
    return {"judged_otherwise": told[:CONTESTS_TOLD_MAX]} if told else {}


def _of_desks(desks: Mapping[ContestId, Desk]) -> list[Reason]:
    reasons = []
    for contest, desk in desks.items():
        if desk.closed.is_set():
            reasons.append(Reason("desk_closed", f"the desk of {contest} has ended and is opened again; the log says why", contest))
        elif not desk.ready.is_set():
            reasons.append(Reason("desk_opening", f"the desk of {contest} reads its ledger, now at {desk.contest.position}", contest))
    return reasons[:CONTESTS_TOLD_MAX]
