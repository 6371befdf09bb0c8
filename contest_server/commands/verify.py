"""`contest-server verify`: is this ledger what it was? Looks only; repairs nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from contest_server.commands.files import DATABASE_STARTS, opened
from contest_server.commands.options import stop
from contest_server.commands.progress import show_count
from contest_server.commands.tongue import tell
from contest_server.core.facts import ContestId
from contest_server.core.judged_before import Difference, JudgedBefore, told
from contest_server.core.saying import Said, Text, said_by
from contest_server.ledger.database_url import BadUrl, file_of, is_postgres, shown
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.urls import open_stores
from contest_server.ledger.verify_export import verify_export
from contest_server.ledger.verify_file import contests_in, verify_file
from contest_server.ledger.verify_postgres import contests_at, verify_postgres
from contest_server.ledger.verifying import Contradiction, Published, Unreadable, Verified, published

GOOD, BAD, UNREADABLE = 0, 1, 2
_ARCHIVE_STARTS = b"PK\x03\x04"

_STATES: dict[str, Text] = {"live": Said("live"), "frozen": Said("frozen"), "final": Said("final")}

Check = Callable[[], Verified]

What = Annotated[
    str,
    typer.Argument(
        help="An export (FILE, or - for standard input), a database file, or a database URL such as sqlite:///contest.db.",
        show_default=False,
    ),
]
ContestOption = Annotated[str | None, typer.Option("--contest", help="Only this contest of a database.", show_default="all of them")]
HeadOption = Annotated[
    str | None,
    typer.Option(
        "--head",
        metavar="[POSITION:]HASH",
        help="A published hash to hold the ledger against: that of its last entry, or of the entry at POSITION (later ones may follow).",
        show_default=False,
    ),
]


CheckpointsOption = Annotated[
    bool,
    typer.Option(
        "--checkpoints",
        help="Also judge everything anew; hold the checkpoints of a database, and what other programs judged, against it. Takes a while.",
    ),
]


def verify(what: What, contest: ContestOption = None, head: HeadOption = None, checkpoints: CheckpointsOption = False) -> None:
    """Check a ledger offline: that nothing in it was changed, removed, added in between or cut off.

    Every entry must have its place, follow from the one before it by its hash, be a fact in canonical form, and continue the numbers of
    its source without a gap. The first entry that does not is named, with its line in an export.

    What cannot be seen in a ledger alone is that all of it was written anew. Against that, publish the head hash that this command prints
    (on paper, say), and give it here with --head later.

    Run --checkpoints with a new version of this program before the servers are upgraded: it names whoever that judges otherwise.

    Exit codes: 0 good; 1 bad (something contradicts, or a published or final result is another one); 2 wrong usage, or neither an export
    nor a database that can be read.
    """
    try:
        expected = None if head is None else published(head)
        checks = _checks(what, contest, expected)
    except (Unreadable, BadUrl, ValueError) as error:
        raise stop(Said("cannot verify {what}: {why}", what=shown(what), why=said_by(error)), UNREADABLE) from error
    except Contradiction as error:
        raise stop(Said("BAD   {what}: {why}", what=shown(what), why=said_by(error)), BAD) from error
    worst = max([_verify_one(name, check) for name, check in checks], default=GOOD)
    if checkpoints and worst == GOOD:
        worst = _prove(what, [ContestId(str(name)) for name, _ in checks])
    raise typer.Exit(worst)


def _prove(what: str, contests: list[ContestId]) -> int:
    """Hold the checkpoints of a database against judging everything anew. Opens it as a server does."""
    database = _database(what)
    if database is None:
        tell(Said("an export has no checkpoints, --checkpoints is for databases"), err=True)
        return UNREADABLE
    from contest_server.live.judges_loading import JudgeUnusable  # loading what judges takes a while: only where it is asked for

    try:
        return asyncio.run(_prove_all(f"sqlite:///{database}" if isinstance(database, Path) else database, contests))
    except (LedgerFault, JudgeUnusable) as error:
        tell(Said("cannot prove checkpoints: {why}", why=said_by(error)), err=True)
        return UNREADABLE


async def _prove_all(url: str, contests: list[ContestId]) -> int:
    from contest_server.live.judges_loading import load_judges
    from contest_server.live.proving import Disproven, differences, judged_by_others, prove_checkpoint

    stores, judges, worst = open_stores(url, create=False), load_judges(), GOOD
    try:
        for contest in contests:
            try:
                tell(Said("      checkpoint {contest}: {found}", contest=contest, found=await prove_checkpoint(stores, contest, judges)))
            except Disproven as error:
                tell(Said("BAD   checkpoint {contest}: {why}", contest=contest, why=said_by(error)), err=True)
                worst = BAD
            others = await judged_by_others(stores, contest, judges, time.time_ns() // 1_000)
            tell(Said("      {contest}: {what}", contest=contest, what=_compared_with(others)))
            for each in await differences(stores, contest, judges, time.time_ns() // 1_000):
                _tell(contest, each)
                worst = BAD if each.is_grave else worst
    finally:
        await stores.close()
    return worst


def _compared_with(others: Sequence[JudgedBefore]) -> Said:
    if not others:
        return Said(
            "no other program's result stands beside the ledger: there is none to compare with (backups of earlier versions have none)"
        )
    said = [Said("compared with what {program} judged at {position}", program=each.program, position=each.position) for each in others]
    return Said("{said:;}", said=said)


def _tell(contest: ContestId, found: Difference) -> None:
    first, *more = told(found)
    about: dict[str, Any] = {"contest": contest, "what": first}
    tell(Said("BAD   {contest}: {what}", **about) if found.is_grave else Said("other {contest}: {what}", **about), err=True)
    for line in more:
        tell(Said("      {line}", line=line), err=True)


def _checks(what: str, contest: str | None, expected: Published | None) -> list[tuple[Text, Check]]:
    """One check an export, one a contest of a database."""
    database = _database(what)
    if database is None:
        if contest is not None:
            raise Unreadable(Said("an export holds one contest, --contest is for databases"))
        return [(Said("export"), lambda: _verify_export(what, expected))]
    names = [ContestId(contest)] if contest is not None else _contests(database)
    if expected is not None and len(names) != 1:
        raise Unreadable(Said("--head is for one contest, name it with --contest: {names}", names=names))
    if not names:
        tell(Said("good  {what}: no contest in it yet", what=shown(what)))
    return [(name, _check(database, name, expected)) for name in names]


def _contests(database: Path | str) -> list[ContestId]:
    return contests_in(database) if isinstance(database, Path) else contests_at(database)


def _check(database: Path | str, contest: ContestId, expected: Published | None) -> Check:
    if isinstance(database, Path):
        return lambda: verify_file(database, contest, expected=expected, count=show_count)
    return lambda: verify_postgres(database, contest, expected=expected, count=show_count)


def _database(what: str) -> Path | str | None:
    """The file that is meant, or the URL of another database; None if it is an export. Raises Unreadable or BadUrl."""
    if what == "-":
        return None
    if is_postgres(what):
        return what
    if "://" in what or what.startswith("memory:"):
        path = file_of(what)
        if path is None:
            raise Unreadable(Said("a ledger in memory is gone when its program ends"))
        return path
    try:
        with Path(what).open("rb") as file:
            starts = file.read(len(DATABASE_STARTS))
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    if starts.startswith(_ARCHIVE_STARTS):
        raise Unreadable(Said("this is no export but an archive; if it is a backup: contest-server restore --check --from FILE"))
    return Path(what) if starts == DATABASE_STARTS else None


def _verify_export(what: str, expected: Published | None) -> Verified:
    try:
        with opened(what) as stream:
            return verify_export(stream, expected=expected, count=show_count)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


def _verify_one(name: Text, check: Check) -> int:
    try:
        verified = check()
    except Contradiction as error:
        tell(Said("BAD   {what}: {why}", what=name, why=said_by(error)), err=True)
        return BAD
    except Unreadable as error:
        tell(Said("cannot verify {what}: {why}", what=name, why=said_by(error)), err=True)
        return UNREADABLE
    for line in _report(verified):
        tell(line)
    return GOOD


def _report(verified: Verified) -> list[Text]:
    facts = [f"{kind} {count:,}" for kind, count in verified.facts.items()]
    entries: dict[str, Any] = {"count": verified.entries, "facts": facts}
    lines: list[Text] = [
        Said("good  {contest} (epoch {epoch})", contest=verified.contest, epoch=verified.epoch),
        Said("      entries   {count:,}: {facts}", **entries) if facts else Said("      entries   {count:,}", **entries),
        Said("      sources   {count:,}, each without a gap", count=verified.sources),
        Said("      head      {head}", head=f"{verified.entries}:{verified.hash}"),
    ]
    if verified.first_us is not None and verified.last_us is not None:
        lines.insert(3, Said("      received  {first} to {last}", first=_time(verified.first_us), last=_time(verified.last_us)))
    if verified.exported_at is not None:
        told: dict[str, Any] = {"time": verified.exported_at, "state": _STATES.get(verified.state or "", verified.state)}
        lines.insert(1, Said("      exported  {time}, {state} (as its header says; no hash covers that)", **told))
    return lines


def _time(us: int) -> str:
    try:
        return datetime.fromtimestamp(us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{us} µs"
