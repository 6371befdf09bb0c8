"""`when`: a rule applies only where its condition holds, says where it does not, and asks where nobody can know."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contest_server.core.compiling import compile_rulebook
from contest_server.core.contest import Contest
from contest_server.core.contest_flags import flags_of
from contest_server.core.definition_reading import ledger_document, read_definition
from contest_server.core.explanation import Explanation, explain
from contest_server.core.facts import ContestantId, Event, StageId
from contest_server.core.faults import DefinitionError
from tests.contests import JUDGES, adopted, document, event, fold, mark, points, tried

LOW = {"id": "low", "rule": "threshold", "max": 5, "field": "mohm", "limit": 1, "when": "volts < 50", "when_fields": ["volts"]}
HIGH = {"id": "high", "rule": "threshold", "max": 5, "field": "mohm", "limit": 2, "when": "volts >= 50", "when_fields": ["volts"]}


def contest(*facts: Event, stages: list[dict[str, Any]] | None = None, **changes: Any) -> Contest:
    definition = document(stages=stages or [{"id": "quiz", "points": 10}], ranking=[{"by": "points"}], **changes)
    return fold([adopted(definition), *facts])


def explained(found: Contest) -> Explanation:
    explanation = explain(found, ContestantId("A1"), StageId("quiz"))
    assert explanation is not None
    return explanation


def faults(*rules: dict[str, Any], **changes: Any) -> list[str]:
    definition = read_definition(
        document(stages=[{"id": "quiz", "points": 10, "rules": list(rules)}], ranking=[{"by": "points"}], **changes)
    )
    with pytest.raises(DefinitionError) as refused:
        compile_rulebook(definition, JUDGES)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(("volts", "expected"), [("24", "5"), ("49.9", "5"), ("50", "0"), ("400", "0")])
def test_one_of_two_aspects_applies(volts: str, expected: str) -> None:
    found = contest(event(1, data={"volts": volts, "mohm": "1.5"}), stages=[{"id": "quiz", "aspects": [LOW, HIGH]}])
    assert points(found) == expected, "1.5 holds against 1, and not against 2"
    [skipped] = [line for line in explained(found).lines if line.maximum == 0]
    assert skipped.marks == 0
    assert not skipped.opinions
    assert skipped.steps[0].result == "does not apply"
    assert str(skipped.steps[0].what).endswith(f"(volts is {volts})")


@pytest.mark.parametrize(
    ("data", "code"),
    [({"mohm": 3}, "not_judged"), ({"mohm": 3, "volts": "high"}, "expression_error"), ({"mohm": 3, "volts": None}, "not_judged")],
)
def test_a_condition_that_nobody_can_know_asks_and_scores_nothing(data: dict[str, Any], code: str) -> None:
    found = contest(event(1, data=data), stages=[{"id": "quiz", "aspects": [LOW]}])
    assert [(line.marks, [opinion.code for opinion in line.opinions]) for line in explained(found).lines] == [(None, [code])]
    assert code in [flag.code for flag in flags_of(found)]


def test_a_charge_applies_from_the_attempt_that_it_names() -> None:
    rules = [{"rule": "attempts_penalty", "seconds": 60, "when": "rejected >= 2"}]
    stages = [{"id": "quiz", "points": 10, "rules": rules}]
    once = [tried(1, "rejected", attempt="1", at_s=1), event(9, attempt="9", at_s=9)]
    assert mark(contest(*once, stages=stages)).penalty_ms == 0
    assert [(line.rule, line.marks, len(line.steps)) for line in explained(contest(*once, stages=stages)).lines] == [
        ("cleared", 10, 1),
        ("attempts_penalty", None, 1),
    ]
    twice = [once[0], tried(2, "rejected", attempt="2", at_s=2), once[1]]
    assert mark(contest(*twice, stages=stages)).penalty_ms == 120_000
    assert [line.rule for line in explained(contest(once[0], stages=stages)).lines] == [], "nothing to apply it to yet"


def test_an_admission_and_a_gate_apply_where_their_condition_holds() -> None:
    limit = {"rule": "time_limit", "run_s": 10, "when": "not guided", "when_fields": ["guided"]}
    stages = [
        {"id": "quiz", "points": 10, "rules": [limit]},
        {"id": "final", "points": 1, "rules": [{"rule": "opens_after", "stages": ["quiz"], "when": "time_ms > 5000"}]},
    ]
    assert mark(contest(event(1, at_s=20, data={"guided": True}), stages=stages)).state == "cleared"
    assert mark(contest(event(1, at_s=20, data={"guided": False}), stages=stages)).state == "held"
    assert mark(contest(event(1, at_s=20), stages=stages)).state == "held", "nobody knows, so a referee rules"
    assert mark(contest(event(1, stage="final", at_s=4), stages=stages), stage="final").state == "cleared"
    assert mark(contest(event(1, stage="final", at_s=6), stages=stages), stage="final").state == "held"


def test_awards_doubts_and_bonuses_take_conditions_too() -> None:
    award = {"rule": "first_clear", "shares": ["0.1"], "when": "clears >= 2"}
    stages = [{"id": "quiz", "points": 10, "rules": [award]}]
    assert points(contest(event(1), stages=stages)) == "10"
    assert [line.rule for line in explained(contest(event(1), stages=stages)).lines] == ["cleared", "first_clear"]
    assert points(contest(event(1), event(2, contestant="B1", at_s=3), stages=stages)) == "11"
    assert points(contest(event(1), rules=[{"rule": "clean_bonus", "marks": 1, "when": "stages > 1"}])) == "10"
    assert points(contest(event(1), rules=[{"rule": "clean_bonus", "marks": 1, "when": "stages == 1"}])) == "11"
    doubts = [{"rule": "sequence", "require_start": True, "when": "time_ms > 10000"}]
    assert [flag.code for flag in flags_of(contest(event(1, at_s=9), doubts=doubts))] == []
    assert [flag.code for flag in flags_of(contest(event(1, at_s=11), doubts=doubts))] == ["start_missing"]


def test_a_condition_that_cannot_be_used_is_refused_with_its_place() -> None:
    retry = {"rule": "retry", "cost_marks": 1}
    [fault] = faults({**retry, "when": "trys > 1"})
    assert fault.startswith("stages[0].rules[0].when: nothing is called 'trys'; did you mean 'tries'?")
    assert "gives a number; expected a truth" in faults({**retry, "when": "tries + 1"})[0]
    assert "nothing is called 'clears'" in faults({**retry, "when": "clears > 1"})[0]
    assert "when_fields cannot be used" in faults({"rule": "first_clear", "when": "x > 1", "when_fields": ["x"]})[0]
    assert "is a measure of its own" in faults({**retry, "when": "tries > 1", "when_fields": ["tries"]})[0]
    assert "cannot be a name" in faults({**retry, "when": "tries > 1", "when_fields": ["a-b"]})[0]
    assert "there is no `when`" in faults({**retry, "when_fields": ["a"]})[0]
    assert "a rule for total always applies" in faults(total={"rule": "sum", "when": "True"})[0]


def test_a_condition_survives_the_ledger_and_costs_nothing_where_there_is_none() -> None:
    definition = read_definition(document(stages=[{"id": "quiz", "aspects": [LOW, HIGH]}], ranking=[{"by": "points"}]))
    again = compile_rulebook(read_definition(ledger_document(definition)), JUDGES)
    assert [rule for _, rule in again.stages[StageId("quiz")].scorers] == [
        rule for _, rule in compile_rulebook(definition, JUDGES).stages[StageId("quiz")].scorers
    ]
    plain = ledger_document(read_definition(document()))
    assert "when" not in str(plain)
    assert "conversions" not in plain
    assert Decimal(points(contest(event(1)))) == 10
