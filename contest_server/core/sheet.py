"""One contestant's contest: the events filed by stage, and the results they lead to, always derived from all events of a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal

from msgspec.structs import replace

from contest_server.core.acts import Penalise, Ruled
from contest_server.core.asking import Line
from contest_server.core.attempts import DECISIVE, attempts_of, violations_of
from contest_server.core.bench import Bench
from contest_server.core.clock import OwnClock, corrected_us
from contest_server.core.definition import ClockPolicy
from contest_server.core.facts import AttemptId, ContestantId, Entry, Event, StageId, Status, VenueId
from contest_server.core.flags import Flag, flag_of
from contest_server.core.gates import ask_gates
from contest_server.core.judging import Attempt, CellResult, Cleared, ContestantRecord, Opinion, Total, Violation
from contest_server.core.marks import Sheaf, sheaves_of, with_marks
from contest_server.core.overruling import NO_ORDERS, Orders, orders_of, ruled_attempts
from contest_server.core.ranking import NOT_COMPETING
from contest_server.core.rows import BoardRow, Row, StageMark, mark_of, plain_decimal
from contest_server.core.rulebook import StageRules
from contest_server.core.scoring import JudgedCell, judge_cell, result_of
from contest_server.core.tally import Tally, moved, tally_of
from contest_server.core.tie_chain import Measured
from contest_server.core.totalling import doubts_of, record_of, total_of, total_of_tally


class Sheet:
    """Events of one contestant, and the cells they make."""

    __slots__ = (
        "_flags",
        "_last",
        "_marks",
        "_shuffled",
        "_stale",
        "base",
        "cells",
        "competes",
        "contestant",
        "dirty",
        "entries",
        "first",
        "guest",
        "loose",
        "released",
        "standing",
        "status",
        "tally",
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
        self.violated = False
        """Whether any violation was reported."""
        self.entries: dict[StageId, list[Entry]] = {}
        self.loose: list[Entry] = []
        self.base: dict[StageId, CellResult] = {}
        self.cells: dict[StageId, CellResult] = {}
        self.dirty: dict[StageId, None] = {}
        """Stages that have to be judged again, in the order in which they were touched."""
        self.first: set[StageId] = set()
        """Where they are the first, or among several at the same time."""
        self.released: set[StageId] = set()
        """Stages that count whatever the gates say, because an official reinstated the attempt."""
        self._flags: list[Flag] | None = None
        self._marks: dict[StageId, StageMark] = {}
        self._stale: dict[StageId, None] = {}
        """Stages whose marks are not what they were, in the order in which their cells came to be."""
        self._shuffled = False
        """Whether the marks are in another order than the cells."""
        self._last = -1
        """The index of the last of `cells`."""
        self.tally = Tally()
        """What `cells` add up to."""
        self._state_status()

    def _state_status(self) -> None:
        """The status that follows; and whether first clears and awards are theirs to win: not a guest's, and no longer a disqualified
        contestant's.
        """
        self.status: Status = self.standing or ("withdrawn" if self.withdrawn else "guest" if self.guest else "ok")
        self.competes = self.status not in NOT_COMPETING

    def stand(self, status: Status | None) -> None:
        """Take a status that an official set. All cells count as changed: whether they compete for first clears may have changed."""
        if self.standing != status:
            self.standing = status
            self.cells = {}
            self._state_status()

    def file(self, entry: Entry, event: Event) -> None:
        """Put an event where it belongs."""
        kind, stage = event.kind, event.stage
        if kind == "note":
            return
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

    def clock(self, bench: Bench) -> OwnClock:
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

    def judge(self, stage: StageId, bench: Bench) -> JudgedCell:
        """Judge one stage from its events and as officials ruled, without the gates."""
        return judge_cell(self.contestant, *self._brought(stage, bench))

    def _judged(self, stage: StageId, bench: Bench) -> CellResult:
        """The result of `judge`, without its lines; and whether it counts whatever the gates say."""
        rules = bench.book.stages[stage]
        if self.violated or rules.marked or bench.office.rulings.filed or bench.scope is not None:
            return self._judged_as_ruled(stage, bench)
        if self.released:
            self.released.discard(stage)  # nothing is ordered here, and nobody has a clock of their own
        return result_of(self.contestant, attempts_of(self.entries[stage], bench.clock, bench.policy), (), rules)

    def _judged_as_ruled(self, stage: StageId, bench: Bench) -> CellResult:
        matter = self._brought(stage, bench)
        result, orders = result_of(self.contestant, *matter), matter[-1]
        self.released.discard(stage)
        if orders is not NO_ORDERS and result.deciding is not None and orders.lets_count(result.deciding.id):
            self.released.add(stage)
        return result

    def _brought(self, stage: StageId, bench: Bench) -> tuple[Sequence[Attempt], Sequence[Violation], StageRules, Orders]:
        """All that a stage is judged by: attempts as officials ruled, violations, the rules and what was ordered beside."""
        office, policy, clock = bench.office.rulings, bench.policy, self.clock(bench)
        attempts = self.attempts(stage, bench)
        violations = violations_of([*self.loose, *self.entries[stage]], clock, policy) if self.violated else ()
        rulings = office.on(self.contestant, stage) if office.filed else ()
        holds = office.on(None, stage) if office.filed else ()
        if rulings or holds:
            attempts = ruled_attempts(attempts, rulings, holds, clock.contest_ms, self._latest_us(stage, policy))
        rules = bench.rules_for(self.contestant, self.venue, stage, attempts)
        orders = orders_of(attempts, rulings, clock.contest_ms) if rulings else NO_ORDERS
        return attempts, violations, rules, orders

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

    def settle(self, bench: Bench) -> Set[StageId]:
        """Judge what is dirty; returns the stages whose result changed (by a gate, others may change too)."""
        changed: dict[StageId, CellResult | None] = {}
        for stage in self.dirty:
            result, known = self._judged(stage, bench), self.base.get(stage)
            if known is None or known != result:
                self.base[stage] = result
                changed[stage] = known
        self.dirty.clear()
        self._flags = None
        if not self.cells or bench.book.gated:
            return self._ask_gates(bench)
        self._exchange(changed, bench)
        return changed.keys()

    def _exchange(self, changed: Mapping[StageId, CellResult | None], bench: Bench) -> None:
        """Let cells be what was judged (`changed`: what they were before), where no gate has a say in them."""
        cells, tally, misplaced = self.cells, self.tally, False
        for stage, known in changed.items():
            result = self.base[stage]
            if known is None:
                last, self._last = self._last, result.stage.index
                misplaced = misplaced or last > self._last
            cells[stage] = result
            tally = moved(tally, known, result, cells)
            self._stale[stage] = None
        if misplaced:
            self._order(bench)
        self.tally = tally if tally.exact else tally_of(self.cells.values())

    def _ask_gates(self, bench: Bench) -> Set[StageId]:
        """Make all cells anew; returns which are not what they were."""
        before = self.cells
        self.cells, _ = ask_gates(self.contestant, self.venue, self.base, bench.book, self.released)
        self._order(bench)
        self.tally = tally_of(self.cells.values())
        changed = {stage: None for stage, cell in self.cells.items() if (known := before.get(stage)) is not cell and known != cell}
        self._stale.update(changed)
        return changed.keys()

    def _order(self, bench: Bench) -> None:
        """Keep the cells in the order of the stages, whichever was begun first."""
        indexes = [cell.stage.index for cell in self.cells.values()]
        self._last = max(indexes, default=-1)
        if indexes != sorted(indexes):
            self.cells, self._shuffled = {stage: self.cells[stage] for stage in bench.book.stages if stage in self.cells}, True

    def lead(self, stage: StageId, first: bool) -> None:
        """Know whether the contestant is the first at a stage; what the field adds to its marks may be something else now, too."""
        self._stale[stage] = None
        if first:
            self.first.add(stage)
        else:
            self.first.discard(stage)

    def row(self, bench: Bench, awards: Mapping[StageId, Decimal]) -> BoardRow:
        """The row for the board, with what the rest of the field adds (`awards`, of which none is 0)."""
        measured: Measured = self
        total = None if awards else self._plain_total(bench)
        if total is None:
            measured = record = self.record(bench, awards) if awards else self._plain_record(bench)
            total, _ = self.total(record, bench)
        row = Row(
            self.contestant,
            bench.book.key_of(self.status, total, measured),
            plain_decimal(total.points),
            self.tally.cleared,
            total.time_ms,
            self._marks_of(measured.cells),
            self.status,
        )
        return BoardRow(row, self.venue, total.points)

    def _plain_total(self, bench: Bench) -> Total | None:
        """The total without its steps, where it follows from what the cells add up to alone."""
        if bench.office.rulings.filed and self.charges(bench):
            return None
        return total_of_tally(self.tally, bench.book)

    def total(self, record: ContestantRecord, bench: Bench) -> tuple[Total, Opinion | None]:
        """Points and time of the whole contest, and the question of a rule that failed."""
        return total_of(record, bench.book, self.charges(bench))

    def charges(self, bench: Bench) -> list[Ruled]:
        """What rulings take or give in the whole contest."""
        rulings = bench.office.rulings
        return [each for each in rulings.on(self.contestant, None) if isinstance(each.action, Penalise)] if rulings.filed else []

    def record(self, bench: Bench, awards: Mapping[StageId, Decimal]) -> ContestantRecord:
        """The cells with what the rest of the field adds."""
        cells: Mapping[StageId, CellResult] = self.cells
        if awards:
            cells = {**cells, **{stage: replace(cells[stage], award=award) for stage, award in awards.items()}}
        return record_of(self.contestant, self.venue, cells, bench.book)

    def _plain_record(self, bench: Bench) -> ContestantRecord:
        """The record where the field adds nothing: the cells as they are, for who looks at them at once and keeps nothing."""
        return ContestantRecord(self.contestant, self.venue, self.cells, Cleared(self.cells.values()), bench.book.views, self.tally)

    def _marks_of(self, cells: Mapping[StageId, CellResult]) -> dict[StageId, StageMark]:
        """The marks of all stages, in their order. Rows that were made before keep theirs: what changes, changes in a copy."""
        if self._stale:
            marks = self._marks.copy()
            for stage in self._stale:
                marks[stage] = mark_of(cells[stage], stage in self.first)
            if self._shuffled:
                marks = {stage: marks[stage] for stage in cells}
            self._marks, self._shuffled = marks, False
            self._stale.clear()
        return self._marks

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

    def explain(self, stage: StageId, bench: Bench) -> tuple[JudgedCell, list[Line]]:
        """The judged cell of a stage with every line of its arithmetic, and what the gates say."""
        _, gates = ask_gates(self.contestant, self.venue, self.base, bench.book, self.released)
        return self.judge(stage, bench), gates.get(stage, [])

    def flags(self, bench: Bench) -> list[Flag]:
        """Every question about this contestant, in the order of the stages. Kept until something of theirs changes."""
        if self._flags is None:
            self._flags = list(self._ask(bench))
        return self._flags

    def _ask(self, bench: Bench) -> Iterator[Flag]:
        _, gates = ask_gates(self.contestant, self.venue, self.base, bench.book, self.released)
        record = record_of(self.contestant, self.venue, self.cells, bench.book)
        for stage in sorted(self.base, key=lambda each: self.base[each].stage.index):
            judged = self.judge(stage, bench)
            for line in (*judged.lines, *gates.get(stage, [])):
                yield from (flag_of(opinion, line.rule, self.contestant, stage, line.subject) for opinion in line.opinions)
            for attempt, rule, opinion in doubts_of(record, judged.view.attempts, bench.book):
                yield flag_of(opinion, rule.name, self.contestant, stage, f"attempt {attempt.id}", attempt.events)
            for attempt, sheaf in self.sheaves(stage, bench):
                if (question := sheaf.question()) is not None:
                    yield flag_of(question, "marks", self.contestant, stage, f"attempt {attempt.id}", attempt.events)
        _, failure = self.total(record, bench)
        if failure is not None:
            yield flag_of(failure, bench.book.total.name, self.contestant, None, "total")
