"""Which devices are connected, to whatever server, and what each still holds, also while it is away: each server says so of its own every
few seconds, where all find it. It decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Literal

import msgspec
import structlog

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, SourceId, VenueId
from contest_server.core.starting import Linked
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.notes import Notes
from contest_server.ledger.port import LedgerFault
from contest_server.web.links import VenueLink
from contest_server.web.outboxes import Holding, Outboxes, missing

log = structlog.get_logger()

SAID_EVERY_S = 5.0
SAID_LASTS_US = 15_000_000
"""How long what a server said counts, should it not say anything again."""

Kind = Literal["linked", "held"]
Held = dict[SourceId, Holding]
"""What each device said that it holds."""
_LINKED = msgspec.json.Decoder(list[Linked])
_HELD = msgspec.json.Decoder(Held)


@dataclass(frozen=True, slots=True)
class Devices:
    """What all servers together know of the devices of a contest."""

    linked: Mapping[SourceId, Linked]
    """Those that are connected, in the order of their names."""
    held: Mapping[SourceId, Holding]

    def sources(self, contest: Contest) -> list[SourceId]:
        """All that are connected, ever sent an event, or hold one."""
        return sorted({*contest.sources, *self.linked, *(each for each in self.held if self.unsynced(contest, each))})

    def unsynced(self, contest: Contest, source: SourceId) -> int:
        """How many events the device still holds, as it said last."""
        holding = self.held.get(source)
        return 0 if holding is None else missing(contest, source, holding.last)


class Roll:
    """The devices of this server (`links`, `outboxes`), and what the others said of theirs."""

    def __init__(
        self, notes: Notes, links: Mapping[tuple[ContestId, SourceId], VenueLink], outboxes: Outboxes, now_us: Callable[[], int]
    ) -> None:
        self._notes, self._links, self._outboxes, self._now_us = notes, links, outboxes, now_us
        self._name = token_hex(8)
        self._told: set[tuple[ContestId, Kind]] = set()
        self._elsewhere: dict[ContestId, Held] = {}
        """What the devices that are known here said to others, at the last call."""

    async def devices(self, contest: ContestId) -> Devices:
        """Of this server as they are now, of others as they said last. Raises LedgerFault."""
        linked = await self._said(contest, "linked", _LINKED) | {self._name: self._here().get(contest, [])}
        held = await self._said(contest, "held", _HELD) | {self._name: self._outboxes.held().get(contest, {})}
        known = {each.source: each for devices in linked.values() for each in devices}
        return Devices(dict(sorted(known.items())), _latest(held.values()))

    def holdings(self, contest: Contest) -> dict[SourceId, int]:
        """How many events each device still holds that said so here last. Who said it to another server later is counted there: figures
        of all servers can be added up, but for the seconds between two calls.
        """
        elsewhere = self._elsewhere.get(contest.id, {})
        here = self._outboxes.held().get(contest.id, {})
        return {
            source: missing(contest, source, holding.last)
            for source, holding in here.items()
            if source not in elsewhere or elsewhere[source].told_us <= holding.told_us
        }

    async def run(self) -> None:
        while True:
            await self.call()
            await asyncio.sleep(SAID_EVERY_S)

    async def call(self) -> None:
        """Tell the others who is connected here and what they hold, once; where there is nothing any more, take back what was said. Hear
        what devices of this server said to others since.
        """
        news: dict[tuple[ContestId, Kind], Any] = {(contest, "linked"): devices for contest, devices in self._here().items()}
        news |= {(contest, "held"): held for contest, held in self._outboxes.held().items()}
        for contest, kind in {*news, *self._told}:
            try:
                await self._say(contest, kind, news.get((contest, kind)))
            except (LimitExceeded, LedgerFault):
                continue  # it only tells, and the next time is five seconds away
            except Exception:  # a fault of ours must not end the server
                log.exception("devices were not told", contest=contest)
        self._told = set(news)
        self._elsewhere = {contest: await self._heard_by_others(contest) for contest, kind in news if kind == "held"}

    async def _heard_by_others(self, contest: ContestId) -> Held:
        """What was known of it before, where nobody can say just now."""
        try:
            return _latest((await self._said(contest, "held", _HELD)).values())
        except LedgerFault:
            pass
        except Exception:  # as above
            log.exception("what devices said to others is not known", contest=contest)
        return self._elsewhere.get(contest, {})

    async def _say(self, contest: ContestId, kind: Kind, news: Any) -> None:
        if not news:
            await self._notes.drop(contest, kind, self._name)
            return
        now_us = self._now_us()
        await self._notes.put(contest, kind, self._name, msgspec.json.encode(news).decode(), now_us + SAID_LASTS_US, now_us)

    async def _said(self, contest: ContestId, kind: Kind, decoder: msgspec.json.Decoder[Any]) -> dict[str, Any]:
        """What each of the others said; nothing of those whose version says it in another way."""
        found = {}
        for server, document in (await self._notes.all(contest, kind, self._now_us())).items():
            try:
                found[server] = decoder.decode(document)
            except msgspec.MsgspecError:
                continue
        found.pop(self._name, None)
        return found

    def _here(self) -> dict[ContestId, list[Linked]]:
        found: dict[ContestId, list[Linked]] = {}
        for (contest, source), link in self._links.items():
            offset = link.clock.offset
            known = (None, None) if offset is None else (offset.offset_us, offset.error_us)
            found.setdefault(contest, []).append(Linked(source, venue_of(source), *known))
        return found


def _latest(said: Iterable[Held]) -> Held:
    """Of each device what it said last, to whatever server."""
    found: Held = {}
    for each in said:
        for source, holding in each.items():
            if source not in found or holding.told_us > found[source].told_us:
                found[source] = holding
    return found


def venue_of(source: SourceId) -> VenueId:
    return VenueId(source.partition("/")[0])
