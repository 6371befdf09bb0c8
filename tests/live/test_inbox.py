"""What waits for a ledger: nobody who waits for room is forgotten, and nobody who gave up is kept."""

from __future__ import annotations

import asyncio

import pytest

from contest_server.live.inbox import Inbox, Wish


def wish() -> Wish:
    return Wish([], lambda _: None)


async def test_wishes_that_were_withdrawn_make_room_for_whoever_waits() -> None:
    inbox, withdrawn, waiting = Inbox(1), wish(), wish()
    assert inbox.put_now(withdrawn)
    putting = asyncio.create_task(inbox.put(waiting))
    await asyncio.sleep(0)
    withdrawn.is_withdrawn = True
    async with asyncio.timeout(5):
        assert await inbox.next() is waiting
        await putting


async def test_whoever_gives_up_while_it_is_full_is_not_kept() -> None:
    inbox, first = Inbox(1), wish()
    assert inbox.put_now(first)
    putting = [asyncio.create_task(inbox.put(wish())) for _ in range(20)]
    await asyncio.sleep(0)
    for each in putting[:-1]:
        each.cancel()
    await asyncio.gather(*putting[:-1], return_exceptions=True)
    assert len(inbox._seeking) == 1
    assert inbox.next_now() is first
    inbox.tell_room()
    await putting[-1]
    assert len(inbox) == 1


@pytest.mark.parametrize("most", [1, 2])
async def test_a_ring_is_heard_once_and_beside_wishes(most: int) -> None:
    inbox = Inbox(most)
    inbox.ring()
    assert await inbox.next() is None
    asyncio.get_running_loop().call_soon(inbox.ring)
    assert await inbox.next() is None
