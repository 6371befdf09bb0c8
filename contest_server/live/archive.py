"""The past of contests, kept at hand while somebody looks back. Nothing of it is needed for anything that goes on now."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from time import perf_counter

from contest_server.core.facts import ContestId
from contest_server.core.history import History
from contest_server.ledger.port import Ledger
from contest_server.live.desk import Desk

KEPT_MAX = 8
"""Contests whose past is kept at hand, those that were asked for last."""
PAGE_ENTRIES = 500
SLICE_S = 0.005
"""So long is folded at a stretch: venues and screens wait no longer for somebody who looks back."""


class Archive:
    """The past of the contests that somebody looks back at. It is read once, and then follows the ledger when asked."""

    def __init__(self) -> None:
        self._kept: OrderedDict[ContestId, tuple[Desk, History, asyncio.Lock]] = OrderedDict()

    async def of(self, desk: Desk, ledger: Ledger) -> History:
        """The past up to where the desk is. Raises TooLong, LedgerFault."""
        contest = desk.contest.id
        known = self._kept.get(contest)
        if known is None or known[0] is not desk:
            known = desk, History(contest, desk.contest.judges), asyncio.Lock()
            self._kept[contest] = known
        self._kept.move_to_end(contest)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        _, history, lock = known
        async with lock:
            await _follow(history, desk, ledger)
        return history


async def _follow(history: History, desk: Desk, ledger: Ledger) -> None:
    until = desk.contest.position
    since_s = perf_counter()
    while history.position < until:
        for entry in await ledger.read(desk.contest.id, history.position, min(PAGE_ENTRIES, until - history.position)):
            history.take(entry)
            if perf_counter() - since_s > SLICE_S:
                await asyncio.sleep(0)
                since_s = perf_counter()
