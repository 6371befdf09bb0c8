"""A definition is adopted by an entry with its version; the same again changes nothing, another content needs a higher one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import Adopted, ContestantId, ContestId, Draft, Entry, Thawed
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.people import People
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import TRIES_MAX, VersionTaken, adopt, latest
from tests import clockwork
from tests.contests import CUP, JUDGES, START_US, document


async def adopt_(stores: Stores, **changes: Any) -> tuple[Adopted, bool]:
    return await adopt(stores, compile_rulebook(read_definition(document(**changes)), JUDGES), "test", START_US)


def test_the_same_document_twice_is_one_entry() -> None:
    async def work() -> None:
        stores = open_stores("memory:")
        first, new = await adopt_(stores)
        again, new_again = await adopt_(stores)
        assert (new, new_again, again) == (True, False, first)
        assert len(await stores.ledger.read(CUP, 0)) == 1

    clockwork.run(work())


@pytest.mark.parametrize("version", [1, 2])
def test_another_content_under_a_version_that_was_used_is_refused_with_the_next_one(version: int) -> None:
    async def work() -> None:
        stores = open_stores("memory:")
        await adopt_(stores, version=2)
        with pytest.raises(VersionTaken, match=r"version 2 of 'cup' is adopted already.*set contest.version = 3"):
            await adopt_(stores, version=version, stages=[{"id": "quiz", "points": 3}])
        found, new = await adopt_(stores, version=3, stages=[{"id": "quiz", "points": 3}])
        assert (found.version, new) == (3, True)
        assert await latest(stores.ledger, CUP) == found

    clockwork.run(work())


@dataclass
class Together:
    """Names that are stored once everybody has come to store theirs: all have seen the ledger as it was before."""

    people: People
    barrier: asyncio.Barrier

    async def put(self, contest: ContestId, documents: Mapping[ContestantId, Any], now_us: int) -> None:
        await self.people.put(contest, documents, now_us)
        await self.barrier.wait()


@pytest.mark.parametrize("count", [2, 3])
async def test_of_several_who_adopt_at_once_at_two_servers_one_is_first_and_the_others_are_told(count: int, tmp_path: Path) -> None:
    servers = [open_stores(f"sqlite:///{tmp_path}/contest.db") for _ in range(2)]
    barrier = asyncio.Barrier(count)
    try:
        together = [replace(stores, people=cast("People", Together(stores.people, barrier))) for stores in servers]
        wishes = [adopt_(together[n % 2], stages=[{"id": "quiz", "points": 3 + n}]) for n in range(count)]
        outcomes = await asyncio.gather(*wishes, return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, VersionTaken)]
        (adopted,) = [each for each in outcomes if not isinstance(each, BaseException)]
        assert (adopted[1], len(refused)) == (True, count - 1)
        for stores in servers:
            assert [entry.fact for entry in await stores.ledger.read(CUP, 0)] == [adopted[0]]
    finally:
        for stores in servers:
            await stores.close()


class Busy(MemoryLedger):
    """Somebody writes something else before each of the next `times` adoptions."""

    times = 0

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        if self.times > 0:
            self.times -= 1
            await super().append(contest, [Draft(START_US, "test", Thawed())])
        return await super().append(contest, drafts, expected)


def busy(times: int) -> Stores:
    stores, ledger = open_stores("memory:"), Busy()
    ledger.times = times
    return replace(stores, ledger=ledger)


@pytest.mark.parametrize("times", [3, TRIES_MAX - 1])
def test_in_a_busy_contest_it_is_adopted_behind_what_others_wrote(times: int) -> None:
    async def work() -> None:
        stores = busy(times)
        assert (await adopt_(stores))[1]
        assert isinstance((await stores.ledger.read(CUP, times))[0].fact, Adopted)

    clockwork.run(work())


def test_where_others_write_without_a_pause_it_is_refused_by_name_and_nothing_is_adopted() -> None:
    async def work() -> None:
        stores = busy(TRIES_MAX)
        with pytest.raises(LedgerFault, match="Adopt it once more"):
            await adopt_(stores)
        assert await latest(stores.ledger, CUP) is None

    clockwork.run(work())


def test_a_corrected_name_is_no_new_version_and_no_entry() -> None:
    """Names are beside the ledger: the same version with another name only moves the roster."""

    async def work() -> None:
        stores = open_stores("memory:")
        await adopt_(stores)
        people = [person | {"name": "Corrected"} for person in document()["contestants"]]
        before = await stores.people.version(CUP)
        _, new = await adopt_(stores, contestants=people)
        assert not new
        assert len(await stores.ledger.read(CUP, 0)) == 1
        assert await stores.people.version(CUP) > before

    clockwork.run(work())


def test_names_of_officials_are_beside_the_ledger_where_no_contestant_stands() -> None:
    async def work() -> None:
        stores = open_stores("memory:")
        await adopt_(stores)
        people = {person.contestant: person.document for person in (await stores.people.roster(CUP)).people}
        both = {"zh": "Wei Lan", "en": "Wei Lan"}
        assert people[ContestantId("official:R1")] == {"name": both, "employer": {"zh": "bluebridge cable ", "en": "bluebridge cable "}}
        assert [key for key in people if key.startswith("official:")] == ["official:C1", "official:R1", "official:R2"]

    clockwork.run(work())


def test_a_refused_definition_moves_no_name() -> None:
    async def work() -> None:
        stores = open_stores("memory:")
        await adopt_(stores, version=2)
        before = await stores.people.roster(CUP)
        people = [person | {"name": "Somebody else"} for person in document()["contestants"]]
        with pytest.raises(VersionTaken):
            await adopt_(stores, version=1, contestants=people)
        assert await stores.people.roster(CUP) == before

    clockwork.run(work())
