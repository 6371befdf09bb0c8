"""Whether every stage can be opened: a contest in which nobody can ever clear a stage is a mistake in its definition."""

from __future__ import annotations

from collections.abc import Mapping

from contest_server.core.asking import ask
from contest_server.core.facts import AttemptId, ContestantId, StageId
from contest_server.core.judging import ZERO, Attempt, CellResult, ContestantRecord, Doubt, Opinion, StageView
from contest_server.core.rulebook import Rulebook, StageRules

ANYBODY = ContestantId("anybody")


def unreachable(book: Rulebook) -> list[StageId]:
    """The stages that stay closed even for somebody who clears, round by round, every stage that is open."""
    cleared: dict[StageId, CellResult] = {}
    for round_ms in range(len(book.stages)):
        found = [stage for stage, rules in book.stages.items() if stage not in cleared and _opens(rules, cleared, round_ms)]
        cleared |= {stage: _clear(book.stages[stage].view, round_ms) for stage in found}
        if not found:
            break
    return [stage for stage in book.stages if stage not in cleared]


def _opens(rules: StageRules, cleared: Mapping[StageId, CellResult], at_ms: int) -> bool:
    cells = {**cleared, rules.view.id: _clear(rules.view, at_ms)}
    attempts = [cell.deciding for cell in cells.values() if cell.deciding is not None]
    record = ContestantRecord(ANYBODY, None, cells, attempts)
    answers = [ask(rule, "gate", record, rules.view) for rule in rules.gates]
    return not any(isinstance(answer, Opinion) and answer.doubt is Doubt.BAD for answer in answers)


def _clear(stage: StageView, at_ms: int) -> CellResult:
    """The stage cleared at that time, with all its marks."""
    attempt = Attempt(AttemptId("1"), ANYBODY, stage.id, "accepted", at_ms)
    return CellResult(
        stage=stage,
        state="cleared",
        marks=stage.value,
        award=ZERO,
        tries=1,
        pending=0,
        clear_ms=at_ms,
        elapsed_ms=0,
        penalty_ms=0,
        passed=True,
        deciding=attempt,
    )
