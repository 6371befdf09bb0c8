"""The past is read once for all who look back, in short turns, and goes on being read though nobody waits for it.

However many contests are looked back at, everybody gets an answer, a few are read at a time, and a few are kept.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

import pytest

from contest_server.core.facts import ContestId, Entry, Fact
from contest_server.core.history import History
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.people import MemoryPeople
from contest_server.live import archive as archives
from contest_server.live import turns
from contest_server.live.archive import AT_ONCE_MAX, KEEPS_S, KEPT_MAX, PAGE_ENTRIES, WAITS_S, Archive, StillReading
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.live.settings import Settings
from tests import clockwork
from tests.contests import CUP, JUDGES, adopted, entries, event

PAGES = 6
PAGE = 5
AGAIN_AFTER_S = 3
"""After this, who was told to ask again does so."""


class Slow(MemoryLedger):
    """A ledger of which each page takes a second."""

    def __init__(self, held: Sequence[Entry]) -> None:
        super().__init__()
        self.held, self.pages = held, 0
        self.readers = self.readers_max = 0

    async def read(self, contest: ContestId, after: int, limit: int = PAGE_ENTRIES) -> list[Entry]:  # noqa: ARG002
        self.pages += 1
        self.readers += 1
        self.readers_max = max(self.readers_max, self.readers)
        await asyncio.sleep(1)
        self.readers -= 1
        return list(self.held[after : after + limit])


def long() -> tuple[Desk, Slow]:
    """A desk that has folded some pages."""
    notes = (event(seq, "note", contestant=None, stage=None, attempt=None) for seq in range(1, PAGES * PAGE_ENTRIES))
    return opened(entries([adopted(), *notes]))


def opened(held: Sequence[Entry]) -> tuple[Desk, Slow]:
    ledger = Slow(held)
    return desk_at(held, ledger), ledger


def desk_at(held: Sequence[Entry], ledger: Slow, contest: ContestId = CUP) -> Desk:
    desk = Desk(contest, ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us)
    for each in held:
        desk.contest.advance(each)
    desk.contest.settle()
    return desk


class Shelf:
    """Many contests, of which each page takes a second to read. Pages are short here: `count` contests are of some, `short` ones of one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int, short: int = 0) -> None:
        monkeypatch.setattr(archives, "PAGE_ENTRIES", PAGE)
        held = entries([adopted(), *(event(seq, "note", contestant=None, stage=None, attempt=None) for seq in range(1, PAGES * PAGE))])
        self.ledger, self.archive = Slow(held), Archive()
        self.long = [desk_at(held, self.ledger, ContestId(f"long{n}")) for n in range(count)]
        self.short = [desk_at(held[:PAGE], self.ledger, ContestId(f"short{n}")) for n in range(short)]

    async def ask(self, desk: Desk) -> bool:
        """Whether it is answered, and not told to ask again."""
        try:
            history = await self.archive.of(desk, self.ledger)
        except StillReading:
            return False
        assert history.position == desk.contest.position
        return True

    async def insist(self, desk: Desk) -> None:
        """Ask again, as it is told to, until it is answered."""
        while not await self.ask(desk):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(AGAIN_AFTER_S)

    async def at_hand(self, desks: Sequence[Desk]) -> list[bool]:
        """Of which of them the past is at hand: it is answered in the same turn."""
        found = []
        for each in desks:
            asking = asyncio.create_task(self.ask(each))
            await asyncio.sleep(0)
            found.append(asking.done())
            asking.cancel()
        return found


def test_who_looks_back_waits_no_longer_than_that_and_it_is_read_all_the_same() -> None:
    async def look() -> None:
        (desk, ledger), archive = long(), Archive()
        now_s = asyncio.get_running_loop().time
        with pytest.raises(StillReading) as reading:
            await archive.of(desk, ledger)
        assert now_s() == WAITS_S
        assert 0 < reading.value.told < reading.value.of == PAGES * PAGE_ENTRIES
        await asyncio.sleep(PAGES)
        history = await archive.of(desk, ledger)
        assert (history.position, ledger.pages) == (PAGES * PAGE_ENTRIES, PAGES)

    clockwork.run(look())


def test_all_who_look_back_wait_for_the_same() -> None:
    async def look() -> None:
        (desk, ledger), archive = long(), Archive()
        found = await asyncio.gather(*(archive.of(desk, ledger) for _ in range(9)), return_exceptions=True)
        assert {type(each) for each in found} == {StillReading}
        await asyncio.sleep(PAGES)
        assert len({id(await archive.of(desk, ledger)) for _ in range(9)}) == 1
        assert ledger.pages == PAGES

    clockwork.run(look())


def test_what_failed_is_read_anew() -> None:
    async def look() -> None:
        (desk, ledger), archive = long(), Archive()
        held, ledger.held = ledger.held, [*ledger.held[:7], *ledger.held[8:]]
        with pytest.raises(AssertionError, match="ledger gap"):
            await archive.of(desk, ledger)
        ledger.held = held
        with pytest.raises(StillReading):
            await archive.of(desk, ledger)
        desk.closed.set()
        with pytest.raises(DeskClosed):
            await archive.of(desk, ledger)

    clockwork.run(look())


async def test_others_have_turns_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(turns, "REST_S", 0.0)
    facts: list[Fact] = [adopted(), *(event(seq, attempt=str(seq)) for seq in range(1, 50))]
    (desk, ledger), archive = opened(entries(facts)), Archive()
    reading, had = asyncio.ensure_future(archive.of(desk, ledger)), 0
    while not reading.done():
        await asyncio.sleep(0)
        had += 1
    assert had > 2 * len(facts), "at least one while an entry is taken in, and one after it"
    assert (await reading).position == 50


@pytest.mark.parametrize("count", [KEPT_MAX + 1, 2 * KEPT_MAX, 4 * KEPT_MAX])
def test_of_more_contests_than_are_kept_each_is_read_once_and_everybody_gets_an_answer(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    async def look() -> None:
        shelf = Shelf(monkeypatch, count)
        async with asyncio.timeout(count * PAGES / AT_ONCE_MAX + WAITS_S + AGAIN_AFTER_S):
            await asyncio.gather(*map(shelf.insist, shelf.long))
        assert (shelf.ledger.pages, shelf.ledger.readers_max) == (count * PAGES, AT_ONCE_MAX)

    clockwork.run(look())


def test_who_goes_on_looking_back_at_more_contests_than_are_kept_goes_on_getting_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look() -> None:
        shelf, answers = Shelf(monkeypatch, KEPT_MAX + 1), [0] * (KEPT_MAX + 1)

        async def follow(number: int) -> None:
            while True:
                await shelf.insist(shelf.long[number])
                answers[number] += 1
                await asyncio.sleep(1)

        async with asyncio.TaskGroup() as tasks:
            following = [tasks.create_task(follow(number)) for number in range(len(answers))]
            await asyncio.sleep(600)
            for each in following:
                each.cancel()
        assert min(answers) > 600 / (3 * PAGES), "as often, about, as all of them could be read in the same time, one after the other"
        assert shelf.ledger.readers_max == AT_ONCE_MAX

    clockwork.run(look())


def test_the_contests_are_kept_that_were_asked_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look() -> None:
        shelf = Shelf(monkeypatch, 0, KEPT_MAX + 1)
        for each in (*shelf.short[:-1], shelf.short[0], shelf.short[-1]):
            assert await shelf.ask(each)
        assert await shelf.at_hand(shelf.short) == [number != 1 for number in range(KEPT_MAX + 1)]

    clockwork.run(look())


def test_what_nobody_came_back_for_is_not_kept_beyond_that(monkeypatch: pytest.MonkeyPatch) -> None:
    there = WeakSet[History]()

    class Counted(History):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            there.add(self)

    async def look() -> None:
        monkeypatch.setattr(archives, "History", Counted)
        shelf = Shelf(monkeypatch, 3 * KEPT_MAX)
        assert not any(await asyncio.gather(*map(shelf.ask, shelf.long)))
        await asyncio.sleep(3 * KEPT_MAX * PAGES)
        assert shelf.ledger.pages == 3 * KEPT_MAX * PAGES
        gc.collect()
        assert len(there) == KEPT_MAX

    clockwork.run(look())


@pytest.mark.parametrize("after_s", [KEEPS_S / 2, KEEPS_S + 1])
def test_who_asks_again_soon_finds_what_was_read_however_many_others_look_back(monkeypatch: pytest.MonkeyPatch, after_s: float) -> None:
    """And who does not come is forgotten as anybody else."""

    async def look() -> None:
        shelf = Shelf(monkeypatch, 1, 3 * KEPT_MAX)
        (long,) = shelf.long
        for _ in range(2):
            assert not await shelf.ask(long)
            await asyncio.sleep(1)
        asked_at_s = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() < asked_at_s + after_s:
            await asyncio.gather(*(shelf.ask(each) for each in shelf.short))
        assert await shelf.at_hand([long]) == [after_s < KEEPS_S]

    clockwork.run(look())


def test_a_short_past_is_not_behind_long_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look() -> None:
        shelf = Shelf(monkeypatch, 2 * AT_ONCE_MAX, 1)
        answered = await asyncio.gather(*map(shelf.ask, [*shelf.long, *shelf.short]))
        assert answered == [False] * len(shelf.long) + [True]

    clockwork.run(look())
