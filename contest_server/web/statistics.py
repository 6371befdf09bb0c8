"""How the stages go, for whoever watches: who tried, who cleared, when. Reckoned from the public rows: a freeze holds here too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from statistics import median_low
from typing import Annotated, Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Depends

from contest_server.core.audience import first_clears_for
from contest_server.core.facts import ContestId, StageId, VenueId
from contest_server.core.ranking import NOT_COMPETING
from contest_server.core.rows import BoardRow, FirstClears, StageMark, first_document
from contest_server.live.board import Board
from contest_server.live.shared_work import SharedWork
from contest_server.live.turns import Turns
from contest_server.live.views import All
from contest_server.web.house import House, house_of
from contest_server.web.rights import needs

router = APIRouter(prefix="/api/contests/{contest}", tags=["board"])

FRESH_US = 1_000_000
"""What was reckoned for one phone serves all others so long (µs)."""


_kept: WeakKeyDictionary[Board, tuple[int, dict[str, Any]]] = WeakKeyDictionary()
"""What was reckoned last, of the board as it was at that time (µs)."""
_reckoning = SharedWork[Board, dict[str, Any]]()


@dataclass(slots=True)
class Count:
    """One stage, or one stage at one venue: its competitors, how many tried, cleared, wait or are at it, and when they cleared."""

    contestants: int = 0
    tried: int = 0
    pending: int = 0
    working: int = 0
    clears_ms: list[int] = field(default_factory=list)

    def add(self, mark: StageMark | None) -> None:
        """Count a competitor, with what stands at the stage. Whoever was seen working there has tried."""
        self.contestants += 1
        if mark is None or mark.state == "open":
            return
        self.tried += 1
        if mark.state == "cleared":
            self.clears_ms.append(mark.ms or 0)
        elif mark.state in ("pending", "held") or mark.pending:
            self.pending += 1
        elif mark.state == "working":
            self.working += 1

    def document(self) -> dict[str, Any]:
        """Times are contest time of the clear. `median_ms` is the time by which half of those who cleared had done so."""
        return {
            "contestants": self.contestants,
            "tried": self.tried,
            "cleared": len(self.clears_ms),
            "pending": self.pending,
            "working": self.working,
            "best_ms": min(self.clears_ms, default=None),
            "median_ms": median_low(self.clears_ms) if self.clears_ms else None,
        }


async def stage_statistics(stages: Collection[StageId], rows: Iterable[BoardRow], first: FirstClears) -> list[dict[str, Any]]:
    """Each stage over everybody and by venue, from rows as an audience sees them. Guests and who was disqualified count nowhere. Of many
    rows it is work: they are counted in short turns.
    """
    turns, venues = Turns(), defaultdict[VenueId | None, list[Count]](lambda: [Count() for _ in stages])
    for row in rows:
        if row.row.status not in NOT_COMPETING:
            marks = row.row.stages
            for stage, count in zip(stages, venues[row.venue], strict=True):
                count.add(marks.get(stage))
        await turns.next()
    found = []
    for index, stage in enumerate(stages):
        found.append(_of_stage(stage, {venue: counts[index] for venue, counts in venues.items()}, first))
        await turns.next()
    return found


def _of_stage(stage: StageId, venues: Mapping[VenueId | None, Count], first: FirstClears) -> dict[str, Any]:
    """A stage, from its counts by venue; who has none (None) counts in the whole alone."""
    return {
        "stage": stage,
        **_together(venues.values()).document(),
        "first": first_document(*first[stage]) if stage in first else None,
        "venues": {venue: venues[venue].document() for venue in sorted(filter(None, venues))},
    }


def _together(counts: Iterable[Count]) -> Count:
    """What they say of all their competitors."""
    whole = Count()
    for each in counts:
        whole.contestants += each.contestants
        whole.tried += each.tried
        whole.pending += each.pending
        whole.working += each.working
        whole.clears_ms += each.clears_ms
    return whole


@router.get("/statistics", dependencies=[needs("board.read")])
async def statistics(contest: str, house: Annotated[House, Depends(house_of)]) -> dict[str, Any]:
    """Each stage as the public sees it: how many tried, cleared, wait or are at it; first, best and median time; also by venue."""
    desk = await house.desks.desk(ContestId(contest))
    return await statistics_of(desk.board, house.now_us())


async def statistics_of(board: Board, now_us: int) -> dict[str, Any]:
    """What is fresh enough, or reckoned anew, once for everybody who waits for it."""
    at_us, known = _kept.get(board, (now_us - FRESH_US, None))
    if known is not None and 0 <= now_us - at_us < FRESH_US:
        return known
    return await _reckoning.of(board, partial(_reckon, board, now_us))


async def _reckon(board: Board, now_us: int) -> dict[str, Any]:
    contest = board.contest
    _, frame = board.whole("public", All(), now_us)
    stages = [StageId(stage.id) for stage in contest.definition.stages] if contest.definition else []
    rows: Mapping[Any, BoardRow] = frame.rows
    about = {"position": frame.to, "frozen": contest.frozen is not None}
    found = {**about, "stages": await stage_statistics(stages, rows.values(), first_clears_for(contest, "public"))}
    _kept[board] = now_us, found
    return found
