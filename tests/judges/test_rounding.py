"""Rounding to fewer places than the marks have takes nothing from perfect work, and gives nothing beyond it."""

from __future__ import annotations

from typing import Any

import pytest

from contest_server.core.facts import ContestantId
from contest_server.core.judging import Evidence, Field
from judges.average_of_5 import AverageOf5
from judges.best_of import BestOf
from judges.evidence_complete import EvidenceComplete
from judges.formula import Formula
from judges.judgement_0_3 import Judgement03
from judges.max_deviation import MaxDeviation
from judges.mean_of_3 import MeanOf3
from judges.middle_k import MiddleK
from judges.quiz import Quiz
from judges.relative_time import RelativeTime
from judges.set_match import SetMatch
from judges.several_sources import SeveralSources
from judges.time_bonus import TimeBonus
from judges.tolerance_linear import ToleranceLinear
from judges.trimmed_mean import TrimmedMean
from tests.judges.cases import attempt, cell, evidence, made, marks, result, stage

MOST = "2.5"
PERFECT: list[tuple[Any, dict[str, Any], Any]] = [
    (Judgement03, {}, [3, 3, 3]),
    (TrimmedMean, {}, ["2.5"] * 3),
    (MiddleK, {}, ["2.5"] * 3),
    (MaxDeviation, {"deviation": 1}, ["2.5"] * 3),
    (SetMatch, {"reference": [{"item": "door", "action": "replace"}]}, [["door", "replace"]]),
    (EvidenceComplete, {"required": [{"kind": "photo"}]}, [{"kind": "photo", "bytes": 9}]),
    (SeveralSources, {"sources": [{"source": "theory", "weight": 1}]}, [{"source": "theory", "score": 100, "age_days": 0}]),
    (ToleranceLinear, {"nominal": 5, "full": 1, "zero": 3}, "5"),
    (BestOf, {"full": 1, "zero": 3}, "1"),
]


@pytest.mark.parametrize(("rule", "parameters", "sent"), PERFECT, ids=lambda each: getattr(each, "rule", ""))
def test_perfect_work_has_all_marks_however_few_places_there_are(rule: Any, parameters: dict[str, Any], sent: Any) -> None:
    judge = made(rule, max=MOST, field="x", places=0, **parameters)
    assert marks(judge.score(evidence({"x": sent}))) == judge.max


@pytest.mark.parametrize(("rule", "count"), [(AverageOf5, 5), (MeanOf3, 3)])
def test_perfect_averages_have_all_marks(rule: Any, count: int) -> None:
    judge = made(rule, max=MOST, field="x", full=1, zero=3, places=0)
    tries = [attempt(str(number), data={"x": "1"}) for number in range(count)]
    assert marks(judge.score(Evidence(tries[0], cell(*tries)))) == judge.max


def test_perfect_times_have_all_marks() -> None:
    judge = made(TimeBonus, max=MOST, limit_s=100, marks_per_s=1, places=0)
    assert marks(judge.score(evidence(start_ms=0))) == judge.max
    done = result(stage(), 60_000)
    found = made(RelativeTime, max=MOST, of="contest", places=0).compare(Field(stage(), [], None, {ContestantId("A1"): done}))
    assert [score.marks for score in found.values()] == [judge.max]


@pytest.mark.parametrize(("value", "expected"), [("2.5", "2.5"), ("2.4", "2"), ("2.6", None)])
def test_an_expression_within_the_marks_stays_within_them(value: str, expected: str | None) -> None:
    found = made(Formula, max=MOST, value="x", names=["x"], places=0).score(evidence({"x": value}))
    assert (None if found.marks is None else str(found.marks)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"a": "1", "b": ["1", "2"]}, "1.3"), ({"a": "2", "b": ["1", "2"]}, "0.9"), ({"a": "1", "b": ["1"]}, "0.4")],
)
def test_only_a_part_of_an_item_is_rounded(given: dict[str, Any], expected: str) -> None:
    """A half of .9 is no mark in whole ones; all of it is .9."""
    items = [{"item": "a", "key": ["1"], "marks": "0.4"}, {"item": "b", "key": ["1", "2"], "marks": "0.9"}]
    judge = made(Quiz, max="1.3", field="x", items=items, multiple="partial_0.5", places=0)
    assert str(marks(judge.score(evidence({"x": given})))) == expected
