"""A definition is adopted by an entry with its version; the same again changes nothing, another content needs a higher one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import Adopted, ContestantId, ContestId, Draft, Entry, Thawed
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.memory import MemoryLedger
from contest_server.ledger.port import READ_MAX_ENTRIES, LedgerFault
from contest_server.ledger.sealed import SealedLedger
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
    """A ledger whose adoptions are appended once everybody has come to append theirs: all have seen it as it was before."""

    ledger: SealedLedger
    barrier: asyncio.Barrier
    has_waited: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)

    async def append(self, contest: ContestId, drafts: Sequence[Draft], expected: int | None = None) -> list[Entry]:
        if not self.has_waited:
            self.has_waited = True
            await self.barrier.wait()
        return await self.ledger.append(contest, drafts, expected)


def named_by(who: str) -> list[Any]:
    return [person | {"name": f"{person['id']} by {who}"} for person in document()["contestants"]]


async def names_at(stores: Stores) -> set[str]:
    people = (await stores.people.roster(CUP)).people
    return {person.document["name"]["en"] for person in people if not person.contestant.startswith("official:")}


@pytest.mark.parametrize("count", [2, 3])
async def test_of_several_who_adopt_at_once_at_two_servers_one_is_first_and_the_others_are_told(count: int, tmp_path: Path) -> None:
    """And of theirs nothing is left, names included."""
    servers = [open_stores(f"sqlite:///{tmp_path}/contest.db") for _ in range(2)]
    barrier = asyncio.Barrier(count)
    try:
        together = [replace(servers[n % 2], ledger=cast("SealedLedger", Together(servers[n % 2].ledger, barrier))) for n in range(count)]
        wishes = [adopt_(together[n], stages=[{"id": "quiz", "points": 3 + n}], contestants=named_by(f"wish {n}")) for n in range(count)]
        outcomes = await asyncio.gather(*wishes, return_exceptions=True)
        refused = [each for each in outcomes if isinstance(each, VersionTaken)]
        (first,) = [n for n, each in enumerate(outcomes) if not isinstance(each, BaseException)]
        adopted = outcomes[first]
        assert not isinstance(adopted, BaseException)
        assert (adopted[1], len(refused)) == (True, count - 1)
        for stores in servers:
            assert [entry.fact for entry in await stores.ledger.read(CUP, 0)] == [adopted[0]]
            assert await names_at(stores) == {each["name"] for each in named_by(f"wish {first}")}
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


class NeverIdle(MemoryLedger):
    """Whoever reads finds that there is more already."""

    async def read(self, contest: ContestId, after: int, limit: int = READ_MAX_ENTRIES) -> list[Entry]:
        found = await super().read(contest, after, limit)
        await super().append(contest, [Draft(START_US, "test", Thawed())])
        return found


@pytest.mark.parametrize("stores", [busy(TRIES_MAX + 1), replace(open_stores("memory:"), ledger=NeverIdle())])
def test_where_others_write_without_a_pause_it_is_refused_by_name_and_nothing_is_adopted(stores: Stores) -> None:
    async def work() -> None:
        await stores.ledger.open(CUP)
        await stores.ledger.append(CUP, [Draft(START_US, "test", Thawed())])
        with pytest.raises(LedgerFault, match="Adopt it once more"):
            await adopt_(stores)
        assert await latest(stores.ledger, CUP) is None
        assert await stores.people.version(CUP) == 0, "names of what was not adopted"

    clockwork.run(work())


def test_names_that_cannot_be_stored_refuse_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contest_server.ledger.people.DOCUMENT_MAX_BYTES", 10)

    async def work() -> None:
        stores = open_stores("memory:")
        await stores.ledger.open(CUP)
        with pytest.raises(LimitExceeded):
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
