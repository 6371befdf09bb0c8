"""A contest from one database into another: the same entries, hashes and numbers, and so the same digest. Refuses to mix two ledgers.

What is beside the ledger goes with it: names, passwords of officials (as hashes), sealed blind codes, tokens, what programs judged.
Sessions and accounts belong to an installation, not to a contest, and stay; so do notes that hold for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contest_server.core.facts import ContestId
from contest_server.ledger.notes import LASTING
from contest_server.ledger.port import Head
from contest_server.ledger.tables import Rows, Tables
from contest_server.ledger.urls import Stores

PAGE_ENTRIES = 2_000
BESIDE = ("people", "rosters", "officials", "seals", "tokens")
"""The tables whose rows belong to one contest each."""

Progress = Callable[[int, int], None]
"""Called after each page with the entries done and the entries there are."""
Values = dict[str, Any]


async def copy_contest(source: Stores, target: Stores, contest: ContestId, progress: Progress | None = None) -> Head:
    """Copy what is there now; run again, it copies what came since. The source may go on meanwhile, the target must not be written to.

    Raises:
        KeyError: the source has no such contest.
        Foreign: the target has another ledger under this name.
        LedgerFault: what was copied by then stays; run it again.
    """
    judged = await source.tables.read(lambda rows: _lasting(rows, contest))  # before the entries: what it speaks of is there, too
    head = await source.ledger.head(contest)
    done = await target.ledger.plant(contest, head.epoch, [])
    while done.position < head.position:
        entries = await source.ledger.stored(contest, done.position, min(PAGE_ENTRIES, head.position - done.position))
        done = await target.ledger.plant(contest, head.epoch, entries)
        if progress is not None:
            progress(done.position, head.position)
    await _copy_beside(source.tables, target.tables, contest, judged)
    return done


async def _copy_beside(source: Tables, target: Tables, contest: ContestId, judged: Sequence[Values]) -> None:
    """Let the target hold what the source holds of this contest, and what was judged, in one transaction."""
    found = await source.read(lambda rows: {table: rows_of(rows, table, contest) for table in BESIDE})

    def replace_all(rows: Rows) -> None:
        for table, values in found.items():
            rows.execute(f"DELETE FROM {table} WHERE contest = :contest", {"contest": contest})  # nosec B608  # noqa: S608 - names of ours
            put_rows(rows, table, values)
        for kind in LASTING:
            rows.execute("DELETE FROM notes WHERE contest = :contest AND kind = :kind", {"contest": contest, "kind": kind})
        put_rows(rows, "notes", judged)

    await target.write(replace_all)


def _lasting(rows: Rows, contest: ContestId) -> list[Values]:
    """Its notes that do not hold for a while only."""
    return [row for row in rows_of(rows, "notes", contest) if row["kind"] in LASTING]


def columns_of(table: str) -> list[str]:
    """SQLAlchemy, which knows the tables, is imported when it is needed: other commands start faster without."""
    from contest_server.ledger.schema import metadata

    return [column.name for column in metadata.tables[table].columns]


def rows_of(rows: Rows, table: str, contest: ContestId | None = None) -> list[Values]:
    """All rows of a small table (of one contest), each by its columns."""
    columns = columns_of(table)
    where, values = ("", {}) if contest is None else (" WHERE contest = :contest", {"contest": contest})
    found = rows.execute(f"SELECT {', '.join(columns)} FROM {table}{where}", values).fetchall()  # nosec B608  # noqa: S608 - names of ours
    return [dict(zip(columns, row, strict=True)) for row in found]


def put_rows(rows: Rows, table: str, values: Sequence[Values]) -> None:
    """Insert rows as `rows_of` gave them."""
    columns = columns_of(table)
    places = ", ".join(f":{column}" for column in columns)
    rows.execute_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", values)  # nosec B608  # noqa: S608 - names of ours
