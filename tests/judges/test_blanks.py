"""A blank before or after a name is seen by nobody: it neither costs marks nor earns any."""

from __future__ import annotations

from typing import Any

import pytest

from judges.evidence_complete import EvidenceComplete
from judges.fault_finding import FaultFinding
from judges.procedure_order import ProcedureOrder
from judges.quiz import Quiz
from judges.set_match import SetMatch
from judges.several_sources import SeveralSources
from judges.wiring_matrix import WiringMatrix
from tests.judges.cases import evidence, made, marks, refusal

Part = dict[str, Any]


def judge(kind: Any, blank: str) -> Any:
    """A judge worth 4 marks, of which every name has a blank before it."""
    a, b, c = f"{blank}a", f"{blank}b", f"{blank}c"
    parameters: dict[Any, Part] = {
        SetMatch: {"reference": [{"item": a, "action": b}]},
        FaultFinding: {"faults_planted": [{"at": a, "cause": b, "locate": 2, "explain": 2}]},
        ProcedureOrder: {
            "steps_due": [{"step": a, "marks": 2}, {"step": b, "marks": 2, "after": [a]}],
            "order": "partial",
            "critical": [{"before": a, "then": b}],
        },
        WiringMatrix: {"connections": [{"a": a, "b": b, "marks": 4}], "never": [{"a": a, "b": c}]},
        EvidenceComplete: {"required": [{"kind": a}]},
        SeveralSources: {"sources": [{"source": a, "weight": 1}]},
    }
    return made(kind, max=4, field="f", **parameters[kind])


def told(blank: str) -> dict[Any, Any]:
    """What earns all marks, with a blank after every name."""
    a, b = f"a{blank}", f"b{blank}"
    return {
        SetMatch: [{"item": a, "action": b}],
        FaultFinding: [{"at": a, "cause": b}],
        ProcedureOrder: [a, {"step": b}],
        WiringMatrix: [[a, b]],
        EvidenceComplete: [{"kind": a, "bytes": 5}],
        SeveralSources: [{"source": a, "score": 100, "age_days": 0}],
    }


@pytest.mark.parametrize("kind", list(told("")))
@pytest.mark.parametrize("blank", [" ", "\t", "\u3000"])
def test_a_blank_around_a_name_changes_nothing(kind: Any, blank: str) -> None:
    exact = judge(kind, "").score(evidence({"f": told("")[kind]}))
    assert marks(exact) == 4
    for ours, theirs in (("", blank), (blank, ""), (blank, blank)):
        found = judge(kind, ours).score(evidence({"f": told(theirs)[kind]}))
        assert (found.marks, found.used, found.opinions) == (exact.marks, exact.used, exact.opinions)


def test_a_wire_from_a_terminal_to_itself_joins_nothing_however_it_is_written() -> None:
    assert judge(WiringMatrix, "").score(evidence({"f": [["a", "a "]]})).used == {}


DOUBLES: dict[Any, Part] = {
    SetMatch: {"reference": [{"item": "a", "action": "b"}, {"item": "a ", "action": "b"}]},
    FaultFinding: {"faults_planted": [{"at": "a", "cause": "b", "locate": 2}, {"at": "a ", "cause": "b", "locate": 2}]},
    ProcedureOrder: {
        "steps_due": [{"step": "a", "marks": 1}, {"step": "b", "marks": 1, "after": ["a"]}, {"step": "a ", "marks": 2, "after": ["a"]}],
        "order": "partial",
        "critical": [{"before": "a", "then": "a "}],
    },
    WiringMatrix: {
        "connections": [{"a": "a", "b": "b", "marks": 1}, {"a": "a ", "b": "b", "marks": 3}],
        "never": [{"a": "c", "b": "c "}, {"a": "a", "b": "c"}],
    },
    EvidenceComplete: {"required": [{"kind": "a"}, {"kind": "a "}]},
    SeveralSources: {"sources": [{"source": "a", "weight": 1}, {"source": "a ", "weight": 1}]},
    Quiz: {"items": [{"item": "1", "key": ["a", "a "], "marks": 4}]},
}
"""Names that differ by nothing but a blank. Ledgers may hold them: they were taken for two names once."""


@pytest.mark.parametrize("kind", list(DOUBLES))
def test_names_that_differ_by_a_blank_are_one_name_and_the_contest_goes_on(kind: Any) -> None:
    found = made(kind, max=4, field="f", **DOUBLES[kind]).score(evidence({"f": {Quiz: {"1": "a"}}.get(kind, told(" ").get(kind))}))
    assert marks(found) == 4
    assert not found.opinions


def test_the_same_name_twice_is_refused() -> None:
    twice = [{"item": " a", "action": "b"}] * 2
    assert "more than once" in refusal(SetMatch, max=4, field="f", reference=twice)
