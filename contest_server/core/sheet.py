"""One contestant's contest: the results that their dossier leads to, always derived from all events of a stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal

from contest_server.core.acts import Penalise, Ruled
from contest_server.core.asking import Line
from contest_server.core.attempts import attempts_of
from contest_server.core.bench import Bench
from contest_server.core.cells import gravest
from contest_server.core.dossier import Dossier
from contest_server.core.facts import AttemptId, ContestantId, StageId, Status, VenueId
from contest_server.core.flags import Flag, flag_of
from contest_server.core.gates import ask_gates
from contest_server.core.judging import CellResult, Cleared, ContestantRecord, Opinion, Total
from contest_server.core.outside import RULE as OUTSIDE
from contest_server.core.outside import outside
from contest_server.core.overruling import NO_ORDERS
from contest_server.core.rows import BoardRow, Row, StageMark, mark_of, plain_decimal
from contest_server.core.scoring import JudgedCell, judge_cell, result_of
from contest_server.core.tally import Tally, moved, tally_of
from contest_server.core.tie_chain import Measured
from contest_server.core.totalling import doubts_of, record_of, total_of, total_of_tally, with_awards


class Sheet(Dossier):
    """The cells of one contestant, and their row. `base` is what was judged, `cells` what the gates let count."""

    __slots__ = ("_flags", "_last", "_marks", "_shuffled", "_stale", "base", "cells", "first", "released", "tally")

    def __init__(self, contestant: ContestantId, venue: VenueId | None, guest: bool) -> None:
        super().__init__(contestant, venue, guest)
        self.base: dict[StageId, CellResult] = {}
        self.cells: dict[StageId, CellResult] = {}
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

    def stand(self, status: Status | None) -> None:
        """Take a status that an official set. All cells count as changed: whether they compete for first clears may have changed."""
        if self.standing != status:
            super().stand(status)
            self.cells = {}

    def judge(self, stage: StageId, bench: Bench) -> JudgedCell:
        """Judge one stage from its events and as officials ruled, without the gates."""
        return judge_cell(self.contestant, *self.matter(stage, bench))

    def _judged(self, stage: StageId, bench: Bench) -> CellResult:
        """The result of `judge`, without its lines; and whether it counts whatever the gates say."""
        rules = bench.book.stages[stage]
        if self.violated or rules.marked or bench.office.rulings.filed or bench.scope is not None:
            return self._judged_as_ruled(stage, bench)
        if self.released:
            self.released.discard(stage)  # nothing is ordered here, and nobody has a clock of their own
        return result_of(self.contestant, attempts_of(self.entries[stage], bench.clock, bench.policy), (), rules)

    def _judged_as_ruled(self, stage: StageId, bench: Bench) -> CellResult:
        matter = self.matter(stage, bench)
        result, orders = result_of(self.contestant, *matter), matter[-1]
        self.released.discard(stage)
        if orders is not NO_ORDERS and result.deciding is not None and orders.lets_count(result.deciding.id):
            self.released.add(stage)
        return result

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
            moved = self._ask_gates(bench)
        else:
            self._exchange(changed, bench)
            moved = changed.keys()
        self._classify(moved)
        return moved

    def _classify(self, moved: Set[StageId]) -> None:
        """Take the status that rules give for the cells, of which these are others than before."""
        if self.classed is None:
            for stage in moved:
                if self.cells[stage].status is not None:
                    break
            else:
                return
        self.classed = gravest(cell.status for cell in self.cells.values())
        self._state_status()

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
        record = self.record(bench, awards) if awards else None
        if record is not None:
            measured = record
        total = self._short_total(self.tally if record is None else record.tally, bench)
        if total is None:
            measured = record = record or self._plain_record(bench)
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

    def _short_total(self, tally: Tally, bench: Bench) -> Total | None:
        """The total without its steps, where it follows from what the cells add up to alone."""
        if bench.office.rulings.filed and self.charges(bench):
            return None
        return total_of_tally(tally, bench.book)

    def total(self, record: ContestantRecord, bench: Bench) -> tuple[Total, Opinion | None]:
        """Points and time of the whole contest, and the question of a rule that failed."""
        return total_of(record, bench.book, self.charges(bench))

    def charges(self, bench: Bench) -> list[Ruled]:
        """What rulings take or give in the whole contest."""
        rulings = bench.office.rulings
        return [each for each in rulings.on(self.contestant, None) if isinstance(each.action, Penalise)] if rulings.filed else []

    def record(self, bench: Bench, awards: Mapping[StageId, Decimal]) -> ContestantRecord:
        """The cells with what the rest of the field adds."""
        return record_of(self.contestant, self.venue, with_awards(self.cells, awards), bench.book)

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
            sheaves = [(attempt, sheaf, sheaf.question()) for attempt, sheaf in self.sheaves(stage, bench)]
            missing = {(attempt.id, f"aspect {sheaf.aspect.id}") for attempt, sheaf, question in sheaves if question is not None}
            yield from self._ask_of_lines(stage, judged, gates.get(stage, []), missing)
            for attempt, rule, opinion in doubts_of(record, judged.view.attempts, bench.book):
                yield flag_of(opinion, rule.name, self.contestant, stage, f"attempt {attempt.id}", attempt.events)
            for attempt, told in outside(judged.view.counted, self.entries[stage], bench):
                yield flag_of(told, OUTSIDE, self.contestant, stage, f"attempt {attempt.id}", attempt.events)
            for attempt, _, question in sheaves:
                if question is not None:
                    yield flag_of(question, "marks", self.contestant, stage, f"attempt {attempt.id}", attempt.events)
        _, failure = self.total(record, bench)
        if failure is not None:
            yield flag_of(failure, bench.book.total.name, self.contestant, None, "total")

    def _ask_of_lines(
        self, stage: StageId, judged: JudgedCell, gates: Sequence[Line], missing: Set[tuple[AttemptId, str]]
    ) -> Iterator[Flag]:
        """What the lines of a stage ask. That marks of an aspect are `missing` is asked once, as that, and not as missing evidence."""
        own, counts = {f"attempt {each.id}": each.events for each in judged.view.attempts}, judged.view.deciding
        for line in (*judged.lines, *gates):
            events = own.get(line.subject, () if counts is None else counts.events)
            is_missing = counts is not None and (counts.id, line.subject) in missing
            for opinion in line.opinions:
                if not (is_missing and opinion.code == "not_judged"):
                    yield flag_of(opinion, line.rule, self.contestant, stage, line.subject, events)
