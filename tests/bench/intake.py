"""A hundred venues to durable, judged, ranked events: CPU per event, beside fronts on the same uvicorn that do less.

Events come three a message, which is what the bare limits of the targets amount to; one a message, as when each is sent at once; and
twenty, as from an agent that has some waiting (without targets: what a message costs is all that the bare front has, and twenty share it).
Two messages of each venue are under way. Ours judges and ranks, and its positions are gapless and hashed; the others do none of that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from contest_server.core.facts import Event
from tests.bench.load.venues import Venues, at_ms, clear, events_of
from tests.bench.machine import cpu_us, family, settled
from tests.bench.peers.broadcasters import Commanded, closing, front
from tests.bench.product import Product, document, entries_of, prepare, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import NotDelivered, Readings, Row, Runs, Target, row_of
from tests.postgres import Cluster, NoPostgres, new_database

SECONDS = 60
VENUES, CONTESTANTS, UNDER_WAY = 100, 1_000, 2
STAGES_MAX = 200
FRONT, FILE, MANY = "bare socket front (parse, validate, acknowledge)", "raw file, group commit", "SQLAlchemy insertmany"
Batches = Sequence[Sequence[tuple[bytes, int]]]
"""For each venue its messages of one round, each with the number it reaches."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How events come: so many a message. In a round everybody clears so many `stages`; `quick`: with --quick."""

    name: str
    batch: int
    stages: int
    quick: int
    is_held: bool = True
    """Whether the targets are about events that come so."""


FLOWS = (
    Flow("three events a message", 3, 12, 2),
    Flow("one event a message", 1, 6, 1),
    Flow("twenty events a message", 20, 20, 2, is_held=False),
)


def batches_of(after: int, stages: int, batch: int) -> Batches:
    """Every contestant clears the stages that follow `after` of them; each venue has its own contestants."""
    found = []
    for venue in range(VENUES):
        mine = range(venue, CONTESTANTS, VENUES)
        first = after * len(mine)
        wanted = [(contestant, after + stage) for stage in range(stages) for contestant in mine]
        texts = [
            clear(first + 1 + place, f"c{contestant}", f"s{stage}", at=at_ms((first + place) * VENUES + venue))
            for place, (contestant, stage) in enumerate(wanted)
        ]
        found.append([(events_of(texts[at : at + batch]), first + min(at + batch, len(texts))) for at in range(0, len(texts), batch)])
    return found


class Stream:
    """The venues of one server. Each round sends the next events, and ends when all of them are acknowledged."""

    def __init__(self, stack: ExitStack, port: int, tokens: Sequence[str], pids: Callable[[], Sequence[int]]) -> None:
        self._venues = stack.enter_context(Venues(port, [venue_path(n) for n in range(VENUES)], tokens))
        self._pids, self._stages = pids, 0

    def round(self, stages: int, batch: int) -> Readings:
        waiting = [list(reversed(each)) for each in batches_of(self._stages, stages, batch)]
        self._stages += stages
        used_us, began_s = settled(list(self._pids())), time.monotonic()
        while any(waiting) or not self._venues.all_acknowledged():
            for line, rest in zip(self._venues.lines, waiting, strict=True):
                while rest and len(line.sent_ns) < UNDER_WAY:
                    line.send(*rest.pop())
            self._venues.pump(0.05)
        events = stages * CONTESTANTS
        took_s = time.monotonic() - began_s
        return {"cpu_us": (cpu_us(self._pids()) - used_us) / events, "per_s": events / took_s}


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    with ExitStack() as stack:
        file, many = (f"sqlite:///{options.scratch / name}.db" for name in ("intake", "insertmany"))
        yield from _rows_on("SQLite", file, many, [], options, progress)
        try:
            cluster = Cluster(durable=True)
        except NoPostgres as missing:
            progress.skip("ingest on PostgreSQL", str(missing))
            return
        stack.callback(cluster.close)
        cluster.start()
        own, many = new_database(cluster.url()), new_database(cluster.url())
        yield from _rows_on("PostgreSQL", own, many.replace("postgresql://", "postgresql+asyncpg://"), [cluster.pid], options, progress)


def _rows_on(store: str, own: str, many: str, also: list[int], options: Options, progress: Progress) -> Iterator[Row]:
    a_round = stages_a_round(options)
    stages = sum(a_round) * options.rounds
    tokens = prepare(own, document(VENUES, CONTESTANTS, stages))
    lines = options.scratch / f"lines-{store}"
    runs: list[Runs] = []
    with ExitStack() as stack:
        server = stack.enter_context(Product(own, options.scratch))
        server.board("top:1")
        streams = {"ours": Stream(stack, server.port, tokens, lambda: _with_database(server.pids, also))}
        for name, word in {FRONT: "nothing", FILE: f"file:{lines}", MANY: many}.items():
            streams[name] = _front(stack, name, word, also if name == MANY else [])
        for flow, each in zip(FLOWS, a_round, strict=True):
            contenders = {name: partial(stream.round, each, flow.batch) for name, stream in streams.items()}
            runs.append(race(f"ingest on {store}, {flow.name}", contenders, options, progress))
        check_ranked(server, stages)
    check_ledger(own, stages * CONTESTANTS)
    if lines.read_bytes().count(b"\n") != stages * CONTESTANTS:
        raise NotDelivered("the raw file has not each event")
    for flow, each_runs in zip(FLOWS, runs, strict=True):
        yield from _told(each_runs, f"ingest on {store}, {VENUES} venues, {flow.name}", is_held=flow.is_held)


def stages_a_round(options: Options) -> list[int]:
    """What everybody clears in a round of each flow; all rounds together, no more stages than a contest may have."""
    wanted = [options.sized(flow.stages, flow.quick) for flow in FLOWS]
    allowed = STAGES_MAX // options.rounds
    return [max(1, each * allowed // max(allowed, sum(wanted))) for each in wanted]


def _told(runs: Runs, where: str, *, is_held: bool) -> Iterator[Row]:
    checked = "each acknowledged event is in the ledger, each clear on the board"
    front, file, many = (Target("≤", 3), Target("≥", 0.6), Target("≥", 2)) if is_held else (None, None, None)
    yield row_of(runs, f"{where}: CPU per event", "cpu_us", "µs", bare=FRONT, target=front, checked=checked)
    yield row_of(
        runs,
        f"{where}: events per second",
        "per_s",
        "events/s",
        bare=FILE,
        target=file,
        peers={MANY: many},
        checked=checked,
        noted={f"CPU µs an event, {name}": runs[name][-1]["cpu_us"] for name in ("ours", FILE, MANY)},
    )


def _with_database(pids: list[int], also: list[int]) -> list[int]:
    return [*pids, *(each for pid in also for each in family(pid))]


def _front(stack: ExitStack, name: str, word: str, also: list[int]) -> Stream:
    bare: Commanded = stack.enter_context(closing(front(name, word)))  # type: ignore[assignment]
    return Stream(stack, bare.port, [""] * VENUES, lambda: _with_database(bare.pids, also))


def check_ranked(server: Product, stages: int) -> None:
    """Everybody on the board has cleared everything that was sent."""
    rows_ = server.board()["rows"]
    if len(rows_) != CONTESTANTS or any(row["cleared"] != stages for row in rows_):
        raise NotDelivered(f"{sum(row['cleared'] for row in rows_)} clears on the board, {stages * CONTESTANTS} were acknowledged")


def check_ledger(db: str, events: int) -> None:
    """Every number of every venue is in the ledger, once."""
    found = [(entry.fact.source, entry.fact.seq) for entry in entries_of(db) if isinstance(entry.fact, Event)]
    each = events // VENUES
    wanted = {(f"v{venue}/bench", seq) for venue in range(VENUES) for seq in range(1, each + 1)}
    if len(found) != events or set(map(tuple, found)) != wanted:
        raise NotDelivered(f"{len(found)} events in the ledger, {events} were acknowledged")
