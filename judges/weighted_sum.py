"""Parts of a contest, e.g. theory and practical, at fixed weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, ZERO, Coded, ContestantRecord, Said, StageView, Step, Text, Total
from judges.exact import check_distinct, check_marks, check_places, half_up
from judges.run_time import TimeOf, cleared_cells, points_of, run_time_ms


@dataclass(frozen=True, slots=True)
class Part:
    """`group` of stages and its `weight` in the total (0 to 1)."""

    group: str
    weight: Decimal


_PRESETS = {
    "theory30_practical70": (Part("theory", Decimal("0.3")), Part("practical", Decimal("0.7"))),
    "theory40_practical60": (Part("theory", Decimal("0.4")), Part("practical", Decimal("0.6"))),
}


@dataclass(frozen=True, slots=True)
class WeightedSum:
    """Weigh groups of stages: Σ weight · score / max · 100, weights totalling exactly 1 (C1). A part never brings more than its weight.

    parts: each {group, weight}; every stage belongs to one of these groups
    preset: "theory30_practical70" or "theory40_practical60" instead of parts
    places: decimal places the points are rounded to, halves up
    time: "last" is the contest time of the last clear plus all penalties, "sum" adds each clear's contest time and penalty
    """

    rule: ClassVar[str] = "weighted_sum"
    catalogue: ClassVar[str] = "C1"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    parts: tuple[Part, ...] = ()
    preset: Literal["", "theory30_practical70", "theory40_practical60"] = ""
    places: int = 4
    time: TimeOf = "last"

    def __post_init__(self) -> None:
        check_places(self.places)
        if bool(self.parts) == bool(self.preset):
            raise ValueError(Said("give either parts or preset"))
        for part in self.parts:
            check_marks(Said("the weight of {name}", name=part.group), part.weight, high=Decimal(1))
        check_distinct("parts", [part.group for part in self.parts])
        total = sum((part.weight for part in self.weights), ZERO)
        if total != 1:
            raise ValueError(Said("the weights add up to {total}; they must add up to exactly 1", total=total))

    @property
    def weights(self) -> tuple[Part, ...]:
        return _PRESETS[self.preset] if self.preset else self.parts

    def faults(self, stages: Sequence[StageView]) -> Iterator[Text]:
        groups = sorted(part.group for part in self.weights)
        for part in self.weights:
            if not _value(part, stages):
                yield Said(
                    "weighted_sum: no stage of the group {group!r} is worth anything; give stages group = {group!r}", group=part.group
                )
        for stage in stages:
            if stage.group not in groups:
                yield Said(
                    "weighted_sum: the stage {id!r} is in no part: its group is {group!r}, parts are {groups}",
                    id=stage.id,
                    group=stage.group,
                    groups=groups,
                )

    def total(self, record: ContestantRecord) -> Total:
        steps: list[Step] = []
        exact = sum((self._part(part, record, steps) for part in self.weights), Fraction(0))
        points = half_up(exact, self.places)
        time_ms = run_time_ms(cleared_cells(record), self.time)
        steps += [
            Step(Said("sum, rounded half up to {places} places", places=self.places), Said("{points}", points=points)),
            Step(Said("time ({time})", time=Coded("time", self.time)), Said("{time_ms:ms}", time_ms=time_ms)),
        ]
        return Total(points, time_ms, steps=tuple(steps))

    def _part(self, part: Part, record: ContestantRecord, steps: list[Step]) -> Fraction:
        value = _value(part, record.stages)
        score = points_of([cell for cell in record.cells.values() if cell.stage.group == part.group])
        share = min(Fraction(1), Fraction(score) / Fraction(value))
        brings = Fraction(part.weight) * share * 100
        capped = Said(", at most {most}", most=part.weight * 100) if score > value else ""
        steps.append(
            Step(
                Said(
                    "{group}: {weight} × {score} / {value} × 100{capped}",
                    group=part.group,
                    weight=part.weight,
                    score=score,
                    value=value,
                    capped=capped,
                ),
                Said("{brings}", brings=brings),
            )
        )
        return brings


def _value(part: Part, stages: Sequence[StageView]) -> Decimal:
    return sum((stage.value for stage in stages if stage.group == part.group), ZERO)
