"""The desks of all contests of this server. A desk that ended is opened anew, by replaying its ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

from contest_server.core.definition import Definition
from contest_server.core.facts import ContestId
from contest_server.core.rulebook import Judges
from contest_server.ledger.notes import Notes
from contest_server.ledger.people import People
from contest_server.ledger.port import Ledger, LedgerDamaged, LedgerFault
from contest_server.live.checkpointing import Checkpointing
from contest_server.live.counts import Counts
from contest_server.live.desk import Desk
from contest_server.live.inbox import DeskClosed
from contest_server.live.settings import Settings
from contest_server.live.upgrades import Upgrades

log = structlog.get_logger()

REOPEN_AFTER_S, REOPEN_AT_THE_LATEST_S = 1.0, 60.0
"""A contest that cannot be opened for a reason of its own is read from its beginning each time: ever more rarely, then."""
READY_WITHIN_S = 30.0


class UnknownContest(LookupError):
    """No contest of this name has been adopted here."""


class Desks:
    """One desk for each contest that somebody asked for."""

    def __init__(
        self,
        ledger: Ledger,
        people: People,
        judges: Judges,
        settings: Settings,
        now_us: Callable[[], int],
        notes: Notes | None = None,
        checkpoints: Checkpointing | None = None,
        upgrades: Upgrades | None = None,
    ) -> None:
        self._ledger, self._people, self._judges, self._settings, self._now_us = ledger, people, judges, settings, now_us
        self._notes = notes
        self._checkpoints, self._upgrades = checkpoints, upgrades
        self._desks: dict[ContestId, Desk] = {}
        self._keepers: dict[ContestId, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._is_ending = False
        self.is_opening = False
        """Whether contests are still being opened because the server has just started."""
        self.counts = Counts()
        self._unusable: set[ContestId] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Desks]:
        """Desks run inside this block, and end with it."""
        async with asyncio.TaskGroup() as self._tasks:
            listening = self._tasks.create_task(self._ledger.listen(self._wake))
            try:
                yield self
            finally:
                listening.cancel()
                for keeper in self._keepers.values():
                    keeper.cancel()

    def _wake(self, contest: ContestId | None, position: int) -> float:
        """Let those look whose contest this is. Returns for how long (s) no desk would look at what is said next."""
        for name, desk in self._desks.items():
            if contest in (None, name):
                desk.wake(position)
        return min((desk.rests_for_s for desk in self._desks.values()), default=0.0)

    @property
    def judges(self) -> Judges:
        """The rules that definitions may use here."""
        return self._judges

    async def names(self) -> list[ContestId]:
        return await self._ledger.contests()

    @property
    def open(self) -> Mapping[ContestId, Desk]:
        """The desks that somebody asked for, as they are now: some may be replaying, or have ended."""
        return self._desks

    @property
    def unusable(self) -> list[ContestId]:
        """Contests that could not be opened for a reason of their own, as on any other server; the log says which."""
        return sorted(contest for contest in self._unusable if not self._desks[contest].ready.is_set())

    async def open_latest(self, at_most: int) -> None:
        """Open the contests that moved last, so that they answer at once and freeze in time. Who is left out is opened by whoever asks."""
        self.is_opening = True
        try:
            moved_us = [(await self._moved_us(contest), contest) for contest in await self._ledger.contests()]
            for _, contest in sorted(moved_us, reverse=True)[:at_most]:
                with suppress(DeskClosed, UnknownContest):
                    await self.desk(contest)
        except Exception as error:  # noqa: BLE001 - this is done ahead of need: whoever asks for a contest opens it all the same
            log.warning("contests cannot be opened yet", reason=_reason(error))
        finally:
            self.is_opening = False

    async def _moved_us(self, contest: ContestId) -> int:
        """When its last entry was received; 0 for one that cannot be read."""
        try:
            head = await self._ledger.head(contest)
            last = await self._ledger.read(contest, max(0, head.position - 1), 1)
        except LedgerFault as error:
            log.warning("the end of a ledger cannot be read", contest=contest, reason=str(error))
            return 0
        return last[0].received_us if last else 0

    def opened(self, contest: ContestId) -> Desk | None:
        """The desk of this contest, where nobody has to wait for it; None where `desk` would wait, or refuse."""
        desk = self._desks.get(contest)
        is_open = desk is not None and desk.ready.is_set() and not desk.closed.is_set()
        return desk if is_open and not self._is_ending else None

    def definition_of(self, contest: ContestId) -> Definition | None:
        """The definition that holds, where this contest is open; None where nobody can say just now."""
        desk = self._desks.get(contest)
        return None if desk is None else desk.contest.definition

    async def finish(self) -> None:
        """End all desks: what was submitted is stored and answered, nothing more is taken. Who looks on is told by `desk.closed`."""
        self._is_ending = True
        try:
            async with asyncio.TaskGroup() as finishing:
                for desk in [desk for desk in self._desks.values() if desk.ready.is_set()]:
                    finishing.create_task(desk.finish())
        finally:
            for keeper in self._keepers.values():
                keeper.cancel()

    async def desk(self, contest: ContestId) -> Desk:
        """The desk of this contest, once it has replayed its ledger.

        Raises:
            UnknownContest: nobody adopted it.
            DeskClosed: it does not come up; the log says why.
        """
        if self._is_ending:
            raise DeskClosed(contest)
        if contest not in self._keepers:
            if contest not in await self._ledger.contests():
                raise UnknownContest(contest)
            if contest not in self._keepers:
                assert self._tasks is not None, "desks are not running"
                self._desks[contest] = self._new(contest)
                self._keepers[contest] = self._tasks.create_task(self._keep(contest))
        desk = self._desks[contest]
        if not desk.settled.is_set():
            try:
                async with asyncio.timeout(READY_WITHIN_S):
                    await desk.settled.wait()
            except TimeoutError:
                raise DeskClosed(contest) from None
        if desk.closed.is_set():
            raise DeskClosed(contest)
        return desk

    def _new(self, contest: ContestId) -> Desk:
        beside = self.counts.of(contest), self._notes, self._checkpoints, self._upgrades
        return Desk(contest, self._ledger, self._people, self._judges, self._settings, self._now_us, *beside)

    async def _keep(self, contest: ContestId) -> None:
        """Open the desk again whenever it ends; its ledger is what counts."""
        rest_s = 0.0
        while True:
            is_its_own = await self._run(contest, self._desks[contest])
            rest_s = max(REOPEN_AFTER_S, min(2 * rest_s, REOPEN_AT_THE_LATEST_S)) if is_its_own else REOPEN_AFTER_S
            await asyncio.sleep(rest_s)
            self._desks[contest] = self._new(contest)

    async def _run(self, contest: ContestId, desk: Desk) -> bool:
        """Until it ends. Returns whether it could not be opened for a reason of the contest's own: to open it again will hardly help."""
        try:
            await desk.run()
        except Exception as error:  # noqa: BLE001 - one contest's fault must not end the others; it is logged and retried
            self.counts.of(contest).desks_ended += 1
            log.error("desk ended", contest=contest, position=desk.contest.position, reason=_reason(error))
            if desk.ready.is_set():
                return False
            if not isinstance(_first(error), LedgerFault):
                self._unusable.add(contest)
                return True
            return isinstance(_first(error), LedgerDamaged)
        return False


def _reason(error: BaseException) -> str:
    first = _first(error)
    return f"{type(first).__name__}: {first}"


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
