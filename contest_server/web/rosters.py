"""The people of a contest, read once for all who ask, and anew where somebody has changed them: on whatever server, as their version says.

Everybody may ask for the names, and to read those of thousands holds up the thread that stores events.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from contest_server.core.facts import ContestId
from contest_server.ledger.people import People, Roster
from contest_server.live.shared_work import SharedWork

ROSTERS_MAX = 16
"""Contests whose people are kept."""


class Rosters:
    """Those of the contests that somebody asked for lately."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._kept: OrderedDict[ContestId, Roster] = OrderedDict()
        self._reading = SharedWork[tuple[ContestId, int], Roster]()

    async def of(self, contest: ContestId) -> Roster:
        """As it is now; whoever gets it leaves it as it is. Raises LedgerFault."""
        version = await self._people.version(contest)
        known = self._kept.get(contest)
        if known is None or known.version != version:
            return await self._reading.of((contest, version), partial(self._read, contest))
        self._kept.move_to_end(contest)
        return known

    async def _read(self, contest: ContestId) -> Roster:
        found = self._kept[contest] = await self._people.roster(contest)
        self._kept.move_to_end(contest)
        while len(self._kept) > ROSTERS_MAX:
            self._kept.popitem(last=False)
        return found
