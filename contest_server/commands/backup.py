"""`contest-server backup`: everything in one file, while servers go on. Never leaves half a file behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from contest_server.commands.files import sweep, whole_file
from contest_server.commands.options import DEFAULT_DB, EXIT_FAULTS, Db, fail, head_of, told
from contest_server.commands.progress import show_progress
from contest_server.commands.tongue import tell
from contest_server.core.saying import Said, said_by
from contest_server.ledger.backup import Manifest, write_backup
from contest_server.ledger.database_url import BadUrl, file_of
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.snapshots import look

NAMED = "contest-%Y%m%dT%H%M%SZ.zip"
PATTERN = "contest-????????T??????Z.zip"
CLOCKS_AGREE_WITHIN = timedelta(hours=1)

To = Annotated[Path, typer.Option("--to", metavar="FILE", help="Where to; in a folder, a name with the time is given.", show_default=False)]
Keep = Annotated[int, typer.Option("--keep", min=0, help="In a folder: keep so many of the newest, remove older ones; 0 keeps all.")]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")]


def backup(to: To, db: Db = DEFAULT_DB, keep: Keep = 0, force: Force = False) -> None:
    """Back up a whole database at one moment: every ledger with its hashes, names, accounts and tokens as hashes, sealed codes.

    Servers go on meanwhile and are not held up. The file appears under its name only when it is complete; what a run that was killed left
    behind is removed by the next one, which says so. It holds names and hashes of passwords: keep it as safe as the database.
    `contest-server restore` checks it and puts it into a new database, of either kind.

    Exit codes: 0 written; 1 the database or the disk failed; 2 wrong usage, or no such database.
    """
    now = datetime.now(UTC)
    target = to / now.strftime(NAMED) if to.is_dir() else to
    if target.exists() and not force:
        fail(Said("{path} exists; --force replaces it", path=str(target)))
    if keep and not to.is_dir():
        fail(Said("{path} is no folder; --keep is for a folder of backups, which has to be there", path=str(to)))
    if to.is_dir():
        sweep(to, PATTERN)
    manifest = _written(db, target, now)
    for old in in_their_order(to, target)[:-keep] if keep else ():
        old.unlink(missing_ok=True)  # another backup may have been faster
    for contest in manifest.contests:
        tell(head_of(contest.contest, contest.position, contest.hash), err=True)
    typer.echo(target)


def in_their_order(folder: Path, latest: Path) -> list[Path]:
    """The backups of a folder, oldest first, and at the end the latest, made just now. One whose name says that it is much later was made
    by a clock that was wrong, then or now: it is older than whatever is not. A little later may be another's, or a clock that was set.
    """
    last = (datetime.strptime(latest.name, NAMED) + CLOCKS_AGREE_WITHIN).strftime(NAMED)  # noqa: DTZ007 - names are in UTC
    return sorted(folder.glob(PATTERN), key=lambda each: (each.name <= last, each.name == latest.name, each.name))


def _written(db: str, target: Path, now: datetime) -> Manifest:
    try:
        if (path := file_of(db)) is not None and not path.exists():
            fail(Said("no backup was made: there is no file {path}", path=str(path)))
        with whole_file(target) as out:
            return look(db, lambda rows: write_backup(rows, out, taken_at=f"{now:%Y-%m-%dT%H:%M:%SZ}", progress=show_progress))
    except BadUrl as error:
        fail(said_by(error))
    except (LedgerFault, OSError) as error:
        fail(Said("no backup was made: {fault}", fault=told(error)), EXIT_FAULTS)
