"""Programs with a fault in their code, to see that a fault run notices: `python -m tests.faults.seeds "NAME" PROGRAM …`.

A check that stays green under these checks nothing. PROGRAM is `fleet`, or the command line of contest-server. What a seed touches is
imported where it is planted: a fleet starts faster without the code of a server.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.processes import Command

HASTE_S = 0.4

SEEDS: dict[str, Callable[[], None]] = {}


def seed(plant: Callable[[], None]) -> Callable[[], None]:
    SEEDS[plant.__name__.replace("_", " ")] = plant
    return plant


def seeded(name: str, *program: str) -> Command:
    """The command line of a program with this fault."""
    assert name in SEEDS, name
    return (sys.executable, "-m", "tests.faults.seeds", name, *program)


@seed
def an_acknowledgement_comes_before_the_commit() -> None:
    from contest_server.live.recorder import Recorder

    commit = Recorder._commit

    async def hasty(self: Recorder, batch: Any) -> None:
        for wish in batch:
            wish.tell(self._contest.position + len(wish.drafts))
        await asyncio.sleep(HASTE_S)
        await commit(self, batch)

    Recorder._commit = hasty  # type: ignore[method-assign]


@seed
def a_frame_leaves_a_row_out() -> None:
    from contest_server.live.frames import Frame
    from contest_server.live.view_log import ViewLog

    after = ViewLog.after

    def forgetful(self: ViewLog, *cursor: Any) -> Frame | None:
        made = after(self, *cursor)
        if made is None or not made.after or not made.rows:
            return made
        return Frame(made.after, made.to, dict(list(made.rows.items())[1:]), made.gone, made.state, made.total)

    ViewLog.after = forgetful  # type: ignore[method-assign, assignment]


@seed
def an_agent_forgets_what_waits_when_it_starts() -> None:
    from contest_server.agent.store import Store

    connect = Store.open

    def forgetful(path: Path, *rest: Any, **more: Any) -> Store:
        store = connect(path, *rest, **more)
        store.db.execute("DELETE FROM events WHERE status = 'waiting'")
        return store

    Store.open = forgetful  # type: ignore[method-assign]


def main() -> None:
    name, program = sys.argv[1], sys.argv[2]
    SEEDS[name]()
    if program == "fleet":
        from tests.faults import fleet

        del sys.argv[1:3]
        fleet.main()
    else:
        from contest_server.__main__ import main as contest_server

        del sys.argv[1]
        contest_server()


if __name__ == "__main__":
    main()
