"""The venue's agent: reads events into the outbox and carries them to the server, for ever or until the input is done.

It ends when the server says that trying again does not help, when a person stops it, when the input cannot be read on, or (`once`) when the
input is over; in the last two cases not before everything is answered, and `once` not before the server has said in this run what it has:
one that came back from a backup may want events again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import IntEnum
from random import Random

from contest_server.agent.calls import Calls, on_the_spot
from contest_server.agent.courier import Courier, Tell
from contest_server.agent.delivery import Delivery
from contest_server.agent.files import InputFault
from contest_server.agent.keeper import Keeper
from contest_server.agent.limits import BAD_LINES_TOLD_MAX, AgentLimits
from contest_server.agent.link import Link
from contest_server.agent.outbox import Outbox
from contest_server.agent.pace import Pace
from contest_server.agent.pauses import Pauses
from contest_server.agent.port import Connect, Parted, Port
from contest_server.agent.reading import BadLine, NowUs
from contest_server.agent.resume import ServerAhead
from contest_server.agent.sources import Source
from contest_server.agent.status import Connection, View
from contest_server.agent.wording import reread
from contest_server.core.saying import Said, Text, said_by


class Exit(IntEnum):
    """How an agent ended; the exit status of the command."""

    DONE = 0  # everything read is acknowledged
    USAGE = 2  # wrong options, token or outbox
    SERVER = 3  # stopped by the server: trying again does not help
    ATTENTION = 4  # everything is answered, but events were refused or lines were no events
    WAITING = 5  # stopped by a person while events wait; they are safe in the outbox
    INPUT = 6  # the input cannot be read on; what was read is answered


@dataclass(frozen=True, slots=True)
class Ended:
    exit: Exit
    reason: Text


@dataclass(frozen=True, slots=True)
class Options:
    """`once`: end when the input is over and everything is answered. `server_ahead`: a person's word about a server that knows more."""

    once: bool = False
    server_ahead: ServerAhead = ServerAhead.STOP
    bounds: AgentLimits = field(default_factory=AgentLimits)


class Agent:
    """One source of one venue. `run` once; `view` and `stop` at any time within its loop. `tell` gets what a person should read."""

    def __init__(
        self,
        outbox: Outbox,
        connect: Connect,
        source: Source,
        now_us: NowUs,
        options: Options = Options(),
        *,
        call: Calls = on_the_spot,
        tell: Tell = lambda _text: None,
        chance: Random | None = None,
    ) -> None:
        self._source, self._tell, self._once = source, tell, options.once
        owner = outbox.store.owner
        self._name = owner.source
        self._keeper = Keeper(outbox, call, options.bounds, tell)
        pauses = Pauses(options.bounds, chance or Random())  # noqa: S311 - spreads reconnects, guards nothing
        pace = Pace(options.bounds.batch_events_max, options.bounds.batch_events_max, options.bounds.bytes_under_way_min)

        def new_courier(port: Port) -> Courier:
            link = Link(owner, options.bounds, pace, now_us, asyncio.get_running_loop().time())
            return Courier(port, link, self._keeper, pauses, options.server_ahead, tell)

        self._delivery = Delivery(connect, new_courier, pauses)
        self._bad_lines = 0
        self._input_over = False
        self._input_fault: Text | None = None
        self._stopped: Text | None = None
        self._ended: Ended | None = None

    def stop(self, why: Text) -> None:
        """A person's wish."""
        self._stopped = why
        self._keeper.moved.set()

    async def run(self) -> Ended:
        moved = self._keeper.moved
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._read())
            delivering = group.create_task(self._delivery.run())
            delivering.add_done_callback(lambda _task: moved.set())
            while (ended := self._verdict(delivering)) is None:
                await moved.wait()
                moved.clear()
            reading.cancel()
            delivering.cancel()
        self._ended = ended
        return ended

    async def _read(self) -> None:
        try:
            async with aclosing(self._source) as chunks:
                async for chunk in chunks:
                    appended = await self._keeper.append(chunk)
                    self._bad_lines += len(appended.bad)
                    self._tell_bad_lines(appended.bad)
        except InputFault as fault:
            self._input_fault = said_by(fault)
            self._tell(Said("WARNING: nothing more is read: {fault}", fault=self._input_fault))
        self._input_over = True
        self._keeper.moved.set()

    def _tell_bad_lines(self, bad: Sequence[BadLine]) -> None:
        for line in bad[:BAD_LINES_TOLD_MAX]:
            detail = reread(line.detail)
            self._tell(Said("line {line} is no event and is kept aside: {code}: {detail}", line=line.line, code=line.code, detail=detail))
        if len(bad) > BAD_LINES_TOLD_MAX:
            self._tell(Said("and {count} more lines are no events; --rejected lists them", count=len(bad) - BAD_LINES_TOLD_MAX))

    def _verdict(self, delivering: asyncio.Task[Parted]) -> Ended | None:
        """How it ended, if it has."""
        waiting = self._keeper.standing.waiting
        if delivering.done():
            return Ended(Exit.SERVER, delivering.result().reason)
        if self._stopped is not None and waiting:
            why = self._stopped
            one = Said("{why}; 1 event waits in the outbox", why=why)
            return Ended(Exit.WAITING, one if waiting == 1 else Said("{why}; {count} events wait in the outbox", why=why, count=waiting))
        if self._stopped is not None:
            return self._answered(self._stopped)
        if not self._input_over or waiting:
            return None
        if self._input_fault is not None:
            return Ended(Exit.INPUT, self._input_fault)
        return self._answered(Said("the input is over")) if self._once and self._keeper.compared else None

    def _answered(self, why: Text) -> Ended:
        refused = self._keeper.standing.refused
        if refused or self._bad_lines:
            told = Said(
                "{why}; {refused} refused numbers are open (--refused), {bad} lines were no events (--rejected)",
                why=why,
                refused=refused,
                bad=self._bad_lines,
            )
            return Ended(Exit.ATTENTION, told)
        return Ended(Exit.DONE, Said("{why}; everything is acknowledged", why=why))

    def view(self) -> View:
        input_state = "cannot be read on" if self._input_fault is not None else "over" if self._input_over else "reading"
        ended = self._ended
        connection = (
            self._delivery.connection() if ended is None else Connection("stopped", asyncio.get_running_loop().time(), ended.reason)
        )
        return View(
            source=self._name,
            connection=connection,
            now_s=asyncio.get_running_loop().time(),
            standing=self._keeper.standing,
            clock=self._delivery.clock,
            disk=self._keeper.disk,
            fault=self._delivery.fault,
            input_state=input_state,
        )
