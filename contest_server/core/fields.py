"""A stage across all contestants: who cleared it when, who is still unjudged, and what being early brings."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from contest_server.core.asking import ask
from contest_server.core.conditions import Skipped
from contest_server.core.definition import AspectDef
from contest_server.core.facts import ContestantId
from contest_server.core.judging import ZERO, CellResult, Doubt, Field, Opinion
from contest_server.core.rulebook import Rule, StageRules
from contest_server.core.saying import Said


class Times:
    """One time for each contestant, kept in order."""

    __slots__ = ("order",)

    def __init__(self) -> None:
        self.order: list[tuple[int, ContestantId]] = []

    def move(self, contestant: ContestantId, before_ms: int | None, time_ms: int | None) -> bool:
        """Let a contestant's time be another than before (None: none). True if that may change which is the earliest, or whose it is."""
        if before_ms == time_ms:
            return False
        order = self.order
        if before_ms is None and order and order[-1][0] < time_ms:  # type: ignore[operator] # most come in order of time
            order.append((time_ms, contestant))  # type: ignore[arg-type]
            return False
        earliest_ms = order[0][0] if order else None
        if before_ms is not None:
            del order[bisect_left(order, (before_ms, contestant))]
        if time_ms is not None:
            insort(order, (time_ms, contestant))
        return earliest_ms is None or before_ms == earliest_ms or (time_ms is not None and time_ms <= earliest_ms)

    @property
    def earliest(self) -> int | None:
        return self.order[0][0] if self.order else None


Answer = Mapping[ContestantId, Any] | Opinion | Skipped


class StageField:
    """The standing of one stage. First clears and awards hold only what no unjudged earlier attempt can take back.

    `awards` are what the field adds to each contestant's marks: aspects that compare, and bonuses.
    """

    __slots__ = ("_cells", "_pending", "_pending_ms", "awarding", "awards", "clears", "failures", "first", "rules")

    def __init__(self, rules: StageRules) -> None:
        self.rules = rules
        self.awarding = bool(rules.awards or rules.compared)
        """Whether a rule adds marks that depend on the field."""
        self.clears = Times()
        self._pending = Times()
        self._pending_ms: dict[ContestantId, int] = {}
        self._cells: dict[ContestantId, CellResult] = {}
        self.first: frozenset[ContestantId] = frozenset()
        self.awards: Mapping[ContestantId, Decimal] = {}
        self.failures: list[tuple[Rule, Opinion]] = []

    def put(self, contestant: ContestantId, cell: CellResult | None) -> bool:
        """Take in a contestant's new result (None: does not compete). True if the standing may have changed."""
        done, before = cell if cell is not None and cell.state == "cleared" else None, self._cells.get(contestant)
        if done is not None:
            self._cells[contestant] = done
        elif before is not None:
            del self._cells[contestant]
        cleared = self.clears.move(contestant, None if before is None else before.clear_ms, None if done is None else done.clear_ms)
        pending_ms = None if cell is None else cell.pending_ms
        pending = (pending_ms is not None or contestant in self._pending_ms) and self._wait(contestant, pending_ms)
        return cleared or pending or (self.awarding and before != done)

    def _wait(self, contestant: ContestantId, pending_ms: int | None) -> bool:
        """Know since when the contestant waits to be judged. True if that may change who has waited longest."""
        before_ms = self._pending_ms.pop(contestant, None)
        if pending_ms is not None:
            self._pending_ms[contestant] = pending_ms
        return self._pending.move(contestant, before_ms, pending_ms)

    def settle(self) -> set[ContestantId]:
        """Reckon first clears and awards anew; returns whose changed."""
        first = self._first()
        touched = set(first ^ self.first)
        if not self.awarding:
            self.first = first
            return touched
        awards = self._awards()
        touched.update(c for c in {*awards, *self.awards} if awards.get(c, ZERO) != self.awards.get(c, ZERO))
        self.first, self.awards = first, awards
        return touched

    def _first(self) -> frozenset[ContestantId]:
        best, pending = self.clears.earliest, self._pending.earliest
        if best is None or (pending is not None and pending <= best):
            return frozenset()
        end = bisect_left(self.clears.order, (best + 1,))
        return frozenset(contestant for _, contestant in self.clears.order[:end])

    def awarded(self) -> list[tuple[Rule, Answer]]:
        """What each rule awards; its failure as a question."""
        field = self._field()
        return [(rule, self._of_these(rule, ask(rule, "award", field))) for rule in self.rules.awards]

    def compared(self) -> list[tuple[AspectDef, Rule, Answer]]:
        """The scores of each aspect that compares those who cleared the stage; its failure as a question."""
        field = self._field()
        return [
            (aspect, rule, _within(aspect, rule, self._of_these(rule, ask(rule, "compare", field)))) for aspect, rule in self.rules.compared
        ]

    def _of_these(self, rule: Rule, answer: Answer) -> Answer:
        """Marks for somebody who is not among those that were asked about are a failure of the rule."""
        if not isinstance(answer, Mapping) or answer.keys() <= self._cells.keys():
            return answer
        other = min(answer.keys() - self._cells.keys())
        detail = Said("rule {name} gave marks to {contestant:.40}, who did not clear the stage", name=rule.name, contestant=other)
        return Opinion(Doubt.QUESTIONABLE, detail, code="judge_failed")

    def owed(self, contestant: ContestantId, compared: Decimal) -> Decimal:
        """What charges that the other marks did not cover take of the marks of comparing aspects."""
        return min(compared, self._cells[contestant].owed) if contestant in self._cells else ZERO

    def __contains__(self, contestant: ContestantId) -> bool:
        """Whether they cleared the stage, and compete."""
        return contestant in self._cells

    def _ruled(self, aspect: str) -> dict[ContestantId, Decimal]:
        """Whose marks of this aspect rulings set, whatever the rule says."""
        return {who: marks for who, cell in self._cells.items() if cell.ruled for own, marks in cell.ruled if own == aspect}

    def opinions(self) -> Iterator[tuple[Rule, ContestantId | None, Opinion]]:
        """Questions about several contestants. What is only information is said once for the stage, not for each of them."""
        yield from ((rule, None, opinion) for rule, opinion in self.failures)
        field, told = self._field(), set[tuple[str, str]]()
        for aspect, rule, answer in self.compared():
            for contestant, score in _in_order(answer):
                for opinion in score.opinions:
                    if opinion.doubt is not Doubt.INFO:
                        yield rule, contestant, opinion
                    elif (aspect.id, opinion.code) not in told:
                        told.add((aspect.id, opinion.code))
                        yield rule, None, opinion
        for rule in self.rules.questions:
            answer = ask(rule, "question", field)
            if isinstance(answer, Opinion):
                yield rule, None, answer
            for contestant, opinions in _in_order(answer):
                yield from ((rule, contestant, opinion) for opinion in opinions)

    def _field(self) -> Field:
        return Field(self.rules.view, self.clears.order, self._pending.earliest, self._cells)

    def _awards(self) -> Mapping[ContestantId, Decimal]:
        self.failures = []
        totals = self._shares()
        for rule, answer in self.awarded():
            if isinstance(answer, Opinion):
                self.failures.append((rule, answer))
            for contestant, marks in _in_order(answer):
                totals[contestant] = totals.get(contestant, ZERO) + marks
        return totals

    def _shares(self) -> dict[ContestantId, Decimal]:
        """The marks of comparing aspects, less what their contestants still owe."""
        totals: dict[ContestantId, Decimal] = {}
        for aspect, rule, answer in self.compared():
            if isinstance(answer, Opinion):
                self.failures.append((rule, answer))
            marks = {contestant: score.marks or ZERO for contestant, score in _in_order(answer)} | self._ruled(aspect.id)
            for contestant, own in marks.items():
                totals[contestant] = totals.get(contestant, ZERO) + own
        return {contestant: marks - self.owed(contestant, marks) for contestant, marks in totals.items()}


def _in_order(answer: Answer) -> Sequence[tuple[ContestantId, Any]]:
    return sorted(answer.items()) if isinstance(answer, Mapping) else ()


def _within(aspect: AspectDef, rule: Rule, answer: Answer) -> Answer:
    """Marks beyond the aspect's maximum are a failure of the rule, not a score."""
    beyond = [score for _, score in _in_order(answer) if score.marks is not None and score.marks > aspect.max]
    if not beyond:
        return answer
    return Opinion(
        Doubt.QUESTIONABLE,
        Said("rule {name} answered {marks} of {max}", name=rule.name, marks=str(beyond[0].marks), max=str(aspect.max)),
        code="judge_failed",
    )
