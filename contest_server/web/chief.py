"""The chief referee's overview: what keeps the result from being final, and how far everybody is. It decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from contest_server.core.acts import Override, Ruled
from contest_server.core.adjusting import adjustments_of
from contest_server.core.appeals import appeals_of
from contest_server.core.contest import Contest
from contest_server.core.finalising import handovers_of, missing_events, reasons_against_finalising
from contest_server.core.ids import ContestId, OfficialId, VenueId
from contest_server.core.reviews import Case, summary_of
from contest_server.live.turns import Turns
from contest_server.live.wholes import digest_of
from contest_server.web.house import House, house_of
from contest_server.web.patience import wait_for
from contest_server.web.reasons import reasons_document
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["proceedings"])

HouseNeeded = Annotated[House, Depends(house_of)]


@router.get("/chief", dependencies=[needs("overview.read")])
async def overview(contest: str, house: HouseNeeded) -> dict[str, Any]:
    """The contest at a glance, with every reason against finalising it. For the chief referee, and staff.

    `adjusts`: whether a rule of `[[conversions]]` levels venues or referees.
    """
    desk = await house.desks.desk(ContestId(contest))
    await wait_for(desk.queue)
    now, unjudged = desk.contest, await _unjudged(desk.contest)
    position, digest = now.position, await digest_of(dict(now.rows), now.first_clears())
    now_us = house.now_us()
    looks = {official: "/".join(filter(None, at)) for official, at in desk.queue.leases.now(now_us).items()}
    return {
        "phase": now.clock.phase(now_us),
        "position": position,
        "digest": digest,
        "counts": {**_counts(now, desk.queue.cases), "unjudged": unjudged},
        "reasons": reasons_document(reasons_against_finalising(now, now_us, desk.queue.asked)),
        "adjusts": bool(adjustments_of(now)),
        "venues": _venues(now),
        "officials": _officials(now, looks),
        "final": now.final,
    }


async def _unjudged(contest: Contest) -> int:
    """So many attempts. They are counted in short turns."""
    turns, found = Turns(), 0
    for sheet in list(contest.sheets.values()):
        found += sum(cell.pending for cell in sheet.cells.values())
        await turns.next()
    return found


def _counts(contest: Contest, cases: Sequence[Case]) -> dict[str, int]:
    """How much of everything there is. `blocking` are cases."""
    rulings = contest.office.rulings
    return {
        "cases": len(cases),
        "blocking": summary_of(cases)["block"],
        "waiting_second": len(rulings.waiting()),
        "appeals_open": sum(each.is_open for each in appeals_of(contest)),
        "rulings": len(rulings.filed),
        "overrides": sum(isinstance(each.action, Override) for each in rulings.in_force()),
    }


def _venues(contest: Contest) -> list[dict[str, Any]]:
    """How many devices of each venue sent how many events, and what it says that is not here."""
    stated, missing = handovers_of(contest), missing_events(contest)
    devices: Counter[str] = Counter()
    events: Counter[str] = Counter()
    for source, state in contest.sources.items():
        venue = source.partition("/")[0]
        devices[venue] += 1
        events[venue] += state.last_seq
    names = [VenueId(each.id) for each in contest.definition.venues] if contest.definition else []
    return [
        {"id": each, "sources": devices[each], "events": events[each], "handed_over": each in stated, "missing": missing.get(each, 0)}
        for each in names
    ]


def _officials(contest: Contest, looking: dict[OfficialId, str]) -> list[dict[str, Any]]:
    """Every official, what they look at just now ("A1/wiring"), and how much they ruled."""
    ruled = Counter(each.act.official for each in contest.office.rulings.every() if isinstance(each.act, Ruled))
    names = [OfficialId(each.id) for each in contest.definition.officials] if contest.definition else []
    return [{"id": each, "looking": looking.get(each), "rulings": ruled[each]} for each in names]
