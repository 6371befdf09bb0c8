"""A broadcast lets everybody else go on: after little where somebody waits for an answer, and it is never stopped by a busy loop."""

from __future__ import annotations

import asyncio

import pytest

from contest_server.live.slices import SHARE, SHORT_SLICE_S, SLICE_S, Slices

PIECE_S = 0.000_02
"""What the broadcaster of these tests takes to write one piece."""


class Loop:
    """A clock that goes on only where somebody works: the broadcaster, piece by piece, and everybody else in each of their turns."""

    def __init__(self, others_s: float = 0.0, *, is_owed: bool = False) -> None:
        self.now_s, self.others_s, self.is_owed = 100.0, others_s, is_owed
        self.slices = Slices(lambda: self.is_owed, lambda: self.now_s)

    def write_slice(self) -> float:
        """One slice, as long as it lasts (s)."""
        since_s = self.now_s
        while not self.slices.is_over:
            self.now_s += PIECE_S
        return self.now_s - since_s

    async def give_way(self) -> None:
        asyncio.get_running_loop().call_soon(self._work)
        await self.slices.give_way()

    def _work(self) -> None:
        self.now_s += self.others_s


@pytest.mark.parametrize(("is_owed", "longest_s"), [(False, SLICE_S), (True, SHORT_SLICE_S)])
async def test_a_slice_is_short_while_an_answer_is_owed(is_owed: bool, longest_s: float) -> None:
    loop = Loop(is_owed=is_owed)
    loop.slices.begin()
    for _ in range(3):
        assert longest_s <= loop.write_slice() <= longest_s + PIECE_S
        await loop.give_way()


async def test_what_comes_to_be_owed_meanwhile_makes_the_next_slice_short() -> None:
    loop = Loop()
    loop.slices.begin()
    loop.write_slice()
    loop.is_owed = True
    await loop.give_way()
    assert loop.write_slice() <= SHORT_SLICE_S + PIECE_S


@pytest.mark.parametrize("others_s", [0.000_5, 0.02, 0.3])
async def test_a_broadcast_has_its_share_of_a_loop_that_is_always_busy(others_s: float) -> None:
    loop = Loop(others_s, is_owed=True)
    loop.slices.begin()
    loop.write_slice()
    for _ in range(3):
        await loop.give_way()
        assert SHARE * others_s <= loop.write_slice() <= SHARE * others_s + SHORT_SLICE_S + PIECE_S


async def test_everybody_else_has_a_turn_between_two_slices() -> None:
    loop = Loop(0.001)
    loop.slices.begin()
    before_s = loop.now_s
    await loop.give_way()
    assert loop.now_s == before_s + 0.001
