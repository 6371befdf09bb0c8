"""The past of contests, kept at hand while somebody looks back. Nothing of it is needed for anything that goes on now."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial

import structlog

from contest_server.core.facts import ContestId
from contest_server.core.history import History
from contest_server.ledger.port import Ledger, LedgerFault
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.live.shared_work import SharedWork
from contest_server.live.turns import Turns

log = structlog.get_logger()

KEPT_MAX = 8
"""Contests whose past is kept at hand, those that were asked for last. Who waits to be read has nothing yet, and is not counted."""
AT_ONCE_MAX = 2
"""Pasts that are read at a time of which more than a page is missing, and as many others. The rest waits for its turn."""
PAGE_ENTRIES = 500
WAITS_S = 2.0
"""Who looks back at a long contest for the first time waits no longer; it is read all the same, so they may ask again."""
KEEPS_S = 10.0
"""Who was told to ask again finds it for so long: others are forgotten first."""


class StillReading(Exception):
    """The past of this contest is being read: `told` of so many entries (`of`). Ask again."""

    def __init__(self, told: int, of: int) -> None:
        super().__init__(told, of)
        self.told, self.of = told, of


@dataclass(slots=True, eq=False)
class _Kept:
    """The past as one desk has it. Until `awaited_until_s` (of the loop's clock) somebody may come who was told to ask again."""

    desk: Desk
    history: History
    awaited_until_s: float = 0.0


class Archive:
    """The past of the contests that somebody looks back at. It is read once, and then follows the ledger when asked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[ContestId, _Kept] = OrderedDict()
        self._following = SharedWork[History, None]()
        self._long, self._short = asyncio.Semaphore(AT_ONCE_MAX), asyncio.Semaphore(AT_ONCE_MAX)

    async def of(self, desk: Desk, ledger: Ledger) -> History:
        """The past up to where the desk is. Raises StillReading, DeskClosed, LedgerFault."""
        kept, until = self._of(desk), desk.contest.position
        history = kept.history
        while history.position < until and (history.told < until or self._following.is_under_way(history)):
            following = self._following.begin(history, partial(self._follow, kept, ledger))
            await asyncio.wait([following], timeout=WAITS_S)
            if not following.done():
                kept.awaited_until_s = asyncio.get_running_loop().time() + KEEPS_S
                raise StillReading(history.told, until)
            following.result()
        kept.awaited_until_s = 0.0
        return history

    def _of(self, desk: Desk) -> _Kept:
        """What is kept of this desk's contest, as it is."""
        contest = desk.contest
        known = self._kept.get(contest.id)
        if known is None or known.desk is not desk:
            known = self._kept[contest.id] = _Kept(desk, History(contest.id, contest.judges, contest.position))
        self._kept.move_to_end(contest.id)
        return known

    def _forget(self) -> None:
        """Of what is at rest, keep what has its place: first goes what nobody waits for, and of that what was asked for first."""
        now_s, is_under_way = asyncio.get_running_loop().time(), self._following.is_under_way
        at_rest = [each for each in self._kept.values() if not is_under_way(each.history)]
        reading = sum(is_under_way(each.history) and each.history.told > 0 for each in self._kept.values())
        at_rest.sort(key=lambda each: each.awaited_until_s > now_s)
        for each in at_rest[: max(0, len(at_rest) + reading - KEPT_MAX)]:
            del self._kept[each.desk.contest.id]

    async def _follow(self, kept: _Kept, ledger: Ledger) -> None:
        """Tell it what the desk knows now, in short turns: venues and screens do not wait for somebody who looks back."""
        contest, history = kept.desk.contest, kept.history
        try:
            async with self._long if contest.position - history.told > PAGE_ENTRIES else self._short:
                await _tell(history, kept.desk, ledger)
        except BaseException as error:  # it may have been told half of an entry
            if self._kept.get(contest.id) is kept:
                del self._kept[contest.id]
            if not isinstance(error, (asyncio.CancelledError, DeskClosed, LedgerFault)):
                log.exception("the past could not be read", contest=contest.id)  # whoever asked may be gone
            raise
        self._forget()


async def _tell(history: History, desk: Desk, ledger: Ledger) -> None:
    until, turns = desk.contest.position, Turns()
    while history.told < until:
        if desk.closed.is_set():
            raise DeskClosed(desk.contest.id)
        for entry in await ledger.read(desk.contest.id, history.told, min(PAGE_ENTRIES, until - history.told)):
            await turns.through(history.taking(entry))
            await turns.next()
    await turns.through(history.catching_up())
