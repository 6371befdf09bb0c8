"""Store, then fold, then acknowledge, then show. What was acknowledged is in the ledger, once, wherever the power fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from contest_server.core.facts import ContestantId, ContestId, Draft, Entry, Event, Fact, Frozen, Json, SourceId, Thawed
from contest_server.ledger.chain import Stored, link
from contest_server.ledger.memory import MemoryLedger, MemoryStore, Moment
from contest_server.ledger.people import MemoryPeople
from contest_server.ledger.port import READ_MAX_ENTRIES, LedgerDamaged, LedgerFault
from contest_server.live.desk import Desk
from contest_server.live.desks import REOPEN_AFTER_S, REOPEN_AT_THE_LATEST_S, Desks, UnknownContest
from contest_server.live.inbox import DeskClosed, Unstorable
from contest_server.live.recorder import FOLLOW_MAX_ENTRIES
from contest_server.live.settings import Settings
from contest_server.live.views import parse_view
from tests import clockwork
from tests.contests import CUP, JUDGES, START_US, adopted, document, drafts, event, fold, standing
from tests.contests import Json as Document
from tests.strategies import DICE, histories


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[Desk]:
    """The desk at work until the block ends, or it ends by itself."""

    async def work() -> None:
        try:
            await desk.run()
        except* LedgerFault:
            pass

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work())
        await desk.settled.wait()
        try:
            yield desk
        finally:
            task.cancel()


def desk_on(
    ledger: MemoryLedger, now_us: Callable[[], int] = clockwork.now_us, people: MemoryPeople | None = None, **settings: int
) -> Desk:
    return Desk(CUP, ledger, people or MemoryPeople(), JUDGES, Settings(**settings), now_us)  # type: ignore[arg-type]


async def ledger_with(document_: Document | None = None, *facts: Fact, store: MemoryStore | None = None) -> MemoryLedger:
    ledger = MemoryLedger({} if store is None else store)
    await ledger.open(CUP)
    await ledger.append(CUP, drafts([adopted(document_), *facts]))
    return ledger


@dataclass
class Venue:
    """A source that sends its events until they are acknowledged, and comes back after every failure."""

    stream: list[Event]
    acknowledged: int = 0
    promised: list[tuple[int, int]] = field(default_factory=list)

    async def speak(self, desk: Desk, dice: Random) -> None:
        state = desk.contest.sources.get(self.stream[0].source)
        after = state.last_seq if state else 0
        assert after >= self.acknowledged, "what was acknowledged is known after a restart"
        self.acknowledged = after
        while after < len(self.stream):
            start = dice.randint(max(0, after - 2), after)
            end = dice.randint(after + 1, min(len(self.stream), after + 3))
            position = await desk.submit(drafts(self.stream[start:end]))
            after = self.acknowledged = end
            self.promised.append((end, position))
            if dice.random() < 0.3:
                await asyncio.sleep(dice.random() / 10)


STRIKES = st.lists(st.tuples(st.integers(1, 6), st.sampled_from(("before_store", "after_store"))), max_size=5)


@given(histories(), STRIKES, DICE)
def test_whatever_fails_every_acknowledged_event_is_there_exactly_once(
    history: dict[str, list[Event]], strikes: list[tuple[int, Moment]], dice: Random
) -> None:
    """Venues resend from `after`; a ledger fault ends the desk; a new one replays. In the end: the pure fold of all events."""

    async def work() -> None:
        store: MemoryStore = {}
        await ledger_with(store=store)
        venues = [Venue(stream) for stream in history.values()]
        for strike in [*strikes, None]:
            ledger = MemoryLedger(store, fault=_striking(*strike) if strike else None)
            async with running(desk_on(ledger)) as desk:
                async with asyncio.TaskGroup() as tasks:
                    for venue in venues:
                        tasks.create_task(_until_closed(venue.speak(desk, dice)))
                await _check(MemoryLedger(store), venues)
                if all(venue.acknowledged == len(venue.stream) for venue in venues):
                    assert standing(desk.contest) == standing(fold([one for stream in history.values() for one in stream]))
                    return
        raise AssertionError("a desk on a ledger without faults never ends")

    clockwork.run(work())


def _striking(countdown: int, moment: Moment) -> Callable[[Moment, ContestId], None]:
    left = countdown

    def strike(now: Moment, contest: ContestId) -> None:
        nonlocal left
        if now == moment:
            left -= 1
            if left <= 0:
                raise LedgerFault("the disk is gone")

    return strike


async def _until_closed(work: object) -> None:
    with suppress(DeskClosed):
        await work  # type: ignore[misc]


async def _check(ledger: MemoryLedger, venues: Sequence[Venue]) -> None:
    entries = await ledger.read(CUP, 0)
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    for venue in venues:
        own = [
            (entry.fact.seq, entry.position)
            for entry in entries
            if isinstance(entry.fact, Event) and entry.fact.source == venue.stream[0].source
        ]
        assert [seq for seq, _ in own] == list(range(1, len(own) + 1)), "each number once, without a gap"
        assert len(own) >= venue.acknowledged, "acknowledged means stored"
        at = dict(own)
        assert all(at[seq] <= position for seq, position in venue.promised), "and at or before the position that was promised"


async def test_an_acknowledgement_comes_after_the_commit() -> None:
    """Seen from inside the ledger: at the moment of storing, nobody has been answered."""
    answered: list[int] = []
    seen: list[tuple[Moment, int]] = []
    ledger = await ledger_with()
    ledger.fault = lambda moment, _: seen.append((moment, len(answered)))
    async with running(desk_on(ledger)) as desk:
        answered.append(await desk.submit(drafts([event(1)])))
        answered.append(await desk.submit(drafts([event(2, stage="wiring")])))
    assert answered == [2, 3]
    assert seen == [("before_store", 0), ("after_store", 0), ("before_store", 1), ("after_store", 1)]


def test_what_waits_together_is_stored_together() -> None:
    async def work() -> None:
        ledger = await ledger_with()
        commits: list[str] = []
        ledger.fault = lambda moment, _: commits.append(moment)
        async with running(desk_on(ledger)) as desk, asyncio.TaskGroup() as tasks:
            for n in range(50):
                tasks.create_task(desk.submit(drafts([event(1, source=f"yongjia/d{n}")])))
        assert 2 <= len(commits) <= 6

    clockwork.run(work())


def test_a_busy_desk_still_follows_others_and_freezes_in_time() -> None:
    """An event every 50 ms, all the time: the freeze of the definition comes all the same, once."""

    async def work() -> None:
        store: MemoryStore = {}
        ledger = await ledger_with(document(contest={"minutes": 2, "freeze_minutes": 1}), store=store)
        async with running(desk_on(ledger)) as desk:
            for seq in range(1, 65 * 20):
                await desk.submit(drafts([event(seq, "note", None, None, None)]))
                await asyncio.sleep(0.05)
                if seq == 20:
                    await MemoryLedger(store).append(CUP, drafts([event(1, source="yueqing/desk")]))
            frozen = desk.contest.frozen
            assert frozen is not None
            assert frozen.minutes == 1
            entry = (await ledger.read(CUP, frozen.position - 1, 1))[0]
            assert 0 <= entry.received_us - (START_US + 60_000_000) <= 2_000_000
            assert SourceId("yueqing/desk") in desk.contest.sources
        assert sum(isinstance(entry.fact, Frozen) for entry in await ledger.read(CUP, 0)) == 1

    clockwork.run(work())


def test_a_freeze_that_no_server_was_there_for_is_made_up_for_until_somebody_thaws() -> None:
    """The contest is over when the server starts; the public must not see its end before the thaw, and then it does."""

    async def work() -> None:
        ledger = await ledger_with(document(contest={"minutes": 2, "freeze_minutes": 1}), event(1, at_s=5))
        await asyncio.sleep(600)
        async with running(desk_on(ledger)) as desk:
            await asyncio.sleep(2)
            assert desk.contest.frozen is not None
            await desk.submit([Draft(clockwork.now_us(), "staff", Thawed())])
            await asyncio.sleep(60)
            assert desk.contest.frozen is None

    clockwork.run(work())


def test_a_freeze_and_thaw_by_hand_in_the_last_minutes_is_not_overruled() -> None:
    async def work() -> None:
        ledger = await ledger_with(document(contest={"minutes": 2, "freeze_minutes": 1}))
        await ledger.append(CUP, [Draft(START_US + 61_000_000, "staff", Frozen(1)), Draft(START_US + 62_000_000, "staff", Thawed())])
        await asyncio.sleep(90)
        async with running(desk_on(ledger)) as desk:
            await asyncio.sleep(60)
            assert desk.contest.frozen is None

    clockwork.run(work())


def test_two_desks_on_one_ledger_come_to_the_same_board_and_freeze_once() -> None:
    async def work() -> None:
        store: MemoryStore = {}
        await ledger_with(document(contest={"minutes": 2, "freeze_minutes": 1}), store=store)
        one, other = (desk_on(MemoryLedger(store)) for _ in range(2))
        async with running(one), running(other):
            for seq in range(1, 40):
                desk, source = (one, "yongjia/desk") if seq % 3 else (other, "yueqing/desk")
                own = sum(1 for n in range(1, seq + 1) if bool(n % 3) == bool(seq % 3))
                await desk.submit(drafts([event(own, "note", None, None, None, source=source)]))
                await asyncio.sleep(2)
            await asyncio.sleep(2)
            assert one.contest.position == other.contest.position
            assert standing(one.contest) == standing(other.contest)
            assert one.contest.frozen is not None
            assert other.contest.frozen is not None
            assert one.contest.frozen.position == other.contest.frozen.position

    clockwork.run(work())


async def test_who_is_far_behind_lets_others_go_on_while_it_follows() -> None:
    store: MemoryStore = {}
    ledger = await ledger_with(store=store)
    async with running(desk_on(ledger)) as desk:
        await desk.ready.wait()
        written = 3 * FOLLOW_MAX_ENTRIES
        await MemoryLedger(store).append(CUP, drafts([event(seq, "note", None, None, None) for seq in range(1, written + 1)]))
        desk.wake(1 + written)
        seen = [desk.contest.position]
        while seen[-1] < 1 + written:
            await asyncio.sleep(0)
            seen.append(desk.contest.position)
        assert max(later - earlier for earlier, later in pairwise(seen)) <= FOLLOW_MAX_ENTRIES


def test_what_the_ledger_refuses_costs_its_own_submission_only() -> None:
    async def work() -> None:
        ledger = await ledger_with()
        async with running(desk_on(ledger)) as desk:
            unstorable = [Draft(START_US, "x" * 1000, event(1, source="yueqing/desk"))]
            answers = await asyncio.gather(
                desk.submit(drafts([event(1)])), desk.submit(unstorable), desk.submit(drafts([event(2)])), return_exceptions=True
            )
            assert [type(answer) for answer in answers] == [int, Unstorable, int]
            assert not desk.closed.is_set()
            assert desk.contest.position == 3

    clockwork.run(work())


def test_the_public_sees_the_acknowledged_board_after_the_next_painting() -> None:
    async def work() -> None:
        async with running(desk_on(await ledger_with(), paint_interval_ms=50)) as desk:
            log = desk.board.watch("public", parse_view("all"), clockwork.now_us())
            position = await desk.submit(drafts([event(1)]))
            while log.position < position:
                await desk.board.painted.wait()
            frame = desk.board.next_frame("public", log, 0, None)
            assert frame is not None
            assert frame.rows[ContestantId("A1")].row.points == "10.5"

    clockwork.run(work())


def test_what_is_folded_while_a_frame_is_being_written_is_in_the_next_one_together() -> None:
    async def work() -> None:
        async with running(desk_on(await ledger_with(), paint_interval_ms=50)) as desk:
            log = desk.board.watch("public", parse_view("all"), clockwork.now_us())
            with desk.board.being_written():
                before = log.position
                for number in (1, 2, 3):
                    await desk.submit(drafts([event(number)]))
                    await asyncio.sleep(1)
                assert log.position == before
                painted = desk.board.painted
            await painted.wait()
            assert (log.position, desk.contest.position) == (before + 3, before + 3)

    clockwork.run(work())


def test_new_names_are_told_to_displays_though_no_entry_says_so() -> None:
    async def work() -> None:
        people = MemoryPeople()
        async with running(desk_on(await ledger_with(), people=people)) as desk:
            log = desk.board.watch("public", parse_view("all"), clockwork.now_us())
            position, revision = log.position, log.revision
            await people.put(CUP, {ContestantId("A1"): {"name": {"zh": "陈", "en": "Chen"}}}, 1)
            painted = desk.board.painted
            while desk.board.next_frame("public", log, position, revision) is None:
                await painted.wait()
                painted = desk.board.painted
            frame = desk.board.next_frame("public", log, position, revision)
            assert frame is not None
            assert b'"roster":1' in frame.state

    clockwork.run(work())


def test_a_desk_that_closes_tells_everybody_who_waits() -> None:
    async def work() -> None:
        ledger = await ledger_with()
        async with running(desk_on(ledger, inbox_max_submissions=1)) as desk:
            ledger.fault = _striking(1, "before_store")
            answers = await asyncio.gather(*(desk.submit(drafts([event(n)])) for n in range(1, 9)), return_exceptions=True)
            assert {type(answer) for answer in answers} == {DeskClosed}
            with pytest.raises(DeskClosed):
                await desk.submit(drafts([event(9)]))

    clockwork.run(work())


def test_a_desk_that_ended_is_opened_anew_from_its_ledger() -> None:
    async def work() -> None:
        ledger = await ledger_with()
        async with Desks(ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us).running() as desks:
            first = await desks.desk(CUP)
            await first.submit(drafts([event(1)]))
            ledger.fault = _striking(1, "after_store")
            with pytest.raises(DeskClosed):
                await first.submit(drafts([event(2, stage="wiring")]))
            ledger.fault = None
            await first.closed.wait()
            await asyncio.sleep(REOPEN_AFTER_S + 0.1)
            again = await desks.desk(CUP)
            assert again is not first
            assert standing(again.contest) == standing(fold([event(1), event(2, stage="wiring")]))
            with pytest.raises(UnknownContest):
                await desks.desk(ContestId("none"))

    clockwork.run(work())


OF_A_LATER_VERSION = (
    b'{"author":"official:C1","fact":{"action":{"verb":"levitate"},"at_us":1,"code":"checked","id":"r1","official":"C1","reason":"so",'
    b'"type":"ruled"},"received_us":1}'
)


def test_what_a_later_version_entered_meanwhile_is_not_guessed_at_and_the_whole_ledger_is_not_read_every_second() -> None:
    """Servers of two versions on one database: the older one cannot go on with this contest, and goes on with the others."""

    async def work() -> None:
        ledger, other = await ledger_with(), ContestId("other")
        await ledger.open(other)
        await ledger.append(other, drafts([adopted()]))
        async with Desks(ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us).running() as desks:
            desk, goes_on = await desks.desk(CUP), await desks.desk(other)
            head = await ledger.head(CUP)
            entry = Stored(2, OF_A_LATER_VERSION, link(bytes.fromhex(head.hash), 2, OF_A_LATER_VERSION))
            await ledger.plant(CUP, head.epoch, [entry])
            with capture_logs() as told:
                await desk.closed.wait()
                await asyncio.sleep(600)
            said = [line["reason"] for line in told if line["event"] == "desk ended"]
            assert 600 / REOPEN_AT_THE_LATEST_S <= len(said) <= 20
            assert all(reason.startswith("LedgerDamaged: entry 2: not a fact this version knows") for reason in said)
            assert await goes_on.submit(drafts([event(1)])) == 2
            with pytest.raises(DeskClosed):
                await desks.desk(CUP)

    clockwork.run(work())


def test_a_contest_that_was_open_again_waits_as_little_as_any_other_when_the_ledger_fails() -> None:
    """However long it waited while the reason was its own: its entries could not be read for some minutes."""

    async def work() -> None:
        ledger = UnreadableForAWhile()
        await ledger.open(CUP)
        await ledger.append(CUP, drafts([adopted()]))
        ledger.refuses = LedgerDamaged("entry 2: not a fact this version knows")
        async with Desks(ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us).running() as desks:
            with pytest.raises(DeskClosed):
                await desks.desk(CUP)
            await asyncio.sleep(300)
            ledger.refuses = None
            await asyncio.sleep(REOPEN_AT_THE_LATEST_S)
            assert (await desks.desk(CUP)).ready.is_set()
            ledger.refuses = LedgerFault("the disk is gone")
            await (desks.open[CUP]).closed.wait()
            ledger.refuses = None
            await asyncio.sleep(REOPEN_AFTER_S + 1)
            assert (await desks.desk(CUP)).ready.is_set()

    clockwork.run(work())


class UnreadableForAWhile(MemoryLedger):
    refuses: LedgerFault | None = None

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        if self.refuses is not None:
            raise self.refuses
        return await super().read(contest, after, limit)


def test_a_contest_that_cannot_be_opened_says_so_at_once_and_harms_no_other() -> None:
    async def work() -> None:
        ledger = await ledger_with()
        broken: Json = document() | {"stages": [{"id": "quiz", "rules": [{"rule": "from_a_package_that_is_not_installed"}]}]}
        other = ContestId("other")
        await ledger.open(other)
        await ledger.append(other, drafts([adopted(broken)]))
        async with Desks(ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us).running() as desks:
            started_s = asyncio.get_running_loop().time()
            with pytest.raises(DeskClosed):
                await desks.desk(other)
            assert asyncio.get_running_loop().time() - started_s < 1
            assert (await desks.desk(CUP)).contest.definition is not None

    clockwork.run(work())
