"""Every question tells the referee what to do about it, also where it is not a rule that asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import contest_server.core
from contest_server.core.advice import ADVICE
from contest_server.core.contest_flags import flags_of
from contest_server.core.judging import Said
from tests.contests import adopted, document, event, fold

CORE = Path(contest_server.core.__file__).parent
NAMED = {"EXTRA": "extra_attempt"}
"""Codes that stand in the sources by a name."""


def questions(path: Path) -> Iterator[tuple[int, set[str], bool]]:
    """Where a question is put in words, the codes that it may have, and whether it says itself what to do."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Opinion", "Flag"):
            texts = [*node.args, *(each.value for each in node.keywords)]
            words = {str(each.value) for each in texts if isinstance(each, ast.Constant)}
            words |= {NAMED.get(each.id, "") for each in texts if isinstance(each, ast.Name)}
            yield node.lineno, words, "suggestion" in {each.arg for each in node.keywords}


@pytest.mark.parametrize("path", sorted(CORE.glob("*.py")), ids=lambda path: path.stem)
def test_every_question_of_the_core_says_what_to_do(path: Path) -> None:
    passed_on = {"flags"}  # makes a flag of an opinion, as it is
    for line, words, says in questions(path):
        coded_elsewhere = {"unmatched"} & words and {"unknown_contestant", "unknown_stage"} <= ADVICE.keys()
        assert says or words & ADVICE.keys() or coded_elsewhere or path.stem in passed_on, f"line {line}"


def test_a_question_that_no_rule_asks_says_what_to_do() -> None:
    quiz = {"id": "quiz", "aspects": [{"id": "right", "rule": "check", "field": "right", "max": 5}]}
    facts = [event(1), event(2, contestant="A2"), event(3, contestant="nobody"), event(4, stage="nowhere")]
    contest = fold([adopted(document(stages=[quiz], ties={"play_off": 1})), *facts])
    asked = {flag.code: flag.suggestion for flag in flags_of(contest)}
    assert {"not_judged", "unknown_contestant", "unknown_stage", "play_off"} <= asked.keys()
    assert all(asked.values())


def test_what_a_rule_advises_outweighs_what_is_usual() -> None:
    times = {"id": "quiz", "aspects": [{"id": "fast", "rule": "relative_time", "max": 5}]}
    contest = fold([adopted(document(stages=[times])), event(1)])
    [flag] = [flag for flag in flags_of(contest) if flag.code == "not_judged"]
    assert flag.suggestion == Said("Have the start sent again, or give the marks by hand.")
