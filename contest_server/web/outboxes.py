"""How many events each device still holds, as it said last, also while it is away: that is when somebody asks. Refuses to grow for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from contest_server.core.contest import Contest
from contest_server.core.ids import ContestId, SourceId

DEVICES_MAX = 10_000
"""Beyond it the device that said something longest ago is forgotten."""


class Outboxes:
    """Kept as the number of the last event that a device holds: every server sees how far the ledger has come towards it."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[ContestId, SourceId], int] = OrderedDict()

    def tell(self, contest: Contest, source: SourceId, waiting: int) -> None:
        """The device says that so many of its events are not acknowledged yet."""
        key = contest.id, source
        self._last.pop(key, None)
        if waiting > 0:
            self._last[key] = _last_seq(contest, source) + waiting
            if len(self._last) > DEVICES_MAX:
                self._last.popitem(last=False)

    def of(self, contest: Contest, source: SourceId) -> int:
        """How many of them have not arrived."""
        return missing(contest, source, self._last.get((contest.id, source), 0))

    def held(self) -> dict[ContestId, dict[SourceId, int]]:
        """The number of the last event that each device was said to hold, by contest."""
        found: dict[ContestId, dict[SourceId, int]] = {}
        for (contest, source), last in self._last.items():
            found.setdefault(contest, {})[source] = last
        return found

    def sources(self, contest: Contest) -> Iterator[SourceId]:
        """The devices that said something, and are not known to have sent it all."""
        for each, source in list(self._last):
            if each == contest.id and self.of(contest, source) > 0:
                yield source


def missing(contest: Contest, source: SourceId, last: int) -> int:
    """How many events of a device have not arrived, if it holds them up to the number `last`."""
    return max(0, last - _last_seq(contest, source))


def _last_seq(contest: Contest, source: SourceId) -> int:
    state = contest.sources.get(source)
    return state.last_seq if state is not None else 0
