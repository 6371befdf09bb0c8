"""Blows that only a world of its own allows: the kernel's network goes away or turns bad, a disk is full to the last byte."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from tests.faults import world
from tests.faults.blow import a_share, all_stale, blow
from tests.faults.databases import SqliteFile
from tests.faults.hall import Hall


@blow("packets vanish for everybody, and nobody is told; connections that live go on, the others are made anew", in_world=True)
async def network_gone(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    world.network_is(up=False)
    try:
        await all_stale(hall, hall.displays)
    finally:
        world.network_is(up=True)


@blow("packets come late, in another order or not at all (where the kernel has netem): slower, and nothing else", in_world=True)
async def packets_lost_and_reordered(hall: Hall, dice: Random) -> None:
    await hall.acknowledgements(a_share(hall, dice))
    if await asyncio.to_thread(world.packets_are_bad):
        await hall.acknowledgements(a_share(hall, dice))
        world.packets_are_good()


@blow("nothing is acknowledged while the database's disk has no room; everything is when it has", kinds=("sqlite",), in_world=True)
async def disk_full_to_the_last_byte(hall: Hall, dice: Random) -> None:
    assert isinstance(hall.database, SqliteFile)
    await hall.acknowledgements(a_share(hall, dice))
    with ballast(hall.database.path.parent):
        await all_stale(hall, hall.displays)


@contextmanager
def ballast(disk: Path) -> Iterator[None]:
    """No room on this disk inside the block."""
    file = disk / "ballast"
    try:
        with file.open("wb", buffering=0) as filling:
            for size in (65_536, 4_096):
                with suppress(OSError):  # others fill it up at the same time
                    while filling.write(bytes(size)) == size:
                        pass
        yield
    finally:
        file.unlink()
