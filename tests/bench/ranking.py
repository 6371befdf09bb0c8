"""One more event in a large ranking, beside sorting everything anew."""

from __future__ import annotations

import random
import time

from contest_server.core.facts import ContestantId
from contest_server.core.ranking import Key, Ranking, competition_ranks

CONTESTANTS, UPDATES, SORTS = 10_000, 5_000, 20


def _keys(chance: random.Random) -> dict[ContestantId, Key]:
    return {ContestantId(f"c{n}"): (0, -chance.randrange(10**8), chance.randrange(10**7)) for n in range(CONTESTANTS)}


async def ours_us() -> float:
    """µs an update with the new rank."""
    chance = random.Random(7)
    keys, ranking = _keys(chance), Ranking()
    for contestant, key in keys.items():
        ranking.place(contestant, key)
    moves = [(ContestantId(f"c{chance.randrange(CONTESTANTS)}"), (0, -chance.randrange(10**8), 5)) for _ in range(UPDATES)]
    started = time.process_time()
    for contestant, key in moves:
        ranking.place(contestant, key)
        ranking.rank_of(contestant)
    used = time.process_time() - started
    keys.update(moves)
    order = sorted(keys.values())
    assert [ranking.rank_of(contestant) for contestant in ranking] == competition_ranks(order)
    return used / UPDATES * 1e6


async def bare_us() -> float:
    """µs to sort all and number them."""
    keys = list(_keys(random.Random(7)).values())
    started = time.process_time()
    for _ in range(SORTS):
        competition_ranks(sorted(keys))
    return (time.process_time() - started) / SORTS * 1e6
