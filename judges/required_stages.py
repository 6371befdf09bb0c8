"""Who finished without a stage that has to be cleared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, CellResult, ContestantRecord, Doubt, Opinion, Said, StageView
from judges.exact import check_distinct
from judges.stage_names import unknown_stages

LOOK = Said(
    "Look on the paper record and on other devices for the missing stage: have it sent again, or reinstate the finish; else it stands."
)


@dataclass(frozen=True, slots=True)
class RequiredStages:
    """Ask about a contestant who cleared the finish and missed a stage that has to be cleared, and rank them behind who missed none (D6).

    The order of arrival decides nothing: once the missing stage is there, the status is gone. Work that nobody has judged, or that is
    held until a referee rules, is not missing yet. Who reinstates the attempt at the finish takes the status back.

    stages: the stages that have to be cleared (none: all others of the contest)
    finish: the stage with which a contestant finishes (none: the last of the definition)
    needs: a stage is missed unless it is "cleared", or unless it was at least "tried"
    beyond: the status of who missed one: "missed" (missed a stage), or "dnf" (did not finish)
    """

    rule: ClassVar[str] = "required_stages"
    catalogue: ClassVar[str] = "D6"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    stages: tuple[str, ...] = ()
    finish: str = ""
    needs: Literal["cleared", "tried"] = "cleared"
    beyond: Literal["missed", "dnf"] = "missed"

    def __post_init__(self) -> None:
        check_distinct("stages", [*self.stages])

    def faults(self, stages: Sequence[StageView]) -> Iterator[Said]:
        yield from unknown_stages(self.rule, [*self.stages, *([self.finish] if self.finish else [])], stages)

    def gate(self, record: ContestantRecord, stage: StageView) -> Opinion | None:
        own = record.cells.get(stage.id)
        if own is None or own.deciding is None or stage.id != (self.finish or record.stages[-1].id):
            return None
        due = [each.id for each in record.stages if each.id != stage.id and (not self.stages or each.id in self.stages)]
        missing = [name for name in due if self._is_missing(record.cells.get(name))]
        if not missing:
            return None
        detail = Said(
            "{stage} was the finish; missing {missing}, {there} of {due} are there",
            stage=stage.id,
            missing=missing,
            there=len(due) - len(missing),
            due=len(due),
        )
        there = len(due) - len(missing)
        return Opinion(Doubt.QUESTIONABLE, detail, "missed_stage", len(due), there, suggestion=LOOK, status=self.beyond)

    def _is_missing(self, cell: CellResult | None) -> bool:
        if cell is None or cell.state == "working":
            return True
        if cell.passed or cell.pending or cell.state == "held":
            return False
        return self.needs == "cleared"
