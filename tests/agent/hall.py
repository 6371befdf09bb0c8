"""A server that keeps the contract, with a network that does not, and an agent that can be killed. Refuses an agent that breaks a limit."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from contest_server.agent.agent import Agent, Ended, Options
from contest_server.agent.calls import Calls, on_the_spot
from contest_server.agent.outbox import Outbox
from contest_server.agent.port import Parted, Port
from contest_server.agent.sources import Source
from contest_server.agent.store import Binding, Store
from contest_server.core.saying import Text

BINDING = Binding("cup", "yueqing", "desk-1")
START_US = 1_763_801_000_000_000

Json = dict[str, Any]
T = TypeVar("T")


class Mishap(Enum):
    """What befalls one message of events."""

    NONE = "none"
    LOST_BEFORE = "the connection breaks, the message is lost"
    LOST_AFTER = "the message is taken, the connection breaks before the answer"
    UNHEARD = "the message is swallowed, the connection stays"
    FAULT = "the message as a whole is refused"
    SPARSE = "a refusal is not covered by an acknowledgement as well"
    KILL_BEFORE = "the agent is killed, the message is lost"
    KILL_AFTER = "the message is taken, the agent is killed"
    KILL_ANSWERED = "the answers were heard, the agent is killed"
    GOODBYE = "the server answers and says goodbye for good"
    RESTORE = "the server comes back from a backup, half of what it had is gone"


@dataclass
class Server:
    """One source's ledger. An event whose data says bad is refused."""

    batch: int = 500
    message_bytes: int = 262_144
    rate_per_s: int = 2_000
    epoch: int = 1
    taken: list[Json] = field(default_factory=list)  # every number, refused ones too
    messages: int = 0
    arrivals: deque[tuple[float, int]] = field(default_factory=deque)

    def welcome(self) -> Json:
        limits = {"batch": self.batch, "message_bytes": self.message_bytes, "rate_per_s": self.rate_per_s}
        place = {"contest": BINDING.contest, "venue": BINDING.venue}
        return {"type": "welcome", **place, "epoch": f"e{self.epoch}", "after": len(self.taken), "limits": limits}

    def take(self, text: str, now_s: float | None = None) -> list[Json]:
        """Answers to a message of events: refusals, then an acknowledgement."""
        events = json.loads(text)["events"]
        self._check_limits(text, len(events), now_s)
        answers: list[Json] = []
        for event in events:
            if event["seq"] > len(self.taken) + 1:
                return [*answers, {"type": "refused", "seq": event["seq"], "code": "gap", "detail": "", "expected": len(self.taken) + 1}]
            if event["seq"] == len(self.taken) + 1:
                self.taken.append(event)
            if is_bad(self.taken[event["seq"] - 1]):
                answers.append({"type": "refused", "seq": event["seq"], "code": "bad_event", "detail": "as asked"})
        return [*answers, {"type": "ack", "seq": len(self.taken), "position": 1_000 + len(self.taken)}]

    def _check_limits(self, text: str, count: int, now_s: float | None) -> None:
        self.messages += 1
        assert 0 < count <= self.batch
        assert len(text.encode()) <= self.message_bytes
        if now_s is not None:
            self.arrivals.append((now_s, count))
            while self.arrivals[0][0] <= now_s - 1.0:
                self.arrivals.popleft()
            assert sum(count for _, count in self.arrivals) <= self.rate_per_s

    def restore(self) -> None:
        self.epoch += 1
        del self.taken[len(self.taken) // 2 :]


def is_bad(event: Json) -> bool:
    return bool((event.get("data") or {}).get("bad"))


class _FakePort:
    def __init__(self, hall: Hall) -> None:
        self._hall, self._life = hall, hall.lives
        self._inbox: asyncio.Queue[Json | Parted] = asyncio.Queue()
        self._broken: Parted | None = None

    async def send(self, text: str, /) -> None:
        await asyncio.sleep(self._hall.delay_s())
        if self._life != self._hall.lives:
            await asyncio.Event().wait()  # the dead say nothing
        if self._broken is not None:
            raise self._broken
        self._hall.heard(text, self)

    async def receive(self) -> str:
        message = await self._inbox.get()
        if isinstance(message, Parted):
            raise message
        return json.dumps(message)

    def answer(self, answers: Iterable[Json]) -> None:
        for message in answers:
            self._inbox.put_nowait(message)

    def part(self, reason: str) -> None:
        self._broken = Parted(reason)
        self._inbox.put_nowait(self._broken)


class Hall:
    """The network and the agent's desk. Mishaps befall the messages of events in order; afterwards all goes well."""

    def __init__(self, directory: Path, server: Server, mishaps: Iterable[Mishap] = (), seed: int = 0) -> None:
        self.server, self.mishaps = server, deque(mishaps)
        self.told: list[Text] = []
        self.saved: list[Json] = []  # what else the agent said
        self.connections = 0
        self.call: Calls = on_the_spot
        self._directory, self._chance = directory, Random(seed)
        self.lives = 0
        self._killed = asyncio.Event()

    @property
    def outbox_path(self) -> Path:
        return self._directory / f"outbox-{self.lives}.db"

    def delay_s(self) -> float:
        return self._chance.choice((0.0, 0.001, 0.05))

    def now_us(self) -> int:
        return START_US + round(asyncio.get_running_loop().time() * 1_000_000)

    def connect(self) -> AbstractAsyncContextManager[Port]:
        return self._connection()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Port]:
        self.connections += 1
        await asyncio.sleep(self.delay_s())
        yield _FakePort(self)

    def heard(self, text: str, port: _FakePort) -> None:
        message = json.loads(text)
        if message["type"] == "hello":
            assert message["source"] == BINDING.source
            port.answer([self.server.welcome(), {"type": "time", "t": 5}, {"type": "from a later version"}])
        elif message["type"] == "events":
            self._befall(self.mishaps.popleft() if self.mishaps else Mishap.NONE, text, port)
        else:
            self.saved.append(message)

    def _befall(self, mishap: Mishap, text: str, port: _FakePort) -> None:
        if mishap in (Mishap.LOST_BEFORE, Mishap.KILL_BEFORE, Mishap.UNHEARD, Mishap.FAULT):
            answers: list[Json] = [{"type": "refused", "seq": None, "code": "busy", "detail": ""}] if mishap is Mishap.FAULT else []
        else:
            answers = self.server.take(text, asyncio.get_running_loop().time())
        if mishap is Mishap.SPARSE:
            answers = self.sparse(answers)
        if mishap not in (Mishap.LOST_AFTER, Mishap.KILL_AFTER, Mishap.RESTORE):  # an agent that has every answer may end
            port.answer(answers)
        if mishap is Mishap.GOODBYE:
            port.answer([{"type": "bye", "code": "replaced", "retry": False}])
        if mishap is Mishap.RESTORE:
            self.server.restore()
        if mishap in (Mishap.LOST_BEFORE, Mishap.LOST_AFTER, Mishap.RESTORE):
            port.part(mishap.value)
        if mishap in (Mishap.KILL_BEFORE, Mishap.KILL_AFTER):
            self._kill()
        if mishap is Mishap.KILL_ANSWERED:
            asyncio.get_running_loop().call_later(0.0005, self._kill)

    def sparse(self, answers: list[Json]) -> list[Json]:
        """Only the numbers before the first refusal are acknowledged, and those after the last one."""
        refused = [answer["seq"] for answer in answers if answer["type"] == "refused" and answer["code"] != "gap"]
        if not refused:
            return answers
        before = [{"type": "ack", "seq": min(refused) - 1, "position": 999}]
        return [*before, *(answer for answer in answers if answer["type"] != "ack" or answer["seq"] > max(refused))]

    def _kill(self) -> None:
        """What is on the disk now is all that the next agent gets."""
        if self._killed.is_set():
            return
        old = self.outbox_path
        self.server.arrivals.clear()  # to start again takes longer than the second of the rate
        self.lives += 1
        for end in ("", "-wal"):
            if (part := old.with_name(old.name + end)).exists():
                shutil.copy(part, self.outbox_path.with_name(self.outbox_path.name + end))
        self._killed.set()

    async def slowly(self, job: Callable[[], T], /) -> T:
        """A disk that takes a second; as with a thread, a job that was begun is done."""

        async def work() -> T:
            await asyncio.sleep(1)
            return job()

        return await asyncio.shield(asyncio.ensure_future(work()))

    async def run(self, source: Callable[[Outbox], Source], options: Options | None = None) -> Ended:
        """Agents one after another, each until it is killed; the last one ends by itself."""
        while True:
            self._killed.clear()
            store = Store.open(self.outbox_path, BINDING, self.now_us)
            outbox = Outbox(store)
            agent = Agent(
                outbox,
                self.connect,
                source(outbox),
                self.now_us,
                options or Options(once=True),
                call=self.call,
                tell=self.told.append,
                chance=self._chance,
            )
            ended = await self._until_killed(agent)
            store.close()
            if ended is not None:
                return ended

    async def _until_killed(self, agent: Agent) -> Ended | None:
        running, killed = asyncio.ensure_future(agent.run()), asyncio.ensure_future(self._killed.wait())
        await asyncio.wait({running, killed}, return_when=asyncio.FIRST_COMPLETED)
        died = self._killed.is_set()
        for task in (running, killed):
            task.cancel()
        await asyncio.gather(running, killed, return_exceptions=True)
        return None if died else running.result()
