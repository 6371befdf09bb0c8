"""The roll of connected devices: what each server says of its own is what all of them know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, SourceId
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import open_stores
from contest_server.web.links import VenueLink
from contest_server.web.outboxes import Outboxes
from contest_server.web.roll import SAID_LASTS_US, Roll
from contest_server.wire.clock import VenueClock
from tests.contests import CUP, event, fold

DESK = SourceId("yueqing/desk")


def contest_with(sent: int) -> Contest:
    """One in which so many events of the desk have arrived."""
    return fold([event(seq, "note", source=DESK) for seq in range(1, sent + 1)])


CONTEST = contest_with(0)


class Server:
    """One server's devices, at a time that the test sets."""

    def __init__(self, notes: Any, clock: list[int]) -> None:
        self.links: dict[tuple[ContestId, SourceId], VenueLink] = {}
        self.outboxes, self.clock = Outboxes(), clock
        self.roll = Roll(notes, self.links, self.outboxes, lambda: clock[0])

    def connect(self, source: SourceId = DESK, off_us: int | None = None) -> None:
        clock = VenueClock(1)
        if off_us is not None:
            clock.exchange(1_000, 1_000 + off_us, 1_000)
        self.links[CUP, source] = VenueLink(clock, asyncio.Event())

    def hears(self, holds: int, source: SourceId = DESK, contest: Contest = CONTEST) -> None:
        """The device says how many of its events are not acknowledged. Time goes on."""
        self.clock[0] += 1
        self.outboxes.tell(contest, source, holds, self.clock[0])

    async def sees(self) -> list[str]:
        return list((await self.roll.devices(CUP)).linked)

    async def counts(self, contest: Contest, source: SourceId = DESK) -> int:
        return (await self.roll.devices(CUP)).unsynced(contest, source)


@asynccontextmanager
async def two() -> AsyncIterator[tuple[Server, Server, list[int]]]:
    stores, clock = open_stores("memory:"), [1_000_000]
    try:
        yield Server(stores.notes, clock), Server(stores.notes, clock), clock
    finally:
        await stores.close()


async def test_a_device_at_another_server_is_known_with_its_clock() -> None:
    async with two() as (here, there, _):
        there.connect(off_us=3_000_000)
        here.connect(SourceId("yongjia/desk"), 0)
        await there.roll.call()
        assert await here.sees() == ["yongjia/desk", "yueqing/desk"]
        other = (await here.roll.devices(CUP)).linked[DESK]
        assert (other.venue, other.offset_us) == ("yueqing", 3_000_000)


async def test_its_own_devices_are_known_at_once_and_no_longer_than_they_are_there() -> None:
    async with two() as (here, _, __):
        here.connect()
        assert await here.sees() == [DESK]
        await here.roll.call()
        here.links.clear()
        assert await here.sees() == [], "what it said of itself is for others"


async def test_what_a_device_holds_is_known_everywhere_also_while_it_is_away_until_it_has_arrived() -> None:
    async with two() as (here, there, _):
        there.hears(3)
        await there.roll.call()
        assert await here.sees() == []
        assert [await here.counts(contest_with(sent)) for sent in range(5)] == [3, 2, 1, 0, 0]
        assert (await here.roll.devices(CUP)).sources(CONTEST) == [DESK], "it has sent nothing, and it is away"
        there.hears(0)
        await there.roll.call()
        assert await here.counts(CONTEST) == 0


async def test_what_a_device_said_last_counts_to_whatever_server_it_said_so() -> None:
    async with two() as (here, there, _):
        there.hears(30)
        await there.roll.call()
        here.hears(2)
        assert await here.counts(CONTEST) == 2
        await here.roll.call()
        assert await there.counts(CONTEST) == 2
        there.hears(1)
        assert await there.counts(CONTEST) == 1


async def test_a_device_that_says_that_it_holds_nothing_is_believed_by_all_also_when_it_has_left() -> None:
    """The other server may have counted acknowledged events twice, as its question and the acknowledgements crossed."""
    async with two() as (here, there, _):
        there.hears(50, contest=contest_with(30))
        await there.roll.call()
        here.connect()
        here.hears(0, contest=contest_with(50))
        here.links.clear()
        await here.roll.call()
        await there.roll.call()
        assert [await server.counts(contest_with(50)) for server in (here, there)] == [0, 0]


async def test_what_was_said_is_taken_back_when_the_last_device_leaves() -> None:
    async with two() as (here, there, _):
        there.connect()
        await there.roll.call()
        there.links.clear()
        await there.roll.call()
        assert await here.sees() == []


async def test_a_server_that_died_has_no_devices_after_a_while() -> None:
    async with two() as (here, there, clock):
        there.connect()
        await there.roll.call()
        clock[0] += SAID_LASTS_US
        assert await here.sees() == []


async def test_a_device_that_came_over_is_as_the_server_knows_it_that_it_is_at_now() -> None:
    async with two() as (here, there, _):
        there.connect(off_us=3_000_000)
        await there.roll.call()
        here.connect(off_us=0)
        assert (await here.roll.devices(CUP)).linked[DESK].offset_us == 0


async def test_a_database_that_fails_ends_no_server_and_is_told_again_the_next_time() -> None:
    told: list[object] = []

    class Failing:
        async def put(self, *what: object) -> None:
            told.append(what)
            raise LedgerFault("the disk is gone")

    there = Server(Failing(), [0])
    there.connect()
    await there.roll.call()
    await there.roll.call()
    assert len(told) == 2


async def test_what_a_server_of_another_version_says_in_another_way_is_passed_over() -> None:
    async with two() as (here, there, clock):
        there.connect()
        await there.roll.call()
        await here.roll._notes.put(CUP, "linked", "a later version", '[{"source": 1}]', clock[0] + SAID_LASTS_US, clock[0])
        await here.roll._notes.put(CUP, "held", "a later version", '{"yueqing/desk": "three"}', clock[0] + SAID_LASTS_US, clock[0])
        assert await here.sees() == [DESK]
        assert await here.counts(CONTEST) == 0


async def test_a_fault_of_ours_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with two() as (here, there, _):
        there.connect()

        async def fails(*_: object) -> None:
            raise RuntimeError("a fault")

        with monkeypatch.context() as patch:
            patch.setattr(there.roll, "_say", fails)
            await there.roll.call()
        await there.roll.call()
        assert await here.sees() == [DESK]


async def test_each_device_is_counted_by_one_server_the_one_that_it_spoke_to_last() -> None:
    """So figures of all servers can be added up."""
    async with two() as (here, there, clock):
        there.hears(30)
        assert there.roll.holdings(CONTEST) == {DESK: 30}
        here.hears(2)
        await here.roll.call()
        await there.roll.call()
        assert (here.roll.holdings(CONTEST), there.roll.holdings(CONTEST)) == ({DESK: 2}, {})
        there.hears(1)
        assert there.roll.holdings(CONTEST) == {DESK: 1}, "it came back"
        await there.roll.call()
        await here.roll.call()
        assert here.roll.holdings(CONTEST) == {}
        clock[0] += SAID_LASTS_US
        await here.roll.call()
        assert here.roll.holdings(CONTEST) == {DESK: 2}, "the other server is gone: nobody else counts it"


async def test_while_the_notes_cannot_be_read_a_device_is_counted_where_it_was() -> None:
    async with two() as (here, there, _):
        there.hears(30)
        here.hears(2)
        await here.roll.call()
        await there.roll.call()
        there.roll._notes = Deaf()  # type: ignore[assignment]
        await there.roll.call()
        assert there.roll.holdings(CONTEST) == {}


class Deaf:
    """Notes in a database that is away."""

    async def put(self, *_: object) -> None:
        raise LedgerFault("away")

    async def all(self, *_: object) -> dict[str, str]:
        raise LedgerFault("away")
