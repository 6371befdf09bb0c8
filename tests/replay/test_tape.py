"""How a recording is released: everything in the end, nothing before its time, and pauses exactly where they belong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from contest_server.core.facts import VenueId
from contest_server.replay.recording import RecordedEvent
from contest_server.replay.streams import Stream
from contest_server.replay.tape import Tape, play, play_at_once

VENUE = VenueId("v")
HUNG_AFTER_S = 60.0


@dataclass
class Device:
    """Acknowledges one event at a time, whenever one is due. `log` holds what happened, over all devices."""

    stream: Stream
    log: list[str] = field(default_factory=list)
    acknowledged: int = 0

    async def run(self, tape: Tape) -> None:
        while self.acknowledged < len(self.stream.events):
            if self.acknowledged < self.stream.due_until(tape.released_us):
                self.log.append(f"{self.stream.source}@{self.stream.events[self.acknowledged].at_us}")
                self.acknowledged += 1
                tape.bell.ring()
                await asyncio.sleep(0)
            else:
                await tape.bell.wait()


def _device(name: str, log: list[str], *times_us: int) -> Device:
    return Device(Stream(VENUE, name, [RecordedEvent(VENUE, "note", at_us) for at_us in times_us]), log)


@pytest.mark.parametrize("speed", [None, 1_000_000.0])
async def test_a_pause_stands_between_what_is_before_it_and_what_is_at_its_time(speed: float | None) -> None:
    log: list[str] = []

    async def freeze() -> None:
        log.append("freeze")

    devices, tape = [_device("a", log, 1, 9, 10, 30), _device("b", log, 10, 11), _device("c", log, 2, 9)], Tape(0)
    async with asyncio.timeout(HUNG_AFTER_S), asyncio.TaskGroup() as tasks:
        for device in devices:
            tasks.create_task(device.run(tape))
        await play(tape, devices, speed, [(10, freeze)])
    assert set(log[: log.index("freeze")]) == {"a@1", "a@9", "c@2", "c@9"}
    assert len(log) == 9


async def test_the_time_of_the_tape_never_runs_back_and_ends_at_the_end() -> None:
    tape = Tape(100)
    tape.release(50)
    assert tape.now_us() == 100
    await play(tape, [], None)
    device = _device("a", [], 200, 300)
    async with asyncio.timeout(HUNG_AFTER_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(device.run(tape))
        await play_at_once(tape, [device])
    assert (tape.now_us(), device.acknowledged) == (300, 2)
