"""From an event sent to its frame at a thousand displays, 100 events/s; and what share of the server's CPU each step takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.hall import VIEW, contest, event, ours
from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import at_share, check_boards, delays_ms, during
from tests.bench.load.venues import Venues, events_of
from tests.bench.product import board_path, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import Readings, Row, Target, row_of

SECONDS = 46
DISPLAYS, DISPLAYS_QUICK = 1_000, 100
RATE_PER_S, FOR_S, FOR_QUICK_S = 100, 2.0, 1.0
INTERVAL_MS, ALLOWED_MS = 20, 10
SAMPLED_S = 10
STEPS = {
    "read": "reading what venues send",
    "commit": "commit",
    "fold": "fold and judge",
    "rank": "rank",
    "encode": "rows, frames and their text",
    "write": "writing to sockets",
    "loop": "the event loop and the rest",
}
CHECKED = "each display's merged frames equal GET /board"


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    displays = options.sized(DISPLAYS, DISPLAYS_QUICK)
    events = round(RATE_PER_S * (FOR_QUICK_S if options.quick else FOR_S))
    with ExitStack() as stack:
        hall = ours(stack, options, "path", displays, paint_interval_ms=INTERVAL_MS)
        race(f"event to frame, {displays:,} displays", {"ours": lambda: hall.round(events, 1 / RATE_PER_S)}, options, progress)
        sight = hall.crowd.sight()
        check_boards(sight, hall.server.board(VIEW))
        delays = [delays_ms(during(sight, began, ended), hall.sent_ns) for began, ended in hall.rounds_ns]
    found = {"ours": [{"p99_ms": at_share(each, 0.99), "p50_ms": at_share(each, 0.5)} for each in delays]}
    yield row_of(
        found,
        f"event sent to frame, {RATE_PER_S} events/s, {displays:,} displays, painted every {INTERVAL_MS} ms: p99",
        "p99_ms",
        "ms",
        target=Target("≤", INTERVAL_MS + ALLOWED_MS, "ours"),
        checked=CHECKED,
        noted={"p50 ms": found["ours"][-1]["p50_ms"]},
    )
    progress.say("event to frame: each step's share of the CPU")
    shares = sampled(options, displays)
    for step, name in STEPS.items():
        yield row_of(
            {"ours": [{"share": shares.get(step, 0.0)}]},
            f"event to frame, share of the CPU: {name}",
            "share",
            "%",
            checked="one sampled run",
        )


def sampled(options: Options, displays: int) -> Readings:
    """Shares in percent, of the time between the first event and the last."""
    with ExitStack() as stack:
        server, tokens = contest(stack, options, "sampled", sampled=True, paint_interval_ms=INTERVAL_MS)
        server.board()
        crowd = stack.enter_context(Crowd(options.scratch, server.port, displays, upgrade(board_path(VIEW))))
        venue = stack.enter_context(Venues(server.port, [venue_path(0)], tokens[:1]))
        crowd.until(lambda now: now.least >= 1)
        before = server.look()
        for number in range(1, round(RATE_PER_S * (1 if options.quick else SAMPLED_S)) + 1):
            venue.lines[0].send(events_of([event(number)]), number)
            venue.pump(1 / RATE_PER_S)
        venue.until(venue.all_acknowledged)
        crowd.quiet()
        after = server.look()
    counts = {step: after.get(step, 0) - before.get(step, 0) for step in STEPS}
    return {step: 100 * count / max(1, sum(counts.values())) for step, count in counts.items()}
