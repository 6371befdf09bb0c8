"""The SQLite file of an outbox: its tables, its owner, its lock and its transactions.

Refuses the file of another source, a second agent (the lock is the kernel's: it ends with the process, however that ends), a file of
another kind, and a file system without write-ahead log.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from contest_server.agent import schema
from contest_server.agent.reading import NowUs
from contest_server.agent.resume import Standing
from contest_server.core.saying import Said, said_by

BUSY_WAIT_MS = 5_000


class OutboxFault(Exception):
    """The outbox cannot be used as asked. The message says what to do."""


class OutboxOfAnother(OutboxFault):
    """The file belongs to another contest, venue or source."""


class OutboxBusy(OutboxFault):
    """Another agent is using the file."""


class NotAnOutbox(OutboxFault):
    """The file is something else, or of a version this agent does not know."""


class DiskFault(Exception):
    """Nothing of the call is stored: the disk is full, cannot be written or fails. Try again when it is mended."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose events these are."""

    contest: str
    venue: str
    source: str

    def __str__(self) -> str:
        return f"{self.contest}/{self.venue}/{self.source}"


class Store:
    """Synchronous; one thread at a time. What was written when `writing` ends is on the disk."""

    def __init__(self, path: Path, db: sqlite3.Connection, lock: sqlite3.Connection | None, now_us: NowUs) -> None:
        self.path, self.db, self.now_us = path, db, now_us
        self._lock = lock
        self._inode = path.stat().st_ino

    @classmethod
    def open(cls, path: Path, binding: Binding | None, now_us: NowUs, *, exclusive: bool = True) -> Store:
        """A file that does not exist yet is made, if `binding` says for whom. Raises OutboxFault."""
        if binding is None and not path.exists():
            raise NotAnOutbox(Said("{path}: there is no such outbox", path=path))
        lock = _lock(path) if exclusive else None
        store: Store | None = None
        try:
            store = cls(path, _connect(path), lock, now_us)
            store._bind(binding)
        except (sqlite3.Error, OSError, DiskFault) as fault:
            _close(lock if store is None else store)
            raise NotAnOutbox(Said("{path}: cannot be opened as an outbox: {fault}", path=path, fault=said_by(fault))) from fault
        except OutboxFault:
            _close(lock if store is None else store)
            raise
        return store

    def close(self) -> None:
        self.db.close()
        _close(self._lock)

    def check_still_there(self) -> None:
        """SQLite would go on writing into a file that nobody finds any more. Raises DiskFault."""
        try:
            is_there = self.path.stat().st_ino == self._inode
        except OSError:
            is_there = False
        if not is_there:
            gone = Said(
                "{path} was moved, replaced or deleted while it was open; put it back (what waits in it is still sent)", path=self.path
            )
            raise DiskFault(gone)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, all or nothing. Raises DiskFault when the disk is at fault."""
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield
            self.db.execute("COMMIT")
        except BaseException as fault:
            self._undo()
            if isinstance(fault, sqlite3.OperationalError) or type(fault) is sqlite3.DatabaseError:
                full = Said("{path}: {fault}; make room on the disk, or mend it", path=self.path, fault=str(fault))
                raise DiskFault(full) from fault
            raise

    def _undo(self) -> None:
        if self.db.in_transaction:  # after some errors SQLite has rolled back by itself
            with suppress(sqlite3.OperationalError):  # on a broken disk: the first fault is the one to tell, and nothing was committed
                self.db.execute("ROLLBACK")

    def get(self, key: str) -> str | None:
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def get_number(self, key: str) -> int | None:
        value = self.get(key)
        return None if value is None else int(value)

    def set(self, key: str, value: str | int) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, str(value)))

    def write_down(self, what: str) -> None:
        """For whoever asks later what happened to this outbox."""
        self.db.execute("INSERT INTO journal (at_us, what) VALUES (?, ?)", (self.now_us(), what))

    def standing(self) -> Standing:
        last, answered_to, acknowledged_to, waiting, refused, bad_lines = self.db.execute(schema.STANDING).fetchone()
        return Standing(
            last=last,
            sent_to=self.get_number("sent_to") or 0,
            answered_to=answered_to,
            acknowledged_to=acknowledged_to,
            position=self.get_number("position"),
            acknowledged_us=self.get_number("acknowledged_us"),
            epoch=self.get("epoch"),
            waiting=waiting,
            refused=refused,
            bad_lines=bad_lines,
        )

    @property
    def owner(self) -> Binding:
        owner = self._owner()
        assert owner is not None, "a store that is open belongs to somebody"
        return owner

    def _owner(self) -> Binding | None:
        contest, venue, source = self.get("contest"), self.get("venue"), self.get("source")
        return None if contest is None or venue is None or source is None else Binding(contest, venue, source)

    def _bind(self, wanted: Binding | None) -> None:
        with self.writing():
            version, stored = self.get("version"), self._owner()
            if version not in (None, schema.VERSION):
                other = Said(
                    "{path}: an outbox of version {version}; this agent knows version {known}",
                    path=self.path,
                    version=version,
                    known=schema.VERSION,
                )
                raise NotAnOutbox(other)
            if stored is None and wanted is None:
                raise NotAnOutbox(Said("{path}: belongs to nobody", path=self.path))
            if stored is not None and wanted not in (None, stored):
                another = Said(
                    "{path} holds the events of {owner}, not of {wanted}; give another --outbox",
                    path=self.path,
                    owner=stored,
                    wanted=wanted,
                )
                raise OutboxOfAnother(another)
            if stored is None and wanted is not None:
                self.set("version", schema.VERSION)
                for key, value in zip(("contest", "venue", "source"), (wanted.contest, wanted.venue, wanted.source), strict=True):
                    self.set(key, value)


def _lock(path: Path) -> sqlite3.Connection:
    """SQLite's own lock on a file beside: the same on every system, and gone when the process is."""
    beside = path.with_name(path.name + ".lock")
    try:
        lock = sqlite3.connect(beside, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as fault:
        raise _no_place(beside, fault) from fault
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as fault:
        lock.close()
        if "locked" in str(fault):
            raise OutboxBusy(Said("{path}: another agent is using this outbox; stop it first", path=path)) from fault
        raise _no_place(beside, fault) from fault
    return lock


def _no_place(path: Path, fault: sqlite3.Error) -> NotAnOutbox:
    why = str(fault)
    return NotAnOutbox(Said("{path}: {fault}. Is there such a folder, has it room, and may this user write there?", path=path, fault=why))


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_WAIT_MS / 1_000, isolation_level=None, check_same_thread=False)
    try:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and not tables >= {"meta", "events", "inputs"}:
            raise NotAnOutbox(Said("{path}: a database of something else", path=path))
        mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            unfit = Said("{path}: this file system cannot hold a write-ahead log; put the outbox on a local disk", path=path)
            raise NotAnOutbox(unfit)
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(f"BEGIN; {schema.TABLES} COMMIT;")  # all tables or none, should it be killed here
    except BaseException:
        db.close()
        raise
    return db


def _close(held: sqlite3.Connection | Store | None) -> None:
    if held is not None:
        held.close()
