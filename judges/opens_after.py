"""A stage that opens when others are passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from contest_server.core.facts import StageId
from contest_server.core.judging import API_VERSION, CellResult, ContestantRecord, Doubt, Opinion, Said, StageView, Text
from judges.exact import check_distinct

OPENED = Said("Find out who opened the stage: reinstate the attempt where a referee did, else annul it.")


@dataclass(frozen=True, slots=True)
class OpensAfter:
    """Hold a stage until its predecessors are passed: all of `stages` and, where given, one of `any_of` (B1). A partial order is allowed.

    What arrives before the predecessor's own events is held, and counts as soon as these are there: the order of arrival decides nothing.
    A stage cleared at an earlier contest time than its predecessor counts, with a question. A stage never waits for itself.

    stages: the stages that must all be passed
    any_of: stages of which one must be passed
    closed: "hold" keeps work on a closed stage from counting until a referee rules; "flag" lets it count, with a question
    """

    rule: ClassVar[str] = "opens_after"
    catalogue: ClassVar[str] = "B1"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    stages: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    closed: Literal["hold", "flag"] = "hold"

    def __post_init__(self) -> None:
        if not self.stages and not self.any_of:
            raise ValueError(Said("stages and any_of are both empty; name at least one stage that comes before"))
        check_distinct("opens_after", [*self.stages, *self.any_of])

    def faults(self, stages: Sequence[StageView]) -> Iterator[Text]:
        known = {str(stage.id) for stage in stages}
        for name in (*self.stages, *self.any_of):
            if name not in known:
                yield Said("opens_after: {name!r} is not a stage; stages are {known}", name=name, known=sorted(known))

    def gate(self, record: ContestantRecord, stage: StageView) -> Opinion | None:
        if stage.id in self.any_of:
            return self._judge(record, stage, self._all(stage), ())
        return self._judge(record, stage, self._all(stage), self.any_of)

    def _all(self, stage: StageView) -> list[str]:
        return [name for name in self.stages if name != stage.id]

    def _judge(self, record: ContestantRecord, stage: StageView, needed: Sequence[str], any_of: Sequence[str]) -> Opinion | None:
        passed = _passed_at_ms(record.cells)
        missing = [name for name in needed if name not in passed]
        if any_of and not any(name in passed for name in any_of):
            missing.append(" or ".join(any_of))
        if missing:
            doubt = Doubt.BAD if self.closed == "hold" else Doubt.QUESTIONABLE
            detail = Said("{stage} opens after {missing}, not passed yet", stage=stage.id, missing=missing)
            return Opinion(doubt, detail, "closed_stage", missing, sorted(passed), OPENED)
        times_ms = [passed[name] for name in needed]
        if any_of:
            times_ms.append(min(passed[name] for name in any_of if name in passed))
        return _too_early(stage, record.cells.get(stage.id), max(times_ms, default=0))


def _passed_at_ms(cells: Mapping[StageId, CellResult]) -> dict[str, int]:
    return {str(name): cell.clear_ms for name, cell in cells.items() if cell.passed and cell.clear_ms is not None}


def _too_early(stage: StageView, cell: CellResult | None, opened_ms: int) -> Opinion | None:
    """Compared with the deciding attempt itself, which a held cell keeps."""
    if cell is None or cell.deciding is None or cell.deciding.time_ms >= opened_ms:
        return None
    cleared_ms = cell.deciding.time_ms
    detail = Said(
        "{stage} was cleared at {cleared_ms:ms}, before it opened at {opened_ms:ms}",
        stage=stage.id,
        cleared_ms=cleared_ms,
        opened_ms=opened_ms,
    )
    return Opinion(Doubt.QUESTIONABLE, detail, code="out_of_order", threshold=opened_ms, seen=cleared_ms, suggestion=OPENED)
