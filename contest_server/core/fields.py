"""A stage across all contestants: who cleared it when, who is still unjudged, and what being early brings."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from contest_server.core.asking import ask
from contest_server.core.conditions import Skipped
from contest_server.core.definition import AspectDef
from contest_server.core.facts import ContestantId
from contest_server.core.field_flags import Question
from contest_server.core.field_flags import Questions as Questions
from contest_server.core.judging import ZERO, CellResult, Doubt, Field, Opinion, Step
from contest_server.core.rulebook import Rule, StageRules
from contest_server.core.saying import Said
from contest_server.core.shares import Shares


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

    __slots__ = (
        "_asked", "_bonuses", "_cells", "_changed", "_marks", "_pending", "_pending_ms", "_short",
        "awarding", "awards", "changes", "clears", "failures", "first", "rules",
    )  # fmt: skip

    def __init__(self, rules: StageRules) -> None:
        self.rules = rules
        self.awarding = bool(rules.awards or rules.compared)
        """Whether a rule adds marks that depend on the field."""
        self.clears = Times()
        self._pending = Times()
        self._pending_ms: dict[ContestantId, int] = {}
        self._cells: dict[ContestantId, CellResult] = {}
        self.first: frozenset[ContestantId] = frozenset()
        self.awards: dict[ContestantId, Decimal] = {}
        """None of them is 0."""
        self.failures: list[tuple[Rule, Opinion]] = []
        self.changes = 0
        """Grows whenever there may be other questions."""
        self._short = [Shares.of(aspect, rule) for aspect, rule in rules.compared]
        self._marks: list[Mapping[ContestantId, Decimal]] = [{} for _ in rules.compared]
        """Of each comparing aspect, as its rule says."""
        self._bonuses: Mapping[ContestantId, Decimal] = {}
        self._changed: set[ContestantId] = set()
        """Whose cells are others than when awards were reckoned."""
        self._asked: tuple[int, Questions] | None = None
        """The questions, and of which state (`changes`)."""

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
        differs = self.awarding and before != done
        if differs:
            self._changed.add(contestant)
        self.changes += done is not before or pending
        return cleared or pending or differs

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
        self.first = first
        if self.awarding:
            touched |= self._award()
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
        return [(rule, _of_these(rule, ask(rule, "award", field), field)) for rule in self.rules.awards]

    def award_steps(self, rule: Rule, contestant: ContestantId) -> Sequence[Step]:
        """How what the rule awards came about, where it can say; else no words, and the marks stand."""
        told = getattr(rule.judge, "award_steps", None)
        try:
            steps = () if told is None else tuple(told(self._field(), contestant))
        except Exception:  # noqa: BLE001 - a third party's code may raise anything
            return ()
        return steps if all(isinstance(step, Step) for step in steps) else ()

    def compared(self, about: ContestantId | None = None) -> list[tuple[AspectDef, Rule, Answer]]:
        """The scores of each aspect that compares those who cleared the stage; its failure as a question. `about` one of them alone, where
        the rule can say that without a look at everybody.
        """
        field, found = self._field(), list[tuple[AspectDef, Rule, Answer]]()
        for (aspect, rule), short in zip(self.rules.compared, self._short, strict=True):
            told = None if short is None or about is None else short.told(about, field)
            found.append((aspect, rule, _comparison(aspect, rule, field) if told is None else told))
        return found

    def owed(self, contestant: ContestantId, compared: Decimal) -> Decimal:
        """What charges that the other marks did not cover take of the marks of comparing aspects."""
        return min(compared, self._cells[contestant].owed) if contestant in self._cells else ZERO

    def __contains__(self, contestant: ContestantId) -> bool:
        """Whether they cleared the stage, and compete."""
        return contestant in self._cells

    def opinions(self) -> Questions:
        """Questions about several contestants; kept until somebody's work at the stage changes."""
        if self._asked is None or self._asked[0] != self.changes:
            self._asked = self.changes, self._ask(self._field())
        return self._asked[1]

    def to_ask(self) -> Callable[[], Questions] | None:
        """What finds the questions of the field as it is now, wherever that is done; None where that is no work."""
        is_known = self._asked is not None and self._asked[0] == self.changes
        if is_known or not (self.rules.compared or self.rules.questions):
            return None
        field = Field(self.rules.view, tuple(self.clears.order), self._pending.earliest, dict(self._cells))
        return partial(self._ask_aside, field, tuple(self.failures))

    def keep(self, changes: int, asked: Questions) -> None:
        """Keep what was found of that state."""
        self._asked = changes, asked

    def _ask(self, field: Field, failures: Sequence[tuple[Rule, Opinion]] | None = None) -> Questions:
        return Questions(self.rules.view.id, _questions(self.rules, field, self.failures if failures is None else failures))

    def _ask_aside(self, field: Field, failures: Sequence[tuple[Rule, Opinion]]) -> Questions:
        return self._ask(field, failures).with_flags()

    def _field(self) -> Field:
        return Field(self.rules.view, self.clears.order, self._pending.earliest, self._cells)

    def _award(self) -> set[ContestantId]:
        """Reckon awards anew where they may be others; returns whose are."""
        field, changed = self._field(), self._changed
        self._changed, self.failures = set(), []
        whose = {*changed, *self._bonuses}
        for index, short in enumerate(self._short):
            whose |= self._compare(index, short, field, changed)
        self._bonuses = self._given()
        return {contestant for contestant in whose | self._bonuses.keys() if self._set_award(contestant)}

    def _compare(self, index: int, short: Shares | None, field: Field, changed: set[ContestantId]) -> set[ContestantId]:
        """Reckon the marks of a comparing aspect; returns whose may be others."""
        moved = None if short is None else short.settle(field, changed)
        if short is not None and moved is not None:
            self._marks[index] = short.marks
            return set(moved)
        aspect, rule = self.rules.compared[index]
        answer, before = _comparison(aspect, rule, field), self._marks[index]
        if isinstance(answer, Opinion):
            self.failures.append((rule, answer))
        self._marks[index] = {contestant: score.marks or ZERO for contestant, score in _in_order(answer)}
        whose = {*before, *self._marks[index]}
        return whose if short is None else {*whose, *field.cells}  # a short way that failed may have begun to forget

    def _given(self) -> Mapping[ContestantId, Decimal]:
        """What rules award, on top of what the aspects bring."""
        totals: dict[ContestantId, Decimal] = {}
        for rule, answer in self.awarded():
            if isinstance(answer, Opinion):
                self.failures.append((rule, answer))
            for contestant, marks in _in_order(answer):
                totals[contestant] = totals.get(contestant, ZERO) + marks
        return totals

    def _set_award(self, contestant: ContestantId) -> bool:
        """Whether it is another than before."""
        cell, award, before = self._cells.get(contestant), ZERO, self.awards.get(contestant, ZERO)
        if cell is not None and self._marks:
            ruled = dict(cell.ruled)
            for (aspect, _), marks in zip(self.rules.compared, self._marks, strict=True):
                award += ruled[aspect.id] if aspect.id in ruled else marks.get(contestant, ZERO)
            award -= min(award, cell.owed)
        award += self._bonuses.get(contestant, ZERO)
        if award:
            self.awards[contestant] = award
        else:
            self.awards.pop(contestant, None)
        return award != before


def _questions(rules: StageRules, field: Field, failures: Sequence[tuple[Rule, Opinion]]) -> Iterator[Question]:
    """What is only information is said once for the stage, not for each contestant."""
    yield from ((rule, None, opinion) for rule, opinion in failures)
    told = set[tuple[str, str]]()
    for aspect, rule in rules.compared:
        for contestant, score in _in_order(_comparison(aspect, rule, field)):
            for opinion in score.opinions:
                if opinion.doubt is not Doubt.INFO:
                    yield rule, contestant, opinion
                elif (aspect.id, opinion.code) not in told:
                    told.add((aspect.id, opinion.code))
                    yield rule, None, opinion
    for rule in rules.questions:
        answer = ask(rule, "question", field)
        if isinstance(answer, Opinion):
            yield rule, None, answer
        for contestant, opinions in _in_order(answer):
            yield from ((rule, contestant, opinion) for opinion in opinions)


def _comparison(aspect: AspectDef, rule: Rule, field: Field) -> Answer:
    """What a comparing rule says; its failure as a question."""
    return _within(aspect, rule, _of_these(rule, ask(rule, "compare", field), field))


def _of_these(rule: Rule, answer: Answer, field: Field) -> Answer:
    """Marks for somebody who is not among those that were asked about are a failure of the rule."""
    if not isinstance(answer, Mapping) or answer.keys() <= field.cells.keys():
        return answer
    other = min(answer.keys() - field.cells.keys())
    detail = Said("rule {name} gave marks to {contestant:.40}, who did not clear the stage", name=rule.name, contestant=other)
    return Opinion(Doubt.QUESTIONABLE, detail, code="judge_failed")


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
