"""The marks of aspects that compare are kept by difference, and are those that the rule explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.facts import ContestantId, StageId
from contest_server.core.fields import StageField
from contest_server.core.judging import API_VERSION, ZERO, CellResult, Field, Opinion, Score
from contest_server.core.rulebook import StageRules
from tests.contests import JUDGES, document
from tests.judges.cases import attempt, result, stage

CALLS: list[str] = []


@dataclass(frozen=True, slots=True)
class Latest:
    """As many marks as the latest clear's second less one's own; notes what it is asked. `wrong` says how its short way fails."""

    rule: ClassVar[str] = "latest"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    wrong: str = ""

    def compare(self, field: Field) -> Mapping[ContestantId, Score]:
        CALLS.append("all")
        return {who: Score(self._of(cell, self._last(field)), self.max) for who, cell in field.cells.items()}

    def standard(self, field: Field) -> int:
        if self.wrong == "raises":
            raise SystemExit
        return self._last(field)

    def marks_against(self, cell: CellResult, standard: int) -> Any:
        CALLS.append("one")
        return {"": self._of(cell, standard), "beyond": self.max + 1, "no marks": "many"}.get(self.wrong)

    def _last(self, field: Field) -> int:
        return max((cell.clear_ms or 0 for cell in field.cells.values()), default=0)

    def _of(self, cell: CellResult, last_ms: int) -> Decimal:
        return Decimal((last_ms - (cell.clear_ms or 0)) // 1_000)


@dataclass(frozen=True, slots=True)
class Telling(Latest):
    """The same, which can tell the score of one alone; `mistaken` says how that fails."""

    rule: ClassVar[str] = "telling"

    mistaken: str = ""

    def score_against(self, cell: CellResult, standard: int, clears: int) -> Any:
        CALLS.append(f"one of {clears}")
        if self.mistaken == "raises":
            raise SystemExit
        return "three" if self.mistaken == "no score" else Score(self._of(cell, standard) + bool(self.mistaken), self.max)


@dataclass(frozen=True, slots=True)
class Forgetful:
    """Five marks, none for whoever is two seconds behind the first; raises at work of two seconds, when it may have forgotten others."""

    rule: ClassVar[str] = "forgetful"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal

    def compare(self, field: Field) -> Mapping[ContestantId, Score]:
        return {who: Score(self.marks_against(cell, self.standard(field)), self.max) for who, cell in field.cells.items()}

    def standard(self, field: Field) -> int:
        return min((cell.clear_ms or 0 for cell in field.cells.values()), default=0)

    def marks_against(self, cell: CellResult, standard: int) -> Decimal | None:
        if cell.clear_ms == 2_000:
            raise KeyError
        return Decimal(5) if (cell.clear_ms or 0) < standard + 2_000 else None


def rules_of(*aspects: dict[str, Any], **more: Any) -> StageRules:
    named = [{"id": f"a{n}", **each} for n, each in enumerate(aspects)]
    stages = [{"id": "wiring", "aspects": named, "rules": [{"rule": "first_clear"}], **more}]
    judges = {**JUDGES, **{each.rule: each for each in (Latest, Telling, Forgetful)}}
    return compile_rulebook(read_definition(document(stages=stages)), judges).stages[StageId("wiring")]


def cleared(time_ms: int, start_ms: int | None = 0, **more: Any) -> CellResult:
    cell = result(stage(), time_ms)
    return replace(cell, deciding=attempt("1", "accepted", time_ms, start_ms), **more)


def asked(field: StageField, who: str, cell: CellResult) -> list[str]:
    """What the rule is asked when this cell comes."""
    CALLS.clear()
    assert field.put(ContestantId(who), cell)
    field.settle()
    return list(CALLS)


@pytest.mark.parametrize("count", [10, 100])
def test_one_more_clear_costs_one_share_however_many_there_are(count: int) -> None:
    field = StageField(rules_of({"rule": "latest", "max": 1_000_000}))
    for n in range(count):
        field.put(ContestantId(f"C{n}"), cleared(1_000 * (n + 1)))
    field.settle()
    assert asked(field, "A1", cleared(2_500)) == ["one"]
    assert asked(field, "A1", cleared(3_500)) == ["one"]
    assert asked(field, "A2", cleared(1_000 * count + 1)) == ["one"] * (count + 2)


@pytest.mark.parametrize("wrong", ["raises", "beyond", "no marks"])
def test_where_the_short_way_fails_the_rule_is_asked_in_full(wrong: str) -> None:
    fields = [StageField(rules_of({"rule": "latest", "max": 100, "wrong": each})) for each in (wrong, "")]
    for field in fields:
        for who, time_ms in (("A1", 5_000), ("A2", 9_000), ("A1", 7_000)):
            field.put(ContestantId(who), cleared(time_ms))
            field.settle()
        assert not field.failures
    assert fields[0].awards == fields[1].awards != {}


def test_whoever_a_short_way_forgot_before_it_failed_has_no_marks_either() -> None:
    field, late = StageField(rules_of({"rule": "forgetful", "max": 5}, rules=[])), [ContestantId(f"C{number}") for number in range(12)]
    for who in late:
        field.put(who, cleared(3_000))
    assert field.settle() >= set(late)
    assert field.awards == dict.fromkeys(late, Decimal(5))
    field.put(ContestantId("A1"), cleared(1_000))
    field.put(ContestantId("A2"), cleared(2_000))
    assert field.settle() >= set(late)
    assert field.failures
    assert field.awards == {}


CELLS: st.SearchStrategy[CellResult | None] = st.one_of(
    st.none(),
    st.builds(
        lambda time_ms, taken_ms, penalty_ms, owed, ruled: cleared(
            time_ms, None if taken_ms is None else time_ms - taken_ms, penalty_ms=penalty_ms, owed=owed, ruled=ruled
        ),
        st.sampled_from([1_000, 2_000, 3_000]),
        st.sampled_from([None, 0, 500, 900, -10]),
        st.sampled_from([0, 0, 700]),
        st.sampled_from([ZERO, ZERO, Decimal(3)]),
        st.sampled_from([(), (), (("a0", Decimal(2)),), (("a1", ZERO),)]),
    ),
    st.builds(lambda: replace(result(stage(), None), state="pending", pending_ms=1_500)),
)
BOOKS = [
    rules_of({"rule": "relative_time", "max": 10}),
    rules_of({"rule": "relative_time", "max": 7, "of": "contest", "places": 1}, {"rule": "dynamic_value", "max": 500, "decay": 2}),
    rules_of({"rule": "dynamic_value", "max": 500, "formula": "parabola", "least": 100, "decay": 3}),
    rules_of({"rule": "latest", "max": 100}, {"rule": "telling", "max": 1, "wrong": "raises"}),
    rules_of({"rule": "telling", "max": 100}),
    rules_of({"rule": "relative_time", "max": 10, "when": "clears > 1"}),
]


@given(st.lists(st.tuples(st.sampled_from(["A1", "A2", "B1", "B2"]), CELLS), max_size=12), st.sampled_from(BOOKS))
def test_awards_are_what_the_rules_explain(changes: list[tuple[str, CellResult | None]], rules: StageRules) -> None:
    field, shown = StageField(rules), dict[ContestantId, Decimal]()
    for who, cell in changes:
        if field.put(ContestantId(who), cell):
            touched = field.settle()
            shown |= {each: field.awards.get(each, ZERO) for each in touched}
        by_hand = explained(field)
        assert field.awards == by_hand
        assert {each: marks for each, marks in shown.items() if marks} == by_hand, "whoever has other marks is told"
        assert list(field.opinions()) == list((field.to_ask() or field.opinions)()), "questions are those of now"


@given(st.lists(st.tuples(st.sampled_from(["A1", "A2", "B1", "B2"]), CELLS), max_size=12), st.sampled_from(BOOKS))
def test_what_is_told_about_one_is_what_is_told_about_everybody(changes: list[tuple[str, CellResult | None]], rules: StageRules) -> None:
    field = StageField(rules)
    for who, cell in changes:
        field.put(ContestantId(who), cell)
        field.settle()
    for about in map(ContestantId, ("A1", "A2", "B1", "B2")):
        for (_, _, answer), (_, _, told) in zip(field.compared(), field.compared(about), strict=True):
            one, other = ((each.get(about) if isinstance(each, Mapping) else each) for each in (answer, told))
            assert one == other


@pytest.mark.parametrize("wrong", ["", "raises", "other marks", "no score"])
def test_to_explain_one_is_no_look_at_everybody_where_the_rule_can_say_it_alone(wrong: str) -> None:
    field = StageField(rules_of({"rule": "telling", "max": 100, "mistaken": wrong}, {"rule": "latest", "max": 100}))
    for n in range(3):
        field.put(ContestantId(f"C{n}"), cleared(1_000 * (n + 1)))
    field.settle()
    CALLS.clear()
    (_, _, told), (_, _, other) = field.compared(ContestantId("C1"))
    assert isinstance(told, Mapping)
    assert isinstance(other, Mapping)
    assert told[ContestantId("C1")].marks == other[ContestantId("C1")].marks == 1
    asked_of_all = 2 if wrong else 1
    assert list(CALLS) == ["one of 3", *["all"] * asked_of_all], "the second rule cannot say it alone"


def explained(field: StageField) -> dict[ContestantId, Decimal]:
    """The awards by the rules' full answers."""
    totals = dict[ContestantId, Decimal]()
    ruled = {(who, aspect): marks for who, cell in field._cells.items() for aspect, marks in cell.ruled}
    for aspect, _, answer in field.compared():
        scores = {} if isinstance(answer, Opinion) or not isinstance(answer, Mapping) else answer
        for who in field._cells:
            said = scores[who].marks if who in scores else None
            totals[who] = totals.get(who, ZERO) + ruled.get((who, aspect.id), said or ZERO)
    totals = {who: marks - field.owed(who, marks) for who, marks in totals.items()}
    for _, awarded in field.awarded():
        for who, marks in awarded.items() if isinstance(awarded, Mapping) else ():
            totals[who] = totals.get(who, ZERO) + marks
    return {who: marks for who, marks in totals.items() if marks}


def test_questions_are_asked_once_for_each_state_of_the_stage() -> None:
    field = StageField(rules_of({"rule": "latest", "max": 100}))
    field.put(ContestantId("A1"), cleared(1_000))
    field.settle()
    CALLS.clear()
    for _ in range(3):
        field.opinions()
    assert CALLS.count("all") == 1
    aside = StageField(field.rules)
    aside.put(ContestantId("A1"), cleared(1_000))
    aside.settle()
    ask, changes = aside.to_ask(), aside.changes
    assert ask is not None
    aside.keep(changes, ask())
    assert aside.to_ask() is None
    aside.put(ContestantId("A2"), cleared(2_000))
    assert aside.to_ask() is not None, "what was found of an earlier state is not kept for this one"
