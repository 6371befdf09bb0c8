"""A device of a rehearsed venue: the agent that venues use, with its outbox, on a line that can be made bad. It can be killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from contest_server.agent.agent import Agent, Ended, Options
from contest_server.agent.calls import OneThread
from contest_server.agent.limits import CHUNK_EVENTS_MAX, AgentLimits
from contest_server.agent.outbox import Outbox
from contest_server.agent.reading import Chunk, draft_event
from contest_server.agent.resume import Standing
from contest_server.agent.status import View
from contest_server.agent.store import Binding, Store
from contest_server.agent.websocket import connected, endpoint
from contest_server.agent.wording import in_both
from contest_server.core.saying import Said, Text
from contest_server.demo.dice import Dice
from contest_server.demo.telling import Device
from contest_server.rehearsal.line import Line
from contest_server.rehearsal.measures import Deliveries
from contest_server.rehearsal.pace import Pace, wall_us
from contest_server.rehearsal.plan import Plan
from contest_server.rehearsal.tap import Mischief, Tap

PAUSE_MIN_S, PAUSE_MAX_S = 0.1, 2.0
ANSWER_WAIT_S = 8.0
EMPTIED_WITHIN_S = 30.0
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Site:
    """What a device needs: the contest, its venue's token, its line, a folder for its outbox, the time, and the contest's start."""

    plan: Plan
    contest: str
    token: str
    line: Line
    folder: Path
    pace: Pace
    start_us: int


class RehearsedDesk:
    """`run` once; `kill`, `revive` and `set_clock` meanwhile."""

    def __init__(self, device: Device, site: Site, mischief: Mischief, tell: Callable[[str], None]) -> None:
        self.device, self.line = device, site.line
        self._site, self._tell = site, tell
        self.deliveries = Deliveries()
        self.tap = Tap(self.deliveries, mischief, site.pace.now_s)
        self.ahead_ms = site.plan.ahead_ms(device, -1) or site.plan.ahead_ms(device, 0)
        self.lives = 0
        self._agent: Agent | None = None
        self._last: Standing | None = None
        self._killed, self._revived = asyncio.Event(), asyncio.Event()
        self._gives_to_ms = self._next_turn_ms(0)

    def now_us(self) -> int:
        """By this device's clock."""
        return wall_us() + self.ahead_ms * 1_000

    @property
    def view(self) -> View | None:
        return None if self._agent is None else self._agent.view()

    @property
    def waiting(self) -> int:
        """Events that were typed in and are not answered; those of a dead agent are in its outbox."""
        view = self.view
        standing = self._last if view is None else view.standing
        return 0 if standing is None else standing.waiting

    @property
    def is_cut_off(self) -> bool:
        view = self.view
        return view is None or view.connection.state in ("disconnected", "connecting")

    # ---- what is done to it ----------------------------------------------------------------------------------------------------

    def kill(self) -> None:
        """The agent ends at whatever it is doing; only the outbox is left."""
        self._revived.clear()
        self._killed.set()

    def revive(self) -> None:
        self._revived.set()

    async def set_clock(self, from_ms: int) -> None:
        """Empty the outbox, stop, and come back with the clock that the plan has from this moment on."""
        try:
            async with asyncio.timeout(EMPTIED_WITHIN_S):
                while self.waiting or not self._has_given_all_before(from_ms):  # noqa: ASYNC110 - an agent rings no bell
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            self._say(Said("the outbox did not empty before its clock was set; its times may be corrected wrongly"))
        self.kill()
        self.ahead_ms = self._site.plan.ahead_ms(self.device, from_ms)
        self._gives_to_ms = self._next_turn_ms(from_ms + 1)
        self.revive()

    # ---- its lives -------------------------------------------------------------------------------------------------------------

    async def run(self) -> Ended:
        """Returns when all its events are answered, or the server has turned it away."""
        while True:
            ended = await self._live()
            if ended is not None:
                return ended
            await self._revived.wait()
            self._killed.clear()

    async def _live(self) -> Ended | None:
        """From the start of an agent to its end; None if it was killed."""
        site, device = self._site, self.device
        binding = Binding(site.contest, device.venue, device.name)
        path = site.folder / f"{device.venue}.{device.name}.outbox.db"
        bounds = AgentLimits(pause_min_s=PAUSE_MIN_S, pause_max_s=PAUSE_MAX_S, answer_wait_s=ANSWER_WAIT_S)
        self.lives += 1
        with closing(Store.open(path, binding, self.now_us)) as store, closing(OneThread()) as call:
            outbox = Outbox(store)
            connect = self.tap.through(partial(connected, endpoint(self.line.url, binding), site.token))
            chance = Random(f"{device.source}/{self.lives}")  # noqa: S311 - spreads reconnects, guards nothing
            story = self._story(outbox.standing().last)
            self._agent = Agent(outbox, connect, story, self.now_us, Options(True, bounds=bounds), call=call, tell=self._say, chance=chance)
            ended = await self._until_killed(self._agent)
            self._last = self._agent.view().standing
            self._agent = self._agent if ended is not None else None
            return ended

    async def _until_killed(self, agent: Agent) -> Ended | None:
        async with asyncio.TaskGroup() as group:
            living = group.create_task(agent.run())
            dying = group.create_task(self._killed.wait())
            await asyncio.wait({living, dying}, return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            ended = living.result() if living.done() else None
            living.cancel()
        return ended

    def _say(self, text: Text) -> None:
        self._tell(f"{self.device.source}: {in_both(text)}")

    # ---- what it tells ---------------------------------------------------------------------------------------------------------

    async def _story(self, given: int) -> AsyncGenerator[Chunk, None]:
        """From the first event that is not in the outbox. Whatever is due together goes in together."""
        plan, pace = self._site.plan, self._site.pace
        events = plan.events_of(self.device)
        while given < len(events):
            if events[given].said_ms >= self._gives_to_ms:
                await asyncio.Event().wait()  # what comes next is told by another clock: by the next life
            await pace.until_ms(events[given].said_ms)
            now_ms, begin = min(pace.now_ms(), self._gives_to_ms - 1), given
            while given < len(events) and given - begin < CHUNK_EVENTS_MAX and events[given].said_ms <= max(now_ms, events[begin].said_ms):
                given += 1
            wires = [plan.wire(self.device, told, self._site.start_us) for told in events[begin:given]]
            yield Chunk(tuple(draft_event(wire, self.now_us) for wire in wires))

    def _next_turn_ms(self, from_ms: int) -> int:
        turns = [turn.from_ms for turn in self._site.plan.clocks.get(self.device, ()) if turn.from_ms >= max(1, from_ms)]
        return min(turns, default=1 << 60)

    def _has_given_all_before(self, at_ms: int) -> bool:
        due = sum(told.said_ms < at_ms for told in self._site.plan.events_of(self.device))
        view = self.view
        return view is not None and view.standing.last >= due


def mischief_of(plan: Plan, device: Device) -> Mischief:
    """What the plan's faults make of this device's messages."""
    shares: dict[str, float] = {fault.kind: fault.amount for fault in plan.faults if fault.target == device.source}
    return Mischief(Dice(plan.wishes.seed, "mischief", device.source), shares.get("duplicate", 0.0), shares.get("reorder", 0.0))
