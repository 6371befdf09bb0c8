"""Opens a database as every program of ours does, and is killed at the n-th statement that the database is given.

`python -m tests.faults.upgrader URL N`; with N 0 nobody is killed, and the number of statements is printed.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from contest_server.ledger.database_url import is_postgres
from contest_server.ledger.urls import open_stores

connect = sqlite3.connect


def watch_sqlite(statement: Callable[..., None]) -> None:
    """SQLite itself tells of each statement, also of those that this program runs without SQLAlchemy."""

    def traced(*where: Any, **how: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*where, **how)
        connection.set_trace_callback(statement)
        return connection

    sqlite3.connect = traced  # type: ignore[assignment]


def main(url: str, kill_at: int) -> None:
    count = 0

    def statement(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    if is_postgres(url):
        event.listen(Engine, "before_cursor_execute", statement)
    else:
        watch_sqlite(statement)
    open_stores(url)
    print(count, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
