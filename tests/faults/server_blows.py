"""Blows against servers."""

from __future__ import annotations

import asyncio
from random import Random

from tests.faults.blow import a_share, all_stale, blow
from tests.faults.hall import Hall


@blow("agents and displays go to another server, or wait for this one; nothing that was acknowledged is missing")
async def server_killed(hall: Hall, dice: Random) -> None:
    server = dice.choice(hall.servers)
    await hall.acknowledgements(a_share(hall, dice))
    await server.kill()
    await hall.nothing_acknowledged_is_missing()
    await server.start()


@blow("as with one; displays show that they are stale while no server is there", servers_min=2)
async def all_servers_killed(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    await asyncio.gather(*(server.kill() for server in hall.servers))
    await hall.nothing_acknowledged_is_missing()
    await all_stale(hall, hall.displays)
    await asyncio.gather(*(server.start() for server in hall.servers))


@blow("its displays show that they are stale and go to another server; its agents do so when an answer is overdue", servers_min=2)
async def server_paused(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    server = dice.choice([each for each in hall.servers if hall.displays_at(each)] or hall.servers)
    watching = hall.displays_at(server)
    server.pause()
    try:
        await all_stale(hall, watching)
        await hall.statements(a_share(hall, dice))
    finally:
        server.go_on()


@blow("it answers what it has begun, says goodbye and ends with status 0; whoever was there goes on elsewhere by number or cursor")
async def server_restarted_in_order(hall: Hall, dice: Random) -> None:
    server = dice.choice(hall.servers)
    await hall.acknowledgements(a_share(hall, dice))
    status = await server.stop()
    assert status == 0, f"{server.name} ended with {status}\n{server.tail()}"
    await server.start()
