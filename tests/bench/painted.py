"""From an event sent to the cell that shows it, painted by a real browser, beside the same frames at the sockets of other displays."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import at_share, check_boards, delays_ms
from tests.bench.load.venues import Venues, at_ms, clear, events_of
from tests.bench.product import CONTEST, Product, board_path, document, prepare, venue_path
from tests.bench.rounds import Options, Progress, race
from tests.bench.rows import NotDelivered, Readings, Row, Target, row_of
from tests.browser import chromium

SECONDS = 35
CONTESTANTS, STAGES = 8, 15
"""So few that all of them are on the screen at the same time: a screen with more turns its pages."""
DISPLAYS, DISPLAYS_QUICK = 1_000, 50
EVERY_S = 0.1
EVENTS, EVENTS_QUICK = 20, 8
ALLOWED_MS = 50
INTERVAL_MS = 20
SHOWN_WITHIN_S, LOOK_S = 20.0, 0.1
SOCKETS = "the same frames at sockets"
NOTED = ("painted p50 ms", "page heard p50 ms", "sockets p50 ms")
"""Where the time goes on a machine that has too much to do: to other sockets, to the page, from there to the pixels."""
SCRIPT = Path(__file__).parent / "load" / "painted.js"
SIZE = {"width": 1_920, "height": 1_080}


class Watched:
    """A server with a big screen in a browser and a crowd, and one venue. Each event clears one more cell of the screen."""

    def __init__(self, server: Product, venue: Venues, crowd: Crowd, page: Page) -> None:
        self._server, self._venue, self._crowd, self._page, self._sent = server, venue, crowd, page, 0

    def round(self, events: int) -> Readings:
        sent_ms: dict[str, float] = {}
        sent_ns: dict[int, int] = {}
        keys: dict[int, str] = {}
        began_s, first = time.monotonic(), self._sent + 1
        for number in range(events):
            while (left_s := began_s + number * EVERY_S - time.monotonic()) > 0:
                self._venue.pump(left_s)
            key = self._send()
            keys[position := 1 + self._sent] = key
            sent_ms[key], sent_ns[position] = time.time() * 1_000, time.monotonic_ns()
        self._venue.until(self._venue.all_acknowledged)
        painted = self._painted(list(sent_ms))
        self._crowd.quiet()
        sight = self._crowd.sight()
        check_boards(sight, self._server.board())
        at_sockets = delays_ms(sight, sent_ns)
        if len(at_sockets) < events * self._crowd.count:
            raise NotDelivered(f"events from {first} on: {len(at_sockets)} frames of {events * self._crowd.count} came")
        heard = self._heard(keys)
        painted_after = [painted[key] - sent for key, sent in sent_ms.items()]
        return {
            "painted_ms": at_share(painted_after, 0.99),
            "sockets_ms": at_share(at_sockets, 0.99),
            "painted p50 ms": at_share(painted_after, 0.5),
            "page heard p50 ms": at_share([heard[position] - sent_ms[key] for position, key in keys.items()], 0.5),
            "sockets p50 ms": at_share(at_sockets, 0.5),
        }

    def _send(self) -> str:
        """One more event; returns which cell it clears."""
        contestant, stage = self._sent % CONTESTANTS, (self._sent // CONTESTANTS) % STAGES
        self._sent += 1
        self._venue.lines[0].send(events_of([clear(self._sent, f"c{contestant}", f"s{stage}", at=at_ms(self._sent))]), self._sent)
        return f"c{contestant}/s{stage}"

    def _heard(self, positions: Iterable[int]) -> Mapping[int, float]:
        """When the page had the first frame that reaches each of these positions."""
        at_ms = {int(to): at for to, at in self._page.evaluate("() => heard").items()}
        return {position: min(at for to, at in at_ms.items() if to >= position) for position in positions}

    def _painted(self, keys: list[str]) -> Mapping[str, float]:
        """When each of these cells was painted. Raises NotDelivered when one is not."""
        found: dict[str, float] = until(self._page, "() => painted", lambda seen: all(key in seen for key in keys))
        return found


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    displays, events = options.sized(DISPLAYS, DISPLAYS_QUICK), options.sized(EVENTS, EVENTS_QUICK)
    if options.rounds * events > CONTESTANTS * STAGES:
        events = CONTESTANTS * STAGES // options.rounds
    db = f"sqlite:///{options.scratch / 'painted'}.db"
    tokens = prepare(db, document(1, CONTESTANTS, STAGES))
    with ExitStack() as stack:
        browser = chromium.named(os.environ) or chromium.on_path(os.environ)
        if browser is None:
            progress.skip("painted in a browser", "apt install chromium, or CONTEST_TEST_BROWSER=PATH")
            return
        server = stack.enter_context(Product(db, options.scratch, paint_interval_ms=INTERVAL_MS))
        crowd = stack.enter_context(Crowd(options.scratch, server.port, displays, upgrade(board_path("all"))))
        venue = stack.enter_context(Venues(server.port, [venue_path(0)], tokens))
        page = stack.enter_context(screen(browser, server.port))
        watched = Watched(server, venue, crowd, page)
        runs = race("event sent to painted in a browser", {"ours": lambda: watched.round(events)}, options, progress)
    found = {
        "ours": [{"ms": each["painted_ms"]} for each in runs["ours"]],
        SOCKETS: [{"ms": each["sockets_ms"]} for each in runs["ours"]],
    }
    yield row_of(
        found,
        "event sent to painted on the big screen in Chromium: p99",
        "ms",
        "ms",
        bare=SOCKETS,
        target=Target("≤", ALLOWED_MS, "more"),
        checked="each cell was painted, each display's merged frames equal GET /board",
        noted={name: statistics.median(each[name] for each in runs["ours"]) for name in NOTED},
    )


def until(page: Page, look: str, enough: Callable[[Any], bool]) -> Any:
    """Look again until it is enough: the page's policy lets nobody wait inside it. Raises NotDelivered."""
    by_s = time.monotonic() + SHOWN_WITHIN_S
    while not enough(found := page.evaluate(look)):
        if time.monotonic() > by_s:
            raise NotDelivered(f"after {SHOWN_WITHIN_S:.0f} s the page shows {str(found)[:200]}")
        time.sleep(LOOK_S)
    return found


@contextmanager
def screen(browser: Path, port: int) -> Iterator[Page]:
    """The big screen of the contest, once everybody stands on it."""
    chromium.borrow_node()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=chromium.flags(is_root=os.geteuid() == 0))
        page = running.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.add_init_script(path=SCRIPT)
        page.goto(f"http://127.0.0.1:{port}/screen?contest={CONTEST}&lang=en")
        until(page, "() => document.querySelectorAll('li[data-contestant]').length", lambda plates: plates >= CONTESTANTS)
        yield page
        running.close()
