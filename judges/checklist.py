"""A list of yes-or-no questions that belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Doubt, Evidence, MissingEvidence, Opinion, Said, Score, Step, Text, Wanted
from judges.exact import answered, check_distinct, check_marks, check_sum, overwritten

CONFIRM = Said("Confirm that it failed: it takes all marks of the list.")


@dataclass(frozen=True, slots=True)
class Item:
    """`field`, `marks` (1, counted in mode "sum") and `critical` (false; where true, its failing makes the whole list 0)."""

    field: str
    marks: Decimal = Decimal(1)
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Checklist:
    """Add the marks of the items that hold; a failed critical item makes it 0 (A2). One missing answer leaves the list unjudged.

    max: the marks for the whole list; in mode "sum" the items' marks must add up to it
    items: the questions, each {field, marks, critical}
    mode: "sum" adds marks; "all_or_nothing" and "k_of_n" give all marks or none
    k: how many items must hold in mode "k_of_n"
    """

    rule: ClassVar[str] = "checklist"
    catalogue: ClassVar[str] = "A2"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    max: Decimal
    items: tuple[Item, ...]
    mode: Literal["sum", "all_or_nothing", "k_of_n"] = "sum"
    k: int | None = None

    def __post_init__(self) -> None:
        check_marks("max", self.max)
        if not self.items:
            raise ValueError(Said("items is empty; a checklist needs at least one item"))
        check_distinct("items", [item.field for item in self.items])
        for item in self.items:
            check_marks(Said("the marks of {name}", name=item.field), item.marks)
        self._check_mode()

    def _check_mode(self) -> None:
        total = sum((item.marks for item in self.items), ZERO)
        if self.mode == "sum":
            check_sum(Said("the items' marks"), total, self.max)
        if self.mode == "k_of_n" and not (self.k is not None and 1 <= self.k <= len(self.items)):
            raise ValueError(Said('mode "k_of_n" needs k between 1 and {count} (the number of items)', count=len(self.items)))
        if self.mode != "k_of_n" and self.k is not None:
            raise ValueError(Said('k belongs to mode "k_of_n", not to "{mode}"', mode=self.mode))

    def wanted(self) -> tuple[Wanted, ...]:
        return tuple(Wanted(item.field, "yes_no") for item in self.items)

    def score(self, evidence: Evidence) -> Score:
        answers = self._answers(evidence)
        failed = [item.field for item in self.items if item.critical and not answers[item.field]]
        steps = [self._line(item, answers[item.field]) for item in self.items]
        marks = self._marks(answers, steps)
        if failed:
            marks = ZERO
            steps.append(Step(Said("critical item failed: {failed}", failed=failed), "0"))
        ignored = overwritten(evidence, *answers)
        return Score(marks, self.max, tuple(steps), answers, ignored, _critical(failed))

    def _answers(self, evidence: Evidence) -> dict[str, bool]:
        answers: dict[str, bool] = {}
        missing: list[Text] = []
        for item in self.items:
            try:
                answers[item.field] = answered(evidence, item.field)
            except MissingEvidence as error:
                missing.append(error.why)
        if missing:
            raise MissingEvidence(Said("{missing:;}", missing=missing))
        return answers

    def _line(self, item: Item, holds: bool) -> Step:
        if self.mode == "sum":
            return Step(
                Said("{field}: {answer}", field=item.field, answer=Said("yes") if holds else Said("no")),
                Said("{value}", value=item.marks if holds else ZERO),
            )
        return Step(item.field, Said("yes") if holds else Said("no"))

    def _marks(self, answers: Mapping[str, bool], steps: list[Step]) -> Decimal:
        if self.mode == "sum":
            marks = sum((item.marks for item in self.items if answers[item.field]), ZERO)
            steps.append(Step(Said("sum of the items that hold"), Said("{marks}", marks=marks)))
            return marks
        needed = len(self.items) if self.k is None else self.k
        held = sum(answers.values())
        marks = self.max if held >= needed else ZERO
        steps.append(
            Step(
                Said("{held} of {count} hold, {needed} needed", held=held, count=len(self.items), needed=needed),
                Said("{marks}", marks=marks),
            )
        )
        return marks


def _critical(failed: Sequence[str]) -> tuple[Opinion, ...]:
    return tuple(
        Opinion(
            Doubt.QUESTIONABLE,
            Said("critical item failed: {name}", name=name),
            code="critical_failed",
            threshold=True,
            seen=False,
            suggestion=CONFIRM,
        )
        for name in failed
    )
