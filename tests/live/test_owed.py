"""While the ledger owes an answer a server does not claim that its board is as it is."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from contest_server.live.owed import Owed
from tests.clockwork import run


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
