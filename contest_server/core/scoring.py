"""From attempts to marks: one contestant's work at one stage. What no rule has a say in is found by a short way, without a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from contest_server.core.acts import Ruled
from contest_server.core.asking import FAILED, Line, ask, asked_line, is_told, skipped_line, version_of
from contest_server.core.cells import HANDED_IN, gravest
from contest_server.core.conditions import Skipped
from contest_server.core.counting import Count, Counting, count_up, is_passed, result_from
from contest_server.core.definition import AspectDef
from contest_server.core.facts import AttemptId, ContestantId
from contest_server.core.judging import (
    ZERO,
    Attempt,
    CellResult,
    CellView,
    Charge,
    Doubt,
    Evidence,
    JudgedStatus,
    Opinion,
    Score,
    StageView,
    Step,
    Violation,
)
from contest_server.core.overruling import EXTRA, NO_ORDERS, Orders, charged_steps, marks_by, penalty, told
from contest_server.core.rulebook import Rule, StageRules
from contest_server.core.saying import Said


class JudgedCell(Struct, frozen=True, gc=False):
    """A cell with its result and the lines that explain it. Gates have not been asked yet."""

    view: CellView
    result: CellResult
    lines: Sequence[Line]


def result_of(
    contestant: ContestantId,
    attempts: Sequence[Attempt],
    violations: Sequence[Violation],
    rules: StageRules,
    orders: Orders = NO_ORDERS,
) -> CellResult:
    """The result of `judge_cell` for the board, which needs no explanation. Where no rule has a say, it is found without making one."""
    if orders is not NO_ORDERS or not rules.plain:
        return judge_cell(contestant, attempts, violations, rules, orders).result
    if len(attempts) == 1 and attempts[0].outcome == "accepted":
        return _cleared_at_once(attempts[0], rules.view)
    stage, count = rules.view, count_up(attempts, attempts)
    marks = ZERO if count.deciding is None else stage.value
    return result_from(count, stage, marks, 0, is_passed(count, stage, marks), held=0)


def _cleared_at_once(attempt: Attempt, stage: StageView) -> CellResult:
    """The result of the only attempt, which was accepted, where no rule has a say: most are. A stage's whole value always passes."""
    clear_ms, start_ms = attempt.time_ms, attempt.start_ms
    elapsed_ms = None if start_ms is None else max(0, clear_ms - start_ms)
    return CellResult(stage, "cleared", stage.value, ZERO, 1, 0, clear_ms, elapsed_ms, 0, True, 0, None, attempt)


def judge_cell(
    contestant: ContestantId,
    attempts: Sequence[Attempt],
    violations: Sequence[Violation],
    rules: StageRules,
    orders: Orders = NO_ORDERS,
) -> JudgedCell:
    """Judge one contestant's work on one stage from its attempts (in order of time), and as rulings order."""
    lines: list[Line] = []
    counted, held, statuses = _admit(contestant, attempts, violations, rules, orders, lines)
    count = count_up(attempts, counted)
    view = _view(contestant, attempts, counted, violations, rules.view, count)
    marks = _marks(view, rules, orders, lines) if view.deciding else ZERO
    charge_marks, charge_ms = _charges(view, rules, orders, lines)
    owed = charge_marks - marks
    marks = _floored(marks - charge_marks, lines)
    marks = _stage_marks(view, marks, orders, lines)
    result = result_from(count, rules.view, marks, charge_ms, is_passed(count, rules.view, marks), held)
    if rules.compared and (owed > ZERO or orders.marks):
        result = replace(result, owed=max(ZERO, owed), ruled=_ruled(view, rules, orders))
    if statuses:
        result = replace(result, status=_status(view, statuses))
    return JudgedCell(view, _disqualified(_waiting(result, lines), orders, lines), lines)


def _status(view: CellView, statuses: Mapping[AttemptId, JudgedStatus]) -> JudgedStatus | None:
    """What the rules say of the contestant for the attempt that decides; where none does, for the first that was accepted and is held."""
    accepted = (attempt for attempt in view.attempts if attempt.outcome == "accepted" and attempt.id in statuses)
    deciding = view.deciding or next(accepted, None)
    return None if deciding is None else statuses.get(deciding.id)


def _stage_marks(view: CellView, marks: Decimal, orders: Orders, lines: list[Line]) -> Decimal:
    """The marks of the whole stage, where a ruling sets them, less what rulings took after it; never below zero."""
    ruling = orders.marks_for(view.deciding.id, None) if view.deciding and orders.marks else None
    if ruling is None:
        return marks
    ruled = marks_by(ruling)
    steps = [Step(Said("{told}; {marks} by the rules", told=told(ruling), marks=str(marks)), str(ruled))]
    if later := orders.charges_after(ruling):
        charged, taken = charged_steps(ruled, later)
        ruled, steps = max(ZERO, charged), [*steps, *taken]
    lines.append(Line("ruling", "1", "stage", ruled - marks, steps=tuple(steps)))
    return ruled


def _ruled(view: CellView, rules: StageRules, orders: Orders) -> tuple[tuple[str, Decimal], ...]:
    """The marks that rulings set for aspects that compare. Where one sets those of the whole stage, there is nothing left to compare."""
    if view.deciding is None or not orders.marks:
        return ()
    found = [(aspect.id, orders.marks_for(view.deciding.id, aspect.id)) for aspect, _ in rules.compared]
    if orders.marks_for(view.deciding.id, None) is not None:
        return tuple((aspect, ZERO) for aspect, _ in found)
    return tuple((aspect, marks_by(ruling)) for aspect, ruling in found if ruling is not None)


def _waiting(result: CellResult, lines: list[Line]) -> CellResult:
    """What a ruling gave at a stage that is held does not count either until a referee rules: held stages are in no total."""
    if result.state != "held" or not result.marks:
        return result
    lines.append(Line("held", "1", "stage", -result.marks, steps=(Step(Said("held until a referee rules"), "0"),)))
    return replace(result, marks=ZERO)


def _disqualified(result: CellResult, orders: Orders, lines: list[Line]) -> CellResult:
    if orders.disqualified is None:
        return result
    lines.append(
        Line("ruling", "1", "stage", -result.marks, steps=(Step(Said("disqualified; {told}", told=told(orders.disqualified)), "0"),))
    )
    return replace(result, state="tried", marks=ZERO, passed=False, clear_ms=None, penalty_ms=0, pending_ms=None, owed=ZERO, status=None)


def _floored(marks: Decimal, lines: list[Line]) -> Decimal:
    """Charges never take a stage below zero; the line says so, so that the lines add up to the marks."""
    if marks >= ZERO:
        return marks
    lines.append(Line("floor", "1", "stage", -marks, steps=(Step(Said("{marks}, not below 0", marks=str(marks)), "0"),)))
    return ZERO


def _admit(
    contestant: ContestantId,
    attempts: Sequence[Attempt],
    violations: Sequence[Violation],
    rules: StageRules,
    orders: Orders,
    lines: list[Line],
) -> tuple[list[Attempt], int, dict[AttemptId, JudgedStatus]]:
    """Which attempts count, how many were accepted by the venue but are held, and what status rules give for which. A ruling outweighs
    every rule.
    """
    statuses: dict[AttemptId, JudgedStatus] = {}
    if not rules.admits and orders is NO_ORDERS:
        return list(attempts), 0, statuses
    counted: list[Attempt] = []
    counting, held = Counting(attempts), 0
    for attempt, ahead in zip(attempts, _handed_in_ahead(attempts), strict=True):
        if (order := orders.counts.get(attempt.id)) is not None:
            lines.append(_order_line(attempt, *order))
            counts = order[0]
        elif attempt.id in orders.extra:
            lines.append(_extra_line(attempt, orders.extra[attempt.id]))
            counts = False
            held += attempt.outcome == "accepted"
        else:
            view = _view(contestant, attempts, counted, violations, rules.view, counting, ahead)
            counts, status = _asked(attempt, view, rules, lines)
            held += not counts and attempt.outcome == "accepted"
            if status is not None:
                statuses[attempt.id] = status
        if counts:
            counted.append(attempt)
            counting.add(attempt)
    return counted, held, statuses


def _handed_in_ahead(attempts: Sequence[Attempt]) -> list[int]:
    """How many were handed in before each of them."""
    return [0, *accumulate(attempt.outcome in HANDED_IN for attempt in attempts)][: len(attempts)]


def _asked(attempt: Attempt, before: CellView, rules: StageRules, lines: list[Line]) -> tuple[bool, JudgedStatus | None]:
    """Whether the attempt counts by the rules, and what status they give for it."""
    answers = [(rule, ask(rule, "admit", attempt, before)) for rule in rules.admits]
    lines += [skipped_line(rule, f"attempt {attempt.id}", answer) for rule, answer in answers if is_told(answer)]
    opinions = [(rule, answer) for rule, answer in answers if isinstance(answer, Opinion)]
    lines += [asked_line(rule, f"attempt {attempt.id}", opinion) for rule, opinion in opinions]
    counts = not any(opinion.doubt is Doubt.BAD or opinion.code in FAILED for _, opinion in opinions)
    return counts, gravest(opinion.status for _, opinion in opinions)


def _order_line(attempt: Attempt, counts: bool, ruling: Ruled) -> Line:
    return Line("ruling", "1", f"attempt {attempt.id}", steps=(Step(told(ruling), Said("counts") if counts else Said("does not count")),))


def _extra_line(attempt: Attempt, ruling: Ruled) -> Line:
    detail = Said(
        "a re-run of {attempt}, granted by ruling {id}; it counts once a referee reinstates it", attempt=ruling.attempt, id=ruling.id
    )
    return Line("ruling", "1", f"attempt {attempt.id}", opinions=(Opinion(Doubt.BAD, detail, EXTRA, None, str(attempt.id)),))


def _view(
    contestant: ContestantId,
    attempts: Sequence[Attempt],
    counted: Sequence[Attempt],
    violations: Sequence[Violation],
    stage: StageView,
    count: Count | Counting,
    handed_in: int = 0,
) -> CellView:
    return CellView(stage, contestant, attempts, counted, count.deciding, len(count.rejected_ms), violations, count.started_ms, handed_in)


def _marks(view: CellView, rules: StageRules, orders: Orders, lines: list[Line]) -> Decimal:
    assert view.deciding is not None
    if not rules.view.aspects:
        value = rules.view.value
        lines.append(Line("cleared", "1", "stage", value, value, steps=(Step(Said("stage cleared"), str(value)),)))
        return value
    evidence = Evidence(view.deciding, view)
    marks = ZERO
    for aspect, rule in rules.scorers:
        line = _score(aspect, rule, evidence)
        if orders.marks:
            line = overridden(line, orders.marks_for(view.deciding.id, aspect.id))
        lines.append(line)
        marks += line.marks or ZERO
    return marks


def overridden(line: Line, ruling: Ruled | None, of_stage: Ruled | None = None) -> Line:
    """The line with the marks that a ruling sets (none, where it sets those `of_stage`); what the rule said stays readable."""
    by_rule = Said("not judged") if line.marks is None else str(line.marks)
    marks = ZERO if ruling is None or of_stage else marks_by(ruling)
    ruling = of_stage or ruling
    if ruling is None:
        return line
    return replace(
        line, marks=marks, steps=(*line.steps, Step(Said("{told}; {by_rule} by the rule", told=told(ruling), by_rule=by_rule), str(marks)))
    )


def _score(aspect: AspectDef, rule: Rule, evidence: Evidence) -> Line:
    """An aspect's line. Marks outside 0 to the aspect's maximum are a failure of the rule, not a score."""
    subject = f"aspect {aspect.id}"
    answer = ask(rule, "score", evidence)
    if isinstance(answer, Skipped):
        return replace(skipped_line(rule, subject, answer), marks=ZERO, maximum=ZERO)
    if isinstance(answer, Score) and (answer.marks is None or answer.marks <= aspect.max):
        a = answer
        return Line(rule.name, version_of(rule), subject, a.marks, aspect.max, None, a.steps, a.used, a.ignored, a.opinions)
    if isinstance(answer, Score):
        answer = Opinion(
            Doubt.QUESTIONABLE,
            Said("rule {name} answered {marks} of {max}", name=rule.name, marks=str(answer.marks), max=str(aspect.max)),
            code="judge_failed",
        )
    return Line(rule.name, version_of(rule), subject, None, aspect.max, opinions=(answer,))


def _charges(view: CellView, rules: StageRules, orders: Orders, lines: list[Line]) -> tuple[Decimal, int]:
    if not (rules.charges or orders.charges):
        return ZERO, 0
    marks, time_ms = penalty(orders.charges)
    for ruling in orders.charges:
        own_marks, own_ms = penalty((ruling,))
        lines.append(Line("ruling", "1", "stage", -own_marks, None, own_ms, (Step(told(ruling), str(-own_marks)),)))
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
        elif is_told(answer):
            lines.append(skipped_line(rule, "stage", answer))
    return marks, time_ms
