"""One contestant's contest: the events filed by stage, and the results they lead to, always derived from all events of a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from contest_server.core.attempts import DECISIVE, attempts_of, violations_of
from contest_server.core.clock import ContestClock
from contest_server.core.facts import AttemptId, ContestantId, Entry, Event, StageId, Status, VenueId
from contest_server.core.judging import ZERO, Attempt, CellResult, ContestantRecord, Opinion
from contest_server.core.ranking import NOT_COMPETING, key_of
from contest_server.core.rows import BoardRow, Row, StageMark, mark_of, plain_decimal
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

    __slots__ = ("_marks", "base", "cells", "contestant", "dirty", "entries", "guest", "loose", "standing", "venue", "withdrawn")

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
        self._marks: dict[StageId, tuple[CellResult, bool, StageMark]] = {}

    @property
    def status(self) -> Status:
        if self.standing is not None:
            return self.standing
        return "withdrawn" if self.withdrawn else "guest" if self.guest else "ok"

    @property
    def competes(self) -> bool:
        """Whether first clears and awards are theirs to win: not a guest's, and no longer a disqualified contestant's."""
        return self.status not in NOT_COMPETING

    def stand(self, status: Status) -> None:
        """Take a status that an official set. All cells count as changed: whether they compete for first clears may have changed."""
        self.standing = status
        self.cells = {}

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
        return {stage for stage, cell in self.cells.items() if (known := before.get(stage)) is not cell and known != cell}

    def row(self, bench: Bench, awards: Mapping[StageId, Decimal], first: set[StageId]) -> BoardRow:
        """The row for the board, with what the rest of the field adds."""
        record = self.record(bench, awards)
        total, _ = total_of(record, bench.book)
        row = Row(
            id=self.contestant,
            key=key_of(self.status, bench.book.links, total, record.cells),
            points=plain_decimal(total.points),
            cleared=sum(1 for cell in record.cells.values() if cell.state == "cleared"),
            time_ms=total.time_ms,
            stages={stage: self._mark(stage, cell, stage in first) for stage, cell in record.cells.items()},
            status=self.status,
        )
        return BoardRow(row, self.venue)

    def record(self, bench: Bench, awards: Mapping[StageId, Decimal]) -> ContestantRecord:
        """The cells with what the rest of the field adds."""
        cells = {stage: _awarded(cell, awards.get(stage, ZERO)) for stage, cell in self.cells.items()}
        return record_of(self.contestant, self.venue, cells, bench.book)

    def _mark(self, stage: StageId, cell: CellResult, first: bool) -> StageMark:
        """The mark of a stage; most stages of a contestant stay as they are from row to row."""
        known = self._marks.get(stage)
        if known is None or known[0] is not cell or known[1] != first:
            known = self._marks[stage] = cell, first, mark_of(cell, first)
        return known[2]

    def handed_in_after(self, stage: StageId, position: int) -> int:
        """How many attempts at this stage were handed in after that position, and not before as well."""
        before: set[AttemptId] = set()
        after: set[AttemptId] = set()
        for entry in self.entries.get(stage, ()):
            event = entry.fact
            assert isinstance(event, Event)
            if event.kind in DECISIVE and event.attempt is not None:
                (before if entry.position <= position else after).add(event.attempt)
        return len(after - before)

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
        _, failure = total_of(record, bench.book)
        if failure is not None:
            found.append(self._flag(None, bench.book.total.name, "total", failure))
        return found

    def _flag(self, stage: StageId | None, rule: str, subject: str, opinion: Opinion, events: Sequence[str] = ()) -> Flag:
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
