"""Who the contestants are: names and whatever else may have to be corrected or erased. None of it is ever in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
from msgspec import Struct

from contest_server.core.facts import ContestantId, ContestId, Json
from contest_server.core.saying import Said, Text
from contest_server.ledger.codec import NotAFact
from contest_server.ledger.limits import LimitExceeded, check_contest, check_name, check_number
from contest_server.ledger.tables import Rows, Tables, Values, one

PEOPLE_MAX_A_CALL = 25_000
"""More than a definition names: contestants and officials."""
PEOPLE_MAX_A_CONTEST = 100_000
DOCUMENT_MAX_BYTES = 65_536


class Person(Struct, frozen=True):
    contestant: ContestantId
    document: Json
    updated_us: int


class Roster(Struct, frozen=True):
    """All people of a contest, by id, and the version that they are together."""

    version: int
    people: list[Person]


class People(Protocol):
    """The version begins at 0 and grows by one with each call that changes anything, whichever process makes it."""

    async def put(self, contest: ContestId, documents: Mapping[ContestantId, Json], now_us: int) -> int:
        """Store or replace all of these, durably, and return the version. Putting the same again changes nothing.

        Raises:
            LimitExceeded, NotAFact: nothing of it was stored.
        """
        ...

    async def erase(self, contest: ContestId, contestants: Collection[ContestantId]) -> int:
        """Forget them, and return the version. Unknown ones are no error. On the disk: see `scrub`."""
        ...

    async def scrub(self) -> Text | None:
        """Leave nothing of those who were erased on the disk. Where some of it may still be, and what to do; None: nowhere."""
        ...

    async def roster(self, contest: ContestId) -> Roster: ...

    async def version(self, contest: ContestId) -> int:
        """0 for a contest without people. Cheap: what other processes changed is noticed by asking."""
        ...


def as_text(documents: Mapping[ContestantId, Json]) -> dict[ContestantId, str]:
    """Documents as they are stored. Raises LimitExceeded or NotAFact."""
    _check_size(len(documents), PEOPLE_MAX_A_CALL, Said("people in one call"))
    return {contestant: _document_as_text(contestant, document) for contestant, document in documents.items()}


def _document_as_text(contestant: ContestantId, document: Json) -> str:
    check_name("contestant", contestant)
    try:
        text = msgspec.json.encode(document, order="sorted")
        same = msgspec.json.decode(text) == document
    except (TypeError, ValueError, RecursionError) as error:
        told = Said("the document of {contestant} cannot be written as JSON: {fault}", contestant=contestant, fault=str(error))
        raise NotAFact(told) from error
    if not same or not isinstance(document, dict):
        raise NotAFact(Said("the document of {contestant} is not a JSON object", contestant=contestant))
    _check_size(len(text), DOCUMENT_MAX_BYTES, Said("bytes in the document of {contestant}", contestant=contestant))
    return text.decode()


def _check_size(size: int, limit: int, what: Said) -> None:
    if size > limit:
        raise LimitExceeded(Said("{size} {what}, at most {limit}", size=size, what=what, limit=limit))


@dataclass(slots=True)
class _MemoryRoster:
    version: int = 0
    people: dict[ContestantId, tuple[str, int]] = field(default_factory=dict)


class MemoryPeople:
    """People in memory, for tests and trials."""

    def __init__(self) -> None:
        self._rosters: dict[ContestId, _MemoryRoster] = {}

    async def put(self, contest: ContestId, documents: Mapping[ContestantId, Json], now_us: int) -> int:
        check_contest(contest)
        check_number("now_us", now_us)
        texts = as_text(documents)
        await asyncio.sleep(0)
        roster = self._rosters.setdefault(contest, _MemoryRoster())
        changed = {one: (text, now_us) for one, text in texts.items() if roster.people.get(one, ("", 0))[0] != text}
        _check_size(len(roster.people | changed), PEOPLE_MAX_A_CONTEST, Said("people in a contest"))
        roster.people |= changed
        roster.version += bool(changed)
        return roster.version

    async def erase(self, contest: ContestId, contestants: Collection[ContestantId]) -> int:
        await asyncio.sleep(0)
        roster = self._rosters.get(contest, _MemoryRoster())
        gone = [contestant for contestant in set(contestants) if roster.people.pop(contestant, None)]
        roster.version += bool(gone)
        return roster.version

    async def scrub(self) -> Text | None:
        return None

    async def roster(self, contest: ContestId) -> Roster:
        await asyncio.sleep(0)
        roster = self._rosters.get(contest, _MemoryRoster())
        people = [_person(contestant, text, updated_us) for contestant, (text, updated_us) in sorted(roster.people.items())]
        return Roster(roster.version, people)

    async def version(self, contest: ContestId) -> int:
        await asyncio.sleep(0)
        return self._rosters.get(contest, _MemoryRoster()).version


_PUT = """INSERT INTO people (contest, contestant, document, updated_us) VALUES (:contest, :contestant, :document, :now_us)
    ON CONFLICT (contest, contestant) DO UPDATE SET document = excluded.document, updated_us = excluded.updated_us
    WHERE people.document <> excluded.document"""
_ERASE = "DELETE FROM people WHERE contest = :contest AND contestant = :contestant"
_COUNT = "SELECT count(*) FROM people WHERE contest = :contest"
_ALL = "SELECT contestant, document, updated_us FROM people WHERE contest = :contest"
_VERSION = "SELECT version FROM rosters WHERE contest = :contest"
_NEXT = "INSERT INTO rosters (contest, version) VALUES (:contest, 1) ON CONFLICT (contest) DO UPDATE SET version = rosters.version + 1"


class TablePeople:
    """People beside the ledger, in the same database."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, contest: ContestId, documents: Mapping[ContestantId, Json], now_us: int) -> int:
        check_contest(contest)
        check_number("now_us", now_us)
        values = [
            {"contest": contest, "contestant": contestant, "document": text, "now_us": now_us}
            for contestant, text in as_text(documents).items()
        ]
        return await self._tables.write(lambda rows: _change(rows, contest, _PUT, values))

    async def erase(self, contest: ContestId, contestants: Collection[ContestantId]) -> int:
        values = [{"contest": contest, "contestant": contestant} for contestant in set(contestants)]
        return await self._tables.write(lambda rows: _change(rows, contest, _ERASE, values))

    async def scrub(self) -> Text | None:
        return await self._tables.scrub()

    async def roster(self, contest: ContestId) -> Roster:
        return await self._tables.read(lambda rows: _roster(rows, contest))

    async def version(self, contest: ContestId) -> int:
        return await self._tables.read(lambda rows: _version(rows, contest))


def _change(rows: Rows, contest: ContestId, statement: str, values: Sequence[Values]) -> int:
    """Run the statement for all of these, and return the version."""
    if rows.execute_many(statement, values) > 0:
        rows.execute(_NEXT, {"contest": contest})
    _check_size(one(rows, _COUNT, {"contest": contest}), PEOPLE_MAX_A_CONTEST, Said("people in a contest"))
    return _version(rows, contest)


def _roster(rows: Rows, contest: ContestId) -> Roster:
    people = [_person(*row) for row in rows.execute(_ALL, {"contest": contest}).fetchall()]
    return Roster(_version(rows, contest), sorted(people, key=lambda person: person.contestant))


def _version(rows: Rows, contest: ContestId) -> int:
    row = rows.execute(_VERSION, {"contest": contest}).fetchone()
    return 0 if row is None else int(row[0])


def _person(contestant: str, text: str, updated_us: int) -> Person:
    return Person(ContestantId(contestant), msgspec.json.decode(text), updated_us)
