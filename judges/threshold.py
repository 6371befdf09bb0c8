"""A reading that has to reach a limit, e.g. an insulation resistance of at least 1 MΩ."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, Opinion, Said, Score, Step, Wanted, truth
from judges.exact import check_marks, check_number, measured, overwritten, plain
from judges.tolerance import AGAIN

_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}

CALIBRATED = Said("Have the reading taken again with an instrument whose calibration is in date.")


@dataclass(frozen=True, slots=True)
class Threshold:
    """Give full marks where the reading holds against a limit, else none (A5).

    max: the marks for a reading that holds
    field: the field of the evidence that holds the reading
    limit: what it is compared with
    operator: how the reading is compared with the limit
    uncertainty: the instrument's ± in the unit of the reading; a reading that close to the limit is a question for the referee
    calibrated_until_field: a field of the evidence with the last day of the instrument's calibration (2026-12-31)
    contest_day: the day the calibration must cover; needed with calibrated_until_field
    """

    rule: ClassVar[str] = "threshold"
    catalogue: ClassVar[str] = "A5"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    field: str
    limit: Decimal
    operator: Literal[">=", ">", "<=", "<", "==", "!="] = ">="
    uncertainty: Decimal = ZERO
    calibrated_until_field: str = ""
    contest_day: date | None = None

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_number("limit", self.limit)
        check_marks("uncertainty", self.uncertainty)
        if bool(self.calibrated_until_field) != (self.contest_day is not None):
            raise ValueError(Said("calibrated_until_field and contest_day are given together or not at all"))

    def wanted(self) -> tuple[Wanted, ...]:
        dated = (Wanted(self.calibrated_until_field, "date"),) if self.calibrated_until_field else ()
        return (Wanted(self.field), *dated)

    def score(self, evidence: Evidence) -> Score:
        reading = measured(evidence, self.field)
        holds = _HOLDS[self.operator](reading, self.limit)
        step = Step(Said("{reading} {operator} {limit}", reading=reading, operator=self.operator, limit=self.limit), truth(holds))
        opinions = (*self._near(reading), *self._calibration(evidence))
        used = {self.field: plain(reading)} | self._instrument(evidence)
        return Score(self.max if holds else ZERO, self.max, (step,), used, overwritten(evidence, self.field), opinions)

    def _instrument(self, evidence: Evidence) -> dict[str, str]:
        """What is known of it: its ±, and until when it is calibrated."""
        until = evidence.attempt.data.get(self.calibrated_until_field)
        own = {"uncertainty": plain(self.uncertainty)} if self.uncertainty > 0 else {}
        return own if until is None else own | {self.calibrated_until_field: str(until)[:40]}

    def _near(self, reading: Decimal) -> Iterator[Opinion]:
        if self.uncertainty > 0 and abs(Fraction(reading) - Fraction(self.limit)) <= Fraction(self.uncertainty):
            detail = Said(
                "{reading} is within the instrument's ±{uncertainty} of the limit {limit}",
                reading=reading,
                uncertainty=self.uncertainty,
                limit=self.limit,
            )
            yield Opinion(
                Doubt.QUESTIONABLE, detail, code="edge_of_tolerance", threshold=plain(self.limit), seen=plain(reading), suggestion=AGAIN
            )

    def _calibration(self, evidence: Evidence) -> Iterator[Opinion]:
        if self.contest_day is None:
            return
        said = evidence.attempt.data.get(self.calibrated_until_field)
        day = self.contest_day.isoformat()
        try:
            until = date.fromisoformat(str(said))
        except ValueError:
            detail = Said(
                "{calibrated_until_field}: {said!r} is not a day; the calibration is unknown",
                calibrated_until_field=self.calibrated_until_field,
                said=str(said)[:40],
            )
            yield Opinion(Doubt.QUESTIONABLE, detail, code="calibration_unknown", threshold=day, seen=None, suggestion=CALIBRATED)
            return
        if until < self.contest_day:
            detail = Said("the instrument's calibration ended on {until}, before {day}", until=until, day=day)
            yield Opinion(
                Doubt.QUESTIONABLE, detail, code="calibration_expired", threshold=day, seen=until.isoformat(), suggestion=CALIBRATED
            )
