"""While the ledger owes an answer a server does not claim that its board is as it is."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from contest_server.core import remaking
from contest_server.core.acts import Remove
from contest_server.core.facts import ContestId
from contest_server.core.ids import OfficialId
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.notes import Kind, Notes
from contest_server.ledger.people import MemoryPeople
from contest_server.live import turns
from contest_server.live.desk import Desk
from contest_server.live.owed import Owed
from contest_server.live.settings import Settings
from tests.clockwork import now_us, run
from tests.contests import CUP, JUDGES, START_US, drafts, event, tried
from tests.core.test_rulings import ruling
from tests.live.test_desk import desk_on, ledger_with, running


def test_an_answer_is_owed_from_the_question_on() -> None:
    async def scene() -> list[float]:
        owed, seen = Owed(), list[float]()
        seen.append(owed.for_s)
        with owed.asked():
            await asyncio.sleep(3)
            seen.append(owed.for_s)
        seen.append(owed.for_s)
        return seen

    assert run(scene()) == [0, 3, 0]


def test_an_answer_inside_a_longer_question_counts() -> None:
    async def scene() -> list[float]:
        owed, seen = Owed(), list[float]()
        with owed.asked():
            await asyncio.sleep(5)
            with owed.asked():
                await asyncio.sleep(1)
                seen.append(owed.for_s)
            await asyncio.sleep(2)
            seen.append(owed.for_s)
        return seen

    assert run(scene()) == [1, 2]


def test_a_question_that_fails_is_answered() -> None:
    async def scene() -> float:
        owed = Owed()
        with suppress(OSError), owed.asked():
            await asyncio.sleep(1)
            raise OSError
        await asyncio.sleep(1)
        return owed.for_s

    assert run(scene()) == 0


# ---- of a desk -----------------------------------------------------------------------------------------------------------------------

LOOK_S = 0.1
TAKES_S = 30.0


async def longest_s(desk: Desk, within_s: float) -> float:
    """For how long an answer is owed, at the longest, by what is asked within this time."""
    longest, until_s = 0.0, asyncio.get_running_loop().time() + within_s
    while asyncio.get_running_loop().time() < until_s:
        await asyncio.sleep(LOOK_S)
        longest = max(longest, desk.owed.for_s)
    return longest


def test_a_ledger_that_answered_owes_nothing_while_everybody_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remaking, "AT_ONCE_MAX", 0)
    monkeypatch.setattr(turns, "TURN_S", 0.0)
    monkeypatch.setattr(turns, "REST_S", TAKES_S)

    async def scene() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(None, event(1), tried(2, "rejected", contestant="B1", at_s=4), store=store)
        async with running(desk_on(ledger)) as desk:
            position = desk.contest.position
            no_time = ruling(Remove(START_US, START_US + 2_000_000), "r1", None, None, None)
            await MemoryLedger(store).append(CUP, drafts([no_time]))
            assert await longest_s(desk, 2 * TAKES_S) == 0
            assert desk.contest.position == position, "it is judged still"

    run(scene())


class SlowPeople(MemoryPeople):
    takes_s = 0.0

    async def version(self, contest: ContestId) -> int:
        await asyncio.sleep(self.takes_s)
        return await super().version(contest)


def test_whether_names_changed_is_owed_too() -> None:
    async def scene() -> None:
        people = SlowPeople()
        async with running(desk_on(await ledger_with(), people=people)) as desk:
            people.takes_s = TAKES_S
            assert await longest_s(desk, 2 * TAKES_S) == pytest.approx(TAKES_S, abs=2 * LOOK_S)

    run(scene())


class SlowNotes(Notes):
    async def put(self, contest: ContestId, kind: Kind, id: str, document: str, until_us: int, now_us: int) -> None:  # noqa: A002
        await asyncio.sleep(TAKES_S)
        await super().put(contest, kind, id, document, until_us, now_us)


def test_what_other_servers_say_is_owed_too() -> None:
    async def scene() -> None:
        desk = Desk(CUP, await ledger_with(), MemoryPeople(), JUDGES, Settings(), now_us, notes=SlowNotes(MemoryTables()))
        async with running(desk):
            desk.queue.leases.look(OfficialId("R1"), (None, None), now_us())
            assert await longest_s(desk, 2 * TAKES_S) == pytest.approx(TAKES_S, abs=2 * LOOK_S)

    run(scene())
