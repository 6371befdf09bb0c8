"""The first attempt that works is worth more than the second."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step
from judges.exact import check_marks, plain
from judges.not_counted import not_counted

COUNTED = ("accepted", "rejected")
COUNT = Said("Count the attempts on the paper record, and annul those that were not allowed.")


@dataclass(frozen=True, slots=True)
class AttemptDecay:
    """Give marks by the number of the attempt that succeeded: table[n], or its last value beyond it (A6). Free attempts are not counted.

    max: the most marks; no value of the table may exceed it
    table: the marks for success at the first, second, … attempt, e.g. ["4", "2", "1"]; must not grow
    allowed: how many attempts are foreseen; success at a later one is a question for the referee (0: the length of the table)
    """

    rule: ClassVar[str] = "attempt_decay"
    catalogue: ClassVar[str] = "A6"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    table: tuple[Decimal, ...]
    allowed: int = 0

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        if not self.table:
            raise ValueError(Said('table is empty; give the marks for each attempt, e.g. ["4", "2", "1"]'))
        for marks in self.table:
            check_marks("table", marks, high=self.max)
        if list(self.table) != sorted(self.table, reverse=True):
            raise ValueError(Said("table {table} grows; a later attempt must not be worth more", table=self.table))
        if self.allowed < 0:
            raise ValueError(Said("allowed is {allowed}; it counts attempts", allowed=self.allowed))

    def score(self, evidence: Evidence) -> Score:
        number = evidence.cell.tries
        if evidence.cell.deciding is None:
            raise MissingEvidence(Said("no attempt has succeeded yet"))
        marks = self.table[min(number, len(self.table)) - 1]
        step = Step(
            Said("success at attempt {number} of the table {table}", number=number, table=" / ".join(map(plain, self.table))),
            Said("{marks}", marks=marks),
        )
        allowed = self.allowed or len(self.table)
        opinions = []
        if number > allowed:
            detail = Said("success at attempt {number}, {allowed} are allowed", number=number, allowed=allowed)
            opinions.append(Opinion(Doubt.QUESTIONABLE, detail, code="too_many_attempts", threshold=allowed, seen=number, suggestion=COUNT))
        return Score(marks, self.max, (step,), {"attempt": number}, not_counted(evidence.cell, COUNTED), tuple(opinions))
