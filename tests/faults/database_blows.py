"""Blows against the database, its disk and the way to it."""

from __future__ import annotations

import asyncio
from random import Random

from tests.faults.blow import FULL, ROOM, a_share, all_stale, blow, with_room
from tests.faults.cable import Weather
from tests.faults.databases import Postgres, SqliteFile
from tests.faults.hall import Hall

SLOW_DISK = Weather(0.005, 0.06)


@blow("commits wait; displays show that they are stale, because servers whose ledger owes them an answer beat no more", kinds=("sqlite",))
async def database_held_by_another(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, SqliteFile)
    await hall.acknowledgements(a_share(hall, dice))
    async with hall.database.held():
        await all_stale(hall, hall.displays)
        await asyncio.sleep(hall.plan.gone_s)


@blow("the desk ends with what is wrong, displays are told to come back and show that they are stale; it is opened anew", kinds=("sqlite",))
async def database_file_gone(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, SqliteFile)
    await hall.acknowledgements(a_share(hall, dice))
    hall.database.move_away()
    try:
        await all_stale(hall, hall.displays)
        await asyncio.sleep(hall.plan.gone_s)
    finally:
        hall.database.move_back()


@blow("nothing is acknowledged while there is no room; everything is when there is", kinds=("sqlite",))
async def disk_full(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    for server in hall.servers:
        with_room(server, FULL)
    try:
        await all_stale(hall, hall.displays)
    finally:
        for server in hall.servers:
            with_room(server, ROOM)


@blow("commits are slow; so are acknowledgements, and nothing else", kinds=("postgresql",))
async def database_slow(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, Postgres)
    hall.database.cable.weather = SLOW_DISK
    await hall.acknowledgements(a_share(hall, dice) * 2)
    hall.database.cable.mend()


@blow("desks end and are opened anew when it is back; displays show that they are stale", kinds=("postgresql",))
async def database_gone(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, Postgres)
    await hall.acknowledgements(a_share(hall, dice))
    hall.database.cable.cut()
    try:
        await all_stale(hall, hall.displays)
        await asyncio.sleep(hall.plan.gone_s)
    finally:
        hall.database.cable.mend()


@blow(
    "displays show that they are stale; after 20 s desks end; what it had taken without an answer is found there",
    kinds=("postgresql",),
)
async def database_says_nothing(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, Postgres)
    await hall.acknowledgements(a_share(hall, dice))
    hall.database.cable.jam()
    try:
        await all_stale(hall, hall.displays)
        await asyncio.sleep(hall.plan.gone_s)
    finally:
        hall.database.cable.mend()


@blow("as when it is gone; what was acknowledged is in its log and comes back with it", kinds=("postgresql",))
async def database_killed(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, Postgres)
    await hall.acknowledgements(a_share(hall, dice))
    await hall.database.kill()
    await asyncio.sleep(dice.uniform(0, hall.plan.gone_s))
    await hall.database.start()
    await hall.nothing_acknowledged_is_missing()
