"""Where the database lies: the file with its folder and disk, or the way to PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from contest_server.core.saying import Said, said_by
from contest_server.doctor.findings import Finding, bad, good, warning
from contest_server.ledger.database_url import MEMORY_URL, BadUrl, file_of, is_postgres

FREE_GOOD_BYTES = 1 << 30
FREE_LEAST_BYTES = 64 << 20
CONNECTIONS_A_SERVER = 10


def of_storage(url: str) -> Iterator[Finding]:
    """What can be said without opening the database."""
    if url == MEMORY_URL:
        yield warning("database", Said("memory: keeps nothing when the server ends; name a file or a PostgreSQL database"))
        return
    try:
        path = file_of(url)
    except BadUrl as error:
        yield bad("database", said_by(error))
        return
    if path is not None and not is_postgres(url):
        try:
            yield from _of_file(path.absolute())
        except OSError as error:
            what = Said("{path}: {what}", path=error.filename, what=error.strerror or str(error))
            yield bad("database", Said("{fault}. Is the path right, and may this user use it?", fault=what))


def _of_file(path: Path) -> Iterator[Finding]:
    folder = path.parent
    if not folder.is_dir():
        yield bad("database", Said("there is no folder {path}", path=folder))
        return
    if not os.access(folder, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.R_OK | os.W_OK)):
        told = Said("this user may not write to {path} and its folder (SQLite keeps its log beside the file)", path=path)
        yield bad("database", told)
    if not path.exists():
        yield warning("database", Said("{path} is not there yet: `contest-server adopt` or `serve` makes it", path=path))
    elif path.stat().st_mode & 0o077:
        told = Said("{path} may be read by others here, and holds names and hashes of passwords: chmod 600 {path}", path=path)
        yield warning("database", told)
    yield _of_disk(folder)


def _of_disk(folder: Path) -> Finding:
    free_bytes = shutil.disk_usage(folder).free
    free: dict[str, Any] = {"free": free_bytes / (1 << 30), "path": folder}
    if free_bytes < FREE_LEAST_BYTES:
        return bad("disk", Said("{free:,.1f} GiB are free at {path}: events will soon be refused; free some space now", **free))
    if free_bytes < FREE_GOOD_BYTES:
        return warning("disk", Said("{free:,.1f} GiB are free at {path}: that is little for a contest", **free))
    return good("disk", Said("{free:,.1f} GiB are free at {path}", **free))


def of_postgres(connection: Connection) -> Iterator[Finding]:
    """What PostgreSQL says about itself."""

    def show(name: str) -> str:
        return str(connection.execute(text(f"SHOW {name}")).scalar_one())

    connections = int(show("max_connections"))
    yield good("PostgreSQL", Said("version {version}, up to {count} connections", version=show("server_version"), count=connections))
    if connections < 2 * CONNECTIONS_A_SERVER:
        told = Said("max_connections is {count}: a server takes up to {most}", count=connections, most=CONNECTIONS_A_SERVER)
        yield warning("PostgreSQL", told)
    if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
        yield bad("PostgreSQL", Said("this is a standby, which takes no events: name the primary"))
    if show("fsync") == "off":
        yield bad("PostgreSQL", Said("fsync is off: what is acknowledged may be lost in a power cut; set fsync = on"))
    if show("full_page_writes") == "off":
        told = Said("full_page_writes is off: a power cut may damage the database, unless its file system forbids it")
        yield warning("PostgreSQL", told)
