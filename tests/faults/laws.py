"""Everything that has to hold once a hall has settled. The reckoning is done in another thread: cables go on carrying meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.faults.checks import (
    Sent,
    Shown,
    all_boards_are_the_fold,
    every_acknowledged_event_is_there_once,
    every_event_is_what_was_stated,
    everything_stated_arrived,
    numbers_have_no_gap,
    some,
    times_are_true_within_their_error,
)
from tests.faults.exporting import exported, verified
from tests.faults.hall import Hall

WENT_BACK = "not there any more"


async def check(hall: Hall) -> None:
    """All laws, against an export of now. Raises AssertionError or Contradiction."""
    nobody_complained(hall)
    path = hall.folder / "export.ndjson"
    export = await exported(hall.database.own_url, path)
    await verified(path)
    sent = [Sent(desk.name, desk.stated, desk.ears.acknowledged, desk.moments) for desk in hall.desks]
    await asyncio.to_thread(every_event_has_its_place, export, sent)
    await asyncio.to_thread(hall.fold.take, export)
    shown = [Shown(display.name, display.screen.position, display.screen.rows, view=display.view) for display in hall.displays]
    boards = await hall.boards_together()
    await asyncio.to_thread(all_boards_are_the_fold, hall.fold, [*boards, *shown])


def every_event_has_its_place(export: bytes, sent: Sequence[Sent]) -> None:
    every_acknowledged_event_is_there_once(export, sent)
    numbers_have_no_gap(export, sent)
    every_event_is_what_was_stated(export, sent)
    everything_stated_arrived(export, sent)
    times_are_true_within_their_error(export, sent)


def nobody_complained(hall: Hall) -> None:
    """No display saw a gap, no agent was told that what was acknowledged is gone or refused, no program wrote a traceback."""
    broken = hall.broken_display()
    assert broken is None, broken
    assert not hall.fleet.said(WENT_BACK), f"an agent was told that what was acknowledged is not there\n{hall.fleet.tail()}"
    faulty = [program.name for program in [*hall.servers, hall.fleet] if program.said("Traceback")]
    assert not faulty, f"faults that nobody named: {some(faulty)}\n{hall.tails()}"
    refused = [text for desk in hall.desks for text in desk.ears.refusals]
    assert not refused, f"refused: {some(refused)}"
