"""Beside a live contest ranking server of the field: 500 viewers, 1,000 users, one score at a time. Ours is durable, theirs need not be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import at_share, check_boards, delays_ms
from tests.bench.load.venues import Venues, at_ms, clear, events_of
from tests.bench.machine import cpu_us
from tests.bench.peers.cms import REQUEST, Cms
from tests.bench.product import Product, board_path, document, prepare, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import Missing, NotDelivered, Readings, Row, Target, row_of

SECONDS = 5
USERS, VIEWERS, VIEWERS_QUICK = 1_000, 500, 100
PUSHES, PUSHES_QUICK, EVERY_S = 20, 5, 0.1
VIEW = "top:1000"


class Ours:
    """The product with as many contestants and displays."""

    def __init__(self, stack: ExitStack, options: Options, viewers: int) -> None:
        db = f"sqlite:///{options.scratch / 'beside-cms'}.db"
        tokens = prepare(db, document(1, USERS, 20))
        self._server = stack.enter_context(Product(db, options.scratch))
        self._venue = stack.enter_context(Venues(self._server.port, [venue_path(0)], tokens))
        self._crowd = stack.enter_context(Crowd(options.scratch, self._server.port, viewers, upgrade(board_path(VIEW))))
        self._crowd.until(lambda now: now.least >= 1)
        self._sent = 0

    def round(self, pushes: int) -> Readings:
        self._crowd.quiet()
        sent_ns, used_us = {}, self._server.cpu_us()
        for _ in range(pushes):
            self._sent += 1
            text = clear(self._sent, f"c{self._sent % USERS}", f"s{self._sent // USERS}", at=at_ms(self._sent))
            sent_ns[1 + self._sent] = time.monotonic_ns()
            self._venue.lines[0].send(events_of([text]), self._sent)
            self._venue.pump(EVERY_S)
            time.sleep(EVERY_S)
        self._venue.until(self._venue.all_acknowledged)
        self._crowd.quiet()
        used_us = self._server.cpu_us() - used_us
        sight = self._crowd.sight()
        check_boards(sight, self._server.board(VIEW))
        return {"cpu_us": used_us / pushes, "p50_ms": at_share(delays_ms(sight, sent_ns), 0.5)}


def of_cms(cms: Cms, crowd: Crowd, pushes: int) -> Readings:
    """Raises NotDelivered unless each viewer got each push."""
    crowd.quiet()
    first, used_us = len(crowd.sight().tracks[0].messages), cpu_us(cms.pids)
    sent_ns, last = [], ""
    for _ in range(pushes):
        sent_ns.append(time.monotonic_ns())
        last = cms.push()
        time.sleep(EVERY_S)
    crowd.until(lambda now: now.least >= first + pushes)
    used_us = cpu_us(cms.pids) - used_us
    if any(last.encode() not in tail for tail in crowd.tails()):
        raise NotDelivered(f"a viewer does not end with {last}")
    delays = [(at - sent) / 1e6 for track in crowd.sight().tracks for at, sent in zip(track.at_ns[first:], sent_ns, strict=False)]
    return {"cpu_us": used_us / pushes, "p50_ms": at_share(delays, 0.5)}


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    viewers, pushes = options.sized(VIEWERS, VIEWERS_QUICK), options.sized(PUSHES, PUSHES_QUICK)
    with ExitStack() as stack:
        try:
            cms = stack.enter_context(closing(Cms(USERS)))
        except Missing as missing:
            progress.skip("beside CMS RankingWebServer", str(missing))
            return
        crowd = stack.enter_context(Crowd(options.scratch, cms.port, viewers, REQUEST, mode="reads"))
        mine = Ours(stack, options, viewers)
        contenders = {"ours": lambda: mine.round(pushes), cms.name: lambda: of_cms(cms, crowd, pushes)}
        runs = race(f"a score to {viewers} viewers", contenders, options, progress)
    name, checked = (
        f"a score to {viewers} viewers, {USERS:,} users",
        "each viewer got each push; our displays' merged frames equal GET /board",
    )
    yield row_of(runs, f"{name}: CPU a push", "cpu_us", "µs", bare=Cms.name, target=Target("≤", 0.33), checked=checked)
    yield row_of(runs, f"{name}: p50", "p50_ms", "ms", bare=Cms.name, target=Target("≤", 0.45), checked=checked)
