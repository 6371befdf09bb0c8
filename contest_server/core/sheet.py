"""One contestant's contest: the events filed by stage, and the results they lead to, always derived from all events of a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from contest_server.core.attempts import DECISIVE, attempts_of, outcome_of, violations_of
from contest_server.core.clock import ContestClock
from contest_server.core.facts import AttemptId, ContestantId, Entry, Event, StageId, Status, VenueId
from contest_server.core.judging import ZERO, Attempt, CellResult, Opinion
from contest_server.core.ranking import key_of
from contest_server.core.rows import BoardRow, Row, mark_of, plain_decimal
from contest_server.core.rulebook import Rulebook
from contest_server.core.scoring import JudgedCell, Line, ask_gates, doubts_of, judge_cell, record_of, total_of


@dataclass(frozen=True, slots=True)
class Flag:
    """A question for the referee, with what raised it."""

    code: str
    severity: str
    rule: str
    contestant: ContestantId | None
    stage: StageId | None
    subject: str
    detail: str
    threshold: Any = None
    seen: Any = None
    events: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """What judging needs besides the events: the rules and the clock."""

    book: Rulebook
    clock: ContestClock


SEVERITY = {"info": "info", "questionable": "review", "bad": "block"}


class Sheet:
    """Events of one contestant, and the cells they make."""

    __slots__ = ("base", "cells", "contestant", "dirty", "entries", "guest", "loose", "standing", "venue", "withdrawn")

    def __init__(self, contestant: ContestantId, venue: VenueId | None, guest: bool) -> None:
        self.contestant = contestant
        self.venue = venue
        self.guest = guest
        self.standing: Status | None = None
        self.withdrawn = False
        self.entries: dict[StageId, list[Entry]] = {}
        self.loose: list[Entry] = []
        self.base: dict[StageId, CellResult] = {}
        self.cells: dict[StageId, CellResult] = {}
        self.dirty: set[StageId] = set()

    @property
    def status(self) -> Status:
        if self.standing is not None:
            return self.standing
        return "withdrawn" if self.withdrawn else "guest" if self.guest else "ok"

    def file(self, entry: Entry, event: Event) -> None:
        """Put an event where it belongs."""
        if event.kind == "withdraw":
            self.withdrawn = True
        if event.kind == "note":
            return
        if event.stage is None:
            self.loose.append(entry)
            self.dirty.update(self.entries)
        else:
            self.entries.setdefault(event.stage, []).append(entry)
            self.dirty.add(event.stage)

    def attempts(self, stage: StageId, bench: Bench) -> list[Attempt]:
        return attempts_of(self.entries[stage], bench.clock, bench.book.definition.clock)

    def judge(self, stage: StageId, bench: Bench) -> JudgedCell:
        """Judge one stage from its events, without the gates."""
        policy = bench.book.definition.clock
        violations = violations_of([*self.loose, *self.entries[stage]], bench.clock, policy)
        return judge_cell(self.contestant, self.attempts(stage, bench), violations, bench.book.stages[stage])

    def settle(self, bench: Bench) -> set[StageId]:
        """Judge what is dirty; returns the stages whose result changed (by a gate, others may change too)."""
        for stage in self.dirty:
            self.base[stage] = self.judge(stage, bench).result
        self.dirty.clear()
        before = self.cells
        self.cells, _ = ask_gates(self.contestant, self.venue, self.base, bench.book)
        return {stage for stage, cell in self.cells.items() if before.get(stage) != cell}

    def row(self, bench: Bench, awards: Mapping[StageId, Decimal], first: set[StageId]) -> BoardRow:
        """The row for the board, with what the rest of the field adds."""
        cells = {stage: _awarded(cell, awards.get(stage, ZERO)) for stage, cell in self.cells.items()}
        record = record_of(self.contestant, self.venue, cells, bench.book)
        total = total_of(record, bench.book)
        row = Row(
            id=self.contestant,
            key=key_of(self.status, bench.book.links, total, cells),
            points=plain_decimal(total.points),
            cleared=sum(1 for cell in cells.values() if cell.state == "cleared"),
            time_ms=total.time_ms,
            stages={stage: mark_of(cell, stage in first) for stage, cell in record.cells.items()},
            status=self.status,
        )
        return BoardRow(row, self.venue)

    def unsettled_after(self, stage: StageId, position: int) -> int:
        """How many attempts at this stage the frozen board shows as pending: handed in, and not judged at that position."""
        settled: set[AttemptId] = set()
        handed_in: set[AttemptId] = set()
        for entry in self.entries.get(stage, ()):
            event = entry.fact
            assert isinstance(event, Event)
            if event.kind not in DECISIVE or event.attempt is None:
                continue
            handed_in.add(event.attempt)
            if entry.position <= position:
                (settled.discard if outcome_of(event) == "pending" else settled.add)(event.attempt)
        return len(handed_in - settled)

    def explain(self, stage: StageId, bench: Bench) -> tuple[JudgedCell, list[Line]]:
        """The judged cell of a stage with every line of its arithmetic, and what the gates say."""
        _, gates = ask_gates(self.contestant, self.venue, self.base, bench.book)
        return self.judge(stage, bench), gates.get(stage, [])

    def flags(self, bench: Bench) -> list[Flag]:
        """Every question about this contestant, in the order of the stages."""
        _, gates = ask_gates(self.contestant, self.venue, self.base, bench.book)
        record = record_of(self.contestant, self.venue, self.cells, bench.book)
        found: list[Flag] = []
        for stage in sorted(self.base, key=lambda each: self.base[each].stage.index):
            judged = self.judge(stage, bench)
            for line in (*judged.lines, *gates.get(stage, [])):
                found += [self._flag(stage, line.rule, line.subject, opinion) for opinion in line.opinions]
            for attempt, rule, opinion in doubts_of(record, judged.view.attempts, bench.book):
                found.append(self._flag(stage, rule.name, f"attempt {attempt.id}", opinion, attempt.events))
        return found

    def _flag(self, stage: StageId, rule: str, subject: str, opinion: Opinion, events: Sequence[str] = ()) -> Flag:
        return Flag(
            opinion.code or rule,
            SEVERITY[opinion.doubt.value],
            rule,
            self.contestant,
            stage,
            subject,
            opinion.detail,
            opinion.threshold,
            opinion.seen,
            tuple(events),
        )


def _awarded(cell: CellResult, award: Decimal) -> CellResult:
    return cell if award == ZERO else replace(cell, award=award)
