"""Blows against displays and their way to the servers."""

from __future__ import annotations

from random import Random

from tests.faults.blow import a_share, all_stale, blow, lead
from tests.faults.hall import Hall


@blow("displays show that they are stale, and go on by cursor when the network is back")
async def displays_cut_off(hall: Hall, dice: Random) -> None:
    cut = dice.sample(hall.displays, max(1, len(hall.displays) // 2))
    await hall.acknowledgements(a_share(hall, dice))
    for display in cut:
        dice.choice((hall.cables[display.name].cut, hall.cables[display.name].jam))()
    await all_stale(hall, cut)
    await hall.acknowledgements(a_share(hall, dice))
    for display in cut:
        hall.cables[display.name].mend()


@blow("displays go from server to server by cursor, also to one that is behind: no gap, no step back", servers_min=2)
async def displays_moved_about(hall: Hall, dice: Random) -> None:
    writer = dice.choice(hall.servers)
    lead(hall, hall.desks, writer)
    for _ in range(6):
        await hall.acknowledgements(max(1, a_share(hall, dice) // 4))
        for display in hall.displays:
            hall.cables[display.name].reset()
    lead(hall, hall.desks, None)
