"""Opens a database file as every program of ours does, and is killed at the n-th statement that SQLite is given.

`python -m tests.faults.upgrader FILE N`; with N 0 nobody is killed, and the number of statements is printed.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from contest_server.ledger.lane import Lane

connect = sqlite3.connect


def main(path: Path, kill_at: int) -> None:
    count = 0

    def statement(_: str) -> None:
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(*where: Any, **how: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*where, **how)
        connection.set_trace_callback(statement)
        return connection

    sqlite3.connect = traced  # type: ignore[assignment]
    Lane(path)
    print(count, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
