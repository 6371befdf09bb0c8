"""The public board at moments of the past: what the gate let through then, without what was taken back since. Nothing else is kept.

It is told entry by entry, and keeps each row of the public from the position where it came to be what it is. A short contest is kept at
every position. Of a long one it keeps every second position, or every fourth, and so on, and fewer still where everybody's row changes all
the time: so many that the whole of it has its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from contest_server.core.acts import Published
from contest_server.core.audience import first_clears_for, frozen_notice, row_for
from contest_server.core.clock import ContestClock
from contest_server.core.contest import Contest
from contest_server.core.facts import (
    Adopted,
    Clock,
    ContestantId,
    ContestId,
    Entry,
    Finalised,
    Frozen,
    StageId,
    Thawed,
    Unveiled,
    Veiled,
)
from contest_server.core.ranking import NOT_COMPETING, Ranking, has_rank
from contest_server.core.results import SHEETS_A_PIECE
from contest_server.core.rows import BoardRow, FirstClears
from contest_server.core.rulebook import Judges
from contest_server.core.track import Track

KEPT_MAX = 16_384
"""Positions at which the board of one contest is kept, besides the landmarks."""
ROWS_MAX = 200_000
"""Rows that are kept of one contest's past, at about a kilobyte each."""
ROWS_A_STEP = 64
"""Where a look finds so many others than before, twice, three times as many, the next one is after so many steps."""
MOMENTS_MAX = 50_000

LANDMARKS = (Adopted, Clock, Finalised, Frozen, Thawed, Unveiled, Veiled)
"""The board is kept after each of these, however long the contest is: so each step of a reveal is seen again."""

Kind = Literal["clear", "first", "lead"]


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
    rows: dict[ContestantId, BoardRow]
    first: FirstClears
    about: About
    after: int = 0
    """Where this is not 0: `changed` and `gone` are what became of the board of this position."""
    changed: set[ContestantId] = field(default_factory=set)
    """Whose rows are others; everybody's, where `after` is 0."""
    gone: set[ContestantId] = field(default_factory=set)


class History:
    """The past of one contest, as far as it was told. Where many entries (`length`) are known to come, not every position is kept."""

    def __init__(self, contest: ContestId, judges: Judges, length: int = 0, kept_max: int = KEPT_MAX, rows_max: int = ROWS_MAX) -> None:
        self._contest = Contest(contest, judges)
        self._kept_max, self._rows_max = kept_max, rows_max
        self._step = 1
        """Of the positions that are no landmarks, those that it divides are kept."""
        while length > self._step * kept_max:
            self._step *= 2
        self._kept: list[int] = []
        """And the last one that was looked at."""
        self._is_loose = False
        """Whether rows may be kept of positions that were the last one for a while, and are kept no more."""
        self._landmarks: set[int] = set()
        self._look_at = 0
        """Before this position nobody looks again, but at landmarks."""
        self._rows: dict[ContestantId, Track[BoardRow | None]] = {}
        self._first: Track[FirstClears] = Track()
        self._about: Track[About] = Track()
        self._times: list[int] = []
        """When each position was entered (µs): never earlier than the one before, whatever the clocks of several servers say."""
        self._touched: set[ContestantId] = set()
        """Whose rows may be others than when they were looked at."""
        self._ranking = Ranking()
        self._leader: ContestantId | None = None
        self._gate = (0, 0)
        self._count = 0
        self.moments: list[Moment] = []
        self.noted = 0
        """So many moments there are; of clears, not all are kept."""

    @property
    def told(self) -> int:
        """The position of the last entry that was told."""
        return self._contest.position

    @property
    def position(self) -> int:
        """The last position at which the board can be seen."""
        return self._kept[-1] if self._kept else 0

    def take(self, entry: Entry) -> None:
        """Take in the next entry, and let its board be seen."""
        for _ in self.taking(entry):
            pass
        for _ in self.catching_up():
            pass

    # ---- in pieces, between which others may go on, and look back --------------------------------------------------------------

    def taking(self, entry: Entry) -> Iterator[None]:
        """Take in the next entry. It can be seen at the end of this, or of `catching_up`."""
        contest, fact = self._contest, entry.fact
        if isinstance(fact, (*LANDMARKS, Published)):  # some of which make the contest settle at once
            yield from self._settling()
        since = self._unveiled_at(fact.contestant) if isinstance(fact, Veiled) else None
        yield from contest.advancing(entry)
        self._times.append(max(entry.received_us, *self._times[-1:]) if self._times else entry.received_us)
        if isinstance(fact, Veiled) and since is not None:
            self._unsee(fact.contestant, since)
        if isinstance(fact, LANDMARKS):
            self._landmarks.add(entry.position)
            yield from self._looking()
        elif entry.position >= self._look_at and entry.position % self._step == 0:
            before = self._count
            yield from self._looking()
            self._look_at = entry.position + self._step * ((self._count - before) // ROWS_A_STEP)

    def catching_up(self) -> Iterator[None]:
        """Let the board be seen that is there after all that was told."""
        if self.position < self.told:
            yield from self._looking()

    def _settling(self) -> Iterator[None]:
        """Judge what was touched."""
        while self._contest.judge_some(SHEETS_A_PIECE):
            yield
        for contestant in self._contest.settling():
            self._touched.add(contestant)
            yield

    def _looking(self) -> Iterator[None]:
        """Look at the board through the gate, and keep what is another there."""
        yield from self._settling()
        contest, position = self._contest, self.told
        if contest.definition is None:
            return
        gate = (contest.frozen.position if contest.frozen else 0, contest.adopted_at)
        if gate != self._gate:
            self._gate = gate
            self._touched |= {*contest.rows, *self._rows}
        touched, self._touched = self._touched, set()
        for contestant in sorted(touched):
            self._see(position, contestant)
            yield
        self._note_leader(position)
        self._first.put(position, first_clears_for(contest, "public"))
        about = About(contest.clock, frozen_notice(contest), contest.final, contest.version)
        if self._about.last != about:
            self._about.put(position, replace(about, clock=deepcopy(contest.clock)))
        self._keep(position)
        while self._is_full:
            yield from self._thinning()

    def _keep(self, position: int) -> None:
        """From now on this can be seen; the one before it no longer, where it was there as the last one only."""
        if self._kept and not self._is_lasting(self._kept[-1]):
            self._kept.pop()
            self._is_loose = True
        self._kept.append(position)

    def _is_lasting(self, position: int) -> bool:
        return position % self._step == 0 or position in self._landmarks

    @property
    def kept(self) -> Sequence[int]:
        """The positions at which the board can be seen, in order."""
        return self._kept

    @property
    def rows(self) -> int:
        """So many rows are kept."""
        return self._count

    @property
    def _is_full(self) -> bool:
        """Whether too much is kept, and there is something that can be forgotten."""
        is_much = len(self._kept) > self._kept_max + len(self._landmarks) or self._count > self._rows_max
        return is_much and (self._is_loose or self._step < self.told)

    def _thinning(self) -> Iterator[None]:
        """Forget what can be seen nowhere any more; where there is no such thing, keep every second of the positions that are kept now."""
        if not self._is_loose:
            self._step *= 2
        self._is_loose = False
        self._kept = [*filter(self._is_lasting, self._kept[:-1]), self._kept[-1]]
        self._first.thin(self._kept)
        self._about.thin(self._kept)
        for track in self._rows.values():
            self._count -= len(track.positions)
            track.thin(self._kept)
            self._count += len(track.positions)
            yield

    def _see(self, position: int, contestant: ContestantId) -> None:
        """Look at this contestant through the gate."""
        row, track = row_for(self._contest, contestant, "public"), self._rows.setdefault(contestant, Track())
        before = track.last
        if not track.put(position, row):
            return
        self._count += 1
        if row is None:
            self._ranking.remove(contestant)
            return
        self._ranking.place(contestant, row.row.key, ranked=has_rank(row.row.status))
        self._note_clears(position, contestant, before, row)

    # ---- moments -------------------------------------------------------------------------------------------------------------------

    def _note_clears(self, position: int, contestant: ContestantId, before: BoardRow | None, row: BoardRow) -> None:
        earlier = {} if before is None else before.row.stages
        for stage, mark in row.row.stages.items():
            old = earlier.get(stage)
            if old is mark:
                continue
            if mark.state == "cleared" and (old is None or old.state != "cleared"):
                self._note(position, "clear", contestant, stage)
            if mark.first and (old is None or not old.first):
                self._note(position, "first", contestant, stage)

    def _note_leader(self, position: int) -> None:
        """The first of the ranking who has something, and competes."""
        first = next(iter(self._ranking.top(1)), None)
        row = None if first is None else self._rows[first].last
        is_leading = row is not None and row.row.cleared > 0 and row.row.status not in (*NOT_COMPETING, "guest")
        if is_leading and first is not None and first != self._leader:
            self._note(position, "lead", first, None, self._leader)
            self._leader = first

    def _note(
        self, position: int, kind: Kind, contestant: ContestantId, stage: StageId | None = None, before: ContestantId | None = None
    ) -> None:
        self.noted += 1
        if len(self.moments) >= MOMENTS_MAX:
            self.moments = fewer_clears(self.moments, MOMENTS_MAX // 2)
        if len(self.moments) < MOMENTS_MAX:
            self.moments.append(Moment(position, self._times[-1], kind, contestant, stage, before))

    # ---- what was taken back -------------------------------------------------------------------------------------------------------

    def _unveiled_at(self, contestant: ContestantId) -> int | None:
        """The position at which this contestant was unveiled; None where that did not happen."""
        fact = self._contest.unveiled.get(contestant)
        return None if fact is None else next(e.position for e in reversed(self._contest.milestones) if e.fact is fact)

    def _unsee(self, contestant: ContestantId, since: int) -> None:
        """A step of the reveal was taken back: what it showed is shown to nobody again."""
        track = self._rows.setdefault(contestant, Track())
        self._count -= len(track.positions)
        track.forget(since)
        self._count += len(track.positions)
        if track.last is not None:
            self._ranking.place(contestant, track.last.row.key, ranked=has_rank(track.last.row.status))
        self._first.forget(since)
        self._about.forget(since)
        seen = [each for each in self.moments if each.position < since or contestant not in (each.contestant, each.before)]
        self.noted -= len(self.moments) - len(seen)
        self.moments = seen
        self._leader = next((each.contestant for each in reversed(self.moments) if each.kind == "lead"), None)

    # ---- looking back --------------------------------------------------------------------------------------------------------------

    def position_at(self, at_us: int) -> int:
        """The last position that was entered by this time; 0 before the first."""
        return bisect_right(self._times, at_us)

    def time_of(self, position: int) -> int:
        """When this position was entered (µs)."""
        return self._times[min(max(position, 1), len(self._times)) - 1] if self._times else 0

    def past(self, position: int, after: int = 0) -> Past | None:
        """The board at this position, or at the last one before it that is kept; None before there was one. With the position of such a
        board as `after`: also which rows are others than there.
        """
        index = bisect_right(self._kept, position)
        about = self._about.at(self._kept[index - 1]) if index else None
        if about is None:
            return None
        position = self._kept[index - 1]
        found = Past(position, dict(self._rows_at(position)), self._first.at(position) or {}, about)
        if self._is_kept(after):
            before = dict(self._rows_at(after))
            found.after = after
            found.changed = {who for who, row in found.rows.items() if before.get(who) != row}
            found.gone = {who for who in before if who not in found.rows}
        else:
            found.changed = set(found.rows)
        return found

    def _is_kept(self, position: int) -> bool:
        index = bisect_left(self._kept, position)
        return index < len(self._kept) and self._kept[index] == position

    def _rows_at(self, position: int) -> Iterator[tuple[ContestantId, BoardRow]]:
        for contestant, track in self._rows.items():
            row = track.at(position)
            if row is not None:
                yield contestant, row


def fewer_clears(moments: Sequence[Moment], most: int) -> list[Moment]:
    """At most so many of them, in their order: those that are rare, and of the clears every second, every third, and so on."""
    rare = [each for each in moments if each.kind != "clear"][:most]
    clears = [each for each in moments if each.kind == "clear"]
    if len(rare) < most:
        step = max(1, -(-len(clears) // (most - len(rare))))
        rare += clears[::step]
    return sorted(rare, key=lambda each: each.position)
