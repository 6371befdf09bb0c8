"""Marks for being done before the limit, where the work is good enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, Wanted, truth
from judges.exact import check_marks, check_places, in_ms, measured, plain, rounded

LOOK = Said("Look at the video and the evidence: was the stage done, and by this contestant?")


@dataclass(frozen=True, slots=True)
class TimeBonus:
    """Reward each second below the limit: min(max, max(0, (limit - t) · rate)) where quality >= quality_min, else 0 (A20).

    max: the cap of the bonus
    limit_s: the time from which there is no bonus, in seconds
    marks_per_s: marks for each second below the limit
    quality_field: a field of the evidence with the quality of the work; empty: no gate
    quality_min: the quality from which there is a bonus
    of: "elapsed" counts from the attempt's start event, "contest" from the contest's start
    plausible_s: a time below this is a question for the referee (0: none is)
    places: decimal places the marks are rounded to, halves up
    """

    rule: ClassVar[str] = "time_bonus"
    catalogue: ClassVar[str] = "A20"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    limit_s: Decimal
    marks_per_s: Decimal
    quality_field: str = ""
    quality_min: Decimal = ZERO
    of: Literal["elapsed", "contest"] = "elapsed"
    plausible_s: Decimal = ZERO
    places: int = 4

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("marks_per_s", self.marks_per_s)
        check_marks("quality_min", self.quality_min)
        check_places(self.places)
        in_ms("limit_s", self.limit_s)
        in_ms("plausible_s", self.plausible_s)
        if self.quality_min and not self.quality_field:
            raise ValueError(
                Said("quality_min is {quality_min}, but quality_field names no field to compare with it", quality_min=self.quality_min)
            )

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.quality_field),) if self.quality_field else ()

    def score(self, evidence: Evidence) -> Score:
        time_ms = self._time_ms(evidence)
        used: dict[str, object] = {f"{self.of}_ms": time_ms}
        steps: list[Step] = []
        good = self._good_enough(evidence, used, steps)
        marks = self._bonus(time_ms, steps) if good else ZERO
        return Score(marks, self.max, tuple(steps), used, {}, tuple(self._too_fast(time_ms)))

    def _time_ms(self, evidence: Evidence) -> int:
        time_ms = evidence.attempt.elapsed_ms if self.of == "elapsed" else evidence.attempt.time_ms
        if time_ms is None:
            raise MissingEvidence(Said("no start event was seen, so the elapsed time is unknown"))
        return time_ms

    def _good_enough(self, evidence: Evidence, used: dict[str, object], steps: list[Step]) -> bool:
        if not self.quality_field:
            return True
        quality = measured(evidence, self.quality_field)
        used[self.quality_field] = plain(quality)
        steps.append(
            Step(
                Said(
                    "{quality_field} {quality} >= {quality_min}",
                    quality_field=self.quality_field,
                    quality=quality,
                    quality_min=self.quality_min,
                ),
                truth(quality >= self.quality_min),
            )
        )
        return quality >= self.quality_min

    def _bonus(self, time_ms: int, steps: list[Step]) -> Decimal:
        left_ms = max(0, in_ms("limit_s", self.limit_s) - time_ms)
        raw = Fraction(left_ms, 1000) * Fraction(self.marks_per_s)
        steps.append(
            Step(
                Said("{limit_s} s - {time_ms:ms}, not below 0", limit_s=self.limit_s, time_ms=time_ms),
                Said("{left_ms:ms}", left_ms=left_ms),
            )
        )
        marks = rounded(raw, self.places, self.max)
        steps.append(
            Step(
                Said("{left_ms:ms} × {marks_per_s}, at most {max}", left_ms=left_ms, marks_per_s=self.marks_per_s, max=self.max),
                Said("{marks}", marks=marks),
            )
        )
        return marks

    def _too_fast(self, time_ms: int) -> Iterator[Opinion]:
        floor_ms = in_ms("plausible_s", self.plausible_s)
        if time_ms < floor_ms:
            detail = Said("{time_ms:ms} is faster than plausible ({floor_ms:ms})", time_ms=time_ms, floor_ms=floor_ms)
            yield Opinion(Doubt.QUESTIONABLE, detail, code="implausibly_fast", threshold=floor_ms, seen=time_ms, suggestion=LOOK)
