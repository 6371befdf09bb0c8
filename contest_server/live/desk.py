"""One task a contest: store, then fold, then acknowledge, then show. A ledger fault ends the desk; a new one replays the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial

import structlog

from contest_server.core.checkpoint import NotACheckpoint
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.judged_before import Difference
from contest_server.core.rulebook import Judges
from contest_server.ledger.notes import Notes
from contest_server.ledger.people import People
from contest_server.ledger.port import READ_MAX_ENTRIES, Ledger
from contest_server.live.auto_freeze import freeze_due
from contest_server.live.bell import Bell
from contest_server.live.board import Board
from contest_server.live.checkpointing import Checkpointing
from contest_server.live.counts import ContestCounts
from contest_server.live.inbox import Decide, DeskClosed, Inbox, Wish
from contest_server.live.neighbours import Neighbours
from contest_server.live.owed import Owed
from contest_server.live.painter import Painter
from contest_server.live.queues import ReviewQueue
from contest_server.live.recorder import Recorder
from contest_server.live.rehearsals import Rehearsals
from contest_server.live.replaying import nothing, replay
from contest_server.live.settings import Settings
from contest_server.live.upgrades import Upgrades

log = structlog.get_logger()

REACH_WITHIN_S = 5.0


class Desk:
    """The one writer of a contest in this process, and the keeper of its state."""

    def __init__(
        self,
        contest: ContestId,
        ledger: Ledger,
        people: People,
        judges: Judges,
        settings: Settings,
        now_us: Callable[[], int],
        counts: ContestCounts | None = None,
        notes: Notes | None = None,
        checkpoints: Checkpointing | None = None,
        upgrades: Upgrades | None = None,
    ) -> None:
        self.contest = Contest(contest, judges)
        self.board = Board(self.contest, "", settings.frames_kept, settings.display_views_max)
        self.ready = asyncio.Event()
        self.closed = asyncio.Event()
        self.settled = asyncio.Event()
        """Set once it is either ready or closed."""
        self.rehearsals = Rehearsals()
        self.queue = ReviewQueue(self.contest, now_us)
        self._epoch = ""
        self._neighbours = Neighbours(contest, notes, self.queue.leases, now_us)
        self.counts = counts or ContestCounts()
        self.owed = Owed()
        """By the ledger, and what lies beside it."""
        self._ledger = ledger
        self._people = people
        self._checkpoints = checkpoints
        self._upgrades = upgrades
        self.differences: Sequence[Difference] = ()
        """What other programs judged otherwise, as it was known when this desk opened."""
        self._settings = settings
        self._now_us = now_us
        self._freeze_is_kept = False
        self._takes_more = True
        self._inbox = Inbox(settings.inbox_max_submissions)
        self._recorder = Recorder(self.contest, ledger, self._inbox, self.board, self.counts, self.owed, settings.commit_max_facts)
        self._bell = Bell(self._inbox.ring, settings.paint_interval_ms / 1000)
        self._written = 0
        """As far as the ledger is said to reach."""
        self._is_look_due = False

    @property
    def epoch(self) -> str:
        """That of the ledger, as venues know it. Cursors carry the board's, which names what judges, too."""
        return self._epoch

    @property
    def program(self) -> str | None:
        """What judges here, by version and code; None where it has no name."""
        return None if self._upgrades is None else str(self._upgrades.program)

    @property
    def waiting(self) -> int:
        """How many submissions wait for the ledger."""
        return len(self._inbox)

    async def submit(self, drafts: Sequence[Draft]) -> int:
        """Return the contest's position once all drafts are durable and folded. Waits while the inbox is full.

        Raises:
            DeskClosed: the ledger failed meanwhile; nothing is promised.
            Unstorable: nothing of it was stored.
        """
        return await self._put(list(drafts))

    def enter(self, wish: Wish) -> bool:
        """Let this wait for the ledger, without waiting oneself. False while the inbox is full: `when_room` tells.

        Its answer comes inside the desk's own turn: durable and filed, and judged before anybody else has a turn. An Unstorable or a
        DeskClosed says why not.

        Raises:
            DeskClosed: nothing is taken any more.
        """
        if self.closed.is_set() or not self._takes_more:
            raise DeskClosed(self.contest.id)
        return self._inbox.put_now(wish)

    def when_room(self, tell: Callable[[], None]) -> None:
        """Tell, once, when the inbox may have room again, or the desk has ended."""
        self._inbox.when_room(tell)

    async def finish(self) -> None:
        """Take nothing more from now on, and return once all that was taken is durable and answered. The desk goes on showing its board."""
        self._takes_more = False
        with suppress(DeskClosed):
            await self._line_up(lambda _: ())  # behind everything that waits

    async def _put(self, what: list[Draft] | Decide) -> int:
        if not self._takes_more:
            raise DeskClosed(self.contest.id)
        return await self._line_up(what)

    async def _line_up(self, what: list[Draft] | Decide) -> int:
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if self.closed.is_set():
            raise DeskClosed(self.contest.id)
        await self._inbox.put(Wish(what, partial(_settle, done)))
        if self.closed.is_set():
            self._empty_inbox()  # which lets in the next who waits to put something there
        return await done

    def wake(self, position: int) -> None:
        """Somebody says that the ledger reaches this position: look as soon as it can be shown, instead of at the next interval."""
        if position > self.contest.position:
            self._written = max(self._written, position)
            self._bell.ask()

    @property
    def rests_for_s(self) -> float:
        """For how long (s) it makes no difference when it is woken: it would not look before that is over."""
        return self._bell.rests_for_s

    async def reach(self, position: int, within_s: float = REACH_WITHIN_S) -> None:
        """Return once what another server has shown already is folded here too. A position that the ledger has not is no reason to wait.

        Raises:
            DeskClosed, LedgerFault: it is not within this time; what is here would be a step back.
        """
        if position <= self.contest.position:
            return
        position = min(position, (await self._ledger.head(self.contest.id)).position)
        self._written = max(self._written, position)
        self._inbox.ring()  # somebody waits
        try:
            async with asyncio.timeout(within_s):
                while self.contest.position < position and not self.closed.is_set():
                    await self.board.painted.wait()
        except TimeoutError:
            raise DeskClosed(self.contest.id) from None

    async def catch_up(self) -> None:
        """Return once all is folded that any server had stored when this was called.

        Raises:
            DeskClosed, LedgerFault: it cannot be known.
        """
        if (await self._ledger.head(self.contest.id)).position > self.contest.position:
            await self._line_up(lambda _: ())

    async def decide(self, decide: Decide) -> int:
        """Enter what `decide` says of the contest as it is at that very position: nothing comes in between, from no server. Returns the
        contest's position once that is durable and folded.

        Raises:
            DeskClosed: the ledger failed, or others write without pause; nothing is promised.
            Unstorable: nothing of it was stored.
            whatever `decide` raises; then nothing was entered.
        """
        return await self._put(decide)

    async def run(self) -> None:
        """Replay the ledger, then write and follow it until cancelled or until the ledger fails."""
        try:
            head = await self._ledger.open(self.contest.id)
            self._epoch = head.epoch
            self.board.epoch = head.epoch if self._upgrades is None else self._upgrades.program.epoch(head.epoch)
            taken_over = await self._replay()
            await self._follow_people()
            self.ready.set()
            self.settled.set()
            self.counts.desks_opened += 1
            log.info("desk open", contest=self.contest.id, position=self.contest.position, epoch=head.epoch)
            self._recorder.begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._recorder.let_go())
                tasks.create_task(Painter(self.board, self._paint, self._settings.paint_interval_ms / 1000).run())
                tasks.create_task(self.queue.run())
                if self._checkpoints is not None:
                    tasks.create_task(self._checkpoints.run(self.contest, taken_over))
                if self._upgrades is not None:
                    tasks.create_task(self._upgrades.run(self.contest))
        finally:
            self._close()

    async def _write(self) -> None:
        """Commit what comes in, and look around every interval, however much comes in."""
        self._look_later()
        try:
            while True:
                first = await self._inbox.next()
                if first is not None:
                    await self._recorder.enter(first)
                if self._written > self.contest.position:
                    written, self._written = self._written, 0
                    await self._recorder.follow(written)
                if self._is_look_due:
                    await self._look_around()
                    self._look_later()
        finally:
            self._look.cancel()

    def _look_later(self) -> None:
        """One timer an interval, not one for each thing that comes in."""
        self._is_look_due = False
        self._look = asyncio.get_running_loop().call_later(self._settings.follow_interval_ms / 1000, self._look_now)

    def _look_now(self) -> None:
        self._is_look_due = True
        self._inbox.ring()

    async def _look_around(self) -> None:
        await self._recorder.follow()
        await self._follow_people()
        with self.owed.asked():
            await self._neighbours.exchange(is_wanted=self.queue.is_wanted)
        await self._keep_time()

    async def _replay(self) -> int | None:
        """Take in all that is in the ledger. Returns the position of the checkpoint that was taken over, if one was; of the checkpoint
        itself, which is as large as the contest, nothing is kept. Raises Refuted.
        """
        former = [] if self._upgrades is None else await self._upgrades.former(self.contest.id)
        checkpoint = None if self._checkpoints is None else await self._checkpoints.find(self.contest.id)
        if checkpoint is not None and any(each.position < checkpoint.boards.position for each in former):
            checkpoint = None  # the contest as it was at a position before it cannot be seen
        try:
            look = nothing if self._upgrades is None else partial(self._upgrades.compare, former)
            await replay(self.contest, self._pages(), checkpoint, {each.position for each in former}, look)
        except NotACheckpoint as error:
            assert self._checkpoints is not None
            await self._checkpoints.refute(self.contest.id, error)
        self.contest.settle()
        self.board.take(self.contest.rows)
        self.board.look()
        if self._upgrades is not None:
            self.differences = await self._upgrades.compared(self.contest, former)
        return None if checkpoint is None else checkpoint.boards.position

    async def _pages(self) -> AsyncIterator[Sequence[Entry]]:
        while entries := await self._recorder.read(READ_MAX_ENTRIES):
            self.counts.folded(entries)
            yield entries

    async def _follow_people(self) -> None:
        """Let the displays know when names changed: they are not in the ledger, so no position tells."""
        with self.owed.asked():
            version = await self._people.version(self.contest.id)
        if version != self.board.roster_version:
            self.board.roster_version = version
            self.board.touched.set()

    async def _keep_time(self) -> None:
        due = None if self._freeze_is_kept else freeze_due(self.contest, self._now_us())
        if due is not None:
            await self._recorder.append([due])
            self._freeze_is_kept = True

    def _paint(self) -> None:
        self._bell.rest()
        self.board.paint(self._now_us())

    def _close(self) -> None:
        self.closed.set()
        self.settled.set()
        self.board.painted.set()
        self._bell.close()
        self.queue.close()
        self._empty_inbox()

    def _empty_inbox(self) -> None:
        while (wish := self._inbox.next_now()) is not None:
            self._recorder.answer([wish], DeskClosed(self.contest.id))
        self._inbox.tell_room()


def _settle(done: asyncio.Future[int], outcome: int | Exception) -> None:
    """Answer somebody who waits, if they still do."""
    if done.done():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
