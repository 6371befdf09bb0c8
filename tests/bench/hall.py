"""The product with a crowd of displays, and one venue whose events make the frames. Each round goes on where the last one ended."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.venues import Venues, at_ms, clear, events_of
from tests.bench.product import Product, board_path, document, prepare, venue_path
from tests.bench.rounds import Options
from tests.bench.rows import NotDelivered, Readings

VENUES, CONTESTANTS, STAGES = 4, 500, 10
VIEW = "top:500"
EVERY_S = 0.1


@dataclass(slots=True)
class Ours:
    """The product with a crowd, and one venue whose events make the frames."""

    server: Product
    crowd: Crowd
    venue: Venues
    sent: int = 0
    sent_ns: dict[int, int] = field(default_factory=dict)
    rounds_ns: list[tuple[int, int]] = field(default_factory=list)

    def round(self, frames: int, every_s: float = EVERY_S) -> Readings:
        """`frames` events, one each interval; until all that they made has come."""
        self.crowd.quiet()
        before, used_us, began_ns = self.crowd.counted(), self.server.cpu_us(), time.monotonic_ns()
        line, began_s = self.venue.lines[0], time.monotonic()
        for number in range(frames):
            while (left_s := began_s + number * every_s - time.monotonic()) > 0:
                self.venue.pump(left_s)
            self.sent += 1
            batch = events_of([event(self.sent)])
            self.sent_ns[1 + self.sent] = time.monotonic_ns()
            line.send(batch, self.sent)
        self.venue.until(self.venue.all_acknowledged)
        after = self.crowd.quiet()
        self.rounds_ns.append((began_ns, time.monotonic_ns()))
        came = after.messages - before.messages
        if came < self.crowd.count:
            raise NotDelivered(f"{came} messages for {self.crowd.count} displays and {frames} events")
        return {"cpu_us": (self.server.cpu_us() - used_us) / came, "bytes": (after.bytes - before.bytes) / came, "frames": came}


def event(number: int) -> str:
    """Contestants in turn, so that each event makes a new clear: the position is 1 + number."""
    contestant, stage = number % CONTESTANTS, (number + number // CONTESTANTS) % STAGES
    return clear(number, f"c{contestant}", f"s{stage}", at=at_ms(number))


def contest(stack: ExitStack, options: Options, name: str, **settings: Any) -> tuple[Product, list[str]]:
    """A server of its own with the contest of this benchmark, its board begun."""
    db = f"sqlite:///{options.scratch / name}.db"
    tokens = prepare(db, document(VENUES, CONTESTANTS, STAGES))
    return stack.enter_context(Product(db, options.scratch, **settings)), tokens


def ours(
    stack: ExitStack,
    options: Options,
    name: str,
    displays: int,
    *,
    deflate: bool = False,
    stalled: int = 0,
    mode: str = "ws",
    **settings: Any,
) -> Ours:
    server, tokens = contest(stack, options, name, **settings)
    server.board()
    crowd = Crowd(options.scratch, server.port, displays, upgrade(board_path(VIEW), deflate=deflate), mode=mode, stalled=stalled)
    stack.enter_context(crowd)
    venue = stack.enter_context(Venues(server.port, [venue_path(0)], tokens[:1]))
    crowd.until(lambda now: now.least >= 1)
    return Ours(server, crowd, venue)
