"""What others write between two pictures is read together, just ahead of the next one; who waits for it does not wait for a picture."""

from __future__ import annotations

import asyncio

import pytest

from contest_server.core.facts import ContestId, Entry
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.people import MemoryPeople
from contest_server.ledger.port import READ_MAX_ENTRIES, Wake
from contest_server.live.bell import REST_MAX_S, REST_SHARE, Bell
from contest_server.live.desks import Desks
from contest_server.live.settings import Settings
from tests import clockwork
from tests.contests import CUP, JUDGES, adopted, drafts, event
from tests.live.test_desk import desk_on, ledger_with, running

INTERVAL_MS = Settings().paint_interval_ms
PICTURES = 20


class CountedReads(MemoryLedger):
    """Knows how often it was read."""

    reads = 0

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        self.reads += 1
        return await super().read(contest, after, limit)


class Telling(MemoryLedger):
    """Tells what a test says."""

    wake: Wake

    async def listen(self, wake: Wake) -> None:
        self.wake = wake


def test_what_others_write_between_two_pictures_is_read_together_just_ahead_of_the_next() -> None:
    async def work() -> None:
        store: MemoryStore = {}
        other, ledger = await ledger_with(store=store), CountedReads(store)
        async with running(desk_on(ledger)) as desk:
            await asyncio.sleep(INTERVAL_MS / 1_000)
            written: list[tuple[int, int]] = []
            ledger.reads = 0
            for seq in range(1, PICTURES * INTERVAL_MS + 1):
                await other.append(CUP, drafts([event(seq, "note", None, None, None)]))
                written.append((clockwork.now_us(), 1 + seq))
                desk.wake(1 + seq)
                await asyncio.sleep(0.001)
            assert ledger.reads < len(written) / 4
            ahead_us = round((1 - REST_SHARE) * INTERVAL_MS * 1_000) + 1_000
            shown = [each for each in desk.board.shown if each[1] > written[0][0]]
            assert len(shown) > PICTURES / 2
            for position, at_us in shown:
                assert position >= max((each for us, each in written if us <= at_us - ahead_us), default=1)

    clockwork.run(work())


def test_who_waits_for_what_another_server_has_shown_does_not_wait_for_the_next_picture() -> None:
    async def work() -> None:
        store: MemoryStore = {}
        other = await ledger_with(store=store)
        async with running(desk_on(MemoryLedger(store))) as desk, asyncio.TaskGroup() as tasks:
            await other.append(CUP, drafts([event(1, "note", None, None, None)]))
            desk.wake(2)
            await desk.board.painted.wait()
            since_us = clockwork.now_us()
            await other.append(CUP, drafts([event(2, "note", None, None, None)]))
            desk.wake(3)
            waiting = tasks.create_task(desk.reach(3))
            for _ in range(50):  # turns of the loop, in no time
                await asyncio.sleep(0)
            assert (desk.contest.position, clockwork.now_us()) == (3, since_us)
            await waiting

    clockwork.run(work())


def test_it_rings_once_for_all_who_asked_while_it_rested_and_not_at_all_once_it_is_closed() -> None:
    async def work() -> None:
        rung_s: list[float] = []
        now_s = asyncio.get_running_loop().time
        bell = Bell(lambda: rung_s.append(now_s()), 0.02)
        bell.ask()
        bell.rest()
        bell.ask()
        bell.ask()
        await asyncio.sleep(1)
        assert rung_s == [0.0, pytest.approx(0.02 * REST_SHARE)]
        bell.rest()
        bell.ask()
        bell.close()
        await asyncio.sleep(1)
        assert len(rung_s) == 2

    clockwork.run(work())


def test_a_board_that_is_painted_rarely_is_followed_all_the_same() -> None:
    async def work() -> None:
        rung = asyncio.Event()
        bell = Bell(rung.set, 60.0)
        bell.rest()
        bell.ask()
        async with asyncio.timeout(REST_MAX_S + 0.001):
            await rung.wait()

    clockwork.run(work())


def test_a_server_needs_to_hear_no_more_while_all_its_contests_rest() -> None:
    async def work() -> None:
        store: MemoryStore = {}
        other, ledger, idle = await ledger_with(store=store), Telling(store), ContestId("idle")
        await other.open(idle)
        await other.append(idle, drafts([adopted()]))
        async with Desks(ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us).running() as desks:

            async def told_and_painted(position: int) -> tuple[float, float]:
                await asyncio.sleep(0.3)
                await other.append(CUP, drafts([event(position, "note", None, None, None)]))
                before_s = ledger.wake(CUP, position)
                await (await desks.desk(CUP)).board.painted.wait()
                return before_s, ledger.wake(CUP, position)

            await desks.desk(CUP)
            assert await told_and_painted(2) == (0, pytest.approx(REST_SHARE * INTERVAL_MS / 1_000))
            await desks.desk(idle)
            assert await told_and_painted(3) == (0, 0)

    clockwork.run(work())
