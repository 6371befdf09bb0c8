"""One display in ten takes its connection and never reads again: the others must not notice, and memory must stay bounded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.hall import CONTESTANTS, VIEW, Ours, event, ours
from tests.bench.load.sights import at_share, check_boards, delays_ms, during
from tests.bench.load.venues import events_of
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import Row, Target, row_of

SECONDS = 50
DISPLAYS, DISPLAYS_QUICK = 1_000, 200
FRAMES, FRAMES_QUICK = 40, 15
BURSTS = 8
UNREAD_S = 600
"""Nobody is closed meanwhile for not reading: they are what this is about."""
CHECKED = "the merged frames of each display that reads equal GET /board"
HELD_AT_MOST_KB = 512
"""What one stalled display may make the server hold, kernel not counted."""


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    displays, frames = options.sized(DISPLAYS, DISPLAYS_QUICK), options.sized(FRAMES, FRAMES_QUICK)
    with ExitStack() as stack:
        alone = ours(stack, options, "reading", displays, unread_timeout_s=UNREAD_S)
        among = ours(stack, options, "stalled", displays, stalled=displays // 10, unread_timeout_s=UNREAD_S)
        before = among.server.memory_bytes(), alone.server.memory_bytes()
        for hall in (alone, among):
            fill(hall)
        grown = [hall.server.memory_bytes() - was for hall, was in zip((among, alone), before, strict=True)]
        held_kb = (grown[0] - grown[1]) / (displays // 10) / 1_024
        contenders = {"ours": lambda: among.round(frames), "all": lambda: alone.round(frames)}
        race(f"{displays // 10} of {displays} displays never read", contenders, options, progress)
        found = {"ours": timed(among), "nobody stalls": timed(alone)}
        for readings in found["ours"]:
            readings["held_kb"] = held_kb
    yield row_of(
        found,
        f"{displays // 10} of {displays:,} displays never read: the others' p99 from event to frame",
        "p99_ms",
        "ms",
        bare="nobody stalls",
        target=Target("≤", 1.1),
        checked=CHECKED,
    )
    yield row_of(
        found,
        "a display that never reads: memory of the server",
        "held_kb",
        "KB",
        target=Target("≤", HELD_AT_MOST_KB, "ours"),
        checked=CHECKED,
        noted={"MB that the whole server grew by, with them": grown[0] / 1e6, "the same while everybody reads": grown[1] / 1e6},
    )


def fill(hall: Ours) -> None:
    """Frames of all rows, until the buffers of those that do not read are full."""
    line = hall.venue.lines[0]
    for _ in range(BURSTS):
        first, hall.sent = hall.sent + 1, hall.sent + CONTESTANTS
        line.send(events_of(event(number) for number in range(first, hall.sent + 1)), hall.sent)
        hall.venue.until(hall.venue.all_acknowledged)
        hall.crowd.quiet()


def timed(hall: Ours) -> list[dict[str, float]]:
    """The p99 of each round, after the check that all who read show what the fold has."""
    sight = hall.crowd.sight()
    check_boards(sight, hall.server.board(VIEW))
    return [{"p99_ms": at_share(delays_ms(during(sight, began, ended), hall.sent_ns), 0.99)} for began, ended in hall.rounds_ns]
