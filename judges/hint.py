"""Hints that cost something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from contest_server.core.judging import API_VERSION, ZERO, CellView, Charge, Doubt, Opinion, Said, Step, Wanted
from judges.exact import check_distinct, check_marks, in_ms

WHICH = Said("Find out which hint was revealed, and have it sent again by its name.")


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
        revealed = self._revealed(cell)
        opinions = tuple(Opinion(Doubt.INFO, Said("{name} was revealed", name=name), "hint_revealed", None, name) for name in revealed)
        known: Mapping[str, Hint] = {each.hint: each for each in self.hints}
        strange = [name for name in revealed if name not in known]
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

    def _revealed(self, cell: CellView) -> list[str]:
        found: set[str] = set()
        for attempt in cell.attempts:
            values = [attempt.data.get(self.field), *(value for name, value, _ in attempt.replaced if name == self.field)]
            for value in values:
                found.update(_names(value))
        return sorted(found)


def _names(value: Any) -> Iterator[str]:
    """The hints in a value of the field; what is no name is told as it is, so that somebody asks."""
    if isinstance(value, list):
        yield from (each if isinstance(each, str) else str(each)[:40] for each in value)
    elif value is not None:
        yield value if isinstance(value, str) else str(value)[:40]
