"""All blows there are."""

from __future__ import annotations

from tests.faults import database_blows as database_blows
from tests.faults import display_blows as display_blows
from tests.faults import server_blows as server_blows
from tests.faults import venue_blows as venue_blows
from tests.faults import world_blows as world_blows
from tests.faults.blow import BLOWS as BLOWS
from tests.faults.blow import Blow


def blows_for(kind: str, servers: int, *, in_world: bool = False) -> list[Blow]:
    """Those that can strike such a hall; in a world of its own only those that need it."""
    return [each for each in BLOWS.values() if kind in each.kinds and servers >= each.servers_min and each.in_world == in_world]
