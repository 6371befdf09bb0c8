"""Everybody on the rehearsal's side, put up for one run: lines, devices, noisy ones, displays; and the faults that are done to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from contest_server.demo.telling import Device
from contest_server.rehearsal.desk import RehearsedDesk, Site, mischief_of
from contest_server.rehearsal.faults import Fault
from contest_server.rehearsal.line import Line, Server
from contest_server.rehearsal.office import Office, Unanswered
from contest_server.rehearsal.pace import Pace
from contest_server.rehearsal.plan import Plan
from contest_server.rehearsal.screen import RehearsedScreen
from contest_server.rehearsal.setup import Keys
from contest_server.rehearsal.venue_noise import Noise
from contest_server.rehearsal.wishes import FaultKind

HURTFUL_TO_DISPLAYS = (FaultKind.CUT, FaultKind.SLOW_DISPLAY)


@dataclass(frozen=True, slots=True)
class Stage:
    """All of it, by name. `queue_line` is the chief referee's."""

    plan: Plan
    pace: Pace
    start_us: int
    desks: Mapping[str, RehearsedDesk]
    noises: Mapping[str, Noise]
    screens: Mapping[str, RehearsedScreen]
    queue_line: Line

    def sources_of(self, venue: str) -> Sequence[str]:
        """Devices with an agent at this venue."""
        return [source for source, desk in self.desks.items() if desk.device.venue == venue]

    def lines_of(self, target: str) -> Sequence[Line]:
        """The lines that a fault of a venue, a device or a display is about."""
        if target in self.screens:
            return [self.screens[target].line]
        if target in self.desks:
            return [self.desks[target].line]
        noisy = [self.noises[target].line] if target in self.noises else []
        return [*(self.desks[source].line for source in self.sources_of(target)), *noisy]

    def is_hurt(self, display: str) -> bool:
        return any(fault.target == display for fault in self.plan.by_kind(*HURTFUL_TO_DISPLAYS))

    async def hurt(self, fault: Fault, office: Office) -> None:
        """Do one fault, from its beginning to its end."""
        await self.pace.until_s(fault.from_s)
        match fault.kind:
            case FaultKind.CUT if fault.amount:
                await self._while(fault, [line.stall for line in self.lines_of(fault.target)], "unstall")
            case FaultKind.CUT | FaultKind.LATE:
                await self._while(fault, [line.cut for line in self.lines_of(fault.target)], "mend")
            case FaultKind.DELAY:
                await self._slow_down(fault)
            case FaultKind.CRASH:
                await self._crash(fault)
            case FaultKind.CLOCK if fault.from_s > 0:
                await self.desks[fault.target].set_clock(int(fault.from_s * self.plan.wishes.speed * 1_000))
            case FaultKind.GARBAGE:
                await self._make_noise(fault, office)
            case _:
                pass  # sent twice, swapped, slow or wrong from the beginning: whoever is hit is made so

    async def _while(self, fault: Fault, begin: Sequence[Callable[[], None]], end: str) -> None:
        for each in begin:
            each()
        try:
            await self.pace.until_s(fault.to_s)
        finally:
            for line in self.lines_of(fault.target):
                getattr(line, end)()

    async def _slow_down(self, fault: Fault) -> None:
        for line in self.lines_of(fault.target):
            line.delay_s = fault.amount
        await self.pace.until_s(fault.to_s)
        for line in self.lines_of(fault.target):
            line.delay_s = 0.0

    async def _crash(self, fault: Fault) -> None:
        desk = self.desks[fault.target]
        desk.kill()
        await self.pace.until_s(fault.to_s)
        desk.revive()

    async def _make_noise(self, fault: Fault, office: Office) -> None:
        noise = self.noises[fault.target]
        wires = [self.plan.wire(noise.device, told, self.start_us) for told in self.plan.events_of(noise.device)]
        try:
            await noise.volley(office, wires)
        except Unanswered as silence:
            noise.unexpected.append(str(silence))


@asynccontextmanager
async def put_up(
    plan: Plan, contest: str, keys: Keys, start_us: int, pace: Pace, folder: Path, tell: Callable[[str], None]
) -> AsyncIterator[Stage]:
    """Lines that listen, and everybody who will use them. Devices and displays are spread over the servers."""
    servers = [Server.at(url) for url in plan.wishes.urls]
    slow = {fault.target: fault.amount for fault in plan.by_kind(FaultKind.SLOW_DISPLAY)}
    async with AsyncExitStack() as lines:
        place = 0

        async def line() -> Line:
            nonlocal place
            place += 1
            return await lines.enter_async_context(Line(servers, place).open())

        def site(device: Device, its_line: Line) -> Site:
            return Site(plan, contest, keys.venues[device.venue], its_line, folder, pace, start_us)

        desks = {each.source: RehearsedDesk(each, site(each, await line()), mischief_of(plan, each), tell) for each in plan.devices}
        noises = {each.venue: Noise(each, contest, keys.venues[each.venue], await line()) for each in plan.noises}
        screens = {
            name: RehearsedScreen(name, view, await line(), contest, pace.now_s, slow.get(name, 0.0)) for name, view in plan.views.items()
        }
        yield Stage(plan, pace, start_us, desks, noises, screens, await line())
