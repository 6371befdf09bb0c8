"""A definition is adopted by an entry with its version; the same again changes nothing, another content needs a higher one."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import Adopted, ContestantId
from contest_server.core.rulebook import compile_rulebook
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.adopting import VersionTaken, adopt, latest
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
