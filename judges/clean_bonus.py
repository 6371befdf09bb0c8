"""A bonus for a run without a single retry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from contest_server.core.judging import API_VERSION, Bonus, ContestantRecord, Said, StageView, Step, Text
from judges.exact import check_distinct, check_marks


@dataclass(frozen=True, slots=True)
class CleanBonus:
    """Add marks to the total where all stages are cleared and none of them was retried (B10).

    marks: the bonus
    stages: the stages that have to be cleared (none: all of the contest)
    """

    rule: ClassVar[str] = "clean_bonus"
    catalogue: ClassVar[str] = "B10"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    marks: Decimal
    stages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_marks("marks", self.marks)
        check_distinct("stages", list(self.stages))

    def faults(self, stages: Sequence[StageView]) -> Iterator[Text]:
        known = {str(stage.id) for stage in stages}
        for name in self.stages:
            if name not in known:
                yield Said("clean_bonus: {name!r} is not a stage; stages are {known}", name=name, known=sorted(known))

    def bonus(self, record: ContestantRecord) -> Bonus:
        wanted = self.stages or [str(stage.id) for stage in record.stages]
        cells = {str(name): cell for name, cell in record.cells.items() if cell.state == "cleared"}
        missing = [name for name in wanted if name not in cells]
        retried = [name for name in wanted if name in cells and cells[name].rejected]
        if missing:
            return Bonus(
                steps=(Step(Said("no clean bonus: {count} of {all} stages are not cleared", count=len(missing), all=len(wanted)), "0"),)
            )
        if retried:
            return Bonus(steps=(Step(Said("no clean bonus: {retried} needed more than one attempt", retried=list(retried)), "0"),))
        return Bonus(
            self.marks, (Step(Said("all {count} stages cleared without a retry", count=len(wanted)), Said("+{marks}", marks=self.marks)),)
        )
