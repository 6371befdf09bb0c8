"""Where a demo keeps its data and listens. Refuses a database that holds anything but a demo, and a port that is taken."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from contest_server.demo.bundle import bundled
from contest_server.ledger.database_url import file_of
from contest_server.ledger.snapshots import look
from contest_server.ledger.verify_file import contests_in
from contest_server.ledger.verifying import Contradiction, Unreadable

FILE_NAME = "contest-demo.db"
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # nosec B104  # noqa: S104 - to be recognised, not to be listened on


_ACCOUNTS = "SELECT 1 FROM accounts"
_OWN_TOKENS = "SELECT 1 FROM tokens WHERE label <> 'demo'"
_OWN_CONTEST = """SELECT 1 FROM ledger WHERE position = 1 AND body NOT LIKE '{"author":"demo",%'"""


class NotForADemo(Exception):
    """The demo cannot run there. The text says why, and what to do."""


@contextmanager
def folder_and_url(url: str | None) -> Iterator[tuple[Path, str]]:
    """A folder for outboxes that is thrown away afterwards, and the database: there too, unless one is named."""
    with tempfile.TemporaryDirectory(prefix="contest-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        yield folder, f"sqlite:///{folder / FILE_NAME}" if url is None else url


def make_room(url: str) -> None:
    """Remove what an earlier round left at this URL.

    Raises:
        NotForADemo: the file holds something else; it is left as it is.
        BadUrl: the URL names no store.
    """
    path = file_of(url)
    if path is None or not path.exists():
        return
    try:
        contests = contests_in(path)
    except (Unreadable, Contradiction) as error:
        raise NotForADemo(f"{path} is not a demo's database ({error}); name another file with --db") from error
    if contests != [bundled().contest.id]:
        held = ", ".join(contests) or "no contest"
        raise NotForADemo(f"{path} is not a demo's database (it holds {held}), so it is left alone; name another file with --db")
    if look(url, _is_worked_with):
        raise NotForADemo(f"{path} holds more than a demo (accounts, tokens, a contest that somebody adopted); name another file with --db")
    for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        each.unlink(missing_ok=True)


def _is_worked_with(rows: Connection) -> bool:
    """Whether somebody did more there than a demo does: who tries things with its definition has accounts and tokens of their own."""
    own = [_OWN_TOKENS, _OWN_CONTEST, *([_ACCOUNTS] if "accounts" in inspect(rows).get_table_names() else [])]
    return any(rows.execute(text(each)).first() is not None for each in own)


def port_to_use(host: str, port: int) -> int:
    """The port, or a free one for 0, looked up beforehand because every round listens there again. Raises NotForADemo."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family) as listening:
            free: int = listening.getsockname()[1]
            return free
    except OSError as error:
        number = error.errno or 0
        hint = f"; try --port {port + 1}" if number == errno.EADDRINUSE else ""
        why = os.strerror(number) if number in errno.errorcode else str(error)
        raise NotForADemo(f"cannot listen on {host}:{port}: {why}{hint}") from error


def is_loopback(host: str) -> bool:
    """Whether nobody but this computer can reach the server there."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def loopback_url(host: str, port: int) -> str:
    """How the devices of this computer reach the server."""
    name = ANY_ADDRESS.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
