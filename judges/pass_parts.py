"""Passed or not: enough in every part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from contest_server.core.judging import API_VERSION, ZERO, ContestantRecord, Converted, Placed, Said, StageView, Step, Text, truth
from judges.exact import check_distinct, check_marks
from judges.run_time import points_of


@dataclass(frozen=True, slots=True)
class Pass:
    """Say 1 where every part reaches its percentage, else 0 (C6). A part is a group of stages; exactly the percentage is enough.

    percent: what every part has to reach of what it is worth
    groups: the parts (none: every group of the definition)
    """

    rule: ClassVar[str] = "pass"
    catalogue: ClassVar[str] = "C6"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    percent: Decimal = Decimal(60)
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_marks("percent", self.percent, high=Decimal(100))
        check_distinct("groups", list(self.groups))

    def faults(self, stages: Sequence[StageView]) -> Iterator[Text]:
        known = {stage.group for stage in stages if stage.group and stage.value}
        for group in self.groups:
            if group not in known:
                yield Said(
                    "pass: no stage of the group {group!r} is worth anything; groups are {groups}",
                    group=group,
                    groups=sorted(known) or Said("none"),
                )
        if not known:
            yield Said("pass: no stage has a group; give the stages of each part a group")

    def convert(self, board: Sequence[Placed]) -> Mapping[str, Converted]:
        return {placed.contestant: self._converted(placed.record) for placed in board if placed.rank is not None}

    def _converted(self, record: ContestantRecord) -> Converted:
        worth: dict[str, Decimal] = {}
        for stage in record.stages:
            if stage.group and stage.value:
                worth[stage.group] = worth.get(stage.group, ZERO) + stage.value
        steps, passed = [], True
        for group in self.groups or sorted(worth):
            points = points_of([cell for cell in record.cells.values() if cell.stage.group == group])
            holds = Fraction(points) * 100 >= Fraction(self.percent) * Fraction(worth[group])
            passed = passed and holds
            words = Said(
                "{group}: {points} of {worth} >= {percent} %", group=group, points=points, worth=worth[group], percent=self.percent
            )
            steps.append(Step(words, truth(holds)))
        return Converted(Decimal(int(passed)), tuple(steps))
