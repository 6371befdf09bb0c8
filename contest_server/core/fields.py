"""A stage across all contestants: who cleared it when, who is still unjudged, and what being early brings."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from contest_server.core.conditions import Skipped
from contest_server.core.definition import AspectDef
from contest_server.core.facts import ContestantId
from contest_server.core.judging import ZERO, CellResult, Doubt, Field, Opinion
from contest_server.core.rulebook import Rule, StageRules
from contest_server.core.saying import Said
from contest_server.core.scoring import ask


class Times:
    """One time for each contestant, kept in order."""

    __slots__ = ("_by", "order")

    def __init__(self) -> None:
        self._by: dict[ContestantId, int] = {}
        self.order: list[tuple[int, ContestantId]] = []

    def put(self, contestant: ContestantId, time_ms: int | None) -> bool:
        """Set or (with None) drop a contestant's time. True if that changed anything."""
        before = self._by.get(contestant)
        if before == time_ms:
            return False
        if before is not None:
            del self.order[bisect_left(self.order, (before, contestant))]
            del self._by[contestant]
        if time_ms is not None:
            insort(self.order, (time_ms, contestant))
            self._by[contestant] = time_ms
        return True

    @property
    def earliest(self) -> int | None:
        return self.order[0][0] if self.order else None


Answer = Mapping[ContestantId, Any] | Opinion | Skipped


class StageField:
    """The standing of one stage. First clears and awards hold only what no unjudged earlier attempt can take back.

    `awards` are what the field adds to each contestant's marks: aspects that compare, and bonuses.
    """

    __slots__ = ("_cells", "_pending", "awarding", "awards", "clears", "failures", "first", "rules")

    def __init__(self, rules: StageRules) -> None:
        self.rules = rules
        self.awarding = bool(rules.awards or rules.compared)
        """Whether a rule adds marks that depend on the field."""
        self.clears = Times()
        self._pending = Times()
        self._cells: dict[ContestantId, CellResult] = {}
        self.first: frozenset[ContestantId] = frozenset()
        self.awards: Mapping[ContestantId, Decimal] = {}
        self.failures: list[tuple[Rule, Opinion]] = []

    def put(self, contestant: ContestantId, cell: CellResult | None) -> bool:
        """Take in a contestant's new result (None: does not compete). True if the standing may have changed."""
        done = cell if cell is not None and cell.state == "cleared" else None
        cleared = self.clears.put(contestant, None if done is None else done.clear_ms)
        pending = self._pending.put(contestant, None if cell is None else cell.pending_ms)
        return self._keep(contestant, done) or cleared or pending

    def _keep(self, contestant: ContestantId, cell: CellResult | None) -> bool:
        """Keep a clear for the rules that look at it. True if one of them decides marks, and it changed."""
        before = self._cells.get(contestant)
        if cell is not None:
            self._cells[contestant] = cell
        elif before is not None:
            del self._cells[contestant]
        return self.awarding and before != cell

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
        return [(rule, ask(rule, "award", field)) for rule in self.rules.awards]

    def compared(self) -> list[tuple[AspectDef, Rule, Answer]]:
        """The scores of each aspect that compares those who cleared the stage; its failure as a question."""
        field = self._field()
        return [(aspect, rule, _within(aspect, rule, ask(rule, "compare", field))) for aspect, rule in self.rules.compared]

    def owed(self, contestant: ContestantId, compared: Decimal) -> Decimal:
        """What charges that the other marks did not cover take of the marks of comparing aspects."""
        return min(compared, self._cells[contestant].owed) if contestant in self._cells else ZERO

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
        for _, rule, answer in self.compared():
            if isinstance(answer, Opinion):
                self.failures.append((rule, answer))
            for contestant, score in _in_order(answer):
                totals[contestant] = totals.get(contestant, ZERO) + (score.marks or ZERO)
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
