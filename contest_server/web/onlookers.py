"""The displays that are connected, for whoever watches over them: how far each is behind. Nothing is counted on the way of a frame."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from contest_server.core.ids import ContestId
from contest_server.live.board import Board

STALE_AFTER_S = 10.0
"""What a page itself calls stale, see docs/protocol.md."""


class Onlooker(Protocol):
    """A display: what it was sent, and what it painted where it says so."""

    @property
    def cursor(self) -> int | None: ...

    @property
    def painted(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Behind:
    """How the displays of one contest are doing."""

    displays: int = 0
    positions_max: int = 0
    stale_s_max: float = 0.0
    stale: int = 0


class Onlookers:
    """All displays, by contest."""

    def __init__(self) -> None:
        self._sessions: defaultdict[ContestId, dict[int, Onlooker]] = defaultdict(dict)

    @contextmanager
    def present(self, contest: ContestId, session: Onlooker) -> Iterator[None]:
        self._sessions[contest][id(session)] = session
        try:
            yield
        finally:
            del self._sessions[contest][id(session)]

    def behind(self, contest: ContestId, board: Board, now_us: int) -> Behind:
        """A display is as stale as the oldest frame that was painted on the board and not yet by it; who never says what it painted, by
        what it was sent."""
        sessions = self._sessions.get(contest, {})
        if not sessions:
            return Behind()
        positions, times = [each[0] for each in board.shown], [each[1] for each in board.shown]
        late_s = [_late_s(session, positions, times, now_us) for session in sessions.values()]
        return Behind(
            len(sessions),
            max(max(0, board.contest.position - _at(session)) for session in sessions.values()),
            max(late_s),
            sum(each > STALE_AFTER_S for each in late_s),
        )


def _at(session: Onlooker) -> int:
    return (session.cursor if session.painted is None else session.painted) or 0


def _late_s(session: Onlooker, positions: Sequence[int], times: Sequence[int], now_us: int) -> float:
    following = bisect_right(positions, _at(session))
    return max(0, now_us - times[following]) / 1e6 if following < len(times) else 0.0
