"""Faults that were planted, to be located, explained and repaired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step
from judges.exact import check_distinct, check_marks, check_sum, check_time, overwritten
from judges.listed import rows_in, rows_of, text_in, whole_in, without_blanks

TOO_FAST = Said("Look at the video: was it done, and by the contestant alone?")
LOCATED = "located"
"""What is said of a place that was declared without a cause."""


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """`at`, where it is; `cause`, what it is; and the marks for each part: `locate`, `explain` (the right cause) and `repair`."""

    at: str
    cause: str
    locate: Decimal
    explain: Decimal = ZERO
    repair: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class FaultFinding:
    """Add the marks of each part of a planted fault, less a penalty for each false one, never below zero (A12).

    A declaration is {at, cause, repaired, ms}: `repaired` is true or absent, `ms` is when it was made, since the start of the attempt. The
    same place declared twice counts once; with two different causes the cause is wrong.

    max: what all parts of all faults add up to
    field: the field of the evidence with the declarations
    faults_planted: the planted faults, each {at, cause, locate, explain, repair}
    false_positive: what each declaration takes off where nothing was planted
    measured_field: a field with the moment of the first measurement, in ms since the start; a declaration before it is a question
    least_ms: the least time between two declarations, and from the start to the first; faster is a question (0: any)
    """

    rule: ClassVar[str] = "fault_finding"
    catalogue: ClassVar[str] = "A12"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    field: str
    faults_planted: tuple[PlantedFault, ...]
    false_positive: Decimal = ZERO
    measured_field: str = ""
    least_ms: int = 0

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("false_positive", self.false_positive)
        check_distinct("faults_planted", [fault.at for fault in self.faults_planted])
        for fault in self.faults_planted:
            for marks in (fault.locate, fault.explain, fault.repair):
                check_marks(Said("the marks of {name}", name=fault.at), marks)
        total = sum((fault.locate + fault.explain + fault.repair for fault in self.faults_planted), ZERO)
        check_sum(Said("the parts of the faults"), total, self.max)
        check_time("least_ms", self.least_ms)
        without_blanks(self, "faults_planted")

    def score(self, evidence: Evidence) -> Score:
        rows = rows_of(evidence, self.field)
        declared = _by_place(self.field, rows)
        steps: list[Step] = []
        marks = sum((self._parts(fault, declared.get(fault.at), steps) for fault in self.faults_planted), ZERO)
        false = sorted(set(declared) - {fault.at for fault in self.faults_planted})
        if false:
            steps.append(
                Step(
                    Said("{count} × {each} for {places}", count=len(false), each=self.false_positive, places=false),
                    Said("{taken}", taken=-self.false_positive * len(false)),
                )
            )
        total = max(ZERO, marks - self.false_positive * len(false))
        steps.append(
            Step(
                Said("{marks} - {taken}, not below 0", marks=marks, taken=self.false_positive * len(false)),
                Said("{total}", total=total),
            )
        )
        used = {place: ", ".join(sorted(found.causes)) or LOCATED for place, found in sorted(declared.items())}
        opinions = (*self._unmeasured(evidence, rows), *self._too_fast(rows))
        return Score(total, self.max, tuple(steps), used, overwritten(evidence, self.field), opinions)

    def answers_given(self, data: Mapping[str, Any]) -> Mapping[str, str]:
        declared = _by_place(self.field, rows_in(self.field, data.get(self.field)))
        return {place: " / ".join(sorted(found.causes)) or LOCATED for place, found in declared.items()}

    def answers_due(self) -> Mapping[str, str]:
        return {fault.at: fault.cause for fault in self.faults_planted}

    def _parts(self, fault: PlantedFault, found: _Declared | None, steps: list[Step]) -> Decimal:
        if found is None:
            steps.append(Step(Said("{at}: not declared", at=fault.at), "0"))
            return ZERO
        parts = [(Said("located"), fault.locate, True), (Said("cause"), fault.explain, found.causes == {fault.cause})]
        parts.append((Said("repaired"), fault.repair, found.repaired))
        marks = sum((worth for _, worth, holds in parts if holds), ZERO)
        words = [Said("{part} {marks}", part=part, marks=worth if holds else 0) for part, worth, holds in parts if worth]
        steps.append(Step(Said("{at}: {words}", at=fault.at, words=words), Said("{marks}", marks=marks)))
        return marks

    def _unmeasured(self, evidence: Evidence, rows: Sequence[Any]) -> Iterator[Opinion]:
        if not self.measured_field:
            return
        first_ms = _measured_ms(evidence, self.measured_field)
        for row in rows:
            at, ms = text_in(row, "at", self.field), _ms(row, self.field)
            if first_ms is None or (ms is not None and ms < first_ms):
                detail = Said("{at} was declared without any measurement", at=at)
                if first_ms is not None:
                    detail = Said("{at} was declared before the first measurement at {first:ms}", at=at, first=first_ms)
                advice = Said("Ask how {at} was found without measuring, and whether somebody told.", at=at)
                yield Opinion(
                    Doubt.QUESTIONABLE, detail, code="declared_before_measurement", threshold=first_ms, seen=ms, suggestion=advice
                )

    def _too_fast(self, rows: Sequence[Any]) -> Iterator[Opinion]:
        if not self.least_ms:
            return
        times = sorted(ms for row in rows if (ms := _ms(row, self.field)) is not None)
        for number, (before, after) in enumerate(pairwise([0, *times])):
            gap, least_ms = after - before, self.least_ms
            if gap < least_ms:
                if number:
                    detail = Said(
                        "a fault was declared {gap:ms} after the one before; below {least_ms:ms} is impossible", gap=gap, least_ms=least_ms
                    )
                else:
                    detail = Said(
                        "the first fault was declared {gap:ms} after the start; below {least_ms:ms} is impossible",
                        gap=gap,
                        least_ms=least_ms,
                    )
                yield Opinion(Doubt.QUESTIONABLE, detail, code="implausibly_fast", threshold=least_ms, seen=gap, suggestion=TOO_FAST)


@dataclass(frozen=True, slots=True)
class _Declared:
    causes: frozenset[str]
    repaired: bool


def _by_place(field: str, rows: Sequence[Any]) -> Mapping[str, _Declared]:
    found: dict[str, _Declared] = {}
    for row in rows:
        at = text_in(row, "at", field)
        cause, repaired = row.get("cause"), row.get("repaired", False)
        if not isinstance(repaired, bool) or not isinstance(cause, (str, type(None))):
            raise MissingEvidence(Said("{field}: {at}: cause is a text, repaired is true or false", field=field, at=at))
        cause = cause.strip() if cause else None
        before = found.get(at, _Declared(frozenset(), False))
        found[at] = _Declared(before.causes | ({cause} if cause else frozenset()), before.repaired or repaired)
    return found


def _ms(row: Any, field: str) -> int | None:
    return None if row.get("ms") is None else whole_in(row, "ms", field)


def _measured_ms(evidence: Evidence, name: str) -> int | None:
    return whole_in(evidence.attempt.data, name, "the first measurement") if evidence.attempt.data.get(name) is not None else None
