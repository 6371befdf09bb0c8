"""Many venue agents in one process that can be killed as one: each has its outbox, its file of events and its device's clock.

`python -m tests.faults.fleet FLEET.json`. The clock of a device is wrong by the µs that stand in its file, if there is one.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from contest_server.agent.agent import Agent, Options
from contest_server.agent.calls import OneThread
from contest_server.agent.files import InputAs
from contest_server.agent.limits import AgentLimits
from contest_server.agent.outbox import Outbox
from contest_server.agent.sources import FileInput, from_file
from contest_server.agent.store import Binding, Store
from contest_server.agent.websocket import connected, endpoint

READY = "the fleet sails"
ENDED = "ended for good:"
THREADS = 4


@dataclass(frozen=True, slots=True)
class Member:
    """One agent: where it sends to, whose events these are, and its files."""

    server: str
    contest: str
    venue: str
    source: str
    token: str
    events: str
    outbox: str
    clock: str


@dataclass(frozen=True, slots=True)
class Fleet:
    """`answer_wait_s` and `pause_max_s`: see AgentLimits; tests are less patient than halls."""

    members: tuple[Member, ...]
    answer_wait_s: float
    pause_max_s: float

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Fleet:
        document = json.loads(path.read_text())
        return cls(tuple(Member(**each) for each in document["members"]), document["answer_wait_s"], document["pause_max_s"])


def device_clock(path: Path) -> Callable[[], int]:
    def now_us() -> int:
        try:
            wrong_us = int(path.read_text() or 0)
        except FileNotFoundError:
            wrong_us = 0
        return time.time_ns() // 1_000 + wrong_us

    return now_us


async def sail(fleet: Fleet) -> None:
    """Until it is killed."""
    bounds = AgentLimits(welcome_wait_s=fleet.answer_wait_s, answer_wait_s=fleet.answer_wait_s, pause_max_s=fleet.pause_max_s)
    with ExitStack() as stack:
        calls = [stack.enter_context(closing(OneThread())) for _ in range(THREADS)]
        async with asyncio.TaskGroup() as agents:
            for number, member in enumerate(fleet.members):
                agents.create_task(_run(member, bounds, calls[number % THREADS], stack))
            print(READY, flush=True)


async def _run(member: Member, bounds: AgentLimits, call: OneThread, stack: ExitStack) -> None:
    now_us = device_clock(Path(member.clock))
    binding = Binding(member.contest, member.venue, member.source)
    outbox = Outbox(stack.enter_context(closing(Store.open(Path(member.outbox), binding, now_us))))
    wanted = FileInput(Path(member.events), follow=True, input_as=InputAs.ASK, poll_s=bounds.file_poll_s)
    agent = Agent(
        outbox,
        partial(connected, endpoint(member.server, binding), member.token),
        from_file(wanted, outbox, call, now_us),
        now_us,
        Options(bounds=bounds),
        call=call,
        tell=lambda text: print(f"{member.venue}/{member.source}: {text}", flush=True),
    )
    ended = await agent.run()
    print(f"{member.venue}/{member.source} {ENDED} {ended.reason}", flush=True)


def main() -> None:
    asyncio.run(sail(Fleet.read(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
