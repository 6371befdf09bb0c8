"""After an upgrade: what is judged otherwise is said, kept, and found by all servers; nothing else is. Cursors name what judges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from contest_server.core.facts import Fact, Finalised
from contest_server.core.judged_before import Difference, digest_of_result, snapshot_of
from contest_server.ledger.checkpoints import Checkpoints
from contest_server.ledger.limits import NUMBER_MAX
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.notes import Notes
from contest_server.ledger.people import MemoryPeople
from contest_server.live.checkpointing import Checkpointing
from contest_server.live.desk import Desk
from contest_server.live.settings import Settings
from contest_server.live.upgrades import DIFFERENCES_MAX, LOOK_EVERY_S, LOOKS_A_WRITING, Program, Upgrades, unsettled, upgrades_of
from contest_server.wire.display import parse_cursor, position_in
from tests import clockwork
from tests.clockwork import run
from tests.contests import CUP, JUDGES, adopted, drafts, event, fold
from tests.core.stated import published
from tests.core.test_judged_before import Otherwise

OLD, NEW = Program("1.0", "aa" * 32), Program("1.1", "bb" * 32)
FACTS: list[Fact] = [
    adopted(),
    event(1, stage="wiring", at_s=3, data={"mohm": "2.4"}),
    event(2, at_s=4),
    event(3, contestant="A2", at_s=5),
]


class Place:
    """One ledger with what lies beside it, for servers of several programs."""

    def __init__(self) -> None:
        self.store: MemoryStore = {}
        self.ledger = MemoryLedger(self.store)
        self.notes = Notes(MemoryTables())
        self.checkpoints = Checkpoints(MemoryTables())

    def upgrades(self, program: Program = OLD) -> Upgrades:
        return Upgrades(self.notes, program, clockwork.now_us)

    def desk(self, program: Program = OLD) -> Desk:
        keeper = Checkpointing(self.ledger, self.checkpoints, program.code, 10_000)
        people = MemoryPeople()
        return Desk(CUP, self.ledger, people, JUDGES, Settings(), clockwork.now_us, checkpoints=keeper, upgrades=self.upgrades(program))

    async def fill(self, facts: Sequence[Fact] = FACTS) -> None:
        await self.ledger.open(CUP)
        await self.ledger.append(CUP, drafts(facts))

    async def judge(self, program: Program = OLD) -> Desk:
        """Open a desk, let it write down what it judged, and end it."""
        async with opened(self.desk(program)) as desk:
            await asyncio.sleep(LOOK_EVERY_S)
            return desk

    async def judged_by(self) -> list[str]:
        return sorted(await self.notes.all(CUP, "judged", clockwork.now_us()))


@asynccontextmanager
async def opened(desk: Desk) -> AsyncIterator[Desk]:
    task = asyncio.create_task(desk.run())
    await desk.settled.wait()
    assert desk.ready.is_set(), "the desk did not open"
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def said(told: Sequence[Any]) -> list[Any]:
    return [line for line in told if line["event"] == "this program judges otherwise than the one before"]


def test_of_a_program_that_judges_alike_nothing_is_said() -> None:
    async def main() -> None:
        place = Place()
        await place.fill([*FACTS, published(), Finalised()])
        await place.judge(OLD)
        with capture_logs() as told:
            for program in (OLD, NEW, NEW, OLD):
                assert list((await place.judge(program)).differences) == []
                assert await place.judged_by() == [str(program)]
        assert not said(told)
        assert [line["log_level"] for line in told if line["log_level"] in ("warning", "error")] == []

    run(main())


@pytest.mark.parametrize(
    ("facts", "level"),
    [([adopted()], None), (FACTS, "info"), ([*FACTS, published()], "warning"), ([*FACTS, Finalised()], "warning")],
)
def test_where_the_program_before_wrote_nothing_down_it_is_said_once_that_nobody_can_compare(facts: list[Fact], level: str | None) -> None:
    """As versions did that knew nothing of this: silence would mean that everybody is judged as before."""

    async def main() -> None:
        place = Place()
        await place.fill(facts)
        with capture_logs() as told:
            await place.judge(NEW)
            await place.judge(NEW)
        found = [line for line in told if line["event"] == "whether this program judges otherwise than the one before cannot be said"]
        assert [(line["log_level"], line["contest"], line["position"]) for line in found] == ([(level, CUP, len(facts))] if level else [])

    run(main())


@pytest.mark.parametrize(("ended", "level"), [([], "warning"), ([published()], "error"), ([Finalised()], "error")])
def test_what_is_judged_otherwise_is_said_once_and_found_by_all_servers(
    monkeypatch: pytest.MonkeyPatch, ended: list[Fact], level: str
) -> None:
    async def main() -> None:
        place = Place()
        await place.fill([*FACTS, *ended])
        await place.judge(OLD)
        Otherwise(monkeypatch, "A2", 50).begin()
        with capture_logs() as told:
            one, again = await place.judge(NEW), await place.judge(NEW)
        (line,) = said(told)
        assert (line["log_level"], line["contest"], line["before"], line["after"]) == (level, CUP, str(OLD), str(NEW))
        assert (line["contestants"], line["ranks"], line["who"]) == (2, 2, ["A1", "A2"])
        (found,) = one.differences
        assert list(again.differences) == [found], "it stays, for whoever opens the contest later"
        assert [each.contestant for each in found.moved] == ["A1", "A2"]
        assert found.is_grave == (level == "error")

    run(main())


@pytest.mark.parametrize("meanwhile", [[], [event(4, contestant="B1", at_s=9)]])
def test_who_goes_back_to_the_program_before_takes_it_back_unless_something_came_in_between(
    monkeypatch: pytest.MonkeyPatch, meanwhile: list[Fact]
) -> None:
    async def main() -> None:
        place = Place()
        await place.fill([*FACTS, published(at_s=1)])
        await place.judge(OLD)
        with monkeypatch.context() as patch:
            Otherwise(patch, "A2", 50).begin()
            assert len((await place.judge(NEW)).differences) == 1
            if meanwhile:
                await place.ledger.append(CUP, drafts(meanwhile))
                await place.judge(NEW)
        with capture_logs() as told:
            desk = await place.judge(OLD)
        assert [(each.before, each.after) for each in desk.differences] == (
            [(str(OLD), str(NEW)), (str(NEW), str(OLD))] if meanwhile else []
        )
        assert bool(said(told)) == bool(meanwhile)

    run(main())


def test_the_latest_differences_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        place = Place()
        await place.fill()
        found: Sequence[Difference] = []
        for more in range(DIFFERENCES_MAX + 3):
            with monkeypatch.context() as patch:
                Otherwise(patch, "A2", 50 + more).begin()
                found = (await place.judge(Program(f"1.{more}", f"{more:064x}"))).differences
        versions = [each.after.partition(" ")[0] for each in found]
        assert versions == [f"1.{more}" for more in range(3, DIFFERENCES_MAX + 3)]

    run(main())


def test_a_later_publication_is_one_of_what_is_judged_now(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        place = Place()
        await place.fill([*FACTS, published("p-1", at_s=1)])
        await place.judge(OLD)
        Otherwise(monkeypatch, "A2", 50).begin()
        desk = await place.judge(NEW)
        assert unsettled(desk.contest, desk.differences) == list(desk.differences) != []
        of_another = replace(published("p-2", at_s=100), result="0" * 64)
        await place.ledger.append(CUP, drafts([of_another]))
        desk = await place.judge(NEW)
        assert unsettled(desk.contest, desk.differences) == list(desk.differences) != [], "a server of the version before published that"
        own = replace(published("p-3", at_s=100), result=digest_of_result(desk.contest))
        await place.ledger.append(CUP, drafts([own]))
        desk = await place.judge(NEW)
        assert len(desk.differences) == 1
        assert unsettled(desk.contest, desk.differences) == []

    run(main())


@pytest.mark.parametrize("otherwise", [False, True])
async def test_each_is_compared_at_its_own_position_whatever_came_after_it(monkeypatch: pytest.MonkeyPatch, *, otherwise: bool) -> None:
    """What came later moved rows by facts. Not even a checkpoint of this program, of a later position, is in the way."""
    place = Place()
    later: list[Fact] = [event(5, contestant="B1", at_s=6), event(6, contestant="B2", at_s=7)]
    await place.fill([*FACTS, *later])
    await place.notes.put(CUP, "judged", str(OLD), of(FACTS), NUMBER_MAX, clockwork.now_us())
    if otherwise:
        Otherwise(monkeypatch, "A2", 50).begin()
    await Checkpointing(place.ledger, place.checkpoints, NEW.code, 2).keep(fold([*FACTS, *later]))
    async with opened(place.desk(NEW)) as desk:
        assert [(each.position, each.count) for each in desk.differences] == ([(len(FACTS), 2)] if otherwise else [])
        assert desk.contest.digest() == fold([*FACTS, *later]).digest()


async def test_one_of_a_position_that_the_ledger_has_not_is_in_nobodys_way() -> None:
    place = Place()
    await place.fill(FACTS[:2])
    await place.notes.put(CUP, "judged", str(OLD), of(FACTS), NUMBER_MAX, clockwork.now_us())
    async with opened(place.desk(NEW)) as desk:
        assert list(desk.differences) == []
    assert str(OLD) not in await place.judged_by()


def of(facts: Sequence[Fact]) -> str:
    """What the old program wrote down of these."""
    return msgspec.json.encode(snapshot_of(fold(facts)).written(str(OLD))).decode()


def test_what_moves_is_written_down_within_a_minute_and_a_told_result_at_the_next_look() -> None:
    async def main() -> None:
        place = Place()
        await place.fill()

        async def position() -> int:
            (judged,) = await place.upgrades(NEW).former(CUP)
            return judged.position

        async with opened(place.desk(OLD)) as desk:
            await asyncio.sleep(LOOK_EVERY_S / 2)
            assert await position() == len(FACTS)
            await desk.submit(drafts([event(7, contestant="B1", at_s=8)]))
            await asyncio.sleep(LOOK_EVERY_S * LOOKS_A_WRITING)
            assert await position() == len(FACTS) + 1
            await desk.submit(drafts([event(8, contestant="B2", at_s=9)]))
            await desk.submit(drafts([Finalised()]))
            await asyncio.sleep(LOOK_EVERY_S)
            assert await position() == len(FACTS) + 3

    run(main())


@pytest.mark.parametrize("document", ["nonsense", '{"format":"contest-judged/9","program":"x","position":1,"final":false,"lines":[]}'])
def test_what_cannot_be_read_is_named_and_in_nobodys_way(document: str) -> None:
    async def main() -> None:
        place = Place()
        await place.fill()
        await place.notes.put(CUP, "judged", "1.9 cc", document, NUMBER_MAX, clockwork.now_us())
        await place.notes.put(CUP, "otherwise", "1.9 cc > 2.0 dd", document, NUMBER_MAX, clockwork.now_us())
        with capture_logs() as told:
            desk = await place.judge(OLD)
        assert list(desk.differences) == []
        warned = [line["event"] for line in told if line["log_level"] == "warning"]
        assert warned == ["what another program judged cannot be read", "a difference between two programs cannot be read"]
        assert str(OLD) in await place.judged_by()

    run(main())


def test_a_cursor_is_good_for_the_same_ledger_judged_by_the_same_program() -> None:
    async def main() -> None:
        place = Place()
        await place.fill()
        one, again, other = await place.judge(OLD), await place.judge(OLD), await place.judge(NEW)
        cursor = f"{one.board.epoch}:3"
        assert parse_cursor(cursor, again.board.epoch) == 3, "after a restart, and on every server of this program"
        assert parse_cursor(cursor, other.board.epoch) is None
        assert parse_cursor(f"{one.epoch}:3", one.board.epoch) is None, "of a program that named none"
        assert one.epoch == other.epoch, "venues know the ledger alone"

    run(main())


@pytest.mark.parametrize(
    ("cursor", "position"),
    [("e1-aaaaaa:7", 7), ("e1-bbbbbb:7", 7), ("e1:7", 7), ("e12-aaaaaa:7", 0), ("e1.9:7", 0), ("e1-aaaaaa:x", 0), ("", 0), (None, 0)],
)
def test_no_board_goes_back_behind_a_cursor_of_another_program(cursor: str | None, position: int) -> None:
    """A server that is behind waits for its position, though it then sends everything."""
    assert position_in(cursor, "e1") == position


def test_the_program_of_a_server_is_named_by_what_judges_there() -> None:
    one, fewer = upgrades_of(Notes(MemoryTables()), JUDGES, clockwork.now_us), dict(list(JUDGES.items())[1:])
    other = upgrades_of(Notes(MemoryTables()), fewer, clockwork.now_us)
    assert one is not None
    assert other is not None
    assert one.program == upgrades_of(Notes(MemoryTables()), JUDGES, clockwork.now_us).program  # type: ignore[union-attr]
    assert one.program.epoch("e1") != other.program.epoch("e1")
