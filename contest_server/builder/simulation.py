"""A contest that never was: everybody of a draft works through its stages, with plausible work. The same seed makes the same events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from contest_server.builder.gates import Gatekeeper, waits_anywhere
from contest_server.builder.plausible import ATTEMPTS, at_time, evidence_for, mark_of
from contest_server.core.acts import Marked
from contest_server.core.definition import AspectDef, ContestantDef, Definition
from contest_server.core.definition_reading import recused_of
from contest_server.core.facts import AttemptId, ContestantId, Draft, Event, EventKind, OfficialId, SourceId, StageId, VenueId
from contest_server.core.ids import ActId
from contest_server.core.rulebook import Rule, Rulebook, StageRules
from contest_server.core.telling import codes_of
from contest_server.core.times import us_of
from contest_server.demo.dice import Dice

MINUTES = 120
METERS, DESKS = "meters", 2
ARRIVES_MS, LATE_SHARE, LATE_MS = (40, 900), 0.02, (150_000, 420_000)
"""How long an event is usually on its way; how many are much longer, because the network was gone."""
GIVES_UP, FAILS_FIRST, BREACHES = 0.06, 0.3, 0.12
"""Shares: of stages that somebody does not clear, of first attempts that are rejected, of rules that are broken once."""
CLOCK_ERROR_US = 8_000
MARKING_MS = 60_000
"""How long after the work was handed in the officials mark it."""


@dataclass
class Simulation:
    """What venues and officials state: events with the moment of their arrival, and marks. `run` once."""

    book: Rulebook
    seed: int
    events: list[tuple[int, Event]] = field(default_factory=list)
    marks: list[Draft] = field(default_factory=list)

    @property
    def definition(self) -> Definition:
        return self.book.definition

    @cached_property
    def able(self) -> Mapping[str, Collection[str]]:
        """The referees, each with whom they never mark."""
        officials, contestants = self.definition.officials, self.definition.contestants
        return {each.id: recused_of(each, contestants) for each in officials if each.role == "referee"}

    @property
    def start_us(self) -> int:
        assert self.definition.contest.starts is not None, "a simulated contest has a start"
        return us_of(self.definition.contest.starts)

    def run(self) -> list[Draft]:
        """Everybody in turn; then all facts in the order of their arrival."""
        for place, contestant in enumerate(self.definition.contestants):
            self._one(contestant, place)
        return sorted([*self._numbered(), *self.marks], key=lambda each: each.received_us)

    def _one(self, who: ContestantDef, place: int) -> None:
        stages = list(self.book.stages.values())
        room_ms = (self.definition.contest.minutes or MINUTES) * 60_000 // (len(stages) + 1)
        ability = Dice(self.seed, who.id, "ability").between(0.15, 1.0)
        now_ms = Dice(self.seed, who.id, "arrives").ms(1, max(2.0, room_ms / 4_000))
        desk = f"desk-{1 + place % DESKS}"
        gate = Gatekeeper(self.book, who) if waits_anywhere(self.book) else None
        for stage in stages:
            dice = Dice(self.seed, who.id, stage.view.id)
            if gate is not None and not gate.lets_begin(stage, dice):
                continue
            takes_ms = max(2_000, int(usual_ms(stage, room_ms) * dice.between(0.45, 0.95) * (1.25 - 0.45 * ability)))
            told = len(self.events)
            self._stage(_Visit(who, stage, desk, now_ms, takes_ms, ability, dice))
            if gate is not None:
                gate.take(stage, [event for _, event in self.events[told:]])
            now_ms += takes_ms + max(1_000, room_ms // 25)

    def _stage(self, visit: _Visit) -> None:
        """A start, perhaps a rejected attempt and a breach of a rule, and in the end the work, cleared or not."""
        tries = max([ATTEMPTS.get(rule.name, 1) for _, rule in visit.rules.scorers], default=1)
        self._tell(visit, "start", 0)
        for code in visit.breaches():
            self._tell(visit, "violation", visit.takes_ms // 2, data={"code": code})
        failed = 1 if tries == 1 and not visit.rules.marked and visit.dice.chance(FAILS_FIRST * (1.2 - visit.ability)) else 0
        if failed:
            self._tell(visit, "attempt", visit.takes_ms // 3, attempt=1, data={"outcome": "rejected"})
        clears = not visit.dice.chance(GIVES_UP * (1.5 - visit.ability))
        for number in range(1, tries + 1):
            at_ms = visit.takes_ms * number // tries
            data = at_time(visit.evidence(), visit.begins_ms + at_ms)
            kind: EventKind = "clear" if clears else "attempt"
            self._tell(visit, kind, at_ms, failed + number, {**data, **({} if clears else {"outcome": "rejected"})})
        self._mark(visit, failed + tries)

    def _tell(self, visit: _Visit, kind: EventKind, after_ms: int, attempt: int | None = None, data: dict[str, Any] | None = None) -> None:
        at_us = self.start_us + (visit.begins_ms + after_ms) * 1_000
        late = visit.dice.chance(LATE_SHARE)
        on_way_ms = visit.dice.between(*LATE_MS) if late else visit.dice.between(*ARRIVES_MS)
        event = Event(
            source=SourceId(f"{visit.venue}/{visit.desk}"),
            seq=0,
            venue=VenueId(visit.venue),
            kind=kind,
            at_us=at_us,
            contestant=ContestantId(visit.who.id),
            stage=StageId(visit.rules.view.id),
            attempt=None if attempt is None else AttemptId(f"{visit.who.id}-{visit.rules.view.id}-{attempt}"),
            data=data or {},
            offset_us=0,
            error_us=CLOCK_ERROR_US,
        )
        self.events.append((at_us + int(on_way_ms * 1_000), event))

    def _numbered(self) -> Iterator[Draft]:
        """Each source counts its events in the order of its own clock."""
        last: Counter[str] = Counter()
        for received_us, event in sorted(self.events, key=lambda each: (each[1].at_us, str(each[1].contestant), each[1].kind)):
            last[event.source] += 1
            yield Draft(received_us, "simulation", msgspec.structs.replace(event, seq=last[event.source]))

    def _mark(self, visit: _Visit, attempt: int) -> None:
        """What officials give alone: panels, and values that two of them enter."""
        for aspect, rule in visit.rules.scorers:
            for official, value in visit.marks(aspect, rule, self.able):
                at_us = self.start_us + (visit.begins_ms + visit.takes_ms + MARKING_MS) * 1_000 + len(self.marks)
                mark = Marked(
                    id=ActId(f"mark-{len(self.marks) + 1}"),
                    at_us=at_us,
                    official=OfficialId(official),
                    stage=StageId(visit.rules.view.id),
                    aspect=aspect.id,
                    value=value,
                    contestant=ContestantId(visit.who.id),
                    attempt=AttemptId(f"{visit.who.id}-{visit.rules.view.id}-{attempt}"),
                )
                self.marks.append(Draft(at_us, "simulation", mark))


@dataclass(frozen=True, slots=True)
class _Visit:
    """Somebody at a stage: when they begin (ms of contest time), how long they take, how able they are (0 to 1)."""

    who: ContestantDef
    rules: StageRules
    desk: str
    begins_ms: int
    takes_ms: int
    ability: float
    dice: Dice

    @property
    def venue(self) -> str:
        assert self.who.venue is not None, "everybody of a simulation has a venue"
        return self.who.venue

    def evidence(self) -> dict[str, Any]:
        """What is handed in for all aspects, and for what the stage's other rules read."""
        data: dict[str, Any] = {}
        for aspect, rule in (*self.rules.scorers, *self.rules.compared):
            if aspect.id not in self.rules.marked:
                data = {**evidence_for(rule.judge, rule.name, self.dice, self.ability), **data}
        return data

    def breaches(self) -> Iterator[str]:
        for rule in _all_rules(self.rules):
            yield from (code for code in codes_of(rule.judge) if self.dice.chance(BREACHES * (1.3 - self.ability)))

    def marks(self, aspect: AspectDef, rule: Rule, referees: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
        """Who marks the aspect, and how. Nobody marks whom they are recused from (`referees`, by id)."""
        if aspect.id not in self.rules.marked:
            return
        able = [name for name, recused in referees.items() if self.who.id not in recused]
        count = 2 if aspect.double_entry else aspect.panel or 0
        names = able[:count] if referees else [f"R{number}" for number in range(1, count + 1)]
        value = None
        if aspect.double_entry:
            found = evidence_for(rule.judge, rule.name, self.dice, self.ability).get(rule.judge.field)
            value = str(found).lower() if isinstance(found, bool) else str(found)
        for name in names:
            yield name, value if value is not None else mark_of(rule.judge, self.dice, self.ability)


def usual_ms(stage: StageRules, room_ms: int) -> int:
    """How long a stage may take: what there is room for, or what its rules limit, with a little more for whoever is late."""
    limits_s = [getattr(rule.judge, name, None) for rule in _all_rules(stage) for name in ("stage_s", "limit_s", "cap_s")]
    return min([room_ms, *(int(each * 1_050) for each in limits_s if each)])


def _all_rules(stage: StageRules) -> Iterator[Rule]:
    yield from (rule for _, rule in (*stage.scorers, *stage.compared))
    yield from {id(rule): rule for rule in (*stage.gates, *stage.admits, *stage.charges, *stage.awards)}.values()


def simulate(book: Rulebook, seed: int) -> list[Draft]:
    """Every fact after the adoption, in order of arrival."""
    return Simulation(book, seed).run()
