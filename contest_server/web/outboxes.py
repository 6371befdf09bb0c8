"""How many events each device still holds, as it said last, also while it is away: that is when somebody asks. Refuses to grow for ever."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from contest_server.core.contest import Contest
from contest_server.core.ids import ContestId, SourceId

DEVICES_MAX = 10_000
"""Beyond it the device that said something longest ago is forgotten."""


class Holding(NamedTuple):
    """The number of the last event of a device, which it holds or has sent, and when it said so."""

    last: int
    told_us: int


class Outboxes:
    """Kept as the number of the last event that a device holds: every server sees how far the ledger has come towards it."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[ContestId, SourceId], Holding] = OrderedDict()

    def tell(self, contest: Contest, source: SourceId, waiting: int, told_us: int) -> None:
        """The device says that so many of its events are not acknowledged yet. That it holds none is news, too, where another server heard
        something else of it before.
        """
        key = contest.id, source
        self._last.pop(key, None)
        self._last[key] = Holding(_last_seq(contest, source) + waiting, told_us)
        if len(self._last) > DEVICES_MAX:
            self._last.popitem(last=False)

    def held(self) -> dict[ContestId, dict[SourceId, Holding]]:
        """What each device said last, by contest."""
        found: dict[ContestId, dict[SourceId, Holding]] = {}
        for (contest, source), holding in self._last.items():
            found.setdefault(contest, {})[source] = holding
        return found


def missing(contest: Contest, source: SourceId, last: int) -> int:
    """How many events of a device have not arrived, if it holds them up to the number `last`."""
    return max(0, last - _last_seq(contest, source))


def _last_seq(contest: Contest, source: SourceId) -> int:
    state = contest.sources.get(source)
    return state.last_seq if state is not None else 0
