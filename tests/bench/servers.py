"""One server on a PostgreSQL, and three: CPU of all servers per event and per delivered frame, and how much later another server's displays
have a frame. All events go to the first server.

What three may cost more for an event is the fold on each that follows, from the bytes of an entry to the rows of both audiences. While one
server takes in events, as many folds as there would be servers that follow take in the same ones beside it (`load/following.py`): so both
cases keep the machine equally busy, and what three cost less these folds is held against the one. What a server uses when nothing happens
is a row of its own, and not counted again for each event: it depends on how long a round takes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.load.following import CONTESTANTS, STAGES
from tests.bench.load.sights import at_share, delays_ms, during
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import OURS, Readings, Row, Runs, Target, row_of
from tests.bench.several import Hall, hall_of
from tests.postgres import Cluster, NoPostgres

SECONDS = 80
SERVERS = 3
ONE, SAME, FOLD = "one server", "the same server's", "the fold alone"
DISPLAYS, DISPLAYS_QUICK = 300, 100
STEPS, STEPS_QUICK = 40, 20
PACE_S = 0.1
"""Between two events that are shown: each becomes a frame of its own."""
BULK, BULK_QUICK, BATCH = 4_000, 1_000, 100
IDLE_S, IDLE_QUICK_S = 5.0, 1.0


def _bulk(options: Options) -> int:
    """Events of one round, so many that some clears are left for the frames."""
    each = CONTESTANTS * STAGES // (options.rounds + 1)
    return min(options.sized(BULK, BULK_QUICK), each // BATCH * BATCH)


def _events(hall: Hall, bulk: int) -> Readings:
    """CPU per event: of all servers, of those that follow, and of one fold beside them."""
    before_us, folded_us, began_s = hall.used_us(), hall.folded_us(), time.monotonic()
    for _ in range(bulk // BATCH):
        hall.send(BATCH)
    hall.all_followed()
    idle_us = hall.idle_share * (time.monotonic() - began_s) * 1e6
    first_us, *following_us = (now - before - idle_us for now, before in zip(hall.used_us(), before_us, strict=True))
    return {
        "event_us": (first_us + sum(following_us)) / bulk,
        "following_us": sum(following_us) / max(1, len(following_us)) / bulk,
        "fold_us": (hall.folded_us() - folded_us) / bulk,
    }


def less_the_folds(runs: Runs) -> Runs:
    """The rounds of three servers as if nobody but the first had folded: with the folds that were measured beside the one in each round."""
    folds = [each["fold_us"] for each in runs[ONE]]
    three = [{**each, "own_us": each["event_us"] - (SERVERS - 1) * fold_us} for each, fold_us in zip(runs[OURS], folds, strict=True)]
    return {
        OURS: three,
        ONE: [{**each, "own_us": each["event_us"]} for each in runs[ONE]],
        FOLD: [{"following_us": fold_us} for fold_us in folds],
    }


def _frames(hall: Hall, options: Options) -> Readings:
    """CPU of all servers per frame of a display, events coming one by one."""
    hall.quiet()
    frames, used_us, began_ns = hall.messages(), sum(hall.used_us()), time.monotonic_ns()
    for _ in range(options.sized(STEPS, STEPS_QUICK)):
        due_s = time.monotonic() + PACE_S
        hall.sent_ns[2 + hall.sent] = time.monotonic_ns()
        hall.send(1)
        time.sleep(max(0.0, due_s - time.monotonic()))
    hall.quiet()
    hall.rounds_ns.append((began_ns, time.monotonic_ns()))
    return {"frame_us": (sum(hall.used_us()) - used_us) / (hall.messages() - frames)}


def _delays(hall: Hall) -> Runs:
    """Of each round, from the event sent to the frame: at displays of the server that got it, and of the others."""
    same, *others = [crowd.sight() for crowd in hall.crowds]
    found: dict[str, list[Readings]] = {OURS: [], SAME: []}
    for began_ns, ended_ns in hall.rounds_ns:
        for name, sights in ((OURS, others), (SAME, [same])):
            delays = [delay for sight in sights for delay in delays_ms(during(sight, began_ns, ended_ns), hall.sent_ns)]
            found[name].append({"p99_ms": at_share(delays, 0.99), "p50_ms": at_share(delays, 0.5)})
    return found


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    try:
        cluster = Cluster(durable=True)
    except NoPostgres as error:
        progress.skip("several servers", f"a PostgreSQL: {error}")
        return
    displays = options.sized(DISPLAYS, DISPLAYS_QUICK)
    with ExitStack() as stack:
        stack.callback(cluster.close)
        cluster.start()
        progress.say("three servers on one PostgreSQL")
        three, one = hall_of(stack, options, cluster, SERVERS, 0), hall_of(stack, options, cluster, 1, SERVERS - 1)
        for hall in (three, one):
            hall.rest(options.sized(IDLE_S, IDLE_QUICK_S))
        bulk = _bulk(options)
        events = race("events", {OURS: lambda: _events(three, bulk), ONE: lambda: _events(one, bulk)}, options, progress)
        one.check_folds()
        one.folds = []
        for hall in (three, one):
            hall.let_in(stack, options, displays)
        frames = race("frames", {OURS: lambda: _frames(three, options), ONE: lambda: _frames(one, options)}, options, progress)
        for hall in (three, one):
            hall.quiet()
            hall.check()
        late = _delays(three)
    yield from _rows(less_the_folds(events), frames, late, displays)
    yield row_of(
        {OURS: [{"share": 100 * hall.idle_share} for hall in (three, one)]},
        "a server on which nothing happens: CPU",
        "share",
        "% of a core",
        checked="it has folded all there is",
    )


def _rows(events: Runs, frames: Runs, late: Runs, displays: int) -> Iterator[Row]:
    checked = "each display's merged frames are the board, the same on all servers and of the fold alone; each event is in the ledger"
    name = f"{SERVERS} servers on one PostgreSQL"
    yield row_of(
        frames,
        f"{name}: CPU per delivered frame, {displays} displays each",
        "frame_us",
        "µs",
        bare=ONE,
        target=Target("≤", 1.1),
        checked=checked,
    )
    yield row_of(events, f"{name}: CPU per event, of all together", "event_us", "µs", bare=ONE, checked=checked)
    yield row_of(
        events,
        f"{name}: CPU per event, less the fold on the {SERVERS - 1} that follow",
        "own_us",
        "µs",
        bare=ONE,
        target=Target("≤", 1.1),
        checked=checked,
    )
    yield row_of(events, f"{name}: CPU per event on one that follows", "following_us", "µs", bare=FOLD, checked=checked)
    yield row_of(
        late,
        f"{name}: p99 from the event sent to the frame, displays of the others",
        "p99_ms",
        "ms",
        bare=SAME,
        target=Target("≤", 20, "more"),
        checked=checked,
        noted={"p50 ms": late[OURS][-1]["p50_ms"], "p50 ms of the same server's": late[SAME][-1]["p50_ms"]},
    )
