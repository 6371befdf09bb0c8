"""One server on a PostgreSQL, and three: CPU of all servers per delivered frame and per event, and how much later another server shows it.

Each server has as many displays in both cases, and the same events come in each round; all of them go to the first server. What three pay
more for an event is the fold on each.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import check_boards
from tests.bench.load.venues import Venues, at_ms, clear, events_of
from tests.bench.product import CONTEST, Product, board_path, document, entries_of, prepare, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import OURS, NotDelivered, Readings, Row, Target, row_of
from tests.postgres import Cluster, NoPostgres, new_database

SECONDS = 75
SERVERS = 3
ONE = "one server"
CONTESTANTS, STAGES = 300, 20
DISPLAYS, DISPLAYS_QUICK = 300, 100
STEPS, STEPS_QUICK = 60, 20
PACE_S = 0.1
"""Between two events that are shown: each becomes a frame of its own."""
BULK, BULK_QUICK, BATCH = 4_000, 1_000, 100
ONE_MORE_MS = 20.0


@dataclass(slots=True)
class Hall:
    """Servers of one database, each with its share of the displays."""

    servers: list[Product]
    crowds: list[Crowd]
    venue: Venues
    sent: int = 0

    @property
    def pids(self) -> list[int]:
        return [pid for server in self.servers for pid in server.pids]

    def cpu_us(self) -> float:
        return sum(server.cpu_us() for server in self.servers)

    def send(self, count: int) -> None:
        """Events in one batch; returns once they are acknowledged."""
        texts = [self._event(self.sent + n) for n in range(1, count + 1)]
        self.sent += count
        self.venue.lines[0].send(events_of(texts), self.sent)
        self.venue.until(self.venue.all_acknowledged)

    def _event(self, seq: int) -> str:
        contestant, stage = seq % CONTESTANTS, seq // CONTESTANTS % STAGES
        return clear(seq, f"c{contestant}", f"s{stage}", at=at_ms(1_000 + seq))

    def quiet(self) -> None:
        for crowd in self.crowds:
            crowd.quiet()

    def messages(self) -> int:
        return sum(crowd.counted().messages for crowd in self.crowds)

    def check(self) -> None:
        """Every display's merged frames are the board of its server, and all servers have one board."""
        boards = [server.board("top:50")["rows"] for server in self.servers]
        if any(board != boards[0] for board in boards):
            raise NotDelivered("the servers show different boards")
        for server, crowd in zip(self.servers, self.crowds, strict=True):
            check_boards(crowd.sight(), server.board("top:50"))


def _hall(stack: ExitStack, options: Options, url: str, servers: int, displays: int) -> Hall:
    tokens = prepare(url, document(1, CONTESTANTS, STAGES))
    running = [stack.enter_context(Product(url, options.scratch)) for _ in range(servers)]
    request = upgrade(board_path("top:50"))
    crowds = [stack.enter_context(Crowd(options.scratch, each.port, displays, request)) for each in running]
    for crowd in crowds:
        crowd.until(lambda now: now.least >= 1)
    return Hall(running, crowds, stack.enter_context(Venues(running[0].port, [venue_path(0)], tokens)))


def _round(hall: Hall, options: Options) -> Readings:
    hall.quiet()
    frames, used = hall.messages(), hall.cpu_us()
    for _ in range(options.sized(STEPS, STEPS_QUICK)):
        due_s = time.monotonic() + PACE_S
        hall.send(1)
        time.sleep(max(0.0, due_s - time.monotonic()))
    hall.quiet()
    frame_us = (hall.cpu_us() - used) / (hall.messages() - frames)
    used, bulk = hall.cpu_us(), options.sized(BULK, BULK_QUICK)
    for _ in range(bulk // BATCH):
        hall.send(BATCH)
    hall.quiet()
    return {"frame_us": frame_us, "event_us": (hall.cpu_us() - used) / bulk}


def _later(hall: Hall, options: Options) -> Readings:
    """How much later than the first server the others have an event on their board, in ms: asked of all in turn, every millisecond."""
    later = []
    for _ in range(options.sized(STEPS, STEPS_QUICK)):
        hall.send(1)
        shown_s = [_shown_s(server, 1 + hall.sent) for server in hall.servers]
        later.append((max(shown_s) - shown_s[0]) * 1_000)
    later.sort()
    return {"later_ms": later[min(len(later) - 1, int(len(later) * 0.99))], "median_ms": statistics.median(later)}


def _shown_s(server: Product, position: int) -> float:
    while server.get(f"/api/contests/{CONTEST}/board?view=top:1")["to"] < position:
        time.sleep(0.001)
    return time.monotonic()


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
        progress.say(f"three servers on one PostgreSQL, {displays} displays each")
        urls = [new_database(cluster.url()) for _ in range(2)]
        three = _hall(stack, options, urls[0], SERVERS, displays)
        one = _hall(stack, options, urls[1], 1, displays)
        runs = race("servers", {OURS: lambda: _round(three, options), ONE: lambda: _round(one, options)}, options, progress)
        late = race("a server later", {OURS: lambda: _later(three, options)}, options, progress)
        for hall, url in ((three, urls[0]), (one, urls[1])):
            hall.quiet()
            hall.check()
            if len(entries_of(url)) != 1 + hall.sent:
                raise NotDelivered(f"{hall.sent} events were acknowledged, {len(entries_of(url))} entries are in the ledger")
    checked = "each display's merged frames are the board, the same on all servers; each event is in the ledger"
    name = f"{SERVERS} servers on one PostgreSQL"
    yield row_of(
        runs,
        f"{name}: CPU per delivered frame, {displays} displays each",
        "frame_us",
        "µs",
        bare=ONE,
        target=Target("≤", 1.1),
        checked=checked,
    )
    yield row_of(runs, f"{name}: CPU per event, the fold on each included", "event_us", "µs", bare=ONE, checked=checked)
    yield row_of(
        late,
        f"{name}: later on another server's board, p99",
        "later_ms",
        "ms",
        target=Target("≤", ONE_MORE_MS, "ours"),
        checked=checked,
        noted={"median_ms": statistics.median(each["median_ms"] for each in late[OURS])},
    )
