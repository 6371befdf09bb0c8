"""A contest from one database into another: the same entries, hashes and numbers, and so the same digest. Refuses to mix two ledgers, and
to take away what the other database holds of its own.

What is beside the ledger goes with it: names, passwords of officials (as hashes), sealed blind codes, tokens, what programs judged.
Accounts, grants and tokens for all contests belong to an installation and go with all of its contests. Sessions stay; so do notes that
hold for a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from contest_server.core.facts import ContestId
from contest_server.core.saying import Said
from contest_server.ledger.notes import LASTING
from contest_server.ledger.port import Head
from contest_server.ledger.sealed import check_following
from contest_server.ledger.tables import Rows, Tables
from contest_server.ledger.urls import Stores

PAGE_ENTRIES = 2_000
BESIDE = ("people", "rosters", "officials", "seals", "tokens")
"""The tables whose rows belong to one contest each."""
OF_INSTALLATION = ("accounts", "grants")

Progress = Callable[[int, int], None]
"""Called after each page with the entries done and the entries there are."""
Values = dict[str, Any]


class OfItsOwn(Exception):
    """The target holds what the source does not know. Nothing of that was touched."""


async def check_target(source: Stores, target: Stores, contests: Sequence[ContestId], *, is_all: bool) -> None:
    """Look, before anything is copied, whether all of it could be: these contests, and with `is_all` what belongs to the installation.

    Raises:
        KeyError, Foreign, OfItsOwn: as `copy_contest` and `copy_installation` would.
    """
    known = await target.ledger.contests()
    for contest in contests:
        if contest in known:
            there = await target.ledger.head(contest)
            _check_behind(contest, there, await source.ledger.head(contest))
        tokens = await source.tables.read(partial(rows_of, table="tokens", contest=contest))
        _check_tokens(contest, await target.tables.read(partial(rows_of, table="tokens", contest=contest)), tokens)
    if is_all:
        found = await source.tables.read(_of_installation)
        _check_installation(await target.tables.read(_of_installation), found)


async def copy_contest(source: Stores, target: Stores, contest: ContestId, progress: Progress | None = None) -> Head:
    """Copy what is there now; run again, it copies what came since. The source may go on meanwhile, the target must not be written to.

    Raises:
        KeyError: the source has no such contest.
        Foreign: the target has another ledger under this name.
        OfItsOwn: the target goes further than the source, or has tokens of its own.
        LedgerFault: what was copied by then stays; run it again.
    """
    judged = await source.tables.read(lambda rows: _lasting(rows, contest))  # before the entries: what it speaks of is there, too
    head = await source.ledger.head(contest)
    done = await target.ledger.plant(contest, head.epoch, [])
    _check_behind(contest, done, head)
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
        _check_tokens(contest, rows_of(rows, "tokens", contest), found["tokens"])
        for table, values in found.items():
            rows.execute(f"DELETE FROM {table} WHERE contest = :contest", {"contest": contest})  # nosec B608  # noqa: S608 - names of ours
            put_rows(rows, table, values)
        for kind in LASTING:
            rows.execute("DELETE FROM notes WHERE contest = :contest AND kind = :kind", {"contest": contest, "kind": kind})
        put_rows(rows, "notes", judged)

    await target.write(replace_all)


async def copy_installation(source: Stores, target: Stores) -> None:
    """Let the target hold the accounts, grants and tokens for all contests of the source, in one transaction.

    Raises:
        OfItsOwn: it has some that the source does not know; all were left as they are.
    """
    found = await source.tables.read(_of_installation)

    def replace_all(rows: Rows) -> None:
        _check_installation(_of_installation(rows), found)
        for table in OF_INSTALLATION:
            rows.execute(f"DELETE FROM {table}", {})  # nosec B608  # noqa: S608 - names of ours
        rows.execute("DELETE FROM tokens WHERE contest IS NULL", {})
        for table, values in found.items():
            put_rows(rows, table, values)

    await target.tables.write(replace_all)


def _of_installation(rows: Rows) -> dict[str, list[Values]]:
    tokens = [row for row in rows_of(rows, "tokens") if row["contest"] is None]
    return {**{table: rows_of(rows, table) for table in OF_INSTALLATION}, "tokens": tokens}


def _check_behind(contest: ContestId, there: Head, here: Head) -> None:
    """Raises Foreign, OfItsOwn."""
    check_following(there, here.epoch, [])
    if there.position > here.position:
        counts: dict[str, Any] = {"contest": contest, "there": there.position, "here": here.position}
        told = Said("{contest} has {there} entries there and {here} here: servers went on there. Are --from and --to swapped?", **counts)
        raise OfItsOwn(told)


def _check_tokens(contest: ContestId, there: Sequence[Values], here: Sequence[Values]) -> None:
    """Raises OfItsOwn."""
    _check_known(Said("tokens of its own for {contest}", contest=contest), "hash", there, here)


def _check_installation(there: Mapping[str, Sequence[Values]], here: Mapping[str, Sequence[Values]]) -> None:
    """Raises OfItsOwn."""
    _check_known(Said("accounts of its own"), "account", there["accounts"], here["accounts"])
    _check_known(Said("tokens of its own for all contests"), "hash", there["tokens"], here["tokens"])


def _check_known(what: Said, key: str, there: Sequence[Values], here: Sequence[Values]) -> None:
    """Raises OfItsOwn."""
    own = {row[key] for row in there} - {row[key] for row in here}
    if own:
        about: dict[str, Any] = {"count": len(own), "own": what}
        raise OfItsOwn(Said("the database to copy into has {count} {own}, which this one does not know and which would be lost", **about))


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
