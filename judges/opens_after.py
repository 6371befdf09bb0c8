"""A stage that opens when others are passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from contest_server.core.judging import API_VERSION, CellResult, ContestantRecord, Doubt, Opinion, Said, StageView, Text
from judges.exact import check_distinct

OPENED = Said("Find out who opened the stage: reinstate the attempt where a referee did, else annul it.")


@dataclass(frozen=True, slots=True)
class OpensAfter:
    """Hold a stage until its predecessors are passed: all of `stages` and, where given, one of `any_of` (B1). A partial order is allowed.

    What arrives before the predecessor's own events is held, and counts as soon as these are there: the order of arrival decides nothing.
    A stage cleared at an earlier contest time than its predecessor counts, with a question. A stage never waits for itself. A run that goes
    on after failures until its lives are used up is `lives`.

    stages: the stages that must all be passed
    any_of: stages of which one must be passed
    on_fail: after a failure at a predecessor: "retry" waits until it is passed, "skip" opens this stage all the same, "end" never opens it
    closed: "hold" keeps work on a closed stage from counting until a referee rules; "flag" lets it count, with a question
    """

    rule: ClassVar[str] = "opens_after"
    catalogue: ClassVar[str] = "B1"
    api: ClassVar[int] = API_VERSION
    version: ClassVar[str] = "1"

    stages: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    on_fail: Literal["retry", "skip", "end"] = "retry"
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
        passed = {str(name): ms for name, cell in record.cells.items() if (ms := self._passed_at_ms(cell)) is not None}
        missing = [name for name in needed if name not in passed]
        if any_of and not any(name in passed for name in any_of):
            missing.append(" or ".join(any_of))
        if missing:
            doubt = Doubt.BAD if self.closed == "hold" else Doubt.QUESTIONABLE
            return Opinion(doubt, self._closed(stage, missing), "closed_stage", missing, sorted(passed), OPENED)
        times_ms = [passed[name] for name in needed]
        if any_of:
            times_ms.append(min(passed[name] for name in any_of if name in passed))
        return _too_early(stage, record.cells.get(stage.id), max(times_ms, default=0))

    def _closed(self, stage: StageView, missing: Sequence[str]) -> Said:
        match self.on_fail:
            case "retry":
                return Said("{stage} opens after {missing}, not passed yet", stage=stage.id, missing=missing)
            case "skip":
                return Said("{stage} opens after {missing}, neither passed nor failed yet", stage=stage.id, missing=missing)
            case "end":
                return Said("{stage} opens after {missing}, not passed without a failure", stage=stage.id, missing=missing)

    def _passed_at_ms(self, cell: CellResult) -> int | None:
        """When a predecessor let the contestant go on; None: not yet. What is held neither is passed nor has failed."""
        if self.on_fail != "retry" and cell.state != "held" and (failures_ms := _failures_ms(cell)):
            return min(failures_ms) if self.on_fail == "skip" else None
        return cell.clear_ms if cell.passed else None


def _failures_ms(cell: CellResult) -> list[int]:
    """When the stage was handed in in vain: rejected, or with too few marks to pass."""
    short_ms = [cell.deciding.time_ms] if cell.deciding is not None and not cell.passed else []
    return [*cell.rejected_ms, *short_ms]


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
