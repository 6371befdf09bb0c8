"""The contest's clock: from UTC microseconds to milliseconds of contest time. Pauses do not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Literal, Protocol

from msgspec import Struct

from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import Clock, Event
from contest_server.core.times import us_of

OFFSET_STEP_US = 100_000
"""Corrections are made in steps of 100 ms: a measured offset is never more certain than that over a public network, and the
same clock measured twice gives the same correction."""

Interval = tuple[int, int | None]
"""From when until when, in UTC microseconds; None: nobody knows yet, so until now."""
Phase = Literal["before", "running", "paused", "ended"]


@dataclass(slots=True)
class ContestClock:
    """When the contest started, was paused and ended, as the ledger says."""

    start_us: int | None = None
    planned_ms: int | None = None
    extended_ms: int = 0
    ended_us: int | None = None
    pauses: list[Interval] = field(default_factory=list)
    removed: Sequence[tuple[int, int]] = ()
    """Intervals that are no contest time for anybody, by a ruling (E2)."""
    started_by_hand: bool = False

    def plan(self, starts: datetime | None, minutes: int | None) -> None:
        """Take start and length from a definition; a start that an official gave stays."""
        if not self.started_by_hand:
            self.start_us = None if starts is None else us_of(starts)
        self.planned_ms = None if minutes is None else minutes * 60_000

    def copy(self) -> ContestClock:
        """One that moves by itself."""
        return replace(self, pauses=self.pauses.copy())

    @property
    def duration_ms(self) -> int | None:
        """The length as planned and extended; None where the contest ends by hand."""
        return None if self.planned_ms is None else max(0, self.planned_ms + self.extended_ms)

    @property
    def end_ms(self) -> int | None:
        """Contest time of the end, as planned or by hand, whichever was first; None where nobody knows it yet."""
        by_hand = None if self.ended_us is None else self.contest_ms(self.ended_us)
        return min((end_ms for end_ms in (self.duration_ms, by_hand) if end_ms is not None), default=None)

    def apply(self, fact: Clock) -> int | None:
        """Take it in. Returns the moment (UTC, µs) up to which contest time is what it was before; None: everywhere."""
        match fact.action:
            case "start":
                self.start_us, self.ended_us, self.started_by_hand = fact.at_us, None, True
                return -1
            case "pause" if not self.paused:
                self.pauses.append((fact.at_us, None))
                return fact.at_us
            case "resume" if self.paused:
                self.pauses[-1] = (self.pauses[-1][0], until_us := max(fact.at_us, self.pauses[-1][0]))
                return until_us
            case "extend":
                self.extended_ms += fact.by_ms
            case "end":
                self.ended_us = fact.at_us
        return None

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1][1] is None

    def contest_ms(self, at_us: int, removed: Sequence[Interval] = ()) -> int:
        """Contest time at `at_us`: whole milliseconds since the start without pauses and removed intervals (`removed`: further ones, of a
        venue or a contestant); negative before the start, 0 if there is none.
        """
        if self.start_us is None:
            return 0
        if not (self.pauses or self.removed or removed):
            return (at_us - self.start_us) // 1000
        return (at_us - self.start_us - self._removed_us(self.start_us, at_us, removed)) // 1000

    def _removed_us(self, start_us: int, at_us: int, removed: Sequence[Interval]) -> int:
        """What is taken away between the start and `at_us`; where intervals overlap (orders may be backdated), it is taken once."""
        removed_us, until_us = 0, start_us
        away: list[Interval] = [*self.pauses, *self.removed, *removed]
        for begin_us, end_us in sorted(away, key=itemgetter(0)):
            stop_us = at_us if end_us is None else min(at_us, end_us)
            removed_us += max(0, stop_us - max(begin_us, until_us))
            until_us = max(until_us, stop_us)
        return removed_us

    def phase(self, now_us: int) -> Phase:
        if self.start_us is None or now_us < self.start_us:
            return "before"
        if self.ended_us is not None and now_us >= self.ended_us:
            return "ended"
        if self.duration_ms is not None and self.contest_ms(now_us) >= self.duration_ms:
            return "ended"
        return "paused" if self.paused else "running"

    def elapsed_ms(self, now_us: int) -> int:
        """What the contest's clock shows: never negative, never beyond the end."""
        until = now_us if self.ended_us is None else min(now_us, self.ended_us)
        elapsed = max(0, self.contest_ms(until))
        return elapsed if self.duration_ms is None else min(elapsed, self.duration_ms)


class ContestTime(Protocol):
    """What turns a moment into contest time: the contest's clock, or one contestant's own."""

    def contest_ms(self, at_us: int, /) -> int: ...


class OwnClock(Struct, frozen=True, gc=False):
    """The contest's clock as one contestant lives it: without the intervals that were removed for them or their venue, and while their own
    clock was stopped.
    """

    base: ContestClock
    removed: tuple[Interval, ...] = ()

    def contest_ms(self, at_us: int) -> int:
        return self.base.contest_ms(at_us, self.removed)


def corrected_us(event: Event, policy: ClockPolicy) -> int:
    """When the event happened by the server's clock. Only a clock that is surely outside the policy is corrected, in whole steps."""
    if event.offset_us is None or not policy.correct or not clock_is_off(event, policy):
        return event.at_us
    return event.at_us - round(event.offset_us / OFFSET_STEP_US) * OFFSET_STEP_US


def latest_us(event: Event) -> int:
    """No policy makes the event later than that."""
    return event.at_us if event.offset_us is None else event.at_us + abs(event.offset_us) + OFFSET_STEP_US


def clock_is_off(event: Event, policy: ClockPolicy) -> bool:
    """Whether the device's offset is beyond the policy even after its measuring error is taken off."""
    if event.offset_us is None:
        return False
    return abs(event.offset_us) - (event.error_us or 0) > policy.max_offset_ms * 1000
