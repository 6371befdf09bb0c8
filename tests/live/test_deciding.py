"""A decision is entered at the very position that it was taken on, whoever else writes to the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from contest_server.core.actors import Actor
from contest_server.core.acts import Annul, Confirm
from contest_server.core.contest import Contest
from contest_server.core.deciding import basis_of, rule
from contest_server.core.denials import Denied
from contest_server.core.facts import Draft
from contest_server.core.ids import ContestantId, OfficialId, StageId
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.port import HeadMoved, LedgerFault
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed, Unstorable
from tests import clockwork
from tests.contests import CUP, START_US, drafts, event
from tests.core.test_rulings import ruling
from tests.live.test_desk import desk_on, ledger_with, running

A1, QUIZ = ContestantId("A1"), StageId("quiz")


async def decided(desk: Desk, name: str, official: str, basis: str) -> int | str:
    """The position of an official's ruling on A1's quiz, or why it was refused."""
    wish = ruling(Annul(), name, official=official)

    def decide(contest: Contest) -> Sequence[Draft]:
        entered = rule(contest, Actor(OfficialId(official), "referee"), wish, basis)
        return [] if entered is None else [Draft(START_US, f"official:{official}", entered)]

    try:
        return await desk.decide(decide)
    except Denied as denied:
        return denied.code


def test_of_two_referees_at_two_servers_who_decide_on_the_same_thing_one_is_told_that_it_changed() -> None:
    async def work() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(None, event(1, at_s=5), store=store)
        async with running(desk_on(ledger)) as here, running(desk_on(MemoryLedger(store))) as there:
            basis = basis_of(here.contest, A1, QUIZ)
            answers = await asyncio.gather(decided(here, "r1", "R2", basis), decided(there, "r2", "R3", basis))
            assert sorted(map(str, answers)) == ["3", "changed"]
            assert len(await ledger.read(CUP, 2)) == 1

    clockwork.run(work())


def test_a_decision_sees_everything_that_is_stored_before_it() -> None:
    """Other servers write all the time; each decision counts what is there and states the count."""

    async def work() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(store=store)
        seen: list[tuple[int, int]] = []
        async with running(desk_on(ledger)) as here, running(desk_on(MemoryLedger(store))) as there:

            async def decide(desk: Desk, number: int) -> None:
                def look(contest: Contest) -> Sequence[Draft]:
                    looked_at.append(contest.position)
                    return [Draft(START_US, "official:R1", ruling(Confirm(), f"r{number}", flags=("x",), contestant=None, attempt=None))]

                looked_at: list[int] = []
                position = await desk.decide(look)
                seen.append((looked_at[-1], position))

            async with asyncio.TaskGroup() as tasks:
                for number in range(20):
                    tasks.create_task(decide(here if number % 2 else there, number))
                    tasks.create_task(here.submit(drafts([event(1, source=f"yongjia/d{number}")])))
        entries = await ledger.read(CUP, 0)
        assert len(entries) == 41
        assert len(seen) == 20
        assert all(after <= entered for after, entered in seen)
        at = {entry.fact.id: entry.position for entry in entries if hasattr(entry.fact, "id")}
        assert len(at) == 20

    clockwork.run(work())


async def test_what_was_decided_on_an_old_head_is_not_stored() -> None:
    ledger = await ledger_with()
    await ledger.append(CUP, drafts([event(1)]), expected=1)
    with pytest.raises(HeadMoved):
        await ledger.append(CUP, drafts([event(2)]), expected=1)
    assert (await ledger.head(CUP)).position == 2


async def test_a_refusal_enters_nothing_and_the_desk_goes_on() -> None:
    ledger = await ledger_with()
    async with running(desk_on(ledger)) as desk:

        def refuse(_: Contest) -> Sequence[Draft]:
            raise Denied("recused", "somebody else has to decide")

        with pytest.raises(Denied):
            await desk.decide(refuse)
        with pytest.raises(Unstorable):
            await desk.decide(lambda _: [Draft(START_US, "a" * 500, ruling(Annul()))])
        assert await desk.decide(lambda _: []) == 1
        assert await desk.submit(drafts([event(1)])) == 2


async def test_a_ledger_that_fails_ends_the_desk_and_promises_nothing() -> None:
    ledger = await ledger_with()
    async with running(desk_on(ledger)) as desk:

        def strike(*_: object) -> None:
            raise LedgerFault("the disk is gone")

        ledger.fault = strike
        with pytest.raises(DeskClosed):
            await desk.decide(lambda _: [Draft(START_US, "official:R1", ruling(Annul()))])
