"""A whole installation in one file, taken at one moment while servers go on. Refuses nothing but a database it cannot read.

The file is a ZIP that anybody can open. `ledgers/N.ndjson` is the export of a contest, which `contest-server verify` checks as any other;
`numbers/N.ndjson` the numbers that are not in the entries themselves; `tables/NAME.ndjson` a table beside the ledger, a JSON object a row.
`manifest.json` comes last: every member with its SHA-256, every contest with its epoch and head. A cut file has none.
Who is logged in is not in it, nor what holds for a while only: codes that screens show to be paired, who looks at what. What programs
judged is in it: the next one compares with that, also where it serves what was restored.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, MetaData, Table, or_, select, text, true

from contest_server import __version__
from contest_server.core.facts import ContestId, Fact, Finalised, Frozen, Thawed
from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.chain import FORMAT, Sealed, root_of
from contest_server.ledger.codec import NotAFact, decode, number_in
from contest_server.ledger.exporting import Header, State, Trailer, advance_state, entry_line, header_line, trailer_line
from contest_server.ledger.migrating import known_revision
from contest_server.ledger.notes import LASTING
from contest_server.ledger.port import LedgerDamaged, LedgerFault

BACKUP_FORMAT = "contest-backup/1"
MANIFEST = "manifest.json"
LEDGER_TABLES = ("contests", "ledger", "alembic_version")
PASSING_TABLES = ("sessions", "pairings", "checkpoints")
"""What is not worth keeping: whoever was logged in logs in again."""
NOTES = "notes"
"""The table of which a part is kept."""
PAGE_ROWS = 1_000
COMPRESS_LEVEL = 3

Progress = Callable[[str, int, int], None]
"""Called now and then with what is being done, how much of it is done, and how much there is."""


class Member(Struct, frozen=True):
    """A file in the backup: its name, how many lines it has, and the SHA-256 of its content."""

    name: str
    lines: int
    sha256: str


class ContestHead(Struct, frozen=True):
    """The end of a contest's ledger at that moment, and the members that hold it."""

    contest: ContestId
    epoch: str
    position: int
    hash: str
    ledger: str
    numbers: str


class Manifest(Struct, frozen=True):
    """What a backup holds. `revision` is that of the tables it was taken from."""

    format: str
    version: str
    taken_at: str
    revision: str
    contests: list[ContestHead]
    members: list[Member]


class Numbered(Struct, frozen=True):
    """The number under which an entry is stored, where it does not say so itself."""

    position: int
    source: str
    seq: int


def write_backup(connection: Connection, out: BinaryIO, *, taken_at: str, progress: Progress) -> Manifest:
    """Write everything that this connection sees. `taken_at` is ISO 8601 UTC with Z.

    Raises:
        LedgerFault: it is not a database of this program, or of a newer version; LedgerDamaged where it contradicts itself.
    """
    tables = MetaData()
    tables.reflect(connection)
    if not set(LEDGER_TABLES) <= set(tables.tables):
        raise LedgerFault(Said("this database holds no ledger: it is empty, or another program's"))
    revision = known_revision(
        connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none(), Said("the database")
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESS_LEVEL) as archive:
        written = _Writer(archive)
        contests = [
            _write_contest(connection, written, tables, number, row, taken_at, progress)
            for number, row in enumerate(_rows(connection, tables.tables["contests"]), 1)
        ]
        for name, table in sorted(tables.tables.items()):
            if name not in LEDGER_TABLES and name not in PASSING_TABLES:
                kept = table.c.kind.in_(LASTING) if name == NOTES else None
                written.lines(f"tables/{name}.ndjson", map(_encoded, _rows(connection, table, kept)))
        manifest = Manifest(BACKUP_FORMAT, __version__, taken_at, revision, contests, written.members)
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


class _Writer:
    """Writes members and remembers what is in them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.members: list[Member] = []

    def lines(self, name: str, lines: Iterable[bytes]) -> None:
        count, digest = 0, sha256()
        with self._archive.open(name, "w", force_zip64=True) as member:
            for line in lines:
                count += 1
                digest.update(line)
                member.write(line)
        self.members.append(Member(name, count, digest.hexdigest()))


def _write_contest(
    connection: Connection, written: _Writer, tables: MetaData, number: int, row: dict[str, Any], taken_at: str, progress: Progress
) -> ContestHead:
    ledger = tables.tables["ledger"]
    contest, names = ContestId(row["contest"]), (f"ledgers/{number}.ndjson", f"numbers/{number}.ndjson")
    head = ContestHead(contest, row["epoch"], row["position"], row["hash"].hex(), *names)
    numbers: list[bytes] = []
    header = Header(FORMAT, contest, root_of(head.epoch), taken_at, _state(connection, ledger, contest))
    written.lines(head.ledger, _ledger_lines(connection, ledger, header, head, numbers, progress))
    written.lines(head.numbers, numbers)
    return head


def _ledger_lines(
    connection: Connection, ledger: Table, header: Header, head: ContestHead, numbers: list[bytes], progress: Progress
) -> Iterator[bytes]:
    yield header_line(header)
    after, last = 0, ""
    while page := _page(connection, ledger, head.contest, after):
        for position, source, seq, body, hash_ in page:
            sealed = Sealed(position, body.encode(), hash_)
            if (
                source is not None
                and number_in(_fact(sealed.body, Said("entry {position} of {contest}", position=position, contest=head.contest))) is None
            ):
                numbers.append(msgspec.json.encode(Numbered(position, source, seq)) + b"\n")
            yield entry_line(sealed)
        after, last = page[-1][0], page[-1][4].hex()
        progress(head.contest, after, head.position)
    if after != head.position or (after and last != head.hash):
        raise LedgerDamaged(
            Said(
                "the ledger of {contest} should end at entry {named}, but its last entry is {last}",
                contest=head.contest,
                named=head.position,
                last=after,
            )
        )
    yield trailer_line(Trailer(head.position, head.hash))


def _page(connection: Connection, ledger: Table, contest: ContestId, after: int) -> Sequence[Any]:
    columns = [ledger.c[name] for name in ("position", "source", "seq", "body", "hash")]
    wanted = select(*columns).where(ledger.c.contest == contest, ledger.c.position > after).order_by(ledger.c.position).limit(PAGE_ROWS)
    return connection.execute(wanted).all()


def _state(connection: Connection, ledger: Table, contest: ContestId) -> State:
    """Whether the contest is frozen or final. Only entries that may say so are looked at."""
    tags = [str(kind.__struct_config__.tag) for kind in (Finalised, Frozen, Thawed)]
    may_say = or_(*(ledger.c.body.contains(f'"type":"{tag}"', autoescape=True) for tag in tags))
    state: State = "live"
    for (body,) in connection.execute(select(ledger.c.body).where(ledger.c.contest == contest, may_say).order_by(ledger.c.position)):
        state = advance_state(state, _fact(body.encode(), Said("an entry of {contest}", contest=contest)))
    return state


def _fact(body: bytes, what: Text) -> Fact:
    """Raises LedgerDamaged."""
    try:
        return decode(body).fact
    except NotAFact as error:
        told = Said("{entry}: {fault}. `contest-server verify` says what else is wrong", entry=what, fault=said_by(error))
        raise LedgerDamaged(told) from error


def _rows(connection: Connection, table: Table, kept: ColumnElement[bool] | None = None) -> Iterator[dict[str, Any]]:
    """All rows that are kept, in the order of their keys."""
    ordered = select(table).where(true() if kept is None else kept).order_by(*table.primary_key.columns)
    offset = 0
    while page := connection.execute(ordered.limit(PAGE_ROWS).offset(offset)).mappings().all():
        yield from map(dict, page)
        offset += len(page)


def _encoded(row: dict[str, Any]) -> bytes:
    return msgspec.json.encode(row, order="sorted") + b"\n"  # bytes become base64
