"""One task a contest: store, then fold, then acknowledge, then show. A ledger fault ends the desk; a new one replays the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from time import perf_counter

import structlog

from contest_server.core.checkpoint import Checkpoint, NotACheckpoint
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, Draft, Entry
from contest_server.core.rulebook import Judges
from contest_server.ledger.codec import NotAFact
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.notes import Notes
from contest_server.ledger.people import People
from contest_server.ledger.port import READ_MAX_ENTRIES, HeadMoved, Ledger, LedgerFault
from contest_server.live.auto_freeze import freeze_due
from contest_server.live.bell import Bell
from contest_server.live.board import Board
from contest_server.live.checkpointing import Checkpointing
from contest_server.live.counts import ContestCounts
from contest_server.live.inbox import Decide, Inbox, Wish
from contest_server.live.milestones import Milestones
from contest_server.live.neighbours import Neighbours
from contest_server.live.owed import Owed
from contest_server.live.painter import Painter
from contest_server.live.queues import ReviewQueue
from contest_server.live.rehearsals import Rehearsals
from contest_server.live.replaying import replay
from contest_server.live.settings import Settings

log = structlog.get_logger()


class DeskClosed(Exception):
    """The desk of this contest has ended; what was submitted may or may not be stored. Send it again: numbers make that harmless."""


class Unstorable(ValueError):
    """The ledger refuses these facts as they are. Sending them again does not help."""


DECIDE_MAX_ROUNDS = 20
FOLLOW_MAX_ENTRIES = 500
"""What is judged in one go while others look at the board: some 50 ms."""
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
    ) -> None:
        self.contest = Contest(contest, judges)
        self.board = Board(self.contest, "", settings.frames_kept, settings.display_views_max)
        self.ready = asyncio.Event()
        self.closed = asyncio.Event()
        self.settled = asyncio.Event()
        """Set once it is either ready or closed."""
        self.rehearsals = Rehearsals()
        self.queue = ReviewQueue(self.contest, now_us)
        self._neighbours = Neighbours(contest, notes, self.queue.leases, now_us)
        self.counts = counts or ContestCounts()
        self.owed = Owed()
        """By the ledger, and what lies beside it."""
        self._ledger = ledger
        self._people = people
        self._checkpoints = checkpoints
        self._settings = settings
        self._now_us = now_us
        self._freeze_is_kept = False
        self._takes_more = True
        self._milestones = Milestones(self.contest)
        self._inbox = Inbox(settings.inbox_max_submissions)
        self._bell = Bell(self._inbox.ring, settings.paint_interval_ms / 1000)
        self._written = 0
        """As far as the ledger is said to reach."""

    @property
    def epoch(self) -> str:
        return self.board.epoch

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
            self.board.epoch = head.epoch
            checkpoint = None if self._checkpoints is None else await self._checkpoints.find(self.contest.id)
            await self._replay(checkpoint)
            await self._follow_people()
            self.ready.set()
            self.settled.set()
            self.counts.desks_opened += 1
            log.info("desk open", contest=self.contest.id, position=self.contest.position, epoch=head.epoch)
            self._milestones.begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(Painter(self.board, self._paint, self._settings.paint_interval_ms / 1000).run())
                tasks.create_task(self.queue.run())
                if self._checkpoints is not None:
                    tasks.create_task(self._checkpoints.run(self.contest, checkpoint))
        finally:
            self._close()

    async def _write(self) -> None:
        """Commit what comes in, and look around every interval, however much comes in."""
        interval_s, now_s = self._settings.follow_interval_ms / 1000, asyncio.get_running_loop().time
        look_at_s = now_s() + interval_s
        while True:
            first: Wish | None = None
            with suppress(TimeoutError):
                async with asyncio.timeout_at(look_at_s):
                    first = await self._inbox.next()
            if first is not None:
                await self._enter(first)
            if self._written > self.contest.position:
                written, self._written = self._written, 0
                await self._follow(written)
            if now_s() >= look_at_s:
                with self.owed.asked():
                    await self._look_around()
                look_at_s = now_s() + interval_s

    async def _look_around(self) -> None:
        await self._follow()
        await self._follow_people()
        await self._neighbours.exchange(is_wanted=self.queue.is_wanted)
        await self._keep_time()

    async def _enter(self, first: Wish) -> None:
        """All that waits, up to one transaction's worth: what comes together is stored together. A decision is entered alone."""
        batch: list[Wish] = []
        count = 0
        each: Wish | None = first
        while each is not None and not callable(each.what):
            batch.append(each)
            count += len(each.what)
            each = None if count >= self._settings.commit_max_facts else self._inbox.next_now()
        self._inbox.tell_room()
        try:
            if batch:
                await self._commit(batch)
            if each is not None:
                await self._decide(each)
        except BaseException:
            if each is not None:
                self._answer([each], DeskClosed(self.contest.id))
            raise

    async def _decide(self, wish: Wish) -> None:
        """Ask until what was decided on is still the end of the ledger."""
        assert callable(wish.what)
        for _ in range(DECIDE_MAX_ROUNDS):
            await self._follow()
            try:
                drafts = wish.what(self.contest)
                entries = await self._store(drafts, self.contest.position)
            except HeadMoved:
                continue
            except LedgerFault:
                raise
            except (LimitExceeded, NotAFact) as error:
                self._answer([wish], Unstorable(str(error)))
                return
            except Exception as error:  # noqa: BLE001 - a refusal, or a fault of the one who asked: theirs to hear, and the desk goes on
                self._answer([wish], error)
                return
            self._fold(entries, [wish])
            return
        self._answer([wish], DeskClosed(self.contest.id))

    async def _commit(self, batch: Sequence[Wish]) -> None:
        try:
            await self._append([draft for each in batch for draft in each.drafts], batch)
        except (LimitExceeded, NotAFact) as error:  # nothing was stored
            await self._commit_one_by_one(batch, error)
        except BaseException:
            self._answer(batch, DeskClosed(self.contest.id))
            raise

    async def _commit_one_by_one(self, batch: Sequence[Wish], error: Exception) -> None:
        """What the ledger refuses costs its own submission only."""
        if len(batch) == 1:
            self._answer(batch, Unstorable(str(error)))
            return
        for index, each in enumerate(batch):
            try:
                await self._commit([each])
            except BaseException:
                self._answer(batch[index + 1 :], DeskClosed(self.contest.id))
                raise

    async def _append(self, drafts: Sequence[Draft], wishes: Sequence[Wish] = ()) -> None:
        """Store and fold. Where others wrote in between, or stored some of these already, read what they wrote."""
        entries = await self._store(drafts)
        if len(entries) < len(drafts) or (entries and entries[0].position > self.contest.position + 1):
            await self._follow(entries[-1].position if entries else None)
            self._answer(wishes, self.contest.position)
        else:
            self._fold(entries, wishes)

    def _answer(self, wishes: Sequence[Wish], outcome: int | Exception) -> None:
        for each in wishes:
            try:
                each.tell(outcome)
            except Exception:
                log.exception("somebody could not be answered; what was theirs is as it is", contest=self.contest.id)

    async def _store(self, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        if not drafts:
            return []
        since_s = perf_counter()
        with self.owed.asked():
            entries = await self._ledger.append(self.contest.id, drafts, expected)
        self.counts.stored(entries, perf_counter() - since_s)
        return entries

    async def _replay(self, checkpoint: Checkpoint | None) -> None:
        """Take in all that is in the ledger. Raises Refuted."""
        try:
            await replay(self.contest, self._pages(), checkpoint)
        except NotACheckpoint as error:
            assert self._checkpoints is not None
            await self._checkpoints.refute(self.contest.id, error)
        self.contest.settle()
        self.board.take(self.contest.rows)

    async def _pages(self) -> AsyncIterator[Sequence[Entry]]:
        while entries := await self._read(READ_MAX_ENTRIES):
            self.counts.folded(entries)
            yield entries

    async def _follow(self, until: int | None = None) -> None:
        """Take in what others wrote to the same ledger, to its end or as far as it is said to reach. If far behind, lets others go on."""
        while entries := await self._read(FOLLOW_MAX_ENTRIES):
            self._fold(entries)
            if until is not None and self.contest.position >= until:
                return
            await asyncio.sleep(0)

    async def _read(self, most: int) -> list[Entry]:
        with self.owed.asked():
            return await self._ledger.read(self.contest.id, self.contest.position, most)

    async def _follow_people(self) -> None:
        """Let the displays know when names changed: they are not in the ledger, so no position tells."""
        version = await self._people.version(self.contest.id)
        if version != self.board.roster_version:
            self.board.roster_version = version
            self.board.touched.set()

    def _fold(self, entries: Sequence[Entry], wishes: Sequence[Wish] = ()) -> None:
        """File, answer, and judge, in one turn: nobody who was answered can look before it is judged."""
        for entry in entries:
            self.contest.advance(entry)
        self._answer(wishes, self.contest.position)
        if entries:
            self.counts.folded(entries)
            self.board.take(self.contest.settle())
            self._milestones.note()

    async def _keep_time(self) -> None:
        due = None if self._freeze_is_kept else freeze_due(self.contest, self._now_us())
        if due is not None:
            await self._append([due])
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
            self._answer([wish], DeskClosed(self.contest.id))
        self._inbox.tell_room()


def _settle(done: asyncio.Future[int], outcome: int | Exception) -> None:
    """Answer somebody who waits, if they still do."""
    if done.done():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
