"""The rules at work: a definition names them, the fold asks them, and what cannot be judged is never 0."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

import pytest

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import ledger_document, read_definition
from contest_server.core.facts import StageId
from contest_server.core.faults import DefinitionError
from contest_server.core.rulebook import Rulebook
from contest_server.core.scoring import judge_cell
from judges.catalogue import built_in
from tests.judges.cases import WHO, attempt, violation

DOCUMENT = """
format = 1
contest = { id = "c", name = "C" }
venues = [{ id = "yongjia" }]
doubts = [{ rule = "pace", floor_ms = 2000, minimums = [{ stage = "wiring", elapsed_ms = 30000 }] }]
total = { rule = "weighted_sum", preset = "theory30_practical70" }
clock = { late_after_s = 120 }
rules = [{ rule = "time_limit", run_s = 7200 }, { rule = "retry", stage_limit = 1, run_limit = 2, cost_marks = "0.5" }]

[[stages]]
id = "quiz"
group = "theory"
points = "10"
rules = [{ rule = "first_clear" }, { rule = "attempts_penalty", seconds = 60 }]

[[stages]]
id = "wiring"
group = "practical"
rules = [{ rule = "opens_after", stages = ["quiz"] }, { rule = "penalty_time", penalties = [{ code = "touch", seconds = 5 }] }]

[[stages.aspects]]
id = "lit"
rule = "check"
max = 2
field = "lit"

[[stages.aspects]]
id = "dress"
rule = "checklist"
max = 3
items = [{ field = "helmet", marks = 2, critical = true }, { field = "gloves", marks = 1 }]

[[stages.aspects]]
id = "height"
rule = "tolerance_bands"
max = 4
field = "height_mm"
nominal = 500
bands = [{ within = 1, share = 1 }, { within = 2, share = 0.5 }]

[[stages.aspects]]
id = "level"
rule = "tolerance_linear"
max = 2
field = "level_mm"
nominal = 500
full = 1
zero = 3

[[stages.aspects]]
id = "insulation"
rule = "threshold"
max = 5
field = "insulation_mohm"
limit = 1

[[stages.aspects]]
id = "power_up"
rule = "attempt_decay"
max = 4
table = [4, 2, 1]

[[stages.aspects]]
id = "conduct"
rule = "deduction_ledger"
max = 5
deductions = [{ code = "damage", marks = 5, disqualify_after = 2 }]

[[stages.aspects]]
id = "speed"
rule = "time_bonus"
max = 5
limit_s = 3600
marks_per_s = 0.01
quality_field = "quality"
quality_min = 60
"""
GOOD = {
    "lit": True, "helmet": True, "gloves": False, "height_mm": "501.5", "level_mm": "502", "insulation_mohm": "2.4", "quality": "80",
}  # fmt: skip
FIELDS_OF = {
    "lit": ["lit"], "dress": ["helmet", "gloves"], "height": ["height_mm"], "level": ["level_mm"], "insulation": ["insulation_mohm"],
    "speed": ["quality"],
}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Rulebook:
    definition = read_definition(tomllib.loads(DOCUMENT, parse_float=Decimal))
    return compile_rulebook(definition, {judge.rule: judge for judge in built_in()})


def lines(book: Rulebook, data: dict[str, Any]) -> dict[str, Any]:
    tried = [attempt("a", "rejected", 100_000, 10_000), attempt("b", "accepted", 3_310_000, 10_000, data=data)]
    judged = judge_cell(WHO, tried, [violation("touch"), violation("chat", 2)], book.stages[StageId("wiring")])
    return {line.subject.removeprefix("aspect "): line for line in judged.lines if line.subject.startswith("aspect ")}


def test_every_scorer_explains_its_marks(book: Rulebook) -> None:
    found = lines(book, GOOD)
    assert {name: line.marks for name, line in found.items()} == {
        "lit": 2, "dress": 2, "height": 2, "level": 1, "insulation": 5, "power_up": 2, "conduct": 5, "speed": 3,
    }  # fmt: skip
    for name, line in found.items():
        assert line.version
        assert line.steps, name


@pytest.mark.parametrize("junk", [None, "NaN", "1e999", "n/a", [], "missing"])
@pytest.mark.parametrize("aspect", FIELDS_OF)
def test_missing_evidence_leaves_its_aspect_unjudged_and_no_other(book: Rulebook, aspect: str, junk: Any) -> None:
    data: dict[str, Any] = GOOD | dict.fromkeys(FIELDS_OF[aspect], junk)
    if junk == "missing":
        data = {name: value for name, value in GOOD.items() if name not in FIELDS_OF[aspect]}
    found, good = lines(book, data), lines(book, GOOD)
    assert found[aspect].marks is None
    assert [opinion.code for opinion in found[aspect].opinions] == ["not_judged"]
    assert {name: line.marks for name, line in found.items() if name != aspect} == {
        name: line.marks for name, line in good.items() if name != aspect
    }


def test_a_definition_from_the_ledger_leads_to_the_same_rules(book: Rulebook) -> None:
    again = compile_rulebook(read_definition(ledger_document(book.definition)), {judge.rule: judge for judge in built_in()})
    for stage, rules in book.stages.items():
        found = again.stages[stage]
        assert found.view == rules.view
        assert [rule for _, rule in found.scorers] == [rule for _, rule in rules.scorers]
        assert (found.gates, found.admits, found.charges, found.awards) == (rules.gates, rules.admits, rules.charges, rules.awards)
    assert again.total == book.total
    assert again.doubts == book.doubts


def test_a_wrong_parameter_is_named_with_its_place_and_its_reason() -> None:
    document = tomllib.loads(DOCUMENT.replace("share = 0.5", "share = 5").replace("zero = 3", "zero = 1"), parse_float=Decimal)
    with pytest.raises(DefinitionError) as refused:
        compile_rulebook(read_definition(document), {judge.rule: judge for judge in built_in()})
    faults = {fault.where: fault.message for fault in refused.value.faults}
    assert "share is 5; it must not be above 1" in faults["stages[1].aspects[2]"]
    assert "zero must be the larger distance" in faults["stages[1].aspects[3]"]
