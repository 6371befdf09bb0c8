"""What one contestant's stages are judged by: the events filed, and what officials ruled and marked. It holds no result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contest_server.core.attempts import DECISIVE, attempts_of, decided_us, violations_of
from contest_server.core.bench import Bench
from contest_server.core.clock import OwnClock, corrected_us, latest_us
from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import AttemptId, ContestantId, Entry, Event, StageId, Status, VenueId
from contest_server.core.judging import Attempt, JudgedStatus, Violation
from contest_server.core.marks import Sheaf, sheaves_of, with_marks
from contest_server.core.overruling import NO_ORDERS, Orders, orders_of, ruled_attempts
from contest_server.core.ranking import NOT_COMPETING
from contest_server.core.rulebook import StageRules

Matter = tuple[Sequence[Attempt], Sequence[Violation], StageRules, Orders]
"""All that a stage is judged by: attempts as officials ruled, violations, the rules, and what was ordered beside."""


class Dossier:
    """Events of one contestant by stage, and the status that follows from them and from what officials set."""

    __slots__ = (
        "classed",
        "competes",
        "contestant",
        "dirty",
        "entries",
        "guest",
        "latest_us",
        "loose",
        "standing",
        "status",
        "venue",
        "violated",
        "withdrawn",
    )

    def __init__(self, contestant: ContestantId, venue: VenueId | None, guest: bool) -> None:
        self.contestant = contestant
        self.venue = venue
        self.guest = guest
        self.standing: Status | None = None
        self.withdrawn = False
        self.classed: JudgedStatus | None = None
        """What rules say of the contestant, where nobody else says anything."""
        self.violated = False
        """Whether any violation was reported."""
        self.entries: dict[StageId, list[Entry]] = {}
        self.loose: list[Entry] = []
        """Events without a stage: they are about all."""
        self.latest_us = -1
        """None of all these happened later."""
        self.dirty: dict[StageId, None] = {}
        """Stages that have to be judged again, in the order in which they were touched."""
        self._state_status()

    def _state_status(self) -> None:
        """The status that follows; and whether first clears and awards are theirs to win: not a guest's, and no longer a disqualified
        contestant's. A guest who withdraws stays a guest: an event never changes who competes, nor does a rule.
        """
        self.status: Status = self.standing or ("guest" if self.guest else "withdrawn" if self.withdrawn else self.classed or "ok")
        self.competes = self.status not in NOT_COMPETING

    def stand(self, status: Status | None) -> None:
        """Take a status that an official set; None: none any more."""
        self.standing = status
        self._state_status()

    def file(self, entry: Entry, event: Event) -> None:
        """Put an event where it belongs."""
        kind, stage = event.kind, event.stage
        if kind == "note":
            return
        if (at_us := latest_us(event)) > self.latest_us:
            self.latest_us = at_us
        if kind == "withdraw":
            self.withdrawn = True
            self._state_status()
        elif kind == "violation":
            self.violated = True
        if stage is None:
            self.loose.append(entry)
            self.touch(*self.entries)
            return
        known = self.entries.get(stage)
        if known is None:
            self.entries[stage] = [entry]
        else:
            known.append(entry)
        self.dirty[stage] = None

    def touch(self, *stages: StageId) -> None:
        """Let these be judged again."""
        self.dirty.update(dict.fromkeys(stages))

    def handed_in_after(self, stage: StageId, position: int) -> int:
        """How many attempts at this stage were handed in after that position, and not before as well."""
        entries = self.entries.get(stage)
        if not entries or entries[-1].position <= position:
            return 0
        before: set[AttemptId] = set()
        after: set[AttemptId] = set()
        for entry in entries:
            event = entry.fact
            assert isinstance(event, Event)
            if event.kind in DECISIVE and event.attempt is not None:
                (before if entry.position <= position else after).add(event.attempt)
        return len(after - before)

    def clock(self, bench: Bench) -> OwnClock:
        """The contest's clock without the intervals that officials removed for this contestant."""
        return OwnClock(bench.clock, bench.office.removed_for(self.contestant, self.venue))

    def attempts(self, stage: StageId, bench: Bench) -> list[Attempt]:
        """The attempts at a stage as the devices and the referees' marks tell them."""
        attempts = attempts_of(self.entries[stage], self.clock(bench), bench.policy)
        rules = bench.book.stages[stage]
        if not rules.marked:
            return attempts
        marks = bench.office.marks_of(self.contestant, stage)
        aspects = rules.definition.aspects
        return [with_marks(each, rules.marked, sheaves_of(aspects, each.id, marks)) for each in attempts]

    def sheaves(self, stage: StageId, bench: Bench) -> Iterator[tuple[Attempt, Sheaf]]:
        """The referees' marks on each attempt at a stage, complete or not."""
        rules = bench.book.stages[stage]
        if rules.marked:
            marks = bench.office.marks_of(self.contestant, stage)
            for attempt in attempts_of(self.entries[stage], self.clock(bench), bench.policy):
                yield from ((attempt, sheaf) for sheaf in sheaves_of(rules.definition.aspects, attempt.id, marks))

    def matter(self, stage: StageId, bench: Bench) -> Matter:
        """What the stage is judged by now, without the gates."""
        office, policy, clock = bench.office.rulings, bench.policy, self.clock(bench)
        attempts = self.attempts(stage, bench)
        violations = violations_of([*self.loose, *self.entries[stage]], clock, policy) if self.violated else ()
        rulings = office.on(self.contestant, stage) if office.filed else ()
        holds = office.on(None, stage) if office.filed else ()
        decided = self.decided_us(stage, bench) if rulings or holds or bench.is_timed else {}
        if rulings or holds:
            attempts = ruled_attempts(attempts, rulings, holds, decided, self._latest_us(stage, policy))
        rules = bench.rules_for(self.contestant, self.venue, stage, attempts, decided)
        orders = orders_of(attempts, rulings, decided) if rulings else NO_ORDERS
        return attempts, violations, rules, orders

    def decided_us(self, stage: StageId, bench: Bench) -> dict[AttemptId, int]:
        """When each attempt at a stage was decided: the (corrected) moment itself, in µs."""
        return decided_us(self.entries[stage], self.clock(bench), bench.policy)

    def _latest_us(self, stage: StageId, policy: ClockPolicy) -> dict[AttemptId, int]:
        """When the last event of each attempt happened."""
        latest: dict[AttemptId, int] = {}
        for entry in self.entries[stage]:
            event = entry.fact
            assert isinstance(event, Event)
            if event.attempt is not None:
                at_us = corrected_us(event, policy)
                latest[event.attempt] = max(at_us, latest.get(event.attempt, at_us))
        return latest
