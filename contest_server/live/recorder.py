"""What goes into a ledger and what comes back from it: store, then fold, then acknowledge. A fault of the ledger goes through to the desk.

What comes together is stored together; what the ledger refuses costs its own submission only. While everybody is judged again, what comes
waits, and nobody else does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

import structlog

from contest_server.core.contest import Contest
from contest_server.core.facts import Draft, Entry, Event
from contest_server.core.remaking import Remaking, is_long
from contest_server.ledger.codec import NotAFact
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.port import HeadMoved, Ledger, LedgerFault
from contest_server.live.board import Board
from contest_server.live.counts import ContestCounts
from contest_server.live.inbox import DeskClosed, Inbox, Unstorable, Wish
from contest_server.live.milestones import Milestones
from contest_server.live.owed import Owed
from contest_server.live.turns import Turns

log = structlog.get_logger()

DECIDE_MAX_ROUNDS = 20
FOLLOW_MAX_ENTRIES = 500
"""What is judged in one go while others look at the board: some 50 ms."""


class Recorder:
    """Of one desk, which calls it from one task only. `most_facts` are stored in one transaction, and the submission that goes beyond."""

    def __init__(
        self, contest: Contest, ledger: Ledger, inbox: Inbox, board: Board, counts: ContestCounts, owed: Owed, most_facts: int
    ) -> None:
        self._contest, self._ledger, self._inbox, self._board = contest, ledger, inbox, board
        self._counts, self._owed, self._most_facts = counts, owed, most_facts
        self._milestones = Milestones(contest)
        self._over: asyncio.Queue[Remaking] = asyncio.Queue()

    def begin(self) -> None:
        """Whatever the contest is now is no news."""
        self._milestones.begin()

    async def enter(self, first: Wish) -> None:
        """Store all that waits, up to one transaction's worth: what comes together is stored together. A decision is entered alone."""
        batch: list[Wish] = []
        count = 0
        each: Wish | None = first
        while each is not None and not callable(each.what):
            batch.append(each)
            count += len(each.what)
            each = None if count >= self._most_facts else self._inbox.next_now()
        self._inbox.tell_room()
        try:
            if batch:
                await self._commit(batch)
            if each is not None:
                await self._decide(each)
        except BaseException:
            if each is not None:
                self.answer([each], DeskClosed(self._contest.id))
            raise

    async def append(self, drafts: Sequence[Draft], wishes: Sequence[Wish] = ()) -> None:
        """Store and fold. Where others wrote in between, or stored some of these already, read what they wrote."""
        entries = await self._store(drafts)
        if len(entries) < len(drafts) or (entries and entries[0].position > self._contest.position + 1):
            await self.follow(entries[-1].position if entries else None)
            self.answer(wishes, self._contest.position)
        else:
            await self._fold(entries, wishes)

    async def follow(self, until: int | None = None) -> None:
        """Take in what others wrote to the same ledger, to its end or as far as it is said to reach. If far behind, lets others go on."""
        while entries := await self.read(FOLLOW_MAX_ENTRIES):
            await self._fold(entries)
            if until is not None and self._contest.position >= until:
                return
            await asyncio.sleep(0)

    async def read(self, most: int) -> list[Entry]:
        """What comes after the contest's position, not filed yet."""
        with self._owed.asked():
            return await self._ledger.read(self._contest.id, self._contest.position, most)

    def answer(self, wishes: Sequence[Wish], outcome: int | Exception) -> None:
        """Tell each of them, once."""
        for each in wishes:
            try:
                each.tell(outcome)
            except Exception:
                log.exception("somebody could not be answered; what was theirs is as it is", contest=self._contest.id)

    async def _decide(self, wish: Wish) -> None:
        """Ask until what was decided on is still the end of the ledger."""
        assert callable(wish.what)
        for _ in range(DECIDE_MAX_ROUNDS):
            await self.follow()
            try:
                drafts = wish.what(self._contest)
                entries = await self._store(drafts, self._contest.position)
            except HeadMoved:
                continue
            except LedgerFault:
                raise
            except (LimitExceeded, NotAFact) as error:
                self.answer([wish], Unstorable(*error.args))
                return
            except Exception as error:  # noqa: BLE001 - a refusal, or a fault of the one who asked: theirs to hear, and the desk goes on
                self.answer([wish], error)
                return
            await self._fold(entries, [wish])
            return
        self.answer([wish], DeskClosed(self._contest.id))

    async def _commit(self, batch: Sequence[Wish]) -> None:
        try:
            await self.append([draft for each in batch for draft in each.drafts], batch)
        except (LimitExceeded, NotAFact) as error:  # nothing was stored
            await self._commit_one_by_one(batch, error)
        except BaseException:
            self.answer(batch, DeskClosed(self._contest.id))
            raise

    async def _commit_one_by_one(self, batch: Sequence[Wish], error: Exception) -> None:
        """What the ledger refuses costs its own submission only."""
        if len(batch) == 1:
            self.answer(batch, Unstorable(*error.args))
            return
        for index, each in enumerate(batch):
            try:
                await self._commit([each])
            except BaseException:
                self.answer(batch[index + 1 :], DeskClosed(self._contest.id))
                raise

    async def _store(self, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        if not drafts:
            return []
        since_s = perf_counter()
        with self._owed.asked():
            entries = await self._ledger.append(self._contest.id, drafts, expected)
        self._counts.stored(entries, perf_counter() - since_s)
        return entries

    async def _fold(self, entries: Sequence[Entry], wishes: Sequence[Wish] = ()) -> None:
        """File, answer, and judge, in one turn: nobody who was answered can look before it is judged. What is long is made beside."""
        for entry in entries:
            if not isinstance(entry.fact, Event) and is_long(self._contest, entry.fact):
                self._board.take(self._contest.settle())
                await self._remake(entry)
            else:
                self._contest.advance(entry)
        self.answer(wishes, self._contest.position)
        if entries:
            self._counts.folded(entries)
            self._board.take(self._contest.settle())
            self._milestones.note()

    async def _remake(self, entry: Entry) -> None:
        """Take in an entry after which everybody is judged again, in short turns: the contest is what it was until that is done."""
        remaking = Remaking(self._contest, entry)
        await Turns().through(remaking.pieces())
        self._board.take(remaking.take_effect())
        self._over.put_nowait(remaking)

    async def let_go(self) -> None:
        """Free what the contest was before everybody was judged again, beside everything else, until cancelled."""
        while True:
            over = await self._over.get()
            await Turns().through(over.let_go())
            del over
