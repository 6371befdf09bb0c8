"""From two thousand displays to twenty thousand at one server: CPU per delivered frame must not grow, and a display costs little memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.hall import VIEW, contest, event
from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import check_boards
from tests.bench.load.venues import Venues, events_of
from tests.bench.machine import sockets_at_most
from tests.bench.product import board_path, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import NotDelivered, Readings, Row, Target, row_of

SECONDS = 60
FEW, MANY, QUICK = 2_000, 20_000, (200, 1_000)
FRAMES, FRAMES_QUICK = 6, 10
CHECKED = "each display's merged frames equal GET /board"


class Hall:
    """A server, its displays, and one venue."""

    def __init__(self, stack: ExitStack, options: Options, name: str, displays: int) -> None:
        self.server, tokens = contest(stack, options, name, display_sockets_max=50_000)
        self.server.board()
        self.venue = stack.enter_context(Venues(self.server.port, [venue_path(0)], tokens[:1]))
        self._sent = 0
        self._step()
        before = self.server.memory_bytes()
        self.crowd = stack.enter_context(Crowd(options.scratch, self.server.port, displays, upgrade(board_path(VIEW))))
        self.crowd.until(lambda now: now.least >= 1)
        self._step()
        self.crowd.until(lambda now: now.least >= 2)
        self.kb_each = (self.server.memory_bytes() - before) / displays / 1_024

    def round(self, frames: int) -> Readings:
        """One event after the other: the next when every display has the frame of the last."""
        before, used_us = self.crowd.quiet(), self.server.cpu_us()
        for _ in range(frames):
            least = self.crowd.counted().least
            self._step()
            self.crowd.until(lambda now, least=least: now.least > least)  # type: ignore[misc]
        came = self.crowd.quiet().messages - before.messages
        if came < frames * self.crowd.count:
            raise NotDelivered(f"{came} messages for {self.crowd.count} displays and {frames} events")
        return {"cpu_us": (self.server.cpu_us() - used_us) / came, "kb": self.kb_each}

    def _step(self) -> None:
        self._sent += 1
        self.venue.lines[0].send(events_of([event(self._sent)]), self._sent)
        self.venue.until(self.venue.all_acknowledged)

    def check(self) -> None:
        check_boards(self.crowd.sight(), self.server.board(VIEW))


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    few, wanted = QUICK if options.quick else (FEW, MANY)
    many = sockets_at_most(wanted)
    if many < wanted:
        progress.skip(f"{wanted:,} displays: {many:,} instead", "a higher limit of open files: ulimit -n, or LimitNOFILE=")
    frames = options.sized(FRAMES, FRAMES_QUICK)
    with ExitStack() as stack:
        small, large = Hall(stack, options, "few", few), Hall(stack, options, "many", many)
        contenders = {"ours": lambda: large.round(frames), "few": lambda: small.round(frames * 3)}
        runs = race(f"growth to {many:,} displays", contenders, options, progress)
        small.check()
        large.check()
    runs = {"ours": runs["ours"], f"the same with {few:,}": runs["few"]}
    yield row_of(
        runs,
        f"fan-out grows linearly: CPU per frame with {many:,} displays",
        "cpu_us",
        "µs",
        bare=f"the same with {few:,}",
        target=Target("≤", 1.1),
        checked=CHECKED,
    )
    yield row_of(
        runs, "memory of a display", "kb", "KB", target=Target("≤", 40, "ours"), checked=f"{many:,} displays, the server's own pages"
    )
