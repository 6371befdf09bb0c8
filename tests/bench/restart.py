"""A long ledger to a board that is served: judging everything, and taking over a checkpoint, beside reading and decoding the entries bare.

Each round is a process of its own, so that none finds memory that another has warmed or filled.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

from contest_server.core.facts import AttemptId, ContestantId, Draft, Event, EventKind, SourceId, StageId, VenueId
from contest_server.core.times import us_of
from contest_server.ledger.codec import decode
from contest_server.ledger.urls import Stores, open_stores
from contest_server.live.checkpointing import Checkpointing, checkpoints_of
from contest_server.live.desk import Desk
from contest_server.live.judges_loading import load_judges
from contest_server.live.settings import Settings
from tests.bench.product import CONTEST, STARTS, document, prepare
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import OURS, NotDelivered, Readings, Row, Target, row_of

SECONDS = 90
ENTRIES, ENTRIES_QUICK = 300_000, 50_000
VENUES, STAGES, EVENTS = 100, 20, 10
"""Of ENTRIES, each takes as long as of a million: what grows is the number of contestants, not what one of them has.
Events of a contestant at a stage: a start, attempts that were rejected, a clear."""
BARE, WHOLE = "reading and decoding bare", "judging everything"
ENDS_WITHIN_S = 300
BATCH = 10_000


def facts(entries: int) -> Iterator[Event]:
    """As a contest goes on: everybody at one stage, event by event, then at the next."""
    contestants, at_us, seqs = entries // (STAGES * EVENTS), us_of(datetime.fromisoformat(STARTS)), [0] * VENUES
    for stage in range(STAGES):
        for step in range(EVENTS):
            for contestant in range(contestants):
                venue, at_us = contestant % VENUES, at_us + 1_000
                seqs[venue] += 1
                kind, data = _kind(step)
                yield Event(
                    SourceId(f"v{venue}/bench"),
                    seqs[venue],
                    VenueId(f"v{venue}"),
                    kind,
                    at_us,
                    ContestantId(f"c{contestant}"),
                    StageId(f"s{stage}"),
                    AttemptId(f"{contestant}-{stage}-{step if kind == 'attempt' else 'last'}"),
                    data,
                )


def _kind(step: int) -> tuple[EventKind, dict[str, str]]:
    if step == 0:
        return "start", {}
    return ("clear", {}) if step == EVENTS - 1 else ("attempt", {"outcome": "rejected"})


def fill(db: str, entries: int) -> None:
    """Adopt the contest and store its events."""
    prepare(db, document(VENUES, entries // (STAGES * EVENTS), STAGES))

    async def run() -> None:
        stores, drafts = open_stores(db), list[Draft]()
        for event in facts(entries):
            drafts.append(Draft(event.at_us + 500, f"venue:{event.venue}", event, event.source, event.seq))
            if len(drafts) == BATCH:
                await stores.ledger.append(CONTEST, drafts)
                drafts = []
        await stores.ledger.append(CONTEST, drafts)
        await stores.close()

    asyncio.run(run())


async def _bare(stores: Stores) -> dict[str, object]:
    after, kept = 0, list[object]()
    while page := await stores.ledger.stored(CONTEST, after):
        kept += [decode(each.body) for each in page]
        after = page[-1].position
    return {"entries": len(kept)}


async def _served(stores: Stores, *, resumed: bool) -> dict[str, object]:
    """Until the desk is open: from then on, its board is served."""
    settings, judges = Settings(), load_judges()
    checkpoints = checkpoints_of(stores, judges, settings) if resumed else None
    desk = Desk(CONTEST, stores.ledger, stores.people, judges, settings, lambda: 1, checkpoints=checkpoints)
    async with _running(desk):
        return {"entries": desk.contest.position, "digest": desk.contest.digest()}


@asynccontextmanager
async def _running(desk: Desk) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.run())
    await desk.settled.wait()
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep(stores: Stores) -> dict[str, object]:
    """Make a checkpoint of the contest as it is."""
    settings, judges = Settings(), load_judges()
    desk = Desk(CONTEST, stores.ledger, stores.people, judges, settings, lambda: 1)
    async with _running(desk):
        keeper = checkpoints_of(stores, judges, settings)
        assert isinstance(keeper, Checkpointing)
        return {"position": await keeper.keep(desk.contest)}


WORK: dict[str, Callable[[Stores], Awaitable[dict[str, object]]]] = {
    "bare": _bare,
    "keep": _keep,
    "whole": lambda stores: _served(stores, resumed=False),
    "resumed": lambda stores: _served(stores, resumed=True),
}


async def _work(what: str, db: str) -> dict[str, object]:
    stores = open_stores(db, create=False)
    used_s, began_s = time.process_time(), time.perf_counter()
    found = await WORK[what](stores)
    told = {**found, "cpu_us": (time.process_time() - used_s) * 1e6, "s": time.perf_counter() - began_s}
    await stores.close()
    return told


def told(what: str, db: str) -> dict[str, object]:
    """What this work tells, done in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.restart", what, db], capture_output=True, text=True, timeout=ENDS_WITHIN_S, check=False
    )
    if done.returncode:
        raise NotDelivered(f"{what}: {done.stderr[-2_000:]}")
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    entries = options.sized(ENTRIES, ENTRIES_QUICK)
    db = f"sqlite:///{options.scratch / 'restart'}.db"
    progress.say(f"a ledger of {entries:,} entries is made")
    fill(db, entries)
    told("keep", db)
    digests = set[object]()

    def round_of(what: str) -> Readings:
        found = told(what, db)
        if found["entries"] != entries + 1:
            raise NotDelivered(f"{what}: {found['entries']} entries of {entries + 1}")
        if "digest" in found:
            digests.add(found["digest"])
        return {"cpu_us": float(str(found["cpu_us"])) / entries, "s": float(str(found["s"]))}

    contenders = {OURS: lambda: round_of("resumed"), BARE: lambda: round_of("bare"), WHOLE: lambda: round_of("whole")}
    runs = race("restart", contenders, options, progress)
    if len(digests) != 1:
        raise NotDelivered(f"the boards differ: {digests}")
    checked = "all entries are read, and the boards of all starts have one digest"
    yield row_of(
        runs,
        f"restart: CPU an entry, {entries:,} entries to a served board, from a checkpoint",
        "cpu_us",
        "µs",
        bare=BARE,
        target=Target("≤", 3),
        peers={WHOLE: None},
        checked=checked,
    )
    yield row_of(runs, "restart: the same, judging everything", "cpu_us", "µs", bare=BARE, ours=WHOLE, checked=checked)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_work(*sys.argv[1:]))))
