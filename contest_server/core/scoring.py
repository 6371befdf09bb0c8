"""From attempts to marks: one contestant at one stage, then the whole contest. A judge that raises asks a referee; it never scores 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from contest_server.core.answers import fault_of
from contest_server.core.definition import AspectDef
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judging import (
    ZERO,
    Attempt,
    CellResult,
    CellState,
    CellView,
    Charge,
    ContestantRecord,
    Doubt,
    Evidence,
    MissingEvidence,
    Opinion,
    Score,
    StageView,
    Step,
    Total,
    Violation,
)
from contest_server.core.rulebook import Rule, Rulebook, StageRules

FAILED = ("judge_failed", "not_judged")
"""Codes of a question that stands for an answer which a judge did not give."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: which rule, on what, and what it answered."""

    rule: str
    version: str
    subject: str
    marks: Decimal | None = None
    maximum: Decimal | None = None
    time_ms: int | None = None
    steps: Sequence[Step] = ()
    used: Mapping[str, Any] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    opinions: Sequence[Opinion] = ()


@dataclass(frozen=True, slots=True)
class JudgedCell:
    """A cell with its result and the lines that explain it. Gates have not been asked yet."""

    view: CellView
    result: CellResult
    lines: Sequence[Line]


def ask(rule: Rule, station: str, *inputs: Any) -> Any:
    """Ask a judge at one of its stations. What it raises, and what is no answer, becomes a question for the referee (an Opinion)."""
    try:
        answer = getattr(rule.judge, station)(*inputs)
        fault = fault_of(station, answer)
    except MissingEvidence as missing:
        return Opinion(Doubt.QUESTIONABLE, str(missing), code="not_judged")
    except Exception as error:  # noqa: BLE001 - a third party's code may raise anything, and the contest goes on
        return Opinion(Doubt.QUESTIONABLE, f"rule {rule.name} failed: {type(error).__name__}: {error}"[:400], code="judge_failed")
    return answer if fault is None else Opinion(Doubt.QUESTIONABLE, f"rule {rule.name} {fault}", code="judge_failed")


def judge_cell(contestant: ContestantId, attempts: Sequence[Attempt], violations: Sequence[Violation], rules: StageRules) -> JudgedCell:
    """Judge one contestant's work on one stage from its attempts (in order of time)."""
    lines: list[Line] = []
    counted, held = _admit(contestant, attempts, violations, rules, lines)
    view = _view(contestant, attempts, counted, violations, rules.view)
    marks = _marks(view, rules, lines) if view.deciding else ZERO
    charge_marks, charge_ms = _charges(view, rules, lines)
    marks = _floored(marks - charge_marks, lines)
    passed = view.deciding is not None and (rules.view.pass_marks is None or marks >= rules.view.pass_marks)
    return JudgedCell(view, _result(view, rules.view, marks, charge_ms, passed, held), lines)


def _floored(marks: Decimal, lines: list[Line]) -> Decimal:
    """Charges never take a stage below zero; the line says so, so that the lines add up to the marks."""
    if marks >= ZERO:
        return marks
    lines.append(Line("floor", "1", "stage", -marks, steps=(Step(f"{marks}, not below 0", "0"),)))
    return ZERO


def _admit(
    contestant: ContestantId, attempts: Sequence[Attempt], violations: Sequence[Violation], rules: StageRules, lines: list[Line]
) -> tuple[list[Attempt], int]:
    """Which attempts count, and how many were accepted by the venue but are held."""
    if not rules.admits:
        return list(attempts), 0
    counted: list[Attempt] = []
    held = 0
    for attempt in attempts:
        before = _view(contestant, attempts, counted, violations, rules.view)
        opinions = [(rule, opinion) for rule in rules.admits if (opinion := ask(rule, "admit", attempt, before))]
        lines += [Line(rule.name, version_of(rule), f"attempt {attempt.id}", opinions=(opinion,)) for rule, opinion in opinions]
        if any(opinion.doubt is Doubt.BAD or opinion.code in FAILED for _, opinion in opinions):
            held += attempt.outcome == "accepted"
        else:
            counted.append(attempt)
    return counted, held


def _view(
    contestant: ContestantId, attempts: Sequence[Attempt], counted: Sequence[Attempt], violations: Sequence[Violation], stage: StageView
) -> CellView:
    deciding = next((attempt for attempt in counted if attempt.outcome == "accepted"), None)
    rejected = 0
    for attempt in counted:
        if attempt is deciding:
            break
        rejected += attempt.outcome == "rejected"
    started = min((attempt.start_ms for attempt in attempts if attempt.start_ms is not None), default=None)
    return CellView(stage, contestant, attempts, counted, deciding, rejected, violations, started)


def _marks(view: CellView, rules: StageRules, lines: list[Line]) -> Decimal:
    assert view.deciding is not None
    if not rules.definition.aspects:
        value = rules.view.value
        lines.append(Line("cleared", "1", "stage", value, value, steps=(Step("stage cleared", str(value)),)))
        return value
    evidence = Evidence(view.deciding, view)
    marks = ZERO
    for aspect, rule in rules.scorers:
        line = _score(aspect, rule, evidence)
        lines.append(line)
        marks += line.marks or ZERO
    return marks


def _score(aspect: AspectDef, rule: Rule, evidence: Evidence) -> Line:
    """An aspect's line. Marks outside 0 to the aspect's maximum are a failure of the rule, not a score."""
    subject = f"aspect {aspect.id}"
    answer = ask(rule, "score", evidence)
    if isinstance(answer, Score) and (answer.marks is None or answer.marks <= aspect.max):
        a = answer
        return Line(rule.name, version_of(rule), subject, a.marks, aspect.max, None, a.steps, a.used, a.ignored, a.opinions)
    if isinstance(answer, Score):
        answer = Opinion(Doubt.QUESTIONABLE, f"rule {rule.name} answered {answer.marks} of {aspect.max}", code="judge_failed")
    return Line(rule.name, version_of(rule), subject, None, aspect.max, opinions=(answer,))


def _charges(view: CellView, rules: StageRules, lines: list[Line]) -> tuple[Decimal, int]:
    marks, time_ms = ZERO, 0
    for rule in rules.charges:
        answer = ask(rule, "charge", view)
        if isinstance(answer, Charge):
            marks, time_ms = marks + answer.marks, time_ms + answer.time_ms
            if answer.marks or answer.time_ms or answer.opinions:
                line = Line(
                    rule.name, version_of(rule), "stage", -answer.marks, None, answer.time_ms, answer.steps, opinions=answer.opinions
                )
                lines.append(line)
        elif isinstance(answer, Opinion):
            lines.append(Line(rule.name, version_of(rule), "stage", opinions=(answer,)))
    return marks, time_ms


def _result(view: CellView, stage: StageView, marks: Decimal, penalty_ms: int, passed: bool, held: int) -> CellResult:
    pending = [attempt.time_ms for attempt in view.counted if attempt.outcome == "pending"]
    deciding = view.deciding
    state: CellState
    if deciding is not None:
        state = "cleared" if passed else "tried"
    elif pending:
        state = "pending"
    elif held:
        state = "held"
    else:
        state = "tried" if view.rejected else "working"
    return CellResult(
        stage=stage,
        state=state,
        marks=marks,
        award=ZERO,
        tries=view.tries,
        pending=len(pending),
        clear_ms=deciding.time_ms if deciding else None,
        elapsed_ms=_elapsed(view),
        penalty_ms=penalty_ms,
        passed=passed,
        rejected=view.rejected,
        pending_ms=min(pending, default=None),
        deciding=deciding,
    )


def _elapsed(view: CellView) -> int | None:
    """From the first start at the stage to the clear."""
    if view.deciding is None or view.started_ms is None:
        return None
    return max(0, view.deciding.time_ms - view.started_ms)


def ask_gates(
    contestant: ContestantId, venue: VenueId | None, cells: Mapping[StageId, CellResult], book: Rulebook
) -> tuple[dict[StageId, CellResult], dict[StageId, list[Line]]]:
    """Hold the stages that were not open. Asked again until nothing changes: a stage behind a held one may be held as well.

    Holding never opens a stage, so there are at most as many rounds as stages.
    """
    gated = [rules for stage, rules in book.stages.items() if rules.gates and stage in cells]
    results = dict(cells)
    lines: dict[StageId, list[Line]] = {}
    for _ in range(len(gated) + 1):
        record = record_of(contestant, venue, results, book)
        lines = {rules.view.id: _gate_lines(record, rules) for rules in gated}
        held = {stage for stage, found in lines.items() if _is_held(found) and results[stage].state != "held"}
        if not held:
            break
        for stage in held:
            results[stage] = replace(results[stage], state="held", marks=ZERO, passed=False, clear_ms=None, penalty_ms=0)
    return results, lines


def _gate_lines(record: ContestantRecord, rules: StageRules) -> list[Line]:
    found = []
    for rule in rules.gates:
        opinion = ask(rule, "gate", record, rules.view)
        if isinstance(opinion, Opinion):
            found.append(Line(rule.name, version_of(rule), "stage", opinions=(opinion,)))
    return found


def _is_held(lines: Sequence[Line]) -> bool:
    return any(opinion.doubt is Doubt.BAD or opinion.code in FAILED for line in lines for opinion in line.opinions)


def record_of(contestant: ContestantId, venue: VenueId | None, cells: Mapping[StageId, CellResult], book: Rulebook) -> ContestantRecord:
    """A contestant's record with the cells in the order of the stages."""
    ordered = {stage: cells[stage] for stage in book.stages if stage in cells}
    cleared = [cell.deciding for cell in ordered.values() if cell.state == "cleared" and cell.deciding is not None]
    return ContestantRecord(contestant, venue, ordered, sorted(cleared, key=lambda attempt: attempt.time_ms), book.views)


def total_of(record: ContestantRecord, book: Rulebook) -> tuple[Total, Opinion | None]:
    """Points and time of the whole contest. Where the rule fails, the plain sum stands in, and the question says why."""
    answer = ask(book.total, "total", record)
    wanted = getattr(book.total.judge, "measures", ())
    if isinstance(answer, Total):
        missing = [name for name in wanted if name not in answer.measures]
        if not missing:
            return answer, None
        detail = f"rule {book.total.name} did not give {', '.join(missing)}"
        answer = Opinion(Doubt.QUESTIONABLE, detail, code="judge_failed")
    points = sum((cell.points for cell in record.cells.values()), ZERO)
    steps = (Step(f"{answer.detail}; plain sum instead", str(points)),)
    return Total(points, 0, dict.fromkeys(wanted, 0), steps), answer


def doubts_of(record: ContestantRecord, attempts: Sequence[Attempt], book: Rulebook) -> list[tuple[Attempt, Rule, Opinion]]:
    """Every question that the doubt rules have about these attempts."""
    found = []
    for attempt in attempts:
        for rule in book.doubts:
            opinion = ask(rule, "doubt", attempt, record)
            if isinstance(opinion, Opinion):
                found.append((attempt, rule, opinion))
    return found


def version_of(rule: Rule) -> str:
    return str(getattr(rule.judge, "version", "?"))
