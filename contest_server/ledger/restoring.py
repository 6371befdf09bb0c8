"""A backup back into a database. Refuses a backup that was cut or changed, before anything is touched, and a database that holds anything.

Each contest keeps its chain, so that every published hash still holds, and gets another epoch: what was acknowledged after the backup is
not there, so venues send it again, and displays begin anew instead of going on from positions that mean something else now.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import msgspec
from alembic import command
from msgspec import Struct
from sqlalchemy import Connection, LargeBinary, MetaData, Table, insert, select, text

from contest_server.core.ids import ContestId
from contest_server.core.saying import Said, said_by
from contest_server.ledger.backup import (
    BACKUP_FORMAT,
    LEDGER_TABLES,
    MANIFEST,
    PAGE_ROWS,
    ContestHead,
    Manifest,
    Member,
    Numbered,
    Progress,
)
from contest_server.ledger.codec import decode, number_in
from contest_server.ledger.epoch import restored_epoch
from contest_server.ledger.limits import BODY_MAX_BYTES
from contest_server.ledger.migrating import REVISIONS, alembic_config
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verifying import Contradiction, Unreadable, Verified

LINE_MAX_BYTES = 2 * BODY_MAX_BYTES
MANIFEST_MAX_BYTES = 67_108_864
MEMBERS_MAX = 100_000

BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError, OverflowError, UnicodeError)
"""What reading an archive comes to where its bytes are not those that were written."""

Kind = TypeVar("Kind", bound=Struct)


class BadBackup(Exception):
    """It is no backup, or not as it was written; the text says what is wrong. Nothing was restored."""


class NotEmpty(Exception):
    """The database holds something already. It was left alone."""


class _EntryLine(Struct):
    position: int
    body: msgspec.Raw
    hash: str


class Backup:
    """An open backup. Nothing of it is believed before `check` has been through it."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.manifest = manifest
        self._archive = archive

    def check(self, progress: Progress) -> list[Verified]:
        """Hold every member against the manifest, and every chain against itself; the contests, as they were found. Raises BadBackup."""
        for number, member in enumerate(self.manifest.members, 1):
            if self._digest_of(member) != (member.lines, member.sha256):
                raise BadBackup(Said("{file} is not as it was written: its SHA-256 or its length is another", file=member.name))
            progress("files", number, len(self.manifest.members))
        return [self._verified(contest, progress) for contest in self.manifest.contests]

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member. Raises BadBackup for one that is not there, or cannot be read."""
        with _naming(name), self._archive.open(name) as member:
            while line := member.readline(LINE_MAX_BYTES + 1):
                if len(line) > LINE_MAX_BYTES:
                    raise BadBackup(Said("{file}: a line of more than {most} bytes", file=name, most=LINE_MAX_BYTES))
                yield line

    def tables(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The tables beside the ledger, each with its rows."""
        for member in self.manifest.members:
            if member.name.startswith("tables/"):
                yield Path(member.name).stem, self.lines(member.name)

    def _digest_of(self, member: Member) -> tuple[int, str]:
        count, digest = 0, sha256()
        for line in self.lines(member.name):
            count += 1
            digest.update(line)
        return count, digest.hexdigest()

    def _verified(self, contest: ContestHead, progress: Progress) -> Verified:
        try:
            with _naming(contest.ledger), self._archive.open(contest.ledger) as member:
                stream = cast("BinaryIO", member)
                found = verify_export(stream, count=lambda done: progress(contest.contest, done, contest.position))
        except (Contradiction, Unreadable) as error:
            raise BadBackup(Said("the ledger of {contest}: {fault}", contest=contest.contest, fault=said_by(error))) from error
        if (found.contest, found.entries, found.hash) != (contest.contest, contest.position, contest.hash):
            raise BadBackup(Said("the ledger of {contest} does not end where the manifest says", contest=contest.contest))
        return found


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """The backup in this file. Raises BadBackup where it is none, or one that this version cannot read."""
    try:
        archive = zipfile.ZipFile(path)
    except (*BROKEN, ValueError) as error:
        if isinstance(error, OSError) and error.filename:
            raise BadBackup(Said("{path}: {fault}", path=path, fault=error.strerror)) from error
        raise BadBackup(Said("{path} is no backup, or its end is missing", path=path)) from None
    with archive:
        if len(archive.namelist()) > MEMBERS_MAX:
            raise BadBackup(Said("{path}: more than {most} files are no backup", path=path, most=MEMBERS_MAX))
        yield Backup(archive, _manifest(archive))


def restore(connection: Connection, backup: Backup, progress: Progress) -> dict[ContestId, str]:
    """Put everything that the backup holds into a database that is empty; the new epoch of each contest.

    Call `backup.check` before. The tables are made as they were, filled, and then brought to this version.

    Raises:
        BadBackup, NotEmpty: nothing was changed, as long as the caller undoes its transaction.
    """
    revision = backup.manifest.revision
    if revision not in REVISIONS:
        versions = {"tables": revision, "known": REVISIONS[-1]}
        raise BadBackup(Said("it was taken by a newer version (tables {tables}, known up to {known}). Upgrade this program.", **versions))
    _make_tables(connection, revision)
    tables = MetaData()
    tables.reflect(connection)
    epochs = {contest.contest: restored_epoch(contest.epoch) for contest in backup.manifest.contests}
    for contest in backup.manifest.contests:
        _restore_contest(connection, tables, backup, contest, epochs[contest.contest], progress)
    for name, lines in backup.tables():
        if name not in tables.tables or name in LEDGER_TABLES:
            raise BadBackup(Said("a table {name!r}, which tables {tables} do not have", name=name, tables=revision))
        _insert(connection, tables.tables[name], (_row(tables.tables[name], line) for line in lines))
    command.upgrade(alembic_config(connection), "head")
    return epochs


def _make_tables(connection: Connection, revision: str) -> None:
    there = MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        if table.name != "alembic_version" and connection.execute(select(text("1")).select_from(table).limit(1)).first():
            raise NotEmpty(Said("the table {table} of this database has rows; restore into a new one", table=table.name))
    if not there.tables:
        command.upgrade(alembic_config(connection), revision)
    elif connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() != revision:
        told = Said("this database has tables already, and not those of the backup ({tables}); restore into a new one", tables=revision)
        raise NotEmpty(told)


def _restore_contest(
    connection: Connection, tables: MetaData, backup: Backup, contest: ContestHead, epoch: str, progress: Progress
) -> None:
    head = {"contest": contest.contest, "epoch": epoch, "position": contest.position, "hash": bytes.fromhex(contest.hash)}
    connection.execute(insert(tables.tables["contests"]), [head])
    numbers = {each.position: each for each in (_decoded(line, Numbered, contest.numbers) for line in backup.lines(contest.numbers))}
    entries = islice(backup.lines(contest.ledger), 1, contest.position + 1)  # without the header and the last line
    rows = (_ledger_row(contest, line, numbers) for line in entries)
    _insert(connection, tables.tables["ledger"], rows, lambda done: progress(contest.contest, done, contest.position))


def _ledger_row(contest: ContestHead, line: bytes, numbers: dict[int, Numbered]) -> dict[str, Any]:
    entry = _decoded(line, _EntryLine, contest.ledger)
    number, body = numbers.get(entry.position), bytes(entry.body)
    source, seq = (number.source, number.seq) if number is not None else number_in(decode(body).fact) or (None, None)
    return {
        "contest": contest.contest,
        "position": entry.position,
        "source": source,
        "seq": seq,
        "body": body.decode(),
        "hash": bytes.fromhex(entry.hash),
    }


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]], count: Any = None) -> None:
    rows, done = iter(rows), 0
    while page := list(islice(rows, PAGE_ROWS)):
        connection.execute(insert(table), page)
        done += len(page)
        if count is not None:
            count(done)


def _row(table: Table, line: bytes) -> dict[str, Any]:
    row = _decoded(line, dict[str, Any], table.name)
    strange = row.keys() - table.columns.keys()
    if strange:
        column = min(strange)
        raise BadBackup(Said("table {table}: a column {column!r}, which it does not have", table=table.name, column=column))
    kept_as_bytes = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    return {name: msgspec.convert(value, bytes) if name in kept_as_bytes else value for name, value in row.items()}


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    with _naming(MANIFEST), archive.open(MANIFEST) as member:
        manifest: Manifest = _decoded(member.read(MANIFEST_MAX_BYTES), Manifest, MANIFEST)
    if manifest.format != BACKUP_FORMAT:
        raise BadBackup(Said("the format is {format!r}, this version knows {known!r}", format=manifest.format, known=BACKUP_FORMAT))
    named = {member.name for member in manifest.members}
    for contest in manifest.contests:
        if not {contest.ledger, contest.numbers} <= named:
            raise BadBackup(Said("the manifest does not name the files of {contest}", contest=contest.contest))
    return manifest


def _decoded(line: bytes, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BadBackup(Said("{file}: {fault}", file=where, fault=str(error))) from error


@contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise BadBackup(Said("{file} is missing", file=name)) from None
    except BROKEN as error:
        raise BadBackup(Said("{file}: {fault}", file=name, fault=str(error))) from error
