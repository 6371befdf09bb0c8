"""A raw entry of the ledger, as it is stored: where every walk back from a figure ends. Refuses marks that are not to be seen yet."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request

from contest_server.core.acts import Marked
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, Event
from contest_server.core.saying import Said
from contest_server.core.times import text_of_us
from contest_server.ledger.codec import decode
from contest_server.web.access import require_reader
from contest_server.web.callers import Person, role_of
from contest_server.web.errors import ApiError, NotAllowed
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}/entries", tags=["contests"])

POSITION_MAX = (1 << 63) - 1


@router.get("/{position}", dependencies=[needs("scores.read", more="inside.read")])
async def entry(
    request: Request,
    contest: str,
    position: Annotated[int, Path(ge=1, le=POSITION_MAX)],
    house: Annotated[House, Depends(house_of)],
) -> dict[str, Any]:
    """The entry as it is stored, with its hash. The public sees events only, and none while the board is frozen; nobody sees a mark of
    somebody else before all are in.
    """
    now = (await house.desks.desk(ContestId(contest))).contest
    found = await house.stores.ledger.sealed(ContestId(contest), position - 1, 1)
    if not found or position > now.position:  # what is not folded yet may stand behind a freeze that is not folded yet
        raise ApiError(404, "no_entry", Said("the ledger ends at entry {position}", position=now.position))
    body = decode(found[0].body)
    if not isinstance(body.fact, Event) or now.frozen is not None:
        await _check_reader(request, house, now, body.fact)
    return {
        "position": found[0].position,
        "author": body.author,
        "received": text_of_us(body.received_us),
        "hash": found[0].hash.hex(),
        "fact": msgspec.json.decode(found[0].body)["fact"],
    }


async def _check_reader(request: Request, house: House, contest: Contest, fact: object) -> None:
    """Raises ApiError where this is not for the one who asks."""
    try:
        reader = await require_reader(request, house, contest.id)
    except NotAllowed:
        raise ApiError(
            403, "not_public", Said("this entry is for officials; events are public, but not while the board is frozen")
        ) from None
    own = isinstance(reader, Person) and isinstance(fact, Marked) and fact.official == reader.id
    if isinstance(fact, Marked) and not own and role_of(reader) != "auditor" and not may_be_seen(contest, fact):
        raise ApiError(403, "hidden", Said("marks are shown once all are in; each referee gives theirs alone"))


def may_be_seen(contest: Contest, mark: Marked) -> bool:
    """Whether all marks are in beside which it was given: on the work that it is about, as far as that is known."""
    contestant, bench = contest.office.codes.contestant_of(mark), contest.bench
    sheet = contest.sheets.get(contestant) if contestant is not None else None
    if sheet is None or bench is None or mark.stage not in sheet.entries or mark.stage not in bench.book.stages:
        return False
    marked = [sheaf for attempt, sheaf in sheet.sheaves(mark.stage, bench) if mark.attempt in (None, attempt.id)]
    beside = [sheaf for sheaf in marked if sheaf.aspect.id == mark.aspect]
    return bool(beside) and all(sheaf.complete for sheaf in beside)
