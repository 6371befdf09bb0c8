"""Marks by an expression: exact where it has a value, and a question where it has none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contest_server.core.judging import MissingEvidence
from judges.formula import Formula
from judges.several_sources import SeveralSources, decayed
from tests.judges.cases import codes, evidence, made, marks, refusal

SUM = "0.3 * a + 0.7 * b"


@pytest.mark.parametrize(
    ("value", "data", "expected"),
    [
        (SUM, {"a": "80", "b": "90"}, "87"),  # 24 + 63
        (SUM, {"a": "0.1", "b": 0.2}, "0.17"),  # .03 + .14
        ("max(0, 10 - 2 * a) + b - b", {"a": 3, "b": 1}, "4"),
        ("10 * a / (a + b)", {"a": 1, "b": 2}, "3.3333"),
        ("100 if a >= b else 0", {"a": "9460.0", "b": "9460"}, "100"),
        ("clamp(a, 0, 5) * 2 + b * 0", {"a": 7, "b": 0}, "10"),
    ],
)
def test_formula_vectors_a24(value: str, data: dict[str, Any], expected: str) -> None:
    assert marks(made(Formula, max=100, value=value, names=["a", "b"]).score(evidence(data))) == Decimal(expected)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"a": 1, "b": 0}, "expression_error"),  # division by zero
        ({"a": True, "b": 1}, "expression_error"),
        ({"a": "red", "b": 1}, "expression_error"),
        ({"a": "1e999", "b": 1}, "expression_error"),
        ({"a": -1, "b": 1}, "out_of_range"),
        ({"a": 101, "b": 1}, "out_of_range"),
    ],
)
def test_an_expression_without_a_value_asks_and_is_never_0(data: dict[str, Any], code: str) -> None:
    found = made(Formula, max=100, value="a / b", names=["a", "b"]).score(evidence(data))
    assert (found.marks, codes(found.opinions)) == (None, [code])


def test_a_field_that_was_not_sent_is_missing_only_where_it_is_needed() -> None:
    judge = made(Formula, max=100, value="a if a > 0 else b", names=["a", "b"])
    assert marks(judge.score(evidence({"a": 1}))) == 1
    with pytest.raises(MissingEvidence, match="b: no value was sent"):
        judge.score(evidence({"a": 0}))


def test_the_explanation_names_inputs_unit_and_result() -> None:
    found = made(Formula, max=100, value=SUM, names=["a", "b"], unit="points", places=1).score(evidence({"a": "80", "b": "90.5"}))
    assert [(step.what, step.result) for step in found.steps] == [
        ("a", "80"),
        ("b", "90.5"),
        (f"{SUM} (points, 1 places)", "87.4"),
    ]  # 24 + 63.35


def test_an_expression_that_cannot_be_used_is_refused_when_the_definition_is_read() -> None:
    assert "nothing is called 'bb'; did you mean 'b'?" in refusal(Formula, max=1, value="a + bb", names=["a", "b"])
    assert "gives a truth; expected a number" in refusal(Formula, max=1, value="a > b", names=["a", "b"])
    assert "b is not used" in refusal(Formula, max=1, value="a", names=["a", "b"])
    assert "cannot be a name" in refusal(Formula, max=1, value="a", names=["a-b"])
    assert "no function is called 'open'" in refusal(Formula, max=1, value="open(a)", names=["a"])


SOURCES = [{"source": "theory", "weight": 40}, {"source": "skill", "weight": 60}]


def sources(**more: Any) -> SeveralSources:
    return made(SeveralSources, **{"max": 100, "field": "from", "sources": SOURCES, **more})


def told(*rows: tuple[str, Any, Any]) -> dict[str, Any]:
    return {"from": [{"source": name, "score": score, "age_days": age} for name, score, age in rows]}


@pytest.mark.parametrize(
    ("rows", "more", "expected", "weight"),
    [
        ([("theory", 80, 0), ("skill", 90, 0)], {}, "86", "100"),  # .4 · 80 + .6 · 90
        ([("theory", 80, 0)], {"least_percent": 0}, "80", "40"),
        # linear over 100 days: 40 · .5 = 20 and 60 · .75 = 45; (20 · 80 + 45 · 90) / 65 = 5650 / 65
        ([("theory", 80, 50), ("skill", 90, 25)], {"decay": "linear", "days": 100}, "86.9231", "65"),
        # half-life 30: 40 / 2 = 20 and 60 / 4 = 15; (1600 + 1350) / 35
        ([("theory", 80, 30), ("skill", 90, 60)], {"decay": "half_life", "days": 30, "least_percent": 0}, "84.2857", "35"),
        ([("theory", 80, 0), ("skill", 10, 100)], {"decay": "linear", "days": 100, "least_percent": 0}, "80", "40"),
        ([("theory", 10, 9), ("theory", 80, 1)], {"least_percent": 0}, "80", "40"),  # the fresher one
    ],
)
def test_several_sources_vectors_c7(rows: list[tuple[str, Any, Any]], more: dict[str, Any], expected: str, weight: str) -> None:
    found = sources(**more).score(evidence(told(*rows)))
    assert (marks(found), found.used["weight_of_evidence_percent"]) == (Decimal(expected), weight)
    assert codes(found.opinions) == []


def test_thin_evidence_is_a_question() -> None:
    [opinion] = sources().score(evidence(told(("theory", 80, 0)))).opinions
    assert (opinion.code, opinion.threshold, opinion.seen) == ("thin_evidence", "50", "40")


@pytest.mark.parametrize(
    "rows", [[], [("other", 1, 1)], [("theory", 101, 0)], [("theory", 1, -1)], [("theory", "n/a", 0)], [("theory", 1, 10**9)]]
)
def test_without_a_usable_source_nothing_is_judged(rows: list[tuple[str, Any, Any]]) -> None:
    with pytest.raises(MissingEvidence):
        sources(decay="half_life", days=1).score(evidence(told(*rows)))


def test_decay_is_exact() -> None:
    assert decayed("half_life", Decimal(60), 30) == Decimal("0.25")
    assert decayed("linear", Decimal(365), 730) == Decimal("0.5")
    assert decayed("none", Decimal(9999), 1) == 1
