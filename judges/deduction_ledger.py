"""Marks that are there from the start and are lost by breaches of the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, Named, Opinion, Said, Score, Step, Text, Violation
from judges.exact import check_distinct, check_marks

DISQUALIFY = Said("Decide whether the contestant is disqualified, and say why.")
STOP = Said("Stop the work, and let it go on only when it is safe.")


@dataclass(frozen=True, slots=True)
class Deduction:
    """`code` of the violation, `marks` that each takes off, `cap` (none: the most this code can cost), `disqualify_after` (none: from this
    many on, disqualification is proposed), `stop` (false; true for a safety code, which asks for a stop), and its name, `zh` and `en`
    (none: the code).
    """

    code: str
    marks: Decimal
    cap: Decimal | None = None
    disqualify_after: int | None = None
    stop: bool = False
    zh: str = ""
    en: str = ""

    @property
    def name(self) -> Text:
        return Named(self.zh, self.en) if self.zh or self.en else self.code


@dataclass(frozen=True, slots=True)
class DeductionLedger:
    """Start with all marks and take some off for each violation, never below zero: max(0, max - Σ) (A11).

    max: the marks at the start
    deductions: what each code costs, each {code, marks, cap, disqualify_after, stop, zh, en}
    cap: the most that all violations together can cost (none: all of max)
    """

    rule: ClassVar[str] = "deduction_ledger"
    catalogue: ClassVar[str] = "A11"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    deductions: tuple[Deduction, ...]
    cap: Decimal | None = None

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        if not self.deductions:
            raise ValueError(Said("deductions is empty; at least one {{code, marks}} is needed"))
        check_distinct("deductions", [deduction.code for deduction in self.deductions])
        for deduction in self.deductions:
            check_marks(Said("the marks of {name}", name=deduction.code), deduction.marks)
            if deduction.cap is not None:
                check_marks(Said("the cap of {name}", name=deduction.code), deduction.cap)
            if deduction.disqualify_after is not None and deduction.disqualify_after < 1:
                raise ValueError(
                    Said(
                        "disqualify_after of {code} is {disqualify_after}; it counts violations from 1",
                        code=deduction.code,
                        disqualify_after=deduction.disqualify_after,
                    )
                )
        if self.cap is not None:
            check_marks("cap", self.cap, high=self.max)

    def violation_codes(self) -> tuple[str, ...]:
        return tuple(deduction.code for deduction in self.deductions)

    def violation_names(self) -> Mapping[str, tuple[str, str]]:
        return {each.code: (each.zh or each.en, each.en or each.zh) for each in self.deductions if each.zh or each.en}

    def score(self, evidence: Evidence) -> Score:
        found = _by_code(evidence.cell.violations)
        steps = [Step(Said("at the start"), Said("{max}", max=self.max))]
        lost = sum((self._lost(deduction, len(found.get(deduction.code, ())), steps) for deduction in self.deductions), ZERO)
        if self.cap is not None and lost > self.cap:
            steps.append(Step(Said("{lost} taken off, capped", lost=lost), Said("{cap}", cap=self.cap)))
            lost = self.cap
        marks = max(ZERO, self.max - lost)
        steps.append(Step(Said("{max} - {lost}, not below 0", max=self.max, lost=lost), Said("{marks}", marks=marks)))
        known = {deduction.code for deduction in self.deductions}
        used = {_name(violation): code for code in sorted(known & set(found)) for violation in found[code]}
        ignored = {
            _name(violation): Said("{code} costs nothing here", code=code)
            for code in sorted(set(found) - known)
            for violation in found[code]
        }
        opinions = [opinion for deduction in self.deductions for opinion in _opinions(deduction, len(found.get(deduction.code, ())))]
        return Score(marks, self.max, tuple(steps), used, ignored, tuple(opinions))

    def _lost(self, deduction: Deduction, count: int, steps: list[Step]) -> Decimal:
        lost = deduction.marks * count
        if count:
            steps.append(
                Step(Said("{code}: {count} × {marks}", code=deduction.name, count=count, marks=deduction.marks), Said("-{lost}", lost=lost))
            )
        if deduction.cap is not None and lost > deduction.cap:
            steps.append(Step(Said("{code}: capped", code=deduction.name), Said("-{cap}", cap=deduction.cap)))
            return deduction.cap
        return lost


def _by_code(violations: Sequence[Violation]) -> Mapping[str, Sequence[Violation]]:
    """Sorted by source and number, so that the order of arrival is irrelevant to the explanation, too."""
    found: dict[str, list[Violation]] = {}
    for violation in sorted(violations, key=lambda violation: (violation.source, violation.seq)):
        found.setdefault(violation.code, []).append(violation)
    return found


def _name(violation: Violation) -> str:
    return f"{violation.source}#{violation.seq}"


def _opinions(deduction: Deduction, count: int) -> Iterator[Opinion]:
    if deduction.disqualify_after is not None and count >= deduction.disqualify_after:
        detail = Said(
            "{code} {count} times: the rules propose disqualification at {disqualify_after}",
            code=deduction.name,
            count=count,
            disqualify_after=deduction.disqualify_after,
        )
        yield Opinion(
            Doubt.QUESTIONABLE,
            detail,
            code="propose_disqualification",
            threshold=deduction.disqualify_after,
            seen=count,
            suggestion=DISQUALIFY,
        )
    if deduction.stop and count:
        yield Opinion(
            Doubt.QUESTIONABLE,
            Said("{code}: safety asks for a stop", code=deduction.name),
            code="safety_stop",
            threshold=0,
            seen=count,
            suggestion=STOP,
        )
