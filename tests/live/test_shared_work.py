"""Work that many ask for at once is done once, and who goes away ends it for nobody else."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

from contest_server.live.shared_work import SharedWork
from tests import clockwork


def test_all_who_ask_while_it_is_done_get_the_same_and_who_asks_later_anew() -> None:
    async def look() -> None:
        shared, done = SharedWork[str, int](), []

        async def work() -> int:
            await asyncio.sleep(1)
            done.append(1)
            return len(done)

        first = asyncio.create_task(shared.of("cup", work))
        others = [asyncio.create_task(shared.of("cup", work)) for _ in range(9)]
        await asyncio.sleep(0.5)
        assert shared.is_under_way("cup")
        first.cancel()
        assert await asyncio.gather(*others) == [1] * 9
        assert not shared.is_under_way("cup")
        assert await shared.of("cup", work) == 2
        assert await asyncio.gather(shared.of("cup", work), shared.of("gala", work)) == [3, 4]

    clockwork.run(look())


def test_work_that_fails_fails_for_all_who_wait_and_is_begun_again() -> None:
    async def look() -> None:
        shared = SharedWork[str, int]()

        async def broken() -> int:
            await asyncio.sleep(1)
            raise ValueError("a fault")

        async def work() -> int:
            return 1

        found = await asyncio.gather(shared.of("cup", broken), shared.of("cup", broken), return_exceptions=True)
        assert [str(each) for each in found] == ["a fault", "a fault"]
        assert await shared.of("cup", work) == 1

    clockwork.run(look())


def test_what_is_begun_beside_is_done_though_nobody_waits() -> None:
    async def look() -> None:
        shared, done = SharedWork[str, None](), []

        async def work() -> None:
            await asyncio.sleep(1)
            done.append(1)

        shared.begin("cup", work)
        shared.begin("cup", work)
        await asyncio.sleep(2)
        assert (done, shared.is_under_way("cup")) == ([1], False)

    clockwork.run(look())


def test_what_fails_though_nobody_waits_is_nobodys_trouble() -> None:
    """Nor is what is given up: nothing is left that was never looked at."""

    async def look() -> None:
        shared, troubles = SharedWork[str, None](), list[dict[str, Any]]()
        asyncio.get_running_loop().set_exception_handler(lambda _, trouble: troubles.append(trouble))

        async def broken() -> None:
            await asyncio.sleep(1)
            raise ValueError("a fault")

        shared.begin("cup", broken)
        shared.begin("gala", broken).cancel()
        await asyncio.sleep(2)
        gc.collect()
        assert (troubles, shared.is_under_way("cup"), shared.is_under_way("gala")) == ([], False, False)

    clockwork.run(look())
