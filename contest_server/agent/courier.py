"""One connection, carried on until it is over: three tasks hear, speak and record. Refuses to let the disk hold up answers to the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import assert_never

from contest_server.agent.keeper import Keeper
from contest_server.agent.limits import REFUSALS_TOLD_MAX, REFUSALS_UNRECORDED_MAX
from contest_server.agent.link import Fault, Happening, Leave, Link, Phase, Say, Settle
from contest_server.agent.messages import Ack, ClockTold, Refused, Unintelligible
from contest_server.agent.pauses import Pauses
from contest_server.agent.port import Parted, Port
from contest_server.agent.resume import Conflict, ServerAhead
from contest_server.agent.wording import reread
from contest_server.core.saying import Said, Text

Tell = Callable[[Text], None]

ADVICE = {
    "not_allowed": Said(": the token is not for this venue of this contest, or was revoked; ask the organiser for another one"),
    "replaced": Said(": another agent sends as this source; give every device a --source of its own, and stop one of the two"),
    "unknown_contest": Said(": there is no such contest at this server; look at --contest and --server"),
    "bad_hello": Said(": the server does not take this --source; use letters, digits, '.', '_' and '-', at most 64"),
    "bad_messages": Said(": it could not read what this agent sends; --withhold keeps an event back, and tell the organiser"),
}
"""What a person can do about a goodbye that is for good."""


class Courier:
    """`clock` and `fault` are what the server said last about this device's clock and about a message."""

    def __init__(self, port: Port, link: Link, keeper: Keeper, pauses: Pauses, server_ahead: ServerAhead, tell: Tell) -> None:
        self.link = link
        self._port, self._keeper, self._pauses, self._server_ahead, self._tell = port, keeper, pauses, server_ahead, tell
        self.clock: ClockTold | None = None
        self.fault: Text | None = None
        self._faults = 0
        self._heard: list[Ack | Refused | Settle] = []
        self._news, self._room = asyncio.Event(), asyncio.Event()

    async def carry(self) -> Parted:
        """Returns how the connection ended. What the server said before is recorded by then."""
        parted: asyncio.Future[Parted] = asyncio.get_running_loop().create_future()

        async def until_parted(work: Callable[[], Awaitable[None]]) -> None:
            try:
                await work()
            except Parted as end:
                if not parted.done():
                    parted.set_result(end)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(until_parted(work)) for work in (self._hear, self._speak, self._record)]
            end = await parted
            for task in tasks:
                task.cancel()
        self.link.broke(_now_s())
        if end.too_big:
            self.link.too_big()
        await self._keep([answer for answer in self._heard if not isinstance(answer, Settle)])
        return end

    # ---- hear ----------------------------------------------------------------------------------------------------------------

    async def _hear(self) -> None:
        await self._port.send(self.link.hello())
        while True:
            text = await self._port.receive()
            self.link.waiting = self._keeper.standing.waiting
            try:
                happenings = self.link.receive(text, _now_s())
            except Unintelligible as fault:
                raise Parted(Said("the server broke the contract: {fault}", fault=str(fault))) from fault
            for happening in happenings:
                await self._take_in(happening)
            self._keeper.stirred.set()

    async def _take_in(self, happening: Happening) -> None:
        match happening:
            case Say(text):
                await self._port.send(text)
            case Ack() | Refused() | Settle():
                await self._note(happening)
            case ClockTold():
                self.clock = happening
            case Fault(code, detail):
                self._slow_down(code, detail)
            case Leave(code, retry):
                goodbye = Said("the server said goodbye: {code}{advice}", code=code, advice=ADVICE.get(code, ""))
                raise Parted(goodbye, retry=retry, replaced=code == "replaced")
            case _:
                assert_never(happening)

    async def _note(self, answer: Ack | Refused | Settle) -> None:
        """Waits while the disk is too far behind."""
        if isinstance(answer, Ack):
            self.fault, self._faults = None, 0
            if self._heard and isinstance(self._heard[-1], Ack):
                self._heard.pop()
        while len(self._heard) >= REFUSALS_UNRECORDED_MAX:
            self._room.clear()
            await self._room.wait()
        self._heard.append(answer)
        self._news.set()

    def _slow_down(self, code: str, detail: str) -> None:
        pause_s = self._pauses.after(self._faults)
        self._faults += 1
        self.fault = Said("{code}: {detail}", code=code, detail=reread(detail)) if detail else code
        again = Said("; what was in it is sent again in {pause_s:.1f} s, in smaller parts", pause_s=pause_s)
        later = "" if self.link.phase is Phase.GREETING else again
        self._tell(Said("the server could not take a message ({fault}){later}", fault=self.fault, later=later))
        self.link.be_quiet_until(_now_s() + pause_s)

    # ---- record --------------------------------------------------------------------------------------------------------------

    async def _record(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._heard:
                await self._record_some()
                self._room.set()

    async def _record_some(self) -> None:
        """Up to the next question of where to go on: answers before it and after it mean different things."""
        answers = list[Ack | Refused]()
        while self._heard:
            heard = self._heard.pop(0)
            if isinstance(heard, Settle):
                await self._keep(answers)
                await self._settle(heard)
                return
            answers.append(heard)
        await self._keep(answers)

    async def _keep(self, answers: Sequence[Ack | Refused]) -> None:
        await self._keeper.record(answers)
        self._tell_refusals([answer for answer in answers if isinstance(answer, Refused)])

    async def _settle(self, settle: Settle) -> None:
        resumed = await self._keeper.resume(settle.after, settle.epoch, self._server_ahead)
        decision = resumed.decision
        if isinstance(decision, Conflict):
            raise Parted(decision.detail, retry=False)
        if decision.warning is not None:
            self._tell(Said("WARNING: {what}", what=decision.warning))
        self.link.begin(settle.turn, resumed.standing.answered_to, resumed.standing.sent_to)
        self._keeper.stirred.set()

    def _tell_refusals(self, refusals: Sequence[Refused]) -> None:
        for refused in refusals[:REFUSALS_TOLD_MAX]:
            detail = reread(refused.detail)
            self._tell(Said("number {seq} was REFUSED: {code}: {detail}", seq=refused.seq, code=refused.code, detail=detail))
        if len(refusals) > REFUSALS_TOLD_MAX:
            self._tell(Said("and {count} more were REFUSED; --refused lists them", count=len(refusals) - REFUSALS_TOLD_MAX))

    # ---- speak ---------------------------------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        while True:
            self._keeper.stirred.clear()
            overdue_s = self.link.overdue_s()
            if overdue_s is not None and _now_s() >= overdue_s:
                raise Parted(Said("the server owes an answer for too long"))
            if not await self._send_some():
                await self._until_stirred(self.link.wake_s(_now_s()))

    async def _send_some(self) -> bool:
        room = self.link.room(_now_s())
        if room is None or self.link.next_seq > self._keeper.standing.last:
            return False
        events = await self._keeper.take(self.link.next_seq, room.events_max, room.bytes_max, room.wanted_bytes)
        text = self.link.pack(events, _now_s())
        if text is None:
            return False
        await self._port.send(text)
        return True

    async def _until_stirred(self, until_s: float | None) -> None:
        try:
            async with asyncio.timeout_at(until_s):
                await self._keeper.stirred.wait()
        except TimeoutError:
            return


def _now_s() -> float:
    return asyncio.get_running_loop().time()
