"""A rehearsal from adopting to the proof: sets up, begins, hurts, ends, reads back. Ends in an outcome, also when it is broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from contest_server.core.definition import Definition
from contest_server.core.rulebook import Judges
from contest_server.core.times import text_of_us
from contest_server.demo.voice import Voice
from contest_server.rehearsal.desk import RehearsedDesk
from contest_server.rehearsal.notes import Notes, narrate, sample, show_status, write_down
from contest_server.rehearsal.office import Office, Unanswered
from contest_server.rehearsal.officials import Officials
from contest_server.rehearsal.outcome import Outcome, ServerSeen
from contest_server.rehearsal.pace import Pace, wall_us
from contest_server.rehearsal.plan import Plan
from contest_server.rehearsal.proof import Question, prove, read_ledger
from contest_server.rehearsal.queue_watch import QueueWatch
from contest_server.rehearsal.scenario import minutes_of, named
from contest_server.rehearsal.setup import adopt, here, let_in, lock_up
from contest_server.rehearsal.stage import Stage, put_up

COUNTDOWN_S = 1.5
CLOCKS_KNOWN_WITHIN_S = 20.0
SETTLES_WITHIN_S = 120.0
"""After the last event was due: time for outboxes to empty."""
ALIKE_WITHIN_S = 20.0
LOOK_EVERY_S = 0.05


class BrokenOff(Exception):
    """Somebody ended it, or it took too long."""


class Rehearsal:
    """`run` once; `stop` ends it early, and there is still a report."""

    def __init__(self, plan: Plan, judges: Judges, token: str, folder: Path, voice: Voice) -> None:
        self._plan, self._judges, self._token, self._folder, self._voice = plan, judges, token, folder, voice
        self._stopped = asyncio.Event()
        self._pace = Pace(plan.wishes.speed)
        self._notes = Notes()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> Outcome:
        """Raises Unanswered where it could not even begin: no server, no administrator's token, another version."""
        wishes = self._plan.wishes
        began_us = wall_us()
        start_us = began_us + int(COUNTDOWN_S * 1e6) - int(self._plan.play_ms * 1_000 * (1 - 1 / wishes.speed))
        start_us -= start_us % 1_000
        definition = named(self._plan.definition, name_of(wishes.seed, began_us), start_us)
        about = definition.contest
        outcome = Outcome(
            about.id, {"zh": about.name.zh, "en": about.name.en}, wishes.seed, wishes.speed, minutes_of(definition), text_of_us(began_us)
        )
        async with Office.at(wishes.urls, self._token) as office:
            await adopt(office, definition)
            keys = await let_in(office, definition)
            officials = Officials(self._plan, definition, office, keys, self._pace, start_us)
            try:
                await officials.log_in()
                async with put_up(self._plan, about.id, keys, start_us, self._pace, self._folder, self._notes.tell) as stage:
                    await self._play(stage, office, officials, outcome)
                    await self._look_back(stage, office, definition, outcome)
                write_down(outcome, stage, officials, self._notes)
            finally:
                outcome.keys_left = await lock_up(office, about.id, keys)
        outcome.lasted_s = (wall_us() - began_us) / 1e6
        return outcome

    # ---- the play --------------------------------------------------------------------------------------------------------------

    async def _play(self, stage: Stage, office: Office, officials: Officials, outcome: Outcome) -> None:
        """Everybody at work, until all is told, answered and final; or until it is broken off."""
        notes = self._notes
        if "chief" in officials.sessions:
            notes.watch = QueueWatch(stage.queue_line, outcome.contest, officials.sessions["chief"], self._pace.now_s)
        async with asyncio.TaskGroup() as group:
            desks = [group.create_task(self._work(desk)) for desk in stage.desks.values()]
            beside = [group.create_task(work) for work in self._beside(stage)]
            acting = [group.create_task(work) for work in self._acting(stage, office, officials)]
            try:
                await self._or_stopped(self._to_the_end(stage, desks, acting, officials))
                await self._or_stopped(self._until_alike(stage, office, outcome.contest))
            except (BrokenOff, Unanswered) as fault:
                outcome.broken_off = str(fault)
            for task in (*desks, *beside, *acting):
                task.cancel()

    def _beside(self, stage: Stage) -> list[Coroutine[Any, Any, None]]:
        """What goes on for as long as anybody looks."""
        screens = [screen.run() for screen in stage.screens.values()]
        watch = [self._notes.watch.run()] if self._notes.watch is not None else []
        told = [sample(stage, self._notes), show_status(stage, self._notes, self._voice), narrate(self._plan, self._pace, self._voice)]
        return [*screens, *watch, *told]

    def _acting(self, stage: Stage, office: Office, officials: Officials) -> list[Coroutine[Any, Any, None]]:
        """What comes to its end by itself."""
        faults = [stage.hurt(fault, office) for fault in self._plan.faults]
        return [*faults, officials.keep_the_clock(), officials.freeze(), officials.enter_standings(), officials.sit()]

    async def _to_the_end(
        self, stage: Stage, desks: list[asyncio.Task[None]], acting: list[asyncio.Task[None]], officials: Officials
    ) -> None:
        await self._until(
            lambda: bool(self._notes.ended) or all(desk.tap.exchanges for desk in stage.desks.values()),
            CLOCKS_KNOWN_WITHIN_S,
            "clocks are measured",
        )
        if self._notes.ended:
            source, ended = next(iter(self._notes.ended.items()))
            raise BrokenOff(f"{source}: {ended.reason}")
        self._voice.both("▶", f"演练开始:{self._plan.tale.count} 个事件", f"the rehearsal begins: {self._plan.tale.count} events")
        self._pace.begin()
        last_ms = max(self._plan.play_ms, self._plan.tale.last_ms)
        await self._pace.until_ms(last_ms)
        await self._until(lambda: all(task.done() for task in (*desks, *acting)), SETTLES_WITHIN_S, "everything is answered")
        self._voice.both("■", "全部送达,解封并最终确定成绩", "all is told and answered; thaw and final result")
        await officials.close()

    async def _work(self, desk: RehearsedDesk) -> None:
        self._notes.ended[desk.device.source] = await desk.run()

    async def _until(self, is_so: Callable[[], bool], within_s: float, what: str) -> None:
        """Raises BrokenOff."""
        try:
            async with asyncio.timeout(within_s):
                while not is_so():  # noqa: ASYNC110 - neither agents nor displays ring a bell
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise BrokenOff(f"waited {within_s:.0f} s until {what}") from None

    async def _or_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work. Raises BrokenOff as soon as somebody stops it, and what the work raises."""
        faults: list[Exception] = []

        async def do() -> None:
            try:
                await work
            except (BrokenOff, Unanswered) as fault:
                faults.append(fault)

        async with asyncio.TaskGroup() as group:
            working, stopping = group.create_task(do()), group.create_task(self._stopped.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            is_stopped = not working.done()
            stopping.cancel()
            working.cancel()
        if is_stopped:
            raise BrokenOff("stopped by Ctrl-C")
        if faults:
            raise faults[0]

    # ---- the end ---------------------------------------------------------------------------------------------------------------

    async def _until_alike(self, stage: Stage, office: Office, contest: str, within_s: float = ALIKE_WITHIN_S) -> None:
        """Wait until all servers that answer, and all displays, are at one position; then take down what they show. Never raises for
        what they show: the report says it.
        """
        notes = self._notes
        deadline_s = asyncio.get_running_loop().time() + within_s
        while True:
            boards = await office.of_each(f"{here(contest)}/board", audience="staff")
            notes.servers = [
                ServerSeen(url, None if board is None else int(board["to"]), None if board is None else str(board["digest"]))
                for url, board in zip(self._plan.wishes.urls, boards, strict=True)
            ]
            positions = {server.position for server in notes.servers if server.position is not None}
            painted = {screen.painted.position for screen in stage.screens.values()}
            if (len(positions) == 1 and painted == positions) or asyncio.get_running_loop().time() > deadline_s:
                break
            await asyncio.sleep(LOOK_EVERY_S)
        for view in set(self._plan.views.values()):
            notes.boards[view] = await office.get(f"{here(contest)}/board", view=view)

    async def _look_back(self, stage: Stage, office: Office, definition: Definition, outcome: Outcome) -> None:
        """Read the ledger and hold it against the plan."""
        try:
            if not self._notes.servers:
                await self._until_alike(stage, office, outcome.contest, 0.0)
            position = max((server.position or 0 for server in self._notes.servers), default=0)
            self._voice.both("…", f"核对账本 {position} 条", f"reading {position} entries of the ledger and folding the plan anew")
            ledger, unverified = await read_ledger(office, outcome.contest)
        except Unanswered as fault:
            outcome.broken_off = outcome.broken_off or f"the ledger could not be read: {fault}"
            return
        own_us = own_offset_us(stage)
        outcome.own_clock_ms = own_us / 1_000
        known = {source: desk.deliveries.acknowledged_to for source, desk in stage.desks.items()}
        known |= {noise.device.source: noise.acknowledged_to for noise in stage.noises.values()}
        question = Question(self._plan, definition, stage.start_us, known, own_us)
        outcome.proof = await asyncio.to_thread(prove, question, ledger, self._judges, unverified)


def name_of(seed: int, now_us: int) -> str:
    """The contest's id: nobody takes it for another one."""
    moment_ = text_of_us(now_us - now_us % 1_000).replace("-", "").replace(":", "").replace(".", "").rstrip("Z")
    return f"rehearsal-{seed}-{moment_}"


def own_offset_us(stage: Stage) -> int:
    """How far this computer's clock is ahead of the servers': of a device whose clock was left alone; 0 where that is within the error."""
    told = [desk.tap.clock for desk in stage.desks.values() if desk.device not in stage.plan.clocks and desk.tap.clock is not None]
    best = min(told, key=lambda clock: clock.error_us or 1 << 60, default=None)
    return 0 if best is None or abs(best.offset_us) <= (best.error_us or 0) else best.offset_us
