"""A display connects and gets its first frame: CPU of the server, beside a bare ASGI application on the same uvicorn."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.hall import contest
from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import check_boards
from tests.bench.machine import cpu_us, settled
from tests.bench.peers.broadcasters import Commanded, closing
from tests.bench.product import Product, board_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import Readings, Row, Target, row_of

SECONDS = 45
DISPLAYS, DISPLAYS_QUICK = 1_000, 200
BARE = "raw ASGI on uvicorn, the same frame"
TOP = "top:10"


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    displays = options.sized(DISPLAYS, DISPLAYS_QUICK)
    with ExitStack() as stack:
        server, _ = contest(stack, options, "connecting")
        board = server.board(TOP)
        frame = json.dumps({name: value for name, value in board.items() if name != "digest"}, separators=(",", ":"))
        bare = stack.enter_context(closing(Commanded(BARE, [sys.executable, "-m", "tests.bench.peers.raw_asgi", frame])))
        contenders = {
            "ours": lambda: _connected(options, server, displays),
            BARE: lambda: _bare(options, bare.port, bare.pids, displays),
        }
        runs = race(f"connecting {displays:,} displays", contenders, options, progress, options.rounds_cheap)
    checked = "each display's first frame equals GET /board"
    yield row_of(
        runs, "connecting a display: CPU with its first frame", "cpu_us", "µs", bare=BARE, target=Target("≤", 1.2), checked=checked
    )


def _connected(options: Options, server: Product, displays: int) -> Readings:
    used_us = settled(server.pids)
    with Crowd(options.scratch, server.port, displays, upgrade(board_path(TOP))) as crowd:
        crowd.until(lambda now: now.least >= 1)
        spent = server.cpu_us() - used_us
        check_boards(crowd.sight(), server.board(TOP))
    return {"cpu_us": spent / displays}


def _bare(options: Options, port: int, pids: list[int], displays: int) -> Readings:
    used_us = settled(pids)
    with Crowd(options.scratch, port, displays, upgrade("/board")) as crowd:
        crowd.until(lambda now: now.least >= 1)
        spent = cpu_us(pids) - used_us
    return {"cpu_us": spent / displays}
