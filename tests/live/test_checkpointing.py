"""A desk that opens from a checkpoint is the one that judged everything. What does not fit is named and not used; a forged one is found."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from contest_server.core.checkpoint import Checkpoint, Taken
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestId, Fact, Frozen
from contest_server.core.sheet import Sheet
from contest_server.ledger.checkpoints import Checkpoints
from contest_server.ledger.memory import MemoryLedger, MemoryStore
from contest_server.ledger.memory_tables import MemoryTables
from contest_server.ledger.people import MemoryPeople
from contest_server.live.checkpointing import Checkpointing, Refuted
from contest_server.live.desk import Desk
from contest_server.live.program import name_of
from contest_server.live.settings import Settings
from tests import clockwork
from tests.contests import CUP, JUDGES, adopted, drafts, event, fold
from tests.core.stated import published
from tests.core.test_checkpoint import all_of

FACTS: list[Fact] = [
    adopted(),
    event(1, stage="wiring", at_s=3, data={"mohm": "2.4"}),
    event(2, at_s=4),
    Frozen(10),
    event(3, contestant="A2", at_s=5),
    published(),
    event(4, "attempt", contestant="B1", at_s=6),
    event(5, contestant="B2", at_s=7),
]
TAKEN_AT = 6


class Place:
    """One ledger with its checkpoints, for as many desks as a test likes."""

    def __init__(self) -> None:
        self.store: MemoryStore = {}
        self.ledger = MemoryLedger(self.store)
        self.checkpoints = Checkpoints(MemoryTables())

    def keeper(self, code: str = "this") -> Checkpointing:
        return Checkpointing(self.ledger, self.checkpoints, code, 2)

    def desk(self, keeper: Checkpointing | None = None) -> Desk:
        return Desk(CUP, self.ledger, MemoryPeople(), JUDGES, Settings(), clockwork.now_us, checkpoints=keeper)

    async def fill(self) -> None:
        """All facts, and a checkpoint in the middle of them."""
        await self.ledger.open(CUP)
        await self.ledger.append(CUP, drafts(FACTS[:TAKEN_AT]))
        assert await self.keeper().keep(fold(FACTS[:TAKEN_AT])) == TAKEN_AT
        await self.ledger.append(CUP, drafts(FACTS[TAKEN_AT:]))

    async def opened(self, keeper: Checkpointing | None) -> Contest:
        async with opened(self.desk(keeper)) as desk:
            assert desk.ready.is_set(), "the desk did not open"
            return desk.contest


@asynccontextmanager
async def opened(desk: Desk) -> AsyncIterator[Desk]:
    task = asyncio.create_task(desk.run())
    await desk.settled.wait()
    try:
        yield desk
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose stages were judged since the test began, by contestant and stage."""
    told: list[str] = []
    real: Callable[..., Any] = Sheet._judged

    def telling(self: Sheet, stage: Any, bench: Any) -> Any:
        told.append(f"{self.contestant} {stage}")
        return real(self, stage, bench)

    monkeypatch.setattr(Sheet, "_judged", telling)
    return told


async def test_a_desk_that_opens_from_a_checkpoint_is_the_one_that_judged_everything(judged: list[str]) -> None:
    place = Place()
    await place.fill()
    judged.clear()
    resumed = await place.opened(place.keeper())
    assert sorted(judged) == ["B1 quiz", "B2 quiz"], "only what came after it is judged"
    whole = await place.opened(None)
    assert all_of(resumed) == all_of(whole)
    assert all_of(resumed)["digest"] == fold(FACTS).digest()


async def _of_other_code(place: Place) -> Checkpointing:
    return place.keeper("other")


async def _of_another_ledger(place: Place) -> Checkpointing:
    await place.checkpoints.put(CUP, TAKEN_AT, "00" * 32, "this", _each(list(Taken(fold(FACTS[:TAKEN_AT])).parts())))
    return place.keeper()


async def _beyond_the_end(place: Place) -> Checkpointing:
    await place.checkpoints.put(CUP, 99, "00" * 32, "this", _each([b"x"]))
    return place.keeper()


async def _unreadable(place: Place) -> Checkpointing:
    head = await place.checkpoints.head(CUP)
    assert head is not None
    await place.checkpoints.put(CUP, TAKEN_AT, head.hash, "this", _each([b"nonsense"]))
    return place.keeper()


async def _each(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize("make", [_of_other_code, _of_another_ledger, _beyond_the_end, _unreadable])
async def test_one_that_does_not_fit_is_named_and_not_used(judged: list[str], make: Any) -> None:
    place = Place()
    await place.fill()
    keeper = await make(place)
    judged.clear()
    with capture_logs() as told:
        contest = await place.opened(keeper)
    assert [line["event"] for line in told if "checkpoint" in line["event"]] == ["checkpoint ignored"]
    assert contest.digest() == fold(FACTS).digest()
    assert len(judged) >= 5, "everything was judged"


async def _forge(place: Place, *, fitting: bool) -> None:
    """A checkpoint with a mark too many; with `fitting`, its digest is made to fit."""
    contest = fold(FACTS[:TAKEN_AT])
    sheet = contest.sheets["A1"]  # type: ignore[index]
    for stage, cell in sheet.base.items():
        sheet.base[stage] = msgspec.structs.replace(cell, marks=cell.marks + 1)
    if fitting:
        sheet.cells = {}
        contest._dirty["A1"] = None  # type: ignore[index]
        contest.settle()
    await place.keeper().keep(contest)


@pytest.mark.parametrize("fitting", [False, True])
async def test_a_forged_one_is_found_and_removed(*, fitting: bool) -> None:
    place = Place()
    await place.fill()
    await _forge(place, fitting=fitting)
    with capture_logs() as told, pytest.raises((Refuted, ExceptionGroup)):
        await place.desk(place.keeper()).run()
    assert [line["event"] for line in told if "checkpoint" in line["event"]] == ["checkpoint refuted"]
    assert (await place.opened(place.keeper())).digest() == fold(FACTS).digest(), "the next desk judges everything"


class Lending(Checkpointing):
    """Keeps what it found, so that a test can ask who else does."""

    lent: Checkpoint | None = None

    async def find(self, contest: ContestId) -> Checkpoint | None:
        self.lent = await super().find(contest)
        return self.lent


async def test_of_a_checkpoint_that_was_taken_over_nothing_is_kept() -> None:
    place = Place()
    await place.fill()
    keeper = Lending(place.ledger, place.checkpoints, "this", 2)
    async with opened(place.desk(keeper)) as desk:
        assert desk.ready.is_set()
        assert isinstance(keeper.lent, Checkpoint)
        one, of_nobody = keeper.lent, object()
        del keeper.lent
        async with asyncio.timeout(30):  # the thread that read it puts it down in its own time; a desk would hold it as long as it is open
            while sys.getrefcount(one) > sys.getrefcount(of_nobody):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)


class Telling(Checkpointing):
    """Says when it has made one, and when it has proven one."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.kept, self.proven = asyncio.Event(), asyncio.Event()

    async def keep(self, contest: Contest) -> int:
        position = await super().keep(contest)
        self.kept.set()
        return position

    async def prove(self, contest: Contest) -> None:
        await super().prove(contest)
        self.proven.set()


async def test_one_is_made_after_enough_entries_and_proven_by_who_takes_it_over() -> None:
    place = Place()
    await place.ledger.open(CUP)
    await place.ledger.append(CUP, drafts(FACTS))
    keeper = Telling(place.ledger, place.checkpoints, "this", 2)
    async with opened(place.desk(keeper)), asyncio.timeout(20):
        await keeper.kept.wait()
        assert not keeper.proven.is_set()
    async with opened(place.desk(keeper)), asyncio.timeout(20):
        await keeper.proven.wait()
    head = await place.checkpoints.head(CUP)
    assert head is not None
    assert head.position == len(FACTS)


def test_the_name_of_the_code_is_the_same_for_the_same_code_only(monkeypatch: pytest.MonkeyPatch) -> None:
    name = name_of(JUDGES)
    assert name == name_of(dict(sorted(JUDGES.items(), reverse=True)))
    fewer = dict(list(JUDGES.items())[1:])
    assert name_of(fewer) != name
    monkeypatch.setattr("contest_server.live.program.LIBRARIES", ())
    assert name_of(JUDGES) != name
