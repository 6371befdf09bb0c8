"""Bouldering's way to score: a top, or at least a zone, less a little for each try that failed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, Attempt, Evidence, MissingEvidence, Said, Score, Step, Text, Wanted
from judges.exact import check_marks
from judges.not_counted import not_counted

REACHED = ("none", "zone", "top")
COUNTED = ("accepted", "rejected")


@dataclass(frozen=True, slots=True)
class TopAndZone:
    """Give top - cost · fails where an attempt reached the top, else zone - cost · fails, never below zero (B3).

    Fails are the attempts before the one that reached it; free ones are not counted. An attempt says what it reached in a field: "top",
    "zone" or "none". Without the field an accepted attempt reached the top. A rejected one reached nothing, whatever it says: an attempt
    that reached a zone is sent as accepted.

    max: the marks for a top at the first attempt
    zone: the marks for a zone at the first attempt
    cost: what each failed attempt takes off
    field: the field of an attempt that says what it reached
    """

    rule: ClassVar[str] = "top_and_zone"
    catalogue: ClassVar[str] = "B3"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    max: Decimal
    zone: Decimal
    cost: Decimal
    field: str = "reached"

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        check_marks("zone", self.zone, high=self.max)
        check_marks("cost", self.cost)

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field, "choice", REACHED),)

    def score(self, evidence: Evidence) -> Score:
        counted = [attempt for attempt in evidence.cell.counted if attempt.outcome in COUNTED]
        reached = [self._reached(attempt) for attempt in counted]
        used = {str(attempt.id): what for attempt, what in zip(counted, reached, strict=True)}
        ignored = not_counted(evidence.cell, COUNTED) | self._overruled(counted)
        for what, worth in (("top", self.max), ("zone", self.zone)):
            number = _first(reached, what)
            if number is not None:
                fails = number - 1
                marks = max(ZERO, worth - self.cost * fails)
                step = Step(
                    Said(
                        "{what} at attempt {number}: {worth} - {cost} × {fails}, not below 0",
                        what=Said("top") if what == "top" else Said("zone"),
                        number=number,
                        worth=worth,
                        cost=self.cost,
                        fails=fails,
                    ),
                    Said("{marks}", marks=marks),
                )
                return Score(marks, self.max, (step,), used, ignored)
        return Score(ZERO, self.max, (Step(Said("{count} attempts, neither top nor zone", count=len(counted)), "0"),), used, ignored)

    def _overruled(self, counted: Sequence[Attempt]) -> dict[str, Text]:
        """What rejected attempts say they reached."""
        said = {attempt.id: attempt.data.get(self.field, "none") for attempt in counted if attempt.outcome == "rejected"}
        return {
            f"{self.field} ({name})": Said("{what} was sent, but the attempt is rejected", what=str(what)[:40])
            for name, what in said.items()
            if what != "none"
        }

    def _reached(self, attempt: Attempt) -> str:
        if attempt.outcome == "rejected":
            return "none"
        said = attempt.data.get(self.field, "top")
        if said not in REACHED:
            raise MissingEvidence(
                Said(
                    "{field}: attempt {id} reached {said!r}; expected {reached}",
                    field=self.field,
                    id=attempt.id,
                    said=str(said)[:40],
                    reached=list(REACHED),
                )
            )
        return str(said)


def _first(reached: Sequence[str], wanted: str) -> int | None:
    """The number, from 1, of the first attempt that reached it."""
    return next((number for number, what in enumerate(reached, start=1) if what == wanted), None)
