"""One contestant leaps from last to first of a thousand: what a display gets is one row, whoever else moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

from tests.bench.load.displays import Crowd, upgrade
from tests.bench.load.sights import check_boards
from tests.bench.load.venues import Venues, at_ms, clear, events_of
from tests.bench.product import Product, board_path, document, prepare, venue_path
from tests.bench.rounds import Options, Progress
from tests.bench.rows import NotDelivered, Row, Target, row_of

SECONDS = 8
CONTESTANTS, DISPLAYS, STAGES = 1_000, 50, 3
BATCH = 500


def rows(options: Options, progress: Progress) -> Iterator[Row]:
    progress.say("one leaps from last to first of 1,000")
    db = f"sqlite:///{options.scratch / 'leap'}.db"
    tokens = prepare(db, document(1, CONTESTANTS, STAGES))
    with ExitStack() as stack:
        server = stack.enter_context(Product(db, options.scratch))
        venue = stack.enter_context(Venues(server.port, [venue_path(0)], tokens))
        sent = _everybody_but_the_last(venue)
        crowd = stack.enter_context(Crowd(options.scratch, server.port, DISPLAYS, upgrade(board_path("all"))))
        crowd.until(lambda now: now.least >= 1)
        before = crowd.quiet()
        stages = [clear(sent + 1 + stage, f"c{CONTESTANTS - 1}", f"s{stage}", at=at_ms(100_000 + stage)) for stage in range(STAGES)]
        venue.lines[0].send(events_of(stages), sent + STAGES)
        venue.until(venue.all_acknowledged)
        crowd.until(lambda now: now.least > before.least)
        length = (crowd.quiet().bytes - before.bytes) / DISPLAYS
        sight = crowd.sight()
        check_boards(sight, server.board("all"))
        _one_row(sight.messages[-1], server)
    yield row_of(
        {"ours": [{"bytes": length}]},
        "one leaps from last to first of 1,000: bytes to each display",
        "bytes",
        "bytes",
        target=Target("≤", 1_000, "ours"),
        checked="one row came, the leaper is first, each display's merged frames equal GET /board",
    )


def _everybody_but_the_last(venue: Venues) -> int:
    """All clear one stage; the last contestant does nothing yet. Returns the last number."""
    texts = [clear(n + 1, f"c{n}", "s0", at=at_ms(1_000 + n)) for n in range(CONTESTANTS - 1)]
    for at in range(0, len(texts), BATCH):
        venue.lines[0].send(events_of(texts[at : at + BATCH]), min(at + BATCH, len(texts)))
        venue.until(venue.all_acknowledged)
    return len(texts)


def _one_row(text: str, server: Product) -> None:
    moved = [row["id"] for row in json.loads(text).get("rows", [])]
    first = server.board("top:1")["rows"][0]["id"]
    if moved != [f"c{CONTESTANTS - 1}"] or first != moved[0]:
        raise NotDelivered(f"rows of {moved[:5]} came, {first} is first")
