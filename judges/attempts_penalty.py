"""Rejected attempts cost time, once the stage is cleared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, CellView, Charge, Said, Step
from judges.exact import check_marks, in_ms


@dataclass(frozen=True, slots=True)
class AttemptsPenalty:
    """Charge each rejected attempt before the first accepted one; free outcomes and stages that are not cleared cost nothing (B12).

    seconds: what each rejected attempt adds to the time
    marks: what each rejected attempt takes off the marks
    """

    rule: ClassVar[str] = "attempts_penalty"
    catalogue: ClassVar[str] = "B12"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    seconds: Decimal = Decimal(1200)
    marks: Decimal = ZERO

    def __post_init__(self) -> None:
        in_ms("seconds", self.seconds)
        check_marks("marks", self.marks)

    def charge(self, cell: CellView) -> Charge:
        count = cell.rejected
        if cell.deciding is None or not count:
            return Charge()
        time_ms, marks = count * in_ms("seconds", self.seconds), count * self.marks
        steps = []
        if time_ms:
            steps.append(
                Step(Said("{count} rejected × {seconds} s", count=count, seconds=self.seconds), Said("{time_ms:ms}", time_ms=time_ms))
            )
        if marks:
            steps.append(Step(Said("{count} rejected × {marks}", count=count, marks=self.marks), Said("-{marks}", marks=marks)))
        return Charge(marks, time_ms, tuple(steps))
