"""What is in the database: its tables, each contest's chain and definition, and who can get in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, inspect, text

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import Adopted, ContestId
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said, said_by
from contest_server.doctor.findings import Finding, bad, good, warning
from contest_server.ledger.chain import Stored, genesis
from contest_server.ledger.codec import NotAFact, decode
from contest_server.ledger.migrating import REVISIONS
from contest_server.ledger.verifying import Contradiction, Verifier

PAGE_ENTRIES = 1_000
NAMED_MAX = 10
_CONTESTS = text("SELECT contest, epoch, position, hash FROM contests ORDER BY contest")
_LAST = text("SELECT position, hash FROM ledger WHERE contest = :contest ORDER BY position DESC LIMIT 1")
_PAGE = text(
    "SELECT position, body, hash, source, seq FROM ledger WHERE contest = :contest AND position > :after ORDER BY position LIMIT :limit"
)
_ADOPTED = text("SELECT body FROM ledger WHERE contest = :contest AND body LIKE :pattern ORDER BY position DESC LIMIT 1")
_FOREVER = text("SELECT count(*) FROM tokens WHERE revoked_us IS NULL AND expires_us IS NULL")
_LOCKED_OUT = text("SELECT account FROM accounts WHERE password IS NULL AND subject IS NULL AND email IS NULL AND disabled_us IS NULL")
_PASSWORDS = text("SELECT official FROM officials WHERE contest = :contest")

_GRANTED = text("SELECT official FROM grants WHERE official IS NOT NULL AND (contest = :contest OR contest IS NULL)")

Progress = Callable[[str, int, int], None]


def of_database(connection: Connection, judges: Judges | None, progress: Progress, *, full: bool) -> Iterator[Finding]:
    """Everything inside. `full` reckons every hash; otherwise only the end of each chain is looked at."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        yield warning("tables", Said("the database is empty: the first start makes its tables"))
        return
    if not {"alembic_version", "ledger", "contests"} <= tables:
        yield bad("tables", Said("this is the database of another program: name another one"))
        return
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    yield _of_tables(str(revision))
    for contest, epoch, position, hash_ in connection.execute(_CONTESTS).all():
        yield from _of_contest(connection, (contest, epoch, position, bytes(hash_)), judges, progress, full=full)
    if revision == REVISIONS[-1]:
        yield from _of_access(connection)


def _of_tables(revision: str) -> Finding:
    versions = {"tables": revision, "known": REVISIONS[-1]}
    if revision == REVISIONS[-1]:
        return good("tables", Said("those of this version ({tables})", tables=revision))
    if revision in REVISIONS:
        older = Said("of an older version ({tables}): the next start upgrades them to {known}; make a backup before", **versions)
        return warning("tables", older)
    return bad("tables", Said("of a newer version ({tables}, known up to {known}): upgrade this program", **versions))


def _of_contest(
    connection: Connection, head: tuple[str, str, int, bytes], judges: Judges | None, progress: Progress, *, full: bool
) -> Iterator[Finding]:
    contest, about = ContestId(head[0]), f"contest {head[0]}"
    try:
        yield good(about, _whole(connection, head, progress) if full else _end(connection, head))
    except Contradiction as error:
        yield bad(about, Said("the ledger contradicts itself: {why}. Stop its servers, keep a copy, restore a backup", why=said_by(error)))
        return
    adopted = _adopted(connection, contest)
    if adopted is None:
        yield warning(about, Said("no definition has been adopted yet"))
    elif judges is not None:
        yield from _of_definition(connection, about, contest, adopted, judges)


def _end(connection: Connection, head: tuple[str, str, int, bytes]) -> Said:
    contest, epoch, position, hash_ = head
    row = connection.execute(_LAST, {"contest": contest}).first()
    last = (0, genesis(ContestId(contest), epoch)) if row is None else (row[0], bytes(row[1]))
    if last != (position, hash_):
        raise Contradiction(Said("it should end at entry {position}, but its last entry is {last}", position=position, last=last[0]))
    return Said("{count:,} entries, its end is where it should be (--full reckons every hash)", count=position)


def _whole(connection: Connection, head: tuple[str, str, int, bytes], progress: Progress) -> Said:
    contest, epoch, position, hash_ = head
    verifier = Verifier(ContestId(contest), epoch)
    while page := connection.execute(_PAGE, {"contest": contest, "after": verifier.position, "limit": PAGE_ENTRIES}).all():
        for place, body, link, source, seq in page:
            verifier.take_stored(Stored(place, body.encode(), bytes(link), source, seq))
        progress(contest, verifier.position, position)
    found = verifier.end(position, hash_)
    end = f"{found.entries}:{found.hash}"
    return Said("all {count:,} entries follow from each other, head {head}", count=found.entries, head=end)


def _adopted(connection: Connection, contest: ContestId) -> Adopted | None:
    pattern = f'%"type":"{Adopted.__struct_config__.tag}"%'
    row = connection.execute(_ADOPTED, {"contest": contest, "pattern": pattern}).first()
    try:
        fact = None if row is None else decode(row[0].encode()).fact
    except NotAFact:
        return None
    return fact if isinstance(fact, Adopted) else None


def _of_definition(connection: Connection, about: str, contest: ContestId, adopted: Adopted, judges: Judges) -> Iterator[Finding]:
    try:
        book = compile_rulebook(read_definition(adopted.definition), judges)
    except DefinitionError as error:
        fault = error.faults[0].sentence
        yield bad(about, Said("its definition cannot be used here: {fault}. Install the rules it was adopted with", fault=fault))
        return
    yield good(about, Said("definition {version} can be used", version=adopted.version))
    known = {row[0] for row in connection.execute(_PASSWORDS, {"contest": contest})}
    if inspect(connection).has_table("grants"):
        known |= {row[0] for row in connection.execute(_GRANTED, {"contest": contest})}
    without = [official.id for official in book.definition.officials if official.id not in known]
    if without:
        told = Said("officials without a password: {some} (contest-server official --contest {id} ID)", some=_some(without), id=contest)
        yield warning(about, told)


def _of_access(connection: Connection) -> Iterator[Finding]:
    forever = connection.execute(_FOREVER).scalar_one()
    if forever:
        told = Said("{count} in force never expire: revoke what nobody needs (contest-server token --list)", count=forever)
        yield warning("tokens", told)
    else:
        yield good("tokens", Said("none is in force for ever"))
    locked_out: list[Any] = [row[0] for row in connection.execute(_LOCKED_OUT)]
    if locked_out:
        told = Said("nobody can log in as {some}: no password is set (contest-server account password NAME)", some=_some(locked_out))
        yield warning("accounts", told)


def _some(names: list[Any]) -> Said:
    named, more = names[:NAMED_MAX], len(names) - NAMED_MAX
    return Said("{named} and {more} more", named=named, more=more) if more > 0 else Said("{named}", named=named)
