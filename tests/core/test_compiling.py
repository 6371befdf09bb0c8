"""A definition becomes a rulebook, or every fault in it is named, once, at its place."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.core.compiling import compile_rulebook
from contest_server.core.definition_reading import read_definition
from contest_server.core.faults import DefinitionError
from tests.contests import JUDGES, document


def faults(**changes: Any) -> list[str]:
    with pytest.raises(DefinitionError) as refused:
        compile_rulebook(read_definition(document(**changes)), JUDGES)
    return [fault.where for fault in refused.value.faults]


def test_a_rule_of_every_stage_that_cannot_be_used_is_one_fault() -> None:
    assert len(document()["stages"]) == 3
    assert faults(rules=[{"rule": "nothing_such"}]) == ["rules[0].rule"]
    assert faults(rules=[{"rule": "retry", "nothing_such": 1}]) == ["rules[0].nothing_such"]


def test_what_a_rule_of_every_stage_finds_wrong_is_one_fault() -> None:
    assert len(faults(rules=[{"rule": "opens_after", "stages": ["nowhere"]}])) == 1


def test_faults_of_several_rules_are_named_together() -> None:
    found = faults(rules=[{"rule": "nothing_such"}], doubts=[{"rule": "retry"}], total={"rule": "first_clear"})
    assert sorted(found) == ["doubts[0].rule", "rules[0].rule", "total.rule"]
