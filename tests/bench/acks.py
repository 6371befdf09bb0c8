"""From an event sent to its acknowledgement at a steady pace: p99 beside a bare write + fdatasync behind the same kind of socket.

A hundred venues send at equal distances. Ours also while a thousand displays are painted: plain, and deflated, as each browser asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench.intake import CONTESTANTS, VENUES, check_ledger
from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import at_share, check_boards
from tests.bench.load.venues import Venues, at_ms, at_pace, clear, events_of
from tests.bench.peers.broadcasters import closing, front
from tests.bench.product import Product, board_path, document, prepare, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import NotDelivered, Readings, Row, Runs, Target, row_of

SECONDS = 100
RATES, RATES_QUICK = (1_000, 5_000), (1_000,)
SENDS_PER_S = 10
"""Of each venue; at 5,000 events/s a message has five."""
PACED_S, PACED_QUICK_S = 2.0, 1.0
DISPLAYS, DISPLAYS_QUICK = 1_000, 100
VIEW = "top:50"
FILE = "bare write + fdatasync"
PAINTED = {"painted": False, "painted, deflated": True}
"""Whether they ask for deflated frames, as each browser does."""
CHECKED = "each acknowledged event is in the ledger, each display's merged frames equal GET /board"


@dataclass(slots=True)
class Pace:
    """The venues of one server; each round goes on where the last one ended."""

    venues: Venues
    sent: int = 0

    def round(self, rate: int, for_s: float) -> Readings:
        self.venues.delays_ms()
        at_pace(self.venues, self._due(rate, round(for_s * SENDS_PER_S)))
        delays = self.venues.delays_ms()
        return {"p99_ms": at_share(delays, 0.99), "p50_ms": at_share(delays, 0.5)}

    def _due(self, rate: int, sends: int) -> Iterator[tuple[float, int, bytes, int]]:
        many = rate // VENUES // SENDS_PER_S
        for number in range(sends):
            first, self.sent = self.sent + 1, self.sent + many
            for venue in range(VENUES):
                at_s = (number + venue / VENUES) / SENDS_PER_S
                yield at_s, venue, events_of(text_of(venue, seq) for seq in range(first, self.sent + 1)), self.sent


def text_of(venue: int, seq: int) -> str:
    """The venue's contestants in turn, a stage after the other."""
    own = CONTESTANTS // VENUES
    contestant, stage = venue + VENUES * (seq % own), seq // own
    return clear(seq, f"c{contestant}", f"s{stage}", at=at_ms(seq * VENUES + venue))


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    rates, for_s = (RATES_QUICK, PACED_QUICK_S) if options.quick else (RATES, PACED_S)
    a_venue = sum(round(for_s * SENDS_PER_S) * (rate // VENUES // SENDS_PER_S) for rate in rates) * options.rounds
    definition = document(VENUES, CONTESTANTS, a_venue * VENUES // CONTESTANTS + 1)
    with ExitStack() as stack:
        alone = _ours(stack, options, "alone", definition)
        painted = {name: _ours(stack, options, name, definition) for name in PAINTED}
        crowds = {name: _crowd(stack, options, server, deflate=PAINTED[name]) for name, (server, _) in painted.items()}
        bare = stack.enter_context(closing(front(FILE, f"file:{options.scratch / 'acks'}")))
        paces = {
            "ours": alone[1],
            FILE: Pace(stack.enter_context(Venues(bare.port, paths(), [""] * VENUES))),
            **{name: pace for name, (_, pace) in painted.items()},
        }
        for rate in rates:
            contenders = {name: lambda pace=pace, rate=rate: pace.round(rate, for_s) for name, pace in paces.items()}
            yield from _rows(
                race(f"acknowledgements at {rate:,} events/s", contenders, options, progress), rate, options.sized(DISPLAYS, DISPLAYS_QUICK)
            )
        for name, crowd in crowds.items():
            crowd.quiet()
            check_boards(crowd.sight(), painted[name][0].board(VIEW))
    for server, pace in (alone, *painted.values()):
        check_ledger(server.db, pace.sent * VENUES)
    if (options.scratch / "acks").read_bytes().count(b"\n") != paces[FILE].sent * VENUES:
        raise NotDelivered("the raw file has not each event")


def _ours(stack: ExitStack, options: Options, name: str, definition: dict[str, object]) -> tuple[Product, Pace]:
    db = f"sqlite:///{options.scratch / name}-acks.db"
    tokens = prepare(db, definition)
    server = stack.enter_context(Product(db, options.scratch))
    server.board(VIEW)
    return server, Pace(stack.enter_context(Venues(server.port, paths(), tokens)))


def _crowd(stack: ExitStack, options: Options, server: Product, *, deflate: bool) -> Crowd:
    asked = upgrade(board_path(VIEW), deflate=deflate)
    crowd = stack.enter_context(Crowd(options.scratch, server.port, options.sized(DISPLAYS, DISPLAYS_QUICK), asked))
    crowd.until(lambda now: now.least >= 1)
    return crowd


def paths() -> Sequence[str]:
    return [venue_path(n) for n in range(VENUES)]


def _rows(runs: Runs, rate: int, displays: int) -> Iterator[Row]:
    noted = {f"p50 ms, {name}": runs[name][-1]["p50_ms"] for name in runs}
    yield row_of(
        runs,
        f"acknowledgement at {rate:,} events/s: p99",
        "p99_ms",
        "ms",
        bare=FILE,
        target=Target("≤", 1.5),
        checked=CHECKED,
        noted=noted,
    )
    for name in PAINTED:
        yield row_of(
            runs,
            f"acknowledgement at {rate:,} events/s while {displays:,} displays are {name}: p99",
            "p99_ms",
            "ms",
            ours=name,
            bare=FILE,
            target=Target("≤", 4, "more"),
            peers={"ours": None},
            checked=CHECKED,
        )
