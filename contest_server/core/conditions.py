"""`when = …` beside a rule: whether the rule applies, from the evidence and a few measures. What cannot be known asks a referee."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contest_server.core.expression import Expression, ExpressionFault, Value, check_names, parse, shown, value_of
from contest_server.core.judging import Attempt, CellResult, CellView, MissingEvidence, Step
from contest_server.core.saying import Said

AT_A_CELL = ("tries", "rejected", "violations", "time_ms", "elapsed_ms")
MEASURES: Mapping[str, tuple[str, ...]] = {
    "score": AT_A_CELL,
    "admit": AT_A_CELL,
    "charge": AT_A_CELL,
    "gate": ("tries", "rejected", "time_ms", "elapsed_ms", "cleared"),
    "doubt": ("time_ms", "elapsed_ms", "late_ms", "cleared"),
    "award": ("clears",),
    "compare": ("clears",),
    "question": ("clears",),
    "bonus": ("cleared", "stages"),
}
"""What an expression may name at each station, besides the fields of the evidence."""
WITH_EVIDENCE = ("score", "admit", "charge", "gate", "doubt")


@dataclass(frozen=True, slots=True)
class Skipped:
    """The rule does not apply here. `step` says why; None where there is nothing to apply it to yet."""

    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule's `when`, checked against what its stations can know."""

    expression: Expression

    def skips(self, station: str, inputs: Sequence[Any]) -> Skipped | None:
        """Why the rule does not apply to these inputs of a station; None where it does.

        Raises:
            MissingEvidence: a field was not sent, or no start was seen. ExpressionError: the expression has no value.
        """
        known = _KNOWN[station](*inputs)
        if known is None:
            return Skipped()
        measures, data = known
        used: dict[str, Value] = {}

        def lookup(name: str) -> Value:
            raw = measures.get(name) if name in measures else data.get(name)
            if raw is None:
                raise MissingEvidence(Said("when {source}: {name}: no value is known", source=self.expression.source, name=name))
            return used.setdefault(name, value_of(name, raw))

        if self.expression.holds(lookup):
            return None
        inputs = [Said("{name} is {value}", name=name, value=shown(value)) for name, value in used.items()]
        return Skipped(Step(Said("applies when {source} ({inputs})", source=self.expression.source, inputs=inputs), Said("does not apply")))


def condition_of(when: str, fields: Iterable[str], stations: Iterable[str]) -> Condition:
    """The condition of a rule that has these stations.

    Raises:
        ExpressionFault: it cannot be used there, with the reason.
    """
    stations, fields = list(stations), list(fields)
    unfit = [station for station in stations if station not in MEASURES]
    if unfit:
        raise ExpressionFault(Said("a rule for {stations} always applies; it takes no condition", stations=unfit))
    if fields and not all(station in WITH_EVIDENCE for station in stations):
        raise ExpressionFault(Said("a rule about the whole field or contest sees no single piece of evidence; when_fields cannot be used"))
    measures = set.intersection(*(set(MEASURES[station]) for station in stations))
    check_names(fields)
    taken = sorted({name for name in fields if any(name in names for names in MEASURES.values())})
    if taken:
        raise ExpressionFault(Said("{names} is a measure of its own; a field of the evidence cannot have that name here", names=taken))
    return Condition(parse(when, {*measures, *fields}, "truth"))


Known = tuple[Mapping[str, Any], Mapping[str, Any]]


def _of_attempt(attempt: Attempt) -> dict[str, Any]:
    return {"time_ms": attempt.time_ms, "elapsed_ms": attempt.elapsed_ms}


def _of_cell(attempt: Attempt | None, cell: CellView, tries: int) -> Known | None:
    if attempt is None:
        return None
    measures = {"tries": tries, "rejected": cell.rejected, "violations": len(cell.violations), **_of_attempt(attempt)}
    return measures, attempt.data


def _of_result(cell: CellResult | None, cleared: int) -> Known | None:
    if cell is None or cell.deciding is None:
        return None
    return {"tries": cell.tries, "rejected": cell.rejected, "cleared": cleared, **_of_attempt(cell.deciding)}, cell.deciding.data


_KNOWN: Mapping[str, Callable[..., Known | None]] = {
    "score": lambda evidence: _of_cell(evidence.attempt, evidence.cell, evidence.cell.tries),
    "admit": lambda attempt, cell: _of_cell(attempt, cell, cell.rejected + 1),
    "charge": lambda cell: _of_cell(cell.deciding, cell, cell.tries),
    "gate": lambda record, stage: _of_result(record.cells.get(stage.id), len(record.cleared)),
    "doubt": lambda attempt, record: (
        {**_of_attempt(attempt), "late_ms": attempt.late_ms, "cleared": len(record.cleared)},
        attempt.data,
    ),
    "award": lambda field: ({"clears": len(field.clears)}, {}),
    "compare": lambda field: ({"clears": len(field.clears)}, {}),
    "question": lambda field: ({"clears": len(field.clears)}, {}),
    "bonus": lambda record: ({"cleared": len(record.cleared), "stages": len(record.stages)}, {}),
}
"""What is known at each station; None where there is nothing to judge yet."""
