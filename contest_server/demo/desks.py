"""A device of a venue at work: a real agent with its outbox, fed by the story at the story's moments. Its clock may be wrong."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from contest_server.agent.agent import Agent, Ended, Options
from contest_server.agent.calls import OneThread
from contest_server.agent.courier import Tell
from contest_server.agent.limits import CHUNK_EVENTS_MAX, AgentLimits
from contest_server.agent.messages import ClockTold, read_message
from contest_server.agent.outbox import Outbox
from contest_server.agent.reading import Chunk, draft_event
from contest_server.agent.status import View
from contest_server.agent.store import Binding, Store
from contest_server.agent.websocket import connected, endpoint
from contest_server.core.clock import OFFSET_STEP_US
from contest_server.demo.cable import Cable
from contest_server.demo.clock import DemoClock
from contest_server.demo.telling import Device, Told

PAUSE_MIN_S, PAUSE_MAX_S = 0.2, 2.0
"""At speed 1. A show has no time for the long waits between tries of a real venue."""
EXCHANGES_NEEDED = 4
"""Of clocks, before a round begins: then those of a time that stands still outweigh the coarser ones of a time that races."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a device is: the contest's server, its venue's token and cable, a folder for its outbox, the demo's clock and its speed."""

    server: str
    contest: str
    token: str
    cable: Cable
    folder: Path
    clock: DemoClock
    start_us: int
    speed: float


class DemoDesk:
    """`run` once. `told` counts what was put into the outbox."""

    def __init__(self, device: Device, events: Sequence[Told], site: Site, tell: Tell) -> None:
        self.device = device
        self._events, self._site, self._tell = events, site, tell
        self._agent: Agent | None = None
        self._exchanges = 0

    def now_us(self) -> int:
        """By this device's clock."""
        return self._site.clock.now_us() + self.device.ahead_ms * 1_000

    async def run(self) -> Ended:
        """Returns when the story is told and everything is answered."""
        site = self._site
        binding = Binding(site.contest, self.device.venue, self.device.name)
        path = site.folder / f"{self.device.venue}.{self.device.name}.outbox.db"
        connect = site.cable.through(partial(connected, endpoint(site.server, binding), site.token), self._hear)
        bounds = AgentLimits(pause_min_s=PAUSE_MIN_S / site.speed, pause_max_s=PAUSE_MAX_S / site.speed)
        options = Options(once=True, bounds=bounds)
        chance = Random(self.device.source)  # noqa: S311 - spreads reconnects, guards nothing
        with closing(Store.open(path, binding, self.now_us)) as store, closing(OneThread()) as call:
            self._agent = Agent(Outbox(store), connect, self._story(), self.now_us, options, call=call, tell=self._tell, chance=chance)
            return await self._agent.run()

    @property
    def view(self) -> View | None:
        return None if self._agent is None else self._agent.view()

    @property
    def clock_is_known(self) -> bool:
        """Whether the server has measured this device's clock often and closely enough to correct it to the step."""
        clock = None if (view := self.view) is None else view.clock
        return (
            self._exchanges >= EXCHANGES_NEEDED
            and clock is not None
            and clock.error_us is not None
            and clock.error_us <= OFFSET_STEP_US // 2
        )

    def _hear(self, text: str | bytes) -> None:
        self._exchanges += isinstance(read_message(text), ClockTold)

    async def _story(self) -> AsyncGenerator[Chunk, None]:
        """Whatever is due together goes into the outbox together."""
        site, told = self._site, 0
        while told < len(self._events):
            await site.clock.until(self._due_us(told))
            now_us = site.clock.now_us()
            begin = told
            while told < len(self._events) and told - begin < CHUNK_EVENTS_MAX and self._due_us(told) <= now_us:
                told += 1
            yield Chunk(tuple(draft_event(event.wire(site.start_us), self.now_us) for event in self._events[begin:told]))

    def _due_us(self, index: int) -> int:
        return self._site.start_us + self._events[index].said_ms * 1_000
