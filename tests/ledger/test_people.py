"""People can be corrected and erased, and everybody notices."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from contest_server.core.facts import ContestantId, Json
from contest_server.ledger.codec import NotAFact
from contest_server.ledger.lane import Lane
from contest_server.ledger.limits import LimitExceeded
from contest_server.ledger.people import DOCUMENT_MAX_BYTES, PEOPLE_MAX_A_CALL, MemoryPeople, People, Person, Roster, TablePeople
from contest_server.ledger.tables import SqliteTables
from tests.ledger.conftest import OpenTables
from tests.ledger.drafts import CONTEST, OTHER

CHEN, LIN, WU = ContestantId("A017"), ContestantId("A018"), ContestantId("B003")
NOW_US = 1_763_800_000_000_000
NAMES: dict[ContestantId, Json] = {
    LIN: {"name": {"zh": "林晓", "en": "Lin Xiao"}},
    CHEN: {"name": {"zh": "陈建国", "en": "Chen Jianguo"}, "number": "017"},
}

Reopen = Callable[[], People]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contest.db"


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def another(request: pytest.FixtureRequest, open_tables: OpenTables) -> Reopen:
    memory = MemoryPeople()
    return lambda: memory if request.param == "memory" else TablePeople(open_tables(request.param))


@pytest.fixture
def people(another: Reopen) -> People:
    return another()


async def test_a_contest_begins_without_people(people: People) -> None:
    assert await people.roster(CONTEST) == Roster(0, [])
    assert await people.version(CONTEST) == 0


async def test_what_was_put_is_there_by_id_for_all_who_open(another: Reopen, people: People) -> None:
    assert await people.put(CONTEST, NAMES, NOW_US) == 1
    expected = Roster(1, [Person(CHEN, NAMES[CHEN], NOW_US), Person(LIN, NAMES[LIN], NOW_US)])
    assert await another().roster(CONTEST) == expected


async def test_the_version_grows_with_each_change_and_only_then(another: Reopen, people: People) -> None:
    await people.put(CONTEST, NAMES, NOW_US)
    assert await people.put(CONTEST, NAMES, NOW_US + 1) == 1
    assert await another().put(CONTEST, {CHEN: {"name": {"zh": "陈建國"}}}, NOW_US + 2) == 2
    assert await people.version(CONTEST) == 2
    assert await people.erase(CONTEST, [LIN]) == 3
    assert await people.erase(CONTEST, [LIN, WU]) == 3
    assert await people.put(CONTEST, {LIN: NAMES[LIN]}, NOW_US + 3) == 4
    assert await people.put(CONTEST, {}, NOW_US) == 4


async def test_only_what_changed_carries_the_new_time(people: People) -> None:
    await people.put(CONTEST, NAMES, NOW_US)
    await people.put(CONTEST, NAMES | {CHEN: {"name": {"zh": "陈"}}}, NOW_US + 5)
    assert [(one.contestant, one.updated_us) for one in (await people.roster(CONTEST)).people] == [(CHEN, NOW_US + 5), (LIN, NOW_US)]


async def test_the_order_of_keys_is_no_change(people: People) -> None:
    await people.put(CONTEST, {CHEN: {"a": 1, "b": 2}}, NOW_US)
    assert await people.put(CONTEST, {CHEN: {"b": 2, "a": 1}}, NOW_US) == 1


async def test_contests_do_not_share_people(people: People) -> None:
    await people.put(CONTEST, NAMES, NOW_US)
    await people.put(OTHER, {CHEN: {"name": {"en": "Somebody else"}}}, NOW_US)
    assert await people.erase(OTHER, [CHEN]) == 2
    assert len((await people.roster(CONTEST)).people) == 2


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"a": float("nan")}, NotAFact),
        ({"a": (1,)}, NotAFact),
        ([], NotAFact),
        ("x", NotAFact),
        ({"a": "x" * DOCUMENT_MAX_BYTES}, LimitExceeded),
    ],
)
async def test_one_bad_document_stores_none(people: People, document: Json, error: type[Exception]) -> None:
    with pytest.raises(error):
        await people.put(CONTEST, {CHEN: NAMES[CHEN], LIN: document}, NOW_US)
    assert await people.roster(CONTEST) == Roster(0, [])


async def test_a_call_has_a_largest_number_of_people(people: People) -> None:
    with pytest.raises(LimitExceeded):
        await people.put(CONTEST, {ContestantId(f"A{n}"): {} for n in range(PEOPLE_MAX_A_CALL + 1)}, NOW_US)


async def test_who_was_erased_is_nowhere_in_the_file(path: Path) -> None:
    """Not in free pages and not in the write-ahead log; nor is what was corrected before."""
    lane = Lane(path)
    people = TablePeople(SqliteTables(lane))
    await people.put(CONTEST, NAMES | {ContestantId(f"C{n}"): {"name": f"someone {n}"} for n in range(200)}, NOW_US)
    await people.put(CONTEST, {CHEN: {"name": {"en": "Chen Jianguo, corrected"}}}, NOW_US + 1)
    assert any(b"Chen Jianguo" in file.read_bytes() for file in path.parent.iterdir())
    await people.erase(CONTEST, [CHEN])
    assert await people.scrub() is None
    for file in path.parent.iterdir():
        assert b"Chen Jianguo" not in file.read_bytes(), file.name
    assert len((await people.roster(CONTEST)).people) == 201
    await lane.close()


async def test_while_somebody_reads_it_is_said_where_names_may_still_be(path: Path) -> None:
    lane = Lane(path)
    people = TablePeople(SqliteTables(lane))
    await people.put(CONTEST, NAMES, NOW_US)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchone()
        await people.erase(CONTEST, [CHEN])
        assert f"{path.name}-wal" in (await people.scrub() or "")
    assert await people.scrub() is None
    await lane.close()
