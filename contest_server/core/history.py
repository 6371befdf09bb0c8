"""The public board at every moment of the past: what the gate let through then, without what was taken back since. Nothing else is kept.

It is told entry by entry, and keeps each row of the public from the position where it came to be what it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from contest_server.core.audience import first_clears_for, frozen_notice, row_for
from contest_server.core.clock import ContestClock
from contest_server.core.contest import Contest
from contest_server.core.facts import ContestantId, ContestId, Entry, Event, Refused, StageId, Veiled
from contest_server.core.ranking import NOT_COMPETING, Ranking, has_rank
from contest_server.core.rows import BoardRow, FirstClears
from contest_server.core.rulebook import Judges
from contest_server.core.saying import Said

ROWS_MAX = 400_000
"""Rows that are kept of one contest's past, at about a kilobyte each."""
MOMENTS_MAX = 50_000

Kind = Literal["clear", "first", "lead"]
Value = TypeVar("Value")


class TooLong(Exception):
    """This contest's past is longer than the server keeps at hand. An export can be replayed instead."""


class Track(Generic[Value]):
    """One value over the positions of the ledger: from each on it is what was put there."""

    __slots__ = ("positions", "values")

    def __init__(self) -> None:
        self.positions: list[int] = []
        self.values: list[Value] = []

    def put(self, position: int, value: Value) -> bool:
        """From this position on; whether that is another value than before."""
        if self.values and self.values[-1] == value:
            return False
        self.positions.append(position)
        self.values.append(value)
        return True

    def at(self, position: int) -> Value | None:
        """The value at this position; None before the first."""
        index = bisect_right(self.positions, position)
        return self.values[index - 1] if index else None

    def forget(self, after: int) -> None:
        """What was put at this position or later was never seen."""
        index = bisect_left(self.positions, after)
        del self.positions[index:], self.values[index:]


@dataclass(frozen=True, slots=True)
class Moment:
    """Something worth going to: a clear, the first of its stage, a new leader."""

    position: int
    at_us: int
    kind: Kind
    contestant: ContestantId
    stage: StageId | None = None
    before: ContestantId | None = None


@dataclass(slots=True)
class About:
    """What is said of the board as a whole."""

    clock: ContestClock
    frozen: dict[str, Any] | None
    final: bool
    definition: int


@dataclass(slots=True)
class Past:
    """The board of the public at one position."""

    position: int
    at_us: int
    rows: dict[ContestantId, BoardRow]
    first: FirstClears
    about: About
    changed: set[ContestantId] = field(default_factory=set)
    """Whose rows are others than at the position that was asked for as the one before."""
    gone: set[ContestantId] = field(default_factory=set)


class History:
    """The past of one contest, as far as it was told."""

    def __init__(self, contest: ContestId, judges: Judges) -> None:
        self._contest = Contest(contest, judges)
        self._rows: dict[ContestantId, Track[BoardRow | None]] = {}
        self._first: Track[FirstClears] = Track()
        self._about: Track[About] = Track()
        self._times: list[int] = []
        """When each position was entered (µs): never earlier than the one before, whatever the clocks of several servers say."""
        self._ranking = Ranking()
        self._leader: ContestantId | None = None
        self._gate = (0, 0)
        self._count = 0
        self.moments: list[Moment] = []

    @property
    def position(self) -> int:
        return self._contest.position

    def take(self, entry: Entry) -> None:
        """Take in the next entry. Raises TooLong."""
        contest = self._contest
        since = self._unveiled_at(entry.fact.contestant) if isinstance(entry.fact, Veiled) else None
        contest.advance(entry)
        touched = contest.settle()
        self._times.append(max(entry.received_us, *self._times[-1:]) if self._times else entry.received_us)
        if isinstance(entry.fact, Veiled) and since is not None:
            self._unsee(entry.fact.contestant, since)
        gate = (contest.frozen.position if contest.frozen else 0, contest.adopted_at)
        if gate != self._gate:
            self._gate = gate
            touched |= {*contest.rows, *self._rows}
        self._see(entry.position, touched)
        self._first.put(entry.position, first_clears_for(contest, "public"))
        if not isinstance(entry.fact, (Event, Refused)):
            self._about.put(entry.position, About(deepcopy(contest.clock), frozen_notice(contest), contest.final, contest.version))
        if self._count > ROWS_MAX:
            raise TooLong(Said("more than {most} changes of rows", most=ROWS_MAX))

    def _see(self, position: int, contestants: set[ContestantId]) -> None:
        """Look at these contestants through the gate."""
        for contestant in sorted(contestants):
            row, track = row_for(self._contest, contestant, "public"), self._rows.setdefault(contestant, Track())
            before = track.values[-1] if track.values else None
            if not track.put(position, row):
                continue
            self._count += 1
            if row is None:
                self._ranking.remove(contestant)
                continue
            self._ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
            self._note_clears(position, contestant, before, row)
        self._note_leader(position)

    def _note_clears(self, position: int, contestant: ContestantId, before: BoardRow | None, row: BoardRow) -> None:
        earlier = {} if before is None else before.row.stages
        for stage, mark in row.row.stages.items():
            old = earlier.get(stage)
            if mark.state == "cleared" and (old is None or old.state != "cleared"):
                self._note(position, "clear", contestant, stage)
            if mark.first and (old is None or not old.first):
                self._note(position, "first", contestant, stage)

    def _note_leader(self, position: int) -> None:
        """The first of the ranking who has something, and competes."""
        first = next(iter(self._ranking.top(1)), None)
        row = None if first is None else self._last(first)
        is_leading = row is not None and row.row.cleared > 0 and row.row.status not in (*NOT_COMPETING, "guest")
        if is_leading and first is not None and first != self._leader:
            self._note(position, "lead", first, None, self._leader)
            self._leader = first

    def _note(
        self, position: int, kind: Kind, contestant: ContestantId, stage: StageId | None = None, before: ContestantId | None = None
    ) -> None:
        if len(self.moments) < MOMENTS_MAX:
            self.moments.append(Moment(position, self._times[-1], kind, contestant, stage, before))

    def _last(self, contestant: ContestantId) -> BoardRow | None:
        return self._rows[contestant].values[-1]

    def _unveiled_at(self, contestant: ContestantId) -> int | None:
        """The position at which this contestant was unveiled; None where that did not happen."""
        fact = self._contest.unveiled.get(contestant)
        return None if fact is None else next(e.position for e in reversed(self._contest.milestones) if e.fact is fact)

    def _unsee(self, contestant: ContestantId, since: int) -> None:
        """A step of the reveal was taken back: what it showed is shown to nobody again."""
        track = self._rows[contestant]
        self._count -= len(track.positions)
        track.forget(since)
        self._count += len(track.positions)
        row = track.values[-1] if track.values else None
        if row is not None:
            self._ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
        self._first.forget(since)
        self._about.forget(since)
        self.moments = [each for each in self.moments if each.position < since or contestant not in (each.contestant, each.before)]
        self._leader = next((each.contestant for each in reversed(self.moments) if each.kind == "lead"), None)

    # ---- looking back --------------------------------------------------------------------------------------------------------------

    def position_at(self, at_us: int) -> int:
        """The last position that was entered by this time; 0 before the first."""
        return bisect_right(self._times, at_us)

    def time_of(self, position: int) -> int:
        """When this position was entered (µs)."""
        return self._times[min(max(position, 1), len(self._times)) - 1] if self._times else 0

    def past(self, position: int, after: int | None = None) -> Past | None:
        """The board at this position; None before there was one. With `after`: also which rows are others than at that position."""
        about = self._about.at(position)
        if about is None:
            return None
        found = Past(position, self.time_of(position), dict(self._rows_at(position)), self._first.at(position) or {}, about)
        if after is not None:
            before = dict(self._rows_at(after))
            found.changed = {who for who, row in found.rows.items() if before.get(who) is not row}
            found.gone = {who for who in before if who not in found.rows}
        return found

    def _rows_at(self, position: int) -> Iterator[tuple[ContestantId, BoardRow]]:
        for contestant, track in self._rows.items():
            row = track.at(position)
            if row is not None:
                yield contestant, row
