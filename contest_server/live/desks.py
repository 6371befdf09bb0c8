"""The desks of all contests of this server. A desk that ended is opened anew, by replaying its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from contest_server.core.facts import ContestId
from contest_server.core.rulebook import Judges
from contest_server.ledger.people import People
from contest_server.ledger.port import Ledger
from contest_server.live.desk import Desk, DeskClosed
from contest_server.live.settings import Settings

log = structlog.get_logger()

REOPEN_AFTER_S = 1.0
READY_WITHIN_S = 30.0


class UnknownContest(LookupError):
    """No contest of this name has been adopted here."""


class Desks:
    """One desk for each contest that somebody asked for."""

    def __init__(self, ledger: Ledger, people: People, judges: Judges, settings: Settings, now_us: Callable[[], int]) -> None:
        self._ledger, self._people, self._judges, self._settings, self._now_us = ledger, people, judges, settings, now_us
        self._desks: dict[ContestId, Desk] = {}
        self._keepers: dict[ContestId, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Desks]:
        """Desks run inside this block, and end with it."""
        async with asyncio.TaskGroup() as self._tasks:
            try:
                yield self
            finally:
                for keeper in self._keepers.values():
                    keeper.cancel()

    async def names(self) -> list[ContestId]:
        return await self._ledger.contests()

    async def desk(self, contest: ContestId) -> Desk:
        """The desk of this contest, once it has replayed its ledger.

        Raises:
            UnknownContest: nobody adopted it.
            DeskClosed: it does not come up; the log says why.
        """
        if contest not in self._keepers:
            if contest not in await self._ledger.contests():
                raise UnknownContest(contest)
            if contest not in self._keepers:
                assert self._tasks is not None, "desks are not running"
                self._desks[contest] = self._new(contest)
                self._keepers[contest] = self._tasks.create_task(self._keep(contest))
        desk = self._desks[contest]
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await desk.settled.wait()
        except TimeoutError:
            raise DeskClosed(contest) from None
        if desk.closed.is_set():
            raise DeskClosed(contest)
        return desk

    def _new(self, contest: ContestId) -> Desk:
        return Desk(contest, self._ledger, self._people, self._judges, self._settings, self._now_us)

    async def _keep(self, contest: ContestId) -> None:
        """Open the desk again whenever it ends; its ledger is what counts."""
        while True:
            desk = self._desks[contest]
            try:
                await desk.run()
            except Exception as error:  # noqa: BLE001 - one contest's fault must not end the others; it is logged and retried
                log.error("desk ended", contest=contest, position=desk.contest.position, reason=_reason(error))
            await asyncio.sleep(REOPEN_AFTER_S)
            self._desks[contest] = self._new(contest)


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
