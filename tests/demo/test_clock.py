"""The demo's clock: real time, held, then faster. It never goes back. No test waits for it."""

from __future__ import annotations

import asyncio

from contest_server.demo.clock import DemoClock


class _Time:
    """A steady clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        await asyncio.sleep(0)


def _clock() -> tuple[DemoClock, _Time]:
    time = _Time()
    return DemoClock(1_000_000_000, time.monotonic, time.sleep), time


def test_it_runs_as_fast_as_real_time_at_first() -> None:
    clock, time = _clock()
    time.now_s += 2.5
    assert clock.now_us() == 1_002_500_000


def test_it_stands_still_where_it_is_held_and_goes_on_from_there() -> None:
    clock, time = _clock()
    clock.hold_at(1_003_000_000)
    time.now_s += 60
    assert clock.now_us() == 1_003_000_000
    clock.release(10)
    assert clock.now_us() == 1_003_000_000
    time.now_s += 1
    assert clock.now_us() == 1_013_000_000


async def test_who_waits_for_a_moment_after_the_hold_waits_for_the_release() -> None:
    clock, time = _clock()
    clock.hold_at(1_001_000_000)
    waiting = asyncio.create_task(clock.until(1_021_000_000))
    await clock.until(1_001_000_000)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    before_s = time.now_s
    clock.release(10)
    await waiting
    assert abs(time.now_s - before_s - 2.0) < 0.01
    assert clock.now_us() >= 1_021_000_000


async def test_a_moment_that_is_over_is_not_waited_for() -> None:
    clock, time = _clock()
    await clock.until(999_000_000)
    assert time.now_s == 50.0


def test_slowing_down_again_does_not_go_back() -> None:
    clock, time = _clock()
    clock.release(100)
    time.now_s += 3
    fast_us = clock.now_us()
    clock.release(1.0)
    assert clock.now_us() == fast_us == 1_300_000_000
