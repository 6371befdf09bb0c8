"""The demo from beginning to end: round after round on a server of its own, each with an empty ledger, until somebody stops it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from contest_server.core.rulebook import Judges
from contest_server.demo.clock import DemoClock
from contest_server.demo.logins import passwords_for
from contest_server.demo.place import loopback_url, make_room
from contest_server.demo.play import Play
from contest_server.demo.round import Result, Round, let_in, podium, prepare
from contest_server.demo.voice import Voice
from contest_server.ledger.urls import open_stores
from contest_server.live.settings import Settings
from contest_server.web.serving import serving

COUNTDOWN_S = 12.0
"""Real time from the server's start to the contest's, at speed 1. Devices connect meanwhile, and their clocks are measured."""
NEXT_AFTER_MS = 55_000
"""From the end of a contest to the next round."""
RESULTS_KEPT = 10
"""Of an endless show, the latest."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to play. `settings` say where: database, address, port (not 0: every round listens there again)."""

    settings: Settings
    seed: int = 2026
    speed: float = 1.0
    once: bool = False


class Show:
    """`run` once; `stop` ends it in order. `opened` is set when the first round can be looked at; `passwords` let its officials in."""

    def __init__(self, wishes: Wishes, judges: Judges, folder: Path, voice: Voice, clock: DemoClock | None = None) -> None:
        self._wishes, self._judges, self._folder, self._voice = wishes, judges, folder, voice
        self._clock = DemoClock() if clock is None else clock
        self._stopped = asyncio.Event()
        self.opened = asyncio.Event()
        self.passwords = passwords_for(wishes.settings.host)

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> list[Result]:
        """Returns the results when it was stopped, or after the first round if that was wished.

        Raises:
            NotForADemo: the database holds something else.
            RoundFailed, LedgerFault: see there.
        """
        results: list[Result] = []
        number = 0
        while not self._stopped.is_set():
            number += 1
            result = await self._round(number)
            if result is not None:
                results = [*results, result][-RESULTS_KEPT:]
            if self._wishes.once:
                break
        return results

    async def _round(self, number: int) -> Result | None:
        """One round on a fresh ledger; None if it was stopped."""
        settings, clock = self._wishes.settings, self._clock
        start_us = clock.now_us() + int(COUNTDOWN_S / self._wishes.speed * 1_000) * 1_000
        start_us -= start_us % 1_000
        round_ = prepare(number, self._wishes.seed, start_us, self._judges)
        clock.hold_at(start_us)
        make_room(settings.db)
        stores = open_stores(settings.db)
        try:
            keys = await let_in(stores, round_, self._judges, self.passwords, clock.now_us())
            async with serving(stores, self._judges, settings, clock.now_us):
                self.opened.set()
                outboxes = self._outboxes(number)
                outboxes.mkdir()
                play = Play(round_, loopback_url(settings.host, settings.port), keys, outboxes, clock, self._wishes.speed, self._voice)
                return await self._until_stopped(self._played(round_, play))
        finally:
            await stores.close()
            shutil.rmtree(self._outboxes(number), ignore_errors=True)

    def _outboxes(self, number: int) -> Path:
        return self._folder / f"round-{number}"

    async def _played(self, round_: Round, play: Play) -> Result:
        story = round_.story
        self._voice.both(
            "▶",
            f"第 {round_.number} 轮,种子 {story.seed},{story.told} 个事件",
            f"round {round_.number}, seed {story.seed}, {story.told} events",
        )
        result = await play.run()
        self._tell(round_, result)
        if not self._wishes.once:
            self._voice.both("…", "稍后开始下一轮", "the next round begins in a moment")
            await self._clock.until(round_.at_us(story.duration_ms + NEXT_AFTER_MS))
        self._clock.release(1.0)
        return result

    def _tell(self, round_: Round, result: Result) -> None:
        questions = ", ".join(f"{code} {count}" for code, count in result.flags.most_common())
        self._voice.both("■", "成绩已最终确定:", "the result is final:")
        for line in podium(round_, result.board):
            self._voice.say(f"     {line}")
        self._voice.both("?", "提交裁判的存疑:", f"questions for the referees: {questions}")
        digest = result.digest
        self._voice.both(
            "=", f"榜单摘要 {digest[:16]}…,与赛前按种子推算的一致", f"board digest {digest[:16]}…, as reckoned from the seed beforehand"
        )

    async def _until_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The work's result; None if it was cut short, in which case nothing of it is left running."""
        async with asyncio.TaskGroup() as group:
            working = group.create_task(work)
            watching = group.create_task(self._stopped.wait())
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            working.cancel()
            with suppress(asyncio.CancelledError):
                return await working
        return None
