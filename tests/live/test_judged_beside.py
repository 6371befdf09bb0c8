"""While everybody is judged again nothing else stops: others have turns, the board is what it was, and what comes waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contest_server.core import remaking
from contest_server.core.acts import Act, Remove
from contest_server.core.contest import Contest
from contest_server.core.facts import Draft, Event, Fact, Frozen
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.live import turns
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from tests import clockwork
from tests.contests import CUP, START_US, adopted, clock, drafts, event, folded, standing, tried
from tests.core.acting import acts
from tests.core.stated import published
from tests.core.test_rejudging import second_version
from tests.core.test_ruling_laws import judged_by_a_panel, woven
from tests.core.test_rulings import ruling
from tests.live.test_desk import desk_on, ledger_with, running
from tests.strategies import DICE, histories

NO_TIME = ruling(Remove(START_US, START_US + 2_000_000), "r1", None, None, None)
TOLD = [event(1), tried(2, "rejected", contestant="B1", at_s=4), event(3, contestant="A2", at_s=5)]


@pytest.fixture(autouse=True)
def _in_single_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that concerns everybody is long, and each piece is a turn."""
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 0)
    monkeypatch.setattr(turns, "TURN_S", 0.0)


async def told(desk: Desk, *facts: Fact) -> int:
    """As a venue or an official tells it: alone, and folded before anybody goes on."""
    return await desk.decide(lambda _: [Draft(START_US, "test", each) for each in facts])


async def whole(ledger: MemoryLedger) -> Contest:
    return folded(await ledger.read(CUP, 0))


@pytest.mark.parametrize("fact", [adopted(second_version()), NO_TIME, clock("start", 1)])
def test_the_board_is_as_it_was_until_all_are_judged_and_whoever_is_acknowledged_then_is_on_it(fact: Fact) -> None:
    async def work() -> None:
        ledger = await ledger_with(None, *TOLD)
        async with running(desk_on(ledger)) as desk:
            before, position = standing(desk.contest), desk.contest.position
            async with asyncio.TaskGroup() as tasks:
                entering = tasks.create_task(told(desk, fact))
                await asyncio.sleep(0.001)
                telling = tasks.create_task(desk.submit(drafts([event(4, contestant="B2", at_s=4)])))
                turns_of_others = 0
                while desk.contest.position == position:
                    assert standing(desk.contest) == before, "nothing is seen half judged"
                    assert [each.done() for each in (entering, telling)] == [False, False]
                    turns_of_others += 1
                    await asyncio.sleep(turns.REST_S / 2)
                assert turns_of_others > len(desk.contest.sheets)
                assert await telling == desk.contest.position == position + 2
                assert standing(desk.contest) == standing(await whole(ledger)) != before

    clockwork.run(work())


def test_what_came_before_it_is_judged_before_it_is_begun() -> None:
    """Also where another server stored both, and they are read together."""

    async def work() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(None, *TOLD, store=store)
        async with running(desk_on(ledger)) as desk:
            position = desk.contest.position
            await MemoryLedger(store).append(CUP, [*drafts([event(4, contestant="B2", at_s=4)]), Draft(START_US, "test", NO_TIME)])
            seen = 0
            while desk.contest.position < position + 2:
                if desk.contest.position == position + 1:
                    seen += 1
                    assert standing(desk.contest) == standing(folded(await ledger.read(CUP, 0, position + 1)))
                await asyncio.sleep(turns.REST_S / 2)
            assert seen > 1

    clockwork.run(work())


def test_others_have_a_turn_after_every_piece() -> None:
    async def work() -> None:
        ledger = await ledger_with(None, *TOLD)
        async with running(desk_on(ledger)) as desk:
            entering = asyncio.create_task(told(desk, NO_TIME))
            turns_of_others = 0
            while not entering.done():
                turns_of_others += 1
                await asyncio.sleep(turns.REST_S / 2)
            assert turns_of_others > 2 * len(desk.contest.sheets)

    clockwork.run(work())


@pytest.mark.parametrize("last", [Frozen(30), published("p1"), adopted(second_version())])
def test_others_have_turns_while_a_ledger_is_read(last: Fact) -> None:
    """Also where the contest looked at itself: judged is up to there, a few contestants in a turn, and each is placed in a turn."""

    async def work() -> None:
        ledger = await ledger_with(None, *TOLD, last, event(4, contestant="B2"))
        async with asyncio.TaskGroup() as tasks:
            desk = desk_on(ledger)
            opening = tasks.create_task(desk.run())
            turns_of_others = 0
            while not desk.settled.is_set():
                turns_of_others += 1
                await asyncio.sleep(turns.REST_S / 2)
            opening.cancel()
            assert turns_of_others > 6 * len(desk.contest.sheets), "twice everybody is placed and written, in a turn each, which has a rest"
            assert standing(desk.contest) == standing(await whole(ledger))

    clockwork.run(work())


def test_decisions_are_taken_on_the_contest_as_it_is_afterwards_in_their_order() -> None:
    async def work() -> None:
        ledger = await ledger_with(None, *TOLD)
        async with running(desk_on(ledger)) as desk:
            seen: list[tuple[str, int, int]] = []

            def deciding(name: str, contest: Contest) -> Iterator[Draft]:
                seen.append((name, contest.version, contest.position))
                yield from ()

            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(told(desk, adopted(second_version())))
                await asyncio.sleep(0.001)
                for name in ("one", "two"):
                    tasks.create_task(desk.decide(lambda contest, name=name: list(deciding(name, contest))))  # type: ignore[misc]
                await asyncio.sleep(0.001)
                assert seen == []
                entered = len(TOLD) + 2
            assert seen == [("one", 2, entered), ("two", 2, entered)]

    clockwork.run(work())


def test_a_desk_that_ends_meanwhile_has_it_in_the_ledger_and_a_new_one_judges_it() -> None:
    async def work() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(None, *TOLD, store=store)
        async with running(desk_on(ledger)) as desk:
            position = desk.contest.position
            entering = asyncio.create_task(told(desk, NO_TIME))
            await asyncio.sleep(0.001)
            assert desk.contest.position == position
        with pytest.raises(DeskClosed):
            await entering
        async with running(desk_on(MemoryLedger(store))) as desk:
            assert desk.contest.position == position + 1
            assert standing(desk.contest) == standing(await whole(ledger))
            assert await desk.submit(drafts([event(4)])) == position + 2

    clockwork.run(work())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(stories_max=5), acts(), st.lists(st.sampled_from([1, 2, 3, 5]), max_size=12), DICE)
def test_whatever_comes_in_between_two_servers_are_in_the_end_what_their_ledger_says(
    history: dict[str, list[Event]], stated: list[Act], pauses: list[int], dice: Random
) -> None:
    """Both write; each is judging all again much of the time; what venues are told is in order."""

    async def work() -> None:
        store: MemoryStore = {}
        await ledger_with(judged_by_a_panel(), store=store)
        facts = woven(history, stated, dice)
        facts.insert(dice.randint(0, len(facts)), adopted(second_version()))
        one, other = desk_on(MemoryLedger(store)), desk_on(MemoryLedger(store))
        async with running(one), running(other):
            async with asyncio.TaskGroup() as tasks:
                for fact in facts:
                    desk = dice.choice((one, other))
                    if isinstance(fact, Event):
                        await desk.catch_up()
                        await desk.submit(drafts([fact]))
                        assert desk.contest.sources[fact.source].last_seq >= fact.seq, "whoever comes again is told so"
                    else:
                        tasks.create_task(told(desk, fact))
                    if pauses and dice.random() < 0.5:
                        await asyncio.sleep(dice.choice(pauses) / 1000)
            for desk in (one, other):
                await desk.finish()
            end = (await MemoryLedger(store).head(CUP)).position
            for desk in (one, other):
                await desk.reach(end)
            there = await whole(MemoryLedger(store))
            assert len(there.lived()) == len(facts) + 1
            assert standing(one.contest) == standing(other.contest) == standing(there)

    clockwork.run(work())
