"""Hints that cost something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, ZERO, CellView, Charge, Doubt, Opinion, Said, Step, Wanted
from judges.exact import check_distinct, check_marks, in_ms

WHICH = Said("Find out which hint was revealed, and have it sent again by its name.")
NONE = (None, False)
"""What a form sends where no hint was taken."""


@dataclass(frozen=True, slots=True)
class Hint:
    """`hint`, what it takes off (`marks`) and adds to the time (`seconds`)."""

    hint: str
    marks: Decimal = ZERO
    seconds: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Hints:
    """Charge each hint that was revealed, once, when the stage is cleared; each reveal is recorded (B9). What was revealed stays revealed.

    A hint that the definition does not know, or that is no name, costs nothing and is a question.

    hints: what each hint costs, each {hint, marks, seconds}
    field: the field of the evidence with what was revealed: a hint, or a list of hints; every value that was ever sent counts
    """

    rule: ClassVar[str] = "hint"
    catalogue: ClassVar[str] = "B9"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "2"

    hints: tuple[Hint, ...]
    field: str = "hints"

    def __post_init__(self) -> None:
        if not self.hints:
            raise ValueError(Said("hints is empty; at least one {{hint, marks}} is needed"))
        check_distinct("hints", [each.hint for each in self.hints])
        for each in self.hints:
            check_marks(Said("the marks of {name}", name=each.hint), each.marks)
            in_ms(Said("the seconds of {name}", name=each.hint), each.seconds)

    def wanted(self) -> tuple[Wanted, ...]:
        return (Wanted(self.field, "choice", tuple(each.hint for each in self.hints)),)

    def charge(self, cell: CellView) -> Charge:
        revealed, odd = self._revealed(cell)
        opinions = tuple(
            Opinion(Doubt.INFO, Said("{name} was revealed", name=name), "hint_revealed", None, name) for name in [*revealed, *odd]
        )
        known: Mapping[str, Hint] = {each.hint: each for each in self.hints}
        strange = [*(name for name in revealed if name not in known), *odd]
        opinions += tuple(
            Opinion(Doubt.QUESTIONABLE, Said("{name} is no hint of this stage", name=name), "unknown_hint", None, name, WHICH)
            for name in strange
        )
        if cell.deciding is None:
            return Charge(opinions=opinions)
        paid = [known[name] for name in revealed if name in known]
        marks = sum((each.marks for each in paid), ZERO)
        time_ms = sum(in_ms(each.hint, each.seconds) for each in paid)
        steps = tuple(
            Step(Said("hint {hint}", hint=each.hint), Said("-{marks}, {time:ms}", marks=each.marks, time=in_ms(each.hint, each.seconds)))
            for each in paid
        )
        return Charge(marks, time_ms, steps, opinions)

    def _revealed(self, cell: CellView) -> tuple[list[str], list[str]]:
        """The names that were sent, and in words what was sent and is no name."""
        found: list[Any] = []
        for attempt in cell.attempts:
            values = [attempt.data.get(self.field), *(value for name, value, _ in attempt.replaced if name == self.field)]
            for value in values:
                found += value if isinstance(value, list) else [value]
        names = {each for each in found if isinstance(each, str)}
        return sorted(names), sorted({str(each)[:40] for each in found if not isinstance(each, str) and each not in NONE})
