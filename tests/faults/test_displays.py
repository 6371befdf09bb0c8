"""The displays of a fault run believe nobody: what does not follow from what they have is their fault to tell."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest

from tests.faults.displays import Display, Patience


def frame(start: int, to: int, epoch: str = "e1") -> str:
    row = {"id": "A1", "key": [to], "points": str(to), "cleared": 0, "time_ms": 0, "stages": {}}
    return json.dumps(
        {"type": "frame", "epoch": epoch, "from": start, "to": to, "total": 1, "state": {"now": ""}, "rows": [row], "gone": []}
    )


@pytest.fixture
async def display() -> Display:
    patience = Patience(stale_after_s=0.01, silent_after_s=1.0)
    return Display("display-1", "all", lambda cursor: cursor, patience, Random(1), asyncio.Event())


async def test_a_display_that_skips_a_frame_has_a_gap(display: Display) -> None:
    display.merge(frame(0, 3))
    display.merge(frame(3, 5))
    with pytest.raises(AssertionError, match="a gap: from 7, painted 5"):
        display.merge(frame(7, 9))


async def test_a_display_does_not_step_back_in_one_ledger(display: Display) -> None:
    display.merge(frame(0, 5))
    with pytest.raises(AssertionError, match="it went back from 5 to 4"):
        display.merge(frame(0, 4))
    display.merge(frame(0, 1, epoch="e2"))
    assert (display.screen.epoch, display.screen.position) == ("e2", 1)


async def test_a_display_that_hears_nothing_is_stale(display: Display) -> None:
    display.hear()
    fresh = not display.is_stale
    await display.went_stale.wait()
    assert (fresh, display.is_stale, display.spells) == (True, True, 1)
