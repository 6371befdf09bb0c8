"""Which devices are connected, to whatever server: each says so of its own every few seconds, where all find it. It decides nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from secrets import token_hex

import msgspec
import structlog

from contest_server.core.facts import ContestId, SourceId, VenueId
from contest_server.core.starting import Linked
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.notes import Notes
from contest_server.ledger.port import LedgerFault
from contest_server.web.links import VenueLink

log = structlog.get_logger()

SAID_EVERY_S = 5.0
SAID_LASTS_US = 15_000_000
"""How long what a server said counts, should it not say anything again."""
_LINKED = msgspec.json.Decoder(list[Linked])


class Roll:
    """The devices of this server (`links`), and what the others said of theirs."""

    def __init__(self, notes: Notes, links: Mapping[tuple[ContestId, SourceId], VenueLink], now_us: Callable[[], int]) -> None:
        self._notes, self._links, self._now_us = notes, links, now_us
        self._name = token_hex(8)
        self._told: set[ContestId] = set()

    async def devices(self, contest: ContestId) -> list[Linked]:
        """Every device that is connected: to this server now, to others as they said last. Raises LedgerFault."""
        said = await self._notes.all(contest, "linked", self._now_us())
        found = {each.source: each for name, document in said.items() if name != self._name for each in _understood(document)}
        found |= {each.source: each for each in self._here().get(contest, ())}
        return [found[source] for source in sorted(found)]

    async def run(self) -> None:
        while True:
            await self.call()
            await asyncio.sleep(SAID_EVERY_S)

    async def call(self) -> None:
        """Tell the others who is connected here, once; where nobody is any more, take back what was said."""
        here = self._here()
        for contest in {*here, *self._told}:
            try:
                await self._say(contest, here.get(contest, []))
            except (LimitExceeded, LedgerFault):
                continue  # it only tells, and the next time is five seconds away
            except Exception:  # a fault of ours must not end the server
                log.exception("devices were not told", contest=contest)
        self._told = set(here)

    async def _say(self, contest: ContestId, devices: list[Linked]) -> None:
        if not devices:
            await self._notes.drop(contest, "linked", self._name)
            return
        now_us = self._now_us()
        await self._notes.put(contest, "linked", self._name, msgspec.json.encode(devices).decode(), now_us + SAID_LASTS_US, now_us)

    def _here(self) -> dict[ContestId, list[Linked]]:
        found: defaultdict[ContestId, list[Linked]] = defaultdict(list)
        for (contest, source), link in self._links.items():
            offset = link.clock.offset
            known = (None, None) if offset is None else (offset.offset_us, offset.error_us)
            found[contest].append(Linked(source, venue_of(source), *known))
        return dict(found)


def _understood(document: str) -> list[Linked]:
    """What another server said; nothing where it is of a version that says it in another way."""
    try:
        return _LINKED.decode(document)
    except msgspec.MsgspecError:
        return []


def venue_of(source: SourceId) -> VenueId:
    return VenueId(source.partition("/")[0])
