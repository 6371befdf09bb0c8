"""What a blow is: one kind of harm for a while, at a moment that the dice choose by counting acknowledgements, and then healed.

A blow is a coroutine with the hall and its own dice. When it returns, nothing stands in the way any more; recovering is the hall's affair.
"""

from __future__ import annotations

import resource
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.faults.desks import Desk
from tests.faults.displays import Display
from tests.faults.hall import Hall
from tests.faults.processes import Program, Server

Happen = Callable[[Hall, Random], Awaitable[None]]
FILE_ROOM_BYTES = 8_192
FULL, ROOM = FILE_ROOM_BYTES, resource.RLIM_INFINITY


@dataclass(frozen=True)
class Blow:
    """`kinds` and `servers_min` say what hall it can strike; `expects` what is seen from outside, for the docs."""

    name: str
    happen: Happen
    expects: str
    kinds: tuple[str, ...]
    servers_min: int
    in_world: bool
    """Only in a world of its own (see world.py)."""


BLOWS: dict[str, Blow] = {}


def blow(
    expects: str, *, kinds: tuple[str, ...] = ("sqlite", "postgresql"), servers_min: int = 1, in_world: bool = False
) -> Callable[[Happen], Happen]:
    def add(happen: Happen) -> Happen:
        name = getattr(happen, "__name__", "?").replace("_", " ")
        BLOWS[name] = Blow(name, happen, expects, kinds, servers_min, in_world)
        return happen

    return add


def a_share(hall: Hall, dice: Random) -> int:
    """Some acknowledgements, well within what is stated in one blow."""
    return dice.randint(1, max(2, len(hall.desks) * hall.plan.events_min // 3))


async def all_stale(hall: Hall, displays: list[Display]) -> None:
    """Until each of these has shown that it is stale."""
    before = {display.name: display.spells for display in displays}
    await hall.until(
        lambda: all(display.is_stale or display.spells > before[display.name] for display in displays),
        lambda: f"not stale: {[display.name for display in displays if not display.is_stale]}",
    )


def lead(hall: Hall, desks: list[Desk], server: Server | None) -> None:
    """All these sources to one server, at once; or wherever the dice say again."""
    for desk in desks:
        cable = hall.cables[desk.name]
        cable.only = None if server is None else server.address
        if server is not None:
            cable.reset()


def with_room(program: Program | Server, file_bytes: int) -> None:
    """No file of this program grows beyond so many bytes: what it is like on a full disk, and without being root."""
    _, hard = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (file_bytes, hard))
