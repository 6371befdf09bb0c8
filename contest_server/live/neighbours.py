"""What this server and its neighbours on the same ledger tell each other about a contest: who looks at what."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import msgspec

from contest_server.core.facts import ContestId
from contest_server.core.ids import OfficialId
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.notes import Notes
from contest_server.live.leases import Leases, Look

_read = msgspec.json.Decoder(Look).decode


class Neighbours:
    """Asked at intervals, and only while somebody looks."""

    def __init__(self, contest: ContestId, notes: Notes | None, leases: Leases, now_us: Callable[[], int]) -> None:
        self._contest, self._notes, self._leases, self._now_us = contest, notes, leases, now_us

    async def exchange(self, *, is_wanted: bool) -> None:
        """Tell what is new here; hear what the others said, if it is wanted. Raises LedgerFault."""
        if self._notes is None:
            return
        for official, look in self._leases.told().items():
            await self._tell(self._notes, official, look)
        if is_wanted:
            found = await self._notes.all(self._contest, "look", self._now_us())
            self._leases.hear({OfficialId(official): _read(document) for official, document in found.items()})

    async def _tell(self, notes: Notes, official: OfficialId, look: Look | None) -> None:
        if look is None:
            await notes.drop(self._contest, "look", official)
        else:
            with suppress(LimitExceeded):  # a lease only warns
                await notes.put(self._contest, "look", official, msgspec.json.encode(look).decode(), look[1], self._now_us())
