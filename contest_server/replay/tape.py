"""How far the recording has been played. Devices wait for it; a replay's own server takes its time from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from contest_server.replay.streams import Stream, slices

TICK_S = 0.02


class Bell:
    """Wakes everybody who waits, once. Ringing when nobody waits is lost, so ask again before waiting."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()


class Device(Protocol):
    """A stream on its way: up to which number the server has acknowledged it."""

    stream: Stream
    acknowledged: int


class Tape:
    """Everything up to `released_us` may be sent. `bell` rings when that moves, and when a device has news."""

    def __init__(self, begins_us: int) -> None:
        self.released_us = begins_us
        self.bell = Bell()

    def now_us(self) -> int:
        """The time of the contest that is being played."""
        return self.released_us

    def release(self, until_us: int) -> None:
        """Let events up to this time go. Never takes anything back."""
        if until_us > self.released_us:
            self.released_us = until_us
            self.bell.ring()


Pause = tuple[int, Callable[[], Awaitable[None]]]
"""At this time, with everything before it acknowledged and nothing after it sent, do this."""


async def play(tape: Tape, devices: Sequence[Device], speed: float | None, pauses: Sequence[Pause] = ()) -> None:
    """Release the whole recording at `speed` (None: as fast as it is acknowledged); returns when all of it is acknowledged."""
    streams = [device.stream for device in devices]
    stops = {at_us - 1: act for at_us, act in pauses}
    end_of_all_us = max((us for each in streams for us in each.due_us), default=tape.released_us)
    ends = slices(streams, list(stops)) if speed is None else sorted({*stops, end_of_all_us})
    for end_us in ends:
        if speed is not None:
            await _run(tape, end_us, speed)
        tape.release(end_us)
        await _acknowledged(tape, devices, end_us)
        if end_us in stops:
            await stops[end_us]()


async def play_at_once(tape: Tape, devices: Sequence[Device]) -> None:
    """Release everything, in whatever order the devices have it; returns when all of it is acknowledged."""
    end_us = max((us for device in devices for us in device.stream.due_us), default=tape.released_us)
    tape.release(end_us)
    await _acknowledged(tape, devices, end_us)


async def _run(tape: Tape, end_us: int, speed: float) -> None:
    """Let the contest's time pass, `speed` times as fast as time itself."""
    begun_s, from_us = time.monotonic(), tape.released_us
    while tape.released_us < end_us:
        await asyncio.sleep(TICK_S)
        tape.release(min(end_us, from_us + int((time.monotonic() - begun_s) * speed * 1_000_000)))


async def _acknowledged(tape: Tape, devices: Sequence[Device], until_us: int) -> None:
    while any(device.acknowledged < device.stream.due_until(until_us) for device in devices):
        await tape.bell.wait()
