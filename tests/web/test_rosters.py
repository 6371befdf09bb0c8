"""The names of a contest are read once for all who ask, and anew after every change: an erased name is told to nobody."""

from __future__ import annotations

import asyncio

from contest_server.core.facts import ContestantId, ContestId
from contest_server.ledger.people import MemoryPeople, Roster
from contest_server.web.rosters import ROSTERS_MAX, Rosters
from tests.contests import CUP, START_US
from tests.web.places import served

A1, B1 = ContestantId("A1"), ContestantId("B1")


class Counted(MemoryPeople):
    """Notes whose people were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[ContestId] = []

    async def roster(self, contest: ContestId) -> Roster:
        self.read.append(contest)
        return await super().roster(contest)


async def test_they_are_read_once_for_all_and_anew_after_a_change() -> None:
    people = Counted()
    rosters = Rosters(people)
    await people.put(CUP, {A1: {"name": "one"}, B1: {"name": "two"}}, START_US)
    for many in await asyncio.gather(*(rosters.of(CUP) for _ in range(50))):
        assert many == await MemoryPeople.roster(people, CUP)
    assert people.read == [CUP]
    await people.erase(CUP, [B1])
    assert [each.contestant for each in (await rosters.of(CUP)).people] == [A1]
    assert await rosters.of(CUP) is await rosters.of(CUP)
    assert people.read == [CUP, CUP]


async def test_those_of_few_contests_are_kept() -> None:
    people = Counted()
    rosters = Rosters(people)
    contests = [ContestId(f"c{number}") for number in range(ROSTERS_MAX + 1)]
    for each in (*contests, *contests[1:], contests[0]):
        await rosters.of(each)
    assert people.read == [*contests, contests[0]]


async def test_who_asks_for_the_names_is_told_those_of_now() -> None:
    async with served() as place:
        roster = f"/api/contests/{CUP}/roster"
        before = await place.get(roster)
        assert await place.get(roster) == before
        await place.stores.people.put(CUP, {A1: {"name": {"zh": "新", "en": "New"}}}, START_US)
        assert (await place.get(roster))["contestants"][0]["name"] == {"zh": "新", "en": "New"}
        await place.stores.people.erase(CUP, [A1])
        after = await place.get(roster)
        assert (after["contestants"][0]["name"], after["version"] > before["version"]) == ({"zh": "A1", "en": "A1"}, True)
