"""Servers of one database, with a venue at the first and displays at each, and folds beside them; and whether all came to one board."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.following import Folding, definition, shown_of, text_of
from tests.bench.load.sights import check_boards
from tests.bench.load.venues import Venues, events_of
from tests.bench.product import Product, board_path, entries_of, prepare, venue_path
from tests.bench.rounds import Options
from tests.bench.rows import NotDelivered
from tests.postgres import Cluster, new_database

VIEW = "top:50"
FOLLOWED_WITHIN_S = 60.0


@dataclass(slots=True)
class Hall:
    """Servers of one database, the first of which has a venue; folds beside them; displays of each once they were let in."""

    url: str
    servers: list[Product]
    venue: Venues
    folds: list[Folding]
    crowds: list[Crowd] = field(default_factory=list)
    sent: int = 0
    sent_ns: dict[int, int] = field(default_factory=dict)
    """When the event of each position was sent, of those that were shown one by one."""
    idle_share: float = 0.0
    """Of a core, what each server uses when nothing happens."""
    rounds_ns: list[tuple[int, int]] = field(default_factory=list)

    def send(self, count: int) -> None:
        """Events in one batch; returns once they are acknowledged. What folds beside has them from then on, as a server that follows."""
        texts = [text_of(self.sent + n) for n in range(1, count + 1)]
        self.sent += count
        self.venue.lines[0].send(events_of(texts), self.sent)
        self.venue.until(self.venue.all_acknowledged)
        for fold in self.folds:
            fold.take(count)

    def all_followed(self) -> None:
        """Return once every server has what was sent. Raises NotDelivered."""
        by_s = time.monotonic() + FOLLOWED_WITHIN_S
        for server in self.servers:
            while not server.has(1 + self.sent):
                if time.monotonic() > by_s:
                    raise NotDelivered(f"a server has not followed within {FOLLOWED_WITHIN_S:.0f} s")
                time.sleep(0.1)

    def let_in(self, stack: ExitStack, options: Options, displays: int) -> None:
        """So many displays at each server."""
        self.crowds = [
            stack.enter_context(Crowd(options.scratch, server.port, displays, upgrade(board_path(VIEW)))) for server in self.servers
        ]
        for crowd in self.crowds:
            crowd.until(lambda now: now.least >= 1)

    def used_us(self) -> list[float]:
        """CPU of each server so far."""
        return [server.cpu_us() for server in self.servers]

    def folded_us(self) -> float:
        """CPU of one of the folds so far, on the average."""
        return sum(fold.spent_us() for fold in self.folds) / max(1, len(self.folds))

    def rest(self, for_s: float) -> None:
        """See what the servers use when nothing happens."""
        self.all_followed()
        before_us, began_s = sum(self.used_us()), time.monotonic()
        time.sleep(for_s)
        took_us = (time.monotonic() - began_s) * 1e6
        self.idle_share = (sum(self.used_us()) - before_us) / took_us / len(self.servers)

    def messages(self) -> int:
        return sum(crowd.counted().messages for crowd in self.crowds)

    def quiet(self) -> None:
        for crowd in self.crowds:
            crowd.quiet()

    def check(self) -> None:
        """Every display's merged frames are the board of its server, all servers have one board, and each event is an entry."""
        boards = [server.board("all")["rows"] for server in self.servers]
        if any(board != boards[0] for board in boards):
            raise NotDelivered("the servers show different boards")
        for server, crowd in zip(self.servers, self.crowds, strict=True):
            check_boards(crowd.sight(), server.board(VIEW))
        if len(entries_of(self.url)) != 1 + self.sent:
            raise NotDelivered(f"{self.sent} events were acknowledged, {len(entries_of(self.url))} entries are in the ledger")

    def check_folds(self) -> None:
        """What folds beside has the same board."""
        board = shown_of(self.servers[0].board("all"))
        if any(fold.shown() != board for fold in self.folds):
            raise NotDelivered("the fold alone shows another board")


def hall_of(stack: ExitStack, options: Options, cluster: Cluster, servers: int, folds: int) -> Hall:
    url = new_database(cluster.url())
    tokens = prepare(url, definition())
    running = [stack.enter_context(Product(url, options.scratch)) for _ in range(servers)]
    venue = stack.enter_context(Venues(running[0].port, [venue_path(0)], tokens))
    return Hall(url, running, venue, [stack.enter_context(Folding()) for _ in range(folds)])
