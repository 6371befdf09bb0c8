"""From attempts to marks: one contestant at one stage, then the whole contest. A judge that raises asks a referee; it never scores 0."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from contest_server.core.acts import Ruled
from contest_server.core.answers import fault_of
from contest_server.core.conditions import Skipped
from contest_server.core.definition import AspectDef
from contest_server.core.expression import ExpressionError
from contest_server.core.facts import ContestantId, StageId, VenueId
from contest_server.core.judging import (
    ZERO,
    Attempt,
    Bonus,
    CellResult,
    CellState,
    CellView,
    Charge,
    Cleared,
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
from contest_server.core.overruling import EXTRA, NO_ORDERS, Orders, marks_by, penalty, told
from contest_server.core.rulebook import Rule, Rulebook, StageRules
from contest_server.core.saying import Said, Text
from contest_server.core.tally import Tally

FAILED = ("judge_failed", "not_judged", "expression_error")
"""Codes of a question that stands for an answer which a judge did not give."""
FAILURE_MAX_CHARS = 386
"""Of what a judge raised, with the rule's name: beyond it nothing new is said."""


class Line(Struct, frozen=True, gc=False):
    """One line of an explanation: which rule, on what, and what it answered."""

    rule: str
    version: str
    subject: str
    marks: Decimal | None = None
    maximum: Decimal | None = None
    time_ms: int | None = None
    steps: Sequence[Step] = ()
    used: Mapping[str, Any] = {}
    ignored: Mapping[str, Text] = {}
    opinions: Sequence[Opinion] = ()


class JudgedCell(Struct, frozen=True, gc=False):
    """A cell with its result and the lines that explain it. Gates have not been asked yet."""

    view: CellView
    result: CellResult
    lines: Sequence[Line]


class _Count(Struct, frozen=True, gc=False):
    """What the attempts of a cell came to. `deciding` is the first counted one that was accepted.

    `rejected_ms` are the times of those that were rejected before it (of all, where none was accepted), `pending_ms` of those that nobody
    has judged. `under_way`: somebody works on one. `started_ms` is the earliest start of any attempt, whether it counts or not.
    """

    deciding: Attempt | None
    rejected_ms: Sequence[int]
    pending_ms: Sequence[int]
    under_way: bool
    started_ms: int | None


def ask(rule: Rule, station: str, *inputs: Any) -> Any:
    """Ask a judge at one of its stations. What it raises, and what is no answer, becomes a question for the referee (an Opinion).

    Skipped: the rule's own condition does not hold here.
    """
    try:
        if rule.when is not None and (skipped := rule.when.skips(station, inputs)) is not None:
            return skipped
        answer = getattr(rule.judge, station)(*inputs)
        fault = fault_of(station, answer)
    except MissingEvidence as missing:
        return Opinion(Doubt.QUESTIONABLE, missing.why, code="not_judged")
    except ExpressionError as error:
        detail = Said("rule {name}: {error}", name=rule.name, error=error.detail)
        return Opinion(Doubt.QUESTIONABLE, detail, code="expression_error", seen=error.code)
    except Exception as error:  # noqa: BLE001 - a third party's code may raise anything, and the contest goes on
        failure = f"{type(error).__name__}: {error}"[: FAILURE_MAX_CHARS - len(rule.name)]
        return Opinion(Doubt.QUESTIONABLE, Said("rule {name} failed: {failure}", name=rule.name, failure=failure), code="judge_failed")
    return (
        answer
        if fault is None
        else Opinion(Doubt.QUESTIONABLE, Said("rule {name} {fault}", name=rule.name, fault=fault), code="judge_failed")
    )


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
    stage, count = rules.view, _count(attempts, attempts)
    marks = ZERO if count.deciding is None else stage.value
    return _result(count, stage, marks, 0, _passed(count, stage, marks), held=0)


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
    counted, held = _admit(contestant, attempts, violations, rules, orders, lines)
    count = _count(attempts, counted)
    view = _view(contestant, attempts, counted, violations, rules.view, count)
    marks = _marks(view, rules, orders, lines) if view.deciding else ZERO
    charge_marks, charge_ms = _charges(view, rules, orders, lines)
    owed = charge_marks - marks
    marks = _floored(marks - charge_marks, lines)
    marks = _stage_marks(view, marks, orders, lines)
    result = _result(count, rules.view, marks, charge_ms, _passed(count, rules.view, marks), held)
    if rules.compared and owed > ZERO:
        result = replace(result, owed=owed)
    return JudgedCell(view, _disqualified(result, orders, lines), lines)


def _stage_marks(view: CellView, marks: Decimal, orders: Orders, lines: list[Line]) -> Decimal:
    """The marks of the whole stage, where a ruling sets them."""
    ruling = orders.marks_for(view.deciding.id, None) if view.deciding and orders.marks else None
    if ruling is None:
        return marks
    ruled = marks_by(ruling)
    lines.append(
        Line(
            "ruling",
            "1",
            "stage",
            ruled - marks,
            steps=(Step(Said("{told}; {marks} by the rules", told=told(ruling), marks=str(marks)), str(ruled)),),
        )
    )
    return ruled


def _disqualified(result: CellResult, orders: Orders, lines: list[Line]) -> CellResult:
    if orders.disqualified is None:
        return result
    lines.append(
        Line("ruling", "1", "stage", -result.marks, steps=(Step(Said("disqualified; {told}", told=told(orders.disqualified)), "0"),))
    )
    return replace(result, state="tried", marks=ZERO, passed=False, clear_ms=None, penalty_ms=0, owed=ZERO)


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
) -> tuple[list[Attempt], int]:
    """Which attempts count, and how many were accepted by the venue but are held. A ruling outweighs every rule."""
    if not rules.admits and orders is NO_ORDERS:
        return list(attempts), 0
    counted: list[Attempt] = []
    held = 0
    for attempt in attempts:
        if (order := orders.counts.get(attempt.id)) is not None:
            lines.append(_order_line(attempt, *order))
            if order[0]:
                counted.append(attempt)
            continue
        if attempt.id in orders.extra:
            lines.append(_extra_line(attempt, orders.extra[attempt.id]))
            held += attempt.outcome == "accepted"
            continue
        before = _view(contestant, attempts, counted, violations, rules.view, _count(attempts, counted))
        answers = [(rule, ask(rule, "admit", attempt, before)) for rule in rules.admits]
        lines += [skipped_line(rule, f"attempt {attempt.id}", answer) for rule, answer in answers if is_told(answer)]
        opinions = [(rule, answer) for rule, answer in answers if isinstance(answer, Opinion)]
        lines += [Line(rule.name, version_of(rule), f"attempt {attempt.id}", opinions=(opinion,)) for rule, opinion in opinions]
        if any(opinion.doubt is Doubt.BAD or opinion.code in FAILED for _, opinion in opinions):
            held += attempt.outcome == "accepted"
        else:
            counted.append(attempt)
    return counted, held


def _order_line(attempt: Attempt, counts: bool, ruling: Ruled) -> Line:
    return Line("ruling", "1", f"attempt {attempt.id}", steps=(Step(told(ruling), Said("counts") if counts else Said("does not count")),))


def _extra_line(attempt: Attempt, ruling: Ruled) -> Line:
    detail = Said(
        "a re-run of {attempt}, granted by ruling {id}; it counts once a referee reinstates it", attempt=ruling.attempt, id=ruling.id
    )
    return Line("ruling", "1", f"attempt {attempt.id}", opinions=(Opinion(Doubt.BAD, detail, EXTRA, None, str(attempt.id)),))


def _count(attempts: Iterable[Attempt], counted: Iterable[Attempt]) -> _Count:
    """Count up what a cell's attempts came to (both in order of time)."""
    deciding, under_way, started_ms = None, False, None
    rejected_ms: list[int] = []
    pending_ms: list[int] = []
    for attempt in counted:
        outcome = attempt.outcome
        if outcome == "pending":
            pending_ms.append(attempt.time_ms)
        elif deciding is not None:
            continue
        elif outcome == "accepted":
            deciding = attempt
        elif outcome == "rejected":
            rejected_ms.append(attempt.time_ms)
        elif outcome is None:
            under_way = True
    for attempt in attempts:
        start_ms = attempt.start_ms
        if start_ms is not None and (started_ms is None or start_ms < started_ms):
            started_ms = start_ms
    return _Count(deciding, rejected_ms, pending_ms, under_way, started_ms)


def _view(
    contestant: ContestantId,
    attempts: Sequence[Attempt],
    counted: Sequence[Attempt],
    violations: Sequence[Violation],
    stage: StageView,
    count: _Count,
) -> CellView:
    return CellView(stage, contestant, attempts, counted, count.deciding, len(count.rejected_ms), violations, count.started_ms)


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
            line = _overridden(line, orders.marks_for(view.deciding.id, aspect.id))
        lines.append(line)
        marks += line.marks or ZERO
    return marks


def _overridden(line: Line, ruling: Ruled | None) -> Line:
    """The line with the marks that a ruling sets; what the rule said stays readable."""
    if ruling is None:
        return line
    by_rule = Said("not judged") if line.marks is None else str(line.marks)
    marks = marks_by(ruling)
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


def _passed(count: _Count, stage: StageView, marks: Decimal) -> bool:
    return count.deciding is not None and (stage.pass_marks is None or marks >= stage.pass_marks)


def _result(count: _Count, stage: StageView, marks: Decimal, penalty_ms: int, passed: bool, held: int) -> CellResult:
    deciding, rejected, pending_ms = count.deciding, len(count.rejected_ms), count.pending_ms
    clear_ms, started_ms = None if deciding is None else deciding.time_ms, count.started_ms
    return CellResult(
        stage,
        _state(count, passed, held),
        marks,
        ZERO,
        rejected if deciding is None else rejected + 1,
        len(pending_ms),
        clear_ms,
        None if clear_ms is None or started_ms is None else max(0, clear_ms - started_ms),
        penalty_ms,
        passed,
        rejected,
        min(pending_ms) if pending_ms else None,
        deciding,
        tuple(count.rejected_ms),
    )


def _state(count: _Count, passed: bool, held: int) -> CellState:
    if count.deciding is not None:
        return "cleared" if passed else "tried"
    if count.pending_ms or held:
        return "pending" if count.pending_ms else "held"
    return "tried" if count.rejected_ms and not count.under_way else "working"


def ask_gates(
    contestant: ContestantId,
    venue: VenueId | None,
    cells: Mapping[StageId, CellResult],
    book: Rulebook,
    released: Collection[StageId] = (),
) -> tuple[dict[StageId, CellResult], dict[StageId, list[Line]]]:
    """Hold the stages that were not open, but those that a ruling `released`. Asked again until nothing changes: a stage behind a held one
    may be held as well.

    Holding never opens a stage, so there are at most as many rounds as stages.
    """
    results = dict(cells)
    if not book.gated:
        return results, {}
    gated = [rules for rules in book.gated if rules.view.id in cells]
    lines: dict[StageId, list[Line]] = {}
    for _ in range(len(gated) + 1):
        record = record_of(contestant, venue, results, book)
        lines = {rules.view.id: _gate_lines(record, rules) for rules in gated}
        held = {s for s, found in lines.items() if s not in released and _is_held(found) and results[s].state != "held"}
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
        elif is_told(opinion):
            found.append(skipped_line(rule, "stage", opinion))
    return found


def _is_held(lines: Sequence[Line]) -> bool:
    return any(opinion.doubt is Doubt.BAD or opinion.code in FAILED for line in lines for opinion in line.opinions)


def record_of(contestant: ContestantId, venue: VenueId | None, cells: Mapping[StageId, CellResult], book: Rulebook) -> ContestantRecord:
    """A contestant's record with the cells in the order of the stages."""
    ordered = {stage: cells[stage] for stage in book.stages if stage in cells}
    return ContestantRecord(contestant, venue, ordered, Cleared(ordered.values()), book.views)


def total_of(record: ContestantRecord, book: Rulebook, charges: Sequence[Ruled] = ()) -> tuple[Total, Opinion | None]:
    """Points and time of the whole contest, with bonuses and what rulings take or give. What fails becomes a question, the first first."""
    total, failure = _own_total(record, book)
    for rule in book.bonuses:
        answer = ask(rule, "bonus", record)
        if isinstance(answer, Bonus):
            total = replace(total, points=total.points + answer.marks, steps=(*total.steps, *answer.steps))
        elif isinstance(answer, Opinion):
            failure = failure or answer
        elif is_told(answer):
            total = replace(total, steps=(*total.steps, answer.step))
    return _charged(total, charges), failure


def total_of_tally(tally: Tally, book: Rulebook) -> Total | None:
    """The total by its rule's short way, without steps. None where there is none, or where it fails: then `total_of` says why."""
    if book.of_tally is None:
        return None
    try:
        points, time_ms = book.of_tally(tally)
    except Exception:  # noqa: BLE001 - a third party's code may raise anything
        return None
    return Total(points, time_ms) if type(points) is Decimal and points.is_finite() and type(time_ms) is int else None


def _charged(total: Total, charges: Sequence[Ruled]) -> Total:
    """The total after the penalties of the whole contest; neither points nor time go below zero."""
    for ruling in charges:
        marks, time_ms = penalty((ruling,))
        points = max(ZERO, total.points - marks)
        step = Step(Said("{told}; {marks:+} marks, {time_ms:+} ms", told=told(ruling), marks=-marks, time_ms=time_ms), str(points))
        total = replace(total, points=points, time_ms=max(0, total.time_ms + time_ms), steps=(*total.steps, step))
    return total


def _own_total(record: ContestantRecord, book: Rulebook) -> tuple[Total, Opinion | None]:
    """Where the rule fails, the plain sum stands in, and the question says why."""
    answer = ask(book.total, "total", record)
    wanted = getattr(book.total.judge, "measures", ())
    if isinstance(answer, Total):
        missing = [name for name in wanted if name not in answer.measures] if wanted else ()
        if not missing:
            return answer, None
        detail = Said("rule {name} did not give {missing}", name=book.total.name, missing=missing)
        answer = Opinion(Doubt.QUESTIONABLE, detail, code="judge_failed")
    points = sum((cell.points for cell in record.cells.values()), ZERO)
    steps = (Step(Said("{detail}; plain sum instead", detail=answer.detail), str(points)),)
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


def is_told(answer: Any) -> bool:
    """Whether a rule did not apply, for a reason that belongs in the explanation."""
    return isinstance(answer, Skipped) and answer.step is not None


def skipped_line(rule: Rule, subject: str, skipped: Skipped) -> Line:
    """The line of a rule that does not apply."""
    return Line(rule.name, version_of(rule), subject, steps=(skipped.step,) if skipped.step else ())


def version_of(rule: Rule) -> str:
    return str(getattr(rule.judge, "version", "?"))
