"""A run: blow after blow on one hall, and after each everything that has to hold."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.beside import beside
from tests.faults.blow import Blow
from tests.faults.hall import Hall
from tests.faults.laws import check


@dataclass(frozen=True)
class Survived:
    """One blow that did no harm: how much there was of what, and how long it took to be well again after it was over."""

    name: str
    events: int
    position: int
    stale_spells: int
    recovered_s: float


async def strike(hall: Hall, blow: Blow, dice: Random) -> Survived:
    """The blow while all desks speak; then everything settles, and every law is held against it. Raises AssertionError."""
    spells = sum(display.spells for display in hall.displays)
    now_s = asyncio.get_running_loop().time
    async with beside(*_all_speak(hall, enough := asyncio.Event())) as speaking:
        await blow.happen(hall, dice)
        enough.set()
        over_s = now_s()
        await asyncio.wait(speaking)
    await hall.settle()
    recovered_s = now_s() - over_s
    await check(hall)
    return Survived(blow.name, hall.acknowledged, hall.fold.position, sum(d.spells for d in hall.displays) - spells, recovered_s)


def _all_speak(hall: Hall, enough: asyncio.Event) -> list[Coroutine[Any, Any, None]]:
    plan = hall.plan
    for desk in hall.desks:
        desk.has_said_all = False
    return [desk.speak(enough, plan.events_min, plan.events_max, plan.pause_s) for desk in hall.desks]
