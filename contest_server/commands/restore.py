"""`contest-server restore`: a backup into a new database. Checks all of it first; leaves nothing behind where it fails."""

from __future__ import annotations

from glob import escape
from pathlib import Path
from typing import Annotated

import typer

from contest_server.commands.files import sweep
from contest_server.commands.options import EXIT_FAULTS, fail, head_of
from contest_server.commands.progress import show_progress
from contest_server.commands.tongue import tell
from contest_server.core.saying import Said, said_by
from contest_server.ledger.database_url import MEMORY_URL, BadUrl, file_of, shown
from contest_server.ledger.port import LedgerFault
from contest_server.ledger.restoring import BadBackup, NotEmpty, opened
from contest_server.ledger.restoring import restore as restore_all
from contest_server.ledger.snapshots import make

From = Annotated[Path, typer.Option("--from", metavar="FILE", help="A file that `contest-server backup` wrote.", show_default=False)]
Db = Annotated[
    str | None, typer.Option("--db", envvar="CONTEST_DB", help="Into which database: a new file, or an empty PostgreSQL database.")
]
CheckOnly = Annotated[bool, typer.Option("--check", help="Only check the backup; restore nothing.")]


def restore(source: From, db: Db = None, check: CheckOnly = False) -> None:
    """Check a backup from end to end, and put it into a new database, of either kind.

    Each contest keeps its chain of hashes, and gets another epoch: venues send again what was acknowledged after the backup, displays begin
    anew. Everybody logs in again. Tokens that were revoked after the backup are in force again: revoke them again.

    Exit codes: 0 restored (or good, with --check); 1 the backup is bad, or the database failed or is not empty; 2 wrong usage.
    """
    if db is None and not check:
        fail(Said("--db is missing: into which database? (--check only looks at the backup)"))
    try:
        if db is not None and not check:
            _make_room(db)  # what is wrong with the place is told at once
        with opened(source) as backup:
            for each in backup.check(show_progress):
                tell(Said("good  {head}", head=head_of(each.contest, each.entries, each.hash)), err=True)
            if check or db is None:
                return
            epochs = make(db, lambda rows: restore_all(rows, backup, show_progress))
    except BadUrl as error:
        fail(said_by(error))
    except (BadBackup, NotEmpty, LedgerFault) as error:
        fail(Said("nothing was restored: {fault}", fault=said_by(error)), EXIT_FAULTS)
    for contest, epoch in epochs.items():
        tell(Said("restored {contest} into {db}, epoch {epoch}", contest=contest, db=shown(db), epoch=epoch), err=True)


def _make_room(db: str) -> None:
    """Removes what a restoration that was killed left behind. A file that exists may be somebody's: it would be replaced. Raises NotEmpty,
    BadUrl.
    """
    if db == MEMORY_URL:
        raise BadUrl(Said("{url} is gone when its program ends; name a file or a PostgreSQL database", url=MEMORY_URL))
    path = file_of(db)
    if path is None:
        return
    if path.exists() and path.stat().st_size > 0:
        raise NotEmpty(Said("{path} exists; name a new file", path=str(path)))
    sweep(path.parent, escape(path.name))
