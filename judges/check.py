"""A thing is there or it is not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Evidence, Said, Score, Step, Wanted, truth
from judges.exact import answered, check_marks, overwritten


@dataclass(frozen=True, slots=True)
class Check:
    """Give full marks for the expected answer to a yes-or-no question, else none (A1). A missing answer is not judged, never "no".

    max: the marks for the expected answer
    field: the field of the evidence that holds true or false
    expected: the answer that earns the marks; false for questions such as "was anything damaged?"
    """

    rule: ClassVar[str] = "check"
    catalogue: ClassVar[str] = "A1"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    field: str
    expected: bool = True

    def __post_init__(self) -> None:
        check_marks("max", self.max)

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field, "yes_no"),)

    def score(self, evidence: Evidence) -> Score:
        answer = answered(evidence, self.field)
        marks = self.max if answer is self.expected else ZERO
        step = Step(
            Said("{field} is {answer}, expected {expected}", field=self.field, answer=truth(answer), expected=truth(self.expected)),
            truth(answer is self.expected),
        )
        return Score(marks, self.max, (step,), {self.field: answer}, overwritten(evidence, self.field))
